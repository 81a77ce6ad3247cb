from __future__ import annotations

from pathlib import Path

import pytest

from popbook.ledger.kept import KEPT_VARIABLE
from popbook.publishing import modules
from popbook.publishing.modules import PACKAGE, imported_names, module_closure, other_files


def closure(*names: str) -> set[str]:
    """Return the closure by names relative to the package."""
    return {path.relative_to(PACKAGE).as_posix() for path in module_closure(names)}


def test_imports_inside_functions_and_for_types_count() -> None:
    code = "if x:\n    import a.b\ndef f():\n    from c import d as e\n"
    assert imported_names(code) == {"a.b", "c.d"}


def test_relative_imports_start_from_the_package() -> None:
    assert imported_names("from . import a\nfrom ..b import c", "p.q") == {"p.q.a", "p.b.c"}


def test_a_later_process_reads_what_an_earlier_one_has_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEPT_VARIABLE, str(tmp_path))
    path = PACKAGE / "ledger" / "store.py"
    modules._imports_of.cache_clear()
    first = modules._imports_of(path)
    modules._imports_of.cache_clear()
    monkeypatch.setattr(modules, "imported_names", lambda *_: pytest.fail("parsed again"))
    assert modules._imports_of(path) == first
    assert "popbook.ledger.series.Series" in first


def test_the_closure_holds_what_is_imported_by_what_is_imported() -> None:
    files = closure("popbook.exhibits.report.open_report")
    assert {"exhibits/report.py", "ledger/store.py", "ledger/datapackage.py", "ledger/__init__.py"} <= files
    assert "forecasting/concepts.py" not in files


def test_a_package_that_is_asked_for_brings_what_it_imports() -> None:
    assert "exhibits/chapters/trends/members.py" in closure("popbook.exhibits.chapters.trends")


def test_a_module_of_a_package_does_not_bring_its_neighbours() -> None:
    files = closure("popbook.exhibits.pages.citing")
    assert "exhibits/pages/__init__.py" in files
    assert "exhibits/pages/overview.py" not in files


def test_other_packages_are_left_out() -> None:
    assert closure("numpy", "os.path", "popbook_other") == set()


def test_typefaces_and_constants_are_found_and_modules_are_not() -> None:
    suffixes = {path.suffix for path in other_files()}
    assert ".css" in suffixes
    assert not suffixes & {".py", ".pyc"}
    assert all(isinstance(path, Path) for path in other_files())
