from __future__ import annotations

import numpy as np
import pytest

from popbook.forecasting.batch import autoregression, forecast_members_batch
from popbook.forecasting.panel import read_windows
from popbook.forecasting.trend import fit_trend_members
from tests.forecasting.editions import edition


@pytest.mark.parametrize("points", [5, 8, 13])
def test_the_batch_gives_what_statsmodels_gives_city_by_city(points):
    windows = [w for w in read_windows(edition(2024), "resident-rebased", 13) if len(w.values) >= 13]
    log = np.log(np.array([w.values[:points] for w in windows]))
    batch = forecast_members_batch(log, 10)
    assert len(windows) > 20
    for i in range(len(windows)):
        single = fit_trend_members(np.exp(log[i]), 10)
        for member in single:
            # Two optimisers on a loss that is nearly flat with five points: 0.2 % after ten years is agreement.
            assert np.log(single[member].values) == pytest.approx(batch[member][i], abs=2e-3)


def test_series_do_not_influence_each_other():
    log = np.log([[100, 101, 103, 104, 106.0], [100, 90, 95, 80, 99.0]])
    both, alone = forecast_members_batch(log, 3), forecast_members_batch(log[:1], 3)
    for member in both:
        assert both[member][0] == pytest.approx(alone[member][0])


def test_short_series_are_refused():
    with pytest.raises(ValueError, match="at least"):
        forecast_members_batch(np.zeros((2, 4)), 3)


def test_an_autoregression_is_found_again_in_a_long_series():
    generator = np.random.default_rng(3)
    x = np.zeros(4000)
    for t in range(1, len(x)):
        x[t] = 0.6 * x[t - 1] + generator.standard_normal()
    lag, mean, variance = (item[0] for item in autoregression([5 + x]))
    assert (lag, mean, variance) == pytest.approx((0.6, 5.0, 1.0), abs=0.1)
