"""A CSV as form services write it: one record per answer, cp932 or UTF-8."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

from pipeline.decoding import decode
from pipeline.ingest.container import refused
from pipeline.ingest.heading import headed_sheet
from pipeline.ingest.nouns import Flaw, Grid, Sheet, Source
from pipeline.ingest.workbook import MOST_COLUMNS
from pipeline.model import Problem, ProblemsFound

_AGAIN = "書き出し元からもう一度書き出すか、送り主から受け取り直してください。"


def read_sheets(source: Source, content: bytes) -> tuple[list[Sheet], list[Problem]]:
    """Return the table as one sheet without a name; a record is a row, as a spreadsheet shows it."""
    if problem := refused(content, "text", source):
        return [], [problem]
    try:
        text = decode(content, source.file)
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except ProblemsFound as unreadable:
        again = source.problem("", "Excelなどで開き、「CSV UTF-8」として保存し直してください。").next_step
        return [], [replace(problem, next_step=again) for problem in unreadable.problems]
    except csv.Error:
        what, found = "CSVとして読めません", '閉じていない引用符（"）か、引用符のあとの余分な文字'
        return [], [source.problem(what, _AGAIN, found=found, expected="引用符の対がそろったCSV")]
    if "\0" in text:
        what = "文字として読めない部分（NUL文字）があります"
        place = next(n for n, cells in enumerate(records, start=1) if any("\0" in cell for cell in cells))
        return [], [source.problem(what, _AGAIN, cell=f"{place}行目", expected="文字だけのCSV")]
    while records and not any(cell.strip() for cell in records[-1]):
        records.pop()
    width = max(map(len, records), default=0)
    if width > MOST_COLUMNS:
        expected = f"{MOST_COLUMNS}列まで"
        return [], [source.problem("列が多すぎます", _AGAIN, found=f"{width}列", expected=expected)]
    sheet = headed_sheet(_grid(records, width), source, [source.received.serial])
    if isinstance(sheet, Problem):
        return [], [sheet]
    return [_with_ragged_rows(sheet, records)], []


def _grid(records: list[list[str]], width: int) -> Grid:
    cells = tuple(
        tuple(_lines(cell) for cell in record) + ("",) * (width - len(record)) for record in records
    )
    return Grid("", 1, cells)


def _lines(cell: str) -> str:
    return cell.replace("\r\n", "\n").replace("\r", "\n")


def _with_ragged_rows(sheet: Sheet, records: list[list[str]]) -> Sheet:
    """Return the sheet with a flaw on every record that is not as long as its header."""
    width = len(records[sheet.header_row - 1]) if sheet.header_row <= len(records) else 0
    ragged = tuple(
        Flaw(number, None, "ragged")
        for number, record in enumerate(records, start=1)
        if number > sheet.header_row and len(record) != width
    )
    return replace(sheet, flaws=(*sheet.flaws, *ragged))
