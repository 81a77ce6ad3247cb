"""Which modules of the library a piece of code runs: the closure of its import statements, read and not executed."""

from __future__ import annotations

import ast
import platform
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from popbook.ledger.kept import entry_name, read_entry, write_entry
from popbook.publishing.fingerprint import file_sha256, files_below

PACKAGE = Path(__file__).resolve().parents[1]
ROOT = PACKAGE.parent
COMPILED = {".pyc", ".pyo"}
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
"""Where a statement holds others."""


def imported_names(code: str, module: str = "") -> set[str]:
    """Return the dotted names that code imports, anywhere in it, with ``from a import b`` as ``a.b``.

    Parameters
    ----------
    code : str
        Python source.
    module : str
        Package that relative imports start from.

    Examples
    --------
    >>> sorted(imported_names("import numpy\\nfrom popbook.exhibits.report import open_report, show"))
    ['numpy', 'popbook.exhibits.report.open_report', 'popbook.exhibits.report.show']
    """
    found: set[str] = set()
    for node in _statements(ast.parse(code)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = module.split(".")[: -node.level + 1 or None] if node.level else []
            start = ".".join([*parents, *([node.module] if node.module else [])])
            found.update(f"{start}.{alias.name}" for alias in node.names)
    return found


def _statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """Go through all statements; expressions hold none, and are most of a tree."""
    waiting: list[Any] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.stmt):
            yield node
        for name in BLOCKS:
            waiting += getattr(node, name, ())


def module_closure(names: Iterable[str]) -> set[Path]:
    """Return the files of the package that run when names are imported, and what those import in turn.

    Of the packages around a module the file counts, but not what it imports: only asking for the package itself does.

    Parameters
    ----------
    names : iterable of str
        Dotted names as of :func:`imported_names`; those outside the package are left out.

    Returns
    -------
    set of Path

    Examples
    --------
    >>> files = module_closure(["popbook.ledger.dates"])
    >>> sorted(path.relative_to(PACKAGE).as_posix() for path in files)[:2]
    ['__init__.py', 'ledger/__init__.py']
    """
    followed: set[Path] = set()
    around: set[Path] = set()
    waiting = list(names)
    while waiting:
        path = _module_file(waiting.pop())
        if path is None or path in followed:
            continue
        followed.add(path)
        around.update(_packages_around(path))
        waiting += _imports_of(path)
    return followed | around


def other_files() -> list[Path]:
    """Return the files of the package that are no modules: typefaces, styles, tables of constants."""
    return [path for path in files_below(PACKAGE) if path.suffix not in {".py", *COMPILED}]


@cache
def module_sha256(path: Path) -> str:
    """Return the SHA-256 of a module of this process: what was changed since it began is not what runs."""
    return file_sha256(path)


@cache
def _imports_of(path: Path) -> tuple[str, ...]:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts[:-1])
    code = path.read_text(encoding="utf-8")
    # Parsing the library takes a second of every build.
    entry = entry_name("imports", platform.python_version(), module_sha256(Path(__file__)), module, code)
    known = read_entry(entry)
    if known is not None:
        return tuple(known.decode().split())
    names = sorted(imported_names(code, module))
    write_entry(entry, " ".join(names).encode())
    return tuple(names)


@cache
def _module_file(name: str) -> Path | None:
    """Return the file of the longest module that a dotted name begins with."""
    parts = name.split(".")
    if parts[0] != PACKAGE.name:
        return None
    for length in range(len(parts), 0, -1):
        place = ROOT.joinpath(*parts[:length])
        for path in (place.with_suffix(".py"), place / "__init__.py"):
            if path.is_file():
                return path
    return None


def _packages_around(path: Path) -> Iterator[Path]:
    for folder in path.parents:
        yield folder / "__init__.py"
        if folder == PACKAGE:
            break
