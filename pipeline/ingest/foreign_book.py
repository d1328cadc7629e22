"""An .xls or .ods workbook as grids. The cells are read by python-calamine in a process of its own.

A damaged file makes that library panic or fill the memory, which no except clause survives. What the
library does not tell (hidden rows, struck-through cells, error values, the reach of the cells) is
found by our own walk first, which also bounds what the library is given.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from pipeline.ingest import compound, open_document
from pipeline.ingest.cell_text import MOST_COLUMNS, MOST_ROWS, cell_text
from pipeline.ingest.compound import BrokenBook, Facts
from pipeline.ingest.nouns import Grid, Source, cell_name
from pipeline.ingest.packed_parts import (
    MOST_CELL_ELEMENTS,
    MOST_SPANNED,
    broken,
    too_large,
    too_wide,
)
from pipeline.ingest.workbook import beyond
from pipeline.model import Problem

_READER = Path(__file__).with_name("calamine_process.py")
#: Far more than a workbook within the bounds needs on a slow machine.
LONGEST_SECONDS = 120


def read_xls(source: Source, content: bytes) -> tuple[list[Grid], list[Problem]]:
    """Return every sheet of an .xls workbook, or why it cannot be read; only behind the gate."""
    return _read(source, content, compound.facts)


def read_ods(source: Source, content: bytes) -> tuple[list[Grid], list[Problem]]:
    """Return every sheet of an .ods workbook, or why it cannot be read; only behind the gate."""
    return _read(source, content, open_document.facts)


def _read(source: Source, content: bytes, facts: Callable) -> tuple[list[Grid], list[Problem]]:
    try:
        sheets = facts(content)
        if problems := [problem for sheet in sheets if (problem := _unbounded(source, sheet))]:
            return [], problems
        tables = _tables(content)
        if list(tables) != [sheet.name for sheet in sheets]:
            raise BrokenBook
    except BrokenBook:
        return [], [broken(source)]
    return [_grid(sheet, number, tables[sheet.name]) for number, sheet in enumerate(sheets, start=1)], []


def _unbounded(source: Source, sheet: Facts) -> Problem | None:
    if sheet.rows > MOST_ROWS or sheet.columns > MOST_COLUMNS:
        return beyond(source, sheet.name, cell_name(sheet.rows, sheet.columns - 1))
    area = sum((span.bottom - span.top + 1) * (span.right - span.left + 1) for span in sheet.spans)
    if area > MOST_SPANNED:
        return too_wide(source, sheet=sheet.name)
    if sheet.cells > MOST_CELL_ELEMENTS:
        return too_large(source, f"{sheet.cells}セル", f"{MOST_CELL_ELEMENTS}セルまで", sheet=sheet.name)
    return None


def _tables(content: bytes) -> dict[str, list[list]]:
    """Return sheet name → rows of plain values. Raises BrokenBook when the reader failed in any way."""
    try:
        command = [sys.executable, "-P", str(_READER)]
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=LONGEST_SECONDS, check=True
        )
        return dict(json.loads(done.stdout))
    except (subprocess.SubprocessError, ValueError) as error:
        raise BrokenBook from error


def _grid(sheet: Facts, number: int, rows: list[list]) -> Grid:
    texts = [[cell_text(value) for value in row] for row in rows]
    height = max((place for place, row in enumerate(texts, start=1) if any(row)), default=0)
    width = max((place for row in texts for place, text in enumerate(row, start=1) if text), default=0)
    cells = tuple(tuple(row[:width]) + ("",) * (width - len(row)) for row in texts[:height])
    # A walked cell that the library left empty: an error value, or a formula nothing calculated.
    flaws = tuple(flaw for flaw in sheet.flaws if flaw.column is None or flaw.column < MOST_COLUMNS)
    return Grid(sheet.name, number, cells, tuple(sheet.spans), flaws, sheet.is_hidden)
