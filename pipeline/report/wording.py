"""Signs and words of the report room: the only place that knows them.

Cells and words are made from single rows of estimates and changes. Numbers become text in
``numerals`` only, from exact fractions of the counts and bases a row holds.
"""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

from pipeline.numerals import (
    count_text,
    float_number,
    p_text,
    percent_number,
    percent_text,
    round_half_up,
    signed_text,
)
from pipeline.numerals import level_percent as level_percent
from pipeline.numerals import plain_number as plain_number
from pipeline.report import predicted
from pipeline.report.bands import MEANINGS, band
from pipeline.report.edition import Row

# Five different facts, five different signs.
WITHHELD = "x"
NOT_ASKED = "…"
ZERO = "-"
BELOW_UNIT = "0.0"
SMALL_BASE = "*"
#: Marks a change that differs from the difference of the two printed figures.
ROUNDED = "※"
RANGE = "〜"
#: Marks a printed percentage that more than one count fits.
ABOUT = "約"

#: Remarks that the comparison writes into the note of a change.
SMALL_DIFFERENCE = "小さい差"
APPROXIMATE = "概数"

STATUS_SIGNS = {"withheld": WITHHELD, "not_asked": NOT_ASKED}
SIGN_NOTES: tuple[tuple[str, str], ...] = (
    (WITHHELD, "回答者が少ない区分を守るため、数値を載せていません（秘匿）。"),
    *MEANINGS,
    (NOT_ASKED, "その年度に聞いていないか、値が分からないか、比べられないために、数値がありません。"),
    (ZERO, "該当する人がいません（0人）。"),
    (BELOW_UNIT, "該当する人はいますが、0.05%未満です。"),
    (SMALL_BASE, "割合の基になる回答者数（n）が少ないため、参考値です。"),
    (ROUNDED, "四捨五入する前の値から計算しているため、表の割合どうしの引き算とは一致しません。"),
    (ABOUT, "公表値の丸めのため人数が1つに定まらない値で、かっこ内はありうる範囲です。"),
    (predicted.SIGN, predicted.MEANING),
)

VERDICT_WORDS = {
    "up": "上昇",
    "down": "低下",
    "same": "変化なし",
    "unclear": "偶然の範囲内の差",
    "not_comparable": "比較できない",
}
#: Verdicts of a group against the rest of the people.
CONTRAST_WORDS = {"higher": "ほかの人より高い", "lower": "ほかの人より低い"}
REASON_WORDS = {
    "chance": "偶然の範囲内の差",
    "small": "差は小さい",
    "base": "回答者が少ないため判定しない",
    "withheld": "秘匿のため判定しない",
    "rounding": "公表値の丸めの範囲では判定できない",
    "grade": "比較できない",
    "secondary": "判定の対象外",
    "nonlinear": "一直線の変化とはいえない",
}
TEST_WORDS = {"chi_square": "カイ二乗検定", "permutation": "並べ替え検定"}
COMPARABILITY_WORDS = {"same": "同じ", "flagged": "条件に違いあり", "broken": "断層（比較できない）"}
BASE_WORDS = {
    "asked": "この設問を聞いた人全員（無回答・無効を含む）",
    "with_content": "内容のある回答をした人",
    "population": "調査の対象者",
    "scale": "尺度の選択肢を選んだ人（無回答・無効などを除く）",
    "returns": "回答者",
    "votes": "投票",
}


def verdict_word(change: Row) -> str:
    """Return the spoken verdict of a changes row: the reason where it is unclear."""
    if change["verdict"] == "unclear":
        return REASON_WORDS.get(str(change["verdict_reason"]), VERDICT_WORDS["unclear"])
    if is_small_difference(change):
        return f"{VERDICT_WORDS['same']}（{SMALL_DIFFERENCE}）"
    return (VERDICT_WORDS | CONTRAST_WORDS).get(str(change["verdict"]), NOT_ASKED)


def is_small_difference(change: Row) -> bool:
    """True for 変化なし whose small difference is more than chance."""
    return change["verdict"] == "same" and SMALL_DIFFERENCE in str(change["note"])


def signed_reason(change: Row) -> str:
    """Return the signed reason of a flagged or broken pair, without the remarks added to it."""
    if change["comparability"] not in ("flagged", "broken"):
        return ""
    reason = str(change["note"])
    for remark in (predicted.SIGN, APPROXIMATE, SMALL_DIFFERENCE):
        reason = reason.removesuffix(remark).removesuffix("、")
    return reason.removesuffix("。")


# ---- one estimates row -------------------------------------------------------------------


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not math.isnan(value)


def is_shown(row: Row | None) -> bool:
    """True when the row may be printed and has people under it."""
    return row is not None and row["status"] == "shown" and is_number(row["base"]) and row["base"] > 0


def is_exact(row: Row | None) -> bool:
    """True when the row is shown and one count is known."""
    return is_shown(row) and is_number(row["count"])


def is_mean(row: Row | None) -> bool:
    """True for the row of a mean score, in estimates and in changes."""
    return row is not None and row["measure"] == "mean"


def is_known(row: Row | None) -> bool:
    """True when a share or a mean can be printed: one count, a range of counts or a score."""
    if is_mean(row):
        return is_shown(row) and is_number(row["value"])
    return is_exact(row) or (is_shown(row) and is_number(row["count_low"]))


def mean_number(row: Row) -> Decimal:
    """Return the mean score as it is printed."""
    return float_number(row["value"])


def status_sign(row: Row | None) -> str:
    """Return x or … for a row that shows no number."""
    return STATUS_SIGNS.get(str(row["status"]), NOT_ASKED) if row is not None else NOT_ASKED


def count_cell(row: Row | None) -> str:
    """Return people as text: ``1,234``, ``314〜318``, ``-``, ``x`` or ``…``."""
    if is_exact(row):
        return count_text(int(row["count"])) if row["count"] else ZERO
    if is_known(row) and is_mean(row):
        return f"n={count_text(int(row['base']))}"
    if predicted.is_predicted(row):
        return predicted.count_cell(row)
    if is_known(row):
        return f"{count_text(int(row['count_low']))}{RANGE}{count_text(int(row['count_high']))}"
    return ZERO if _is_empty(row) else status_sign(row)


def percent_cell(row: Row | None) -> str:
    """Return the share as text without %: ``43.7``, ``75.1〜76.1``, ``約74（73.6〜74.4）`` or a sign."""
    if is_exact(row):
        return percent_text(int(row["count"]), int(row["base"])) if row["count"] else ZERO
    if predicted.is_predicted(row):
        return predicted.percent_cell(row)
    if not is_known(row):
        return ZERO if _is_empty(row) else band(row) or status_sign(row)
    if is_mean(row):
        return f"{mean_number(row)}{row['unit']}"
    printed = percent_range(row)
    return f"{_about(row)}（{printed}）" if is_number(row["percent"]) else printed


def base_cell(row: Row | None) -> str:
    """Return n as text, with * where it is small, or a sign."""
    if row is None or row["status"] != "shown" or not is_number(row["base"]):
        return status_sign(row)
    if not row["base"]:
        return ZERO
    people = predicted.base_cell(row) if predicted.is_predicted(row) else count_text(int(row["base"]))
    return people + (SMALL_BASE if row["is_small_base"] == "true" else "")


def percent_words(row: Row | None) -> str:
    """Return the share for a sentence: ``43.7%``, ``0.0%`` for nobody, a range, or what is missing."""
    if is_exact(row):
        return f"{percent_text(int(row['count']), int(row['base']))}%"
    if is_known(row) and is_mean(row):
        return f"{mean_number(row)}{row['unit']}"
    if is_known(row):
        return f"{_about(row)}%" if is_number(row["percent"]) else f"{percent_range(row)}%"
    if predicted.is_predicted(row):
        return predicted.percent_words(row)
    return band(row) or "秘匿" if row is not None and row["status"] == "withheld" else "値なし"


def people_words(row: Row) -> str:
    """Return ``435人中190人`` for a row that is shown, ``433人の平均`` for a mean."""
    if is_mean(row):
        return f"{count_text(int(row['base']))}人の平均"
    if predicted.is_predicted(row):
        return predicted.people_words(row)
    return f"{count_text(int(row['base']))}人中{count_cell(row).replace(ZERO, '0')}人"


def _is_empty(row: Row | None) -> bool:
    return row is not None and row["status"] == "shown" and row["base"] == 0


def _about(row: Row) -> str:
    return f"{ABOUT}{published_percent(row)}"


def published_percent(row: Row) -> Decimal:
    """Return a share that several counts fit as its publication printed it, with its ``decimals``."""
    return float_number(float(row["percent"]), int(row["decimals"]))


def percent_range(row: Row) -> str:
    """Return the lowest and highest share that round to a printed figure, ``75.1〜76.1``."""
    base = int(row["base"])
    return RANGE.join(percent_text(int(row[side]), base) for side in ("count_low", "count_high"))


# ---- one changes row ---------------------------------------------------------------------


def points(change: Row, column: str = "change") -> Fraction | None:
    """Return ``column`` (change, change_low, change_high) in points, exactly; None where there is none.

    A change of two shares is a whole number over base_from·base_to, so the float names it.
    """
    if change["status"] != "shown" or not is_number(change[column]):
        return None
    if is_mean(change) or change.get("basis") == predicted.PREDICTED:
        return Fraction(repr(float(change[column])))
    whole = int(change["base_from"]) * int(change["base_to"])
    return Fraction(100 * round(change[column] * whole / 100), whole) if whole else None


def points_text(change: Row, column: str = "change") -> str:
    """Return the signed change (``+4.7``), or ``""`` where there is none."""
    exact = points(change, column)
    return "" if exact is None else signed_text(round_half_up(exact, 1))


def change_cell(change: Row | None, before: Row | None, after: Row | None) -> str:
    """Return the change in points as text; ``before`` and ``after`` are its estimates rows."""
    if change is None:
        return NOT_ASKED
    if text := points_text(change):
        text += str(change["unit"]) if is_mean(change) else ""
        return text + (ROUNDED if differs_from_printed(change, before, after) else "")
    low, high = points_text(change, "change_low"), points_text(change, "change_high")
    return f"{low}{RANGE}{high}" if low else status_sign(change)


def differs_from_printed(change: Row, before: Row | None, after: Row | None) -> bool:
    """True when the two printed shares, or means, do not subtract to the printed change."""
    exact, known = points(change), (row for row in (before, after) if is_exact(row) or is_mean(row))
    told = [mean_number(row) if is_mean(row) else printed_percent(row) for row in known]
    return exact is not None and len(told) == 2 and told[1] - told[0] != round_half_up(exact, 1)


def printed_percent(row: Row) -> Decimal:
    """Return the share of an exact row as it is printed."""
    return percent_number(int(row["count"]), int(row["base"]))


def interval_cell(change: Row) -> str:
    """Return the confidence interval of the change, ``-1.9〜+11.2``, or a sign."""
    if change["status"] != "shown" or not is_number(change["low"]):
        return status_sign(change)
    return RANGE.join(signed_text(float_number(change[side])) for side in ("low", "high"))


def p_cell(change: Row) -> str:
    """Return the p-value (a range for approximate figures), or a sign."""
    if change["status"] != "shown" or not is_number(change["p_low"]):
        return status_sign(change) if not is_number(change["p"]) else p_text_or_floor(change["p"])
    if is_number(change["p"]):
        return p_text_or_floor(change["p"])
    ends = dict.fromkeys(p_text_or_floor(change[end]) for end in ("p_low", "p_high"))
    return RANGE.join(ends)


def adjusted_p_cell(change: Row) -> str:
    """Return the adjusted p-value, … for a row that is no hypothesis, or a sign."""
    if change["status"] != "shown" or not is_number(change["p_adjusted"]):
        return status_sign(change)
    return p_text_or_floor(change["p_adjusted"])


def p_text_or_floor(value: object) -> str:
    """Return a p-value to four significant digits, ``0.0001未満`` where it is smaller."""
    return p_text(float(value)) if float(value) >= 0.0001 else "0.0001未満"
