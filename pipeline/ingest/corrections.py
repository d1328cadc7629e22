"""Declared corrections: put into the sheets of a file before anything in it is decoded."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace

from pipeline.ingest.cells import Rows
from pipeline.ingest.moments import read_moment
from pipeline.ingest.nouns import Sheet, Source, column_number
from pipeline.matching import fold, nearest
from pipeline.model import Correction, Problem

_PLACE = re.compile(r"([A-Z]+)([0-9]+)")
#: What a correction puts in the place of: the cell was unreadable as it stood.
_MENDED = ("error_value", "uncalculated")
_FIX = "受け取ったファイルか surveys/{survey}/corrections.csv の行を確かめて、直してください。"
#: Reason in the ledger of a row that a correction leaves out.
EXCLUDED = "excluded"
#: (sheet number, row) → cells corrected in that row.
CorrectedRows = Mapping[tuple[int, int], tuple[str, ...]]


def correct(sheets: list[Sheet], source: Source, problems: list[Problem]) -> tuple[list[Sheet], CorrectedRows]:
    """Return the sheets as corrected, and which cells of which rows were.

    Adds a problem for each correction that finds something else, lies outside, or has no sheet: one
    that changes nothing would pass for one that did.
    """
    corrected: dict[tuple[int, int], tuple[str, ...]] = {}
    for correction in _declared(source):
        place = next((n for n, sheet in enumerate(sheets) if fold(sheet.name) == fold(correction.sheet)), None)
        if place is None:
            names = [sheet.name for sheet in sheets]
            found = nearest(correction.sheet, names) or "、".join(filter(None, names)) or "シートのないファイル"
            problems.append(_problem(source, correction, "訂正するシートがありません", found, correction.sheet))
            continue
        changed = _corrected(sheets[place], correction, source)
        if isinstance(changed, Problem):
            problems.append(changed)
            continue
        sheets = [*sheets[:place], changed, *sheets[place + 1 :]]
        key = (changed.number, _row_column(correction, changed)[0])
        corrected[key] = (*corrected.get(key, ()), correction.cell)
    return sheets, corrected


def _declared(source: Source) -> list[Correction]:
    file = unicodedata.normalize("NFC", source.received.file)
    return [c for c in source.survey.corrections if (c.wave, c.file) == (source.wave.key, file)]


def _row_column(correction: Correction, sheet: Sheet) -> tuple[int, int]:
    """Return the place of the cell that must hold what was found: for a whole row its number, else its time."""
    if correction.leaves_row_out:
        own = next((column for column in (sheet.serial, sheet.moment) if column is not None), 0)
        return int(correction.cell.removesuffix("行目")), own
    letters, row = _PLACE.fullmatch(correction.cell).groups()
    return int(row), column_number(letters)


def _corrected(sheet: Sheet, correction: Correction, source: Source) -> Sheet | Problem:
    number, column = _row_column(correction, sheet)
    columns = sheet.rows.table.columns
    if not 0 < number <= len(sheet.rows) or column >= len(columns):
        last = f"{len(sheet.rows)}行{len(sheet.headers)}列まで"
        return _problem(source, correction, "訂正するセルが表の外にあります", "（表の外）", last)
    place, text = number - 1, columns[column][number - 1].strip()
    if sheet.rows.reasons[place]:
        what = "訂正するセルが回答の行ではありません"
        return _problem(source, correction, what, "見出し・空白・合計などの行", "回答の行のセル")
    if not _is_found(correction, text, sheet):
        what = "訂正するセルの中身が、訂正の表と違います"
        return _problem(source, correction, what, _shown(text), _shown(correction.found))
    if correction.leaves_row_out:
        rows = Rows(sheet.rows.table, sheet.rows.reasons.with_cell(place, EXCLUDED))
    else:
        rows = sheet.rows.replaced({column: columns[column].with_cell(place, correction.corrected)})
    flaws = tuple(
        flaw for flaw in sheet.flaws if (flaw.row, flaw.column) != (number, column) or flaw.kind not in _MENDED
    )
    return replace(sheet, rows=rows, flaws=flaws)


def _is_found(correction: Correction, text: str, sheet: Sheet) -> bool:
    """Return whether the cell holds what was declared; a row without a number may go by its time, or its place alone."""
    if text == correction.found:
        return True
    if not correction.leaves_row_out or sheet.serial is not None:
        return False
    moment = read_moment(correction.found)
    return not correction.found or (moment is not None and moment == read_moment(text))


def _shown(text: str) -> str:
    """Return a code or mark as it is and anything longer as its length: it may be a free answer."""
    if not text:
        return "（空欄）"
    return f"「{text}」" if len(text) <= 2 else f"{len(text)}文字の記入"


def _problem(source: Source, correction: Correction, what: str, found: str, expected: str) -> Problem:
    return source.problem(
        what,
        _FIX.format(survey=source.survey.id),
        sheet=correction.sheet,
        cell=correction.cell,
        key="corrections.csv",
        found=found,
        expected=expected or "シートのないファイル（sheet は空欄）",
    )
