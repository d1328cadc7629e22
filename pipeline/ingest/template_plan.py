"""The keying workbook 入力表 as planned from the survey file: its sheets, columns, codes and ids.

The writer and the reader both ask here, so that what is written is what is expected back.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pipeline.matching import fold_tight
from pipeline.model import INVALID, NO_ANSWER, Option, Question, Survey, Wave

#: The word of the wave file for a keying workbook.
LAYOUT = "template"
#: Rows of a keying sheet: title, upper header, lower header, ids; then one row per form.
TITLE_ROW, UPPER_ROW, LOWER_ROW, ID_ROW = 1, 2, 3, 4
#: Columns of a keying sheet before the answers.
SERIAL_COLUMN, CHECK_COLUMN, FIRST_ANSWER_COLUMN = 0, 1, 2
SERIAL, CHECK, MEMO = "番号", "点検", "備考"
GUIDE_SHEET, STATE_SHEET = "記入要領", "入力状況"
SECOND = "（2回目）"
#: Rows where nobody wrote how many forms were handed out, and rows for forms of an unknown section.
ROWS_WITHOUT_HEADCOUNT, ROWS_OF_UNKNOWN = 500, 30
#: What the ids of columns of words end with: they are keyed once.
WORDS = " text"
MEMO_ID = "-" + WORDS
_LONGEST_SHEET_NAME = 31


@dataclass(frozen=True)
class Codes:
    """How 無回答 and 無効 are keyed: numbers that no option of the wave has."""

    no_answer: str
    invalid: str


@dataclass(frozen=True)
class Column:
    """One column of answers. ``option`` is set in a tick column and in the words of その他."""

    id: str
    upper: str
    lower: str
    question: Question | None = None
    option: str = ""

    @property
    def is_words(self) -> bool:
        """True for words typed as they stand on the form: その他, free answers, remarks."""
        return self.id.endswith(WORDS)

    @property
    def is_tick(self) -> bool:
        return not self.is_words and bool(self.option)


@dataclass(frozen=True)
class KeyingSheet:
    """One sheet to key into: ``rows`` numbered rows of the group ``group`` ("" = not by group).

    number, total: its place among the keying sheets of the workbook. keying: 1 or 2.
    """

    name: str
    number: int
    total: int
    group: str
    rows: int
    keying: int
    columns: tuple[Column, ...]


def codes(survey: Survey, wave: Wave) -> Codes:
    """Return the codes of the wave; questions with very many options need longer ones."""
    most = max((len(question.offered(wave.key)) for question in asked(survey, wave)), default=0)
    return Codes("99", "88") if most < 88 else Codes("999", "888")


def asked(survey: Survey, wave: Wave) -> tuple[Question, ...]:
    """Return the questions of the wave in the order of the survey file."""
    return tuple(question for question in survey.questions if wave.asks(question.id))


def sheet_attribute(survey: Survey, wave: Wave) -> Question | None:
    """Return the attribute whose groups have a sheet each; None when there is one sheet for all."""
    people = wave.population
    if people is None or not people.strata or not wave.asks(people.attribute):
        return None
    return survey.question(people.attribute)


def columns(survey: Survey, wave: Wave, group: str) -> tuple[Column, ...]:
    """Return the columns of a sheet; on the sheet of a group that attribute needs none."""
    by_sheet = sheet_attribute(survey, wave) if group else None
    found: list[Column] = []
    for question in asked(survey, wave):
        if question != by_sheet:
            found += _columns(question, wave, codes(survey, wave))
    return (*found, Column(MEMO_ID, MEMO, "集計しません"))


def _columns(question: Question, wave: Wave, marks: Codes) -> Iterable[Column]:
    upper = f"{question.number} {question.label}".strip()
    offered = question.offered(wave.key)
    if question.is_free_text:
        yield Column(question.id + WORDS, upper, "書かれたとおりに", question)
        return
    if question.kind == "multiple":
        for number, option in enumerate(offered, start=1):
            lower = f"{number} {option.short_label}"
            yield Column(f"{question.id}.{option.id}", upper, lower, question, option.id)
    else:
        meanings = [(str(number), option.id) for number, option in enumerate(offered, start=1)]
        meanings += [(marks.no_answer, NO_ANSWER), (marks.invalid, INVALID)]
        listed = " ".join(f"{code}={meaning}" for code, meaning in meanings)
        yield Column(f"{question.id} {listed}", upper, f"1～{len(offered)}", question)
    for option in offered:
        if option.is_other:
            lower = f"{option.short_label}の内容"
            yield Column(f"{question.id}.{option.id}{WORDS}", upper, lower, question, option.id)


def keying_sheets(survey: Survey, wave: Wave) -> tuple[KeyingSheet, ...]:
    """Return the sheets of the first keying, then as many of the second."""
    attribute, people = sheet_attribute(survey, wave), wave.population
    if attribute and people:
        groups = [
            (option.id, option.label, people.strata[option.id])
            for option in attribute.options
            if people.strata.get(option.id)
        ]
        groups.append(("", f"{attribute.label}不明", ROWS_OF_UNKNOWN))
    else:
        groups = [("", "入力", people.total if people else ROWS_WITHOUT_HEADCOUNT)]
    names = _sheet_names(label for _, label, _ in groups)
    total = 2 * len(groups)
    first = [
        KeyingSheet(name, number, total, group, rows, 1, columns(survey, wave, group))
        for number, (name, (group, _, rows)) in enumerate(zip(names, groups, strict=True), start=1)
    ]
    second = [
        replace(sheet, name=sheet.name + SECOND, number=sheet.number + len(first), keying=2)
        for sheet in first
    ]
    return (*first, *second)


def _sheet_names(labels: Iterable[str]) -> list[str]:
    """Return names that Excel allows, all different however long the labels are."""
    names: list[str] = []
    taken = {fold_tight(GUIDE_SHEET), fold_tight(STATE_SHEET)}
    for label in labels:
        plain = re.sub(r"[\[\]:*?/\\'\"]", "", label).strip() or "入力"
        longest = _LONGEST_SHEET_NAME - len(SECOND)
        name, number = plain[:longest], 2
        while fold_tight(name).lower() in taken:
            name, number = f"{plain[: longest - 4]}({number})", number + 1
        taken.add(fold_tight(name).lower())
        names.append(name)
    return names


def option_code(question: Question, wave: Wave, option: str) -> str:
    """Return the number by which ``option`` is keyed on the form of ``wave``."""
    return str([entry.id for entry in question.offered(wave.key)].index(option) + 1)


def other_options(question: Question, wave: Wave) -> tuple[Option, ...]:
    return tuple(option for option in question.offered(wave.key) if option.is_other)


def header_rows(sheet_columns: Iterable[Column]) -> list[list[str]]:
    """Return the texts of the three header rows; a header over several columns stands in the first."""
    upper, lower, ids = [SERIAL, CHECK], ["", ""], ["", ""]
    before: Question | None = None
    for column in sheet_columns:
        upper.append("" if before and column.question == before else column.upper)
        lower.append(column.lower)
        ids.append(column.id)
        before = column.question
    return [upper, lower, ids]


def header_digest(rows: Iterable[Iterable[str]]) -> str:
    """Return a short sum of the header texts: a header that somebody changed has another one."""
    words = "\n".join("\t".join(map(fold_tight, row)).rstrip("\t") for row in rows)
    return hashlib.sha256(words.encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Mark:
    """What stands in the first cell of the id row: whose sheet this is."""

    survey: str
    wave: str
    number: int
    total: int
    group: str
    keying: int
    digest: str

    def __str__(self) -> str:
        group = self.group or "-"
        return f"{self.survey}/{self.wave} {self.number}/{self.total} {group} {self.keying} {self.digest}"


_MARK = re.compile(r"(\S+)/(\S+) (\d+)/(\d+) (\S+) ([12]) ([0-9a-f]{8})")


def mark(survey: Survey, wave: Wave, sheet: KeyingSheet) -> Mark:
    digest = header_digest(header_rows(sheet.columns))
    return Mark(survey.id, wave.key, sheet.number, sheet.total, sheet.group, sheet.keying, digest)


def parse_mark(text: str) -> Mark | None:
    """Return the mark that ``text`` spells, or None."""
    if not (found := _MARK.fullmatch(text.strip())):
        return None
    survey, wave, number, total, group, keying, digest = found.groups()
    return Mark(survey, wave, int(number), int(total), "" if group == "-" else group, int(keying), digest)
