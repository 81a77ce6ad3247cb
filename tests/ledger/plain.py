"""The ledger behind a report, to be changed for a test: a report holds it with a note of what is read."""

from __future__ import annotations

from typing import cast

from popbook.ledger.store import Ledger


def plain(ledger: Ledger) -> Ledger:
    """Return the ledger without the note of what is read."""
    return cast(Ledger, vars(ledger).get("_ledger", ledger))
