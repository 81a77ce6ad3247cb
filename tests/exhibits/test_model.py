from __future__ import annotations

from typing import Any

import pytest

from popbook.exhibits.model import NARROW, WIDE, Fact
from tests.exhibits.samples import figure, table


def _fact(**overrides: Any) -> Fact:
    fields: dict[str, Any] = {
        "id": "fact-residents-2024",
        "label": "常住人口",
        "value": 1262.4,
        "unit": "万人",
        "decimals": 1,
        "basis": "resident",
        "region_id": "330100",
        "year": 2024,
        **overrides,
    }
    return Fact(**fields)


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (1262.4, "", "1262.4万人"),
        (1262.4, "v", "1262.4"),
        (10.2, "+", "+10.2万人"),
        (-10.2, "", "−10.2万人"),
        (-10.2, "a", "10.2万人"),
        (1262.44, ".0v", "1262"),
        (-0.04, "", "0.0万人"),
        (None, "", "未公布"),
    ],
)
def test_fact_prints_as_readers_see_it(value: float | None, spec: str, text: str) -> None:
    assert _fact(value=value).text(spec) == text


def test_fact_in_a_text_is_tied_to_its_id() -> None:
    assert f"共{_fact()}" == "共{fact}`fact-residents-2024|1262.4万人`"
    assert f"{_fact():v}" == "{fact}`fact-residents-2024|1262.4`"


@pytest.mark.parametrize(
    "made", [lambda: _fact(id="fig-a"), lambda: figure(id="Fig-A"), lambda: table(id="fig-a")]
)
def test_ids_of_the_wrong_kind_are_refused(made: Any) -> None:
    with pytest.raises(ValueError, match="id"):
        made()


def test_phone_layout_keeps_text_readable() -> None:
    assert NARROW.is_narrow
    assert NARROW.font_size >= 11
    assert not WIDE.is_narrow
