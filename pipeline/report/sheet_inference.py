"""The sheet 区分の比較: groups against the rest of the people; and the slopes over three and more waves."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pipeline.model import TOTAL_BANNER
from pipeline.report import printed, wording
from pipeline.report.edition import Edition, Row
from pipeline.report.sheet_changes import finite_word
from pipeline.report.sheets import REMARKS, Cell, Column, Grid, grid

STATISTIC_DECIMALS = 3


def contrast_grids(edition: Edition) -> Iterator[Grid]:
    """Yield one table per attribute of this wave: every tested item of every group against the rest."""
    rows = edition.contrasts
    tested = rows[(rows["wave"] == edition.wave.key) & (rows["verdict_reason"] != "secondary")]
    for banner, part in tested.groupby("banner", sort=False):
        label = str(part["banner_label"].iloc[0])
        caption = f"{label}の区分と、その区分を除いたほかの人の差（{edition.wave.label}）"
        cells = (_contrast_cells(row) for row in part.to_dict("records"))
        yield grid(f"contrasts_{banner}", caption, _contrast_columns(edition, label), cells)


def _contrast_columns(edition: Edition, label: str) -> tuple[Column, ...]:
    unit, confidence = edition.survey.unit, wording.level_percent(edition.survey.parameters.confidence_level)
    return (
        Column(label, 24),
        Column("設問", 33),
        Column("項目", 33),
        Column("割合（%）", 11),
        Column(f"基数 n（{unit}）", 10),
        Column("ほかの人の割合（%）", 11),
        Column(f"ほかの人の基数 n（{unit}）", 12),
        Column("差（ポイント）", 11, is_change=True),
        *(
            Column(f"{confidence}%信頼区間の{end}（ポイント）", 13, is_change=True)
            for end in ("下限", "上限")
        ),
        Column("調整済み残差", 10, is_change=True),
        Column("p値", 11),
        Column("p値（調整後）", 11),
        Column("判定", 24),
        Column("判定（対象者に限った見方）", 18),
        Column(REMARKS, 26),
    )


def _contrast_cells(row: Row) -> tuple[Cell, ...]:
    return (
        str(row["group_label"]),
        str(row["question_label"]),
        str(row["option_label"]),
        _cell(printed.rounded(row["value"])),
        int(row["base"]),
        _cell(printed.rounded(row["rest_value"])),
        int(row["rest_base"]),
        *(_cell(printed.rounded(row[column])) for column in ("difference", "low", "high")),
        _cell(printed.rounded(row["residual"], STATISTIC_DECIMALS)),
        *(_cell(printed.p_value(row[column])) for column in ("p", "p_adjusted")),
        wording.verdict_word(row),
        finite_word(row),
        str(row["note"]),
    )


def slope_grid(edition: Edition) -> Grid:
    """Return the slopes of the whole staff that are tested, over three and more waves."""
    rows = edition.shown("trends")
    tested = rows[(rows["banner"] == TOTAL_BANNER) & (rows["verdict_reason"] != "secondary")]
    confidence = wording.level_percent(edition.survey.parameters.confidence_level)
    columns = (
        Column("設問", 33),
        Column("項目", 33),
        Column("はじめの年度", 15),
        Column("終わりの年度", 15),
        Column("調査回の数", 10),
        Column("傾き（1年あたり、ポイント）", 13, is_change=True),
        *(
            Column(f"{confidence}%信頼区間の{end}（ポイント）", 13, is_change=True)
            for end in ("下限", "上限")
        ),
        Column("p値", 11),
        Column("p値（調整後）", 11),
        Column("p値（直線からのずれ）", 11),
        Column("判定", 24),
        Column(REMARKS, 36),
    )
    cells = (_slope_cells(edition, row) for row in tested.to_dict("records"))
    return grid("slopes", "3つ以上の調査回にわたる傾き", columns, cells)


def _slope_cells(edition: Edition, row: Row) -> tuple[Cell, ...]:
    return (
        str(row["question_label"]),
        str(row["option_label"]),
        *(edition.survey.wave(str(row[side])).label for side in ("wave_from", "wave_to")),
        int(row["waves"]),
        _cell(printed.rounded(row["slope"], STATISTIC_DECIMALS)),
        # As in the open data: more digits would tell more than these.
        *(_cell(printed.rounded(row[column])) for column in ("low", "high")),
        *(_cell(printed.p_value(row[column])) for column in ("p", "p_adjusted", "p_nonlinear")),
        wording.verdict_word(row),
        str(row["note"]),
    )


def _cell(number: Decimal | None) -> Cell:
    return "" if number is None else number
