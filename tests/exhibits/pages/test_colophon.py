from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version

from popbook.exhibits.citations import date_words
from popbook.exhibits.model import Table
from popbook.exhibits.pages import colophon
from popbook.exhibits.report import Report
from popbook.ledger.model import Revision
from popbook.ledger.store import read_ledger
from popbook.ledger.visibility import table_fingerprint
from popbook.publishing.fingerprint import RESULT_PACKAGES
from tests.ledger.plain import plain


def test_edition_cut_off_and_revision_are_said(report: Report) -> None:
    section = colophon.edition(report)
    about = report.ledger.editions[report.edition]
    assert section.heading == f"{report.edition}年度版，修订号{about.revision}"
    assert date_words(about.cut_off, "day") in section.lead


def test_an_edition_that_was_never_changed_shows_no_revisions(newest: Report) -> None:
    assert "colophon-revisions" not in [section.id for section in colophon.colophon(newest)]


def test_a_changed_edition_lists_every_revision_with_date_and_reason_at_the_end(newest: Report) -> None:
    declared = (
        Revision(2024, "r1", "2025-07-08", "首次发布"),
        Revision(2024, "r2", "2025-09-01", "更正出生率"),
    )
    about = replace(newest.about, revisions=declared)
    changed = replace(newest, ledger=replace(plain(newest.ledger), editions={2024: about}))
    section = colophon.colophon(changed)[-1]
    assert section.heading == "修订：r2，2025年9月1日发布"
    (table,) = (block for block in section.blocks if isinstance(block, Table))
    row = {"revision": "r2", "published": "2025年9月1日", "reason": "更正出生率"}
    assert table.frame.to_dict("records")[1] == row


def test_fingerprints_cover_what_the_edition_sees_and_no_more(oldest: Report) -> None:
    (table,) = (block for block in colophon.inputs(oldest).blocks if isinstance(block, Table))
    digests = table.frame.set_index("path")["fingerprint"].str.strip("`")
    everything = read_ledger().observations
    visible = everything[(everything["published"] <= "2021-06-30") & (everything["year"] <= 2020)]
    assert table_fingerprint(visible).startswith(digests["`observations.csv`"])
    assert not table_fingerprint(everything).startswith(digests["`observations.csv`"])


def test_every_package_that_can_change_a_result_is_named_with_its_version(newest: Report) -> None:
    (table,) = (block for block in colophon.software(newest).blocks if isinstance(block, Table))
    named = table.frame.set_index("name")["version"]
    assert set(RESULT_PACKAGES) <= set(named.index)
    assert named["pandas"] == version("pandas")
