"""Descriptions of the report and its exhibits for machines, in the words of schema.org (JSON-LD)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from popbook.exhibits.citable import Citation
from popbook.exhibits.imprint import Imprint

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "svg": "image/svg+xml",
    "png": "image/png",
    "json": "application/json",
}
_EXHIBIT_FILES = {
    "figure": ("data.csv", "data.xlsx", "chart.svg", "chart.png"),
    "table": ("data.csv", "data.xlsx"),
}


def dataset_json(
    citation: Citation, imprint: Imprint, description: str, bundle: Mapping[str, Any] | None = None
) -> str:
    """Return a figure, a table or a number as a schema.org ``Dataset``.

    Parameters
    ----------
    citation
        How it is cited.
    imprint
        Edition and revision.
    description
        What it says.
    bundle
        The exhibit's payload; None for a number.

    Returns
    -------
    str
        JSON that may stand inside a ``script`` element.
    """
    concept = dict(citation.concept)
    measured = (
        {"@type": "PropertyValue", "name": citation.name, "value": citation.value} if citation.value else None
    )
    years = bundle["years"] if bundle else []
    made: dict[str, Any] = {
        **_common(imprint),
        "name": citation.name,
        "description": description,
        "identifier": [citation.id, f"sha256:{imprint.fingerprint}"],
        "url": citation.work.address,
        "isPartOf": {"@type": "Dataset", "name": imprint.title, "url": imprint.page("index.html")},
        "spatialCoverage": (bundle or {}).get("region") or concept.get("地区", ""),
        "temporalCoverage": f"{min(years)}/{max(years)}" if years else "",
        "variableMeasured": measured
        or [
            {
                "@type": "PropertyValue",
                "name": item["name"],
                "description": item["definition"],
                "unitText": item["unit"],
            }
            for item in (bundle or {}).get("indicators", [])
        ],
        "measurementTechnique": concept.get("算法", ""),
        "citation": concept.get("来源", ""),
        "distribution": _downloads(_EXHIBIT_FILES[citation.kind], imprint.page(f"exhibits/{citation.id}/"))
        if bundle
        else [],
    }
    return _embedded(made)


def report_json(imprint: Imprint, description: str, files: Iterable[str]) -> str:
    """Return the edition as a schema.org ``Dataset`` with its machine-readable files.

    Parameters
    ----------
    imprint
        Edition and revision.
    description
        What the report is.
    files
        Names of files in the edition's folder.
    """
    return _embedded(
        {
            **_common(imprint),
            "name": imprint.title,
            "description": description,
            "identifier": f"sha256:{imprint.fingerprint}",
            "url": imprint.page("index.html"),
            "temporalCoverage": str(imprint.edition),
            "distribution": _downloads(files, imprint.page("")),
        }
    )


def _common(imprint: Imprint) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "creator": {"@type": "Organization", "name": imprint.producer},
        "inLanguage": "zh-CN",
        "isAccessibleForFree": True,
        "license": LICENCE,
        "version": imprint.version,
        "dateModified": imprint.cut_off,
    }


def _downloads(names: Iterable[str], folder: str) -> list[dict[str, str]]:
    return [
        {
            "@type": "DataDownload",
            "encodingFormat": _MEDIA_TYPES[name.rsplit(".", 1)[-1]],
            "contentUrl": folder + name,
        }
        for name in names
    ]


def _embedded(value: Mapping[str, Any]) -> str:
    kept = {key: part for key, part in value.items() if part not in ("", [], None)}
    return json.dumps(_without_empty(kept), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_empty(part) for key, part in value.items() if part != ""}
    return value
