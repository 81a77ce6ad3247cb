"""What an edition offers besides its pages: exhibit folders, indexes, results, data and the build record."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from popbook.publishing.built_edition import BUILD_RECORD, BuiltEdition
from popbook.publishing.edition_run import EditionRun
from popbook.publishing.fingerprint import file_sha256, hash_values, software_versions
from popbook.publishing.sphinx_ext.builder import page_address

INDEX_KEYS = (
    "id",
    "kind",
    "number",
    "title",
    "subtitle",
    "label",
    "value",
    "text",
    "unit",
    "decimals",
    "basis",
    "region_id",
    "year",
    "years",
    "status",
    "source_ids",
    "indicator_id",
    "indicator_ids",
    "derivation",
    "alt",
    "notes",
    "marks",
)
"""Keys of a payload that go into the public index; drawings and cells have files of their own."""

PRIVATE_COLUMNS = {"sources": ("read_via",), "observations": ("note",)}
"""Columns that are for whoever keeps the ledger, not for readers: where a figure was read, and how."""

PUBLISHED_TABLES = ("observations", "indicators", "regions", "sources", "breaks", "corrections")


def write_json(path: Path, value: Any) -> None:
    """Write JSON with sorted keys, one way everywhere, so that equal values are equal bytes."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def write_rows(path: Path, columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a CSV as the data folder has them: UTF-8 without BOM, line feeds, empty for missing."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(columns), extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def index_row(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the public index row of an exhibit or fact, with its page and a hash over its content.

    Parameters
    ----------
    payload : mapping
        Payload with ``docname`` of its home page.

    Returns
    -------
    dict
        Row of exhibits.json or facts.json.
    """
    row = {key: payload[key] for key in INDEX_KEYS if key in payload}
    row["address"] = f"exhibits/{payload['id']}/index.html"
    row["page"] = f"{page_address(payload['docname'])}.html"
    content = {key: value for key, value in payload.items() if key not in ("docname", "number")}
    row["hash"] = hash_values(content)
    return row


def write_indexes(run: EditionRun, output: Path) -> None:
    """Write exhibits.json and facts.json."""
    for name, payloads in (("exhibits.json", run.exhibits), ("facts.json", run.facts)):
        rows = {key: index_row(payload) for key, payload in sorted(payloads.items())}
        write_json(
            output / name,
            {"edition": run.edition, "revision": run.revision, "cut_off": run.cut_off, "items": rows},
        )


def write_results(run: EditionRun, output: Path) -> list[str]:
    """Write the results behind the chapters (forecasts.csv, targets.csv …) and return their file names."""
    names = []
    for name, rows in sorted(run.results.items()):
        columns = list(dict.fromkeys(key for row in rows for key in row))
        write_rows(output / f"{name}.csv", columns, rows)
        names.append(f"{name}.csv")
    return names


def write_data(run: EditionRun, output: Path, results: Iterable[str]) -> None:
    """Write the data an edition was built from, as it was known then, with its Frictionless descriptor.

    Parameters
    ----------
    run : EditionRun
        The edition.
    output : Path
        Folder of the edition; data go to ``data/`` below it.
    results : iterable of str
        Result files to list in the descriptor.
    """
    from popbook.ledger.store import read_ledger
    from popbook.ledger.visibility import visible_rows

    ledger = read_ledger().for_edition(run.edition)
    descriptor = json.loads((ledger.data_dir / "datapackage.json").read_text(encoding="utf-8"))
    described = {resource["name"]: resource for resource in descriptor["resources"]}
    folder = output / "data"
    folder.mkdir(exist_ok=True)
    resources = []
    for name in PUBLISHED_TABLES:
        frame = visible_rows(ledger, name).drop(columns=list(PRIVATE_COLUMNS.get(name, ())), errors="ignore")
        frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
        fields = [field for field in described[name]["schema"]["fields"] if field["name"] in frame.columns]
        schema = {**described[name]["schema"], "fields": fields}
        # Keys into tables that are not part of the edition's data would point nowhere.
        schema.pop("foreignKeys", None)
        resources.append({**described[name], "path": f"data/{name}.csv", "schema": schema})
    for name in results:
        resources.append(
            {
                "name": Path(name).stem,
                "path": name,
                "profile": "data-resource",
                "format": "csv",
                "mediatype": "text/csv",
            }
        )
    keep = {key: descriptor[key] for key in ("licenses", "contributors", "keywords") if key in descriptor}
    write_json(
        output / "datapackage.json",
        {
            **keep,
            "name": f"population-plan-monitor-{run.region}-{run.edition}",
            "title": run.title,
            "version": f"{run.edition}-{run.revision}",
            "resources": resources,
        },
    )


def write_exhibits(run: EditionRun, output: Path) -> None:
    """Write the folder of every exhibit and number: drawings, data, metadata, references, its page.

    Parameters
    ----------
    run : EditionRun
        The edition.
    output : Path
        Its folder, which already holds the build record, the indexes and the data.
    """
    from popbook.exhibits.files import write_exhibit_files, write_folder
    from popbook.exhibits.landing import fact_page

    edition = BuiltEdition(output)
    numbers = {exhibit_id: payload["number"] for exhibit_id, payload in run.exhibits.items()}
    for exhibit_id, payload in sorted(run.exhibits.items()):
        write_exhibit_files(
            payload,
            edition.exhibits[exhibit_id],
            edition.register,
            output / "exhibits" / exhibit_id,
            imprint=edition.imprint,
            page=edition.exhibits[exhibit_id]["page"],
            numbers=numbers,
        )
    for fact_id, row in edition.facts.items():
        page = fact_page(edition.cite(fact_id), edition.imprint, page=row["page"])
        write_folder(output / "exhibits" / fact_id, {"index.html": page.encode()})


def write_build_record(
    run: EditionRun, output: Path, inputs: Mapping[str, str], record: Path, base: str = ""
) -> None:
    """Write build.json: what the edition is, what it was made from and with.

    Parameters
    ----------
    run : EditionRun
        The edition.
    output : Path
        Its folder.
    inputs : mapping
        Name of an input to its SHA-256.
    record : Path
        The edition's run record; its hash is the edition hash.
    base : str
        Address under which editions are published, or "".
    """
    write_json(
        output / BUILD_RECORD,
        {
            "edition": run.edition,
            "region": run.region,
            "title": run.title,
            "producer": run.words["producer"],
            "disclaimer": run.words["disclaimer"],
            "revision": run.revision,
            "revisions": run.revisions,
            "cut_off": run.cut_off,
            "edition_hash": file_sha256(record),
            "base": base,
            "inputs": dict(inputs),
            "software": software_versions(),
        },
    )
