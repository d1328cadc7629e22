"""職員名簿: the headcounts of a wave by one attribute, from a received CSV file."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from pipeline.decoding import read_text
from pipeline.definitions.margins import NOT_AN_ATTRIBUTE
from pipeline.definitions.toml_section import Section
from pipeline.matching import fold, nearest
from pipeline.model import ProblemsFound, Question


def read_roster(roster: Section, raw: Path, questions: tuple[Question, ...]) -> tuple[str, dict[str, int], str]:
    """Return (attribute, headcount by group id, file name); no headcounts, with problems, unless all are there."""
    file, attribute = roster.text("file", ...), roster.text("attribute", ...)
    group_column, count_column = roster.text("group_column", ...), roster.text("count_column", ...)
    roster.finish()
    known = {question.id: question for question in questions if question.is_attribute}
    if attribute not in known:
        roster.unknown("attribute", attribute, known, NOT_AN_ATTRIBUTE)
        return attribute, {}, file
    place = f"data/raw/{raw.parent.name}/{raw.name}/{file}"
    try:
        lines = list(csv.reader(io.StringIO(read_text(raw / file, place)), strict=True))
    except FileNotFoundError:
        roster.note("職員名簿のファイルがありません", "file", file, place)
        return attribute, {}, file
    except (ProblemsFound, csv.Error):
        roster.note("職員名簿のファイルを読めません", "file", file, "UTF-8 または cp932 の CSV")
        return attribute, {}, file
    header = [fold(cell) for cell in lines[0]] if lines else []
    absent = [name for name in (group_column, count_column) if fold(name) not in header]
    for name in absent:
        close = nearest(name, header)
        found = f"似た見出し「{close}」" if close else "（なし）"
        roster.note("職員名簿に見出しがありません", "file", found, name)
    if absent:
        return attribute, {}, file
    places = header.index(fold(group_column)), header.index(fold(count_column))
    received = Section({}, place, "", roster.problems)
    return attribute, _headcounts(received, lines[1:], places, known[attribute], raw.name), file


def _headcounts(
    roster: Section, lines: list[list[str]], places: tuple, attribute: Question, wave: str
) -> dict[str, int]:
    """Return headcounts in the order of the survey file, {} unless every option of the wave has one.

    A 合計 row must equal their sum.
    """
    offered = attribute.offered(wave)
    groups = {fold(option.label): option.id for option in offered}
    found: dict[str, int] = {}
    named: set[str] = set()
    total = None
    for number, cells in enumerate(lines, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        name, count = (cells[place] if place < len(cells) else "" for place in places)
        value = fold(count).replace(",", "").removesuffix("人")
        named.add(fold(name))
        if not value.isdigit():
            # The column may be one of names.
            shown = f"{len(count)}文字の文" if any(map(str.isalpha, count)) else count or "（空欄）"
            roster.note("人数が数ではありません", "", shown, "0以上の整数", cell=f"{number}行目")
        elif fold(name) in ("合計", "計", "総計"):
            total = int(value)
        elif fold(name) not in groups:
            close = nearest(name, [option.label for option in offered])
            expected = f"survey.toml の {attribute.id} の選択肢で、{wave} の用紙にあるもの" + (
                f"（似たもの「{close}」）" if close else ""
            )
            roster.note("職員名簿の区分が選択肢にありません", "", name, expected, cell=f"{number}行目")
        elif groups[fold(name)] in found:
            roster.note("職員名簿に同じ区分が2回あります", "", name, "1回だけ", cell=f"{number}行目")
        else:
            found[groups[fold(name)]] = int(value)
    if total is not None and total != sum(found.values()):
        roster.note("職員名簿の合計が区分の人数の和と合いません", "", total, f"{sum(found.values())}")
    for option in offered:
        if fold(option.label) not in named:
            expected = "すべての区分を1行ずつ（だれもいない区分は0）"
            roster.note("職員名簿にない区分があります", "", option.label, expected)
    is_whole = len(found) == len(offered)
    return {option.id: found[option.id] for option in offered} if is_whole else {}
