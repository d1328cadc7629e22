"""Where the header of an unknown sheet stands: the column of serial numbers, and how many header rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.ingest.heading import DEEPEST_HEADER
from pipeline.ingest.nouns import Grid
from pipeline.matching import fold, fold_tight

_SERIALS = (
    "No", "No.", "№", "ID", "番号", "連番", "通番", "通し番号", "整理番号", "受付番号", "回答番号", "回答ID",
    "票番号", "調査票番号", "レコード番号", "管理番号", "Respondent ID", "Response ID",
)  # fmt: skip
#: How many different values a column of numbers must have, as a share of its filled cells: rows sent
#: twice repeat theirs.
_MOSTLY_DIFFERENT = 0.5


@dataclass(frozen=True)
class Heading:
    """serial: its header ("" = none found); row: the last header row; rows: how many there are."""

    serial: str
    row: int
    rows: int


def find_heading(grid: Grid, serials: Iterable[str]) -> Heading | None:
    """Return where the header of ``grid`` stands; None for a sheet that holds no table of answers.

    ``serials``: headers of the serial column in earlier waves, tried before the usual ones.
    """
    known = {fold_tight(word).lower() for word in (*serials, *_SERIALS)}
    for number, cells in enumerate(grid.cells[:DEEPEST_HEADER], start=1):
        for column, text in enumerate(cells):
            if fold_tight(text).lower() in known and _is_numbered(grid, number, column):
                return _heading(grid, number, column, text)
    return _unnumbered(grid)


def _heading(grid: Grid, number: int, column: int, text: str) -> Heading:
    last = next((span.bottom for span in grid.spans if span.covers(number, column)), number)
    first = last
    while first > 1 and _is_header(grid, first - 1, column):
        first -= 1
    return Heading(" ".join(text.split()), last, last - first + 1)


def _is_header(grid: Grid, number: int, serial: int) -> bool:
    """True when the row above another header row belongs to it: a title is one text from the left edge."""
    filled = [column for column, text in enumerate(grid.cells[number - 1]) if fold(text)]
    return len(filled) > 1 or any(column > serial for column in filled)


def _is_numbered(grid: Grid, number: int, column: int) -> bool:
    below = [fold(cells[column]) for cells in grid.cells[number:] if fold(cells[column])]
    is_wide = sum(bool(fold(text)) for text in grid.cells[number - 1]) > 1
    numbers = [text for text in below if any(map(str.isdigit, text))]
    return is_wide and len(set(numbers)) > _MOSTLY_DIFFERENT * len(numbers) > 0


def _unnumbered(grid: Grid) -> Heading | None:
    """Return the widest of the first rows, with a column that looks like numbers if there is one."""
    counts = [sum(bool(fold(text)) for text in cells) for cells in grid.cells[:DEEPEST_HEADER]]
    if max(counts, default=0) < 3:
        return None
    number = next(place for place, count in enumerate(counts, start=1) if count >= 0.8 * max(counts))
    for column, text in enumerate(grid.cells[number - 1]):
        below = [fold(cells[column]) for cells in grid.cells[number:]]
        is_number = all(cell and any(map(str.isdigit, cell)) and len(cell) < 10 for cell in below)
        if fold(text) and len(below) > 2 and is_number and len(set(below)) == len(below):
            return _heading(grid, number, column, text)
    return Heading("", number, number)
