"""The published targets.csv is enough to recompute every status by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.book.conftest import SITE, editions
from tests.monitoring.test_targets import recompute

pytestmark = pytest.mark.book


@pytest.mark.parametrize("edition", editions())
def test_every_status_follows_from_the_numbers_beside_it(edition: str) -> None:
    frame = pd.read_csv(SITE / edition / "targets.csv")
    assert len(frame) == 16
    assert [recompute(row) for _, row in frame.iterrows()] == frame["status"].tolist()
