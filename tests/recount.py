"""A second count of the sample survey, made without the program: standard library and openpyxl only.

It reads the received files as the definitions declare them and counts people one by one. It
shares no line with ``pipeline``, so that a mistake there cannot hide here. It is neither fast nor
kind: whatever it does not know stops it.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl

#: States of an answer that is no option, and the keys under which a wave file lists their signs.
NO_ANSWER, INVALID, NOT_APPLICABLE = STATES = ("no_answer", "invalid", "not_applicable")
#: Entry of a tally that counts everyone the share is of.
BASE = "base"
TOTAL = ("total", "all")
TICKS = {"1", "○", "〇", "◯"}
SEPARATORS = ";,、"
Answer = str | frozenset[str]


def squeeze(text: str) -> str:
    """The text as one compares it: NFKC, one kind of tilde, no space of any kind."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text).replace("\u301c", "~"))


def tenths(count: int, base: int) -> str:
    """100·count/base, 四捨五入 to one decimal, in whole numbers only."""
    whole = (2000 * count + base) // (2 * base)
    return f"{whole // 10}.{whole % 10}"


# ---- what the definitions say ------------------------------------------------------------


class Definitions:
    """The survey file, one wave file and the coding decisions, as they are written."""

    def __init__(self, root: Path, survey: str, wave: str):
        folder = root / "surveys" / survey
        self.wave, self.raw = wave, root / "data" / "raw" / survey / wave
        self.wave_file = _toml(folder / "waves" / f"{wave}.toml")
        survey_file = _toml(folder / "survey.toml")
        self.questions = {question["id"]: question for question in survey_file["questions"]}
        self.crosses = survey_file["crosses"]
        decided = csv.DictReader(io.StringIO((folder / "coding" / "decisions.csv").read_text("utf-8-sig")))
        self.codes = {(row["question"], row["key"]): frozenset(row["codes"].split(";")) for row in decided}
        self.asked = list(self.wave_file["wording"])
        self.attributes = [name for name in self.asked if self.questions[name].get("is_attribute")]

    def offered(self, question: str) -> list[dict]:
        options = self.questions[question].get("options", ())
        return [o for o in options if o.get("since", self.wave) <= self.wave <= o.get("until", self.wave)]


def _toml(path: Path) -> dict:
    return tomllib.loads(path.read_text(encoding="utf-8-sig"))


def population(definitions: Definitions) -> dict[str, int]:
    """People on the roster by group label, and under 合計 all of them, which is their sum."""
    roster = definitions.wave_file["population"]["roster"]
    head, *rows = [[squeeze(cell) for cell in row] for row in _records(definitions.raw / roster["file"])]
    places = [head.index(squeeze(roster[column])) for column in ("group_column", "count_column")]
    people = {row[places[0]]: int(row[places[1]]) for row in rows}
    assert sum(people.values()) == 2 * people["合計"]
    return people


# ---- from a file to rows under headers ---------------------------------------------------


@dataclass(frozen=True)
class Sheet:
    """One table of a file. ``rows`` are all its rows as text, ``rows[0]`` is physical row 1."""

    name: str
    rows: list[list[str]]
    headers: list[tuple[str, str]]
    first: int

    def places(self, path: str) -> list[int]:
        """Columns under ``upper / lower``, or all columns under ``upper``."""
        upper, _, lower = (squeeze(part) for part in path.partition(" / "))
        return [n for n, head in enumerate(self.headers) if head[0] == upper and lower in ("", head[1])]


def _records(path: Path) -> list[list[str]]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp932")
    return list(csv.reader(io.StringIO(text, newline="")))


def sheets(path: Path, received: dict) -> Iterator[Sheet]:
    """The tables of one received file that hold answers."""
    serial, depth = squeeze(received["serial"]), received.get("header_rows", 1)
    if path.suffix == ".csv":
        yield _sheet("", _records(path), {}, serial, depth)
        return
    book = openpyxl.load_workbook(path, data_only=True)
    for name in book.sheetnames:
        if name in received.get("ignore_sheets", ()):
            continue
        grid = [["" if c is None else str(c) for c in row] for row in book[name].iter_rows(values_only=True)]
        above = {
            (row, column): grid[area.min_row - 1][area.min_col - 1]
            for area in book[name].merged_cells.ranges
            for row, column in [(area.min_row - 1, c) for c in range(area.min_col - 1, area.max_col)]
        }
        yield _sheet(name, grid, above, serial, depth)


def _sheet(name: str, grid: list, merged: dict, serial: str, depth: int) -> Sheet:
    last = next(n for n, row in enumerate(grid) if serial in map(squeeze, row))
    headers = []
    for column, text in enumerate(grid[last]):
        upper = merged.get((last - 1, column)) or grid[last - 1][column] if depth == 2 else ""
        pair = [squeeze(part) for part in (upper, text) if squeeze(part)]
        headers.append((pair[0] if pair else "", pair[1] if len(pair) > 1 else ""))
    return Sheet(name, grid, headers, last + 1)


# ---- from rows to people -----------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    """One returned form and where it lies: file name, sheet ("" = csv), row counted from 1."""

    file: str
    sheet: str
    row: int
    answers: dict[str, Answer]


@dataclass
class Reading:
    """Everyone in one wave, and per file how many physical rows there were and how many repeated."""

    definitions: Definitions
    people: list[Person]
    rows: Counter
    repeated: Counter


@functools.cache
def read(root: Path, survey: str, wave: str) -> Reading:
    """Read all received files of one wave."""
    reading = Reading(Definitions(root, survey, wave), [], Counter(), Counter())
    for received in reading.definitions.wave_file["files"]:
        for sheet in sheets(reading.definitions.raw / received["file"], received):
            _read_sheet(reading, received, sheet)
    return reading


def _read_sheet(reading: Reading, received: dict, sheet: Sheet) -> None:
    file, seen = received["file"], set()
    serial = sheet.headers.index((squeeze(received["serial"]), ""))
    constants = received.get("sheets", {}).get(sheet.name, {})
    assert constants or not received.get("sheets"), sheet.name
    reading.rows[file] += len(sheet.rows)
    for number, cells in enumerate(sheet.rows[sheet.first :], start=sheet.first + 1):
        label = squeeze(cells[serial])
        if not any(map(squeeze, cells)) or label in received.get("total_labels", ()) or label[0] == "※":
            continue
        assert re.fullmatch(r"W?\d+", label), (file, sheet.name, number)
        if tuple(cells) in seen:
            reading.repeated[file] += 1
            continue
        seen.add(tuple(cells))
        answers = dict(constants)
        for question in received["columns"]:
            answers[question] = _answer(reading.definitions, received, sheet, question, cells)
        reading.people.append(Person(file, sheet.name, number, answers))


def _answer(definitions: Definitions, received: dict, sheet: Sheet, question: str, cells: list) -> Answer:
    kind, places = definitions.questions[question]["kind"], sheet.places(received["columns"][question])
    if kind == "multiple" and received["layout"] == "keyed_workbook":
        return _ticked(definitions, received, sheet, question, cells)
    (place,) = places
    cell = squeeze(cells[place])
    if state := _state(received, cell):
        # In a free answer the sign of 非該当 is what somebody wrote: 「-」.
        return cells[place] if (kind, state) == ("text", NOT_APPLICABLE) else state
    if kind == "text":
        return cells[place]
    spelled, is_typed = (
        _spellings(definitions, received, question),
        question in received.get("typed_other", ()),
    )
    if kind == "multiple":
        return _within_limit(definitions, question, _taken_apart(cell, spelled, is_typed))
    if received.get("has_codes"):
        parts = [definitions.offered(question)[int(code) - 1]["id"] for code in cell.split(",")]
        return parts[0] if len(parts) == 1 else INVALID
    assert cell in spelled or is_typed, (question, len(cell))
    return spelled.get(cell, "other")


def _state(received: dict, cell: str) -> str:
    found = [state for state in STATES if cell in map(squeeze, received.get(state, ()))]
    return NO_ANSWER if not cell else "".join(found)


def _spellings(definitions: Definitions, received: dict, question: str) -> dict[str, str]:
    own = received.get("labels", {}).get(question, {})
    labels = {option["label"]: option["id"] for option in definitions.offered(question)}
    return {squeeze(text): option for text, option in (labels | own).items()}


def _ticked(definitions: Definitions, received: dict, sheet: Sheet, question: str, cells: list) -> Answer:
    offered, places = definitions.offered(question), sheet.places(received["columns"][question])
    # A column under the same upper header that is ignored holds the words beside その他.
    ignored = {place for path in received["ignore_columns"] for place in sheet.places(path)}
    boxes = [place for place in places if place not in ignored]
    assert len(boxes) == len(offered)
    for number, (place, option) in enumerate(zip(boxes, offered, strict=True), start=1):
        assert sheet.headers[place][1] in (str(number), squeeze(option["label"])), (question, number)
    marks = [squeeze(cells[place]) for place in boxes]
    assert set(marks) <= TICKS | {"", *received.get("not_applicable", ())}, (question, sheet.name)
    chosen = frozenset(o["id"] for o, mark in zip(offered, marks, strict=True) if mark in TICKS)
    return _within_limit(definitions, question, chosen)


def _within_limit(definitions: Definitions, question: str, chosen: frozenset[str]) -> Answer:
    limit = definitions.questions[question].get("limit", len(definitions.offered(question)))
    return (INVALID if len(chosen) > limit else chosen) if chosen else NO_ANSWER


def _taken_apart(cell: str, spelled: dict[str, str], is_typed: bool) -> frozenset[str]:
    """The options joined in one cell: labels may hold a separator, so the longest label is taken first."""
    chosen, rest = set(), cell.strip(SEPARATORS)
    while rest:
        fits = [s for s in spelled if rest.startswith(s) and (rest + ";")[len(s)] in SEPARATORS]
        piece = max(fits, key=len) if fits else re.split(f"[{SEPARATORS}]", rest)[0]
        assert fits or is_typed, len(piece)
        chosen.add(spelled.get(piece, "other"))
        rest = rest[len(piece) :].lstrip(SEPARATORS)
    return frozenset(chosen)


# ---- from people to counts ---------------------------------------------------------------


def entries(definitions: Definitions, question: str, person: Person) -> frozenset[str] | None:
    """What the person counts under; None for someone outside the base."""
    asked = definitions.questions[question]
    route = asked.get("route")
    if route and person.answers[route["question"]] not in route["options"]:
        return None
    answer = person.answers[question]
    if asked["kind"] == "text":
        return _themes(definitions, question, answer)
    assert answer != NOT_APPLICABLE, (question, person.file, person.sheet, person.row)
    chosen = answer if isinstance(answer, frozenset) else frozenset([answer])
    nets = [net["id"] for net in asked.get("nets", ()) if chosen & set(net["options"])]
    return chosen | frozenset(nets)


def _themes(definitions: Definitions, question: str, text: str) -> frozenset[str] | None:
    if text in STATES:
        return None
    stripped = unicodedata.normalize("NFKC", text).strip()
    key = hashlib.sha256(f"{question}\n{stripped}".encode()).hexdigest()
    return (definitions.codes[question, key] - {"X0"}) or None


@functools.cache
def tally(root: Path, survey: str, wave: str) -> Counter:
    """(question, banner, group, entry) → people, for the whole staff and the groups of every attribute."""
    reading, counts = read(root, survey, wave), Counter()
    definitions = reading.definitions
    for question in definitions.asked:
        for person in reading.people:
            counted = entries(definitions, question, person)
            if counted is None:
                continue
            groups = {name: person.answers[name] for name in definitions.attributes}
            known = {name: "unknown" if group in STATES else group for name, group in groups.items()}
            for place in (TOTAL, *known.items()):
                counts.update((question, *place, entry) for entry in (BASE, *counted))
    return counts
