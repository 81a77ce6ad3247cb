"""Which rows of the ledger a result was made from: noted while they are read, compared by content before the next run.

A `WatchedLedger` answers as the ledger of an edition does and notes every look-up, also one that finds nothing: a row
that comes later changes it. Narrower views (an earlier edition, an earlier day) show rows of the same groups, so it is
the groups of the edition that are noted, whatever view was asked. Where it is not sure what a caller does with a table,
it notes the whole table.

The names of reads: ``series INDICATOR REGION``, ``rows INDICATOR``, ``record TABLE KEY``, ``table TABLE`` (the rows the
edition sees), ``all TABLE`` (every row), ``descriptor``, ``everything``.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache, wraps
from importlib.metadata import version
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import pandas as pd

from popbook.ledger.datapackage import DESCRIPTOR
from popbook.ledger.exact import from_bytes, to_bytes
from popbook.ledger.kept import entry_name, hash_folders, is_keeping, read_entry, write_entry
from popbook.ledger.plan import Plan
from popbook.ledger.series import Series
from popbook.ledger.store import Ledger
from popbook.ledger.visibility import VIEWS, visible_fingerprint, visible_rows, whole_fingerprint

EVERYTHING = "everything"
DESCRIPTION = "descriptor"
RECORDS = ("indicators", "regions", "sources", "editions", "booklet_revisions")
"""Tables whose records are looked up by their key."""

READS_OF_BREAKS = frozenset({"table breaks", "all breaks", EVERYTHING})

RESULT_FLOORS = ("ledger", "demography", "forecasting", "monitoring")
"""Floors of the library whose results may be kept on disk."""

RESULT_PACKAGES = ("numpy", "pandas", "scipy", "statsmodels")

P = ParamSpec("P")
R = TypeVar("R")

_noted: list[set[str]] = [set()]
"""What has been read, innermost collection last."""


def note_read(*names: str) -> None:
    """Note reads by their names."""
    _noted[-1].update(names)


def take_reads() -> set[str]:
    """Return what was read since the last call, and begin anew."""
    taken = set(_noted[-1])
    _noted[-1].clear()
    return taken


@contextmanager
def collect_reads(pass_on: bool = True) -> Iterator[set[str]]:
    """Collect what is read within the context.

    Parameters
    ----------
    pass_on : bool
        Whether it counts as read outside, too.
    """
    reads: set[str] = set()
    _noted.append(reads)
    try:
        yield reads
    finally:
        _noted.pop()
        if pass_on:
            note_read(*reads)


def remember(maxsize: int = 16, on_disk: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Compute once for the same arguments, as :func:`functools.lru_cache`; every caller counts as a reader.

    Parameters
    ----------
    maxsize : int
        How many results are remembered.
    on_disk : bool
        Keep results on disk, too, for other processes and later builds (:class:`KeptResult`). The first argument must
        be a ledger, the others numbers and texts, and the code of the result must lie on a floor of
        :data:`RESULT_FLOORS`.

    Examples
    --------
    >>> @remember()
    ... def double(x: int) -> int:
    ...     note_read(f"record numbers {x}")
    ...     return 2 * x
    >>> _ = take_reads()
    >>> double(2), sorted(take_reads()), double(2), sorted(take_reads())
    (4, ['record numbers 2'], 4, ['record numbers 2'])
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @lru_cache(maxsize)
        def computed(*args: P.args, **kwargs: P.kwargs) -> tuple[R, frozenset[str]]:
            place = KeptResult.of(function, args, kwargs) if on_disk else None
            found = place.read() if place else _kept_with_breaks(function, args, kwargs) if on_disk else None
            if found is None:
                with collect_reads() as reads:
                    result = function(*args, **kwargs)
                found = place.write(result, reads) if place else (result, frozenset(reads))
            return cast(tuple[R, frozenset[str]], found)

        @wraps(function)
        def remembered(*args: P.args, **kwargs: P.kwargs) -> R:
            result, reads = computed(*args, **kwargs)  # type: ignore[arg-type]
            note_read(*reads)
            return result

        remembered.forget = computed.cache_clear  # type: ignore[attr-defined]
        return remembered

    return decorate


def _kept_with_breaks(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[Any, frozenset[str]] | None:
    """Return what is kept of the same call for the ledger with its breaks, if the first argument is one without.

    What never looked at a break is the same for a reader who knows of none.
    """
    informed = args[0].informed if args and isinstance(args[0], WatchedLedger) else None
    place = KeptResult.of(function, (informed, *args[1:]), kwargs)
    found = place.read() if place else None
    return None if found is None or found[1] & READS_OF_BREAKS else found


def watch(ledger: Ledger) -> Ledger:
    """Return the ledger of an edition so that what is read from it is noted; always the same object for one ledger.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> ledger = watch(read_ledger().for_edition(2024))
    >>> with collect_reads() as reads:
    ...     ledger.observation("resident_population", 2024).value, "no-such-source" in ledger.sources
    (1262.4, False)
    >>> "series resident_population 330100" in reads, "record sources no-such-source" in reads
    (True, True)
    """
    known = vars(ledger).get("_watched")
    if known is None:
        known = vars(ledger)["_watched"] = WatchedLedger(ledger)
    return cast(Ledger, known)


class _Records(Mapping[Any, Any]):
    """Records by key; notes which were looked up."""

    def __init__(self, table: str, records: Mapping[Any, Any]) -> None:
        self._table = table
        self._records = records

    def __getitem__(self, key: Any) -> Any:
        note_read(f"record {self._table} {key}")
        return self._records[key]

    def __iter__(self) -> Iterator[Any]:
        note_read(f"table {self._table}")
        return iter(self._records)

    def __len__(self) -> int:
        note_read(f"table {self._table}")
        return len(self._records)


class WatchedLedger:
    """Answers as a `Ledger` does and notes what was asked.

    Parameters
    ----------
    ledger : Ledger
        The ledger of an edition, or one narrowed further.
    """

    informed: WatchedLedger | None = None
    """The ledger that knows the breaks, of one that does not."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.cut_off = ledger.cut_off
        self.edition = ledger.edition
        self.indicators = _Records("indicators", ledger.indicators)
        self.regions = _Records("regions", ledger.regions)
        self.sources = _Records("sources", ledger.sources)
        self.editions = _Records("editions", ledger.editions)
        self.booklet_revisions = _Records("booklet_revisions", ledger.booklet_revisions)

    @property
    def unwatched(self) -> Ledger:
        """The ledger itself, for what is no reading of its rows."""
        return self._ledger

    def __getattr__(self, name: str) -> Any:
        # What is not spelt out below may read anything.
        note_read(EVERYTHING)
        return getattr(self._ledger, name)

    @property
    def observations(self) -> pd.DataFrame:
        """All observations."""
        note_read("table observations")
        return self._ledger.observations

    def rows_of(self, indicator_id: str) -> pd.DataFrame:
        """As `Ledger.rows_of`."""
        note_read(f"rows {indicator_id}")
        return self._ledger.rows_of(indicator_id)

    @property
    def breaks(self) -> Any:
        """As `Ledger.breaks`."""
        note_read("table breaks")
        return self._ledger.breaks

    @property
    def events(self) -> Any:
        """As `Ledger.events`."""
        note_read("table events")
        return self._ledger.events

    @property
    def corrections(self) -> Any:
        """As `Ledger.corrections`."""
        note_read("table corrections")
        return self._ledger.corrections

    @property
    def plans(self) -> Any:
        """As `Ledger.plans`."""
        note_read("table plans")
        return self._ledger.plans

    @property
    def package(self) -> Any:
        """As `Ledger.package`."""
        note_read(DESCRIPTION)
        return self._ledger.package

    @property
    def plan(self) -> Plan:
        """As `Ledger.plan`."""
        note_read("table plans")
        return Plan(self.table, self._ledger.plan.document)

    @property
    def city(self) -> str:
        """As `Ledger.city`."""
        note_read("table plans")
        return self._ledger.city

    def as_of(self, day: date | str) -> Ledger:
        """As `Ledger.as_of`."""
        return watch(self._ledger.as_of(day))

    def for_edition(self, edition: int) -> Ledger:
        """As `Ledger.for_edition`."""
        note_read(f"record editions {edition}")
        return watch(self._ledger.for_edition(edition))

    def without_breaks(self) -> Ledger:
        """As `Ledger.without_breaks`."""
        blind = WatchedLedger(self._ledger.without_breaks())
        blind.informed = self
        return cast(Ledger, blind)

    def series(
        self, indicator_id: str, region_id: str | None = None, vintage: str | None = None
    ) -> Series:
        """As `Ledger.series`."""
        if region_id is None:
            region_id = self.city
        note_read(
            f"series {indicator_id} {region_id}",
            f"record indicators {indicator_id}",
            f"record regions {region_id}",
            "table breaks",
        )
        return self._ledger.series(indicator_id, region_id, vintage)

    about = Ledger.about
    observation = Ledger.observation
    latest = Ledger.latest

    def conflicts(self) -> pd.DataFrame:
        """As `Ledger.conflicts`."""
        note_read("table observations", "table indicators")
        return self._ledger.conflicts()

    def table(self, name: str, as_published: bool = True) -> pd.DataFrame:
        """As `Ledger.table`."""
        is_view = as_published or name in VIEWS
        note_read(f"table {name}" if is_view else f"all {name}")
        return self._ledger.table(name, as_published)


@cache
def results_code() -> str:
    """Return the hash of all code and constants that a kept result may be made with, and of the packages that compute."""
    package = Path(__file__).resolve().parents[1]
    versions = [platform.python_version(), *(f"{name} {version(name)}" for name in RESULT_PACKAGES)]
    return entry_name(hash_folders(package / floor for floor in RESULT_FLOORS), *versions)


@dataclass(frozen=True)
class KeptResult:
    """The place on disk of what a function makes of the ledger of an edition.

    It is valid as long as the code of the lower floors is the same and everything that was read from the ledger has the
    content that it had then; a change of other rows leaves it valid.

    Parameters
    ----------
    name : str
        Name of the entry.
    ledger : Ledger
        Ledger of the edition.
    """

    name: str
    ledger: Ledger

    @classmethod
    def of(
        cls, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> KeptResult | None:
        """Return the place, or None where it is not sure what is read, or nothing is kept."""
        if not (is_keeping() and args and isinstance(args[0], WatchedLedger)):
            return None
        ledger = args[0].unwatched
        if not ledger.is_edition:
            return None
        what = [function.__module__, function.__qualname__, repr(args[1:]), repr(sorted(kwargs.items()))]
        return cls(entry_name("result", results_code(), str(ledger.edition), str(ledger.data_dir), *what), ledger)

    def read(self) -> tuple[Any, frozenset[str]] | None:
        """Return the result and what was read for it; None if it is missing, damaged, or made from something else."""
        content = read_entry(self.name)
        if content is None:
            return None
        try:
            fingerprints, result = from_bytes(content)
            is_valid = all(state_of(self.ledger).get(name, "") == known for name, known in fingerprints.items())
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            return None
        return (result, frozenset(fingerprints)) if is_valid else None

    def write(self, result: R, reads: set[str]) -> tuple[R, frozenset[str]]:
        """Keep a result; return what a reader of the entry gets, so that both go on from the same bits."""
        state = state_of(self.ledger)
        content = to_bytes(({name: state.get(name, "") for name in sorted(reads)}, result))
        write_entry(self.name, content)
        return from_bytes(content)[1], frozenset(reads)


def state_of(ledger: Ledger) -> dict[str, str]:
    """Return :func:`read_state`, computed once for the same data: in this process, and on disk where results are kept.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> ledger = read_ledger().for_edition(2020)
    >>> state_of(ledger) is state_of(ledger), state_of(ledger) == read_state(ledger)
    (True, True)
    """
    known = vars(ledger).get("_read_state")
    if known is None:
        name = entry_name("state", results_code(), ledger.content_hash)
        content = read_entry(name)
        known = from_bytes(content) if content else read_state(ledger)
        if content is None:
            write_entry(name, to_bytes(known))
        vars(ledger)["_read_state"] = known
    return cast(dict[str, str], known)


def read_state(ledger: Ledger) -> dict[str, str]:
    """Return the fingerprint of everything that can be read from the ledger of an edition.

    Parameters
    ----------
    ledger : Ledger
        The ledger of an edition.

    Returns
    -------
    dict
        Name of a read to a SHA-256; what is not there is missing, and has the fingerprint "".
    """
    state: dict[str, str] = {}
    for resource in ledger.package.resources.values():
        state |= _table_state(ledger, resource.name)
    for table in RECORDS:
        for key, record in getattr(ledger, table).items():
            state[f"record {table} {key}"] = _digest(repr(record))
    groups: dict[str, list[str]] = {}
    for row in ledger.observations.itertuples(index=False):
        text = repr(tuple(row))
        groups.setdefault(f"series {row.indicator_id} {row.region_id}", []).append(text)
        groups.setdefault(f"rows {row.indicator_id}", []).append(text)
    state |= {name: _digest("\n".join(rows)) for name, rows in groups.items()}
    state[DESCRIPTION] = _digest((ledger.data_dir / DESCRIPTOR).read_text(encoding="utf-8"))
    # Some callers go past the edition, to the files.
    files = [ledger.data_dir / item.path for item in ledger.package.resources.values()]
    contents = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.is_file()]
    state[EVERYTHING] = _digest("\n".join(contents) + state[DESCRIPTION])
    return state


def _table_state(ledger: Ledger, name: str) -> dict[str, str]:
    content = visible_fingerprint(ledger, name)
    if name == "editions":
        content += visible_fingerprint(ledger, "revisions")
    columns = ledger.table(name, as_published=False).columns
    if "source_id" in columns and "published" not in columns:
        # A narrower view of the table depends on when its sources were published.
        named = sorted(visible_rows(ledger, name)["source_id"].dropna().unique())
        content += repr([(key, ledger.sources[key].published) for key in named if key in ledger.sources])
    state = {f"table {name}": _digest(content)}
    if name not in VIEWS:
        state[f"all {name}"] = whole_fingerprint(ledger, name)
    return state


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
