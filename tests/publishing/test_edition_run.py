from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from popbook.ledger.errors import PopbookError
from popbook.publishing.edition_run import (
    EditionRun,
    gather_facts,
    number_exhibits,
    read_edition_run,
    write_edition_run,
)


def make_run(**overrides: Any) -> EditionRun:
    """Return an edition's record without content."""
    values: dict[str, Any] = {
        "edition": 2024,
        "region": "330100",
        "cut_off": "2025-06-30",
        "revision": "r1",
        "title": "年度监测报告（2024年度）",
        "revisions": [],
        "exhibits": {},
        "facts": {},
        "results": {},
        "notebooks": {},
        "pages": {},
        "words": {"report_title": "监测报告", "producer": "编写组", "disclaimer": "非官方出版物。"},
    }
    return EditionRun(**{**values, **overrides})


def _page(*exhibits: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"exhibits": [{"id": name, "kind": kind} for name, kind in exhibits], "facts": []}]


def _fact(value: float, unit: str = "万人") -> list[dict[str, Any]]:
    fact = {"id": "fact-a-2024", "value": value, "unit": unit, "basis": "resident", "year": 2024}
    return [{"exhibits": [], "facts": [fact]}]


def test_figures_and_tables_are_counted_apart_within_a_chapter() -> None:
    numbered = number_exhibits(
        {
            "notebooks/01_status": _page(("fig-a", "figure"), ("tbl-a", "table"), ("fig-b", "figure")),
            "notebooks/02_problems": _page(("fig-c", "figure")),
        }
    )
    assert {key: row["number"] for key, row in numbered.items()} == {
        "fig-a": "图 1-1",
        "tbl-a": "表 1-1",
        "fig-b": "图 1-2",
        "fig-c": "图 2-1",
    }


def test_an_exhibit_repeated_on_the_overview_keeps_the_number_of_its_chapter() -> None:
    pages = {"book/overview": _page(("fig-a", "figure")), "notebooks/04_targets": _page(("fig-a", "figure"))}
    numbered = number_exhibits(pages)
    assert numbered["fig-a"]["number"] == "图 4-1"
    assert numbered["fig-a"]["docname"] == "notebooks/04_targets"


def test_one_fact_on_two_pages_is_one_fact() -> None:
    facts = gather_facts({"notebooks/01_status": _fact(1262.4), "book/overview": _fact(1262.4)})
    assert list(facts) == ["fact-a-2024"]
    assert facts["fact-a-2024"]["docname"] == "notebooks/01_status"


@pytest.mark.parametrize("other", [_fact(1262.5), _fact(1262.4, "人")])
def test_one_fact_id_with_two_meanings_is_refused(other: list[dict[str, Any]]) -> None:
    with pytest.raises(PopbookError, match="同一数值编号 fact-a-2024 出现两个取值"):
        gather_facts({"notebooks/01_status": _fact(1262.4), "book/overview": other})


def test_a_record_comes_back_as_written(tmp_path: Path) -> None:
    run = make_run(pages={"overview": "## 一"})
    write_edition_run(run, tmp_path / "2024")
    assert read_edition_run(tmp_path, 2024) == run


def test_the_newest_edition_is_read_if_none_is_named(tmp_path: Path) -> None:
    for edition in (2023, 2024, 2022):
        write_edition_run(make_run(edition=edition), tmp_path / str(edition))
    assert read_edition_run(tmp_path).edition == 2024


@pytest.mark.parametrize("edition", [None, 2020])
def test_an_edition_that_has_not_run_is_one_clear_sentence(tmp_path: Path, edition: int | None) -> None:
    with pytest.raises(PopbookError, match="请先运行 popbook build"):
        read_edition_run(tmp_path, edition)
