"""The examples in the docstrings of the demography floor run and print what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re

import pytest

import popbook.demography

MODULES = [
    f"popbook.demography.{module.name}" for module in pkgutil.iter_modules(popbook.demography.__path__)
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


def test_the_package_offers_every_name_that_its_overview_mentions():
    mentioned = set(re.findall(r"(?<!`)`([a-z_]+)`(?!`)", popbook.demography.__doc__ or ""))
    functions = {name for name in popbook.demography.__all__ if name[0].islower()}
    assert mentioned <= functions
    assert functions - mentioned == {"read_projection_inputs"}
    assert all((getattr(popbook.demography, name).__doc__ or "").strip() for name in functions)
