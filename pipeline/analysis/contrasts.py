"""estimates → contrasts: a group against the rest of the people in the same table.

The rest is the whole staff less the group, both taken from the edition's own estimates, so that
nobody is compared with themselves.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline import frames
from pipeline.analysis.adjustment import adjusted_p
from pipeline.analysis.comparison import Compared, compared
from pipeline.analysis.families import are_hypotheses, families
from pipeline.analysis.hypotheses import pooled_z
from pipeline.analysis.scores import PLACE, moments, spread
from pipeline.analysis.verdicts import CONTRAST_WORDS, agreed, outcomes
from pipeline.model import INVALID, NO_ANSWER, TOTAL_BANNER, UNKNOWN_GROUP, Survey

_ITEM = ["survey", "wave", "question", "measure", "option"]
_LABELS = ["question_label", "banner", "banner_label", "group", "group_label", "option_label", "note"]
_NUMBERS = ["count", "base", "value", "percent", "population"]
SMALL_NOTE = "小さい差"


def contrasts(survey: Survey, estimates: pd.DataFrame) -> pd.DataFrame:
    """Return the contrasts (frames.CONTRASTS) of shares and nets (in points) and of means (in 点).

    Groups with people of unknown attribute, withheld rows, and groups that are everybody have
    none. ``residual`` is the adjusted residual of the group and option, which is the z of the
    difference. The family is the banner of a wave.
    """
    rows = _against_the_rest(survey, estimates)
    if rows.empty:
        return frames.table(frames.CONTRASTS, [])
    found = compared(rows, ("rest", "own"), survey.parameters)
    is_hypothesis = are_hypotheses(survey, rows)
    is_based = (rows[["base_rest", "base_own"]] >= survey.parameters.small_base).all(axis=1).to_numpy()
    rows["family"] = families(survey, rows, rows["wave"], is_hypothesis & is_based)
    return frames.table(frames.CONTRASTS, _judged(survey, rows, found, is_based).to_dict("records"))


def _against_the_rest(survey: Survey, estimates: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of groups beside the rest: columns end in _own and _rest."""
    attributes = {question.id for question in survey.attributes}
    measured = estimates[
        estimates["measure"].isin(("share", "net", "mean"))
        & (estimates["status"] == "shown")
        & ~estimates["option"].isin((NO_ANSWER, INVALID))
        & ~estimates["question"].isin(attributes)
        & ~frames.is_comparison_group(estimates)
    ]
    has_unknown = measured["group"].str.split("+").map(lambda parts: UNKNOWN_GROUP in parts)
    groups = measured[(measured["banner"] != TOTAL_BANNER) & ~has_unknown]
    whole = measured[measured["banner"] == TOTAL_BANNER]
    rows = groups[_ITEM + _LABELS + _NUMBERS].merge(
        whole[_ITEM + _NUMBERS], on=_ITEM, suffixes=("_own", "_all")
    )
    for column in ("count", "base", "population"):
        rows[f"{column}_rest"] = rows[f"{column}_all"] - rows[f"{column}_own"]
    rows = _with_means(survey, estimates, rows)
    for side in ("own", "rest"):
        rows[f"count_low_{side}"] = rows[f"count_high_{side}"] = rows[f"count_{side}"]
    is_known = rows["count_own"].notna() & rows["count_rest"].notna() | (rows["measure"] == "mean")
    return rows[is_known & (rows["base_own"] > 0) & (rows["base_rest"] > 0)].reset_index(drop=True)


def _with_means(survey: Survey, estimates: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Add mean and variance of the group and of the rest, whose moments are whole less group."""
    known = moments(survey, estimates)
    own = known.reindex(pd.MultiIndex.from_frame(rows[PLACE])).set_axis(rows.index)
    everybody = rows[PLACE].assign(banner=TOTAL_BANNER, group="all")
    rest = known.reindex(pd.MultiIndex.from_frame(everybody)).set_axis(rows.index) - own
    is_mean = rows["measure"] == "mean"
    for side, sums in (("own", own), ("rest", rest)):
        spreads = spread(sums)
        rows[f"value_{side}"] = spreads["mean"].where(is_mean)
        rows[f"variance_{side}"] = spreads["variance"].where(is_mean)
    return rows


def _judged(survey: Survey, rows: pd.DataFrame, found: Compared, is_based: np.ndarray) -> pd.DataFrame:
    parameters, numbers = survey.parameters, found.numbers
    level, family = parameters.significance_level, rows["family"].to_numpy(object)
    adjusted = adjusted_p(numbers["p"], family, parameters.adjustment)
    codes = outcomes(found.change, found.is_large, found.is_same, adjusted <= level)
    finite = outcomes(found.change, found.is_large, found.is_same_finite, found.p_finite <= level)
    verdict, reason = agreed(codes, codes, CONTRAST_WORDS)
    rules = [~is_based, family == ""]
    verdict, reason = (
        np.select(rules, words, found_words)
        for words, found_words in ((["unclear"] * 2, verdict), (["base", "secondary"], reason))
    )
    is_mean = (rows["measure"] == "mean").to_numpy()
    is_small = (verdict == "same") & (adjusted <= level)
    notes = rows["note"].to_numpy(object)
    is_finite = (family != "") & ~np.isnan(found.p_finite)
    counts = [rows[column].to_numpy(float) for column in ("count_rest", "base_rest", "count_own", "base_own")]
    shares = {side: 100 * rows[f"count_{side}"] / rows[f"base_{side}"] for side in ("own", "rest")}
    made = rows.assign(
        **{name: numbers[name] for name in ("low", "high", "finite_low", "finite_high", "p", "p_finite")},
        count=rows["count_own"],
        base=rows["base_own"],
        rest_count=rows["count_rest"],
        rest_base=rows["base_rest"],
        value=np.where(is_mean, rows["value_own"], shares["own"]),
        rest_value=np.where(is_mean, rows["value_rest"], shares["rest"]),
        difference=numbers["change"],
        unit=np.where(is_mean, "点", "ポイント"),
        residual=np.where(is_mean, np.nan, pooled_z(*counts)),
        p_adjusted=adjusted,
        verdict=verdict,
        verdict_reason=reason,
        verdict_finite=np.where(is_finite, agreed(finite, finite, CONTRAST_WORDS)[0], ""),
        status="shown",
        note=np.where(is_small, np.where(notes == "", SMALL_NOTE, notes + "、" + SMALL_NOTE), notes),
    )
    return made[list(frames.CONTRASTS.columns)]
