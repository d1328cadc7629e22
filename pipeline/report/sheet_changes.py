"""The sheets 経年比較 and 変化と判定: the shares of all waves side by side, and every pair that was compared."""

from __future__ import annotations

from decimal import Decimal

from pipeline.model import TOTAL_BANNER, Question
from pipeline.report import printed, wording
from pipeline.report.edition import Edition, Row
from pipeline.report.sheets import (
    REMARKS,
    Cell,
    Column,
    Grid,
    Score,
    base_cell,
    grid,
    percent_cell,
    questions,
)
from pipeline.report.tables import items

#: What a row of the comparison is about; few and narrow, for the table is wide.
_COMPARED = (Column("設問番号", 9), Column("設問", 33), Column("項目", 33))
#: Columns of change_grid that say what a row is about: the item and its two years.
PAIR_COLUMNS = len(_COMPARED) + 2


def trend_grid(edition: Edition) -> Grid:
    """Return the shares of every wave side by side, oldest first: a new wave is a new last column."""
    waves = edition.waves
    rows = []
    returned = [edition.returns(wave.key) for wave in waves]
    rates = [row for row in returned if row is not None]
    if rates:
        label = str(rates[0]["question_label"])
        rows.append(("", label, str(rates[0]["option_label"]), *map(percent_cell, returned)))
    for question in (*questions(edition), *questions(edition, is_free_text=True)):
        for item, label in items(edition, question, waves):
            found = [edition.estimate(question.id, item, wave.key) for wave in waves]
            rows.append((question.number, question.label, label, *map(percent_cell, found)))
    columns = (*_COMPARED, *(Column(f"{wave.label}（%）", 15) for wave in waves))
    return grid("trend", "割合の推移（単位は%。左ほど古い年度）", columns, rows)


def change_grid(edition: Edition) -> Grid:
    """Return every pair of waves that was compared, newest wave first within each item."""
    changes = edition.changes
    wanted = changes[(changes["banner"] == TOTAL_BANNER) & (changes["wave_to"] <= edition.wave.key)]
    by_item: dict[tuple[str, str], list[Row]] = {}
    for change in wanted.to_dict("records"):
        by_item.setdefault((change["question"], change["option"]), []).append(change)
    rows = []
    for question in (*questions(edition), *questions(edition, is_free_text=True)):
        for item, _ in items(edition, question, edition.waves):
            pairs = by_item.get((question.id, item), [])
            pairs.sort(key=lambda pair: (pair["wave_to"], pair["wave_from"]), reverse=True)
            rows.extend(_change_row(edition, question, pair) for pair in pairs)
    unit, confidence = edition.survey.unit, wording.level_percent(edition.survey.parameters.confidence_level)
    columns = (
        *_COMPARED,
        *(Column(header, 15) for header in ("前の年度", "後の年度", "前の割合（%）")),
        Column(f"前の基数 n（{unit}）", 13),
        Column("後の割合（%）", 15),
        Column(f"後の基数 n（{unit}）", 13),
        Column("変化（ポイント）", 14, is_change=True),
        *(
            Column(f"{confidence}%信頼区間の{end}（ポイント）", 13, is_change=True)
            for end in ("下限", "上限")
        ),
        Column("p値", 18),
        Column("p値（調整後）", 12),
        Column("比較可能性", 16),
        Column("判定", 19),
        *(
            Column(f"対象者に限った見方の区間の{end}（ポイント）", 13, is_change=True)
            for end in ("下限", "上限")
        ),
        Column("p値（対象者に限った見方）", 14),
        Column("判定（対象者に限った見方）", 16),
        Column(REMARKS, 36),
    )
    return grid("changes", "変化と判定（差の単位はポイント）", columns, rows)


def _change_row(edition: Edition, question: Question, change: Row) -> tuple[Cell, ...]:
    sides = [str(change[side]) for side in ("wave_from", "wave_to")]
    before, after = (edition.estimate(question.id, str(change["option"]), wave) for wave in sides)
    points = printed.points(change)
    p = printed.p_value(change["p"])
    is_rounded = wording.differs_from_printed(change, before, after)
    return (
        question.number,
        question.label,
        str(change["option_label"]),
        *(edition.survey.wave(wave).label for wave in sides),
        *(cell(row) for row in (before, after) for cell in (percent_cell, base_cell)),
        wording.change_cell(change, None, None) if points is None else _in_its_unit(change, points),
        _change_bound(change, "low"),
        _change_bound(change, "high"),
        wording.p_cell(change) if p is None else p,
        _number_or_blank(printed.p_value(change["p_adjusted"])),
        wording.COMPARABILITY_WORDS[str(change["comparability"])],
        wording.verdict_word(change),
        *(_change_bound(change, side) for side in ("finite_low", "finite_high")),
        _number_or_blank(printed.p_value(change["p_finite"])),
        finite_word(change),
        " ".join(mark for mark in (wording.ROUNDED if is_rounded else "", str(change["note"])) if mark),
    )


def finite_word(row: Row) -> str:
    """Return the verdict of a changes or contrasts row in the finite reading, "" where it is not judged."""
    return (wording.VERDICT_WORDS | wording.CONTRAST_WORDS).get(str(row["verdict_finite"]), "")


def _in_its_unit(change: Row, number: Decimal) -> Decimal:
    return Score(number) if wording.is_mean(change) else number


def _number_or_blank(number: Decimal | None) -> Cell:
    return "" if number is None else number


def _change_bound(change: Row, side: str) -> Cell:
    bound = printed.rounded(change[side]) if change["status"] == "shown" else None
    return wording.status_sign(change) if bound is None else bound
