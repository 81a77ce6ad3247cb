from __future__ import annotations

import numpy as np
import pytest

from popbook.forecasting.concepts import forecast_concepts
from popbook.forecasting.districts import forecast_districts
from tests.forecasting.editions import edition


@pytest.mark.parametrize("year", [2022, 2024])
def test_districts_add_to_the_city_in_every_draw_and_in_the_points(year):
    result = forecast_districts(edition(year))
    assert result is not None
    assert np.abs(result.draws.sum(axis=-1) - result.city_draws).max() < 1e-6
    assert (result.draws >= 0).all()
    city = forecast_concepts(edition(year)).resident.path.set_index("year").point
    assert result.table.groupby("year").point.sum().to_numpy() == pytest.approx(city.to_numpy())
    assert result.table.groupby("year").share.sum().to_numpy() == pytest.approx(np.full(len(city), 100.0))


def test_quantiles_are_not_added():
    table = forecast_districts(edition(2024)).table
    city = forecast_concepts(edition(2024)).resident.path.set_index("year")
    width = (table.hi80 - table.lo80).groupby(table.year).sum()
    # The sum of the districts' widths is wider than the city's: errors partly cancel.
    assert (width.loc[2030:] > (city.hi80 - city.lo80).loc[2030:]).all()


def test_bounds_contain_the_point_and_widen_from_the_census_on():
    table = forecast_districts(edition(2024)).table
    for low, high in (("lo95", "lo80"), ("lo80", "point"), ("point", "hi80"), ("hi80", "hi95")):
        assert (table[low] <= table[high]).all()
    for _, part in table.groupby("region_id"):
        assert np.log(part.hi80 / part.lo80).iloc[[0, -1]].is_monotonic_increasing


def test_thirteen_old_units_and_a_share_that_slows_down():
    table = forecast_districts(edition(2024)).table
    assert table.region_id.nunique() == 13
    yuhang = table[table.region_id == "330110-old"].set_index("year").share
    assert (yuhang.diff().dropna() > 0).all() and yuhang[2035] - yuhang[2030] < yuhang[2030] - yuhang[2025]


def test_an_edition_without_both_tables_has_no_districts():
    assert forecast_districts(edition(2020)) is None and forecast_districts(edition(2021)) is None
