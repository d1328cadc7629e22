"""Sheets that the wave file leaves out although answers seem to stand on them."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.ingest.heading import headed_sheet
from pipeline.ingest.nouns import Grid, Sheet, Source, listed
from pipeline.matching import fold, fold_tight
from pipeline.model import Problem

#: An example row in the instructions is no forgotten section.
_LEAST_ROWS = 3


def skipped_answers(grids: Iterable[Grid], source: Source) -> list[Problem]:
    """Return a note for the ignored sheets that hold rows under the headers of the questions."""
    skipped = [grid.name for grid in grids if _holds_answers(grid, source)]
    if not skipped:
        return []
    what, fix = (
        "読まない指定のシートに、回答のような行があります",
        f"回答のシートなら {source.definition} の [files.sheets] に加えてください。回答でなければ、このままで構いません。",
    )
    problem = source.problem(what, fix, sheet=listed(skipped), key="ignore_sheets", severity="note")
    return [problem]


def _holds_answers(grid: Grid, source: Source) -> bool:
    sheet = headed_sheet(grid, source, [source.received.serial])
    if not isinstance(sheet, Sheet) or sheet.serial is None:
        return False
    headers = {fold_tight(text) for header in sheet.headers for text in (header.path, header.group) if text}
    wanted = {fold_tight(header) for header in source.received.columns.values()}
    columns = [c for c in range(len(sheet.headers)) if c != sheet.serial]
    answers = sum(
        not row.reason and bool(fold(row.cells[sheet.serial])) and any(fold(row.cells[c]) for c in columns)
        for row in sheet.rows
    )
    return answers >= _LEAST_ROWS and len(wanted & headers) * 2 > len(wanted)
