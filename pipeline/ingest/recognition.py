"""What a file looks like, against the layout that the wave file declares. The wave file decides nothing alone."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.ingest.nouns import Grid, Source
from pipeline.ingest.option_headers import split_header
from pipeline.matching import fold_tight
from pipeline.model import Problem

#: The header is looked for in the first rows: a title may have been added above it.
_FIRST_ROWS = 5
_TIMES = {"タイムスタンプ", "timestamp"}
_STARTED, _FINISHED = {"開始時刻", "starttime"}, {"完了時刻", "completiontime"}
NAMES = {
    "microsoft_forms": "Microsoft Formsの回答",
    "google_forms": "Googleフォームの回答",
    "option_columns": "選択肢ごとに列のある書き出し",
}
#: Layouts that only one service writes: without its signs the file is another one.
_SIGNED = ("microsoft_forms", "google_forms")


def _layout_of(cells: Iterable[str]) -> str:
    """Return the layout that a row of headers belongs to, "" when it could be any."""
    keys = [fold_tight(text).lower() for text in cells]
    first, known = keys[0] if keys else "", set(keys)
    if "id" in known and known & _STARTED and known & _FINISHED:
        return "microsoft_forms"
    if first in _TIMES:
        return "google_forms"
    if {"submitdate", "lastpage"} <= known or ("respondentid" in known and "collectorid" in known):
        return "option_columns"
    return ""


def likely_layout(grids: Iterable[Grid], source: Source) -> str:
    """Return the layout the first rows show, "" when nothing speaks for one."""
    for grid in grids:
        first = grid.cells[:_FIRST_ROWS]
        if layout := next(filter(None, map(_layout_of, first)), "") or _expanded(first, source):
            return layout
    return ""


def _expanded(rows: Iterable[tuple[str, ...]], source: Source) -> str:
    """Return option_columns when a question that should be one column is spread over several."""
    headers = {fold_tight(text) for cells in rows for text in cells}
    for question in source.asked:
        header = fold_tight(source.received.columns.get(question.id, ""))
        is_spread = question.kind == "multiple" and header and header not in headers
        if is_spread and sum(split_header(text, (header,)) is not None for text in headers) > 1:
            return "option_columns"
    return ""


def _has_times(grid: Grid) -> bool:
    return any(_TIMES & {fold_tight(text).lower() for text in cells} for cells in grid.cells[:_FIRST_ROWS])


def contradiction(source: Source, grids: list[Grid]) -> Problem | None:
    """Return that the file is not of the declared layout, with the likely one; None when it may be."""
    declared = source.received.layout
    likely = likely_layout([grid for grid in grids if not grid.is_hidden], source)
    if (
        likely == declared
        or (not likely and declared not in _SIGNED)
        or not any(grid.cells for grid in grids)
    ):
        return None
    # A column may have been put before the time.
    if declared == "google_forms" and not likely and any(map(_has_times, grids)):
        return None
    if likely:
        found, layout = f"{NAMES[likely]}に見えます", f"「{likely}」"
    else:
        found, layout = (
            f"{NAMES[declared]}の見出しがありません",
            "「csv」か「keyed_workbook」か「option_columns」",
        )
    return source.problem(
        "layout と、ファイルの中身が違います",
        f"ファイルがこの調査回のものなら、{source.definition} の layout を{layout}に直してください。",
        key="layout",
        found=found,
        expected=f'layout = "{declared}" の形',
    )
