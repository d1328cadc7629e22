"""When each answer was given, where a file says so: form services add a column of times."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time

from pipeline.ingest.moments import read_moment
from pipeline.ingest.nouns import Sheet

#: A column of times holds them in nearly every answer.
_MOST_MISSES = 0.1
#: A column that starts with more cells than this without a time is looked at no further.
_FIRST_MISSES = 20


def moments(sheet: Sheet, rows: Iterable[int]) -> dict[int, datetime]:
    """Return row → moment from the last column of ``sheet`` that holds times in nearly all ``rows``.

    The last, because services write the start before the end. {} when there is no such column.
    """
    wanted = set(rows)
    cells = {row.number: row.cells for row in sheet.rows if row.number in wanted}
    for column in range(len(sheet.headers) - 1, -1, -1):
        if column != sheet.serial and (found := _column(column, cells)):
            return found
    return {}


def _column(column: int, cells: dict[int, tuple[str, ...]]) -> dict[int, datetime]:
    """Return the moments of one column; {} when, or as soon as, too many of its cells are none."""
    found: dict[int, datetime] = {}
    misses = 0
    for row, texts in cells.items():
        text = texts[column].strip() if column < len(texts) else ""
        # Bare digits may be a day, but also a code or a number of anything.
        moment = None if text.replace(".", "").isdigit() else read_moment(text)
        if moment:
            found[row] = moment
        else:
            misses += 1
        if misses > len(found) + _FIRST_MISSES or misses > len(cells) * _MOST_MISSES:
            return {}
    return found


def has_clock(moment: datetime) -> bool:
    """Return False for a bare day: midnight, to the second, is hardly anybody's answer."""
    return moment.time() != time()
