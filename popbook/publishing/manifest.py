"""The manifest of an edition: a SHA-256 for every file, in the format of the ``sha256sum`` command."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

from popbook.publishing.fingerprint import file_sha256

MANIFEST = "MANIFEST.sha256"
LINE = re.compile(r"([0-9a-f]{64})  (.+)")

CHANGED = "内容已改变"
MISSING = "缺少"
EXTRA = "清单中没有"
LINK = "是符号链接，不是文件"

FileState = tuple[int, int, int, int]
"""Number, size and times of a file: while they stand, nobody has written to it."""

HashedFile = tuple[FileState, str]


def list_files(folder: Path) -> list[str]:
    """Return the names of everything below a folder that is not a folder, sorted; links are named, not followed."""
    found = []
    for place, folders, files in os.walk(folder):
        below = Path(place).relative_to(folder).as_posix()
        start = "" if below == "." else f"{below}/"
        links = [name for name in folders if Path(place, name).is_symlink()]
        found += [start + name for name in (*files, *links)]
    return sorted(found)


def manifest_text(
    folder: Path, names: Iterable[str], hashed: Mapping[str, HashedFile] = MappingProxyType({})
) -> str:
    """Return a manifest over named files of a folder, in the order of their names.

    Parameters
    ----------
    folder : Path
        Folder of the files.
    names : iterable of str
        Their names.
    hashed : mapping
        What was hashed before (:func:`hash_below`); a file that has been written to since then is hashed again.
    """

    def digest(name: str) -> str:
        state, known = hashed.get(name, (None, ""))
        return known if state and state == _file_state(folder / name) else file_sha256(folder / name)

    return "".join(f"{digest(name)}  {name}\n" for name in sorted(names))


def hash_below(folder: Path) -> dict[str, HashedFile]:
    """Hash what lies in a folder already, to write its manifest sooner.

    Parameters
    ----------
    folder : Path
        An edition, some files of which may still be missing or half written.

    Returns
    -------
    dict
        File name to its state and its SHA-256 at that.
    """
    found = {}
    for name in list_files(folder):
        with suppress(FileNotFoundError):  # somebody's temporary file
            # The state comes first: a file that is written to while it is hashed is in another one afterwards.
            found[name] = _file_state(folder / name), file_sha256(folder / name)
    return found


def _file_state(path: Path) -> FileState:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def write_manifest(folder: Path, hashed: Mapping[str, HashedFile] = MappingProxyType({})) -> Path:
    """Write ``MANIFEST.sha256`` over all other files of a folder.

    Parameters
    ----------
    folder : Path
        A finished edition.
    hashed : mapping
        As of :func:`manifest_text`.

    Returns
    -------
    Path
        The manifest; ``sha256sum --check MANIFEST.sha256`` proves it.
    """
    path = folder / MANIFEST
    text = manifest_text(folder, (name for name in list_files(folder) if name != MANIFEST), hashed)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def read_manifest(folder: Path) -> tuple[dict[str, str], list[str]]:
    """Read the manifest of a folder.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    dict
        File name to SHA-256.
    list of str
        What is wrong with the manifest itself, Chinese.
    """
    path = folder / MANIFEST
    if path.is_symlink() or not path.is_file():
        return {}, [f"{MANIFEST}：{LINK if path.is_symlink() else MISSING}"]
    listed, found = {}, []
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        match = LINE.fullmatch(line)
        if match is None or match[2] in listed:
            found.append(f"{MANIFEST}：第 {number} 行不是清单的写法")
        else:
            listed[match[2]] = match[1]
    return listed, found


def find_differences(folder: Path) -> list[str]:
    """Return the files of an edition that are changed, missing or not in its manifest, each with the reason.

    Parameters
    ----------
    folder : Path
        A finished edition.

    Returns
    -------
    list of str
        Chinese sentences, sorted; empty if every byte is as written.
    """
    listed, found = read_manifest(folder)
    present = [name for name in list_files(folder) if name != MANIFEST]
    return sorted([*found, *compare_files(folder, listed, present)])


def file_marks(folder: Path) -> str:
    """Return one hash over name, size and time of every file: while it stands, no file was written to.

    Only a reason to look closer: where it differs, the contents decide (:func:`find_differences`).
    """
    digest = hashlib.sha256()
    for name in list_files(folder):
        status = (folder / name).lstat()
        digest.update(f"{name}\0{status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def compare_files(folder: Path, listed: dict[str, str], present: Iterable[str]) -> list[str]:
    """Compare files of a folder with what a manifest lists.

    Parameters
    ----------
    folder : Path
    listed : dict
        File name to SHA-256.
    present : iterable of str
        Names of the files that are there.

    Returns
    -------
    list of str
        ``name：what is wrong``.
    """
    there = set(present)
    found = [f"{name}：{MISSING}" for name in listed if name not in there]
    for name in sorted(there):
        path = folder / name
        if path.is_symlink():
            found.append(f"{name}：{LINK}")
        elif name not in listed:
            found.append(f"{name}：{EXTRA}")
        elif not path.is_file() or file_sha256(path) != listed[name]:
            found.append(f"{name}：{CHANGED}")
    return found
