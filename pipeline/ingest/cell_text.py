"""What the readers of workbooks have in common: a value as text, what is hidden, how far a sheet may reach."""

from __future__ import annotations

import re
from datetime import date, datetime, time

from openpyxl.cell.rich_text import CellRichText

from pipeline.ingest.nouns import Flaw

MOST_ROWS, MOST_COLUMNS = 50_000, 500
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def hidden(sheet, width: int) -> list[Flaw]:
    """Return the hidden rows and columns of a sheet of openpyxl."""
    rows = [Flaw(row, None, "hidden") for row, dimension in sheet.row_dimensions.items() if dimension.hidden]
    columns = {
        column
        for dimension in sheet.column_dimensions.values()
        if dimension.hidden
        for column in range(dimension.min - 1, min(dimension.max, width))
    }
    return [*rows, *(Flaw(0, column, "hidden_column") for column in sorted(columns))]


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
