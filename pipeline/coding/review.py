"""The nouns of the review workbook 分類の作業表: its rows, its sheets, its columns. Written by one module, read by another."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from pipeline.coding.decisions import Decision, comment_key
from pipeline.model import Question, Survey, Theme

ID, PART, QUESTION, COUNT, TEXT = "回答ID", "区分", "設問", "件数", "原文"
MACHINE = ("機械案1", "機械案2", "機械案3", "確信", "根拠")
CHOICES = ("決定1", "決定2", "決定3")
OTHER_CHOICE = "無回答など"
MEMO, CODER, DAY = "メモ", "確認者", "日付"
PRIOR, CHECK = "前の決定", "照合"
#: Cells above the header that sign every row which is not signed itself.
SHEET_CODER, SHEET_DAY = "この表の確認者", "この表の日付"
FIRST, SECOND = "first", "second"
CONFIRM_SHEET = "確認リスト"
#: What is on a sheet and why, in the order of reading.
AUDIT, DOUBTFUL, UNDECIDED, AGAIN = "抜き取り", "要確認", "未決定", "主題の変更"
DECIDED, SHORT = "決定済み", "短い文"
#: Of a short text whose form is known for certain: the part names the code that stands there already.
_BY_FORM = "形で判定 "
#: Below so many answers a person reads them all (§3.3 of the coding notes).
READ_ALL = 150
SECOND_SAMPLE = 100
_SHORTEST_ID, _LONGEST_SHOWN = 8, 4000
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Masked(Protocol):
    """A text with names masked, and the kinds of what was masked in it."""

    text: str
    kinds: Iterable[str]


@dataclass(frozen=True)
class Text:
    """A distinct answer: ``count`` people wrote it; ``shown`` has names masked."""

    id: str
    question: str
    key: str
    text: str
    shown: str
    count: int
    is_masked: bool = False

    @property
    def place(self) -> tuple[str, str]:
        return self.question, self.key


@dataclass(frozen=True)
class Suggestion:
    """What the machine says of an answer, how sure it is (高, 中, 低) and why."""

    code: str
    certainty: str
    reason: str


@dataclass(frozen=True)
class Carried:
    """What a person typed beside the decision; it moves to the next workbook."""

    memo: str = ""
    coder: str = ""
    date: str = ""


@dataclass(frozen=True)
class Row:
    """One row of a sheet. ``form`` is the code its form has for certain."""

    text: Text
    part: str
    suggestions: tuple[Suggestion, ...] = ()
    prior: Decision | None = None
    form: str = ""
    carried: Carried = Carried()

    @property
    def chosen(self) -> tuple[str, ...]:
        """The codes that stand in the cells when the sheet is given out."""
        if self.part == AGAIN:
            return ()
        return self.prior.codes if self.prior else (self.form,) if self.form else ()

    @property
    def part_shown(self) -> str:
        return f"{_BY_FORM}{self.form}" if self.form else self.part


@dataclass(frozen=True)
class Sheet:
    """Rows to decide under each other; ``question`` is "" where several questions meet."""

    name: str
    question: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Listing:
    """A sheet that is only read: a table under some words."""

    name: str
    words: tuple[str, ...]
    columns: tuple[tuple[str, int], ...]
    rows: tuple[tuple[object, ...], ...]


@dataclass(frozen=True)
class Book:
    """The whole workbook. ``kind`` is FIRST or SECOND (a second coder sees nothing of the machine)."""

    survey: Survey
    wave: str
    kind: str
    themes: tuple[Theme, ...]
    theme_version: str
    sheets: tuple[Sheet, ...]
    listings: tuple[Listing, ...] = ()
    guide: tuple[str, ...] = ()

    @property
    def has_machine(self) -> bool:
        return any(row.suggestions for sheet in self.sheets for row in sheet.rows)

    def mark(self, sheet: Sheet) -> str:
        """What the first cell says the sheet is."""
        return f"{self.survey.id} {self.wave} {self.kind} {sheet.question or CONFIRM_SHEET}"

    def themes_of(self, box: str) -> list[Theme]:
        return [theme for theme in self.themes if theme.box == box]


def columns(has_machine: bool, has_question: bool) -> tuple[str, ...]:
    """Return the headers of a sheet in order; the question stands where several questions meet."""
    question = (QUESTION,) if has_question else ()
    machine = MACHINE if has_machine else ()
    return (
        ID,
        PART,
        *question,
        COUNT,
        TEXT,
        *machine,
        *CHOICES,
        OTHER_CHOICE,
        MEMO,
        CODER,
        DAY,
        PRIOR,
        CHECK,
    )


#: The columns a row's check is made over: everything a person must not change.
LOCKED = (ID, PART, QUESTION, COUNT, TEXT, *MACHINE, PRIOR)


def check_sum(cells: Mapping[str, str]) -> str:
    """Return the check over the locked cells of a row; how they are broken into lines does not count."""
    said = [f"{name}={' '.join(cells[name].split())}" for name in LOCKED if name in cells]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:10]


def form_of(part: str) -> str:
    """Return the code the form of a short text has, from the cell of its part; "" for other rows."""
    return part.removeprefix(_BY_FORM) if part.startswith(_BY_FORM) else ""


def reviewed(survey: Survey) -> tuple[Question, ...]:
    """Return the questions whose answers are sorted into themes."""
    return tuple(question for question in survey.questions if question.is_free_text and question.box)


def choice_label(theme: Theme) -> str:
    """Return what a person chooses: ``G1 知識・発想``."""
    return f"{theme.code} {theme.name}"


def shown_codes(codes: Sequence[str], themes: Sequence[Theme]) -> list[str]:
    """Return which of the codes stand in the cells of choice: three themes at most, then one of 無回答など."""
    boxes = {theme.code: theme.box for theme in themes}
    own = [code for code in codes if boxes.get(code) in ("good", "hard")][: len(CHOICES)]
    return [*own, *[code for code in codes if boxes.get(code) == "both"][:1]]


def distinct_texts(
    survey: Survey, wave: str, comments: pd.DataFrame, masked: Iterable[str]
) -> tuple[Text, ...]:
    """Return each distinct answer of the wave once, in the order of the survey file, then of its key.

    comments: frames.COMMENTS; masked: its texts with names masked, row by row.
    """
    questions = [question.id for question in reviewed(survey)]
    counts: Counter[tuple[str, str]] = Counter()
    words: dict[tuple[str, str], tuple[str, str, bool]] = {}
    rows = comments[["wave", "question", "text"]].itertuples(index=False, name=None)
    for (of_wave, question, text), hidden in zip(rows, masked, strict=True):
        if of_wave == wave and question in questions:
            place = question, comment_key(question, text)
            counts[place] += 1
            # Spelt in several widths, the same one is shown whatever their order.
            said = text, hidden.text, bool(tuple(hidden.kinds))
            words[place] = min(words.get(place, said), said)
    places = sorted(words, key=lambda place: (questions.index(place[0]), place[1]))
    length = _SHORTEST_ID
    while len({(question, key[:length]) for question, key in places}) < len(places):
        length += 1
    found = []
    for question, key in places:
        text, shown, is_masked = words[question, key]
        count = counts[question, key]
        found.append(
            Text(f"{question}-{key[:length]}", question, key, text, showable(shown), count, is_masked)
        )
    return tuple(found)


def showable(text: str) -> str:
    """Return the text as a cell can hold it."""
    text = _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…（以下略）"


def second_sample(texts: Iterable[Text]) -> list[Text]:
    """Return at least SECOND_SAMPLE distinct answers for the second coder, all when there are fewer.

    A simple random sample by the hash of the key: it stays the same while answers are added.
    """

    def lot(text: Text) -> str:
        return hashlib.sha256(f"second coder\n{text.question}\n{text.key}".encode()).hexdigest()

    return sorted(texts, key=lot)[:SECOND_SAMPLE]
