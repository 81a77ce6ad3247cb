from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popbook.forecasting.concepts import forecast_concepts
from popbook.forecasting.reconciliation import ratio_constraint, reconcile
from popbook.forecasting.register_ratio import (
    HIGHEST_RATIO,
    LOWEST_RATIO,
    draw_concepts,
    keep_ratio,
    published_ratio,
)
from tests.forecasting.editions import EDITIONS, edition

persons = st.floats(1, 2000)


@given(persons, persons, persons, st.floats(1.01, 1.49), st.floats(0.1, 100), st.floats(0.1, 100))
def test_the_closed_form_is_minimum_trace_with_residents_held(
    resident, hukou, floating, ratio, first, second
):
    h, f = keep_ratio(resident, hukou, floating, ratio, (first, second))
    expected = reconcile([resident, hukou, floating], ratio_constraint(ratio), [0.0, first, second])
    assert [float(h), float(f)] == pytest.approx(expected[1:].tolist(), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("year", EDITIONS)
def test_every_draw_keeps_the_ratio_and_residents_keep_their_own_forecast(year):
    drawn = draw_concepts(edition(year), paths=300)
    gap = drawn.hukou + drawn.floating - drawn.ratio * drawn.resident
    assert np.abs(gap).max() < 1e-9 * drawn.resident.max()
    assert (drawn.hukou >= 0).all()
    assert (drawn.floating >= 0).all()
    assert ((drawn.ratio > LOWEST_RATIO) & (drawn.ratio < HIGHEST_RATIO)).all()
    path = forecast_concepts(edition(year)).resident.path.set_index("year")["point"].loc[drawn.years]
    own = drawn.table.query("concept == 'resident'")
    assert own["point"].to_numpy() == pytest.approx(path.to_numpy())
    assert np.median(drawn.resident, axis=0) == pytest.approx(path.to_numpy(), rel=0.02)


def test_points_keep_the_last_published_ratio():
    drawn = draw_concepts(edition(2024), paths=50)
    wide = drawn.table.pivot(index="year", columns="concept", values="point")
    last = published_ratio(edition(2024)).iloc[-1]
    assert ((wide["hukou"] + wide["floating"]) / wide["resident"]).to_numpy() == pytest.approx(
        np.full(len(wide), last)
    )


def test_bounds_are_ordered_and_the_ratio_widens():
    table = draw_concepts(edition(2024)).table
    for low, high in (("lo95", "lo80"), ("lo80", "hi80"), ("hi80", "hi95")):
        assert (table[low] <= table[high]).all()
    ratio = table.query("concept == 'ratio'")
    assert (np.diff(ratio["hi80"] - ratio["lo80"]) > 0).all()


def test_the_same_ledger_gives_the_same_draws():
    first, again = (
        draw_concepts(edition(2023), paths=40),
        draw_concepts(edition(2023).for_edition(2023), paths=40),
    )
    assert np.array_equal(first.hukou, again.hukou)
