"""What protects a reader and whoever builds: the policy of every page, the bill of materials, locked requirements."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from popbook.publishing.content_policy import MARK, find_inline_code, with_policy
from tests.book.conftest import SITE, editions, pages
from tests.publishing.projects import ROOT

pytestmark = pytest.mark.book

BILL = ROOT / "_build" / "sbom.cdx.json"
NAME = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)( ;.*)?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def _site_pages() -> list[Path]:
    return [*SITE.glob("*.html"), *pages(max(editions()))]


def test_every_page_has_the_policy_that_its_own_code_needs_and_no_wider_one() -> None:
    for path in _site_pages():
        page = path.read_text(encoding="utf-8")
        assert page.count(MARK) == 1, path
        assert with_policy(page) == page, path


def test_no_page_has_code_or_style_in_an_attribute() -> None:
    assert [path for path in _site_pages() if find_inline_code(path.read_text(encoding="utf-8"))] == []


def _requirements() -> dict[str, str]:
    """Name and version of every requirement; each must carry hashes."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        if line and not line.startswith((" ", "#")):
            requirement, *hashes = line.split(" --hash=")[0], *HASH.findall(line)
            match = NAME.fullmatch(requirement.strip())
            assert match, line
            assert hashes, line
            found[match[1]] = match[2]
    return found


def test_every_requirement_is_locked_by_version_and_hash() -> None:
    assert {"pandas", "distributed", "papermill"} <= set(_requirements())


def test_the_bill_of_materials_lists_every_requirement_with_its_hashes() -> None:
    bill = json.loads(BILL.read_text(encoding="utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    listed = {item["name"]: item["version"] for item in bill["components"]}
    assert listed == _requirements()
    assert all("sha256" in json.dumps(item).lower().replace("-", "") for item in bill["components"])
