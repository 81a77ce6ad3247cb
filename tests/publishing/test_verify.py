from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from popbook.ledger.errors import PopbookError
from popbook.publishing.manifest import MANIFEST, manifest_text, write_manifest
from popbook.publishing.verify import verify
from popbook.publishing.web_root import read_register, write_front
from tests.publishing.test_site import make_edition
from tests.publishing.test_web_root import make_root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    make_root(tmp_path / "web", (2023, "r1"), (2024, "r1"), (2024, "r2"))
    return tmp_path / "web"


def test_an_untouched_web_root_is_proved_with_its_counts(root: Path) -> None:
    found = verify(root)
    assert found.differences == ()
    # Three revisions of two files and a manifest each; two lists and a way in of each edition, eight files of the front.
    assert (found.editions, found.revisions, found.files) == (2, 3, 9 + 6 + 8)


def test_every_kind_of_difference_in_a_revision_is_named(root: Path) -> None:
    (root / "2024" / "r1" / "index.html").write_text("改", encoding="utf-8")
    (root / "2023" / "r1" / "index.html").unlink()
    (root / "2024" / "r2" / "new.html").touch()
    assert verify(root).differences == (
        "2023/r1/index.html：缺少",
        "2024/r1/index.html：内容已改变",
        "2024/r2/new.html：清单中没有",
    )


@pytest.mark.parametrize(
    "name", ["index.html", "editions.js", "revisions.html", "2024/index.html", "2024/editions.js"]
)
def test_a_changed_front_is_named(root: Path, name: str) -> None:
    with (root / name).open("a", encoding="utf-8") as stream:
        stream.write(" ")
    assert verify(root).differences == (f"{name}：内容已改变",)


def test_a_strange_file_or_revision_is_named(root: Path) -> None:
    (root / "strange.txt").touch()
    shutil.copytree(root / "2024" / "r2", root / "2024" / "r3")
    assert verify(root).differences == (
        "2024/r3/MANIFEST.sha256：清单中没有",
        "2024/r3/build.json：清单中没有",
        "2024/r3/index.html：清单中没有",
        "strange.txt：清单中没有",
    )


def test_a_page_changed_with_its_manifest_is_still_found(root: Path) -> None:
    (root / "2024" / "r1" / "index.html").write_text("改", encoding="utf-8")
    write_manifest(root / "2024" / "r1")
    assert verify(root).differences == ("2024/r1/MANIFEST.sha256：内容已改变",)


def test_a_page_changed_with_both_manifests_is_still_found(root: Path) -> None:
    (root / "2024" / "r1" / "index.html").write_text("改", encoding="utf-8")
    write_manifest(root / "2024" / "r1")
    names = [line.split("  ")[1] for line in (root / MANIFEST).read_text(encoding="utf-8").splitlines()]
    (root / MANIFEST).write_text(manifest_text(root, names), encoding="utf-8")
    assert verify(root).differences == (
        "revisions.json：第 2 条（2024 r1）所记的清单与 MANIFEST.sha256 不同",
    )


def test_an_entry_rewritten_with_everything_but_its_followers_is_still_found(root: Path) -> None:
    (root / "2024" / "r1" / "index.html").write_text("改", encoding="utf-8")
    manifest = write_manifest(root / "2024" / "r1")
    from dataclasses import replace

    from popbook.publishing.fingerprint import file_sha256

    first, second, third = read_register(root)
    write_front(root, (first, replace(second, manifest=file_sha256(manifest)), third))
    assert verify(root).differences == ("revisions.json：第 3 条（2024 r2）与前一条不相接",)


def test_who_rewrites_everything_cannot_keep_the_fingerprint(root: Path) -> None:
    before = verify(root).fingerprint
    shutil.rmtree(root)
    make_root(root, (2023, "r1"))
    found = verify(root)
    assert found.differences == ()
    assert found.fingerprint != before


def test_a_lost_revision_is_named(root: Path) -> None:
    shutil.rmtree(root / "2023" / "r1")
    assert verify(root).differences == ("2023/r1/MANIFEST.sha256：缺少",)


def test_a_revision_under_the_address_of_another_is_found(root: Path) -> None:
    record = json.loads((root / "2024" / "r2" / "build.json").read_text(encoding="utf-8"))
    (root / "2024" / "r2" / "build.json").write_text(
        json.dumps({**record, "revision": "r1"}), encoding="utf-8"
    )
    assert "revisions.json：第 3 条（2024 r2）与 2024/r2/build.json 不同" in verify(root).differences


@pytest.mark.parametrize("name", [MANIFEST, "revisions.json"])
def test_a_damaged_manifest_or_register_is_named(root: Path, name: str) -> None:
    (root / name).write_bytes(b"\x00\xff")
    assert any(difference.startswith(name) for difference in verify(root).differences)


def test_a_lost_manifest_of_the_root_is_named(root: Path) -> None:
    (root / MANIFEST).unlink()
    assert "MANIFEST.sha256：缺少" in verify(root).differences


def test_one_edition_by_itself_is_proved_too(tmp_path: Path) -> None:
    edition = make_edition(tmp_path, 2024)
    assert verify(edition).differences == ()
    (edition / "index.html").unlink()
    assert verify(edition).differences == ("index.html：缺少",)


def test_any_other_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PopbookError, match="不是 popbook 发布的网站"):
        verify(tmp_path)
    with pytest.raises(PopbookError, match="没有这个文件夹"):
        verify(tmp_path / "none")
