"""One row of the review workbook that came back: whose it is, and what was decided on it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.coding.decisions import Decision
from pipeline.coding.review import (
    AGAIN,
    CHECK,
    CHOICES,
    CODER,
    DAY,
    ID,
    LOCKED,
    MEMO,
    OTHER_CHOICE,
    PART,
    PRIOR,
    SHEET_CODER,
    SHEET_DAY,
    Carried,
    Text,
    check_sum,
    choice_label,
    form_of,
    shown_codes,
)
from pipeline.matching import fold, fold_tight
from pipeline.model import EMPTY, Problem, Survey, Theme
from pipeline.numerals import read_day

_LONGEST_CODE = 4
_PRIOR = re.compile(r"([^（]*)（")
MEND = "Excelで直して保存してから、もう一度実行してください。"
RESTORE = "触らない列を変えてしまったときは、「元に戻す」か、保存前のファイルに戻してください。"


@dataclass(frozen=True)
class Difference:
    """One text whose decision on the workbook is not the one that is known. No codes: undecided again."""

    decision: Decision
    before: tuple[str, ...]
    id: str

    @property
    def kind(self) -> str:
        if not self.decision.codes:
            return "取り消し"
        return "変更" if self.before else "新規"


@dataclass(frozen=True)
class TakenBack:
    """What a workbook that came back says."""

    differences: tuple[Difference, ...]
    carried: Mapping[str, Carried]


@dataclass(frozen=True)
class Expected:
    """What the workbook must be of: survey, wave, kind, its answers, its themes, and what is decided.

    apart: decisions of whom this coder must not be; {} in the first coder's workbook.
    """

    survey: Survey
    wave: str
    kind: str
    texts: Sequence[Text]
    themes: Sequence[Theme]
    theme_version: str
    decisions: Mapping[tuple[str, str], Decision]
    file: str
    apart: Mapping[tuple[str, str], Decision] = field(default_factory=lambda: EMPTY)

    def codes(self, question: str) -> list[str]:
        """Return the codes that may be decided for a question."""
        box = self.survey.question(question).box
        return [theme.code for theme in self.themes if theme.box in (box, "both")]

    @property
    def exclusive(self) -> set[str]:
        """Codes that say there is no theme: X0 and X1 stand alone."""
        return {theme.code for theme in self.themes if theme.box == "both" and theme.code != "X9"}


@dataclass
class Reading:
    """One workbook on its way: what was found so far."""

    expected: Expected
    problems: list[Problem] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    carried: dict[str, Carried] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)

    def note(self, what: str, sheet: str, cell: str = "", step: str = MEND, **more: str) -> None:
        self.problems.append(
            Problem(what, file=self.expected.file, sheet=sheet, cell=cell, next_step=step, **more)
        )


@dataclass(frozen=True)
class Line:
    """One row of one sheet."""

    sheet: str
    number: int
    cells: Mapping[str, str]
    columns: Mapping[str, int]

    def cell(self, name: str) -> str:
        return cell_name(self.number, self.columns[name])


def text_of(line: Line, texts: Mapping[str, Text], reading: Reading) -> Text | None:
    """Return the answer of a row; None, with a problem noted, when its locked cells are not as given out."""
    given, place = line.cells[ID], f"{line.number}行目"
    if given not in texts:
        what = "この調査回の回答ではない行があります" if given else "回答IDのない行があります"
        step = "行を消すか、回答を受け取り直したときは、この作業表を別の場所に移して作り直してください。"
        reading.note(what, line.sheet, line.cell(ID), step=step, key=ID)
        return None
    if given in reading.seen:
        reading.note("同じ回答の行が2つあります", line.sheet, place, key=given, found=reading.seen[given])
        return None
    reading.seen[given] = f"「{line.sheet}」の{place}"
    locked = {name: line.cells[name] for name in LOCKED if name in line.cells}
    if check_sum(locked) != line.cells[CHECK]:
        what = "変えてはいけない列（原文など）が変わっています"
        reading.note(what, line.sheet, place, step=RESTORE, key=given)
        return None
    return texts[given]


def read_line(line: Line, text: Text, signed: Carried, reading: Reading) -> None:
    """Note the decision of one row, if it is another than the one known."""
    cells, expected = line.cells, reading.expected
    match = _PRIOR.match(cells[PRIOR])
    prior = match[1].split(";") if match and cells[PART] != AGAIN else []
    given_out = set(shown_codes(prior, expected.survey.themes))
    typed = _typed(line)
    # What was not touched is not judged: its theme may have gone since.
    codes = tuple(typed.values()) if set(typed.values()) == given_out else _chosen(line, text, typed, reading)
    if codes is None:
        return
    before = expected.decisions.get(text.place)
    known = before.codes if before else ()
    is_signed = bool(cells[CODER] or signed.coder)
    form = form_of(cells[PART])
    is_untouched = set(codes) == given_out or (form != "" and codes == (form,) and not is_signed)
    is_new = not is_untouched and set(codes) != set(known)
    own = Carried(cells[MEMO]) if codes else Carried(cells[MEMO], cells[CODER], cells[DAY])
    if any((own.memo, own.coder, own.date)):
        reading.carried[text.id] = own
    if is_new:
        coder, day = _signature(line, signed, reading)
        other = expected.apart.get(text.place)
        if coder and other and fold_tight(other.coder) == fold_tight(coder):
            what, step = "1人目と同じ人が決めています", "別の人が、1人目の決定を見ずに決めてください。"
            reading.note(what, line.sheet, line.cell(CODER), step=step, key=text.id, found=coder)
        decision = Decision(text.key, text.question, codes, coder, day, expected.theme_version)
        reading.differences.append(Difference(decision, known, text.id))


def _signature(line: Line, signed: Carried, reading: Reading) -> tuple[str, str]:
    """Return who decided a row and when."""
    given, cells = line.cells[ID], line.cells
    coder, day = cells[CODER] or signed.coder, read_day(cells[DAY]) if cells[DAY] else signed.date
    if not coder:
        what, step = (
            "決定した人が書かれていません",
            f"行の「{CODER}」か、表の上の「{SHEET_CODER}」に書いてください。",
        )
        reading.note(what, line.sheet, line.cell(CODER), step=step, key=given)
    if not day:
        what, expected = "日付がないか、書き方が違います", "2026-02-03 のような日付"
        step = f"行の「{DAY}」か、表の上の「{SHEET_DAY}」に書いてください。"
        reading.note(what, line.sheet, line.cell(DAY), step=step, key=given, expected=expected)
    return coder, day


def _typed(line: Line) -> dict[str, str]:
    """Return the code of each cell of choice that is filled, as it stands there."""
    cells = {name: fold(line.cells[name]) for name in (*CHOICES, OTHER_CHOICE)}
    return {name: cell.split(" ")[0].upper() for name, cell in cells.items() if cell}


def _chosen(line: Line, text: Text, typed: Mapping[str, str], reading: Reading) -> tuple[str, ...] | None:
    """Return the codes of a row in the order of the themes; None, with problems noted, when one is wrong."""
    allowed = reading.expected.codes(text.question)
    labels = {theme.code: choice_label(theme) for theme in reading.expected.themes}
    chosen, is_right = set(typed.values()), True
    for name, code in typed.items():
        if code not in allowed:
            # A word of somebody's own may stand there; only its length is told.
            what, length = "一覧にない主題です", len(line.cells[name])
            found = f"{length}文字" if len(code) > _LONGEST_CODE else f"「{code}」"
            expected = "、".join(labels[known] for known in allowed)
            reading.note(
                what, line.sheet, line.cell(name), key=line.cells[ID], found=found, expected=expected
            )
            is_right = False
    if len(chosen) > 1 and chosen & reading.expected.exclusive:
        what = "無回答・問題なしと主題がいっしょに選ばれています"
        found = "、".join(sorted(chosen))
        cell = f"{line.number}行目"
        reading.note(what, line.sheet, cell, key=line.cells[ID], found=found, expected="どちらかだけ")
        is_right = False
    return tuple(code for code in allowed if code in chosen) if is_right else None


def cell_name(row: int, column: int | None) -> str:
    """Return e.g. ``E12``; columns are counted from 0."""
    letters, place = "", (column or 0) + 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"
