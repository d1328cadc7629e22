"""The workbook that Microsoft Forms writes: one row per answer, several answers joined by ";"."""

from __future__ import annotations

from dataclasses import replace

from pipeline.ingest.container import BOOKS, TEXT
from pipeline.ingest.content import Content
from pipeline.ingest.heading import headed_sheet
from pipeline.ingest.layouts.keyed_workbook import chosen_grids
from pipeline.ingest.nouns import Sheet, Source
from pipeline.ingest.opening import open_grids
from pipeline.ingest.services import keys, odd_times, without_persons
from pipeline.model import Problem

#: Who answered: dropped on reading, so that it reaches no table and no message.
PERSONAL = keys("メール", "名前", "Email", "Name")
MOMENT = keys("完了時刻", "Completion time")
SYSTEM = keys("ID", "開始時刻", "最終変更時刻", "言語", "合計点", "クイズのフィードバック") | keys(
    "Start time", "Last modified time", "Language", "Total points", "Quiz feedback"
)
#: A quiz adds two columns for each question.
_QUIZ = keys("Points - ", "Feedback - ")


def read_sheets(source: Source, content: Content) -> tuple[list[Sheet], list[Problem]]:
    """Return the one sheet of answers; e-mail addresses and names are emptied on the way."""
    grids, problems = open_grids(source, content, (*BOOKS, TEXT))
    chosen, more = chosen_grids(source, grids) if grids else ([], [])
    problems += more
    sheets = []
    for grid in chosen:
        sheet = headed_sheet(grid, source, [source.received.serial or "ID", "Id"])
        if isinstance(sheet, Problem):
            problems.append(sheet)
            continue
        names = {name for header in sheet.headers for name in keys(header.path)}
        quiz = {name for name in names if name.startswith(tuple(_QUIZ))}
        sheet = without_persons(sheet, source, SYSTEM | quiz, PERSONAL, MOMENT)
        problems += odd_times(sheet, source)
        sheets.append(replace(sheet, separators=(";",)))
    return sheets, problems
