"""The tables of the workbook as frozen values: what stands in them, not how they are painted.

A cell holds a number where there is one and the sign of ``wording`` where there is none. A
whole number 0 is nobody (shown as -), a Decimal 0.0 is somebody below the unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from pipeline.model import (
    ALL_GROUP,
    RESPONSE,
    RETURNS_OPTION,
    TOTAL_BANNER,
    Question,
)
from pipeline.report import printed, wording
from pipeline.report.edition import Edition, Row
from pipeline.report.opendata import option_type
from pipeline.report.tables import items


class Score(Decimal):
    """A mean score or a difference of two: a number whose unit is 点 and not that of its column."""


Cell = str | int | Decimal
TYPE_WORDS = {"option": "選択肢", "state": "無回答など", "net": "計", "mean": "平均点"}
RATE_WORD = "回答率"
REMARKS = "備考"


@dataclass(frozen=True)
class Column:
    """A header and the most its column may be wide, in half-width characters; ``is_change`` = signed."""

    header: str
    width: int
    is_change: bool = False


@dataclass(frozen=True)
class Grid:
    """One table of a sheet: an ASCII name, a caption above it, one header row, rows of cells."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


def grid(name: str, caption: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> Grid:
    """Return a Grid whose name is one that Excel accepts and whose headers are unique."""
    seen: dict[str, int] = {}
    unique = []
    for column in columns:
        seen[column.header] = seen.get(column.header, 0) + 1
        again = f"（{seen[column.header]}）" if seen[column.header] > 1 else ""
        unique.append(Column(column.header + again, column.width, column.is_change))
    ascii_name = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return Grid(ascii_name, caption, tuple(unique), tuple(tuple(row) for row in rows))


# ---- cells -------------------------------------------------------------------------------


def count_cell(row: Row | None) -> Cell:
    """Return people as a number, or a range or a sign as text; of a mean, the people it is of."""
    if wording.is_mean(row) and wording.is_known(row):
        return int(row["base"])
    return int(row["count"]) if wording.is_exact(row) else wording.count_cell(row)


def percent_cell(row: Row | None) -> Cell:
    """Return the printed share as a number (0 for nobody) or the mean as a Score, or a range or a sign as text."""
    if wording.is_mean(row) and wording.is_known(row):
        return Score(wording.mean_number(row))
    if not wording.is_exact(row):
        return wording.percent_cell(row)
    return wording.printed_percent(row) if row["count"] else 0


def base_cell(row: Row | None) -> Cell:
    """Return n as a number; the mark of a small base stands in 備考."""
    return int(row["base"]) if wording.is_shown(row) else wording.base_cell(row)


def _bound_cell(row: Row | None, side: str) -> Cell:
    """Return a bound of the interval; "" where a row has none."""
    if row is None or row["status"] != "shown":
        return wording.status_sign(row)
    bound = printed.rounded(row[side])
    return "" if bound is None else bound


def remarks(row: Row | None) -> str:
    """Return 備考: the mark of a small base, then the note of the row."""
    if row is None:
        return ""
    is_small = wording.is_shown(row) and row["is_small_base"] == "true"
    marks = [wording.SMALL_BASE if is_small else "", str(row["note"])]
    return " ".join(mark for mark in marks if mark)


# ---- which questions ---------------------------------------------------------------------


def questions(edition: Edition, is_free_text: bool = False) -> list[Question]:
    """Return the questions this edition has any wave of, attributes first, in survey order."""
    present = set(edition.estimates["question"])
    return [q for q in edition.survey.questions if q.id in present and q.is_free_text == is_free_text]


# ---- 単純集計 ----------------------------------------------------------------------------


def topline_grid(edition: Edition) -> Grid:
    """Return every question of this wave in one table, the response rate first."""
    rows = []
    returned = edition.returns()
    if returned is not None:
        label = str(returned["question_label"])
        rows.append(("", label, RATE_WORD, str(returned["option_label"]), *_measured(returned)))
    for question in questions(edition):
        for item, label in items(edition, question, [edition.wave]):
            about = (question.number, question.label, TYPE_WORDS[option_type(question, item)], label)
            rows.append((*about, *_measured(edition.estimate(question.id, item))))
    caption = f"単純集計 {edition.wave.label}（割合は%）"
    return grid("topline", caption, _topline_columns(edition), rows)


def _topline_columns(edition: Edition) -> tuple[Column, ...]:
    unit, confidence = edition.survey.unit, wording.level_percent(edition.survey.parameters.confidence_level)
    return (
        Column("設問番号", 9),
        Column("設問", 36),
        Column("種別", 11),
        Column("選択肢", 42),
        Column(f"回答数（{unit}）", 11),
        Column(f"基数 n（{unit}）", 11),
        Column("割合（%）", 10),
        *(Column(f"{confidence}%信頼区間の{end}（%）", 12) for end in ("下限", "上限")),
        Column(REMARKS, 26),
    )


def _measured(row: Row) -> tuple[Cell, ...]:
    bounds = ("", "") if row["measure"] == "rate" else (_bound_cell(row, "low"), _bound_cell(row, "high"))
    return (count_cell(row), base_cell(row), percent_cell(row), *bounds, remarks(row))


# ---- クロス集計 ---------------------------------------------------------------------------


def cross_grids(edition: Edition) -> Iterator[Grid]:
    """Yield one table per question and attribute of this wave: groups down, options across."""
    rows = edition.estimates
    crossed = rows[(rows["wave"] == edition.wave.key) & (rows["banner"] != TOTAL_BANNER)]
    for (question, banner), part in crossed.groupby(["question", "banner"], sort=False):
        yield _cross_grid(edition, question, banner, part)


def _cross_grid(edition: Edition, question_id: str, banner: str, part: pd.DataFrame) -> Grid:
    """Row percentages first, then people: each block reads down, and can be charted as it stands."""
    first = part.iloc[0]
    if question_id == RESPONSE:
        heading, entries = str(first["question_label"]), [(RETURNS_OPTION, str(first["option_label"]))]
    else:
        question = edition.survey.question(question_id)
        heading, entries = question.heading, items(edition, question, [edition.wave])
    places = [(TOTAL_BANNER, ALL_GROUP, _total_label(edition))]
    places += [(banner, group, label) for group, label in edition.groups(question_id, banner)]
    units = ("%", edition.survey.unit)
    rows = []
    for unit, cell in zip(units, (percent_cell, count_cell), strict=True):
        for place_banner, group, label in places:
            found = [edition.estimate(question_id, item, "", place_banner, group) for item, _ in entries]
            known = next((row for row in found if wording.is_shown(row)), found[0])
            rows.append((label, unit, base_cell(known), remarks(known), *map(cell, found)))
    columns = [Column(str(first["banner_label"]), 28), Column("単位", 6), Column("n", 8)]
    # 備考 stands beside the n it speaks of, so that options share their columns in every table.
    columns += [Column(REMARKS, 20), *(Column(label, 13) for _, label in entries)]
    caption = f"{heading} × {first['banner_label']}（{edition.wave.label}。上は割合（%）、下は{units[1]}数）"
    return grid(f"cross_{question_id}_{banner}", caption, columns, rows)


def _total_label(edition: Edition) -> str:
    rows = edition.estimates
    return str(rows.loc[rows["banner"] == TOTAL_BANNER, "group_label"].iloc[0])
