from __future__ import annotations

from pathlib import Path

from popbook.publishing.pages import read_pages, write_pages


def test_only_pages_that_were_changed_are_written(tmp_path: Path) -> None:
    for name in ("fact-a-b", "fact-a"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(name, encoding="utf-8")
    read = read_pages(tmp_path)
    assert list(read) == ["fact-a/index.html", "fact-a-b/index.html"]
    (tmp_path / "fact-a" / "index.html").unlink()
    write_pages(tmp_path, {**read, "fact-a-b/index.html": "b"}, read)
    assert read_pages(tmp_path) == {"fact-a-b/index.html": "b"}
