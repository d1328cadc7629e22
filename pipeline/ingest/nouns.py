"""What the layouts hand over, whatever the file was: sheets of text cells under named columns.

Columns are counted from 0, rows as people see them in the file (the first is 1).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.model import Problem, Question, ReceivedFile, Survey, Wave

#: How many cells one message names before it only counts them.
MOST_CELLS = 10


@dataclass(frozen=True)
class Source:
    """One received file of one wave; ``number`` is its place among the files of the wave (1, 2 …)."""

    survey: Survey
    wave: Wave
    received: ReceivedFile
    number: int

    @property
    def file(self) -> str:
        """Path from the workspace, as messages show it."""
        return f"data/raw/{self.survey.id}/{self.wave.key}/{self.received.file}"

    @property
    def definition(self) -> str:
        return f"surveys/{self.survey.id}/waves/{self.wave.key}.toml"

    @property
    def asked(self) -> tuple[Question, ...]:
        """Questions of this wave in the order of the survey file."""
        return tuple(question for question in self.survey.questions if self.wave.asks(question.id))

    def problem(self, what: str, fix: str = "", **more: str) -> Problem:
        """Return a problem of this file; ``fix`` is what to do before the check is run again."""
        again = f"もう一度 python -m pipeline check {self.survey.id} を実行してください。"
        return Problem(what, file=self.file, next_step=f"{fix}そのあと、{again}" if fix else again, **more)


@dataclass(frozen=True)
class Flaw:
    """Something a reader saw that matters only where an answer stands: a cell, a whole row or column.

    ``kind`` is a key of ``reports.KINDS``; ``column`` is None for the whole row, ``row`` 0 for the whole column.
    """

    row: int
    column: int | None
    kind: str


@dataclass(frozen=True)
class Span:
    """A merged range; both ends belong to it."""

    top: int
    left: int
    bottom: int
    right: int

    def covers(self, row: int, column: int) -> bool:
        return self.top <= row <= self.bottom and self.left <= column <= self.right


@dataclass(frozen=True)
class Grid:
    """One sheet as text. ``cells[i]`` is row i + 1; all rows are equally long; the last is not empty.

    lengths: how many cells each row really had, where the file tells (text files).
    """

    name: str
    number: int
    cells: tuple[tuple[str, ...], ...]
    spans: tuple[Span, ...] = ()
    flaws: tuple[Flaw, ...] = ()
    is_hidden: bool = False
    lengths: tuple[int, ...] = ()


@dataclass(frozen=True)
class Header:
    """The header of one column: ``upper`` parts and the ``lower`` one; both empty for no header."""

    upper: tuple[str, ...]
    lower: str

    @property
    def path(self) -> str:
        return " / ".join(part for part in (*self.upper, self.lower) if part)

    @property
    def group(self) -> str:
        """The upper header, where there is a lower one under it."""
        return " / ".join(self.upper) if self.lower else ""


@dataclass(frozen=True)
class Row:
    """One physical row. ``reason`` says why it cannot be an answer ("" = it may be one)."""

    number: int
    cells: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True)
class Sheet:
    """One sheet with its header found; ``rows`` are all physical rows, header and blank ones too.

    separators: what may stand between several answers in one cell.
    system: columns the service itself adds; they belong to no question.
    moment: the column of the time of answering.
    """

    name: str
    number: int
    headers: tuple[Header, ...]
    header_row: int
    serial: int | None
    rows: tuple[Row, ...]
    flaws: tuple[Flaw, ...] = ()
    separators: tuple[str, ...] = ("、", ",", ";", "\n")
    system: frozenset[int] = frozenset()
    moment: int | None = None


def column_name(column: int) -> str:
    """Return the letters of a column: 0 → A, 26 → AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell_name(row: int, column: int | None) -> str:
    """Return e.g. ``E12``; the whole row is ``12行目``, the whole column ``E列``."""
    if row == 0 and column is not None:
        return f"{column_name(column)}列"
    return f"{row}行目" if column is None else f"{column_name(column)}{row}"


def listed(places: Iterable[str]) -> str:
    """Return the first places joined, and how many more there are."""
    places = list(places)
    more = len(places) - MOST_CELLS
    return "、".join(places[:MOST_CELLS]) + (f" ほか{more}件" if more > 0 else "")


def quoted(text: str) -> str:
    """Return a label for a message: short ones as they are, what may be a free answer as its length."""
    if len(text) > 40:
        return f"{len(text)}文字の文"
    shown = " ".join(text.split())
    return f"「{shown[:30]}…」" if len(shown) > 30 else f"「{shown}」"
