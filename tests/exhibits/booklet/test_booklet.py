"""Every page of every district's booklet, drawn; numbers recomputed from the files."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from popbook.exhibits.booklet import BOOKLET_PAGES, ages, change, comparison, outlook
from popbook.exhibits.booklet.units import all_units, units_of
from popbook.exhibits.model import Section
from popbook.exhibits.report import Report, open_booklet, open_report, section_payload
from popbook.forecasting import district_ages
from popbook.forecasting.hamilton_perry import census_groups
from popbook.ledger.datapackage import find_data_dir
from popbook.ledger.errors import UsageError
from popbook.ledger.revisions import declare_revision
from popbook.ledger.store import Ledger
from popbook.publishing.booklets import district_names

NOTEBOOKS = {
    "01_ages": (ages.opener, ages.pyramid, ages.ageing),
    "02_change": (change.opener, change.cohorts, change.later),
    "03_outlook": (outlook.opener, outlook.totals, outlook.ages),
    "04_comparison": (comparison.opener, comparison.old, comparison.new),
}
DISTRICTS = tuple(district_names())
UNCHANGED = ("330108", "330111", "330112", "330122", "330127", "330182")


def sections(edition: int, district: str) -> Iterator[tuple[Section, Report]]:
    """Every section of a booklet with the report that made it."""
    for name, functions in NOTEBOOKS.items():
        for function in functions:
            report = open_booklet(edition, district, name)
            yield function(report), report
    for name, page in BOOKLET_PAGES.items():
        report = open_booklet(edition, district, name)
        for section in page(report):
            yield section, report


@cache
def payloads(edition: int, district: str) -> tuple[dict[str, Any], ...]:
    return tuple(section_payload(section, report) for section, report in sections(edition, district))


def rows(name: str) -> list[dict[str, str]]:
    with (find_data_dir() / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def census(unit: str, year: int, low: int = 0) -> int:
    return sum(
        int(row["population"])
        for row in rows("demography/census_age_sex.csv")
        if row["region_id"] == unit and int(row["census_year"]) == year and int(row["age"]) >= low
    )


def facts(edition: int, district: str) -> dict[str, dict[str, Any]]:
    return {fact["id"]: fact for section in payloads(edition, district) for fact in section["facts"]}


def test_every_district_of_today_has_a_booklet() -> None:
    assert len(DISTRICTS) == 13
    with pytest.raises(UsageError, match="没有地区 330103 的分册"):
        open_booklet(2024, "330103")
    with pytest.raises(UsageError, match="region 应为文本.*-r region"):
        open_booklet(2024, 330108)  # type: ignore[arg-type]


def test_a_booklet_has_revisions_of_its_own(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(find_data_dir(), data, ignore=shutil.ignore_patterns("inbox"))
    declare_revision(data, 2024, "更正年龄", "2025-10-01", "2025-07-08", "330108")
    assert open_booklet(2024, "330108", data_dir=data).about.revision == "r2"
    assert open_booklet(2024, "330127", data_dir=data).about.revision == "r1"
    assert open_report(2024, data_dir=data).about.revision == "r1"


@pytest.mark.parametrize("district", DISTRICTS)
def test_a_booklet_draws_and_its_findings_are_numbers(district: str) -> None:
    found = payloads(2024, district)
    for exhibit in (exhibit for section in found for exhibit in section["exhibits"]):
        assert not re.search(r"nan|None|inf\b|\{fact", exhibit["title"] + " ".join(exhibit["notes"]))
        assert re.search(r"33\d{4}", exhibit["id"]), "identifiers of a booklet name its district or unit"
        if exhibit["kind"] == "figure":
            assert re.search(r"\d", exhibit["title"])
    text = "".join(section["myst"] for section in found)
    assert "nan" not in text and "持平0" not in text
    assert len([exhibit for section in found for exhibit in section["exhibits"]]) >= 13


@pytest.mark.parametrize("district", DISTRICTS)
@pytest.mark.parametrize("edition", [2020, 2021])
def test_what_was_not_published_then_is_said_and_not_drawn(edition: int, district: str) -> None:
    found = payloads(edition, district)
    headings = "".join(section["heading"] for section in found)
    assert headings.count("未公布") >= 6
    names = {exhibit["id"].split("-33")[0] for section in found for exhibit in section["exhibits"]}
    assert not names & {"fig-migration", "fig-outlook", "fig-outlook-ages", "fig-rank-60plus"}
    assert "fig-rank-new" in names


@pytest.mark.parametrize("district", DISTRICTS)
def test_a_redrawn_district_says_so_on_every_page_of_ages(district: str) -> None:
    openers = [section for section in payloads(2024, district) if section["level"] == 1]
    said = [section for section in openers if "两套区界的数不相减、不拼接" in section["myst"]]
    assert len(said) == (0 if district in UNCHANGED else 4)


@pytest.mark.parametrize("unit", ["330108", "330127", "330110-old"])
def test_numbers_are_those_of_the_census_file(unit: str) -> None:
    found = facts(2024, unit.removesuffix("-old"))
    total = {year: census(unit, year) for year in (2010, 2020)}
    for year in (2010, 2020):
        assert found[f"fact-{unit}-total-{year}"]["value"] == pytest.approx(total[year] / 10_000)
        older = census(unit, year, 60) / 10_000
        assert found[f"fact-{unit}-count-60plus-{year}"]["value"] == pytest.approx(older)
    share = 100 * census(unit, 2020, 60) / total[2020]
    assert found[f"fact-{unit}-share-60plus-2020"]["value"] == pytest.approx(share)
    growth = found[f"fact-{unit}-census-growth-2010-2020"]["value"]
    assert growth == pytest.approx(100 * (total[2020] / total[2010] - 1))


def test_both_schemes_meet_where_the_boundaries_do() -> None:
    printed = {
        (row["region_id"], row["source_id"]): float(row["value"])
        for row in rows("observations.csv")
        if row["indicator_id"] == "census_population" and row["year"] == "2020"
    }
    new = {code: value for (code, source), value in printed.items() if source == "census-2020-bulletin"}
    old = {code: value for (code, source), value in printed.items() if source == "census-2020-yearbook"}
    assert old["330103-old"] + old["330105-old"] == pytest.approx(new["330105"])
    assert old["330106-old"] == pytest.approx(new["330106"] + new["330106-scenic"])
    assert old["330110-old"] == pytest.approx(new["330110"] + new["330113"])
    merged = old["330102-old"] + old["330104-old"] + old["330109-old"]
    assert merged == pytest.approx(new["330102"] + new["330114"] + new["330109"])
    assert all(old[code] == new[code] for code in UNCHANGED)


def test_the_units_are_the_whole_city_once() -> None:
    report = open_booklet(2024, "330108")
    units = [unit.region_id for unit in all_units(report)]
    assert len(units) == 13
    city = open_report(2024).ledger.observation("census_population", 2020)
    assert city is not None
    assert sum(census(unit, 2020) for unit in units) == round(city.value * 10_000)
    assert [unit.id for unit in units_of(open_booklet(2024, "330114"))] == ["330109-old", "330104-old"]


def test_projected_totals_of_all_booklets_add_to_the_city() -> None:
    points = {
        name: fact["value"]
        for district in DISTRICTS
        for name, fact in facts(2024, district).items()
        if re.fullmatch(r"fact-.*-projected-point-2035", name)
    }
    city = points.pop("fact-city-projected-point-2035")
    assert len(points) == 13
    assert sum(points.values()) == pytest.approx(city)


def test_projected_ages_say_why_they_carry_no_interval() -> None:
    (ahead,) = (section for section in payloads(2024, "330114") if section["id"] == "booklet-outlook-ages")
    assert "按可比的区界只有2010年和2020年两次普查，推算两次都要用，没有留下一次来检验误差。" in ahead["myst"]
    units = {unit.region_id for unit in all_units(open_booklet(2024, "330114"))}
    found = {
        (row["region_id"], row["census_year"]) for row in rows("demography/census_age_sex.csv") if row["region_id"] in units
    }
    assert found == {(unit, year) for unit in units for year in ("2010", "2020")}


@pytest.mark.parametrize("missing", [2010, 2020])
def test_projected_ages_need_both_censuses(missing: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def without(ledger: Ledger, region_id: str, year: int) -> NDArray[np.float64] | None:
        return None if year == missing else census_groups(ledger, region_id, year)

    monkeypatch.setattr(district_ages, "census_groups", without)
    assert district_ages.project_district_ages(open_booklet(2024, "330108").ledger) is None


def test_a_figure_published_since_on_the_same_boundaries_stands_beside_the_projection() -> None:
    texts = {
        district: "".join(section["myst"] for section in payloads(2024, district))
        for district in ("330127", "330108")
    }
    assert re.search(
        r"淳安县2022年末公布\{fact\}`fact-resident-population-330127-2022\|32\.5万人`，没有用于推算",
        texts["330127"],
    )
    assert "没有同一区界的公布数可以核对" in texts["330108"]


def test_a_number_has_the_same_identifier_in_the_city_and_in_the_booklet() -> None:
    city = open_report(2024, chapter="01_status")
    own = facts(2024, "330108")["fact-census-population-330108-2020"]
    assert city.fact_of(("census_population", 2020), "330108").value == own["value"]


def test_later_years_are_the_published_ones_and_the_rest_is_unpublished() -> None:
    table = next(
        exhibit
        for section in payloads(2024, "330110")
        for exhibit in section["exhibits"]
        if exhibit["id"] == "tbl-yearly-330110"
    )
    shown = [
        [cell["text"] if isinstance(cell, dict) else cell for cell in row]
        for row in csv.reader(table["data"].splitlines())
    ]
    words = "\n".join(",".join(row) for row in shown)
    assert "136.4" in words and "140.5" in words
    assert "2024年末,未公布" in words or "2024年末,," in words
