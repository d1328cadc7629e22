"""estimates → changes: one row per pair of waves that may stand side by side.

Only estimates are read, so an edition's changes can say nothing that its estimates hide.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from pipeline import frames
from pipeline.analysis.comparability import graded, group_pairs, pairs
from pipeline.analysis.intervals import newcombe, pooled_p
from pipeline.model import TOTAL_BANNER, Parameters, Survey

_SAME_ROW = ["survey", "question", "measure", "banner", "group", "option"]
_LABELS = ["question_label", "banner_label", "group_label", "option_label"]
_NUMBERS = ["count_low", "count_high", "base", "percent"]
SMALL_NOTE = "小さい差"


def changes(survey: Survey, estimates: pd.DataFrame) -> pd.DataFrame:
    """Return the changes (frames.CHANGES) of shares and nets, in points, unrounded.

    A pair has a row when both waves have one in ``estimates`` for the same group and option.
    """
    measured = estimates[estimates["measure"].isin(("share", "net"))]
    parts = []
    for question in survey.questions:
        if question.is_attribute:
            continue
        measures = {entry.id for entry in (*question.options, *question.nets)}
        own = measured[(measured["question"] == question.id) & measured["option"].isin(measures)]
        by_wave = dict(tuple(own.groupby("wave", sort=False)))
        whole = pairs(survey, question.id)
        for wave_from, wave_to in group_pairs(survey, question.id):
            if wave_from in by_wave and wave_to in by_wave:
                both = _side_by_side(by_wave[wave_from], by_wave[wave_to])
                if (wave_from, wave_to) not in whole:
                    both = both[both["banner"] != TOTAL_BANNER]
                parts.append(both)
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    rows = graded(survey, rows, frames.comparison_groups(estimates)) if len(rows) else rows
    return frames.table(frames.CHANGES, _judged(rows, survey.parameters) if len(rows) else [])


def _side_by_side(earlier: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    sides = [*_SAME_ROW, "wave", *_NUMBERS, "basis", "status"]
    rows = later[sides + _LABELS].merge(earlier[sides], on=_SAME_ROW, suffixes=("_to", "_from"), how="inner")
    is_asked = (rows["status_from"] != "not_asked") | (rows["status_to"] != "not_asked")
    return rows[is_asked]


def _judged(rows: pd.DataFrame, parameters: Parameters) -> list[dict]:
    return [_change_row(row, parameters) for row in rows.to_dict("records")]


def _change_row(row: dict, parameters: Parameters) -> dict:
    statuses = (row["status_from"], row["status_to"])
    result = {key: row[key] for key in (*_SAME_ROW, *_LABELS, "wave_from", "wave_to", "comparability")}
    result |= {"unit": "ポイント", "status": "shown", "note": row["reason"], "verdict_reason": ""}
    result["basis"] = "published" if "published" in (row["basis_from"], row["basis_to"]) else row["basis_to"]
    is_broken = row["comparability"] == "broken"
    if "withheld" in statuses:
        verdict = ("not_comparable", "grade") if is_broken else ("unclear", "withheld")
        return result | _verdict_cells(*verdict) | {"status": "withheld", "note": ""}
    for side in ("from", "to"):
        if row[f"status_{side}"] == "shown":
            is_exact = row[f"count_low_{side}"] == row[f"count_high_{side}"]
            result[f"base_{side}"] = row[f"base_{side}"]
            result[f"value_{side}"] = row[f"percent_{side}"] if is_exact else np.nan
    if "not_asked" in statuses:
        note = "一方の調査回にこの項目がない"
        return result | _verdict_cells("not_comparable", "grade") | {"status": "not_asked", "note": note}
    if is_broken:
        return result | _verdict_cells("not_comparable", "grade")
    if not (row["base_from"] > 0 and row["base_to"] > 0):
        return result | _verdict_cells("unclear", "base")
    numbers, verdict = _numbers_and_verdict(row, parameters)
    return result | numbers | verdict | {"note": _note(row["reason"], numbers, verdict, parameters)}


def _verdict_cells(verdict: str, reason: str) -> dict:
    return {"verdict": verdict, "verdict_reason": reason}


def _note(reason: str, numbers: dict, verdict: dict, parameters: Parameters) -> str:
    is_small = verdict["verdict"] == "same" and numbers["p_high"] <= parameters.significance_level
    is_approximate = numbers["change_low"] != numbers["change_high"]
    notes = [reason, SMALL_NOTE if is_small else "", "概数" if is_approximate else ""]
    return "、".join(note for note in notes if note)


def _numbers_and_verdict(row: dict, parameters: Parameters) -> tuple[dict, dict]:
    """Judge every pair of counts that the printed figures allow; the verdict must hold for all."""
    ranges = [range(int(row[f"count_low_{s}"]), int(row[f"count_high_{s}"]) + 1) for s in ("from", "to")]
    counts = np.array(list(product(*ranges)), dtype=float)
    sides = counts[:, 0], row["base_from"], counts[:, 1], row["base_to"]
    change = 100 * (sides[2] / sides[3] - sides[0] / sides[1])
    low, high = newcombe(*sides, parameters.confidence_level)
    p = pooled_p(*sides)
    is_single = len(counts) == 1
    numbers = {
        "change": change[0] if is_single else np.nan,
        "change_low": change.min(),
        "change_high": change.max(),
        "low": 100 * low.min(),
        "high": 100 * high.max(),
        "p": p[0] if is_single else np.nan,
        "p_low": p.min(),
        "p_high": p.max(),
    }
    verdicts = verdict_words(change, p, sides, parameters)
    agreed = verdicts[0] if len(set(verdicts)) == 1 else ("unclear", "rounding")
    return numbers, _verdict_cells(*agreed)


def verdict_words(change, p, sides, parameters: Parameters) -> list[tuple[str, str]]:
    """Return (verdict, reason) of each pair of counts: the first row of the table that applies.

    base under small_base → unclear/base; p ≤ level and |change| ≥ minimum → up, down; the 90 %
    Newcombe interval inside ± the margin → same; otherwise unclear, small if p ≤ level.
    change in points, p: arrays (k,); sides: counts and bases from, counts and bases to.
    """
    low, high = newcombe(*sides, parameters.same_confidence_level)
    margin = parameters.same_margin_points / 100
    words = []
    for place, points in enumerate(change):
        is_significant = p[place] <= parameters.significance_level
        if min(sides[1], sides[3]) < parameters.small_base:
            words.append(("unclear", "base"))
        elif is_significant and _at_least(points, sides, place, parameters.minimum_change_points):
            words.append(("up" if points > 0 else "down", ""))
        elif -margin < low[place] and high[place] < margin:
            words.append(("same", ""))
        else:
            words.append(("unclear", "small" if is_significant else "chance"))
    return words


def _at_least(points: float, sides, place: int, minimum: float) -> bool:
    """Compare |change| with the minimum in whole numbers: 3 points must not miss by a float's breath."""
    x1, n1, x2, n2 = sides[0][place], sides[1], sides[2][place], sides[3]
    return abs(100 * (x2 * n1 - x1 * n2)) >= minimum * n1 * n2
