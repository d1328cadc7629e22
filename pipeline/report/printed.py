"""The numbers of a row as they are printed, kept numbers: for outputs that are calculated with.

``wording`` spells the same numbers for readers. None stands for a number that is not there.
"""

from __future__ import annotations

from decimal import Decimal

from pipeline.numerals import float_number, p_text, percent_number, round_half_up
from pipeline.report import wording
from pipeline.report.edition import Row


def whole(value: object) -> int | None:
    """Return a count, or None."""
    return int(value) if wording.is_number(value) else None


def rounded(value: object, decimals: int = 1) -> Decimal | None:
    """Return a computed bound or statistic rounded half up, or None."""
    return float_number(value, decimals) if wording.is_number(value) else None


def percent(row: Row) -> Decimal | None:
    """Return the share of an estimates row: exact from its counts, else as it was published, or None."""
    if wording.is_exact(row):
        return wording.printed_percent(row)
    is_published = row["status"] == "shown" and wording.is_number(row["percent"])
    return wording.published_percent(row) if is_published else None


def compared_percent(change: Row, side: str) -> Decimal | None:
    """Return the share of one wave of a changes row; ``side`` is from or to.

    The count is recovered from the unrounded share, so the rounding is exact.
    """
    value, base = change[f"value_{side}"], change[f"base_{side}"]
    if wording.is_mean(change):
        return rounded(value)
    if not wording.is_number(value) or not wording.is_number(base) or not base:
        return None
    return percent_number(round(value * base / 100), int(base))


def points(change: Row, column: str = "change") -> Decimal | None:
    """Return ``column`` (change, change_low, change_high) in points, rounded half up once."""
    exact = wording.points(change, column)
    return None if exact is None else round_half_up(exact, 1)


def p_value(value: object) -> Decimal | None:
    """Return a p-value with four significant digits, or None."""
    return Decimal(p_text(value)) if wording.is_number(value) else None
