"""The same answer sent or exported twice, as far as times tell: equal rows, and equal answers in a minute."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pipeline.ingest.reports import CellReports
from pipeline.ingest.respondents import ACCEPTED, DUPLICATE, Line
from pipeline.ingest.tables import FileRead
from pipeline.ingest.timestamps import has_clock
from pipeline.model import Problem

#: Somebody who presses the button twice does so within this time.
_TWICE = timedelta(seconds=60)
#: Reason in the ledger of an accepted answer that may be a second copy.
SUSPECTED = "suspected_duplicate"


@dataclass(frozen=True)
class _Timed:
    """An accepted line with a time of day: the file it stands in and its place among the lines."""

    file: int
    place: int
    line: Line
    moment: datetime


def without_repeats(files: Iterable[FileRead], problems: list[Problem]) -> list[FileRead]:
    """Return the files of one wave with repeated rows as duplicates and suspected ones marked.

    A row equal in every cell, its time included, is the same answer exported twice. Equal answers
    of different rows within a minute may be two people: they stay, and are noted.
    """
    files = list(files)
    timed = list(_timed(files))
    again = list(_again(files, timed))
    _note(files, again, problems, _SAME)
    files = _marked(files, again, DUPLICATE, "same_row")
    repeated = {(row.file, row.place) for row in again}
    rest = [row for row in timed if (row.file, row.place) not in repeated]
    suspected = list(_suspected(rest))
    _note(files, suspected, problems, _ALIKE)
    return _marked(files, suspected, ACCEPTED, SUSPECTED)


def _timed(files: list[FileRead]) -> Iterator[_Timed]:
    for number, file in enumerate(files):
        for place, line in enumerate(file.lines):
            moment = file.moments[line.sheet.number].get(line.row) if line.status == ACCEPTED else None
            if moment and has_clock(moment):
                yield _Timed(number, place, line, moment)


def _again(files: list[FileRead], timed: list[_Timed]) -> Iterator[_Timed]:
    """Yield the rows that stood, cell by cell under the same headers, before."""
    seen = set()
    headers: dict[int, tuple[str, ...]] = {}
    rows: dict[tuple[int, int], dict[int, tuple[str, ...]]] = {}
    for row in timed:
        sheet = row.line.sheet
        key = (row.file, sheet.number)
        if key not in rows:
            rows[key] = {line.number: line.cells for line in sheet.rows}
            headers[id(sheet)] = tuple(header.path for header in sheet.headers)
        content = (headers[id(sheet)], rows[key][row.line.row])
        if content in seen:
            yield row
        seen.add(content)


def _suspected(timed: list[_Timed]) -> Iterator[_Timed]:
    """Yield the answers that equal an earlier one of at most a minute before."""
    last: dict[tuple, datetime] = {}
    for row in sorted(timed, key=lambda row: (row.moment, row.file, row.place)):
        answers = row.line.answers or {}
        if not any(answer.is_given for answer in answers.values()):
            continue
        key = tuple(answers.items())
        before = last.get(key)
        last[key] = row.moment
        if before and row.moment - before <= _TWICE:
            yield row


_SAME = (
    "時刻まで同じ行を、重複として数えませんでした",
    "同じ回答を2回書き出したものです。別の人の回答なら、書き出し元を確かめてください。",
)
_ALIKE = (
    "60秒以内に同じ回答があります（重複の疑い。集計には入れています）",
    "同じ人が2回送信したものと確かめたら、corrections.csv で片方の行を除いてください。別の人なら、このままで構いません。",
)


def _note(files: list[FileRead], rows: list[_Timed], problems: list[Problem], words: tuple[str, str]) -> None:
    what, step = words
    for number, file in enumerate(files):
        reports = CellReports(file.source)
        for row in sorted((row for row in rows if row.file == number), key=lambda row: row.place):
            problem = Problem(what, file=file.source.file, next_step=step, severity="note")
            reports.add(problem, row.line.sheet, row.line.row)
        problems += reports.problems()


def _marked(files: list[FileRead], rows: list[_Timed], status: str, reason: str) -> list[FileRead]:
    marked = {(row.file, row.place) for row in rows}
    return [
        replace(
            file,
            lines=tuple(
                replace(line, status=status, reason=reason) if (number, place) in marked else line
                for place, line in enumerate(file.lines)
            ),
        )
        if any(row.file == number for row in rows)
        else file
        for number, file in enumerate(files)
    ]
