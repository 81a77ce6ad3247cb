"""The examples in the docstrings of the demography floor run and print what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import popbook.demography

MODULES = [f"popbook.demography.{module.name}" for module in pkgutil.iter_modules(popbook.demography.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
