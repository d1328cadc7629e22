"""How many people a change in points is, of those who could be counted the later time.

Only where both counts are known: a range of points would be a range of people that nobody can picture.
"""

from __future__ import annotations

from decimal import Decimal

from pipeline.numerals import people_number, signed_text
from pipeline.report import wording
from pipeline.report.edition import Row

#: Heading of the column of the table that stands beside every sentence with such a number.
COLUMN = "人数の差（約）"


def people_of(change: Row) -> Decimal | None:
    """Return the change times the later base, half up, signed; None for a mean or an unknown count."""
    exact = wording.points(change)
    if exact is None or wording.is_mean(change):
        return None
    return people_number(exact, int(change["base_to"]))


def people_cell(change: Row) -> str:
    """Return ``+45``, or the sign of a row that has no such number."""
    number = people_of(change)
    return wording.status_sign(change) if number is None else signed_text(number)


def people_words(change: Row) -> str:
    """Return ``約45人分``; "" where there is no number or it is nobody."""
    number = people_of(change)
    return f"{wording.ABOUT}{abs(number):,}人分" if number else ""
