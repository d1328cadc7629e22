"""Bytes of a received file → grids: through the gate, by the reader of its kind, against its layout."""

from __future__ import annotations

from pipeline.ingest.container import ODS, TEXT, XLS, XLSX, kind_of, refused
from pipeline.ingest.content import Content
from pipeline.ingest.foreign_book import read_ods, read_xls
from pipeline.ingest.nouns import Grid, Source
from pipeline.ingest.recognition import contradiction
from pipeline.ingest.text_table import read_text_grid
from pipeline.ingest.workbook import read_xlsx
from pipeline.model import Problem

_READERS = {TEXT: read_text_grid, XLSX: read_xlsx, XLS: read_xls, ODS: read_ods}


def open_grids(source: Source, content: Content, accepted: tuple[str, ...]) -> tuple[list[Grid], list[Problem]]:
    """Return every sheet as a grid; problems are why there is none. ``accepted``: kinds of container."""
    grids, problems = look_into(source, content, accepted)
    if not problems and (problem := contradiction(source, grids)):
        problems = [problem]
    return ([] if problems else grids), problems


def look_into(source: Source, content: Content, accepted: tuple[str, ...]) -> tuple[list[Grid], list[Problem]]:
    """Return every sheet as a grid, whatever its layout is; problems are why there is none."""
    if problem := refused(content, accepted, source):
        return [], [problem]
    return _READERS[kind_of(content)](source, content)
