"""When each answer was given, where a file says so: form services add a column of times."""

from __future__ import annotations

from datetime import datetime, time
from itertools import chain

import numpy as np

from pipeline.ingest.cells import Column
from pipeline.ingest.moments import read_moment
from pipeline.ingest.nouns import Sheet

#: A column of times holds them in nearly every answer.
_MOST_MISSES = 0.1
#: A column that starts with more cells than this without a time is looked at no further.
_FIRST_MISSES = 20
#: Mostly the first rows tell that a column holds no times.
_AT_ONCE = 1_000


def moments(sheet: Sheet, places: np.ndarray) -> dict[int, datetime]:
    """Return place → moment from the last column of ``sheet`` that holds times in nearly all ``places``.

    The last, because services write the start before the end. {} when there is no such column.
    places: (n,) places of rows, the first is 0.
    """
    for number in range(len(sheet.headers) - 1, -1, -1):
        if number != sheet.serial and (found := _column(sheet.rows.table.columns[number], places)):
            return found
    return {}


def _column(column: Column, places: np.ndarray) -> dict[int, datetime]:
    """Return the moments of one column; {} when, or as soon as, too many of its cells are none."""
    found: dict[int, datetime] = {}
    known: dict[str, datetime | None] = {}
    misses = 0
    for place in chain.from_iterable(
        map(np.ndarray.tolist, np.array_split(places, len(places) // _AT_ONCE + 1))
    ):
        text = column[place]
        if text not in known:
            known[text] = _moment(text.strip())
        if moment := known[text]:
            found[place] = moment
        else:
            misses += 1
        if misses > len(found) + _FIRST_MISSES or misses > len(places) * _MOST_MISSES:
            return {}
    return found


def _moment(text: str) -> datetime | None:
    # Bare digits may be a day, but also a code or a number of anything.
    return None if text.replace(".", "").isdigit() else read_moment(text)


def has_clock(moment: datetime) -> bool:
    """Return False for a bare day: midnight, to the second, is hardly anybody's answer."""
    return moment.time() != time()
