"""Numbers as they are printed and typed: full-width digits, thousands separators, units, signs, blanks.

A unit that is written beside the number is read and converted where that is exact (人 to 万人); a number without a unit
is in the unit of its indicator. Per cent and per mille are never converted into each other.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

BLANKS = frozenset(
    {
        "",
        "-",
        "--",
        "—",
        "——",
        "–",
        "―",
        "…",
        "……",
        "...",
        "......",
        "..",
        "/",
        "\\",
        "·",
        "未公布",
        "暂无",
        "无",
        "空",
        "待公布",
        "N/A",
        "NA",
        "n/a",
        "na",
        "#N/A",
        "null",
    }
)
"""What people write into a cell that has no figure (after full-width forms are made half-width)."""

MOST_DIGITS = 18
"""Longer numbers are no statistics of a city, and arithmetic on them would take time."""

SCALES: dict[str, tuple[str, Decimal]] = {
    **{
        word: ("人", Decimal(size))
        for word, size in (("人", 1), ("千人", 1000), ("万人", 10**4), ("百万人", 10**6), ("亿人", 10**8))
    },
    **{word: ("户", Decimal(size)) for word, size in (("户", 1), ("万户", 10**4))},
    **{
        word: ("元", Decimal(size))
        for word, size in (("元", 1), ("万元", 10**4), ("亿元", 10**8), ("万亿元", 10**12))
    },
    **{word: ("人年", Decimal(size)) for word, size in (("人年", 1), ("万人年", 10**4))},
    "%": ("%", Decimal(1)),
    "‰": ("‰", Decimal(1)),
    "岁": ("岁", Decimal(1)),
    "年": ("年", Decimal(1)),
    "元/人": ("元", Decimal(1)),
    "万元/人": ("元", Decimal(10**4)),
}
"""Unit → (what it counts, how many of it)."""

_SPACES = re.compile(r"[\s\u00a0\u2000-\u200b\u2060\u3000\ufeff]+")
_NUMBER = re.compile(r"([+-]?)(\d+|\d{1,3}(?:,\d{3})+)(\.\d+)?([eE][+-]?\d{1,2})?([^\d.,+\-eE~—至到].*)?")
_ROUGH = re.compile(r"左右|上下|多$")
_MARKS = re.compile(r"[①-⑳*†\[(]")
_SIGNS = str.maketrans(
    {"−": "-", "‐": "-", "‑": "-", "﹣": "-", "，": ",", "．": ".", "％": "%", "＋": "+", "﹪": "%"}
)


class UnreadableNumberError(ValueError):
    """A cell that is neither a number nor blank; the two arguments say what it is and what to do, in Chinese."""

    @property
    def what(self) -> str:
        """What is wrong."""
        return str(self.args[0])

    @property
    def remedy(self) -> str:
        """What to do."""
        return str(self.args[1])


@dataclass(frozen=True)
class PrintedNumber:
    """A number as it was printed.

    Parameters
    ----------
    value : Decimal
        With the digits that were printed, trailing zeros included.
    unit : str
        The unit written beside it; "" if none was.
    """

    value: Decimal
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.value:f}{self.unit}"


def half_width(text: str) -> str:
    """Return text with full-width letters, digits and signs made half-width, and no space at its ends.

    Examples
    --------
    >>> half_width("　１２７０．０ ")
    '1270.0'
    """
    narrow = (
        unicodedata.normalize("NFKC", c) if "\uff01" <= c <= "\uff5e" else c for c in text.translate(_SIGNS)
    )
    return "".join(narrow).strip(" \t\r\n\u00a0\u2000\u200b\u2060\u3000\ufeff")


def read_number(cell: object) -> PrintedNumber | None:
    """Read a number as printed.

    Parameters
    ----------
    cell : object
        A number, or text such as ``"1,270.0"``, ``"１２７０．０万人"``, ``"84.8%"``, ``"12 700 000 人"``.

    Returns
    -------
    PrintedNumber or None
        None for a cell that says that there is no figure (blank, ``"—"``, ``"…"``).

    Raises
    ------
    UnreadableNumberError
        If the cell is something else; says what and what to do.

    Examples
    --------
    >>> print(read_number("１２，７００，０００ 人"), read_number("—"))
    12700000人 None
    """
    if cell is None:
        return None
    if isinstance(cell, bool) or not isinstance(cell, (str, int, float)):
        raise UnreadableNumberError(f"“{str(cell)[:20]}”不是数", "只写数字，或写数字和单位")
    if isinstance(cell, (int, float)):
        if not math.isfinite(cell) or abs(cell) >= 10.0**MOST_DIGITS:
            raise UnreadableNumberError("数超出可以登记的范围", "核对数值")
        # The shortest text that gives the same binary number: 84.8 is stored as 84.79999999999999715…
        return PrintedNumber(Decimal(repr(cell)))
    text = _SPACES.sub("", half_width(cell))
    if text in BLANKS:
        return None
    match = _NUMBER.fullmatch(text)
    if not match or _MARKS.search(match[5] or "") or _ROUGH.search(match[5] or ""):
        raise UnreadableNumberError(*_complaint(text))
    sign, whole, fraction, exponent, unit = (
        match[1],
        match[2].replace(",", ""),
        match[3] or "",
        match[4] or "",
        match[5] or "",
    )
    if len(whole) + len(fraction) > MOST_DIGITS:
        raise UnreadableNumberError(f"“{text[:20]}”位数太多", "核对数值")
    try:
        value = Decimal(f"{sign}{whole}{fraction}{exponent}")
    except InvalidOperation as error:  # pragma: no cover - the pattern leaves nothing that Decimal refuses
        raise UnreadableNumberError(f"“{text[:20]}”不是数", "只写数字") from error
    if abs(value) >= Decimal(10) ** MOST_DIGITS:
        raise UnreadableNumberError("数超出可以登记的范围", "核对数值")
    return PrintedNumber(value, unit)


def in_unit(number: PrintedNumber, unit: str) -> PrintedNumber | None:
    """Express a number in the unit of its indicator.

    Parameters
    ----------
    number : PrintedNumber
    unit : str
        The indicator's unit.

    Returns
    -------
    PrintedNumber or None
        None if its unit measures something else (per cent for per mille, years for persons).

    Examples
    --------
    >>> print(in_unit(PrintedNumber(Decimal("12700000"), "人"), "万人"))
    1270万人
    >>> in_unit(PrintedNumber(Decimal("7.5"), "%"), "‰") is None
    True
    """
    if number.unit in ("", unit):
        return PrintedNumber(number.value, unit)
    written, wanted = SCALES.get(number.unit), SCALES.get(unit)
    if written is None or wanted is None or written[0] != wanted[0]:
        return None
    value = number.value * written[1] / wanted[1]
    whole = value.to_integral_value()
    return PrintedNumber(whole if value == whole else value.normalize(), unit)


def number_text(value: Decimal, decimals: int) -> str:
    """Return a number for a CSV: plain digits, at least one decimal where the indicator is published with decimals.

    Trailing zeros are lost in Excel (1270.0 arrives as 1270) and printed figures keep them; one is put back.

    Examples
    --------
    >>> number_text(Decimal("1270"), 1), number_text(Decimal("23011"), 0), number_text(Decimal("-0.04"), 2)
    ('1270.0', '23011', '-0.04')
    """
    text = f"{value:f}"
    if "." not in text and decimals > 0:
        text += ".0"
    return "0" + text.removeprefix("-0") if text.startswith("-0") and not value else text


def _complaint(text: str) -> tuple[str, str]:
    shown = text if len(text) <= 20 else text[:19] + "…"
    if text.startswith(("=", "@")):
        return "是公式", "复制该格，选择性粘贴为数值"
    if re.match(r"[约近超逾]|大约|不足", text) or _ROUGH.search(text):
        return f"“{shown}”是约数", "填写公布的准确数；只有约数时填数字，状态记为E，并在说明中写明"
    if re.search(r"\d[-~—至到]\d", text):
        return f"“{shown}”是一个范围", "填写一个数；只公布范围时不填"
    if _MARKS.search(text):
        return f"“{shown}”带有注释符号", "删去符号，注释写在说明中"
    if text.startswith("#"):
        return f"是Excel的错误值“{shown}”", "改正公式后粘贴为数值"
    return f"“{shown}”不是数", "只写数字，或写数字和单位，例如1270.0或12700000人"
