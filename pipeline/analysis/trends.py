"""estimates → trends: the slope over three and more waves, and whether a line is what it is.

References: Cochran 1954 (Biometrics 10:417–451) and Armitage 1955 (Biometrics 11:375–386): the
shares are weighted by the inverse of their variance under no change, p̄q̄/n.
"""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from pipeline import frames
from pipeline.analysis.adjustment import adjusted_p
from pipeline.analysis.comparability import grade
from pipeline.analysis.families import Withheld, are_hypotheses, families, is_always_shown
from pipeline.analysis.hypotheses import two_sided
from pipeline.analysis.intervals import normal_quantile
from pipeline.analysis.scores import mean_rows
from pipeline.model import INVALID, NO_ANSWER, TOTAL_BANNER, Survey

_ROW = ["survey", "question", "measure", "banner", "group", "option"]
_LABELS = ["question_label", "banner_label", "group_label", "option_label"]
LEAST_WAVES = 3
APPROXIMATE_NOTE = "公表値の丸めのため人数が定まらない調査回があり、計算しない"


def trends(survey: Survey, estimates: pd.DataFrame, withheld: Withheld = frozenset()) -> pd.DataFrame:
    """Return the trends (frames.TRENDS): points (or 点) a year, over the longest run of waves that
    ends with the newest and has no broken pair; no row for fewer than three waves.

    A trend is called up or down where its adjusted p is small, the line fits (p_nonlinear) and it
    amounts to the minimum change over its years. withheld: as in ``changes``; these figures of the
    whole staff are in no series, so that both editions draw the same line.
    """
    series = _series(survey, estimates[is_always_shown(estimates, ["wave"], withheld)])
    if series.empty:
        return frames.table(frames.TRENDS, [])
    rows = _fitted(survey, series)
    is_based = (rows["least_base"] >= survey.parameters.small_base).to_numpy()
    is_hypothesis = are_hypotheses(survey, rows)
    members = is_hypothesis & is_based & rows["slope"].notna().to_numpy()
    rows["family"] = families(survey, rows, "trend-" + rows["wave_to"], members)
    rows["p_adjusted"] = adjusted_p(rows["p"], rows["family"], survey.parameters.adjustment)
    return frames.table(frames.TRENDS, _judged(survey, rows, is_based).to_dict("records"))


def _series(survey: Survey, estimates: pd.DataFrame) -> pd.DataFrame:
    """Return the estimates rows that belong to a run of three waves or more, with their years."""
    attributes = {question.id for question in survey.attributes}
    rows = estimates[
        estimates["measure"].isin(("share", "net", "mean"))
        & (estimates["status"] == "shown")
        & ~estimates["option"].isin((NO_ANSWER, INVALID))
        & ~estimates["question"].isin(attributes)
        & (estimates["base"] > 0)
    ]
    rows = rows.assign(variance=mean_rows(survey, estimates)["variance"])
    present = (
        rows[["question", "banner", "wave"]].drop_duplicates().sort_values(["question", "banner", "wave"])
    )
    kept = []
    for (question, banner), found in groupby(
        present.itertuples(index=False, name=None), key=lambda row: row[:2]
    ):
        kept += [
            (question, banner, wave) for wave in _run(survey, question, banner, [wave for *_, wave in found])
        ]
    kept = pd.MultiIndex.from_tuples(kept or [("", "", "")])
    rows = rows[pd.MultiIndex.from_frame(rows[["question", "banner", "wave"]]).isin(kept)]
    rows = rows[rows.groupby(_ROW, sort=False)["wave"].transform("size") >= LEAST_WAVES]
    years = {wave.key: wave.fiscal_year for wave in survey.waves}
    return rows.assign(year=rows["wave"].map(years).astype(float))


def _run(survey: Survey, question: str, banner: str, waves: list[str]) -> list[str]:
    """Return the waves back from the newest until one may not be compared with a later one."""
    run: list[str] = []
    for wave in reversed(waves):
        names = (question,) if banner == TOTAL_BANNER else (question, banner)
        if any(grade(survey, name, wave, later)[0] == "broken" for name in names for later in run):
            break
        run.insert(0, wave)
    return run


def _fitted(survey: Survey, series: pd.DataFrame) -> pd.DataFrame:
    """Return one row per series: slope and tests, from sums over its waves."""
    n, is_mean = series["base"].to_numpy(float), (series["measure"] == "mean").to_numpy()
    y = np.where(is_mean, series["value"], 100 * series["count"] / series["base"])
    own = np.where(is_mean, series["variance"], y * (100 - y))
    rows = series.assign(
        n=n, ny=n * y, nt=n * series["year"], inner=np.where(is_mean, (n - 1) * own, 0.0), y=y, own=own
    )
    groups = rows.groupby(_ROW, sort=False)
    first = groups[["wave", *_LABELS]].first().rename(columns={"wave": "wave_from"})
    result = first.join(groups["wave"].agg(["last", "size"]).set_axis(["wave_to", "waves"], axis=1))
    sums = groups[["n", "ny", "nt", "inner"]].sum(min_count=1)
    is_exact = groups["y"].agg(lambda values: values.notna().all()).astype(bool)
    middle, centre = sums["ny"] / sums["n"], sums["nt"] / sums["n"]
    # The variance of one answer if nothing changed: p̄q̄ of all waves, or s² within the waves.
    of_share, of_mean = middle * (100 - middle), sums["inner"] / (sums["n"] - result["waves"])
    spread = of_share.where(result.index.get_level_values("measure") != "mean", of_mean).where(is_exact)
    aligned = [
        pd.Series(values).reindex(pd.MultiIndex.from_frame(rows[_ROW])).to_numpy()
        for values in (middle, centre)
    ]
    away = rows["year"].to_numpy() - aligned[1]
    made = rows.assign(
        stt=n * away**2, sty=n * away * (y - aligned[0]), syy=n * (y - aligned[0]) ** 2, svt=n * away**2 * own
    )
    sums = made.groupby(_ROW, sort=False)[["stt", "sty", "syy", "svt"]].sum(min_count=1)
    slope = (sums["sty"] / sums["stt"]).where(is_exact)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = slope * np.sqrt(sums["stt"] / spread)
        rest = ((sums["syy"] - slope * sums["sty"]) / spread).clip(lower=0)
        half = normal_quantile(survey.parameters.confidence_level) * np.sqrt(sums["svt"]) / sums["stt"]
    is_flat = is_exact & (spread == 0)
    degrees = result["waves"] - 2
    return result.assign(
        slope=slope,
        low=slope - half,
        high=slope + half,
        p=np.where(is_flat, 1.0, two_sided(z)),
        statistic=rest.mask(is_flat, 0.0),
        df=degrees,
        p_nonlinear=np.where(is_flat, 1.0, chdtrc(degrees, rest)),
        least_base=groups["base"].min(),
        years=groups["year"].agg(lambda values: values.iloc[-1] - values.iloc[0]),
    ).reset_index()


def _judged(survey: Survey, rows: pd.DataFrame, is_based: np.ndarray) -> pd.DataFrame:
    parameters = survey.parameters
    level = parameters.significance_level
    is_exact = rows["slope"].notna().to_numpy()
    is_large = (rows["slope"].abs() * rows["years"] >= parameters.minimum_change_points - 1e-9).to_numpy()
    is_moved = (rows["p_adjusted"] <= level).to_numpy()
    rules = [
        (~is_exact, "unclear", "rounding"),
        (~is_based, "unclear", "base"),
        ((rows["family"] == "").to_numpy(), "unclear", "secondary"),
        ((rows["p_nonlinear"] < level).to_numpy(), "unclear", "nonlinear"),
        (is_moved & is_large & (rows["slope"] > 0).to_numpy(), "up", ""),
        (is_moved & is_large, "down", ""),
        (is_moved, "unclear", "small"),
    ]
    conditions = [rule[0] for rule in rules]
    made = rows.assign(
        unit=np.where(rows["measure"] == "mean", "点/年", "ポイント/年"),
        verdict=np.select(conditions, [rule[1] for rule in rules], "unclear"),
        verdict_reason=np.select(conditions, [rule[2] for rule in rules], "chance"),
        status="shown",
        note=np.where(is_exact, "", APPROXIMATE_NOTE),
    )
    return made[list(frames.TRENDS.columns)]
