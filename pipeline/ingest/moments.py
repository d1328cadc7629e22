"""Dates and times as people and services write them → one moment in Japan. What is not certain is None."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

from pipeline.matching import fold

JAPAN = timezone(timedelta(hours=9))
#: Era → (its first day, its last day); the last era has no end.
_ERAS = {
    "明治": (date(1868, 1, 25), date(1912, 7, 29)),
    "大正": (date(1912, 7, 30), date(1926, 12, 24)),
    "昭和": (date(1926, 12, 25), date(1989, 1, 7)),
    "平成": (date(1989, 1, 8), date(2019, 4, 30)),
    "令和": (date(2019, 5, 1), date.max),
}
_SHORT = {"M": "明治", "T": "大正", "S": "昭和", "H": "平成", "R": "令和"} | {name[0]: name for name in _ERAS}
_WEEKDAY = r"(?:\s*[(（][日月火水木金土][)）])?"
_DAY = re.compile(
    r"(?:(?P<era>明治|大正|昭和|平成|令和|[明大昭平令]|[MTSHR])\s*\.?\s*(?P<era_year>元|\d{1,2})|(?P<year>\d{4}))"
    r"\s*[年./-]\s*(?P<month>\d{1,2})\s*[月./-]\s*(?P<day>\d{1,2})\s*日?" + _WEEKDAY,
    re.IGNORECASE,
)
_COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})")
_AMERICAN = re.compile(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})")
_TIME = re.compile(
    r"(?P<before>午前|午後|AM|PM)?\s*(?P<hour>\d{1,2})\s*[:時]\s*(?P<minute>\d{1,2})\s*分?"
    r"(?:\s*:?\s*(?P<second>\d{1,2})(?:[.,]\d+)?\s*秒?)?\s*(?P<after>午前|午後|AM|PM)?"
    r"\s*(?P<zone_name>Z|UTC|GMT|JST)?(?:(?P<sign>[+-])(?P<zone>\d{1,2})(?::?(?P<zone_minute>\d{2}))?)?",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
#: Excel counts days from here, after the 29th of February 1900 that never was.
_FIRST_DAY = datetime(1899, 12, 30, tzinfo=JAPAN)


def read_moment(text: str) -> datetime | None:
    """Return the moment ``text`` names, midnight for a bare day, None for anything that is not certain.

    Read are 西暦 and 和暦 in their usual forms (令和8年1月15日, R8.1.15, 令8/1/15, 元年), Excel serial
    numbers, ISO 8601, and the services' own forms (``2026/01/15 9:03:11 午前 GMT+9``,
    ``01/15/2026 09:01:22``). A time zone is turned into Japan's; without one it is Japan's.
    """
    folded = fold(text)
    if _SERIAL.fullmatch(folded):
        # To the second: a serial is a fraction of a day in binary.
        return _FIRST_DAY + timedelta(seconds=round(float(folded) * 86_400))
    for form in (_DAY, _COMPACT, _AMERICAN):
        if match := form.match(folded):
            rest = folded[match.end() :].lstrip(" T,")
            return _moment(match.groupdict(), rest)
    return None


def _moment(parts: dict[str, str], rest: str) -> datetime | None:
    try:
        day = date(_year(parts), int(parts["month"]), int(parts["day"]))
        era = _ERAS.get(_era(parts))
        if era and not era[0] <= day <= era[1]:
            return None
        start = datetime(day.year, day.month, day.day, tzinfo=JAPAN)
        if not rest:
            return start
        match = _TIME.fullmatch(rest)
        return _at_time(start, match.groupdict()) if match else None
    except (ValueError, OverflowError):
        return None


def _era(parts: dict[str, str]) -> str:
    era = parts.get("era") or ""
    return _SHORT.get(era.upper(), era)


def _year(parts: dict[str, str]) -> int:
    if not parts.get("era"):
        return int(parts["year"])
    first = _ERAS[_era(parts)][0].year
    return first if parts["era_year"] == "元" else first + int(parts["era_year"]) - 1


def _at_time(start: datetime, parts: dict[str, str]) -> datetime | None:
    hour, half = int(parts["hour"]), (parts["before"] or parts["after"] or "").upper()
    if parts["before"] and parts["after"]:
        return None
    if half:
        if hour > 12:
            return None
        # 12 in the morning is midnight.
        hour = hour % 12 + (12 if half in ("午後", "PM") else 0)
    moment = start.replace(hour=hour, minute=int(parts["minute"]), second=int(parts["second"] or 0))
    if not parts["sign"] and (parts["zone_name"] or "JST").upper() == "JST":
        return moment
    offset = timedelta(hours=int(parts["zone"] or 0), minutes=int(parts["zone_minute"] or 0))
    zone = timezone(-offset if parts["sign"] == "-" else offset)
    return moment.replace(tzinfo=zone).astimezone(JAPAN)
