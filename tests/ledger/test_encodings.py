from __future__ import annotations

import pytest

from popbook.ledger import encodings
from popbook.ledger.encodings import text_encoding

CITY = "杭州市,余杭区\n"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "utf-8-sig"),
        (b"a,b\n", "utf-8-sig"),
        (CITY.encode(), "utf-8-sig"),
        (CITY.encode("utf-8-sig"), "utf-8-sig"),
        (CITY.encode("gbk"), "gb18030"),
        ("𠮷".encode("gb18030"), "gb18030"),
        (CITY.encode("utf-16"), None),
        (b"PK\x03\x04\x00\x00", None),
        (CITY.encode("gbk") + b"\xff", None),
        (CITY.encode()[:-2], None),  # a character cut off at the end is neither
    ],
)
def test_the_encoding_is_named(tmp_path, content, found):
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    assert text_encoding(path) == found


def test_a_character_across_two_blocks_is_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(encodings, "BLOCK", 4)
    path = tmp_path / "file.csv"
    path.write_bytes(CITY.encode())
    assert text_encoding(path) == "utf-8-sig"
