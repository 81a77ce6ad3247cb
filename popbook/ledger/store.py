"""Reading the ledger: every observation, what of it was known on a date, and which value of a year is used.

Selection rule (which of several published values of one indicator, region and year is used):

1. confidence A or B before C: a secondary page never displaces an official or news figure;
2. then the latest publication date: a revision replaces what it revises;
3. then A before B;
4. then source id, vintage and value in ascending order, so that the choice never depends on the order of rows.

All rows stay in the ledger; `Ledger.conflicts` lists where more than one value was published.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import pandas as pd

from popbook.ledger.datapackage import DataPackage, find_data_dir, read_datapackage, read_table
from popbook.ledger.errors import DataError, Problem, UsageError
from popbook.ledger.journal import read_steadily
from popbook.ledger.model import (
    BookletRevision,
    Break,
    Correction,
    Edition,
    Event,
    Indicator,
    Observation,
    PlanDocument,
    Region,
    Revision,
    Source,
)
from popbook.ledger.plan import Plan
from popbook.ledger.series import SERIES_COLUMNS, Series

CITY = "330100"
KEY = ["indicator_id", "region_id", "year"]
REVISIONS, BOOKLET_REVISIONS = "revisions", "booklet_revisions"
PLAN_TABLES = "plan_"
"""How the names of the tables begin that hold rows of every plan."""
WRITTEN_TOGETHER = ("sources", "observations", "editions")
"""Tables that one ingest may extend together, those that others refer to first."""

Record = TypeVar("Record")


def select_values(observations: pd.DataFrame) -> pd.DataFrame:
    """Keep one row per indicator, region and year by the selection rule of this module.

    Parameters
    ----------
    observations : DataFrame
        Columns of observations.csv.

    Returns
    -------
    DataFrame
        The chosen rows, ordered by indicator, region and year.

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator_id": "i", "region_id": "r", "year": 2020, "value": [1.0, 2.0, 3.0],
    ...     "vintage": "v", "source_id": ["a", "b", "c"], "published": ["2021-01-01", "2022-01-01", "2023-01-01"],
    ...     "confidence": ["A", "B", "C"]})
    >>> select_values(rows)["value"].tolist()
    [2.0]
    """
    ordered = observations.assign(
        _doubtful=observations["confidence"] == "C", _official=observations["confidence"] == "A"
    ).sort_values(
        [*KEY, "_doubtful", "published", "_official", "source_id", "vintage", "value"],
        ascending=[True, True, True, True, False, False, True, True, True],
        kind="stable",
    )
    return ordered.drop_duplicates(KEY).drop(columns=["_doubtful", "_official"]).reset_index(drop=True)


@dataclass(frozen=True, eq=False)
class Ledger:
    """All that is known, or all that was known on a date; read it with `read_ledger`.

    Parameters
    ----------
    package : DataPackage
        Descriptor of the data folder.
    indicators, regions, sources, editions : dict
        Records by id, in the order of their files; editions by year.
    breaks, corrections, events, plans : tuple
        Records in the order of their files.
    observations : DataFrame
        Visible rows of observations.csv.
    booklet_revisions : dict
        Declared revisions of booklets by edition and district ("2024 330108"); what has none there is r1.
    cut_off : str or None
        ISO date up to which publications are visible, inclusive; None = everything.
    edition : int or None
        Data year of the edition, if the ledger was narrowed to one.
    """

    package: DataPackage
    indicators: dict[str, Indicator]
    regions: dict[str, Region]
    sources: dict[str, Source]
    breaks: tuple[Break, ...]
    corrections: tuple[Correction, ...]
    editions: dict[int, Edition]
    events: tuple[Event, ...]
    observations: pd.DataFrame
    plans: tuple[PlanDocument, ...] = ()
    booklet_revisions: Mapping[str, tuple[BookletRevision, ...]] = field(default_factory=dict)
    cut_off: str | None = None
    edition: int | None = None

    @property
    def data_dir(self) -> Path:
        """The data folder."""
        return self.package.folder

    @property
    def plan(self) -> Plan:
        """The plan that this ledger is read against, as printed: of an edition the one then in force, else the newest."""
        return Plan(self.table, self._document)

    @property
    def city(self) -> str:
        """Region id of the city that the plan is about."""
        return self._document.region_id

    def about(self, edition: int, district: str = "") -> Edition:
        """The record of an edition, or of the booklet of a district, which has revisions of its own.

        Parameters
        ----------
        edition : int
            Data year, one of ``editions``.
        district : str
            District whose booklet it is; "" for the report on the city.

        Examples
        --------
        >>> ledger = read_ledger()
        >>> ledger.about(2024) == ledger.editions[2024], ledger.about(2024, "330108").revision
        (True, 'r1')
        """
        about = self.editions[edition]
        if not district:
            return about
        return replace(about, revisions=self.booklet_revisions.get(f"{edition} {district}", ()))

    def as_of(self, day: date | str) -> Ledger:
        """The ledger as it was known at the end of a day.

        Parameters
        ----------
        day : date or str
            Date or ISO text; publications of that day are included.

        Returns
        -------
        Ledger
            Never holds more than this one: narrowing twice gives the earlier of the two days.
        """
        limit = _iso(day)
        if self.cut_off is not None:
            limit = min(limit, self.cut_off)
        return self._narrowed(
            regions={key: item for key, item in self.regions.items() if item.valid_from <= limit},
            observations=self.observations[self.observations["published"] <= limit].reset_index(drop=True),
            breaks=tuple(item for item in self.breaks if self._is_published(item.source_id, limit)),
            events=tuple(item for item in self.events if self._is_published(item.source_id, limit)),
            cut_off=limit,
        )

    def for_edition(self, edition: int) -> Ledger:
        """The ledger of an edition: published by its cut-off date, and about no year after the edition's.

        Raises
        ------
        UsageError
            If editions.csv has no such edition.
        """
        if edition not in self.editions:
            raise UsageError(
                f"没有 {edition} 年度版", "editions.csv", f"可选：{'、'.join(map(str, self.editions))}"
            )
        if edition not in self._editions_seen:
            view = self._view(edition)
            self._editions_seen[edition] = _views.setdefault(view.content_hash, view)
        return self._editions_seen[edition]

    def _view(self, edition: int) -> Ledger:
        known = self.as_of(self.editions[edition].cut_off)._narrowed(edition=edition)
        corrections = known.corrections
        if len(known.plans) > 1:  # what is mended in another plan is nothing to the readers of this one
            clauses = set(known.plan.clauses["clause_id"])
            corrections = tuple(item for item in corrections if item.clause_id in clauses)
        return known._narrowed(
            corrections=corrections,
            observations=known.observations[known.observations["year"] <= edition].reset_index(drop=True),
            events=tuple(event for event in known.events if event.year <= edition),
        )

    def _narrowed(self, **changes: Any) -> Ledger:
        narrowed = replace(self, **changes)
        vars(narrowed)["_tables"] = self._tables  # files as they were read; every view takes its rows from them
        vars(narrowed)["fingerprints_of_files"] = self.fingerprints_of_files
        return narrowed

    @property
    def is_edition(self) -> bool:
        """Whether this is what an edition sees, neither more nor narrowed further."""
        return self.edition is not None and _views.get(self.content_hash) is self

    @cached_property
    def _series_seen(self) -> dict[tuple[str, str, str | None], Series]:
        return {}

    @cached_property
    def _editions_seen(self) -> dict[int, Ledger]:
        return {}

    def series(self, indicator_id: str, region_id: str | None = None, vintage: str | None = None) -> Series:
        """The series of an indicator in a region, one value per year by the selection rule.

        Parameters
        ----------
        indicator_id, region_id : str
        vintage : str, optional
            Only values of this vintage, e.g. ``"first-published"``.

        Returns
        -------
        Series
            Empty if nothing is published.

        Raises
        ------
        UsageError
            If the indicator or the region is not declared.
        """
        key = indicator_id, region_id or self.city, vintage
        if key not in self._series_seen:
            self._series_seen[key] = self._make_series(*key)
        return self._series_seen[key]

    def _make_series(self, indicator_id: str, region_id: str, vintage: str | None) -> Series:
        indicator = self._known(self.indicators, indicator_id, "指标", "indicators.csv")
        region = self._known(self.regions, region_id, "地区", "regions.csv")
        if vintage is None:
            values, places = self._selected
            frame = values.iloc[places.get((indicator_id, region_id), [])]
        else:
            rows = self.observations
            frame = select_values(
                rows[
                    (rows["indicator_id"] == indicator_id)
                    & (rows["region_id"] == region_id)
                    & (rows["vintage"] == vintage)
                ]
            )[SERIES_COLUMNS]
        breaks = tuple(b for b in self.breaks if b.concerns(indicator_id, region_id))
        return Series(indicator, region, frame.reset_index(drop=True), breaks)

    def rows_of(self, indicator_id: str) -> pd.DataFrame:
        """Every visible row of an indicator in all regions, also where several values were published for a year."""
        rows = self.observations
        return rows[rows["indicator_id"] == indicator_id].reset_index(drop=True)

    def without_breaks(self) -> Ledger:
        """The ledger as someone would see it who knows of no break."""
        return self._narrowed(breaks=())

    def observation(self, indicator_id: str, year: int, region_id: str | None = None) -> Observation | None:
        """The value used for one year, or None where nothing is published."""
        return self.series(indicator_id, region_id).at(year)

    def latest(self, indicator_id: str, region_id: str | None = None) -> Observation | None:
        """The value used for the last year for which anything is published, or None."""
        return self.series(indicator_id, region_id).latest

    def conflicts(self) -> pd.DataFrame:
        """Where more than one value was published for the same indicator, region and year.

        Values that agree after rounding to the indicator's decimals are no conflict.

        Returns
        -------
        DataFrame
            The rows of observations.csv concerned, plus ``used`` (the selection rule took it) and ``kind``:
            ``"conflict"`` if one vintage holds different values, ``"revision"`` if only vintages differ.
        """
        rows = self.observations.copy()
        decimals = rows["indicator_id"].map({key: item.decimals for key, item in self.indicators.items()})
        # Published rounding is half up; the tiny shift keeps 870.05 from falling to 870.0 in binary.
        rows["_rounded"] = ((rows["value"] * 10.0**decimals) + 0.5 + 1e-9).floordiv(1)
        values = rows.groupby(KEY)["_rounded"].transform("nunique")
        within = rows.groupby([*KEY, "vintage"], dropna=False)["_rounded"].transform("nunique")
        rows["kind"] = (
            (within > 1)
            .groupby([rows[name] for name in KEY])
            .transform("any")
            .map({True: "conflict", False: "revision"})
        )
        chosen = select_values(self.observations)[[*KEY, "vintage", "source_id", "value"]].assign(used=True)
        rows = rows[values > 1].merge(chosen, how="left", on=[*KEY, "vintage", "source_id", "value"])
        rows["used"] = rows["used"].notna()
        return rows.drop(columns="_rounded").sort_values([*KEY, "published", "source_id"], ignore_index=True)

    def table(self, name: str, as_published: bool = True) -> pd.DataFrame:
        """Any table of the data folder, by its resource name.

        Parameters
        ----------
        name : str
            Resource name, e.g. ``"census_age_sex"``, ``"plan_targets"``, ``"panel_resident"``.
        as_published : bool
            Leave out rows published after the cut-off date, by their ``published`` column, else by the date of
            their source. False returns every row; right only for method inputs that state no fact about the city.

        Returns
        -------
        DataFrame
            A copy; columns as in the file. Of the plan's tables only the rows of the plan in force.
        """
        if name == "observations" and as_published:
            return self.observations.copy()
        key = name, as_published
        if key not in self._tables_seen:
            self._tables_seen[key] = self._visible(name, as_published)
        return self._tables_seen[key].copy(deep=False)  # a reader who writes into it writes into a copy

    def _visible(self, name: str, as_published: bool) -> pd.DataFrame:
        if name not in self._tables:
            self._tables[name] = read_table(self.package, name)
        frame = self._tables[name]
        if name.startswith(PLAN_TABLES) and len(self.plans) > 1:
            frame = frame[frame["plan_id"] == self._document.plan_id].reset_index(drop=True)
        if self.cut_off is None or not as_published or name == "sources":
            return frame
        if "published" in frame.columns:
            return frame[frame["published"].isna() | (frame["published"] <= self.cut_off)].reset_index(
                drop=True
            )
        if "source_id" in frame.columns:
            known = frame["source_id"].map(lambda key: self._is_published(key, str(self.cut_off)))
            return frame[known.astype(bool)].reset_index(drop=True)
        return frame

    @cached_property
    def _tables_seen(self) -> dict[tuple[str, bool], pd.DataFrame]:
        return {}

    @cached_property
    def _document(self) -> PlanDocument:
        last = max(self.editions, default=0) if self.edition is None else self.edition
        begun = [plan for plan in self.plans if plan.first_edition <= last]
        if not begun:
            problem = f"没有 {last} 年度版可用的规划" if self.plans else "没有登记规划"
            remedy = "登记规划，first_edition 不晚于年度版；写法见 data/plan/README.md"
            raise DataError([Problem("plan/plans.csv", 0, "first_edition", "plan-missing", problem, remedy)])
        return max(begun, key=lambda plan: plan.first_edition)

    @cached_property
    def _tables(self) -> dict[str, pd.DataFrame]:
        return {}

    @cached_property
    def fingerprints_of_files(self) -> dict[tuple[str, str], str]:
        """Fingerprints of whole tables by name and plan, once for all views (:mod:`popbook.ledger.visibility`)."""
        return {}

    @cached_property
    def fingerprints(self) -> dict[str, str]:
        """Fingerprints of what this view sees of tables, by name (:mod:`popbook.ledger.visibility`)."""
        return {}

    @cached_property
    def _selected(self) -> tuple[pd.DataFrame, Mapping[Any, Any]]:
        """The selected values, and the rows of each indicator in each region."""
        chosen = select_values(self.observations)
        return chosen[SERIES_COLUMNS], chosen.groupby(["indicator_id", "region_id"], sort=False).indices

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of all that this ledger shows, and of the files of the data folder as they are now."""
        # Tables that are read later come from the files as they are now.
        records = (self.indicators, self.regions, self.sources, self.breaks, self.corrections, self.editions)
        dated = (self.events, self.plans, self.cut_off, self.edition)
        digest = hashlib.sha256(repr((self.data_dir, *records, *dated)).encode())
        digest.update(self.observations.to_csv().encode())
        for resource in self.package.resources.values():
            path = self.data_dir / resource.path
            digest.update(f"\0{resource}\0".encode() + (path.read_bytes() if path.is_file() else b""))
        return digest.hexdigest()

    def _is_published(self, source_id: Any, limit: str) -> bool:
        source = self.sources.get(source_id) if isinstance(source_id, str) else None
        return source is None or source.published <= limit

    @staticmethod
    def _known(records: dict[str, Record], key: str, what: str, file: str) -> Record:
        if key not in records:
            raise UsageError(f"没有编号为“{key}”的{what}", file, f"在 {file} 中核对编号")
        return records[key]


_views: WeakValueDictionary[str, Ledger] = WeakValueDictionary()
"""One view of an edition per content: what is computed from a view is computed once, whether the view was taken from the
whole ledger, from the view of a later edition, or from the same files read again."""


def read_ledger(data_dir: Path | str | None = None) -> Ledger:
    """Read the whole ledger from a data folder.

    Parameters
    ----------
    data_dir : Path, str or None
        Folder with datapackage.json; None finds it (`popbook.ledger.datapackage.find_data_dir`).

    Returns
    -------
    Ledger
        Everything ever published; narrow it with `Ledger.for_edition` or `Ledger.as_of`.

    Raises
    ------
    PopbookError
        If there is no data folder.
    DataError
        If a table is missing or cannot be read by its schema.

    Examples
    --------
    >>> ledger = read_ledger().for_edition(2020)
    >>> ledger.edition, ledger.cut_off
    (2020, '2021-06-30')
    """
    package = read_datapackage(find_data_dir(data_dir))

    def read(name: str, record: Callable[..., Record]) -> list[Record]:
        return _records(read_table(package, name), record, package.resources[name].path)

    def read_all() -> Ledger:
        if _ahead:
            known = _ahead.get(_content(package))
            if known is not None:
                return known
        revisions = read(REVISIONS, Revision)
        booklets: dict[str, tuple[BookletRevision, ...]] = {}
        for item in read(BOOKLET_REVISIONS, BookletRevision) if BOOKLET_REVISIONS in package.resources else ():
            key = f"{item.edition} {item.region_id}"
            booklets[key] = (*booklets.get(key, ()), item)
        return Ledger(
            package=package,
            indicators={item.indicator_id: item for item in read("indicators", Indicator)},
            regions={item.region_id: item for item in read("regions", Region)},
            sources={item.source_id: item for item in read("sources", Source)},
            breaks=tuple(read("breaks", Break)),
            corrections=tuple(read("corrections", Correction)),
            editions={
                item.edition: replace(item, revisions=tuple(r for r in revisions if r.edition == item.edition))
                for item in read("editions", Edition)
            },
            events=tuple(read("events", Event)),
            observations=read_table(package, "observations"),
            plans=tuple(read("plans", PlanDocument)),
            booklet_revisions=booklets,
        )

    written = tuple(package.resources[name].path for name in WRITTEN_TOGETHER if name in package.resources)
    return read_steadily(package.folder, written, read_all)


def read_ahead(data_dir: Path | str | None = None) -> Ledger:
    """Read the ledger with all tables and editions, and let `read_ledger` give it out for as long as the files are the same.

    For a process that is forked later: what it has read, none of its children reads again.

    Parameters
    ----------
    data_dir : Path, str or None
        As of `read_ledger`.

    Returns
    -------
    Ledger
        Everything ever published.

    Raises
    ------
    PopbookError
        As `read_ledger`; nothing is read ahead then.

    Examples
    --------
    >>> ledger = read_ahead()
    >>> read_ledger() is ledger
    True
    >>> _ahead.clear()
    """
    package = read_datapackage(find_data_dir(data_dir))
    content = _content(package)
    ledger = read_ledger(package.folder)
    for name in package.resources:
        ledger.table(name, as_published=False)
    for edition in ledger.editions:
        ledger.for_edition(edition)
    if _content(package) == content:
        _ahead.clear()
        _ahead[content] = ledger
    return ledger


_ahead: dict[str, Ledger] = {}
"""The ledger that was read ahead, by the content of its folder; empty in a process that reads for itself."""


def _content(package: DataPackage) -> str:
    """Return the SHA-256 of where a data folder lies, and of its descriptor and tables as they are now."""
    digest = hashlib.sha256(repr(package).encode())
    for resource in package.resources.values():
        path = package.folder / resource.path
        digest.update(f"\0{resource.path}\0".encode() + (path.read_bytes() if path.is_file() else b""))
    return digest.hexdigest()


def _records(frame: pd.DataFrame, record: Callable[..., Record], path: str) -> list[Record]:
    declared = {
        field.name: str(field.type)
        for field in fields(record)  # type: ignore[arg-type]
        if not str(field.type).startswith("tuple")  # filled in from another table
    }
    columns = {}
    for name in declared:
        if name not in frame.columns:
            problem = Problem(path, 1, name, "column-missing", f"缺少列“{name}”", "补上该列，列名见数据字典")
            raise DataError([problem])
        missing = "" if declared[name] == "str" else None
        values = frame[name].astype(object)
        columns[name] = values.where(frame[name].notna(), missing).tolist()
    return [
        record(**{name: _plain(values[i], declared[name]) for name, values in columns.items()})
        for i in range(len(frame))
    ]


def _plain(value: Any, declared: str) -> Any:
    """Numpy scalars and <NA> become plain Python values, so that records print and serialise everywhere."""
    if value is None or value == "":
        return value
    return (
        int(value)
        if declared.startswith("int")
        else float(value)
        if declared.startswith("float")
        else str(value)
    )


def _iso(day: date | str) -> str:
    if isinstance(day, date):
        return day.isoformat()[:10]
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError as error:
        raise UsageError(f"“{day}”不是日期", "", "按 2024-06-30 的形式写") from error
