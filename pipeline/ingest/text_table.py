"""A table in a text file (CSV, or the tab text of Excel) as a grid. Strict: nothing is repaired."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import replace

import numpy as np

from pipeline.decoding import decode
from pipeline.ingest.cell_text import MOST_COLUMNS
from pipeline.ingest.cells import Table
from pipeline.ingest.content import Content, blocks, whole
from pipeline.ingest.nouns import Flaw, Grid, Source
from pipeline.ingest.regular_text import regular_table
from pipeline.model import Problem, ProblemsFound

_AGAIN = "書き出し元からもう一度書き出すか、送り主から受け取り直してください。"
#: What may stand between two cells, the commonest first.
_DELIMITERS = (",", "\t", ";")
_QUOTED = re.compile(r'"[^"]*"')
_PRIVATE = re.compile("[\ue000-\uf8ff]")
#: Longer than any answer; the library's own limit is smaller than an honest free answer may be.
_LONGEST_CELL = 1_000_000


def read_text_grid(source: Source, content: Content) -> tuple[list[Grid], list[Problem]]:
    """Return the table as one grid without a name; a record is a row, as a spreadsheet shows it."""
    table = regular_table(blocks(content), _delimiter, MOST_COLUMNS, _LONGEST_CELL)
    if table is not None:
        return [
            Grid("", 1, table, flaws=_private(table), lengths=np.full(len(table), len(table.columns)))
        ], []
    return _read_strictly(source, whole(content))


def _private(table: Table) -> tuple[Flaw, ...]:
    """Return the cells with characters that other computers cannot read, row by row."""
    places = [
        (row, number)
        for number, column in enumerate(table.columns)
        if not column.is_ascii
        and (is_private := column.where(lambda text: bool(_PRIVATE.search(text)))).any()
        for row in np.flatnonzero(is_private).tolist()
    ]
    return tuple(Flaw(row + 1, number, "private") for row, number in sorted(places))


def _read_strictly(source: Source, content: bytes) -> tuple[list[Grid], list[Problem]]:
    """Return any table that is one, regular or not, or what is wrong with it."""
    try:
        text = decode(content, source.file)
        csv.field_size_limit(_LONGEST_CELL)
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True))
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
    cells = tuple(tuple(map(_lines, record)) + ("",) * (width - len(record)) for record in records)
    table = Table.of(cells)
    return [Grid("", 1, table, flaws=_private(table), lengths=tuple(map(len, records)))], []


def _delimiter(text: str) -> str:
    """Return what separates the cells: what stands equally often in the most of the first lines."""
    lines = _QUOTED.sub("", text[:100_000]).splitlines()[:50]

    def agreement(mark: str) -> tuple[int, int]:
        counts = Counter(line.count(mark) for line in lines)
        return max(((often, count) for count, often in counts.items() if count), default=(0, 0))

    return max(_DELIMITERS, key=agreement)


def _lines(cell: str) -> str:
    return cell.replace("\r\n", "\n").replace("\r", "\n")
