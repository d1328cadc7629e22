"""Google Forms in both its shapes: the linked sheet (answers joined by ", ") and the form's own CSV (by ";")."""

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

MOMENT = keys("タイムスタンプ", "Timestamp")
PERSONAL = keys("メールアドレス", "ユーザー名", "Email Address", "Username")
SYSTEM = keys("スコア", "合計スコア", "Score", "Total score")


def read_sheets(source: Source, content: Content) -> tuple[list[Sheet], list[Problem]]:
    """Return the sheet of answers. A time is nobody's number: rows are numbered only by ``serial``."""
    grids, problems = open_grids(source, content, (*BOOKS, TEXT))
    chosen, more = chosen_grids(source, grids) if grids else ([], [])
    problems += more
    serial = source.received.serial
    sheets = []
    for grid in chosen:
        sheet = headed_sheet(grid, source, [serial or "タイムスタンプ", "" if serial else "Timestamp"])
        if isinstance(sheet, Problem):
            problems.append(sheet)
            continue
        sheet = sheet if serial else replace(sheet, serial=None)
        sheet = without_persons(sheet, source, SYSTEM, PERSONAL, MOMENT)
        problems += odd_times(sheet, source)
        sheets.append(replace(sheet, separators=(_separator(sheet),)))
    return sheets, problems


def _separator(sheet: Sheet) -> str:
    """Return what joins several answers: only the form's own CSV writes the time zone."""
    if sheet.moment is None:
        return ","
    has_zone = sheet.rows.table.columns[sheet.moment].where(lambda time: "GMT" in time)
    return ";" if (has_zone & sheet.rows.is_open).any() else ","
