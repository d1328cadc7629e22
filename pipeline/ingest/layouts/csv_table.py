"""A text table as form services write it: one record per answer, cp932, UTF-8 or UTF-16."""

from __future__ import annotations

from pipeline.ingest.container import TEXT
from pipeline.ingest.content import Content
from pipeline.ingest.heading import headed_sheet
from pipeline.ingest.nouns import Sheet, Source
from pipeline.ingest.opening import open_grids
from pipeline.model import Problem


def read_sheets(source: Source, content: Content) -> tuple[list[Sheet], list[Problem]]:
    """Return the table as one sheet without a name."""
    grids, problems = open_grids(source, content, (TEXT,))
    sheets = []
    for grid in grids:
        sheet = headed_sheet(grid, source, [source.received.serial])
        (problems if isinstance(sheet, Problem) else sheets).append(sheet)
    return sheets, problems
