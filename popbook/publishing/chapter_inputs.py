"""What a chapter and a generated page are made from, other than the rows of the ledger: code, parameters, packages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from popbook.ledger.reads import EVERYTHING
from popbook.publishing.fingerprint import file_sha256, hash_values, software_versions
from popbook.publishing.modules import ROOT, imported_names, module_closure, module_sha256, other_files
from popbook.publishing.weave import SECTION_MIME

RUNNER = ("run", "engine", "environment", "warm_kernel")
"""Modules that decide how a notebook runs."""

PAGES = "popbook.exhibits.pages"
BOOKLET_PAGES = "popbook.exhibits.booklet"
WATCHED_CODE = "popbook.exhibits."
"""What notebooks import: it sees the ledger through a report, which notes what is read."""


def shared_inputs(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return the inputs that all steps of one report share: parameters, packages, how notebooks run.

    Examples
    --------
    >>> shared_inputs({"edition": 2024})["参数"] == shared_inputs({"edition": 2023})["参数"]
    False
    """
    versions = {f"软件包 {name} ": version for name, version in software_versions().items()}
    runner = [Path(__file__).with_name(f"{name}.py") for name in RUNNER]
    return {"参数": hash_values(parameters), "程序附带文件": _other_files(), **versions, **_hashes(runner)}


def notebook_inputs(notebook: Path) -> dict[str, str]:
    """Return a notebook and the modules of the library that it runs, with their hashes.

    Parameters
    ----------
    notebook : Path
        Notebook as it stands in git.

    Returns
    -------
    dict
        All modules, if the notebook imports anything but what shows the chapters.
    """
    names = _imports(json.loads(notebook.read_text(encoding="utf-8")))
    if not _is_watched(names):
        names = {path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for path in _all_modules()}
    return {f"notebooks/{notebook.name}": file_sha256(notebook), **_hashes(module_closure(names))}


def page_inputs(is_booklet: bool = False) -> dict[str, dict[str, str]]:
    """Return the modules that each generated page runs: module that makes it to files and hashes.

    Parameters
    ----------
    is_booklet : bool
        Whether the pages are those of the booklet of a district.
    """
    package = BOOKLET_PAGES if is_booklet else PAGES
    folder = ROOT.joinpath(*package.split("."))
    names = [path.stem for path in sorted(folder.iterdir()) if path.suffix == ".py" or path.is_dir()]
    modules = [f"{package}.{name}" for name in names if name not in ("__init__", "__pycache__")]
    report = f"{WATCHED_CODE}report"
    return {module: _hashes(module_closure([module, report])) for module in modules}


def notebook_reads(executed: Path) -> set[str]:
    """Return what an executed notebook has read from the ledger, as its sections say; everything if one does not say."""
    notebook = json.loads(executed.read_text(encoding="utf-8"))
    sections = [
        output["data"][SECTION_MIME]
        for cell in notebook["cells"]
        for output in cell.get("outputs", ())
        if SECTION_MIME in output.get("data", {})
    ]
    reads = {name for section in sections for name in section.get("reads", (EVERYTHING,))}
    return reads if sections and _is_watched(_imports(notebook)) else reads | {EVERYTHING}


def forecast_reads(output: Path) -> set[str]:
    """Return what the shared forecasts of an edition have read from the ledger."""
    return set(json.loads(output.read_text(encoding="utf-8")))


def _is_watched(names: Iterable[str]) -> bool:
    return all(name.startswith(WATCHED_CODE) for name in names)


def _imports(notebook: Mapping[str, Any]) -> set[str]:
    code = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    try:
        return imported_names("\n".join(code))
    except SyntaxError:  # a magic of IPython; may import anything
        return {"IPython"}


def _hashes(paths: Iterable[Path]) -> dict[str, str]:
    return {path.relative_to(ROOT).as_posix(): module_sha256(path) for path in sorted(paths)}


@cache
def _all_modules() -> tuple[Path, ...]:
    return tuple(sorted(path for path in (ROOT / "popbook").rglob("*.py")))


@cache
def _other_files() -> str:
    return hash_values({path.relative_to(ROOT).as_posix(): file_sha256(path) for path in other_files()})
