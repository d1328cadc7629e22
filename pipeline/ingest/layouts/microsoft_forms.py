"""The workbook that Microsoft Forms writes: one row per answer, several answers joined by ";"."""

from __future__ import annotations

from dataclasses import replace

from pipeline.ingest.heading import headed_sheet
from pipeline.ingest.layouts.keyed_workbook import chosen_grids
from pipeline.ingest.nouns import Sheet, Source
from pipeline.ingest.workbook import read_grids
from pipeline.matching import fold_tight
from pipeline.model import Problem

#: Who answered: dropped on reading, so that it reaches no table and no message.
PERSONAL = frozenset(map(fold_tight, ("メール", "名前", "Email", "Name")))
SYSTEM = PERSONAL | frozenset(
    map(
        fold_tight,
        (
            "ID",
            "Id",
            "開始時刻",
            "完了時刻",
            "最終変更時刻",
            "言語",
            "合計点",
            "クイズのフィードバック",
            "Start time",
            "Completion time",
            "Last modified time",
            "Language",
            "Total points",
            "Quiz feedback",
        ),
    )
)


def read_sheets(source: Source, content: bytes) -> tuple[list[Sheet], list[Problem]]:
    """Return the one sheet of answers; e-mail addresses and names are emptied on the way."""
    grids, problems = read_grids(source, content)
    if problems:
        return [], problems
    chosen, more = chosen_grids(source, grids)
    problems += more
    sheets = []
    for grid in chosen:
        sheet = headed_sheet(grid, source, [source.received.serial or "ID", "Id"], separators=(";",))
        if isinstance(sheet, Problem):
            problems.append(sheet)
        else:
            sheets.append(_without_persons(sheet, source))
    return sheets, problems


def _without_persons(sheet: Sheet, source: Source) -> Sheet:
    # A form may ask a question under one of these words; then the wave file claims the column.
    claimed = {fold_tight(header) for header in source.received.columns.values()}
    keys = [fold_tight(header.path) for header in sheet.headers]
    system = frozenset(place for place, key in enumerate(keys) if key in SYSTEM and key not in claimed)
    personal = {place for place in system if keys[place] in PERSONAL}
    rows = tuple(
        replace(
            row,
            cells=tuple(
                "" if place in personal and row.number > sheet.header_row else text
                for place, text in enumerate(row.cells)
            ),
        )
        for row in sheet.rows
    )
    return replace(sheet, rows=rows, system=system)
