"""What the layouts hand over, whatever the file was: sheets of text cells under named columns.

Columns are counted from 0, rows as people see them in the file (the first is 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.ingest.cells import Rows
from pipeline.matching import nearest
from pipeline.model import Problem, Question, ReceivedFile, Survey, Wave

#: How many cells one message names before it only counts them.
MOST_CELLS = 10
#: What a message may quote of a cell: codes, marks, spellings of labels.
_LONGEST_CODE, _LONGEST_MARK, _LONGEST_LABEL = 10, 2, 40
#: Less like a label may be a label with somebody's own words beside it.
_LIKE_A_LABEL = 0.85


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
    cells: Sequence[tuple[str, ...]]
    spans: tuple[Span, ...] = ()
    flaws: tuple[Flaw, ...] = ()
    is_hidden: bool = False
    lengths: Sequence[int] = ()


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
class Claim:
    """Where a sheet holds the answers to one question.

    ``options`` names the option of each column (one column per option); it is empty for one cell.
    Several columns without options: the form was edited while it was open; one of them is filled.
    ``constant`` is the option everyone on the sheet has; then there is no column.
    """

    question: Question
    columns: tuple[int, ...] = ()
    options: tuple[str, ...] = ()
    constant: str = ""


@dataclass(frozen=True)
class Sheet:
    """One sheet with its header found; ``rows`` are all physical rows, header and blank ones too.

    separators: what may stand between several answers in one cell.
    system: columns the service itself adds; they belong to no question.
    claims: what the columns hold, where the file itself says it; else the wave file does.
    moment: the column of the time of answering.
    """

    name: str
    number: int
    headers: tuple[Header, ...]
    header_row: int
    serial: int | None
    rows: Rows
    flaws: tuple[Flaw, ...] = ()
    separators: tuple[str, ...] = ("、", ",", ";", "\n")
    system: frozenset[int] = frozenset()
    claims: tuple[Claim, ...] = ()
    moment: int | None = None


def column_name(column: int) -> str:
    """Return the letters of a column: 0 → A, 26 → AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """Return the column of its letters: A → 0, AA → 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


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


def quoted(text: str, known: Iterable[str] = ()) -> str:
    """Return what was found for a message: codes and what is like a known label, else its length.

    Anything else may be somebody's own words, even in the column of a closed question.
    """
    shown = " ".join(text.split())
    is_code = len(shown) <= _LONGEST_CODE and (shown.isascii() or len(shown) <= _LONGEST_MARK)
    if is_code or (len(shown) <= _LONGEST_LABEL and nearest(shown, known, _LIKE_A_LABEL)):
        return f"「{shown}」"
    return f"{len(text)}文字の文"


def titled(text: str) -> str:
    """Return a header for a message, shortened: the words of a form, not of a person."""
    shown = " ".join(text.split())
    return f"「{shown[:_LONGEST_LABEL]}…」" if len(shown) > _LONGEST_LABEL else f"「{shown}」"
