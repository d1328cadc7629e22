"""A workbook the program gave out, coming back from Excel or LibreOffice: as strict as received files."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass, replace

from openpyxl.reader.excel import ExcelReader

from pipeline.ingest.container import XLSX, refused
from pipeline.ingest.nouns import Flaw, Grid, cell_name
from pipeline.ingest.workbook import MOST_COLUMNS, MOST_ROWS, cell_text
from pipeline.model import Problem, ProblemsFound

_STEP = "元のファイルをExcelブック（.xlsx）として保存し直してから、もう一度実行してください。"


@dataclass(frozen=True)
class _Place:
    """Speaks for the file where readers of received files want a Source."""

    file: str
    definition: str = ""

    def problem(self, what: str, fix: str = "", **more: str) -> Problem:
        return Problem(what, file=self.file, next_step=fix or _STEP, **more)


def read_officer_book(content: bytes, file: str) -> list[Grid]:
    """Return every sheet as text; a cell with a formula is a flaw ``formula`` of its grid.

    Raises ProblemsFound for what is no safe workbook. ``file`` is what messages call it.
    """
    place = _Place(file)
    if problem := refused(content, (XLSX,), place):
        raise ProblemsFound([replace(problem, next_step=_STEP)])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Formulas as formulas: a value that was calculated is nobody's decision.
            reader = ExcelReader(io.BytesIO(content), data_only=False)
            reader.read()
    # A damaged workbook fails in any of a dozen ways inside the library; for the officer it is one.
    except Exception:
        raise ProblemsFound([place.problem("ブックが壊れているため読めません")]) from None
    return [
        _grid(reader.wb[name], number, place) for number, name in enumerate(reader.wb.sheetnames, start=1)
    ]


def _text(value: object) -> str:
    """Return what a cell says; what the program wrote is escaped and read by the library already."""
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else cell_text(value)


def _grid(sheet, number: int, place: _Place) -> Grid:
    texts, flaws = {}, []
    for (row, column), cell in getattr(sheet, "_cells", {}).items():
        if text := _text(cell.value):
            texts[row, column - 1] = text
        if cell.data_type in ("f", "e"):
            flaws.append(Flaw(row, column - 1, "formula" if cell.data_type == "f" else "error_value"))
    height = max((row for row, _ in texts), default=0)
    width = max((column for _, column in texts), default=-1) + 1
    if height > MOST_ROWS or width > MOST_COLUMNS:
        what, expected = "シートが大きすぎます", f"{MOST_ROWS}行、{MOST_COLUMNS}列まで"
        cell = cell_name(height, width - 1)
        raise ProblemsFound([place.problem(what, sheet=sheet.title, cell=cell, expected=expected)])
    cells = tuple(
        tuple(texts.get((row, column), "") for column in range(width)) for row in range(1, height + 1)
    )
    return Grid(sheet.title, number, cells, (), tuple(flaws), sheet.sheet_state != "visible")
