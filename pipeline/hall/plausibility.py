"""What a release must not pass over in silence, in the officer's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.definitions.plausibility_file import HEADER
from pipeline.model import RESPONSE, Problem, Survey

if TYPE_CHECKING:
    from pipeline.analysis.plausibility import Stop
    from pipeline.report import Edition

_WHAT = {
    "change": "変化が大きすぎます（入力や集計の誤りでないか確かめる）",
    "base": "基数が大きく変わっています（聞いた相手や受け取ったファイルを確かめる）",
    "zero": "前は選ばれていた選択肢を、だれも選んでいません（選択肢の対応を確かめる）",
}


def plausibility_problems(survey: Survey, edition: Edition, severity: str) -> list[Problem]:
    """Return one problem per suspicious figure without a signed row: notes of a draft, errors of a release."""
    from pipeline.analysis.plausibility import unsigned_stops

    found = unsigned_stops(survey, edition.estimates, edition.changes)
    return [_problem(survey, stop, severity) for stop in found]


def _problem(survey: Survey, stop: Stop, severity: str) -> Problem:
    name = f"surveys/{survey.id}/plausibility.csv"
    label = "対象者数" if stop.question == RESPONSE else survey.question(stop.question).label
    if stop.option:
        label += f"「{survey.question(stop.question).measure_label(stop.option)}」"
    signed = stop.signed_by(survey)
    step = "正しい数なら行を足してください。"
    if signed:
        step = f"いまの署名の行は {signed.found} についてのものです。確かめ直して、正しい数ならその行を書き直してください。"
    return Problem(
        _WHAT[stop.kind],
        file=name,
        key=f"{label} {stop.wave_from}→{stop.wave_to}",
        found=_found(survey, stop),
        expected=f"確かめて、次の行に理由・決めた人・日付を書いたもの（見出しは {','.join(HEADER)}）: "
        f"{','.join((*stop.key, stop.figure))},,,",
        next_step=f"{step}公表（release）には、この署名がいります。",
        severity=severity,
    )


def _found(survey: Survey, stop: Stop) -> str:
    from pipeline.numerals import float_number

    if stop.kind != "change":
        return f"{int(stop.before)}{survey.unit} | {int(stop.after)}{survey.unit}"
    if stop.before != stop.before or stop.after != stop.after:
        return "公表値の丸めの範囲に、大きすぎる変化が含まれます"
    points = float_number(stop.after - stop.before)
    errors = f"、標準誤差の{float_number(stop.errors)}倍" if stop.errors == stop.errors else ""
    shares = " | ".join(f"{float_number(value)}%" for value in (stop.before, stop.after))
    return f"{shares}（{points}ポイント{errors}）"
