"""The ledger behind a report, to be changed for a test: a report holds it with a note of what is read."""

from __future__ import annotations

from typing import cast

import pandas as pd

from popbook.ledger.reads import watch
from popbook.ledger.store import Ledger

_changed: dict[str, Ledger] = {}


def plain(ledger: Ledger) -> Ledger:
    """Return the ledger without the note of what is read."""
    return cast(Ledger, vars(ledger).get("_ledger", ledger))


def put_table(ledger: Ledger, name: str, rows: pd.DataFrame) -> None:
    """Let a ledger of a test show other rows in a table of the data folder."""
    ledger._tables[name] = rows
    ledger._tables_seen.clear()


def with_observations(ledger: Ledger, rows: pd.DataFrame) -> Ledger:
    """Return a ledger with other observations, as a build sees it.

    The same rows give the same object: what several tests compute from them, and what earlier editions say that do not
    hold the change, is computed once.
    """
    changed = plain(ledger)._narrowed(observations=rows.reset_index(drop=True))
    return _changed.setdefault(changed.content_hash, watch(changed))
