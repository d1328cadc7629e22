"""An xlsx workbook as grids of text. Numbers, dates and ticks become text; nothing is inferred."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from datetime import date, datetime, time

from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.reader.excel import ExcelReader

from pipeline.ingest.container import XLSX, refused
from pipeline.ingest.nouns import Flaw, Grid, Source, Span, cell_name
from pipeline.ingest.packed_parts import broken, column_number
from pipeline.model import Problem

MOST_ROWS, MOST_COLUMNS = 50_000, 500
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
#: A cell that holds a formula and no value: (its attributes, the empty value element if there is one).
_UNCALCULATED = re.compile(
    rb"<(?:\w+:)?c\s([^>]*)>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_PLACE = re.compile(rb"\br=\"([A-Z]+)(\d+)\"")


def read_grids(source: Source, content: bytes) -> tuple[list[Grid], list[Problem]]:
    """Return every sheet of an xlsx workbook that has not been through the gate yet."""
    if problem := refused(content, (XLSX,), source):
        return [], [problem]
    return read_xlsx(source, content)


def read_xlsx(source: Source, content: bytes) -> tuple[list[Grid], list[Problem]]:
    """Return every sheet of the workbook in its order, or why it cannot be read; only behind the gate."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            has_runs = _has_struck_runs(archive)
            reader = ExcelReader(io.BytesIO(content), data_only=True, rich_text=has_runs)
            reader.read()
            parts = {sheet.name: relation.target for sheet, relation in reader.parser.find_sheets()}
            formulas = {name: archive.read(part) for name, part in parts.items()}
    # A damaged workbook fails in any of a dozen ways inside the library; for the officer it is one.
    except Exception:
        return [], [broken(source)]
    struck = frozenset(number for number, font in enumerate(reader.wb._fonts) if font.strike)
    grids, problems = [], []
    for number, sheet in enumerate(reader.wb.sheetnames, start=1):
        grid = _grid(reader.wb[sheet], number, formulas.get(sheet, b""), struck)
        (problems if isinstance(grid, str) else grids).append(grid)
        if isinstance(grid, str):
            problems[-1] = beyond(source, sheet, grid)
    return grids, problems


def beyond(source: Source, sheet: str, cell: str) -> Problem:
    """Return the problem of a sheet whose last cell lies beyond the bounds."""
    step = f"使っていない行と列（{cell} のあたり）を削除して保存し直してください。"
    expected = f"{MOST_ROWS}行、{MOST_COLUMNS}列まで"
    return source.problem("シートが大きすぎます", step, sheet=sheet, cell=cell, expected=expected)


def _has_struck_runs(archive: zipfile.ZipFile) -> bool:
    """Return whether part of some text may be struck through: only then the slower reading is needed."""
    names = [
        name for name in archive.namelist() if name.lower().startswith(("xl/sharedstrings", "xl/worksheets/"))
    ]
    return any(b"strike" in archive.read(name) for name in names)


def _grid(sheet, number: int, xml: bytes, struck: frozenset[int]) -> Grid | str:
    """Return one sheet, or its last cell when that is beyond the bounds. A chart sheet is empty."""
    # The cells that exist, not the rectangle around them: one stray cell may stand in the last column.
    present = getattr(sheet, "_cells", {})
    texts, flaws = {}, []
    for (row, column), cell in present.items():
        if text := cell_text(cell.value):
            texts[row, column - 1] = text
            if cell.data_type == "e":
                flaws.append(Flaw(row, column - 1, "error_value"))
            if struck and cell._style.fontId in struck or _has_struck_run(cell.value):
                flaws.append(Flaw(row, column - 1, "struck"))
    height = max((row for row, _ in texts), default=0)
    width = max((column for _, column in texts), default=-1) + 1
    if height > MOST_ROWS or width > MOST_COLUMNS:
        return cell_name(height, width - 1)
    cells = tuple(
        tuple(texts.get((row, column), "") for column in range(width)) for row in range(1, height + 1)
    )
    ranges = sheet.merged_cells.ranges if present else ()
    spans = sorted((r.min_row, r.min_col - 1, r.max_row, r.max_col - 1) for r in ranges)
    flaws += _uncalculated(xml)
    if present:
        flaws += _hidden(sheet, width)
    is_hidden = sheet.sheet_state != "visible"
    return Grid(sheet.title, number, cells, tuple(Span(*span) for span in spans), tuple(flaws), is_hidden)


def _has_struck_run(value: object) -> bool:
    return isinstance(value, CellRichText) and any(
        isinstance(run, TextBlock) and run.font is not None and run.font.strike for run in value
    )


def _hidden(sheet, width: int) -> list[Flaw]:
    rows = [Flaw(row, None, "hidden") for row, dimension in sheet.row_dimensions.items() if dimension.hidden]
    columns = {
        column
        for dimension in sheet.column_dimensions.values()
        if dimension.hidden
        for column in range(dimension.min - 1, min(dimension.max, width))
    }
    return [*rows, *(Flaw(0, column, "hidden_column") for column in sorted(columns))]


def _uncalculated(xml: bytes) -> list[Flaw]:
    """Return the formulas saved by something that does not calculate: they would read as blanks."""
    flaws = []
    for attributes, empty in _UNCALCULATED.findall(xml):
        place = _PLACE.search(attributes)
        # A formula whose result is an empty text was calculated.
        if place and not (empty and b't="str"' in attributes):
            flaws.append(Flaw(int(place[2]), column_number(place[1]), "uncalculated"))
    return flaws


def cell_text(value: object) -> str:
    """Return a cell as the text a person reads: 1.0 → "1", a date in ISO form, line ends as a line feed."""
    if value is None:
        return ""
    if isinstance(value, str | CellRichText):
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), str(value))
        return text.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return value.isoformat() if isinstance(value, date | time) else str(value)
