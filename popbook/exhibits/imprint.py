"""Which edition and revision a page belongs to, and what stands about it at the foot of every page."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from popbook.exhibits.references import SHOWN_DIGITS


@dataclass(frozen=True)
class Imprint:
    """Which edition and revision something is cited from.

    Parameters
    ----------
    edition
        Data year.
    revision
        ``r1``, ``r2`` …
    title
        Title of the edition.
    cut_off
        ISO date up to which publications were seen.
    fingerprint
        SHA-256 of the edition's record.
    base
        Address under which editions are published, or "" where none is configured.
    change
        What was changed in this revision and when, or "" for the first.
    producer
        Who answers for the report in a reference.
    disclaimer
        What the report is not, and which text of the plan it is read against.

    Examples
    --------
    >>> imprint = Imprint(2024, "r1", "监测报告（2024年度）", "2025-06-30", "ab" * 32, "https://example.org/rk")
    >>> imprint.version, imprint.address("fact-a")
    ('2024-r1', 'https://example.org/rk/2024/r1/exhibits/fact-a/index.html')
    """

    edition: int
    revision: str
    title: str
    cut_off: str
    fingerprint: str
    base: str = ""
    change: str = ""
    producer: str = ""
    disclaimer: str = ""

    @property
    def version(self) -> str:
        """Edition and revision in one word."""
        return f"{self.edition}-{self.revision}"

    @property
    def words(self) -> str:
        """Edition and revision in Chinese."""
        return f"{self.edition}年度版，修订号{self.revision}，版本指纹{self.fingerprint[:SHOWN_DIGITS]}"

    def page(self, path: str) -> str:
        """Return the permanent address of a page of the revision, or ""."""
        return f"{self.base.rstrip('/')}/{self.edition}/{self.revision}/{path}" if self.base else ""

    def address(self, exhibit_id: str) -> str:
        """Return the permanent address of an exhibit's page, or ""."""
        return self.page(f"exhibits/{exhibit_id}/index.html")


def change_words(revisions: Sequence[Mapping[str, str]]) -> str:
    """Return when and why the newest revision was made; "" for an edition that was never changed.

    Parameters
    ----------
    revisions
        Declared revisions (revision, published, reason) in their order.

    Examples
    --------
    >>> change_words([{"revision": "r2", "published": "2025-09-01", "reason": "更正一处"}])
    'r2修订（2025-09-01）：更正一处'
    """
    if not revisions:
        return ""
    latest = revisions[-1]
    return f"{latest['revision']}修订（{latest['published']}）：{latest['reason']}"


def footer_html(imprint: Imprint) -> str:
    """Return what stands at the foot of every page of an edition, on the screen and in print.

    Parameters
    ----------
    imprint
        Edition and revision; the page shows the first digits of its fingerprint, build.json all of them.

    Returns
    -------
    str
        HTML.
    """
    # A reader must not have to look for why the edition was changed after it had been published.
    change = f'<p class="pb-edition-line">{html.escape(imprint.change)}</p>' if imprint.change else ""
    return (
        f'<p class="pb-disclaimer">{html.escape(imprint.disclaimer)}</p>'
        f'<p class="pb-edition-line">{html.escape(imprint.title)} · 修订号 {html.escape(imprint.revision)} · '
        f"数据截止 {html.escape(imprint.cut_off)} · 版本指纹 {imprint.fingerprint[:SHOWN_DIGITS]}</p>{change}"
    )
