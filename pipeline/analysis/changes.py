"""estimates → changes: one row per pair of waves that may stand side by side.

Only estimates are read, so an edition's changes can say nothing that its estimates hide.
Everything is calculated for all rows at once.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline import frames
from pipeline.analysis.adjustment import adjusted_p
from pipeline.analysis.comparability import graded, group_pairs, pairs
from pipeline.analysis.comparison import Compared, compared
from pipeline.analysis.families import Withheld, are_hypotheses, families, is_always_shown
from pipeline.analysis.predicted import is_too_few, with_effective_counts
from pipeline.analysis.scores import mean_rows
from pipeline.analysis.verdicts import CHANGE_WORDS, SAME, agreed, outcomes
from pipeline.model import MEAN, TOTAL_BANNER, Survey

_SAME_ROW = ["survey", "question", "measure", "banner", "group", "option"]
_LABELS = ["question_label", "banner_label", "group_label", "option_label"]
_NUMBERS = ["count_low", "count_high", "base", "percent", "value", "population", "variance", "low", "high"]
_SIDES = ("from", "to")
SMALL_NOTE = "小さい差"
APPROXIMATE_NOTE = "概数"
PREDICTED_NOTE = "推計"
NOT_ASKED_NOTE = "一方の調査回にこの項目がない"


def changes(survey: Survey, estimates: pd.DataFrame, withheld: Withheld = frozenset()) -> pd.DataFrame:
    """Return the changes (frames.CHANGES) of shares, nets (in points) and means (in 点), unrounded.

    A pair has a row when both waves have one in ``estimates`` for the same group and option.
    withheld: figures that the public edition withholds; they are in no family of the
    whole staff, so that both editions judge alike.
    """
    rows = _graded(survey, _side_by_side(survey, estimates), frames.comparison_groups(estimates))
    if rows.empty:
        return frames.table(frames.CHANGES, [])
    found = compared(with_effective_counts(rows, _SIDES), _SIDES, survey.parameters)
    is_testable = rows["state"] == "testable"
    is_hypothesis = are_hypotheses(survey, rows)
    is_based = (rows[["base_from", "base_to"]] >= survey.parameters.small_base).all(axis=1)
    members = (
        is_testable & is_based & is_hypothesis & is_always_shown(rows, ["wave_from", "wave_to"], withheld)
    )
    for side in _SIDES:
        members &= ~is_too_few(rows, side)
    rows["family"] = families(survey, rows, rows["wave_from"] + "-" + rows["wave_to"], members.to_numpy())
    judged = _judged(survey, rows, found, is_hypothesis, is_based.to_numpy())
    return frames.table(frames.CHANGES, judged.to_dict("records"))


def _side_by_side(survey: Survey, estimates: pd.DataFrame) -> pd.DataFrame:
    """Return both estimates rows of every pair to compare, in the order of questions, pairs, rows."""
    wanted = [
        (question.id, *pair, pair in pairs(survey, question.id))
        for question in survey.questions
        if not question.is_attribute
        for pair in group_pairs(survey, question.id)
    ]
    wanted = pd.DataFrame(wanted, columns=["question", "wave_from", "wave_to", "has_total"])
    # A printed figure of 無回答 has no partner worth comparing: states are not opinions.
    known = {(q.id, entry.id) for q in survey.questions for entry in (*q.options, *q.nets)}
    known |= {(q.id, MEAN) for q in survey.questions if q.has_mean}
    measured = estimates[estimates["measure"].isin(("share", "net", "mean"))]
    keys = pd.MultiIndex.from_frame(measured[["question", "option"]])
    measured = measured[keys.isin(pd.MultiIndex.from_tuples(sorted(known) or [("", "")]))]
    measured = measured.assign(variance=mean_rows(survey, estimates)["variance"])
    sides = measured[[*_SAME_ROW, "wave", *_NUMBERS, "basis", "status"]]
    later = sides.join(measured[_LABELS]).assign(row=range(len(sides)))
    rows = wanted.assign(pair=range(len(wanted))).merge(
        later, left_on=["question", "wave_to"], right_on=["question", "wave"]
    )
    rows = rows.drop(columns="wave").merge(
        sides,
        left_on=[*_SAME_ROW, "wave_from"],
        right_on=[*_SAME_ROW, "wave"],
        suffixes=("_to", "_from"),
    )
    is_asked = (rows["status_from"] != "not_asked") | (rows["status_to"] != "not_asked")
    is_wanted = rows["has_total"].astype(bool) | (rows["banner"] != TOTAL_BANNER)
    return rows[is_asked & is_wanted].sort_values(["pair", "row"], kind="stable").reset_index(drop=True)


def _graded(survey: Survey, rows: pd.DataFrame, comparison_groups) -> pd.DataFrame:
    """Add grade and reason, and the state: the first thing that keeps a row from being tested."""
    if rows.empty:
        return rows
    rows = graded(survey, rows, comparison_groups).reset_index(drop=True)
    either = [rows["status_from"], rows["status_to"]]
    has_people = (rows["base_from"] > 0) & (rows["base_to"] > 0)
    states = [
        (either[0] == "withheld") | (either[1] == "withheld"),
        (either[0] == "not_asked") | (either[1] == "not_asked"),
        rows["comparability"] == "broken",
        ~has_people,
    ]
    names = ["withheld", "not_asked", "broken", "empty"]
    return rows.assign(state=np.select(states, names, "testable"), is_withheld=states[0])


def _judged(
    survey: Survey, rows: pd.DataFrame, found: Compared, is_hypothesis: np.ndarray, is_based: np.ndarray
) -> pd.DataFrame:
    """Return the rows with every column of frames.CHANGES."""
    parameters, numbers = survey.parameters, found.numbers
    is_testable = (rows["state"] == "testable").to_numpy()
    level = parameters.significance_level
    family = rows["family"].to_numpy(object)
    # Of approximate figures the lowest and the highest p of every member: the verdict must hold for both.
    ends = [adjusted_p(numbers[end], family, parameters.adjustment) for end in ("p_low", "p_high")]
    codes = [
        outcomes(found.change, found.is_large, found.is_same, found.spread(end <= level)) for end in ends
    ]
    lowest = np.minimum(*(found.least(code) for code in codes))
    highest = np.maximum(*(found.most(code) for code in codes))
    verdict, reason = agreed(lowest, highest, CHANGE_WORDS)
    is_broken = (rows["comparability"] == "broken").to_numpy()
    rules = [
        is_broken | (rows["state"] == "not_asked").to_numpy(),
        (rows["state"] == "withheld").to_numpy(),
        ~is_based,
        ~is_hypothesis | (family == ""),
    ]
    verdict = np.select(rules, ["not_comparable", "unclear", "unclear", "unclear"], verdict)
    reason = np.select(rules, ["grade", "withheld", "base", "secondary"], reason)
    finite = outcomes(found.change, found.is_large, found.is_same_finite, found.p_finite <= level)
    is_finite = (family != "") & found.most(~np.isnan(found.p_finite)) & ~np.isnan(numbers["p_finite_high"])
    words, _ = agreed(found.least(finite), found.most(finite), CHANGE_WORDS)
    is_small = (verdict == "same") & (ends[1] <= level) & (highest == SAME)
    made = rows.assign(**{name: np.where(is_testable, values, np.nan) for name, values in numbers.items()})
    return _told(
        made.assign(
            p_adjusted=ends[1],
            verdict=verdict,
            verdict_reason=reason,
            verdict_finite=np.where(is_finite, words, ""),
            is_small=is_small,
        )
    )


def _told(rows: pd.DataFrame) -> pd.DataFrame:
    """Add what else a row says: values of both sides, unit, basis, status and note."""
    is_withheld, is_not_asked = rows["is_withheld"], rows["state"] == "not_asked"
    is_predicted = (rows["basis_from"] == frames.PREDICTED) | (rows["basis_to"] == frames.PREDICTED)
    for side in _SIDES:
        is_exact = rows["option"].eq(MEAN) | rows[f"count_low_{side}"].eq(rows[f"count_high_{side}"])
        is_exact |= rows[f"basis_{side}"] == frames.PREDICTED
        value = rows[f"percent_{side}"].where(rows["measure"] != "mean", rows[f"value_{side}"])
        is_shown = (rows[f"status_{side}"] == "shown") & ~is_withheld
        rows[f"value_{side}"] = value.where(is_shown & is_exact)
        rows[f"base_{side}"] = rows[f"base_{side}"].where(is_shown)
    is_approximate = rows["change_low"].notna() & (rows["change_low"] != rows["change_high"])
    remarks = rows["reason"].to_numpy(object)
    said = (rows["is_small"], SMALL_NOTE), (is_approximate, APPROXIMATE_NOTE), (is_predicted, PREDICTED_NOTE)
    for is_said, remark in said:
        joined = np.where(remarks == "", remark, remarks + "、" + remark)
        remarks = np.where(is_said, joined, remarks)
    is_published = (rows["basis_from"] == "published") | (rows["basis_to"] == "published")
    return rows.assign(
        unit=np.where(rows["measure"] == "mean", "点", "ポイント"),
        basis=np.select([is_predicted, is_published], [frames.PREDICTED, "published"], rows["basis_to"]),
        status=np.select([is_withheld, is_not_asked], ["withheld", "not_asked"], "shown"),
        note=np.select([is_withheld, is_not_asked], ["", NOT_ASKED_NOTE], remarks),
    )[list(frames.CHANGES.columns)]
