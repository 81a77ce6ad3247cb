"""The overview of the demography floor and what the floor offers; its examples run with those of all modules."""

from __future__ import annotations

import re

import popbook.demography


def test_the_package_offers_every_name_that_its_overview_mentions():
    mentioned = set(re.findall(r"(?<!`)`([a-z_]+)`(?!`)", popbook.demography.__doc__ or ""))
    functions = {name for name in popbook.demography.__all__ if name[0].islower()}
    assert mentioned <= functions
    assert functions - mentioned == {"read_projection_inputs"}
    assert all((getattr(popbook.demography, name).__doc__ or "").strip() for name in functions)
