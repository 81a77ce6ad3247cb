"""The manifest of an edition: a SHA-256 for every file, in the format of the ``sha256sum`` command."""

from __future__ import annotations

from pathlib import Path

from popbook.publishing.fingerprint import file_sha256, files_below

MANIFEST = "MANIFEST.sha256"


def write_manifest(folder: Path) -> Path:
    """Write ``MANIFEST.sha256`` over all other files of a folder.

    Parameters
    ----------
    folder : Path
        A finished edition.

    Returns
    -------
    Path
        The manifest; ``sha256sum --check MANIFEST.sha256`` proves it.
    """
    path = folder / MANIFEST
    lines = [
        f"{file_sha256(file)}  {file.relative_to(folder).as_posix()}\n"
        for file in files_below(folder)
        if file != path
    ]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
    return path


def find_differences(folder: Path) -> list[str]:
    """Return the files of an edition that are changed, missing or not in its manifest, each with the reason.

    Parameters
    ----------
    folder : Path
        A finished edition.

    Returns
    -------
    list of str
        Chinese sentences; empty if every byte is as written.
    """
    path = folder / MANIFEST
    listed = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    present = {file.relative_to(folder).as_posix(): file for file in files_below(folder) if file != path}
    found = [f"{name}：缺少" for name in listed if name not in present]
    found += [f"{name}：清单中没有" for name in present if name not in listed]
    found += [
        f"{name}：内容已改变"
        for name, file in present.items()
        if name in listed and file_sha256(file) != listed[name]
    ]
    return sorted(found)
