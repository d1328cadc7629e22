"""The review workbook coming back: what was decided on it, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from pipeline.coding.review import (
    CONFIRM_SHEET,
    ID,
    MACHINE,
    QUESTION,
    SHEET_CODER,
    SHEET_DAY,
    Carried,
    columns,
    reviewed,
)
from pipeline.coding.review_row_reading import (
    RESTORE,
    Expected,
    Line,
    Reading,
    TakenBack,
    cell_name,
    read_line,
    text_of,
)
from pipeline.matching import nearest
from pipeline.model import ProblemsFound
from pipeline.numerals import read_day

_SEARCHED_ROWS = 12


class Flawed(Protocol):
    row: int
    column: int | None
    kind: str


class SheetText(Protocol):
    """A sheet as text, as the reader of workbooks returns it: rows from the first, flaws by row (from 1)."""

    name: str
    cells: Sequence[Sequence[str]]
    flaws: Iterable[Flawed]


def take_back(grids: Iterable[SheetText], expected: Expected) -> TakenBack:
    """Return what the sheets decide differently from ``expected.decisions``.

    Sheets are known by their first cell, columns by their header, rows by 回答ID: sorting, hiding and
    moving do no harm. Raises ProblemsFound with every problem of the workbook.
    """
    reading = Reading(expected)
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


def _missing_sheets(found: set[str], reading: Reading) -> None:
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
            reading.note("シートがないか、左上の印が消えています", label, step=RESTORE, expected=label)


def _read_sheet(grid: SheetText, reading: Reading) -> None:
    header = next((i for i, row in enumerate(grid.cells[:_SEARCHED_ROWS]) if ID in row), None)
    if header is None:
        reading.note("見出しの行が見つかりません", grid.name, expected=f"「{ID}」のある行", step=RESTORE)
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
        line = Line(grid.name, number, cells, names)
        text = text_of(line, texts, reading)
        if text:
            read_line(line, text, signed, reading)


def _columns(grid: SheetText, header: int, reading: Reading) -> dict[str, int] | None:
    """Return column name → place; None when one is missing or there twice."""
    cells = [cell.strip() for cell in grid.cells[header]]
    has_machine, has_question = any(name in cells for name in MACHINE), QUESTION in cells
    wanted, is_right = columns(has_machine, has_question), True
    for name in wanted:
        if cells.count(name) != 1:
            what = (
                "列の見出しがないか、変わっています" if name not in cells else "同じ見出しの列が2つあります"
            )
            close = nearest(name, [cell for cell in cells if cell and cell not in wanted])
            found = f"似た見出し「{close}」" if close else ""
            reading.note(what, grid.name, f"{header + 1}行目", step=RESTORE, expected=name, found=found)
            is_right = False
    return {name: cells.index(name) for name in wanted} if is_right else None


def _formulas(grid: SheetText, header: int, names: Mapping[str, int], reading: Reading) -> None:
    """Note formulas in the table and in the signatures above it."""
    places = sorted(
        (flaw.row, flaw.column)
        for flaw in grid.flaws
        if flaw.kind in ("formula", "error_value") and (flaw.row <= header or flaw.column in names.values())
    )
    if places:
        cells = "、".join(cell_name(*place) for place in places[:10])
        more = f" ほか{len(places) - 10}件" if len(places) > 10 else ""
        reading.note(
            "計算式かエラー値が入っています",
            grid.name,
            cells + more,
            expected="一覧から選んだ値か、打ち込んだ文字",
        )


def _signatures(grid: SheetText, header: int, reading: Reading) -> Carried:
    """Return who signed the whole sheet and when."""
    said = {}
    for number, row in enumerate(grid.cells[:header], start=1):
        for place, cell in enumerate(row[:-1]):
            if cell.strip() in (SHEET_CODER, SHEET_DAY):
                said[cell.strip()] = row[place + 1].strip(), cell_name(number, place + 1)
    day, cell = said.get(SHEET_DAY, ("", ""))
    if day and not read_day(day):
        reading.note(
            "日付の書き方が違います", grid.name, cell, key=SHEET_DAY, expected="2026-02-03 のような日付"
        )
    return Carried("", said.get(SHEET_CODER, ("", ""))[0], read_day(day))
