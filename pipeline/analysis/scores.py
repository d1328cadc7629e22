"""Mean scores of ordered questions, from the counts of the options of the same table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.model import MEAN, Survey

#: What names one table.
PLACE = ["wave", "question", "banner", "group"]


def moments(survey: Survey, estimates: pd.DataFrame) -> pd.DataFrame:
    """Return people on the scale ``n``, Σ score and Σ score² of every table that has a mean, by PLACE.

    Only tables whose options on the scale are all shown with one count are there.
    """
    points = [
        (wave.key, question.id, option, score)
        for question in survey.questions
        if question.has_mean
        for wave in survey.waves
        for option, score in question.scale(wave.key).items()
    ]
    scale = pd.DataFrame(points, columns=["wave", "question", "option", "score"])
    counted = estimates[["wave", "question", "banner", "group", "option", "status", "count"]]
    rows = counted[counted["question"].isin(set(scale["question"]))].merge(
        scale, on=["wave", "question", "option"]
    )
    count = pd.to_numeric(rows["count"]).where(rows["status"] == "shown")
    rows = rows.assign(n=count, total=count * rows["score"], squares=count * rows["score"] ** 2, points=1.0)
    sums = rows.groupby(PLACE, sort=False)[["n", "total", "squares", "points"]].sum(min_count=1)
    is_whole = rows.assign(known=count.notna()).groupby(PLACE, sort=False)["known"].all()
    needed = scale.groupby(["wave", "question"]).size()
    keys = pd.MultiIndex.from_arrays(
        [sums.index.get_level_values("wave"), sums.index.get_level_values("question")]
    )
    is_whole &= sums["points"].to_numpy() == needed.reindex(keys).to_numpy()
    return sums.loc[is_whole.to_numpy(bool), ["n", "total", "squares"]]


def spread(moments_frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``n``, ``mean`` and ``variance`` (s², over n − 1) of moments; NaN where there is nobody."""
    n = moments_frame["n"].to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = moments_frame["total"].to_numpy(float) / n
        # Rounding must not leave a spread, or a negative one, where everybody gave the same answer.
        around = moments_frame["squares"].to_numpy(float) - n * mean**2
        variance = np.where(around > 1e-6 * n, around, 0.0) / (n - 1)
    variance = np.where(n > 1, variance, np.nan)
    return pd.DataFrame(
        {"n": n, "mean": np.where(n > 0, mean, np.nan), "variance": variance}, moments_frame.index
    )


def mean_rows(survey: Survey, estimates: pd.DataFrame) -> pd.DataFrame:
    """Return ``n``, ``mean``, ``variance`` of every row of ``estimates``: NaN where it is no mean."""
    found = spread(moments(survey, estimates))
    keys = pd.MultiIndex.from_frame(estimates[PLACE])
    aligned = found.reindex(keys).set_axis(estimates.index)
    return aligned.where((estimates["option"] == MEAN) & (estimates["measure"] == "mean"))
