"""The cells of one question → the answers of all rows: each spelling is read once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.ingest.cells import Column, small
from pipeline.ingest.codebook import Answer, Codebook, answered, read_ticks
from pipeline.ingest.nouns import Claim, Sheet
from pipeline.matching import fold
from pipeline.model import INVALID, Problem

#: Combinations of cells that are kept apart without looking which of them occur.
_MOST_COMBINATIONS = 1 << 16


@dataclass(frozen=True, eq=False)
class Answers:
    """What everybody answered to one question. ``codes``: (rows,) places in ``known``."""

    codes: np.ndarray
    known: tuple[Answer, ...]

    def __getitem__(self, place: int) -> Answer:
        return self.known[self.codes[place]]

    def where(self, test: Callable[[Answer], bool]) -> np.ndarray:
        """Return (rows,) bool: the rows whose answer passes ``test``."""
        return np.fromiter(map(test, self.known), dtype=bool, count=len(self.known))[self.codes]

    def replaced(self, where: np.ndarray, answer: Answer) -> Answers:
        """Return the answers with another one in the rows where it is true; (rows,) bool."""
        codes = self.codes.astype(np.min_scalar_type(len(self.known)))
        codes[where] = len(self.known)
        return Answers(codes, (*self.known, answer))


@dataclass(frozen=True)
class Unreadable:
    """A cell that cannot be read: the place of its row, its column."""

    place: int
    column: int
    problem: Problem


def read_claim(
    claim: Claim, book: Codebook | None, sheet: Sheet, accepted: np.ndarray
) -> tuple[Answers, list[Unreadable]]:
    """Return the answers of one question before the filters, and the cells that cannot be read.

    accepted: places of the rows that count; other rows are given any answer.
    """
    rows = len(sheet.rows)
    if book is None:
        return Answers(np.zeros(rows, dtype=np.uint8), (answered(claim.constant),)), []
    columns = sheet.rows.table.columns
    if len(claim.columns) == 1 and not claim.options:
        return _one_column(claim.columns[0], columns[claim.columns[0]], book, accepted)
    codes, cells = _combinations(claim, columns, accepted)
    known, problems = [], {}
    for place, texts in enumerate(cells):
        answer, found = read_ticks(book, claim, texts) if claim.options else _later(book, claim, sheet, texts)
        known.append(answer)
        if found:
            problems[place] = found
    all_codes = np.zeros(rows, dtype=np.min_scalar_type(len(known)))
    all_codes[accepted] = codes
    odd = np.flatnonzero(np.isin(codes, list(problems)))
    return Answers(all_codes, tuple(known) or (Answer(INVALID),)), [
        Unreadable(place, column, problem)
        for place, code in zip(accepted[odd].tolist(), codes[odd].tolist(), strict=True)
        for column, problem in problems[code].items()
    ]


def _one_column(
    number: int, column: Column, book: Codebook, accepted: np.ndarray
) -> tuple[Answers, list[Unreadable]]:
    is_used = np.zeros(len(column.texts), dtype=bool)
    is_used[column.codes[accepted]] = True
    known: list[Answer] = []
    problems: dict[int, Problem] = {}
    for code, (text, is_wanted) in enumerate(zip(column.texts, is_used.tolist(), strict=True)):
        answer = book.read(text) if is_wanted else _UNUSED
        if isinstance(answer, Problem):
            problems[code], answer = answer, Answer(INVALID)
        known.append(answer)
    found = []
    if problems:
        codes = column.codes[accepted]
        odd = np.flatnonzero(np.isin(codes, list(problems)))
        found = [
            Unreadable(place, number, problems[code])
            for place, code in zip(accepted[odd].tolist(), codes[odd].tolist(), strict=True)
        ]
    return Answers(column.codes, tuple(known)), found


_UNUSED = Answer(INVALID)


def _combinations(
    claim: Claim, columns: tuple[Column, ...], accepted: np.ndarray
) -> tuple[np.ndarray, list[dict[int, str]]]:
    """Return (codes of the accepted rows, column → text of each combination of cells that occurs)."""
    mixed = np.zeros(len(accepted), dtype=np.int64)
    size = 1
    for number in claim.columns:
        column = columns[number]
        if size * len(column.texts) > _MOST_COMBINATIONS:
            kept, mixed = np.unique(mixed, return_inverse=True)
            size = len(kept)
        mixed = mixed * len(column.texts) + column.codes[accepted]
        size *= len(column.texts)
    _, first, codes = np.unique(mixed, return_index=True, return_inverse=True)
    rows = accepted[first].tolist()
    cells = [{number: columns[number][row] for number in claim.columns} for row in rows]
    return small(codes, len(cells)), cells


def _later(book: Codebook, claim: Claim, sheet: Sheet, cells: dict[int, str]) -> tuple[Answer, dict]:
    """Return the answer to a question that was edited while the form was open: one of its columns is filled."""
    filled = [column for column in claim.columns if fold(cells[column])]
    if len(filled) > 1:
        return Answer(INVALID), {filled[1]: _filled_twice(book, claim, sheet)}
    column = filled[0] if filled else claim.columns[0]
    answer = book.read(cells[column])
    return (Answer(INVALID), {column: answer}) if isinstance(answer, Problem) else (answer, {})


def _filled_twice(book: Codebook, claim: Claim, sheet: Sheet) -> Problem:
    headers = "、".join(f"「{sheet.headers[column].path}」" for column in claim.columns)
    return book.source.problem(
        "1つの設問の2つの列に、同じ人の回答があります",
        "同じ設問の列かどうかを確かめ、違う設問なら columns の書き方を直してください。",
        key=f"{claim.question.id} {claim.question.label}",
        found=headers,
        expected="どれか1つの列だけに回答があること",
    )
