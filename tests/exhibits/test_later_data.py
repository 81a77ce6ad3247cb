"""An edition that is built again after later data were added says the same to the last byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.exhibits.edition_payloads import payloads_from
from tests.ledger.later_data import copy_with_later_data
from tests.ledger.tables import DATA


@pytest.mark.slow
def test_2021_is_the_same_after_later_data_were_added(tmp_path: Path) -> None:
    before = payloads_from(DATA, 2021, tmp_path / "before.json")
    after = payloads_from(copy_with_later_data(tmp_path / "data"), 2021, tmp_path / "after.json")
    assert before.keys() == after.keys()
    for page, sections in before.items():
        for old, new in zip(sections, after[page], strict=True):
            assert new == old, (page, old["id"])
    assert (tmp_path / "after.json").read_bytes() == (tmp_path / "before.json").read_bytes()
