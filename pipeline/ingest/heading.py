"""Where the header stands, what each column is called, and which rows cannot be answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from pipeline.ingest.cells import Column, Rows, Table, key_of, small
from pipeline.ingest.nouns import Flaw, Grid, Header, Sheet, Source, Span
from pipeline.matching import fold, fold_tight, nearest
from pipeline.model import Problem

#: The header is looked for in the first rows only: an answer further down may hold the same word.
DEEPEST_HEADER = 50
_NOTE_MARKS = ("※", "*", "注")


def headed_sheet(grid: Grid, source: Source, serials: Iterable[str], **more) -> Sheet | Problem:
    """Return the sheet under the header row that holds one of ``serials``, or why there is none.

    Without serials the header ends at row ``header_rows`` of the wave file. ``more`` goes to Sheet.
    """
    serials = [serial for serial in serials if serial]
    if not serials:
        return _sheet(grid, source, source.received.header_rows, None, **more)
    keys = {fold_tight(serial) for serial in serials}
    for number, cells in enumerate(grid.cells[:DEEPEST_HEADER], start=1):
        for column, text in enumerate(cells):
            if text and fold_tight(text) in keys:
                return _sheet(grid, source, _last_row(grid, number, column), column, **more)
    words = [text for cells in grid.cells[:DEEPEST_HEADER] for text in cells if 0 < len(text) <= 30]
    close = nearest(serials[0], words)
    return source.problem(
        "見出しの行が見つかりません",
        f"{source.definition} の serial を、番号の列の見出しのとおりに直してください。",
        sheet=grid.name,
        key="serial",
        found=f"似た見出し「{close}」" if close else "似た見出しもありません",
        expected=f"「{serials[0]}」という見出しのある行（先頭から{DEEPEST_HEADER}行まで）",
    )


def _last_row(grid: Grid, row: int, column: int) -> int:
    """Return the last header row: a serial header merged downwards reaches it with its lower end."""
    return next((span.bottom for span in grid.spans if span.covers(row, column)), row)


def _sheet(grid: Grid, source: Source, last: int, serial: int | None, **more) -> Sheet:
    first = max(last - source.received.header_rows + 1, 1)
    headers = _headers(grid, first, last)
    totals = {fold_tight(label) for label in source.received.total_labels}
    word = fold_tight(grid.cells[last - 1][serial]) if serial is not None and last <= len(grid.cells) else ""
    table = Table.of(grid.cells)
    above = [
        ("header" if number >= first else "title") if any(map(fold, cells)) else "blank"
        for number, cells in enumerate(table[:last], start=1)
    ]
    rows = Rows(table, _reasons(table, above, serial, totals, word))
    flaws = (*grid.flaws, *_merged_answers(grid.spans, last), *_ragged_rows(grid.lengths, last))
    return Sheet(grid.name, grid.number, headers, last, serial, rows, flaws, **more)


#: Why a row below the header is no answer, as far as its own text tells.
_REASONS = ("", "header", "title", "blank", "total", "note")


def _reasons(table: Table, above: list[str], serial: int | None, totals: set[str], word: str) -> Column:
    """Return the reason of each row; ``above`` are those down to the header.

    A row is a total when its serial, or without one its first filled cell, is a label of totals.
    """
    height = len(table)
    filled = np.zeros(height, dtype=np.uint16)
    is_total, is_note = np.zeros(height, dtype=bool), np.zeros(height, dtype=bool)
    for column in table.columns:
        first = column.is_filled & (filled == 0)
        if first.any():
            is_total |= first & _among(column, totals)
            is_note |= first & column.where_key(lambda key: key.startswith(_NOTE_MARKS))
        filled += column.is_filled
    is_note &= (filled == 1) & (serial is not None)
    is_header = np.zeros(height, dtype=bool)
    if serial is not None:
        own = table.columns[serial]
        is_total = np.where(own.is_filled, _among(own, totals), is_total)
        is_header = own.is_filled & _among(own, {word})
    # The first that holds: blank, total, header, note.
    kinds = [filled == 0, is_total, is_header, is_note]
    codes = np.select(kinds, [_REASONS.index(name) for name in ("blank", "total", "header", "note")], 0)
    codes[: len(above)] = [_REASONS.index(name) for name in above]
    return Column(small(codes, len(_REASONS)), _REASONS)


def _among(column: Column, keys: set[str]) -> np.ndarray:
    """Return (rows,) bool: the rows whose text, folded tight, is one of ``keys``."""
    if any(key.isdigit() for key in keys):
        return column.where(lambda text: key_of(text).replace(" ", "") in keys)
    return column.where_key(keys.__contains__)


def _merged_answers(spans: tuple[Span, ...], last: int) -> list[Flaw]:
    return [
        Flaw(row, column, "merged")
        for span in spans
        if span.top > last
        for row in range(span.top, min(span.bottom, span.top + 50) + 1)
        for column in range(span.left, span.right + 1)
    ]


def _ragged_rows(lengths: Sequence[int], last: int) -> list[Flaw]:
    """Return a flaw for every record that is not as long as its header."""
    if not 0 < last <= len(lengths):
        return [
            Flaw(number, None, "ragged")
            for number, length in enumerate(lengths, 1)
            if number > last and length
        ]
    is_odd = np.asarray(lengths) != lengths[last - 1]
    is_odd[:last] = False
    return [Flaw(number, None, "ragged") for number in (np.flatnonzero(is_odd) + 1).tolist()]


def _headers(grid: Grid, first: int, last: int) -> tuple[Header, ...]:
    width = len(grid.cells[0]) if grid.cells else 0
    uppers = [_upper_row(grid, number, width) for number in range(first, last)]
    lower = [_clean(text) for text in grid.cells[last - 1]] if last <= len(grid.cells) else [""] * width
    headers = []
    for column in range(width):
        parts = [row[column] for row in uppers]
        # A header spread from the left says nothing of a column that has none of its own.
        if not lower[column] and not any(is_own for _, is_own in parts):
            parts = []
        headers.append(Header(tuple(text for text, _ in parts if text), lower[column]))
    return tuple(headers)


def _upper_row(grid: Grid, number: int, width: int) -> list[tuple[str, bool]]:
    """Return (text, is its own) of each column of an upper header row, spread to the right.

    A merged header reaches as far as its range; one that is not merged reaches over the blanks
    up to the next one.
    """
    spread: list[tuple[str, bool]] = []
    carried = ""
    for column, text in enumerate(grid.cells[number - 1][:width]):
        span = next((span for span in grid.spans if span.covers(number, column)), None)
        own = _clean(text)
        if own:
            carried = "" if span else own
            spread.append((own, True))
        elif span:
            carried = ""
            spread.append((_clean(grid.cells[span.top - 1][span.left]), span.left == column))
        else:
            spread.append((carried, False))
    return spread


def _clean(text: str) -> str:
    return " ".join(text.split())
