from __future__ import annotations

from pathlib import Path

import pytest

from popbook.publishing import publish
from tests.ledger.tables import write_tables
from tests.publishing.published import Workshop


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """A project with a ledger of its own (editions 2020 and 2021) whose builds take no time; 2020 is built."""
    monkeypatch.setenv("POPBOOK_DATA", str(write_tables(tmp_path / "data")))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1625702400")  # 2021-07-08
    made = Workshop(tmp_path / "project")
    monkeypatch.setattr(publish, "build_site", made.build_site)
    made.write(2020, "初稿")
    return made
