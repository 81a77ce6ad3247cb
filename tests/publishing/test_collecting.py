from __future__ import annotations

import doctest
import gc

import pytest

from popbook.publishing import collecting
from popbook.publishing.collecting import without_collector


def test_examples_in_the_docstrings_hold() -> None:
    results = doctest.testmod(collecting)
    assert results.attempted >= 1
    assert results.failed == 0


def test_the_collector_runs_again_after_a_failure() -> None:
    assert gc.isenabled()
    with pytest.raises(ValueError), without_collector():
        raise ValueError
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with without_collector():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
