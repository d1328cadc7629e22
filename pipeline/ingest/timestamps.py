"""When each answer was given, where a file says so: form services add a column of times."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.ingest.nouns import Sheet
from pipeline.matching import fold

_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_LETTERS = {"M": "明治", "T": "大正", "S": "昭和", "H": "平成", "R": "令和"}
_CLOCK = (
    r"(?:[ T]*(?P<before>午前|午後|AM|PM)?\s*(?P<hour>\d{1,2})[:時](?P<minute>\d{1,2})"
    r"(?:[:分](?P<second>\d{1,2})?(?:\.\d+)?秒?)?\s*(?P<after>午前|午後|AM|PM)?"
    r"\s*(?:Z|JST|(?:GMT|UTC)?[+-]\d{1,2}(?::?\d{2})?)?)?"
)
_DAYS = (
    r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?",
    r"(?P<era>明治|大正|昭和|平成|令和|[MTSHR])\.?(?P<year>\d{1,2}|元)[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?",
    r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})",
)
_FORMS = tuple(re.compile(day + _CLOCK, re.IGNORECASE) for day in _DAYS)
#: A column of times holds them in nearly every answer.
_LEAST_SHARE = 0.9


@dataclass(frozen=True)
class Moment:
    """When somebody answered; ``has_clock`` is False where only the day is known."""

    at: datetime
    has_clock: bool


def read_moment(text: str) -> Moment | None:
    """Return the moment a cell names, as the clock on the wall showed it; None when it names none."""
    folded = fold(text)
    for form in _FORMS:
        if found := form.fullmatch(folded):
            return _moment(found.groupdict())
    return None


def _moment(parts: Mapping[str, str | None]) -> Moment | None:
    year = 1 if parts["year"] == "元" else int(parts["year"])
    if era := parts.get("era"):
        year += _ERAS[_LETTERS.get(era.upper(), era)]
    hour, half = int(parts["hour"] or 0), (parts["before"] or parts["after"] or "").upper()
    if half:
        hour = hour % 12 + (12 if half in ("午後", "PM") else 0)
    try:
        clock = (hour, int(parts["minute"] or 0), int(parts["second"] or 0))
        at = datetime(year, int(parts["month"]), int(parts["day"]), *clock)  # noqa: DTZ001 (a wall clock)
    except ValueError:
        return None
    return Moment(at, parts["hour"] is not None)


def moments(sheet: Sheet, rows: Iterable[int]) -> dict[int, Moment]:
    """Return row → moment from the last column of ``sheet`` that holds times in nearly all ``rows``.

    The last, because services write the start before the end. {} when there is no such column.
    """
    wanted = set(rows)
    cells = {row.number: row.cells for row in sheet.rows if row.number in wanted}
    for column in range(len(sheet.headers) - 1, -1, -1):
        found: dict[int, Moment] = {}
        misses = 0
        for number, texts in cells.items():
            moment = read_moment(texts[column]) if column < len(texts) else None
            if moment:
                found[number] = moment
            else:
                misses += 1
                if misses > len(cells) * (1 - _LEAST_SHARE):
                    break
        else:
            if found:
                return found
    return {}


def distance(moment: datetime, start: datetime, end: datetime) -> timedelta:
    """Return how far ``moment`` lies outside the period; zero inside."""
    return max(start - moment, moment - end, timedelta())
