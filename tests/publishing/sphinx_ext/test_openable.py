from __future__ import annotations

from pathlib import Path

from tests.publishing.test_book import build, soup

TWO_NOTES = """# 现状

```{admonition} 方法
:class: dropdown
第一段，含 **重点**。

第二段。
```

```{note}
一直开着的提示。
```
"""


def test_only_notes_that_are_meant_to_open_do(tmp_path: Path) -> None:
    page = soup(build(tmp_path, chapter=TWO_NOTES) / "chapters" / "01_status.html")
    (note,) = page.select("article details")
    assert note.summary.text == "方法"
    assert [part.text for part in note.find_all("p")] == ["第一段，含 重点。", "第二段。"]
    assert "一直开着的提示" in page.select_one("article .admonition").text
