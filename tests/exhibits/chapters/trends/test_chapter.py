from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from popbook.exhibits.chapters import trends
from popbook.exhibits.model import Figure, Table
from popbook.exhibits.report import section_exhibits, section_payload
from popbook.exhibits.tables import table_cells
from tests.exhibits.chapters.trends.ledgers import EDITIONS, SECTIONS, report_of, section_of, words

NOTEBOOK = Path(__file__).parents[4] / "notebooks" / "03_trends.ipynb"


@pytest.mark.parametrize("edition", [EDITIONS[0], EDITIONS[-1]])
def test_every_section_can_be_drawn_and_printed(edition: int) -> None:
    for name in SECTIONS:
        section = section_of(name, edition)
        payload = section_payload(section, report_of(edition))
        assert payload["myst"].startswith(f"({section.id})=")
        assert "nan" not in payload["myst"].lower()


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("name", SECTIONS)
def test_every_section_has_whole_sentences_in_every_edition(name: str, edition: int) -> None:
    for text in words(section_of(name, edition)):
        assert not re.search(r"nan|None|。。|，。|（）|未公布未公布", text), text
        assert "-" not in re.sub(r"[A-Za-z\-]+", "", text), text  # a minus is printed as −


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("name", SECTIONS)
def test_a_forecast_is_never_said_without_its_interval(name: str, edition: int) -> None:
    section = section_of(name, edition)
    texts = words(section)
    for table in section_exhibits(section):
        if isinstance(table, Table):
            texts += [cell for row in table_cells(table)["rows"] for cell in row["cells"]]
    for sentence in (part for text in texts for part in re.split("[。；]", text)):
        if "预计" in sentence and "规划预计" not in sentence:
            assert "区间" in sentence, sentence


@pytest.mark.parametrize("edition", EDITIONS)
def test_no_section_knows_anything_published_after_the_edition(edition: int) -> None:
    report = report_of(edition)
    later = {
        f"{value:.1f}万人"
        for year, value in {2021: 1220.4, 2022: 1237.6, 2023: 1252.2, 2024: 1262.4, 2025: 1270.0}.items()
        if year > edition
    }
    text = "".join(text for name in SECTIONS for text in words(section_of(name, edition)))
    assert not [value for value in later if value in text]
    assert report.ledger.observation("resident_population", edition + 1) is None


@pytest.mark.parametrize("edition", EDITIONS)
def test_exhibit_ids_are_unique_in_the_chapter(edition: int) -> None:
    ids = [item.id for name in SECTIONS for item in section_exhibits(section_of(name, edition))]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_fan_keeps_its_bands_in_order(edition: int) -> None:
    for name, id in (("resident", "fig-forecast-resident"), ("hukou", "fig-forecast-hukou"), ("ages", "fig-forecast-ages")):
        figure = next(item for item in section_exhibits(section_of(name, edition)) if item.id == id)
        assert isinstance(figure, Figure)
    for concept in ("resident", "hukou", "floating"):
        path = trends.evidence.forecasts_of(report_of(edition)).concepts()[concept].path
        assert ((path.lo95 <= path.lo80) & (path.lo80 <= path.point) & (path.point <= path.hi80) & (path.hi80 <= path.hi95)).all()


def test_the_notebook_shows_every_section_in_order() -> None:
    cells = [cell for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert len(cells) < 15
    shown = [name for cell in cells[2:] for line in cell["source"] for name in re.findall(r"show\(trends\.(\w+)\(report\)\)", line)]
    assert shown == list(SECTIONS)
    assert not [cell for cell in cells if cell["outputs"]]
