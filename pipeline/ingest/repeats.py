"""The same answer sent or exported twice, as far as times tell: equal rows, and equal answers in a minute."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pipeline.ingest.reports import CellReports
from pipeline.ingest.respondents import ACCEPTED, DUPLICATE, SheetRead
from pipeline.ingest.tables import FileRead
from pipeline.ingest.timestamps import has_clock
from pipeline.model import EMPTY, Problem

#: Somebody who presses the button twice does so within this time.
_TWICE = timedelta(seconds=60)
#: Reason in the ledger of an accepted answer that may be a second copy.
SUSPECTED = "suspected_duplicate"


@dataclass(frozen=True)
class _Timed:
    """An accepted row with a time of day: the place of its file, of its sheet there, its own there."""

    file: int
    number: int
    place: int
    read: SheetRead
    moment: datetime

    @property
    def key(self) -> tuple[int, int, int]:
        return self.file, self.number, self.place


def without_repeats(files: Iterable[FileRead], problems: list[Problem]) -> list[FileRead]:
    """Return the files of one wave with repeated rows as duplicates and suspected ones marked.

    A row equal in every cell, its time to the second included, is the same answer exported twice. Equal
    answers within a minute, or of equal times without seconds, may be two people: they stay, and are noted.
    """
    files = list(files)
    timed = list(_timed(files))
    exact = {row.file for row in timed if row.moment.second}
    again = list(_again(row for row in timed if row.file in exact))
    _note(files, again, problems, _SAME)
    files = _marked(files, again, DUPLICATE, "same_row")
    repeated = {row.key for row in again}
    rest = [row for row in timed if row.key not in repeated]
    suspected = list(_suspected(rest))
    _note(files, suspected, problems, _ALIKE)
    return _marked(files, suspected, ACCEPTED, SUSPECTED)


def _timed(files: list[FileRead]) -> Iterator[_Timed]:
    for place, file in enumerate(files):
        for number, read in enumerate(file.read):
            for row, moment in file.moments.get(read.sheet.number, EMPTY).items():
                if has_clock(moment):
                    yield _Timed(place, number, row, read, moment)


def _again(timed: Iterable[_Timed]) -> Iterator[_Timed]:
    """Yield the rows that stood, cell by cell under the same headers, before."""
    seen = set()
    headers: dict[int, tuple[str, ...]] = {}
    for row in timed:
        sheet = row.read.sheet
        if id(sheet) not in headers:
            headers[id(sheet)] = tuple(header.path for header in sheet.headers)
        content = (headers[id(sheet)], sheet.rows.table[row.place])
        if content in seen:
            yield row
        seen.add(content)


def _suspected(timed: list[_Timed]) -> Iterator[_Timed]:
    """Yield the answers that equal an earlier one of at most a minute before."""
    last: dict[tuple, datetime] = {}
    for row in sorted(timed, key=lambda row: (row.moment, *row.key)):
        answers = {question: answers[row.place] for question, answers in row.read.answers.items()}
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
    "同じ人が2回送信したものと確かめたら、corrections.csv で片方の行を除いてください（cell に 12行目 のような行、"
    "found に行の番号、番号の列がなければ空欄か回答の時刻、corrected に 除外）。別の人なら、このままで構いません。",
)


def _note(files: list[FileRead], rows: list[_Timed], problems: list[Problem], words: tuple[str, str]) -> None:
    what, step = words
    for number, file in enumerate(files):
        reports = CellReports(file.source)
        for row in sorted((row for row in rows if row.file == number), key=lambda row: row.key):
            problem = Problem(what, file=file.source.file, next_step=step, severity="note")
            reports.add(problem, row.read.sheet, row.place + 1)
        problems += reports.problems()


def _marked(files: list[FileRead], rows: list[_Timed], status: str, reason: str) -> list[FileRead]:
    places: dict[tuple[int, int], list[int]] = {}
    for row in rows:
        places.setdefault((row.file, row.number), []).append(row.place)
    marked = list(files)
    for (file, number), found in places.items():
        read = list(marked[file].read)
        read[number] = read[number].marked(found, status, reason)
        marked[file] = replace(marked[file], read=tuple(read))
    return marked
