"""The encoding of a text file that comes out of a spreadsheet: UTF-8, or what Chinese Windows writes by default."""

from __future__ import annotations

import codecs
from pathlib import Path

UTF_8 = "utf-8-sig"
GB18030 = "gb18030"
BLOCK = 1 << 20
"""Bytes decoded at once, so that a file of any size is looked at in little memory."""


def text_encoding(path: Path) -> str | None:
    """Name the encoding of a text file.

    UTF-8 (with or without a byte order mark) if the whole file is valid UTF-8, else GB18030 (which holds GBK and
    GB 2312) if it is valid there. Text of another kind that happens to be valid GB18030 cannot be told apart: whoever
    reads a file as GB18030 says so.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str or None
        ``"utf-8-sig"``, ``"gb18030"``, or None if it is neither or holds a zero byte (UTF-16, a workbook).

    Raises
    ------
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "towns.csv")
    ...     _ = path.write_bytes("杭州".encode("gbk"))
    ...     text_encoding(path)
    'gb18030'
    """
    possible = {name: codecs.getincrementaldecoder(name)() for name in (UTF_8, GB18030)}
    with path.open("rb") as file:
        ended = False
        while not ended and possible:
            block = file.read(BLOCK)
            ended = not block
            if b"\x00" in block:
                return None
            for name, decoder in list(possible.items()):
                try:
                    decoder.decode(block, final=ended)
                except UnicodeDecodeError:
                    del possible[name]
    return next(iter(possible), None)
