"""Two keyings of the same forms, compared cell by cell; and what one keying alone gives away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.ingest.cells import Row
from pipeline.ingest.codebook import TICKS, UNTICKED
from pipeline.ingest.nouns import Sheet, Source, cell_name, column_name, listed, quoted
from pipeline.ingest.tables import FileRead
from pipeline.ingest.template_plan import (
    FIRST_ANSWER_COLUMN,
    LAYOUT,
    SERIAL,
    SERIAL_COLUMN,
    Column,
    codes,
    option_code,
)
from pipeline.matching import fold, fold_tight
from pipeline.model import Problem


def differences(first: Sheet, second: Sheet, columns: tuple[Column, ...], source: Source) -> list[Problem]:
    """Return an error for each question that was keyed in two ways, with both cells.

    Words are keyed once and not compared. Rows that were not keyed a second time are left alone.
    """
    again = _keyed_rows(second)
    if not again:
        return []
    once: dict[str, Row] = {}
    for row in first.rows:
        if not row.reason or row.reason == "serial_only":
            once.setdefault(_serial(row), row)
    problems = list(_unpaired(again, once, second, source))
    places: dict[int, list[tuple[Row, Row]]] = {}
    for row in again:
        before = once.get(_serial(row))
        if before is None:
            continue
        if before.reason:
            problems.append(_only_again(before, row, first, second, source))
            continue
        for place, column in enumerate(columns, start=FIRST_ANSWER_COLUMN):
            if not column.is_words and _meant(before, place, column, source) != _meant(
                row, place, column, source
            ):
                places.setdefault(place, []).append((before, row))
    for place, pairs in places.items():
        problems.append(
            _different(place, pairs, columns[place - FIRST_ANSWER_COLUMN], (first, second), source)
        )
    return problems


def _keyed_rows(sheet: Sheet) -> list[Row]:
    return [row for row in sheet.rows if not row.reason]


def _serial(row: Row) -> str:
    return fold(row.cells[SERIAL_COLUMN])


def _unpaired(again: list[Row], once: dict[str, Row], second: Sheet, source: Source) -> Iterator[Problem]:
    seen: set[str] = set()
    cells = []
    for row in again:
        if _serial(row) not in once or _serial(row) in seen:
            cells.append(cell_name(row.number, SERIAL_COLUMN))
        seen.add(_serial(row))
    if cells:
        what, fix = (
            "2回目の入力の番号が、1回目の番号と合いません",
            "番号を元に戻すか、その行の入力を消してください。",
        )
        expected = "1回目のシートにある番号を1回ずつ"
        yield source.problem(what, fix, sheet=second.name, cell=listed(cells), key=SERIAL, expected=expected)


def _only_again(before: Row, row: Row, first: Sheet, second: Sheet, source: Source) -> Problem:
    what, fix = (
        "2回目だけに入力があり、1回目が空欄の番号です",
        "調査票を見て、1回目のシートに入力してください。",
    )
    cell = f"{first.name}!{before.number}行目 と {second.name}!{row.number}行目"
    return source.problem(
        what, fix, sheet=first.name, cell=cell, key=f"{SERIAL} {_serial(row)}", expected="1回目の入力"
    )


def _different(
    place: int, pairs: list[tuple[Row, Row]], column: Column, sheets: tuple[Sheet, Sheet], source: Source
) -> Problem:
    """Return one problem for all rows in which one column was keyed in two ways."""
    cells = [
        " と ".join(
            f"{sheet.name}!{cell_name(row.number, place)}" for sheet, row in zip(sheets, pair, strict=True)
        )
        for pair in pairs
    ]
    shown = "／".join(quoted(row.cells[place]) if row.cells[place] else "空欄" for row in pairs[0])
    return source.problem(
        "1回目と2回目の入力が違います",
        "調査票を見て、誤っていたほうのセルを直してください。",
        sheet=sheets[0].name,
        cell=listed(cells),
        key=f"{column.id.split(' ')[0]} {column.upper}",
        found=f"最初のセルは{shown}（{len(pairs)}件）" if len(pairs) > 1 else shown,
        expected="1回目と2回目が同じ",
    )


def _meant(row: Row, place: int, column: Column, source: Source) -> str:
    """Return what a cell says, its spelling folded; a blank and the code of 無回答 say the same."""
    key = fold_tight(row.cells[place])
    if key == codes(source.survey, source.wave).no_answer:
        return ""
    if not column.is_tick:
        return key
    if key in UNTICKED:
        return ""
    return "1" if key in TICKS else key


def keyed_in_two_files(files: Sequence[FileRead]) -> list[Problem]:
    """Return an error for each sheet of which the same form was keyed in two files of one wave."""
    first: dict[tuple[str, str, str], str] = {}
    places: dict[tuple[str, str, str], list[str]] = {}
    sources = {file.source.file: file.source for file in files}
    for file in files:
        if file.source.received.layout != LAYOUT:
            continue
        for read in file.sheets:
            serials = read.sheet.rows.table.columns[SERIAL_COLUMN]
            for place in read.accepted.tolist():
                form = (file.source.wave.key, read.sheet.name, fold(serials[place]))
                other = first.setdefault(form, file.source.file)
                if other != file.source.file:
                    cell = cell_name(place + 1, SERIAL_COLUMN)
                    places.setdefault((file.source.file, read.sheet.name, other), []).append(cell)
    what, fix = (
        "同じ番号の調査票が、2つの入力表にあります",
        "調査票を見て、同じ調査票なら片方の入力を消し、別の調査票なら空いている番号に移してください。",
    )
    return [
        sources[file].problem(
            what,
            fix,
            sheet=sheet,
            cell=listed(cells),
            found=f"{other} と同じ番号",
            expected="1枚の調査票は1つの入力表に",
        )
        for (file, sheet, other), cells in places.items()
    ]


def words_without_tick(sheet: Sheet, columns: tuple[Column, ...], source: Source) -> list[Problem]:
    """Return a note for each その他 whose words were keyed although it was not chosen."""
    problems = []
    for place, column in enumerate(columns, start=FIRST_ANSWER_COLUMN):
        if not (column.is_words and column.option and column.question):
            continue
        answers = {
            other: found
            for other, found in enumerate(columns, start=FIRST_ANSWER_COLUMN)
            if found.question == column.question and not found.is_words
        }
        code = option_code(column.question, source.wave, column.option)
        chosen = {c: f for c, f in answers.items() if not f.option or f.option == column.option}
        rows = [
            row.number
            for row in _keyed_rows(sheet)
            if row.cells[place].strip() and not any(_says(row, c, f, code, source) for c, f in chosen.items())
        ]
        if rows:
            what = (
                "「その他」の内容があるのに、「その他」が選ばれていません（選ばれていないものとして数えます）"
            )
            cell = listed(f"{column_name(place)}{row}" for row in rows)
            fix = "調査票に印があるのに入力していなければ、入力してください。"
            key = f"{column.question.id}.{column.option}"
            problems.append(source.problem(what, fix, sheet=sheet.name, cell=cell, key=key, severity="note"))
    return problems


def _says(row: Row, place: int, column: Column, code: str, source: Source) -> bool:
    """True when the cell chooses the option whose code is ``code``."""
    meant = _meant(row, place, column, source)
    label = column.question.offered(source.wave.key)[int(code) - 1].label if column.question else ""
    return meant == "1" if column.is_tick else meant in (code, fold_tight(label))
