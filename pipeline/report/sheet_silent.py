"""The sheets 回答しなかった人の影響 and 変化の内訳: weighted shares, worst cases, and the parts of a change."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.report import printed, silent, wording
from pipeline.report.edition import Edition, Row
from pipeline.report.sheets import REMARKS, Cell, Column, Grid, grid

_ABOUT = (Column("年度", 14), Column("設問番号", 9), Column("設問", 33), Column("項目", 33))
#: Decimals of a weight as a multiple of the average one.
WEIGHT_DECIMALS = 3


def silent_sheets(edition: Edition) -> Iterator[tuple[str, str, tuple[tuple[Grid, ...], ...]]]:
    """Yield name, lead and tables of the sheets that have rows."""
    if parts := tuple(parts_grids(edition)):
        lead = (
            "代表の項目の変化を、回答が変わった分と、回答した人の構成（年代など）が変わった分に分けたものです。"
        )
        yield "変化の内訳", lead, (parts,)
    if grids := tuple(silent_grids(edition)):
        lead = "代表の項目について、回答しなかった人がいることで数値がどれだけ変わりうるかを示します。"
        yield "回答しなかった人の影響", lead, tuple((grid,) for grid in grids)


def silent_grids(edition: Edition) -> Iterator[Grid]:
    """Yield the headline shares as counted and weighted, what could turn them, and the weights."""
    rows = edition.shown("nonresponse").to_dict("records")
    if any(wording.is_number(row["bound_low"]) for row in rows):
        yield _shares_grid(edition, rows)
        yield _bounds_grid(edition, rows)
    weights = edition.shown("weights").to_dict("records")
    if weights:
        yield _weights_grid(edition, weights)


def parts_grids(edition: Edition) -> Iterator[Grid]:
    """Yield the parts of every headline change, one attribute at a time."""
    rows = edition.shown("decompositions").to_dict("records")
    if rows:
        rows.sort(key=lambda row: row["wave_to"], reverse=True)
        yield _parts_grid(edition, rows)


def _number(row: Row, column: str, decimals: int = 1) -> Cell:
    """Return a number of the row as printed, or x or … in its place."""
    value = printed.rounded(row[column], decimals) if row["status"] == "shown" else None
    return wording.status_sign(row) if value is None else value


def _about(edition: Edition, row: Row) -> tuple[Cell, ...]:
    question = edition.survey.question(str(row["question"]))
    return (
        edition.survey.wave(str(row["wave"])).label,
        question.number,
        question.label,
        str(row["option_label"]),
    )


def _share(row: Row) -> Cell:
    value = printed.percent(row) if wording.is_exact(row) else None
    return wording.status_sign(row) if value is None else value


def _shares_grid(edition: Edition, rows: list[Row]) -> Grid:
    confidence = wording.level_percent(edition.survey.parameters.confidence_level)
    ends = [f"{confidence}%信頼区間の{end}（%）" for end in ("下限", "上限")]
    ends += [f"対象者に限った{end}（%）" for end in ("下限", "上限")]
    columns = [*_ABOUT, Column("そのまま数えた割合（%）", 13)]
    methods = [name for name in silent.METHOD_WORDS if any(wording.is_number(row[name]) for row in rows)]
    for name in methods:
        word = silent.METHOD_WORDS[name]
        columns += [Column(f"{word}で補った割合（%）", 14), *(Column(f"{word}の{end}", 15) for end in ends)]
        columns.append(Column(f"{word}に使った属性", 20))
    made = []
    for row in rows:
        cells = [*_about(edition, row), _share(row)]
        for name in methods:
            cells += [
                _number(row, name + end) for end in ("", "_low", "_high", "_finite_low", "_finite_high")
            ]
            cells.append(silent.attribute_words(edition, str(row[f"{name}_by"])))
        made.append(cells)
    return grid("weighted", "そのまま数えた割合と、回答率の違いを補った割合", columns, made)


def _bounds_grid(edition: Edition, rows: list[Row]) -> Grid:
    unit = edition.survey.unit
    columns = (
        *_ABOUT,
        Column(f"対象者数（{unit}）", 11),
        Column(f"回答した人（{unit}）", 11),
        Column("回答率（%）", 10),
        Column("そのまま数えた割合（%）", 13),
        Column("回答しなかった全員が選ばなかったとした割合（%）", 17),
        Column("回答しなかった全員が選んだとした割合（%）", 17),
        Column("前回からの判定", 19),
        Column("判定が変わるまでの差（ポイント）", 14),
        Column("回答しなかった人がこれだけ違えば判定が変わる差（ポイント）", 19),
        Column("そのときの回答しなかった人の割合（%）", 17),
        Column(REMARKS, 30),
    )
    made = [
        (
            *_about(edition, row),
            *(_whole(row, column) for column in ("population", "returns")),
            _number(row, "response_rate"),
            _share(row),
            *(_number(row, column) for column in ("bound_low", "bound_high")),
            wording.VERDICT_WORDS.get(str(row["verdict"]), wording.NOT_ASKED),
            *(_number(row, column) for column in ("limit", "tipping", "tipping_share")),
            _remark(row),
        )
        for row in rows
    ]
    return grid("silent", "回答しなかった人がどう答えていたかで、どこまで変わるか", columns, made)


def _whole(row: Row, column: str) -> Cell:
    value = printed.whole(row[column]) if row["status"] == "shown" else None
    return wording.status_sign(row) if value is None else value


def _remark(row: Row) -> str:
    never = "割合が0%より低いか100%より高いことはないので、結論は変わらない"
    return never if wording.is_number(row["tipping"]) and not silent.is_possible(row) else str(row["note"])


def _weights_grid(edition: Edition, rows: list[Row]) -> Grid:
    unit = edition.survey.unit
    columns = (
        Column("年度", 14),
        Column("方法", 14),
        Column("属性", 20),
        Column("区分の数", 9),
        Column(f"回答した人（{unit}）", 11),
        Column(f"実質の人数（{unit}）", 12),
        Column("ばらつきの増え方（倍）", 12),
        Column("いちばん小さい重み（平均を1として）", 16),
        Column("いちばん大きい重み（平均を1として）", 16),
        Column("重みの上限（平均を1として）", 16),
        Column(f"上限で切った人（{unit}）", 12),
        Column(f"名簿との最大のずれ（{unit}）", 14),
    )
    made = [
        (
            edition.survey.wave(str(row["wave"])).label,
            silent.METHOD_WORDS[str(row["method"])],
            silent.attribute_words(edition, str(row["attributes"])),
            sum(len(part.split("|")) for part in str(row["groups"]).split(" ")),
            int(row["returns"]),
            _number(row, "effective_base"),
            *(
                _number(row, c, WEIGHT_DECIMALS)
                for c in ("design_effect", "smallest_weight", "largest_weight")
            ),
            _number(row, "weight_limit") if wording.is_number(row["weight_limit"]) else "なし",
            int(row["trimmed"]),
            _number(row, "gap"),
        )
        for row in rows
    ]
    return grid("weights", "重みの様子", columns, made)


def _parts_grid(edition: Edition, rows: list[Row]) -> Grid:
    confidence = wording.level_percent(edition.survey.parameters.confidence_level)
    columns = [Column("設問番号", 9), Column("設問", 33), Column("項目", 33), Column("前の年度", 14)]
    columns += [Column("後の年度", 14), Column("属性", 14), Column("変化（ポイント）", 12, is_change=True)]
    for part in ("回答の変化", "回答した人の構成の変化"):
        columns.append(Column(f"{part}による分（ポイント）", 15, is_change=True))
        columns += [
            Column(f"{part}：{confidence}%信頼区間の{end}", 15, is_change=True) for end in ("下限", "上限")
        ]
        columns += [Column(f"{part}：対象者に限った{end}", 15, is_change=True) for end in ("下限", "上限")]
    columns += [Column("区分", 60), Column(REMARKS, 30)]
    ends = ("", "_low", "_high", "_finite_low", "_finite_high")
    numbers = ["change", *(f"{part}{end}" for part in ("opinion", "composition") for end in ends)]
    made = []
    for row in rows:
        question = edition.survey.question(str(row["question"]))
        made.append(
            (
                question.number,
                question.label,
                str(row["option_label"]),
                *(edition.survey.wave(str(row[side])).label for side in ("wave_from", "wave_to")),
                str(row["banner_label"]),
                *(_number(row, column) for column in numbers),
                silent.group_words(edition, str(row["banner"]), str(row["groups"])),
                str(row["note"]),
            )
        )
    return grid("parts_of_change", "変化の内訳（属性ごと。属性どうしの数値は足せません）", columns, made)
