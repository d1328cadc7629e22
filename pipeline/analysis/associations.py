"""Crosses as a whole: chi-square test and Cramér's V per wave, from the estimates of an edition."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline import frames
from pipeline.analysis.crosses import chi_square, is_too_small, permutation_p
from pipeline.model import TOTAL_BANNER, UNKNOWN_GROUP, Survey

PERMUTED_NOTE = "期待度数が小さいため、並べ替え検定（フィッシャー・フリーマン・ホルトンの方法）のp値"


def associations(survey: Survey, estimates: pd.DataFrame) -> pd.DataFrame:
    """Return one row per wave and cross of a single-answer question (frames.ASSOCIATIONS).

    The table is options × groups without 無回答 and 無効. People of unknown attribute are
    left out where they are a group by themselves; merged with another group they are in,
    as everywhere else in the edition. Where expected counts are too small for the chi-square
    distribution (Cochran), p comes from permutation and the note says so. Multiple answers
    have no test as a whole: one person stands in several cells.
    """
    rows = []
    singles = {q.id: q for q in survey.questions if not q.takes_many and not q.is_attribute}
    plain = estimates[~frames.is_comparison_group(estimates)]
    crossed = plain[(plain["banner"] != TOTAL_BANNER) & plain["question"].isin(singles)]
    for (wave, question_id, banner), part in crossed.groupby(["wave", "question", "banner"], sort=False):
        question = singles[question_id]
        options = [option.id for option in question.offered(wave)]
        cells = part[part["option"].isin(options) & (part["group"] != UNKNOWN_GROUP)]
        first = part.iloc[0]
        rows.append(
            {
                "survey": survey.id,
                "wave": wave,
                "question": question_id,
                "question_label": first["question_label"],
                "banner": banner,
                "banner_label": first["banner_label"],
                "test": "chi_square",
                "effect_name": "cramers_v",
                **_tested(cells),
            }
        )
    return frames.table(frames.ASSOCIATIONS, rows)


def _tested(cells: pd.DataFrame) -> dict:
    if (cells["status"] == "withheld").any():
        return {"status": "withheld", "note": ""}
    counts = cells.pivot(index="group", columns="option", values="count").to_numpy(float)
    statistic, degrees, p, effect, expected = chi_square(counts)
    numbers = {
        "statistic": statistic,
        "df": degrees,
        "effect": effect,
        "base": counts.sum(),
        "status": "shown",
    }
    if np.isnan(statistic):
        return {"base": counts.sum(), "status": "shown", "note": "区分か選択肢が1つしかないため検定しない"}
    if is_too_small(expected):
        return numbers | {"test": "permutation", "p": permutation_p(counts), "note": PERMUTED_NOTE}
    return numbers | {"p": p, "note": ""}
