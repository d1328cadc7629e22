"""trace: one number back to the rows it was counted from, and forward to the releases that printed it."""

from __future__ import annotations

import argparse
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from pipeline import register
from pipeline.hall.reading import chosen_surveys
from pipeline.model import RESPONSE, TOTAL_BANNER, Problem, ProblemsFound, Survey
from pipeline.workspace import Sources, Workspace

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.report import Edition
    from pipeline.report.edition import Row

USAGE = 'python -m pipeline trace 調査 "設問.選択肢 wave=年度 属性=区分"（ページの {{設問.選択肢.percent}} もそのまま書けます）'
#: How many changed files are named before they are only counted.
_MOST = 10


def trace(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Print count, base, rounding, source rows, the releases that printed it and why it moved."""
    if len(arguments.surveys) < 2:
        found = " ".join(arguments.surveys) or "（なし）"
        raise ProblemsFound([Problem("たどる数値の書き方が違います", found=found, next_step=USAGE)])
    name, *words = arguments.surveys
    survey = chosen_surveys(workspace, [name], arguments.wave)[0]
    sources = workspace.sources(survey.id)
    if not workspace.is_current(survey, sources, workspace.left_out(survey.id)):
        step = f"先に python -m pipeline report {survey.id} --wave {survey.newest.key} を実行してください。"
        raise ProblemsFound(
            [Problem("いまの集計がありません", file=f"data/processed/{survey.id}", next_step=step)]
        )
    for line in _lines(workspace, survey, sources, words):
        print(line)
    return 0


def _lines(workspace: Workspace, survey: Survey, sources: Sources, words: list[str]) -> Iterator[str]:
    from pipeline.report.notebooks import open_edition

    editions = {name: open_edition(survey, "", name, workspace.root) for name in ("internal", "public")}
    row, path = _row(editions["internal"], " ".join(words))
    shown = editions["public"].estimate(
        *(row[name] for name in ("question", "option", "wave", "banner", "group"))
    )
    place = "全体" if row["banner"] == TOTAL_BANNER else f"{row['banner_label']}：{row['group_label']}"
    yield f"■ {row['question_label']}「{row['option_label']}」 {survey.wave(row['wave']).label} {place}（庁内限り）"
    yield from _rounding(row)
    yield f"  公表版（いまの集計）: {_public_words(shown)}"
    yield from _received(workspace, survey, row)
    if path.endswith(".change"):
        yield from _change(editions["internal"], row)
    yield from _releases(workspace, survey, sources, row)


def _row(edition: Edition, words: str) -> tuple[Row, str]:
    """Return the estimates row of a figure and its path. Raises ProblemsFound when there is none."""
    from pipeline.report import figures

    expression = unicodedata.normalize("NFKC", words).strip().removeprefix("{{").removesuffix("}}").strip()
    path, _, rest = expression.partition(" ")
    path += ".percent" if path.count(".") == 1 else ""
    try:
        return figures.row_of(edition, f"{path} {rest}"), path
    except LookupError as unknown:
        what, expected = unknown.args
        raise ProblemsFound([Problem(what, found=words, expected=expected, next_step=USAGE)]) from unknown


def _rounding(row: Row) -> Iterator[str]:
    """Yield how the printed share comes from its counts, step by step."""
    from pipeline.numerals import round_half_up
    from pipeline.report import printed, wording

    decimals = int(row.get("decimals", 1))
    if not wording.is_exact(row):
        low, high = (printed.whole(row[name]) for name in ("count_low", "count_high"))
        words = (
            f"人数は {low}～{high}（公表された割合から分かる範囲）" if low is not None else "数値はありません"
        )
        yield f"  {words}  状態: {row['status']}  出どころ: {row['basis']} {row['note']}".rstrip()
        return
    count, base = int(row["count"]), int(row["base"])
    yield f"  人数 {count} ÷ 基数 {base}（{wording.BASE_WORDS.get(row['base_kind'], row['base_kind'])}）"
    if base:
        exact = 100 * Fraction(count, base)
        steps = [f"100 × {count} ÷ {base}", *([str(exact)] if exact.denominator > 1 else ()), _decimal(exact)]
        rounded = round_half_up(exact, decimals)
        yield f"  {' = '.join(steps)} → 小数第{decimals + 1}位を四捨五入 → {rounded}%"


def _decimal(exact: Fraction) -> str:
    """Return the first six decimals, cut, with … where there are more."""
    scaled = exact * 10**6
    digits = Decimal(int(scaled)).scaleb(-6)
    return f"{digits.normalize():f}" + ("" if scaled.denominator == 1 else "…")


def _public_words(row: Row | None) -> str:
    from pipeline.report import wording

    if row is None:
        return "この区分のままでは載せていません（合わせた区分か、公表しない属性です）"
    if not wording.is_known(row):
        return f"数値を載せていません（{row['status']} {row['note']}）".replace(" ）", "）")
    return f"{wording.percent_words(row)}（人数 {wording.count_cell(row)}、基数 {wording.base_cell(row)}）"


def _received(workspace: Workspace, survey: Survey, row: Row) -> Iterator[str]:
    """Yield the rows that were accepted in the wave, by file and sheet: where to look, never who answered what."""
    from pipeline import frames

    ledger = frames.read(workspace.processed(survey.id) / "ledger.csv", frames.LEDGER)
    rows = ledger[(ledger["wave"] == row["wave"]) & (ledger["status"] == "accepted")]
    if rows.empty:
        yield f"  もとの資料: {survey.wave(row['wave']).source or '公表された数値（受け取ったファイルはありません）'}"
        return
    is_rate = row["question"] == RESPONSE
    inside = "" if is_rate else f"（この中に、基数の{int(row['base'] or 0)}人がいます）"
    yield f"  もとの行: {row['wave']} に受け付けた{len(rows)}件{inside}"
    for (file, sheet), own in rows.groupby(["file", "sheet"], sort=False):
        place = f"data/raw/{survey.id}/{row['wave']}/{file}" + (f" シート {sheet}" if sheet else "")
        yield f"    {place}: {len(own)}件 {_ranges(own['row'])}"


def _ranges(numbers: pd.Series) -> str:
    """Return ``行2～38、40``."""
    found: list[list[int]] = []
    for number in sorted(int(number) for number in numbers):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return "行" + "、".join(f"{first}" if first == last else f"{first}～{last}" for first, last in found)


def _change(edition: Edition, row: Row) -> Iterator[str]:
    """Yield how the change from the last wave that asked comes from four counts."""
    from pipeline.numerals import round_half_up, signed_text
    from pipeline.report import wording

    earlier = [wave.key for wave in edition.waves_asking(row["question"]) if wave.key < row["wave"]]
    before = (
        edition.estimate(row["question"], row["option"], earlier[-1], row["banner"], row["group"])
        if earlier
        else None
    )
    if (
        before is None
        or not wording.is_exact(before)
        or not wording.is_exact(row)
        or not before["base"] * row["base"]
    ):
        yield "  変化: 比べる前の値が、人数では分かりません"
        return
    was, now = (100 * Fraction(int(one["count"]), int(one["base"])) for one in (before, row))
    yield (
        f"  変化: {_decimal(now)} - {_decimal(was)}（{earlier[-1]}、{int(before['count'])}÷{int(before['base'])}） = "
        f"{'-' if now < was else ''}{_decimal(abs(now - was))} → {signed_text(round_half_up(now - was, 1))}ポイント（丸める前の差を四捨五入）"
    )


# ---- 公表台帳 ----------------------------------------------------------------------------


def _releases(workspace: Workspace, survey: Survey, sources: Sources, row: Row) -> Iterator[str]:
    """Yield each release that could have printed the number, and what differs where it moved."""
    from pipeline import frames

    key = "|".join(str(row[name]) for name in frames.ESTIMATES.key if name != "survey")
    is_any = False
    for folder in sorted((workspace.root / "surveys" / survey.id / register.FOLDER).glob("*")):
        if folder.name < row["wave"]:
            continue
        before: tuple[register.Recorded, str] | None = None
        for release in register.recorded(folder):
            is_any, words = True, _printed(release, key)
            record = release.record
            yield f"  公表 {folder.name} 第{release.number}版（{record['date']}、{record['reference']}）: {words}"
            if before and before[1] != words:
                yield from _why(_sources(before[0]), _sources(release), record["correction"])
            before = release, words
        if (
            before
            and folder.name == survey.newest.key
            and (moved := sources.changed(since=_sources(before[0])))
        ):
            yield f"  第{before[0].number}版のあとで変わったもの: {_listed(moved)}"
    if not is_any:
        yield "  公表: まだ公表していません"


def _printed(release: register.Recorded, key: str) -> str:
    found = release.rows.get(("estimates", key))
    if found is None:
        return "載せていません"
    told = found.numbers
    if "percent" not in told:
        return f"数値なし（{found.status}）"
    return f"{told['percent']}%（人数 {told.get('count', '範囲')}、基数 {told.get('base', '')}）"


def _sources(release: register.Recorded) -> Sources:
    return Sources(*(release.record[name] for name in ("inputs", "definitions", "code")))


def _why(before: Sources, now: Sources, reason: str) -> Iterator[str]:
    yield f"    動いたわけ: {reason or '（訂正の理由はありません）'}"
    yield f"    違うもの: {_listed(now.changed(since=before)) or 'なし'}"


def _listed(paths: list[str]) -> str:
    named = ["プログラム" if path == "pipeline" else path for path in paths]
    return "、".join(named[:_MOST]) + (f" ほか{len(named) - _MOST}個" if len(named) > _MOST else "")
