from __future__ import annotations

import json

import nbformat
from nbformat import NotebookNode

from popbook.publishing.weave import SECTION_MIME, join_sections, read_sections, weave


def _section(myst: str) -> dict[str, object]:
    return {"myst": myst, "exhibits": [], "facts": []}


def _cell(*outputs: NotebookNode) -> NotebookNode:
    return nbformat.v4.new_code_cell("show(section)", outputs=list(outputs))


def _shown(myst: str) -> NotebookNode:
    return nbformat.v4.new_output(
        "display_data", {SECTION_MIME: _section(myst), "text/html": "<p>preview</p>"}
    )


def _notebook(*cells: NotebookNode) -> NotebookNode:
    return nbformat.v4.new_notebook(cells=list(cells))


def woven_page(myst: str) -> str:
    """Return the page that a notebook showing one section becomes, as JSON text."""
    return weave(_notebook(_cell(_shown(myst)))).text()


def test_sections_become_markdown_cells_in_order() -> None:
    page = weave(_notebook(_cell(_shown("# 一")), _cell(_shown("## 二"), _shown("## 三"))))
    assert [(cell["cell_type"], cell["source"]) for cell in page.notebook["cells"]] == [
        ("markdown", "# 一"),
        ("markdown", "## 二"),
        ("markdown", "## 三"),
    ]


def test_code_and_other_output_stay_out_of_the_page() -> None:
    printed = nbformat.v4.new_output("stream", name="stdout", text="debug")
    page = weave(_notebook(_cell(printed), nbformat.v4.new_raw_cell("raw"), _cell(_shown("## 二"))))
    assert [cell["source"] for cell in page.notebook["cells"]] == ["## 二"]


def test_markdown_of_the_notebook_stays() -> None:
    page = weave(_notebook(nbformat.v4.new_markdown_cell("说明"), _cell(_shown("## 二"))))
    assert [cell["source"] for cell in page.notebook["cells"]] == ["说明", "## 二"]


def test_weaving_twice_gives_the_same_bytes() -> None:
    source = _notebook(_cell(_shown("# 一")))
    assert weave(source).text() == weave(source).text()


def test_the_text_of_a_page_is_that_of_nbformat() -> None:
    source = _notebook(_cell(_shown("# 一\n\n“文”\r\n\u2028尾")), nbformat.v4.new_markdown_cell("说明\n"))
    source.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    woven = weave(source)
    assert woven.text() == nbformat.writes(nbformat.from_dict(woven.notebook))


def test_a_notebook_is_woven_as_its_file_has_it() -> None:
    source = _notebook(_cell(_shown("# 一\n二")), nbformat.v4.new_markdown_cell("说明\n三"))
    assert weave(json.loads(nbformat.writes(source))).text() == weave(source).text()


def test_payloads_are_read_in_order() -> None:
    found = read_sections(_notebook(_cell(_shown("# 一")), _cell(_shown("## 二"))))
    assert [section["myst"] for section in found] == ["# 一", "## 二"]


def test_sections_are_joined_by_blank_lines() -> None:
    assert join_sections([_section("## 一\n"), _section("\n## 二")]) == "## 一\n\n## 二\n"
