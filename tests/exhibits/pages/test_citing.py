from __future__ import annotations

import doctest

from popbook.exhibits.pages import citing
from popbook.exhibits.report import Report


def test_examples_in_the_docstrings_hold() -> None:
    results = doctest.testmod(citing)
    assert results.attempted >= 1
    assert results.failed == 0


def test_the_reference_names_edition_revision_and_cut_off(report: Report) -> None:
    about = report.ledger.editions[report.edition]
    reference = citing.report_reference(about)
    assert f"{about.title}[R/OL]." in reference
    assert about.revision in reference
    assert about.cut_off in reference
    assert any(reference in str(block) for section in citing.citing(report) for block in section.blocks)


def test_the_example_is_the_latest_resident_population(report: Report) -> None:
    latest = report.ledger.latest("resident_population")
    assert latest is not None
    (example,) = citing.citing(report)[-1].blocks
    assert f"{latest.value:.1f}万人" in str(example)
    assert f"{latest.year}年末" in str(example)
