"""The keying workbook that ``template`` writes, filled in: its own ids say what each column is.

Nothing is mapped and nothing is guessed: a sheet, a column or a header that is not as written is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.ingest.cells import Rows
from pipeline.ingest.content import Content
from pipeline.ingest.heading import headed_sheet
from pipeline.ingest.keying_twice import differences, words_without_tick
from pipeline.ingest.nouns import (
    Claim,
    Grid,
    Header,
    Sheet,
    Source,
    cell_name,
    column_name,
    listed,
    titled,
)
from pipeline.ingest.template_plan import (
    CHECK_COLUMN,
    FIRST_ANSWER_COLUMN,
    GUIDE_SHEET,
    ID_ROW,
    SERIAL,
    SERIAL_COLUMN,
    STATE_SHEET,
    UPPER_ROW,
    Column,
    Mark,
    codes,
    columns,
    header_digest,
    header_rows,
    parse_mark,
    sheet_attribute,
)
from pipeline.ingest.workbook import read_grids
from pipeline.matching import fold, fold_tight
from pipeline.model import Problem, ReceivedFile

_AGAIN = "入力表を作り直し（python -m pipeline template）、回答の部分だけを写してください。"


def conventions(source: Source) -> ReceivedFile:
    """Return the received file with what the keying workbook settles by itself."""
    marks = codes(source.survey, source.wave)
    return replace(
        source.received,
        serial=SERIAL,
        has_codes=True,
        no_answer=(marks.no_answer,),
        invalid=(marks.invalid,),
    )


@dataclass(frozen=True)
class _Keyed:
    """One keying sheet as found: whose it is, its columns, its rows."""

    mark: Mark
    columns: tuple[Column, ...]
    sheet: Sheet


def read_sheets(source: Source, content: Content) -> tuple[list[Sheet], list[Problem]]:
    """Return the sheets of the first keying, then those of the second, whose rows are no answers."""
    grids, problems = read_grids(source, content)
    if problems:
        return [], problems
    marked = _marked(grids, source, problems)
    if problems:
        return [], problems
    keyed = [_keyed(grid, mark, source, problems) for grid, mark in marked]
    found = {(one.mark.group, one.mark.keying): one for one in keyed if one}
    first = [one for one in found.values() if one.mark.keying == 1]
    for one in first:
        problems += words_without_tick(one.sheet, one.columns, source)
        if again := found.get((one.mark.group, 2)):
            problems += differences(one.sheet, again.sheet, one.columns, source)
    second = [_set_aside(one.sheet) for one in found.values() if one.mark.keying == 2]
    return [*(one.sheet for one in first), *second], problems


def _marked(grids: list[Grid], source: Source, problems: list[Problem]) -> list[tuple[Grid, Mark]]:
    """Return the keying sheets with their marks; a sheet too many, missing or of another wave is a problem."""
    marked = []
    for grid in grids:
        mark = parse_mark(grid.cells[ID_ROW - 1][0]) if len(grid.cells) >= ID_ROW else None
        if mark:
            marked.append((grid, mark))
        elif grid.cells and fold(grid.name) not in (GUIDE_SHEET, STATE_SHEET):
            what = "入力表のシートではないシートがあります"
            fix = f"シートを消すか、見出しの4行を元に戻してください。戻せなければ、{_AGAIN}"
            cell = cell_name(ID_ROW, SERIAL_COLUMN)
            problems.append(
                source.problem(what, fix, sheet=grid.name, cell=cell, expected="入力表のシートの印")
            )
    if not marked:
        fix = f"{source.definition} の layout を直すか、{_AGAIN}"
        problems.append(
            source.problem("入力表ではありません", fix, expected="python -m pipeline template で作ったブック")
        )
        return []
    own = f"{source.survey.id}/{source.wave.key}"
    for grid, mark in marked:
        if (found := f"{mark.survey}/{mark.wave}") != own:
            what, fix = "別の調査か、別の調査回の入力表です", f"{found} のフォルダーに置いてください。"
            cell = cell_name(ID_ROW, SERIAL_COLUMN)
            problems.append(source.problem(what, fix, sheet=grid.name, cell=cell, found=found, expected=own))
    total = marked[0][1].total
    numbers = [mark.number for _, mark in marked]
    absent = [number for number in range(1, total + 1) if number not in numbers]
    if absent or len(numbers) != total:
        what = "入力表のシートが足りないか、余っています"
        shown = f"足りない番号 {listed(map(str, absent))}" if absent else "同じシートが2枚"
        fix = "何も入力していないシートも残してください。写したシートは消してください。"
        problems.append(
            source.problem(what, fix, found=f"{len(numbers)}枚（{shown}）", expected=f"{total}枚を1枚ずつ")
        )
    return marked


def _keyed(grid: Grid, mark: Mark, source: Source, problems: list[Problem]) -> _Keyed | None:
    """Return the sheet with its columns, or None after reporting headers that are not as written."""
    planned = columns(source.survey, source.wave, mark.group)
    if found := _changed_headers(grid, mark, planned, source):
        problems.append(found)
        return None
    end = FIRST_ANSWER_COLUMN + len(planned)
    if beyond := [
        cell_name(row, place)
        for row, cells in enumerate(grid.cells, start=1)
        for place in range(end, len(cells))
        if cells[place].strip()
    ]:
        what, fix = "見出しのない列に記入があります", "その列の記入を消すか、備考の列に移してください。"
        expected = f"{column_name(end - 1)}列まで"
        problems.append(source.problem(what, fix, sheet=grid.name, cell=listed(beyond), expected=expected))
    sheet = headed_sheet(_padded(grid, end), source, [grid.cells[ID_ROW - 1][SERIAL_COLUMN]])
    if isinstance(sheet, Problem):
        problems.append(sheet)
        return None
    claims = _claims(mark, planned, source)
    answers = range(FIRST_ANSWER_COLUMN, end - 1)
    rows = _counted(sheet.rows, answers)
    headers = tuple(Header((), text) for text in (SERIAL, "", *(column.id for column in planned)))
    system = frozenset({CHECK_COLUMN, *range(FIRST_ANSWER_COLUMN, end)}) - {
        c for k in claims for c in k.columns
    }
    return _Keyed(mark, planned, replace(sheet, headers=headers, rows=rows, claims=claims, system=system))


def _padded(grid: Grid, width: int) -> Grid:
    return replace(grid, cells=tuple((*row, *[""] * (width - len(row))) for row in grid.cells))


def _changed_headers(grid: Grid, mark: Mark, planned: tuple[Column, ...], source: Source) -> Problem | None:
    """Return why the headers are refused: changed in the file, or the survey file changed since."""
    expected = header_rows(planned)
    width = max(len(grid.cells[0]), len(expected[0]))
    found = [[*row, *[""] * (width - len(row))] for row in grid.cells[UPPER_ROW - 1 : ID_ROW]]
    found[-1][SERIAL_COLUMN] = ""
    wanted = [[*row, *[""] * (width - len(row))] for row in expected]
    is_changed = header_digest(found) != mark.digest
    is_group = not mark.group or _is_group(mark.group, source)
    if not is_changed and is_group and _folded(found[-1]) == _folded(wanted[-1]):
        return None
    places = [
        (row, place)
        for row in range(len(wanted))
        for place in range(width)
        if fold_tight(found[row][place]) != fold_tight(wanted[row][place])
    ]
    shown = [cell_name(UPPER_ROW + row, place) for row, place in places]
    row, place = places[0] if places else (len(wanted) - 1, SERIAL_COLUMN)
    if is_changed:
        what = "入力表の見出しが変わっています"
        fix = f"見出しを元に戻してください。戻せなければ、{_AGAIN}"
    else:
        what = "入力表を作ったあとで、設問や選択肢が変わっています"
        fix = f"surveys/{source.survey.id}/survey.toml か {source.definition} を元に戻すか、{_AGAIN}"
    return source.problem(
        what,
        fix,
        sheet=grid.name,
        cell=listed(shown),
        found=titled(found[row][place]),
        expected=titled(wanted[row][place]),
    )


def _folded(row: list[str]) -> list[str]:
    return [fold_tight(text) for text in row]


def _is_group(group: str, source: Source) -> bool:
    attribute = sheet_attribute(source.survey, source.wave)
    return attribute is not None and group in {option.id for option in attribute.offered(source.wave.key)}


def _claims(mark: Mark, planned: tuple[Column, ...], source: Source) -> tuple[Claim, ...]:
    """Return the claims of the questions in the order of the survey file."""
    by_sheet = sheet_attribute(source.survey, source.wave) if mark.group else None
    claims = []
    for question in source.asked:
        own = [
            (place, column)
            for place, column in enumerate(planned, start=FIRST_ANSWER_COLUMN)
            if column.question == question and (question.is_free_text or not column.is_words)
        ]
        if question == by_sheet:
            claims.append(Claim(question, constant=mark.group))
        else:
            options = tuple(column.option for _, column in own if column.is_tick)
            claims.append(Claim(question, tuple(place for place, _ in own), options))
    return tuple(claims)


def _counted(rows: Rows, answers: range) -> Rows:
    """Return the rows; one that is numbered beforehand and not filled in was not handed back."""
    is_empty = rows.is_open.copy()
    for place in answers:
        is_empty &= ~rows.table.columns[place].is_filled
    return rows.closed(is_empty, "serial_only")


def _set_aside(sheet: Sheet) -> Sheet:
    """Return the sheet of the second keying: it was compared, and nobody is counted twice."""
    return replace(sheet, rows=sheet.rows.closed(sheet.rows.is_open, "second_keying"))
