"""A workbook keyed by hand from paper forms, usually one sheet per section."""

from __future__ import annotations

from pipeline.ingest.container import BOOKS
from pipeline.ingest.content import Content
from pipeline.ingest.heading import headed_sheet
from pipeline.ingest.nouns import Grid, Sheet, Source
from pipeline.ingest.opening import open_grids
from pipeline.ingest.skipped import skipped_answers
from pipeline.matching import fold, nearest
from pipeline.model import Problem


def read_sheets(source: Source, content: Content) -> tuple[list[Sheet], list[Problem]]:
    """Return the sheets the wave file lists, in the order of the workbook.

    Every sheet must be listed in ``sheets`` or ``ignore_sheets``; a workbook with neither list
    must have one sheet only.
    """
    grids, problems = open_grids(source, content, BOOKS)
    if problems:
        return [], problems
    chosen, more = chosen_grids(source, grids)
    problems += more
    sheets = []
    for grid in chosen:
        sheet = headed_sheet(grid, source, [source.received.serial])
        (problems if isinstance(sheet, Problem) else sheets).append(sheet)
    return sheets, problems


def chosen_grids(source: Source, grids: list[Grid]) -> tuple[list[Grid], list[Problem]]:
    """Return the grids to read, and a problem for each sheet that is missing or not accounted for."""
    received = source.received
    ignored = {fold(name) for name in received.ignore_sheets}
    listed = {fold(name): name for name in received.sheets}
    # An empty sheet that nobody lists holds nothing that could be lost.
    rest = [g for g in grids if fold(g.name) not in ignored and (g.cells or fold(g.name) in listed)]
    problems = skipped_answers((grid for grid in grids if fold(grid.name) in ignored and grid.cells), source)
    hidden = [g for g in rest if g.is_hidden]
    problems += [_hidden(source, grid, fold(grid.name) in listed) for grid in hidden]
    rest = [g for g in rest if not g.is_hidden]
    if not received.sheets and len(rest) == 1:
        return rest, problems
    chosen = [grid for grid in rest if fold(grid.name) in listed]
    surplus = [grid.name for grid in rest if fold(grid.name) not in listed]
    present = {fold(grid.name) for grid in (*chosen, *hidden)}
    absent = [name for key, name in listed.items() if key not in present]
    fix = f"{source.definition} の [files.sheets] か ignore_sheets を直してください。"
    for name in absent:
        close = nearest(name, surplus)
        found = f"似たシート「{close}」" if close else "（なし）"
        problems.append(source.problem("シートがありません", fix, key="sheets", found=found, expected=name))
    for name in surplus:
        what = "読むか読まないか決まっていないシートがあります"
        expected = "sheets か ignore_sheets のどちらかに書かれたシート"
        problems.append(source.problem(what, fix, sheet=name, key="sheets", found=name, expected=expected))
    return chosen, problems


def _hidden(source: Source, grid: Grid, is_listed: bool) -> Problem:
    """Return that a hidden sheet was not read: an error when the wave file wants it read."""
    if is_listed:
        what, fix = "読むシートが非表示になっています", "Excelで再表示し、読んでよいシートか確かめてください。"
        return source.problem(what, fix, sheet=grid.name, key="sheets", expected="表示されているシート")
    what = "非表示のシートを読みませんでした"
    fix = f"回答のシートなら再表示し、そうでなければ {source.definition} の ignore_sheets に加えてください。"
    return source.problem(what, fix, sheet=grid.name, found=f"{len(grid.cells)}行", severity="note")
