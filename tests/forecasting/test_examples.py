"""The examples in the docstrings of the forecasting floor run and print what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import popbook.forecasting

MODULES = [f"popbook.forecasting.{module.name}" for module in pkgutil.iter_modules(popbook.forecasting.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
