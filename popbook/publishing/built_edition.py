"""A built edition as it lies in the site: its imprint, its exhibits, how each is cited.

Commands and the build read the same files here, so that a page, a file and ``popbook cite`` say the same bytes.
"""

from __future__ import annotations

import csv
import difflib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from popbook.exhibits.citable import Citation, Register, cite
from popbook.exhibits.imprint import Imprint, change_words
from popbook.ledger.errors import PopbookError, UsageError
from popbook.ledger.model import Indicator, Region, Source

BUILD_RECORD = "build.json"
NEAR_IDS = 3
"""How many similar identifiers a message suggests."""

Record = TypeVar("Record", Indicator, Region, Source)


@dataclass(frozen=True)
class BuiltEdition:
    """One edition in a site, or before it goes there.

    Parameters
    ----------
    folder : Path
        Holds ``build.json``, ``exhibits.json``, ``facts.json`` and ``data/``.
    """

    folder: Path

    @cached_property
    def record(self) -> dict[str, Any]:
        """The build record."""
        return _read_json(self.folder / BUILD_RECORD)

    @cached_property
    def imprint(self) -> Imprint:
        """Edition and revision."""
        found = self.record
        return Imprint(
            edition=found["edition"],
            revision=found["revision"],
            title=found["title"],
            cut_off=found["cut_off"],
            fingerprint=found["edition_hash"],
            base=found.get("base", ""),
            change=change_words(found.get("revisions", [])),
            producer=found["producer"],
            disclaimer=found["disclaimer"],
        )

    @cached_property
    def exhibits(self) -> dict[str, dict[str, Any]]:
        """Rows of exhibits.json by id."""
        rows: dict[str, dict[str, Any]] = _read_json(self.folder / "exhibits.json")["items"]
        return rows

    @cached_property
    def facts(self) -> dict[str, dict[str, Any]]:
        """Rows of facts.json by id."""
        rows: dict[str, dict[str, Any]] = _read_json(self.folder / "facts.json")["items"]
        return rows

    @cached_property
    def register(self) -> Register:
        """Indicators, regions and sources of the edition."""
        data = self.folder / "data"
        return Register(
            indicators={
                item.indicator_id: item for item in _read_records(data / "indicators.csv", Indicator)
            },
            regions={item.region_id: item for item in _read_records(data / "regions.csv", Region)},
            sources={item.source_id: item for item in _read_records(data / "sources.csv", Source)},
        )

    def row(self, exhibit_id: str) -> Mapping[str, Any] | None:
        """Return the index row of an exhibit, or None."""
        return self.exhibits.get(exhibit_id) or self.facts.get(exhibit_id)

    def cite(self, exhibit_id: str, accessed: str = "") -> Citation:
        """Return the citation of an exhibit of this edition.

        Parameters
        ----------
        exhibit_id : str
            A known identifier.
        accessed : str
            ISO date of access, or "".
        """
        row = self.row(exhibit_id)
        if row is None:
            raise KeyError(exhibit_id)
        return cite(row, self.register, self.imprint, accessed)


def find_edition(site: Path, edition: int | None = None) -> BuiltEdition:
    """Find an edition in a site, the newest one if none is named.

    Parameters
    ----------
    site : Path
        Folder with one folder per edition.
    edition : int, optional
        Data year.

    Raises
    ------
    UsageError
        If the edition, or any edition, has not been built.
    """
    built = built_editions(site)
    if not built:
        raise UsageError("网站还没有生成", str(site), "请先运行 popbook build")
    wanted = edition or max(built)
    if wanted not in built:
        known = "、".join(str(year) for year in sorted(built))
        raise UsageError(f"{wanted} 年度版还没有生成", "--edition", f"已有：{known}")
    return built[wanted]


def built_editions(site: Path) -> dict[int, BuiltEdition]:
    """Return the editions of a site by data year."""
    return {
        int(path.parent.name): BuiltEdition(path.parent)
        for path in site.glob(f"[0-9][0-9][0-9][0-9]/{BUILD_RECORD}")
    }


def unknown_id(exhibit_id: str, edition: BuiltEdition, others: Iterable[BuiltEdition]) -> PopbookError:
    """Return what to say about an identifier that an edition does not have.

    Parameters
    ----------
    exhibit_id : str
        What was asked for.
    edition : BuiltEdition
        Where it is not.
    others : iterable of BuiltEdition
        Where it may be.
    """
    year = edition.imprint.edition
    holders = sorted(other.imprint.edition for other in others if other.row(exhibit_id))
    if holders:
        named = "、".join(f"{holder}" for holder in holders)
        return UsageError(
            f"{year} 年度版没有 {exhibit_id}", "", f"见 {named} 年度版，加 --edition {holders[-1]}"
        )
    near = difflib.get_close_matches(exhibit_id, [*edition.exhibits, *edition.facts], n=NEAR_IDS)
    remedy = (
        f"是否指 {'、'.join(near)}" if near else "在图目、表目、数值目或 exhibits.json、facts.json 中查找编号"
    )
    return UsageError(f"没有编号为 {exhibit_id} 的图、表或数值", "", remedy)


def _read_json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _read_records(path: Path, kind: type[Record]) -> list[Record]:
    """Read the text columns of a table; numbers of these tables are of no use in a citation."""
    cast: dict[str, Callable[[str], Any]] = {"str": str, "int": int}
    with path.open(encoding="utf-8", newline="") as stream:
        return [
            kind(
                **{
                    each.name: cast[str(each.type)](row[each.name])
                    for each in fields(kind)
                    if str(each.type) in cast and each.name in row
                }
            )
            for row in csv.DictReader(stream)
        ]
