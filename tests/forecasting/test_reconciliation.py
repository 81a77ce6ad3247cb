from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popbook.forecasting.reconciliation import ratio_constraint, reconcile, shrunk_covariance, sum_constraint

positive = st.floats(0.1, 1000)


@given(st.lists(st.tuples(positive, positive), min_size=2, max_size=8), positive)
def test_parts_add_to_the_total_and_the_total_stays(parts, total):
    values = np.append([p[0] for p in parts], total)
    variances = np.append([p[1] for p in parts], 0.0)
    result = reconcile(values, sum_constraint(len(parts)), variances)
    assert result[:-1].sum() == pytest.approx(total)
    assert result[-1] == pytest.approx(total)
    assert (result >= 0).all()


@given(st.lists(positive, min_size=3, max_size=3))
def test_coherent_forecasts_are_left_alone(parts):
    values = np.append(parts, sum(parts))
    assert reconcile(values, sum_constraint(3), np.ones(4)) == pytest.approx(values)


def test_the_change_is_the_smallest_in_the_metric_of_the_errors():
    # Against the textbook form S (S' W^-1 S)^-1 S' W^-1 y with a full covariance.
    w = np.array([[2.0, 0.5, 0.3], [0.5, 1.0, 0.2], [0.3, 0.2, 4.0]])
    y = np.array([30.0, 60.0, 100.0])
    s = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    inverse = np.linalg.inv(w)
    expected = s @ np.linalg.solve(s.T @ inverse @ s, s.T @ inverse @ y)
    assert reconcile(y, sum_constraint(2), w) == pytest.approx(expected)


def test_the_less_certain_part_gives_way_in_proportion_to_its_variance():
    result = reconcile([30.0, 60.0, 100.0], sum_constraint(2), [3.0, 1.0, 0.0])
    assert result.tolist() == pytest.approx([37.5, 62.5, 100.0])


def test_every_draw_is_reconciled_like_that_draw_alone():
    draws = np.random.default_rng(1).uniform(10, 50, (7, 3, 4))
    variances = np.array([1.0, 2.0, 3.0, 0.0])
    together = reconcile(draws, sum_constraint(3), variances)
    assert together[4, 2] == pytest.approx(reconcile(draws[4, 2], sum_constraint(3), variances))
    assert together[..., :3].sum(axis=-1) == pytest.approx(draws[..., 3])


def test_a_part_that_would_turn_negative_is_held_at_zero():
    result = reconcile([1.0, 60.0, 50.0, 60.0], sum_constraint(3), [100.0, 1.0, 1.0, 0.0])
    assert result[0] == 0 and result[:3].sum() == pytest.approx(60.0)
    free = reconcile([1.0, 60.0, 50.0, 60.0], sum_constraint(3), [100.0, 1.0, 1.0, 0.0], non_negative=False)
    assert free[0] < 0


def test_two_constraints_at_once():
    # Men + women = total and young + old = total.
    c = [[1, 1, 0, 0, -1], [0, 0, 1, 1, -1]]
    result = reconcile([48.0, 50.0, 30.0, 72.0, 100.0], c, np.ones(5))
    assert result[:2].sum() == pytest.approx(result[4]) and result[2:4].sum() == pytest.approx(result[4])


def test_the_three_concepts_keep_their_ratio_and_do_not_add():
    residents, hukou, floating = reconcile([1200.0, 820.0, 700.0], ratio_constraint(1.259), [0.0, 1.0, 4.0])
    assert hukou + floating == pytest.approx(1.259 * residents)
    assert residents == 1200.0
    assert abs(hukou + floating - residents) > 100


def test_constraints_that_cannot_be_met_are_refused():
    with pytest.raises(ValueError, match="cannot"):
        reconcile([1.0, 2.0, 4.0], sum_constraint(2), np.zeros(3))
    with pytest.raises(ValueError, match="disagree"):
        reconcile([1.0, 2.0], sum_constraint(2), np.ones(3))


def test_the_covariance_is_shrunk_between_the_sample_and_its_diagonal():
    generator = np.random.default_rng(4)
    errors = generator.standard_normal((12, 1)) + 0.8 * generator.standard_normal((12, 4))
    sample, shrunk = errors.T @ errors / 12, shrunk_covariance(errors)
    assert shrunk.diagonal() == pytest.approx(sample.diagonal())
    ratio = shrunk[np.triu_indices(4, 1)] / sample[np.triu_indices(4, 1)]
    assert ratio == pytest.approx(np.full(6, ratio[0])) and 0 < ratio[0] < 1
    assert np.linalg.eigvalsh(shrunk).min() > 0
    with pytest.raises(ValueError, match="two"):
        shrunk_covariance([[1.0, 2.0]])
