from __future__ import annotations

from popbook.exhibits.pages import citing
from popbook.exhibits.report import Report


def test_the_example_is_the_latest_resident_population(report: Report) -> None:
    latest = report.ledger.latest("resident_population")
    assert latest is not None
    (example,) = citing.citing(report)[-1].blocks
    assert f"{latest.value:.1f}万人" in str(example)
    assert f"{latest.year}年末" in str(example)
