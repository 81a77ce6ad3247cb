"""Counts of things a page lists (indicators, sources, corrections) as facts: they change from edition to edition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from popbook.exhibits.model import Fact

if TYPE_CHECKING:
    from popbook.exhibits.report import Report


def count(report: Report, what: str, label: str, number: int, unit: str) -> Fact:
    """Register how many things of a kind the edition has.

    Parameters
    ----------
    report
        The edition.
    what
        Stem of the id, ``fact-<what>-count-<edition>``.
    label
        What is counted, in Chinese.
    number
        How many.
    unit
        Chinese measure word.

    Returns
    -------
    Fact

    Examples
    --------
    >>> from popbook.exhibits.report import open_report
    >>> count(open_report(2024), "source", "本版采用的资料", 90, "种").text()
    '90种'
    """
    return report.fact(f"fact-{what}-count-{report.edition}", label, number, unit, 0, year=report.edition)
