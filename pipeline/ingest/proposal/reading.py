"""Bytes of a received file → its columns, through the same readers that will read it for the report."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from pipeline.ingest.container import BOOKS, TEXT, kind_of
from pipeline.ingest.layouts import READERS
from pipeline.ingest.nouns import Header, Sheet, Source
from pipeline.ingest.opening import look_into
from pipeline.ingest.proposal.headings import Heading, find_heading
from pipeline.ingest.proposal.recognition import UNMAPPED, Looked, layout_of, split, stems
from pipeline.matching import fold, fold_tight
from pipeline.model import Problem, ProblemsFound, ReceivedFile, Survey, Wave, frozen_mapping

_DAY = re.compile(r"(20\d\d)\s*[-/年.]\s*(\d{1,2})\s*[-/月.]\s*(\d{1,2})(?!\d)")
#: Layouts that nobody recognises by their headers: there may be none.
_HEADLESS = ("keyed_workbook", "csv")
#: So many of the headers may stand among the answers too: 「その他」 may be both.
_REPEATED = 0.3
_TIMES = re.compile(r"日時|時刻|日付|月日|タイムスタンプ|timestamp|time|date", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """One column of all sheets of a file: its header and the cells of the rows that may be answers."""

    position: int
    header: Header
    cells: tuple[str, ...]

    @property
    def path(self) -> str:
        return self.header.path

    @property
    def filled(self) -> tuple[str, ...]:
        return tuple(text for text in self.cells if fold(text))


@dataclass(frozen=True)
class Table:
    """One file of answers. sheets: names of the sheets read; ignored: of those that hold no answers.

    differing: sheet name → header paths that the first sheet does not have.
    """

    file: str
    layout: str
    heading: Heading
    columns: tuple[Column, ...]
    times: tuple[str, ...]
    separators: tuple[str, ...]
    sheets: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    differing: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def mode(self) -> str:
        return "紙" if self.layout in ("keyed_workbook", "template") else "Web"

    @property
    def height(self) -> int:
        return len(self.columns[0].cells) if self.columns else 0

    def days(self) -> list[date]:
        """Return the days found in the columns of times, sorted."""
        found = [match for text in self.times if (match := _DAY.search(fold(text)))]
        days = set()
        for match in found:
            try:
                days.add(date(*map(int, match.groups())))
            except ValueError:
                continue
        return sorted(days)


def probe(survey_id: str, wave: str, **received) -> Source:
    """Return a source that claims nothing, to open a file with."""
    nothing = Survey(survey_id, "", "", (), ())
    return Source(nothing, Wave(wave, ""), ReceivedFile(mode="", **received), 1)


def look(survey_id: str, wave: str, file: str, content: bytes) -> Looked:
    """Return the file as grids. Raises ProblemsFound when it cannot be opened."""
    grids, problems = look_into(probe(survey_id, wave, file=file, layout=""), content, (*BOOKS, TEXT))
    _stop_at(problems)
    # Hidden sheets are read by nobody.
    return Looked(kind_of(content) == TEXT, tuple(grid for grid in grids if not grid.is_hidden))


def _stop_at(problems: list[Problem]) -> None:
    """Raise ProblemsFound with the errors; notes are for the check."""
    if errors := [problem for problem in problems if problem.is_error]:
        raise ProblemsFound(errors)


def read_table(
    survey_id: str, wave: str, file: str, content: bytes, looked: Looked, serials: Iterable[str]
) -> Table:
    """Return the columns of a file of answers. Raises ProblemsFound when its reader refuses it."""
    layout, serials = layout_of(looked), tuple(serials)
    if layout in UNMAPPED:
        return Table(file, layout, Heading("", 1, 1), (), (), ())
    headings = {grid.name: find_heading(grid, serials) for grid in looked.grids if grid.cells}
    numbered = {name: found for name, found in headings.items() if found and found.serial}
    chosen = numbered or {name: found for name, found in headings.items() if found}
    # Sheets of one file are keyed alike: the commonest serial header is the one of the answers.
    words = [fold_tight(found.serial) for found in chosen.values()]
    chosen = {
        name: found
        for name, found in chosen.items()
        if words.count(fold_tight(found.serial)) == max(map(words.count, words))
    }
    heading = next(iter(chosen.values()), Heading("", 1, 1))
    ignored = tuple(grid.name for grid in looked.grids if grid.cells and grid.name not in chosen)
    names = () if looked.is_text or len(looked.grids) == 1 else tuple(chosen)
    source = probe(
        survey_id,
        wave,
        file=file,
        layout=layout,
        serial=heading.serial,
        header_rows=heading.rows,
        sheets=frozen_mapping({name: {} for name in names}),
        ignore_sheets=ignored if names else (),
    )
    sheets, problems = READERS[layout](source, content)
    _stop_at(problems)
    if layout not in _HEADLESS or not _holds_answers(sheets[0]):
        return _table(file, layout, heading, sheets, names, ignored)
    # Its words must not be taken for headers: they would be written into the draft.
    what, step = "見出しの行がありません（1行目から回答のようです）", "見出しを付けて書き出したファイルを受け取ってください。"
    raise ProblemsFound([source.problem(what, step, cell=f"{heading.row}行目", expected="設問の見出し")])


def _holds_answers(sheet: Sheet) -> bool:
    """True when what should be headers is written again among the answers below: nobody put a header."""
    below = [row.cells for row in sheet.rows if not row.reason]
    worded = [(n, fold_tight(h.lower)) for n, h in enumerate(sheet.headers) if any(map(str.isalpha, h.lower))]
    again = [n for n, text in worded if any(fold_tight(cells[n]) == text for cells in below)]
    return len(again) > 1 and len(again) >= _REPEATED * len(worded)


def _table(file: str, layout: str, heading: Heading, sheets: list[Sheet], names, ignored) -> Table:
    if layout == "option_columns":
        sheets = [replace(sheet, headers=_expanded(sheet.headers)) for sheet in sheets]
    first = sheets[0]
    own = frozenset(first.system) | {first.serial}
    keys = _keys(first)
    cells: dict[tuple[str, int], list[str]] = {key: [] for key in keys}
    differing = []
    for sheet in sheets:
        places = {key: place for place, key in enumerate(_keys(sheet))}
        rows = [row.cells for row in sheet.rows if not row.reason and _is_person(sheet, row.cells)]
        for key, column in cells.items():
            column += [row[places[key]] if key in places else "" for row in rows]
        if odd := [path for path, _ in places if path and path not in {known for known, _ in keys}]:
            differing.append((sheet.name, tuple(odd)))
    columns = [Column(n, header, tuple(cells[keys[n]])) for n, header in enumerate(first.headers)]
    times = [text for column in columns if _TIMES.search(fold(column.path)) for text in column.filled]
    return Table(
        file,
        layout,
        heading,
        tuple(column for column in columns if column.position not in own and column.path),
        tuple(times),
        first.separators,
        names,
        ignored,
        tuple(differing),
    )


def _expanded(headers: tuple[Header, ...]) -> tuple[Header, ...]:
    """Return the headers with the option parts under their question part."""
    known = stems(header.path for header in headers)
    found = [split(header.path) for header in headers]
    return tuple(
        Header((parts[0],), parts[1]) if parts and parts[0] in known else header
        for header, parts in zip(headers, found, strict=True)
    )


def _is_person(sheet: Sheet, cells: tuple[str, ...]) -> bool:
    return sheet.serial is None or bool(fold(cells[sheet.serial]))


def _keys(sheet: Sheet) -> list[tuple[str, int]]:
    """Return (header path, how manieth column of that name) of each column."""
    seen: dict[str, int] = {}
    keys = []
    for header in sheet.headers:
        seen[header.path] = seen.get(header.path, 0) + 1
        keys.append((fold_tight(header.path), seen[header.path]))
    return keys


def groups(columns: Iterable[Column]) -> list[tuple[str, tuple[Column, ...]]]:
    """Return (upper header, its columns) of neighbours that stand under one upper header."""
    found = []
    for name, members in groupby(columns, key=lambda column: column.header.group):
        if name and len(members := tuple(members)) > 1:
            found.append((name, members))
    return found
