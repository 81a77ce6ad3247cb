"""Files of an edition, kept before its fingerprint is known: made with a stand-in for it, and sealed when they are written.

The fingerprint of an edition changes with any of its rows, and stands in every reference: without a stand-in the files of
all exhibits would have to be made again when one of them has changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from popbook.exhibits.imprint import Imprint
from popbook.exhibits.kept import kept
from popbook.exhibits.references import SHOWN_DIGITS
from popbook.exhibits.workbook import with_strings
from popbook.ledger.kept import is_keeping

STAND_IN = hashlib.sha256(b"the fingerprint of an edition").hexdigest()
_SHOWN = STAND_IN[:SHOWN_DIGITS]


def sealed_files(
    key: Sequence[str],
    content: Mapping[str, object],
    imprint: Imprint,
    make: Callable[[Imprint], dict[str, bytes]],
) -> dict[str, bytes]:
    """Return files that say nothing of an edition's fingerprint but its digits, kept without it.

    Parameters
    ----------
    key
        Texts that say what the files are made from, besides the imprint.
    content
        What is put into the files: where the stand-in occurs in it, nothing is kept.
    imprint
        Edition and revision.
    make
        Makes the files with the imprint that it is given.
    """
    if not is_keeping() or len(imprint.fingerprint) != len(STAND_IN):
        return make(imprint)
    blank = replace(imprint, fingerprint=STAND_IN)

    def made() -> bytes:
        # Nothing but the fingerprint may look like the stand-in.
        clash = _SHOWN in repr((content, replace(imprint, fingerprint=""), key))
        return b"" if clash else _packed(make(blank))

    entry = kept("folder", repr(blank), *key, make=made)
    if not entry:
        return make(imprint)
    return {name: sealed(name, data, imprint.fingerprint) for name, data in _unpacked(entry).items()}


def sealed(name: str, data: bytes, fingerprint: str) -> bytes:
    """Return a file with a fingerprint in the place of the stand-in, whole or its first digits.

    Parameters
    ----------
    name
        Name of the file; of a workbook the texts in it are sealed.
    data
        File made with :data:`STAND_IN`.
    fingerprint
        64 hexadecimal digits.

    Examples
    --------
    >>> sealed("cite.txt", f"版本指纹:{STAND_IN[:12]}.".encode(), "ab" * 32).decode()
    '版本指纹:abababababab.'
    """

    def seal(text: bytes) -> bytes:
        whole = text.replace(STAND_IN.encode(), fingerprint.encode())
        return whole.replace(_SHOWN.encode(), fingerprint[:SHOWN_DIGITS].encode())

    return with_strings(data, seal) if name.endswith(".xlsx") else seal(data)


def _packed(files: Mapping[str, bytes]) -> bytes:
    head = json.dumps({name: len(data) for name, data in files.items()})
    return head.encode() + b"\n" + b"".join(files.values())


def _unpacked(entry: bytes) -> dict[str, bytes]:
    place = entry.index(b"\n") + 1
    files = {}
    for name, size in json.loads(entry[:place]).items():
        files[name] = entry[place : place + size]
        place += size
    return files
