"""Numbers as printed: the interval that rounding leaves open, and arithmetic that carries it along.

A printed 12.48 stands for anything from 12.475 to 12.485. Two printed numbers agree when the intervals they leave
open meet; a fixed tolerance would let a coarse number hide a slip, or blame a fine one for its last digit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_NUMBER = re.compile(r"-?\d+(?:\.(\d+))?")


@dataclass(frozen=True)
class Rounded:
    """A value and how far rounding may have moved it.

    Parameters
    ----------
    value
        The number as read.
    low, high
        The interval it stands for.

    Examples
    --------
    >>> growth = (Rounded.of(813.83, "813.83") / Rounded.of(723.55, "723.55") - Rounded.exact(1)) * Rounded.exact(100)
    >>> round(growth.value, 2), growth.meets(Rounded.of(12.48, "12.48%"))
    (12.48, True)
    """

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, value: float, printed: str) -> Rounded:
        """Read how far rounding reaches from the digits of the printed text."""
        half = half_unit(printed)
        return cls(value, value - half, value + half)

    @classmethod
    def exact(cls, value: float) -> Rounded:
        """A number that is not rounded: a count of years, a constant."""
        return cls(value, value, value)

    @property
    def tolerance(self) -> float:
        """The larger distance from the value to an end of its interval."""
        return max(self.value - self.low, self.high - self.value)

    def __add__(self, other: Rounded) -> Rounded:
        return Rounded(self.value + other.value, self.low + other.low, self.high + other.high)

    def __sub__(self, other: Rounded) -> Rounded:
        return Rounded(self.value - other.value, self.low - other.high, self.high - other.low)

    def __mul__(self, other: Rounded) -> Rounded:
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Rounded(self.value * other.value, min(ends), max(ends))

    def __truediv__(self, other: Rounded) -> Rounded:
        if other.low <= 0 <= other.high:
            raise ZeroDivisionError("the divisor may be zero within its rounding")
        ends = [a / b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Rounded(self.value / other.value, min(ends), max(ends))

    def __pow__(self, exponent: float) -> Rounded:
        return Rounded(self.value**exponent, self.low**exponent, self.high**exponent)

    def meets(self, other: Rounded) -> bool:
        """Whether both may stand for the same number."""
        dust = 1e-9 * max(1.0, abs(self.value), abs(other.value))
        return self.low <= other.high + dust and other.low <= self.high + dust


def half_unit(printed: str) -> float:
    """Return half a unit of the last printed digit.

    Raises
    ------
    ValueError
        If the text holds no number.

    Examples
    --------
    >>> half_unit("12.48%"), half_unit("280 万人")
    (0.005, 0.5)
    """
    found = _NUMBER.search(printed)
    if found is None:
        raise ValueError(f"no number in {printed!r}")
    return 0.5 * 10.0 ** -len(found.group(1) or "")


def rounded_text(value: float, decimals: int, signed: bool = False) -> str:
    """Print a number rounded half away from zero, as published statistics are, with the minus sign of print.

    Python's own formatting rounds the binary number: 1.275 would print as 1.27.

    Parameters
    ----------
    value
        The number; taken to ten decimals first, so that the dust of a division does not decide a tie.
    decimals
        Digits after the point.
    signed
        Whether positive numbers carry a plus sign.

    Examples
    --------
    >>> rounded_text(1.275, 2), rounded_text(-0.755, 2), rounded_text(16.45, 1, signed=True), rounded_text(-0.04, 1)
    ('1.28', '−0.76', '+16.5', '0.0')
    """
    number = Decimal(repr(round(value, 10))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = f"{number:{'+' if signed else ''}.{decimals}f}".replace("-", "−")
    return text.lstrip("+−") if number == 0 else text
