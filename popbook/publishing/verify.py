"""Proving that nothing in what was published has changed: every byte of every revision, and the manifests themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from popbook.ledger.errors import PopbookError
from popbook.publishing.fingerprint import file_sha256
from popbook.publishing.manifest import (
    MANIFEST,
    MISSING,
    compare_files,
    find_differences,
    list_files,
    read_manifest,
)
from popbook.publishing.places import DISTRICTS
from popbook.publishing.site import BUILD_RECORD, read_build_record
from popbook.publishing.web_root import REGISTER, Published, read_register

REVISION_FOLDER = re.compile(rf"((?:{DISTRICTS}/[0-9]+/)?[0-9]{{4}}/r[0-9]+/).*")
MOST_READINGS = 3
"""A web root that is published to while it is read is read again."""


@dataclass(frozen=True)
class Verification:
    """What was proved.

    Parameters
    ----------
    differences : tuple of str
        ``file：what is wrong``, sorted; empty if every byte is as published.
    editions, booklets, revisions, files : int
        How many there are; a booklet of two editions is two.
    fingerprint : str
        SHA-256 of the manifest, for keeping elsewhere: who rewrites files and manifests alike cannot keep it.
    """

    differences: tuple[str, ...]
    editions: int
    booklets: int
    revisions: int
    files: int
    fingerprint: str


def verify(folder: Path) -> Verification:
    """Prove every byte of a published web root, or of one edition by itself.

    Parameters
    ----------
    folder : Path
        What ``popbook publish`` wrote, or one revision of it, or one edition of ``_build/site/``.

    Returns
    -------
    Verification

    Raises
    ------
    PopbookError
        If the folder is neither.
    """
    if not folder.is_dir():
        raise PopbookError("没有这个文件夹", str(folder), "写 popbook publish 发布到的文件夹")
    if (folder / REGISTER).is_file():
        return _verify_settled(folder)
    if (folder / BUILD_RECORD).is_file():
        return Verification(
            tuple(find_differences(folder)), 1, 0, 1, len(list_files(folder)), _fingerprint(folder)
        )
    raise PopbookError(
        "不是 popbook 发布的网站", str(folder), f"网站应有 {REGISTER}，单个年度版应有 {BUILD_RECORD}"
    )


def _verify_settled(root: Path) -> Verification:
    for _ in range(MOST_READINGS):
        before = _fingerprint(root)
        found = verify_web_root(root)
        if not found.differences or _fingerprint(root) == before:
            break
    return found


def verify_web_root(root: Path) -> Verification:
    """Prove every byte of a web root.

    The manifest of the root proves the front and the manifest of every revision, these prove their files; the chain of
    the register proves that no entry was exchanged for another.

    Parameters
    ----------
    root : Path
        Folder with a register.

    Returns
    -------
    Verification
    """
    listed, found = read_manifest(root)
    try:
        register: Sequence[Published] = read_register(root)
    except PopbookError as error:
        register, found = (), [*found, f"{REGISTER}：{error.what}"]
    revisions = {item.address for item in register}
    revisions |= {match[1] for name in listed if (match := REVISION_FOLDER.fullmatch(name))}
    present = [name for name in list_files(root) if name != MANIFEST]
    outside = [name for name in present if not _belongs(name, revisions)]
    manifests = {f"{address}{MANIFEST}" for address in revisions}
    found += compare_files(root, listed, (*outside, *manifests.intersection(present)))
    found += [f"{name}：{MISSING}" for name in manifests - set(present) - listed.keys()]
    for address in sorted(revisions):
        if f"{address}{MANIFEST}" in present:
            found += [f"{address}{difference}" for difference in find_differences(root / address)]
    found += _register_differences(root, register, listed)
    # Each lies in the folder around its revisions.
    homes = {address[: address.rindex("/r")] for address in revisions}
    editions = {home for home in homes if not home.startswith(f"{DISTRICTS}/")}
    return Verification(
        differences=tuple(sorted(set(found))),
        editions=len(editions),
        booklets=len(homes - editions),
        revisions=len(revisions),
        files=len(present) + 1,
        fingerprint=_fingerprint(root),
    )


def _belongs(name: str, revisions: set[str]) -> bool:
    match = REVISION_FOLDER.fullmatch(name)
    return match is not None and match[1] in revisions


def _register_differences(root: Path, register: Sequence[Published], listed: dict[str, str]) -> list[str]:
    found = []
    registered = {f"{item.address}{MANIFEST}" for item in register}
    found += [
        f"{name}：没有登记" for name in listed if name.endswith(f"/{MANIFEST}") and name not in registered
    ]
    for number, item in enumerate(register):
        words = f"{REGISTER}：第 {number + 1} 条（{item.name}）"
        if item.previous != (register[number - 1].chained() if number else ""):
            found.append(f"{words}与前一条不相接")
        if listed.get(f"{item.address}{MANIFEST}") != item.manifest:
            found.append(f"{words}所记的清单与 {MANIFEST} 不同")
        try:
            record = read_build_record(root / item.address)
            said = tuple(record[name] for name in ("edition", "revision", "edition_hash"))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # missing or damaged: named by the manifest
        if said != (item.edition, item.revision, item.edition_hash):
            found.append(f"{words}与 {item.address}{BUILD_RECORD} 不同")
    return found


def _fingerprint(folder: Path) -> str:
    path = folder / MANIFEST
    return file_sha256(path) if path.is_file() else ""
