"""Generated pages, each kept with what it was made from: a row that one page reads does not make the others again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from popbook.ledger.atomic import write_text
from popbook.publishing.fingerprint import hash_values
from popbook.publishing.run import page_folder
from popbook.publishing.step import changes

if TYPE_CHECKING:
    from popbook.exhibits.model import Section
    from popbook.exhibits.report import Report


@dataclass(frozen=True)
class KeptPages:
    """The generated pages of one report, one file each.

    Parameters
    ----------
    folder : Path
        Where the files lie.
    edition : int
        Data year.
    region : str
        GB/T 2260 code of the place.
    inputs : mapping
        Module that makes a page to what the page is made from, without the ledger.
    state : mapping
        Fingerprints of all that can be read from the ledger.
    opened : callable
        Opens the report on a page: `popbook.exhibits.report.open_report` or `open_booklet`.
    """

    folder: Path
    edition: int
    region: str
    inputs: Mapping[str, Mapping[str, str]]
    state: Mapping[str, str]
    opened: Callable[[int, str, str], Report]

    def sections(self, name: str, sections_of: Callable[[Report], tuple[Section, ...]]) -> list[dict[str, Any]]:
        """Return the sections of a page, as kept if nothing that it is made from has changed.

        Parameters
        ----------
        name : str
            Page name.
        sections_of : callable
            Makes its sections.
        """
        inputs = self.inputs.get(sections_of.__module__, {})
        kept = _read(self.folder / f"{name}.json")
        if inputs and kept and not changes(kept["inputs"], inputs, kept["reads"], self.state):
            found: list[dict[str, Any]] = kept["sections"]
            return found
        sections, reads = self._make(name, sections_of)
        made = {
            "inputs": dict(inputs),
            "reads": {key: self.state.get(key, "") for key in reads},
            "sections": sections,
        }
        made["hash"] = hash_values(made)
        write_text(self.folder / f"{name}.json", json.dumps(made, ensure_ascii=False))
        return sections

    def _make(
        self, name: str, sections_of: Callable[[Report], tuple[Section, ...]]
    ) -> tuple[list[dict[str, Any]], list[str]]:
        from popbook.exhibits.report import section_payload
        from popbook.ledger.reads import collect_reads

        with collect_reads() as reads:
            report = self.opened(self.edition, self.region, name)
            sections = [section_payload(section, report) for section in sections_of(report)]
        return sections, sorted(reads)


def page_reads(output: Path) -> set[str]:
    """Return what the pages gathered in a file have read from the ledger."""
    kept = [_read(path) for path in sorted(page_folder(output).glob("*.json"))]
    return {name for page in kept if page for name in page["reads"]}


def _read(path: Path) -> dict[str, Any]:
    """Return what is kept in a file, or nothing if it is missing or damaged."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        stated = kept.pop("hash")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return kept if stated == hash_values(kept) else {}
