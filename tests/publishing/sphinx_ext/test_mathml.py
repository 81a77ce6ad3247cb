from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from popbook.publishing.sphinx_ext.mathml import to_mathml


def test_a_fraction_is_a_fraction() -> None:
    fraction = BeautifulSoup(to_mathml(r"\frac{B - D}{P}"), "lxml").select_one("mfrac")
    assert [part.text for part in fraction.find_all("mrow", recursive=False)] == ["B−D", "P"]


@pytest.mark.parametrize(("display", "value"), [(True, "block"), (False, "inline")])
def test_display_is_told_to_the_browser(display: bool, value: str) -> None:
    assert f'display="{value}"' in to_mathml("x", display)


def test_chinese_words_stay_words() -> None:
    assert BeautifulSoup(to_mathml(r"\text{净迁移率}"), "lxml").select_one("mtext").text == "净迁移率"
