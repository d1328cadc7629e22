"""What the online services have in common: columns of their own, names to drop, the time of each answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np

from pipeline.ingest.moments import read_moment
from pipeline.ingest.nouns import Sheet, Source, cell_name, listed
from pipeline.matching import fold_tight
from pipeline.model import Problem

#: An answer this far from the fieldwork belongs to another wave; one nearer came early or late.
_ANOTHER_WAVE = timedelta(days=90)
#: What LimeSurvey writes where the survey keeps no times.
_NO_TIME = 1980


def keys(*words: str) -> frozenset[str]:
    """Return the words as they are compared with headers: folded, in lower case."""
    return frozenset(fold_tight(word).lower() for word in words)


def without_persons(
    sheet: Sheet, source: Source, system: frozenset[str], personal: frozenset[str], moment: frozenset[str]
) -> Sheet:
    """Return the sheet with the service's columns named as such and the ``personal`` ones emptied.

    Who answered reaches no table and no message. A column that the wave file claims is a question's.
    """
    claimed = {fold_tight(header).lower() for header in source.received.headers}
    names = [fold_tight(header.path).lower() for header in sheet.headers]
    own = frozenset(
        place
        for place, name in enumerate(names)
        if name in system | personal | moment and name not in claimed and place != sheet.serial
    )
    emptied = {place for place in own if names[place] in personal}
    below = np.arange(len(sheet.rows)) >= sheet.header_row
    columns = sheet.rows.table.columns
    rows = sheet.rows.replaced({place: columns[place].mapped(lambda _: "", below) for place in emptied})
    time = next((place for place, name in enumerate(names) if name in moment), None)
    return replace(sheet, rows=rows, system=own, moment=time)


def odd_times(sheet: Sheet, source: Source) -> list[Problem]:
    """Return a problem where answers were given outside the fieldwork, or at times nobody can read."""
    start, end = source.wave.fieldwork_start, source.wave.fieldwork_end
    if sheet.moment is None or start is None or end is None:
        return []
    unreadable, outside, days = [], [], []
    column = sheet.rows.table.columns[sheet.moment]
    for number in sheet.rows.open_numbers:
        text = column[number - 1]
        if not text.strip():
            continue
        moment = read_moment(text)
        if moment is None:
            unreadable.append(number)
        elif moment.year > _NO_TIME:
            days.append(moment.date())
            if not start <= days[-1] <= end:
                outside.append(number)
    problems = []
    if unreadable:
        what, expected = "回答の時刻を読めません", "日付と時刻（例: 2026/01/15 9:03:11）"
        problems.append(_at(source, sheet, unreadable, what, expected, "", "note"))
    if not outside:
        return problems
    expected = f"調査期間（{start.isoformat()}～{end.isoformat()}）の時刻"
    if all(day < start - _ANOTHER_WAVE or day > end + _ANOTHER_WAVE for day in days):
        what, fix = "ほかの調査回のファイルのようです", "この調査回のファイルを受け取り直してください。"
        return [*problems, _at(source, sheet, outside, what, expected, fix, "error")]
    what = "調査期間の外に答えた回答があります（集計に入れます）"
    fix = f"期限のあとの回答を入れてよいか確かめてください。期間の誤りなら {source.definition} を直してください。"
    return [*problems, _at(source, sheet, outside, what, expected, fix, "note")]


def _at(
    source: Source, sheet: Sheet, rows: list[int], what: str, expected: str, fix: str, severity: str
) -> Problem:
    cells = listed(cell_name(row, sheet.moment) for row in rows)
    found = f"{len(rows)}件"
    return source.problem(
        what, fix, sheet=sheet.name, cell=cells, found=found, expected=expected, severity=severity
    )
