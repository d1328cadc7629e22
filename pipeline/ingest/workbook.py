"""An xlsx workbook as grids of text. Numbers, dates and ticks become text; nothing is inferred."""

from __future__ import annotations

import io
import re
import warnings
import zipfile

from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.reader.excel import ExcelReader

from pipeline.ingest.cell_text import MOST_COLUMNS, MOST_ROWS, cell_text, hidden
from pipeline.ingest.container import XLSX, refused
from pipeline.ingest.nouns import Flaw, Grid, Source, Span, cell_name
from pipeline.ingest.packed_parts import broken, column_number
from pipeline.ingest.sheet_walk import Walked, walk
from pipeline.ingest.walked_cells import walked_grid
from pipeline.model import Problem

#: A cell that holds a formula and no value: (its attributes, the empty value element if there is one).
_UNCALCULATED = re.compile(
    rb"<(?:\w+:)?c\s([^>]*)>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_PART = re.compile(r"xl/worksheets/[^/]+\.xml")
_PLACE = re.compile(rb"\br=\"([A-Z]+)(\d+)\"")


def read_grids(source: Source, content: bytes) -> tuple[list[Grid], list[Problem]]:
    """Return every sheet of an xlsx workbook that has not been through the gate yet."""
    if problem := refused(content, (XLSX,), source):
        return [], [problem]
    return read_xlsx(source, content)


def read_xlsx(source: Source, content: bytes) -> tuple[list[Grid], list[Problem]]:
    """Return every sheet of the workbook in its order, or why it cannot be read; only behind the gate."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Where the quick way meets anything odd, the library alone says what the workbook is.
        for read in (_read_walked, _read_by_library):
            try:
                found = read(content)
            # A damaged workbook fails in any of a dozen ways inside the library; for the officer it is one.
            except Exception:
                continue
            grids = [grid for _, grid in found if isinstance(grid, Grid)]
            return grids, [beyond(source, name, cell) for name, cell in found if isinstance(cell, str)]
    return [], [broken(source)]


_Found = list[tuple[str, Grid | str]]


def _read_by_library(content: bytes) -> _Found:
    """Return (name, grid or the last cell beyond the bounds) of each sheet, all read by openpyxl."""
    return _read(content, {})


def _read_walked(content: bytes) -> _Found:
    """Return the same; the cells of plain sheets are walked, and openpyxl is given the rest of the workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    if _has_struck_runs(parts):
        raise ValueError("runs have looks of their own, which only the library tells")
    walked = {name: found for name, xml in parts.items() if _PART.fullmatch(name) and (found := walk(xml))}
    shelled = io.BytesIO()
    with zipfile.ZipFile(shelled, "w") as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name), walked[name].shell if name in walked else part)
    return _read(shelled.getvalue(), walked)


def _read(content: bytes, walked: dict[str, Walked]) -> _Found:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
        reader = ExcelReader(io.BytesIO(content), data_only=True, rich_text=_has_struck_runs(parts))
        reader.read()
        targets = {sheet.name: relation.target for sheet, relation in reader.parser.find_sheets()}
        formulas = {name: parts[part] for name, part in targets.items()}
    struck = frozenset(number for number, font in enumerate(reader.wb._fonts) if font.strike)
    found: _Found = []
    for number, name in enumerate(reader.wb.sheetnames, start=1):
        sheet, cells = reader.wb[name], walked.get(targets.get(name, ""))
        if cells is None:
            found.append((name, _grid(sheet, number, formulas.get(name, b""), struck)))
        else:
            found.append((name, walked_grid(sheet, number, cells, reader, struck)))
    return found


def beyond(source: Source, sheet: str, cell: str) -> Problem:
    """Return the problem of a sheet whose last cell lies beyond the bounds."""
    step = f"使っていない行と列（{cell} のあたり）を削除して保存し直してください。"
    expected = f"{MOST_ROWS}行、{MOST_COLUMNS}列まで"
    return source.problem("シートが大きすぎます", step, sheet=sheet, cell=cell, expected=expected)


def _has_struck_runs(parts: dict[str, bytes]) -> bool:
    """Return whether part of some text may be struck through: only then the slower reading is needed."""
    return any(
        b"strike" in part
        for name, part in parts.items()
        if name.lower().startswith(("xl/sharedstrings", "xl/worksheets/"))
    )


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
        flaws += hidden(sheet, width)
    is_hidden = sheet.sheet_state != "visible"
    return Grid(sheet.title, number, cells, tuple(Span(*span) for span in spans), tuple(flaws), is_hidden)


def _has_struck_run(value: object) -> bool:
    return isinstance(value, CellRichText) and any(
        isinstance(run, TextBlock) and run.font is not None and run.font.strike for run in value
    )


def _uncalculated(xml: bytes) -> list[Flaw]:
    """Return the formulas saved by something that does not calculate: they would read as blanks."""
    flaws = []
    for attributes, empty in _UNCALCULATED.findall(xml):
        place = _PLACE.search(attributes)
        # A formula whose result is an empty text was calculated.
        if place and not (empty and b't="str"' in attributes):
            flaws.append(Flaw(int(place[2]), column_number(place[1]), "uncalculated"))
    return flaws
