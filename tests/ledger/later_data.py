"""Data that come later than every edition of the real ledger: invented rows of the kinds that the years bring."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

from tests.ledger.tables import DATA, Row

LATER = "2027-03-15"
SOURCE = {"source_id": "later", "published": LATER}


def copy_with_later_data(folder: Path) -> Path:
    """Copy the real data folder and append to it what a later year may bring; nothing that stands there is changed.

    New values of new and old years, a re-based series with its break, an indicator, a district and an event nobody had
    heard of, the next editions, revisions and archived forecasts, rows of the panel, the next census, evidence.
    """
    shutil.copytree(DATA, folder, ignore=shutil.ignore_patterns("inbox"))
    bulletin = {"title": "后来的公报", "publisher": "统计局", "date_precision": "day", "kind": "bulletin"}
    _append(folder, "sources", {**SOURCE, **bulletin})
    _append(
        folder,
        "editions",
        {"edition": 2098, "cut_off": "2099-06-30", "title": "第2098年"},
        {"edition": 2099, "cut_off": "2100-06-30", "title": "第2099年"},
    )
    _append(
        folder,
        "revisions",
        {"edition": 2098, "revision": "r1", "published": "2099-07-08", "reason": "首次发布"},
        {"edition": 2098, "revision": "r2", "published": "2099-09-01", "reason": "更正"},
    )
    _append(
        folder,
        "indicators",
        {
            "indicator_id": "resident_new_measure",
            "name_zh": "新指标",
            "name_en": "new measure",
            "definition": "定义",
            "unit": "万人",
            "basis": "resident",
            "reference": "year_end",
            "decimals": 1,
            "group": "人口规模",
        },
    )
    _append(
        folder,
        "regions",
        {
            "region_id": "330199",
            "gb_code": "330199",
            "name_zh": "新区",
            "name_en": "New",
            "level": "district",
            "parent_id": "330100",
            "scheme": "post-2021",
            "valid_from": "2027-01-01",
        },
    )
    common = {**SOURCE, "region_id": "330100", "confidence": "A"}
    _append(
        folder,
        "observations",
        *(
            {
                **common,
                "indicator_id": "resident_population",
                "year": year,
                "value": value,
                "status": "R" if year < 2025 else "",
                "vintage": "rebased-2030-census" if year < 2025 else "first-published",
            }
            for year, value in (
                (2014, 999.9),
                (2019, 1111.1),
                (2020, 1188.8),
                (2021, 1201.1),
                (2025, 1270.0),
                (2026, 1281.0),
            )
        ),
        {
            **common,
            "indicator_id": "resident_new_measure",
            "year": 2026,
            "value": 1.5,
            "vintage": "first-published",
        },
        {**common, "region_id": "330199", "indicator_id": "resident_population", "year": 2026, "value": 33.3},
    )
    _append(
        folder,
        "breaks",
        {
            "break_id": "later",
            "indicator_id": "resident_population",
            "region_id": "330100",
            "year": 2021,
            "kind": "rebasing",
            "name_zh": "后来的断点",
            "description": "说明",
            "source_id": "later",
        },
    )
    _append(
        folder,
        "events",
        {
            "event_id": "later",
            "start": "2018-01-01",
            "end": "2018-12-31",
            "year": 2018,
            "name_zh": "后来才知道的事",
            "kind": "policy",
            "description": "说明",
            "source_id": "later",
        },
    )
    _append(
        folder, "forecast_archive", _like_last(folder, "forecast_archive", edition=2098, target_year=2100)
    )
    for name in ("resident", "hukou", "gdp_growth", "natural_growth", "events_growth"):
        _append(folder, f"panel/{name}", _like_last(folder, f"panel/{name}", year=2026, **SOURCE))
    _append(
        folder,
        "demography/china_births",
        _like_last(folder, "demography/china_births", year=2099, births=7_777_777, source_id="later"),
    )
    _append(
        folder,
        "demography/census_age_sex",
        _like_last(folder, "demography/census_age_sex", census_year=2030, source_id="later"),
    )
    _append(folder, "plan/evidence", _like_last(folder, "plan/evidence", evidence_id="later", **SOURCE))
    return folder


def _append(folder: Path, name: str, *rows: Row) -> None:
    path = folder / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        columns = next(csv.reader(stream))
    with path.open("a", encoding="utf-8", newline="") as stream:
        known = [{key: row[key] for key in columns if key in row} for row in rows]
        csv.DictWriter(stream, columns, restval="", lineterminator="\n").writerows(known)


def _like_last(folder: Path, name: str, **overrides: object) -> Row:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return {**list(csv.DictReader(stream))[-1], **overrides}
