"""An xlsx workbook as grids of text. Numbers, dates and ticks become text; nothing is inferred."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from datetime import date, datetime, time

from openpyxl.reader.excel import ExcelReader

from pipeline.ingest.container import refused
from pipeline.ingest.nouns import Flaw, Grid, Source, Span
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
    """Return every sheet of the workbook in its order, or why it cannot be opened."""
    if problem := refused(content, "xlsx", source):
        return [], [problem]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = ExcelReader(io.BytesIO(content), data_only=True)
            reader.read()
            parts = {sheet.name: relation.target for sheet, relation in reader.parser.find_sheets()}
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            formulas = {name: archive.read(part) for name, part in parts.items()}
    # A damaged workbook fails in any of a dozen ways inside the library; for the officer it is one.
    except Exception:
        step = "Excelで開けるか確かめ、開ければ別の名前で保存し直し、開けなければ受け取り直してください。"
        return [], [source.problem("ブックが壊れていて開けません", step, expected="Excelで開けるブック")]
    grids, problems = [], []
    for number, sheet in enumerate(reader.wb.sheetnames, start=1):
        grid = _grid(reader.wb[sheet], number, formulas.get(sheet, b""))
        if grid is None:
            step = "使っていない行と列を削除して保存し直してください。"
            expected = f"{MOST_ROWS}行、{MOST_COLUMNS}列まで"
            problems.append(source.problem("シートが大きすぎます", step, sheet=sheet, expected=expected))
        else:
            grids.append(grid)
    return grids, problems


def _grid(sheet, number: int, xml: bytes) -> Grid | None:
    """Return one sheet, or None when it is beyond the bounds. A chart sheet is empty."""
    # The cells that exist, not the rectangle around them: one stray cell may stand in the last column.
    present = getattr(sheet, "_cells", {})
    texts, flaws = {}, []
    for (row, column), cell in present.items():
        if text := cell_text(cell.value):
            texts[row, column - 1] = text
            if cell.data_type == "e":
                flaws.append(Flaw(row, column - 1, "error_value"))
    height = max((row for row, _ in texts), default=0)
    width = max((column for _, column in texts), default=-1) + 1
    if height > MOST_ROWS or width > MOST_COLUMNS:
        return None
    cells = tuple(
        tuple(texts.get((row, column), "") for column in range(width)) for row in range(1, height + 1)
    )
    ranges = sheet.merged_cells.ranges if present else ()
    spans = sorted((r.min_row, r.min_col - 1, r.max_row, r.max_col - 1) for r in ranges)
    flaws += _uncalculated(xml)
    if present:
        hidden = (row for row, dimension in sheet.row_dimensions.items() if dimension.hidden)
        flaws += [Flaw(row, None, "hidden") for row in hidden]
    return Grid(sheet.title, number, cells, tuple(Span(*span) for span in spans), tuple(flaws))


def _uncalculated(xml: bytes) -> list[Flaw]:
    """Return the formulas saved by something that does not calculate: they would read as blanks."""
    flaws = []
    for attributes, empty in _UNCALCULATED.findall(xml):
        place = _PLACE.search(attributes)
        # A formula whose result is an empty text was calculated.
        if place and not (empty and b't="str"' in attributes):
            flaws.append(Flaw(int(place[2]), _column_number(place[1]), "uncalculated"))
    return flaws


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def cell_text(value: object) -> str:
    """Return a cell as the text a person reads: 1.0 → "1", a date in ISO form, line ends as a line feed."""
    if value is None:
        return ""
    if isinstance(value, str):
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), value)
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
