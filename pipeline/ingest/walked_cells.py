"""Walked cells → a grid. Every different cell is read once, by the same function that reads all of them."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

import numpy as np
from openpyxl.reader.excel import ExcelReader
from openpyxl.worksheet._reader import WorksheetReader

from pipeline.ingest.cell_text import MOST_COLUMNS, MOST_ROWS, cell_text, hidden
from pipeline.ingest.cells import Column, Table, small
from pipeline.ingest.nouns import Flaw, Grid, Span, cell_name
from pipeline.ingest.sheet_walk import NAMESPACE, Walked

#: A number so long is no whole number that a program keeps.
_MOST_DIGITS = 15


def walked_grid(
    sheet, number: int, walked: Walked, reader: ExcelReader, struck: frozenset[int]
) -> Grid | str:
    """Return one sheet, or its last cell when that is beyond the bounds.

    sheet: the sheet of openpyxl without its cells; struck: fonts that strike through. Raises
    anything where a cell is not as it should be.
    """
    texts, is_error = _read(walked, reader, sheet)
    is_struck = [reader.wb._cell_styles[style].fontId in struck for style in walked.styles]
    is_filled = np.array([*map(bool, texts)], dtype=bool)[walked.codes]
    rows, columns, codes = (part[is_filled] for part in (walked.rows, walked.columns, walked.codes))
    height, width = int(rows.max(initial=0)), int(columns.max(initial=-1)) + 1
    if height > MOST_ROWS or width > MOST_COLUMNS:
        if sheet.merged_cells.ranges:
            raise ValueError("what lies under a merged range does not count")
        return cell_name(height, width - 1)
    ranges = sheet.merged_cells.ranges if len(walked.rows) else ()
    spans = tuple(
        Span(*span) for span in sorted((r.min_row, r.min_col - 1, r.max_row, r.max_col - 1) for r in ranges)
    )
    table, is_kept = _table(texts, (rows, columns, codes), (height, width), spans)
    is_odd = np.array(is_error, dtype=bool) | np.array(is_struck, dtype=bool)
    flaws = [
        Flaw(int(rows[cell]), int(columns[cell]), kind)
        for cell in np.flatnonzero(is_odd[codes] & is_kept).tolist()
        for kind, marked in (("error_value", is_error), ("struck", is_struck))
        if marked[codes[cell]]
    ]
    if len(walked.rows):
        flaws += hidden(sheet, len(table.columns))
    return Grid(sheet.title, number, table, spans, tuple(flaws), sheet.sheet_state != "visible")


def _read(walked: Walked, reader: ExcelReader, sheet) -> tuple[list[str], list[bool]]:
    """Return (text, whether it is an error value) of each different cell."""
    parser = WorksheetReader(sheet, None, reader.shared_strings, True, False).parser
    dates = parser.date_formats
    texts, is_error, others = [], [False] * len(walked.elements), []
    for code, ((attributes, inside), style) in enumerate(zip(walked.elements, walked.styles, strict=True)):
        value = inside[3:-4]
        is_plain = b" t=" not in attributes and style not in dates and len(value) <= _MOST_DIGITS
        if is_plain and value.isdigit() and not value.startswith(b"0"):
            texts.append(value.decode("ascii"))
        else:
            texts.append("")
            others.append(code)
    cells = b"".join(b'<c r="A1"%b>%b</c>' % walked.elements[code] for code in others)
    for code, element in zip(
        others, fromstring(b"<row " + NAMESPACE + b">" + cells + b"</row>"), strict=True
    ):
        cell = parser.parse_cell(element)
        texts[code], is_error[code] = cell_text(cell["value"]), cell["data_type"] == "e"
    return texts, is_error


def _table(
    texts: list[str], cells: tuple[np.ndarray, ...], size: tuple[int, int], spans: tuple[Span, ...]
) -> tuple[Table, np.ndarray]:
    """Return the table, and which of the cells are on it: of a merged range only the first is."""
    rows, columns, codes = cells
    height, width = size
    empty = len(texts)
    placed = np.full((width, height), empty, dtype=np.int32)
    placed[columns, rows - 1] = codes
    for span in spans:
        first = placed[span.left : span.left + 1, span.top - 1 : span.top].copy()
        placed[span.left : span.right + 1, span.top - 1 : span.bottom] = empty
        placed[span.left : span.left + 1, span.top - 1 : span.top] = first
    is_kept = placed[columns, rows - 1] != empty
    height, width = int(rows[is_kept].max(initial=0)), int(columns[is_kept].max(initial=-1)) + 1
    known = np.array([*texts, ""], dtype=object)
    return Table((_column(column[:height], known) for column in placed[:width]), height), is_kept


def _column(codes: np.ndarray, known: np.ndarray) -> Column:
    """Return the column with its own texts only."""
    is_there = np.zeros(len(known), dtype=bool)
    is_there[codes] = True
    own = np.cumsum(is_there) - 1
    texts = known[is_there].tolist()
    return Column(small(own[codes], len(texts)), tuple(texts))
