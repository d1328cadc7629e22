"""Exports with one column per option, by pattern: kintone, LimeSurvey, SurveyMonkey and form services alike.

No service is pretended to be known: a column belongs to a question when its header is the header
of the wave file and an option, joined in one of the usual ways (option_headers).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.ingest.codebook import TICKS
from pipeline.ingest.columns import option_keys
from pipeline.ingest.container import BOOKS, TEXT
from pipeline.ingest.content import Content
from pipeline.ingest.heading import headed_sheet
from pipeline.ingest.layouts.keyed_workbook import chosen_grids
from pipeline.ingest.nouns import Grid, Header, Sheet, Source, Span
from pipeline.ingest.opening import open_grids
from pipeline.ingest.option_headers import code_of, split_header
from pipeline.ingest.services import keys, odd_times, without_persons
from pipeline.matching import fold_tight
from pipeline.model import Problem, Question

PERSONAL = keys("IP Address", "Email Address", "First Name", "Last Name", "Custom Data 1", "ipaddr", "token")
PERSONAL |= keys("email", "firstname", "lastname", "作成者", "更新者")
MOMENT = keys("End Date", "submitdate", "作成日時")
SYSTEM = keys(
    "Respondent ID", "Collector ID", "Start Date", "id", "lastpage", "startlanguage", "seed", "startdate"
)
SYSTEM |= keys("datestamp", "refurl", "レコード番号", "更新日時")
_SERIALS = keys("Respondent ID", "id", "レコード番号")
#: The second header row of SurveyMonkey where a question has one column only.
_ONE_COLUMN = keys("Response", "Open-Ended Response")
_COMPLETED = keys("submitdate")
#: What a service writes for a ticked option, in lower case.
TICKED = frozenset(key.lower() for key in TICKS) | keys("Y", "Yes", "はい", "true")
_UNTICKED = keys("N", "No", "いいえ", "false", "-", "0")


def read_sheets(source: Source, content: Content) -> tuple[list[Sheet], list[Problem]]:
    """Return the sheets with the columns of each option under their question, their cells as ticks."""
    grids, problems = open_grids(source, content, (*BOOKS, TEXT))
    chosen, more = chosen_grids(source, grids) if grids else ([], [])
    problems += more
    sheets = []
    for grid in chosen:
        grid, own = _two_headers(grid, source)
        sheet = headed_sheet(grid, own, [source.received.serial or _serial(grid)])
        if isinstance(sheet, Problem):
            problems.append(sheet)
            continue
        sheet = without_persons(sheet, source, SYSTEM, PERSONAL, MOMENT)
        sheet, incomplete = _completed(sheet, source)
        problems += [*incomplete, *odd_times(sheet, source)]
        sheets.append(_ticked(sheet, source))
    return sheets, problems


def _serial(grid: Grid) -> str:
    """Return the header of the service's own number, "" when there is none."""
    first = grid.cells[0] if grid.cells else ()
    return next((text for text in first if fold_tight(text).lower() in _SERIALS), "")


def _two_headers(grid: Grid, source: Source) -> tuple[Grid, Source]:
    """Return the grid and how to read it: SurveyMonkey's header always has two rows, its number in the first."""
    names = {fold_tight(text).lower() for text in grid.cells[0]} if grid.cells else set()
    if not {"respondentid", "collectorid"} <= names:
        return grid, source
    spans = (*grid.spans, *(Span(1, place, 2, place) for place, _ in enumerate(grid.cells[0][:1])))
    return replace(grid, spans=spans), replace(source, received=replace(source.received, header_rows=2))


def _completed(sheet: Sheet, source: Source) -> tuple[Sheet, list[Problem]]:
    """Return the sheet with the answers that were broken off rejected, and how many there are."""
    names = [fold_tight(header.path).lower() for header in sheet.headers]
    place = next((place for place, name in enumerate(names) if name in _COMPLETED), None)
    if place is None:
        return sheet, []
    broken_off = sheet.rows.table.columns[place].where(lambda text: not text.strip()) & sheet.rows.is_open
    rows, count = sheet.rows.closed(broken_off, "incomplete"), int(broken_off.sum())
    what, fix = (
        "途中でやめた回答（submitdate が空）を数えませんでした",
        "書き出しの設定どおりなら、このままで構いません。",
    )
    notes = (
        [source.problem(what, fix, sheet=sheet.name, found=f"{count}件", severity="note")] if count else []
    )
    return replace(sheet, rows=rows), notes


def _ticked(sheet: Sheet, source: Source) -> Sheet:
    """Return the sheet with its option columns named and their cells made plain ticks."""
    many = {
        fold_tight(source.received.columns[question.id]): question
        for question in source.asked
        if question.kind == "multiple" and question.id in source.received.columns
    }
    taken = {fold_tight(header) for header in (*source.received.headers, *source.received.ignore_columns)}
    headers = [_plain(header) for header in sheet.headers]
    words: dict[int, tuple[frozenset[str], bool]] = {}
    for place, header in enumerate(headers):
        if (
            place in sheet.system
            or place == sheet.serial
            or (not header.group and fold_tight(header.path) in taken)
        ):
            continue
        found = (fold_tight(header.group), header.lower) if header.group else split_header(header.path, many)
        if found is None or found[0] not in many:
            continue
        question = many[found[0]]
        lower = _lower(source, question, found[1])
        headers[place] = Header((source.received.columns[question.id],), lower)
        words[place] = _words(source, question, lower)
    received, columns = source.received, sheet.rows.table.columns
    declared = (*received.no_answer, *received.invalid, *received.not_applicable, *received.unticked)
    states = {fold_tight(word) for word in declared}
    marks = {
        place: columns[place].mapped(_Mark(*meant, states), sheet.rows.is_open) for place, meant in words.items()
    }
    return replace(sheet, headers=tuple(headers), rows=sheet.rows.replaced(marks))


def _plain(header: Header) -> Header:
    """Return the header of a question with one column without SurveyMonkey's word for that."""
    return (
        Header((), header.group)
        if header.group and fold_tight(header.lower).lower() in _ONE_COLUMN
        else header
    )


def _lower(source: Source, question: Question, part: str) -> str:
    """Return the option part as the columns know it: a code becomes the option's number."""
    if fold_tight(part) in option_keys(source, question, has_codes=False):
        return part
    others = [option.label for option in question.offered(source.wave.key) if option.is_other]
    if part.lower() == "other" and len(others) == 1:
        return others[0]
    return code_of(part) or part


def _words(source: Source, question: Question, lower: str) -> tuple[frozenset[str], bool]:
    """Return what means a tick in the column of one option, and whether typed words do."""
    spellings = option_keys(source, question, has_codes=True)
    meant = spellings.get(fold_tight(lower), set())
    same = {key.lower() for key, ids in spellings.items() if ids == meant and len(ids) == 1}
    is_other = any(question.option(option).is_other for option in meant)
    return TICKED | same | keys(lower), is_other and question.id in source.received.typed_other


@dataclass(frozen=True)
class _Mark:
    """What a service wrote in the column of one option → "1", "0", or the text as it stands."""

    ticked: frozenset[str]
    takes_words: bool
    states: set[str]

    def __call__(self, text: str) -> str:
        key = fold_tight(text)
        if not key or key in self.states:
            return text
        if key.lower() in self.ticked:
            return "1"
        if key.lower() in _UNTICKED:
            return "0"
        return "1" if self.takes_words else text
