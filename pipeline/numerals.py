"""Exact rounding (四捨五入) and numbers as text, and days. The only place where a number becomes text.

Half up means half away from zero, on exact fractions of counts, never on floats.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from pipeline.matching import fold_tight

_ERAS = (
    (date(2019, 5, 1), "令和"),
    (date(1989, 1, 8), "平成"),
    (date(1926, 12, 25), "昭和"),
)
_WEEKDAYS = "月火水木金土日"
_DAY = re.compile(r"(?:(\d{4})|(?:令和|令|R)(元|\d{1,2}))[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.IGNORECASE)
_BEFORE_REIWA, _REIWA = 2018, date(2019, 5, 1)


def round_half_up(value: Fraction | int, decimals: int = 0) -> Decimal:
    """Return ``value`` rounded half away from zero to ``decimals`` places."""
    value = Fraction(value)
    scaled = abs(value) * 10**decimals
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(-whole if value < 0 else whole).scaleb(-decimals)


def share(count: int, base: int) -> Fraction:
    """Return count/base exactly. Raises ZeroDivisionError for an empty base."""
    return Fraction(int(count), int(base))


def counts_rounding_to(percent: str | Decimal, decimals: int, base: int) -> tuple[int, int] | None:
    """Return (lowest, highest) count of ``base`` whose percentage prints as ``percent``."""
    target = Decimal(percent)
    fitting = [n for n in range(base + 1) if round_half_up(100 * share(n, base), decimals) == target]
    return (fitting[0], fitting[-1]) if fitting else None


def percent_number(count: int, base: int, decimals: int = 1) -> Decimal:
    """Return 100·count/base rounded half up: a number ready to print."""
    return round_half_up(100 * share(count, base), decimals)


def percent_text(count: int, base: int, decimals: int = 1) -> str:
    """Return e.g. ``"43.7"`` (without the sign %)."""
    return str(percent_number(count, base, decimals))


def points_number(count_from: int, base_from: int, count_to: int, base_to: int) -> Decimal:
    """Return the change in points from unrounded shares, rounded half up once."""
    return round_half_up(100 * (share(count_to, base_to) - share(count_from, base_from)), 1)


def people_number(points: Fraction, base: int) -> Decimal:
    """Return how many of ``base`` people a change of ``points`` (in percent of them) is, half up."""
    return round_half_up(points * int(base) / 100)


def float_number(value: float, decimals: int = 1) -> Decimal:
    """Return a computed float (interval bound, score) rounded half up for printing."""
    exact = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return abs(exact) if exact == 0 else exact


def signed_text(number: Decimal) -> str:
    """Return ``+4.7``, ``-2.6`` or ``0.0``."""
    if number == 0:
        return str(abs(number))
    return f"{'+' if number > 0 else '-'}{abs(number)}"


def p_text(p: float) -> str:
    """Return a p-value to four significant digits, plain notation (``0.1651``, ``0.00001234``)."""
    if p == 0:
        return "0"
    exact = Decimal(repr(float(p)))
    # Twice, because rounding may add a digit in front: 0.99996 is 1.000.
    for _ in range(2):
        exact = exact.quantize(Decimal(1).scaleb(min(0, exact.adjusted() - 3)), ROUND_HALF_UP)
    return f"{exact:f}"


def count_text(count: int) -> str:
    """Return a count with thousands separators."""
    return f"{int(count):,}"


def era_year(day: date) -> tuple[str, int]:
    """Return the Japanese era and year of ``day``, e.g. ("令和", 8)."""
    for start, era in _ERAS:
        if day >= start:
            return era, day.year - start.year + 1
    raise ValueError(f"before Showa: {day}")


def date_text(day: date, weekday: bool = False) -> str:
    """Return e.g. ``令和8年1月15日`` (``（木曜日）`` added when asked; 元年 for year one)."""
    era, year = era_year(day)
    text = f"{era}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    return f"{text}（{_WEEKDAYS[day.weekday()]}曜日）" if weekday else text


def plain_number(value: float | Decimal) -> str:
    """Return a parameter as it is written: ``5``, ``2.5``."""
    return f"{Decimal(str(value)).normalize():f}"


def level_percent(level: float) -> str:
    """Return a level in percent, without the sign: 0.975 is ``97.5``."""
    return plain_number(100 * Decimal(str(level)))


def read_day(text: str) -> str:
    """Return the day as ``2026-02-03``; "" for anything that is not certainly one, or before every era.

    Excel writes 2026/2/3 into a table it saves; people write 令和8年2月3日 and R8.2.3.
    """
    match = _DAY.fullmatch(fold_tight(text).removesuffix("00:00:00"))
    if not match:
        return ""
    year, reiwa, month, day = match.groups()
    try:
        found = date(
            int(year) if year else _BEFORE_REIWA + (1 if reiwa == "元" else int(reiwa)), int(month), int(day)
        )
    except ValueError:
        return ""
    return "" if found < (_REIWA if reiwa else _ERAS[-1][0]) else found.isoformat()
