from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from popbook.ledger.concepts import concept_of, difference, ratio, require_same_concept, share
from popbook.ledger.errors import ConceptError, UsageError
from popbook.ledger.model import Break, Observation, Region
from popbook.ledger.series import SERIES_COLUMNS, Series
from popbook.ledger.store import Ledger, read_ledger
from tests.ledger.tables import make_break, make_indicator, make_region

REBASING = make_break(year=2020, vintage_before="first-published")
HUKOU = {"indicator_id": "hukou_population", "name_zh": "户籍人口", "basis": "hukou"}


def value(
    number: float = 10.0,
    year: int = 2020,
    vintage: str = "v",
    region: Region | None = None,
    breaks: tuple[Break, ...] = (),
    **indicator: Any,
) -> Observation:
    return Observation(
        make_indicator(**indicator),
        region or make_region(),
        year,
        number,
        "",
        vintage,
        "s",
        "2021-03-01",
        "A",
        "",
        breaks,
    )


def series(*values: tuple[int, float, str], breaks: tuple[Break, ...] = (), **indicator: Any) -> Series:
    frame = pd.DataFrame(
        [{"year": y, "value": v, "vintage": w} for y, v, w in values], columns=SERIES_COLUMNS
    ).astype({"year": "int64", "value": "float64"})
    return Series(make_indicator(**indicator), make_region(), frame, breaks)


def test_hukou_births_over_residents_is_an_error_not_a_number():
    births = value(
        indicator_id="hukou_births", name_zh="户籍出生人口", basis="hukou", reference="survey_year"
    )
    with pytest.raises(ConceptError) as caught:
        ratio(births, value())
    text = str(caught.value)
    assert "户籍出生人口" in text and "常住人口" in text
    assert "统计口径不同" in text and "参考时点不同" in text and "allow" in text


def test_reason_is_the_only_way_through():
    assert ratio(value(20, **HUKOU), value(10), allow="说明两种口径之差") == 2.0
    for empty in ("", "  "):
        with pytest.raises(UsageError, match="不能为空"):
            ratio(value(20, **HUKOU), value(10), allow=empty)


def test_same_concept_passes():
    assert difference(value(12.5), value(10, year=2019)) == 2.5


@pytest.mark.parametrize(
    ("override", "words"),
    [
        (HUKOU, "统计口径"),
        ({"reference": "calendar_year"}, "参考时点"),
        ({"region": make_region(region_id="330102", scheme="post-2021")}, "行政区划"),
    ],
)
def test_each_difference_is_named(override: dict[str, Any], words: str):
    old = make_region(region_id="330102-old", scheme="pre-2021")
    first = value(region=old) if "region" in override else value()
    with pytest.raises(ConceptError, match=words):
        require_same_concept(first, value(**override))


def test_figure_without_population_basis_meets_every_basis():
    gdp = value(indicator_id="gdp", basis="none", unit="亿元")
    require_same_concept(gdp, value())


def test_region_untouched_by_the_reform_meets_both_schemes():
    require_same_concept(value(), value(region=make_region(region_id="330102", scheme="post-2021")))


def test_unstated_basis_agrees_with_nothing_itself_included():
    unknown = {"indicator_id": "x", "basis": "unstated"}
    with pytest.raises(ConceptError, match="均未说明"):
        require_same_concept(value(**unknown), value(**unknown))


def test_years_on_two_sides_of_a_break_cannot_be_subtracted():
    before = value(1036.0, 2019, "first-published", breaks=(REBASING,))
    after = value(1196.5, 2020, "annual", breaks=(REBASING,))
    with pytest.raises(ConceptError, match="七普调整基数"):
        difference(after, before)


def test_rebased_year_can_be_subtracted():
    before = value(1161.3, 2019, "rebased-2020-census", breaks=(REBASING,))
    after = value(1196.5, 2020, "annual", breaks=(REBASING,))
    assert difference(after, before) == pytest.approx(35.2)


def test_break_declared_for_one_side_only_does_not_separate_different_indicators():
    births = value(indicator_id="resident_births", name_zh="常住出生人口")
    require_same_concept(value(year=2019, vintage="first-published", breaks=(REBASING,)), births)


def test_any_pair_of_many_figures_is_compared():
    with pytest.raises(ConceptError, match="户籍人口"):
        require_same_concept(value(), value(year=2019), value(**HUKOU))


def test_series_stands_for_its_latest_segment():
    joined = series((2019, 1.0, "first-published"), (2020, 2.0, "annual"), breaks=(REBASING,))
    assert concept_of(joined).behind == ()
    assert concept_of(series()).basis == "resident"


def test_two_series_are_combined_on_common_years():
    urban = series((2019, 70.0, "v"), (2020, 80.0, "v"), indicator_id="resident_urban")
    total = series((2020, 100.0, "v"), (2021, 110.0, "v"))
    assert share(urban, total).to_dict("list") == {"year": [2020], "value": [80.0]}


def test_every_common_year_passes_the_guard():
    urban = series((2019, 70.0, "rebased"), indicator_id="resident_urban", breaks=(REBASING,))
    total = series((2019, 100.0, "first-published"), breaks=(REBASING,))
    with pytest.raises(ConceptError, match="2019年"):
        share(urban, total)


def test_difference_and_share_need_one_unit_whatever_the_reason():
    with pytest.raises(ConceptError, match="单位不同"):
        difference(value(), value(unit="人"), allow="理由")
    with pytest.raises(ConceptError, match="单位不同"):
        share(value(unit="人"), value(), allow="理由")


def test_ratio_over_zero_is_not_a_number():
    result = ratio(value(1), value(0))
    assert result != result


def test_series_and_single_value_do_not_mix():
    with pytest.raises(UsageError, match="Series.at"):
        ratio(value(), series((2020, 1.0, "v")))  # type: ignore[call-overload]


# --- on the real ledger -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def newest() -> Ledger:
    return read_ledger().for_edition(2024)


def published(ledger: Ledger, indicator_id: str, year: int, region_id: str = "330100") -> Observation:
    found = ledger.observation(indicator_id, year, region_id)
    assert found is not None
    return found


def test_residents_and_hukou_are_not_divided(newest: Ledger):
    residents, hukou = (published(newest, f"{basis}_population", 2020) for basis in ("resident", "hukou"))
    for combine in (ratio, difference):
        with pytest.raises(ConceptError, match="统计口径不同"):
            combine(hukou, residents)
    with pytest.raises(ConceptError, match="统计口径不同"):
        share(newest.series("hukou_population"), newest.series("resident_population"))


def test_census_day_and_year_end_are_not_subtracted(newest: Ledger):
    census, year_end = published(newest, "census_population", 2020), published(newest, "resident_population", 2020)
    with pytest.raises(ConceptError, match="参考时点不同"):
        difference(year_end, census)


def test_old_and_new_districts_of_one_name_are_not_compared(newest: Ledger):
    old = published(newest, "census_population", 2020, "330102-old")
    new = published(newest, "census_population", 2020, "330102")
    with pytest.raises(ConceptError, match="行政区划"):
        difference(new, old)


def test_first_published_2019_and_2020_are_not_subtracted():
    ledger = read_ledger().for_edition(2020)
    with pytest.raises(ConceptError, match="七普调整基数"):
        difference(published(ledger, "resident_population", 2020), published(ledger, "resident_population", 2019))


def test_floating_population_is_not_compared_across_2016(newest: Ledger):
    with pytest.raises(ConceptError, match="流动人口登记范围变化"):
        difference(published(newest, "floating_population", 2016), published(newest, "floating_population", 2015))
