"""The review workbook coming back: what was decided on it, or everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pipeline.coding.decisions import Decision
from pipeline.coding.review import (
    AGAIN,
    CHECK,
    CHOICES,
    CODER,
    CONFIRM_SHEET,
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
    columns,
    form_of,
    reviewed,
)
from pipeline.coding.signed_table import read_day
from pipeline.matching import fold, nearest
from pipeline.model import Problem, ProblemsFound, Survey, Theme

_SEARCHED_ROWS, _LONGEST_CODE = 12, 4
_PRIOR = re.compile(r"([^（]*)（")
_MEND = "Excelで直して保存してから、もう一度実行してください。"
_RESTORE = "触らない列を変えてしまったときは、「元に戻す」か、保存前のファイルに戻してください。"


class Flawed(Protocol):
    row: int
    column: int | None
    kind: str


class SheetText(Protocol):
    """A sheet as text, as the reader of workbooks returns it: rows from the first, flaws by row (from 1)."""

    name: str
    cells: Sequence[Sequence[str]]
    flaws: Iterable[Flawed]


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
    """What the workbook must be of: survey, wave, kind, its answers, its themes, and what is decided."""

    survey: Survey
    wave: str
    kind: str
    texts: Sequence[Text]
    themes: Sequence[Theme]
    theme_version: str
    decisions: Mapping[tuple[str, str], Decision]
    file: str

    def codes(self, question: str) -> list[str]:
        """Return the codes that may be decided for a question."""
        box = self.survey.question(question).box
        return [theme.code for theme in self.themes if theme.box in (box, "both")]

    @property
    def exclusive(self) -> set[str]:
        """Codes that say there is no theme: X0 and X1 stand alone."""
        return {theme.code for theme in self.themes if theme.box == "both" and theme.code != "X9"}


@dataclass
class _Reading:
    """One workbook on its way: what was found so far."""

    expected: Expected
    problems: list[Problem] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    carried: dict[str, Carried] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)

    def note(self, what: str, sheet: str, cell: str = "", step: str = _MEND, **more: str) -> None:
        self.problems.append(
            Problem(what, file=self.expected.file, sheet=sheet, cell=cell, next_step=step, **more)
        )


@dataclass(frozen=True)
class _Line:
    """One row of one sheet."""

    sheet: str
    number: int
    cells: Mapping[str, str]
    columns: Mapping[str, int]

    def cell(self, name: str) -> str:
        return _cell_name(self.number, self.columns[name])


def take_back(grids: Iterable[SheetText], expected: Expected) -> TakenBack:
    """Return what the sheets decide differently from ``expected.decisions``.

    Sheets are known by their first cell, columns by their header, rows by 回答ID: sorting, hiding and
    moving do no harm. Raises ProblemsFound with every problem of the workbook.
    """
    reading = _Reading(expected)
    found: set[str] = set()
    begin = f"{expected.survey.id} {expected.wave} {expected.kind} "
    for grid in grids:
        mark = grid.cells[0][0] if grid.cells and grid.cells[0] else ""
        if mark.startswith(begin):
            found.add(mark.removeprefix(begin))
            _read_sheet(grid, reading)
    _missing_sheets(found, reading)
    if reading.problems:
        raise ProblemsFound(reading.problems)
    return TakenBack(tuple(reading.differences), reading.carried)


def _missing_sheets(found: set[str], reading: _Reading) -> None:
    expected = reading.expected
    wanted = {question.id: question.label for question in reviewed(expected.survey)}
    wanted[CONFIRM_SHEET] = CONFIRM_SHEET
    if not found:
        what = "この調査回の作業表ではありません（左上の印がありません）"
        step = "ファイルを取り違えていないか確かめ、別の場所に移してから、もう一度実行してください。"
        reading.note(what, "", step=step, expected=f"{expected.survey.id} {expected.wave} の作業表")
        return
    for name, label in wanted.items():
        if name not in found:
            reading.note("シートがないか、左上の印が消えています", label, step=_RESTORE, expected=label)


def _read_sheet(grid: SheetText, reading: _Reading) -> None:
    header = next((i for i, row in enumerate(grid.cells[:_SEARCHED_ROWS]) if ID in row), None)
    if header is None:
        reading.note("見出しの行が見つかりません", grid.name, expected=f"「{ID}」のある行", step=_RESTORE)
        return
    names = _columns(grid, header, reading)
    if names is None:
        return
    _formulas(grid, header, names, reading)
    signed = _signatures(grid, header, reading)
    texts = {text.id: text for text in reading.expected.texts}
    for number, row in enumerate(grid.cells[header + 1 :], start=header + 2):
        cells = {name: row[place].strip() for name, place in names.items()}
        if not any(cells.values()):
            continue
        line = _Line(grid.name, number, cells, names)
        text = _text_of(line, texts, reading)
        if text:
            _read_line(line, text, signed, reading)


def _columns(grid: SheetText, header: int, reading: _Reading) -> dict[str, int] | None:
    """Return column name → place; None when one is missing or there twice."""
    cells = [cell.strip() for cell in grid.cells[header]]
    has_machine = any(name in cells for name in set(columns(True)) - set(columns(False)))
    wanted, is_right = columns(has_machine), True
    for name in wanted:
        if cells.count(name) != 1:
            what = (
                "列の見出しがないか、変わっています" if name not in cells else "同じ見出しの列が2つあります"
            )
            close = nearest(name, [cell for cell in cells if cell and cell not in wanted])
            found = f"似た見出し「{close}」" if close else ""
            reading.note(what, grid.name, f"{header + 1}行目", step=_RESTORE, expected=name, found=found)
            is_right = False
    return {name: cells.index(name) for name in wanted} if is_right else None


def _formulas(grid: SheetText, header: int, names: Mapping[str, int], reading: _Reading) -> None:
    """Note formulas in the table and in the signatures above it."""
    places = sorted(
        (flaw.row, flaw.column)
        for flaw in grid.flaws
        if flaw.kind in ("formula", "error_value") and (flaw.row <= header or flaw.column in names.values())
    )
    if places:
        cells = "、".join(_cell_name(*place) for place in places[:10])
        more = f" ほか{len(places) - 10}件" if len(places) > 10 else ""
        reading.note(
            "計算式かエラー値が入っています",
            grid.name,
            cells + more,
            expected="一覧から選んだ値か、打ち込んだ文字",
        )


def _signatures(grid: SheetText, header: int, reading: _Reading) -> Carried:
    """Return who signed the whole sheet and when."""
    said = {}
    for number, row in enumerate(grid.cells[:header], start=1):
        for place, cell in enumerate(row[:-1]):
            if cell.strip() in (SHEET_CODER, SHEET_DAY):
                said[cell.strip()] = row[place + 1].strip(), _cell_name(number, place + 1)
    day, cell = said.get(SHEET_DAY, ("", ""))
    if day and not read_day(day):
        reading.note(
            "日付の書き方が違います", grid.name, cell, key=SHEET_DAY, expected="2026-02-03 のような日付"
        )
    return Carried("", said.get(SHEET_CODER, ("", ""))[0], read_day(day))


def _text_of(line: _Line, texts: Mapping[str, Text], reading: _Reading) -> Text | None:
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
        reading.note(what, line.sheet, place, step=_RESTORE, key=given)
        return None
    return texts[given]


def _read_line(line: _Line, text: Text, signed: Carried, reading: _Reading) -> None:
    """Note the decision of one row, if it is another than the one known."""
    cells, expected = line.cells, reading.expected
    match = _PRIOR.match(cells[PRIOR])
    given_out = set(match[1].split(";")) if match and cells[PART] != AGAIN else set()
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
        decision = Decision(text.key, text.question, codes, coder, day, expected.theme_version)
        reading.differences.append(Difference(decision, known, text.id))


def _signature(line: _Line, signed: Carried, reading: _Reading) -> tuple[str, str]:
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


def _typed(line: _Line) -> dict[str, str]:
    """Return the code of each cell of choice that is filled, as it stands there."""
    cells = {name: fold(line.cells[name]) for name in (*CHOICES, OTHER_CHOICE)}
    return {name: cell.split(" ")[0].upper() for name, cell in cells.items() if cell}


def _chosen(line: _Line, text: Text, typed: Mapping[str, str], reading: _Reading) -> tuple[str, ...] | None:
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


def _cell_name(row: int, column: int | None) -> str:
    letters, place = "", (column or 0) + 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"
