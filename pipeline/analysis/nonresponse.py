"""estimates, changes and joint Cubes → nonresponse and weights: what those who did not answer could change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from pipeline import frames
from pipeline.analysis.rosters import Answers, Weighted
from pipeline.analysis.tipping import tipping_limit
from pipeline.analysis.weighting import (
    calibrated_variance,
    kish,
    stratified_variance,
    weighted_interval,
    weighted_share,
)
from pipeline.frames import Cube
from pipeline.model import RESPONSE, RETURNS_OPTION, TOTAL_BANNER, Plan, Question, Survey

Joint = Mapping[str, Cube]
_CLAIMS = ("up", "down", "same")


def nonresponse(
    survey: Survey, estimates: pd.DataFrame, changes: pd.DataFrame, joint: Joint, plan: Plan
) -> pd.DataFrame:
    """Return one row (frames.NONRESPONSE) per wave and declared headline, whole staff; shares in percent.

    What is withheld in ``estimates`` has a row without numbers. The unweighted share and the
    bounds come from ``estimates``, the weighted shares from ``joint`` under ``plan``.
    """
    whole = estimates[estimates["banner"] == TOTAL_BANNER]
    found = {(row["wave"], row["question"], row["option"]): row for row in whole.to_dict("records")}
    claims = _claims(changes)
    answers = _answers(survey, joint)
    rows = []
    for question in survey.questions:
        for wave in survey.waves:
            row = found.get((wave.key, question.id, question.headline))
            is_share = row is not None and row["measure"] in ("share", "net") and row["status"] != "not_asked"
            if question.is_attribute or not is_share:
                continue
            made = {key: row[key] for key in _KEPT} | {"unit": "%"}
            returned = found.get((wave.key, RESPONSE, RETURNS_OPTION))
            if np.isnan(row["count"]):
                made["percent"] = np.nan
            elif row["status"] == "shown" and returned is not None:
                made |= _staff(row, returned) | _claimed(
                    survey, row, returned, claims.get((wave.key, question.id, question.headline))
                )
                if wave.key in answers:
                    made |= _weighted(survey, question, answers[wave.key], plan, made)
            rows.append(made)
    return frames.table(frames.NONRESPONSE, rows)


_KEPT = (
    "survey",
    "wave",
    "question",
    "question_label",
    "measure",
    "option",
    "option_label",
    "count",
    "base",
    "percent",
    "basis",
    "status",
    "note",
)


def weights(survey: Survey, joint: Joint, plan: Plan) -> pd.DataFrame:
    """Return one row (frames.WEIGHTS) per wave and way of weighting that the edition uses."""
    rows = {}
    for wave, answers in _answers(survey, joint).items():
        for question in plan.weighting:
            if (wave, question) in plan.withheld:
                continue
            for way in _ways(survey, question, answers, plan):
                rows[wave, way.method, way.groups] = _diagnosed(survey, wave, way)
    order = {wave.key: place for place, wave in enumerate(survey.waves)}
    return frames.table(
        frames.WEIGHTS, [rows[key] for key in sorted(rows, key=lambda k: (order[k[0]], k[1], k[2]))]
    )


def _answers(survey: Survey, joint: Joint) -> dict[str, Answers]:
    waves = [wave for wave in survey.waves if not wave.is_published_only and wave.population] if joint else []
    made = {wave.key: Answers(survey, wave, joint) for wave in waves}
    return {key: answers for key, answers in made.items() if answers.people.sum()}


def _claims(changes: pd.DataFrame) -> dict[tuple[str, str, str], dict]:
    """Return (wave, question, option) → its whole-staff change from the last wave that has one."""
    rows = changes[(changes["banner"] == TOTAL_BANNER) & (changes["status"] == "shown")]
    last: dict[tuple[str, str, str], dict] = {}
    for row in rows.sort_values("wave_from", kind="stable").to_dict("records"):
        last[row["wave_to"], row["question"], row["option"]] = row
    return last


def _staff(row: dict, returned: dict) -> dict:
    """Return returns, staff and worst-case bounds: all who did not answer chose the item, or none did.

    With U of them: x ÷ (n + U) to (x + U) ÷ (n + U), which is x/N to (N − n + x)/N where
    everybody is in the base.
    """
    returns, staff = returned["count"], returned["base"]
    numbers = {"returns": returns, "population": staff, "response_rate": returned["percent"]}
    silent = staff - returns
    size = row["base"] + silent
    if np.isnan(size) or not size > 0:
        return numbers
    bounds = {"bound_low": 100 * row["count"] / size, "bound_high": 100 * (row["count"] + silent) / size}
    return numbers | bounds


def _claimed(survey: Survey, row: dict, returned: dict, claim: dict | None) -> dict:
    """Return the verdict of the headline's last change, and how far from us the silent would have to be."""
    if claim is None:
        return {}
    numbers = {key: claim[key] for key in ("wave_from", "verdict")}
    rate = returned["count"] / returned["base"]
    if claim["verdict"] not in _CLAIMS or np.isnan(claim["change"]) or not rate < 1:
        return numbers
    limit, direction = tipping_limit(claim, survey.parameters)
    points = limit / (1 - rate)
    return numbers | {"limit": limit, "tipping": points, "tipping_share": row["percent"] + direction * points}


# ---- weighted shares ---------------------------------------------------------------------


def _ways(survey: Survey, question: str, answers: Answers, plan: Plan) -> Iterator[Weighted]:
    """Yield how the share of ``question`` is weighted: by the first attribute, and by all at once."""
    allowed = plan.weighting.get(question, {})
    margins = [made for name, parts in allowed.items() if (made := answers.margin(name, parts))]
    limit = survey.parameters.largest_weight
    if margins and (way := answers.poststratified(margins[0], limit)):
        yield way
    if plan.may_rake and (way := answers.raked(margins, limit)):
        yield way


def _weighted(survey: Survey, question: Question, answers: Answers, plan: Plan, row: dict) -> dict:
    numbers: dict[str, object] = {}
    bounds = row.get("bound_low", np.nan) / 100, row.get("bound_high", np.nan) / 100
    for way in _ways(survey, question.id, answers, plan):
        cells = answers.cells(question, way.places)
        if not cells.asked.sum():
            continue
        share = weighted_share(way.raked.weights, cells)
        general, finite = _intervals(survey, way, cells, share)
        # Whoever did not answer cannot take a count of this year's staff beyond the worst case.
        finite = tuple(np.clip(bound, *bounds) for bound in finite) if not np.isnan(bounds[0]) else finite
        name = way.method
        cell = [share, *general, *finite]
        ends = ("", "_low", "_high", "_finite_low", "_finite_high")
        numbers |= {f"{name}{end}": 100 * value for end, value in zip(ends, cell, strict=True)}
        numbers[f"{name}_by"] = way.attributes
    return numbers


def _intervals(survey: Survey, way: Weighted, cells, share: float) -> tuple[tuple, tuple]:
    """Return the intervals in the general and in the finite reading."""
    weights, people = way.raked.weights, way.people.sum()
    staff = way.margins[0].headcounts
    if way.method == "poststratified":
        variances = stratified_variance(weights, cells), stratified_variance(weights, cells, staff)
    else:
        variances = tuple(
            calibrated_variance(weights, cells, way.codes, size) for size in (np.inf, staff.sum())
        )
    unseen = 1 - people / staff.sum()
    base = cells.asked.sum()
    bases = base, base / unseen if unseen > 0 else np.inf
    confidence = survey.parameters.confidence_level
    return tuple(
        weighted_interval(share, variance, base, way.degrees, confidence)
        for variance, base in zip(variances, bases, strict=True)
    )


def _diagnosed(survey: Survey, wave: str, way: Weighted) -> dict:
    weight, people = way.raked.weights, way.people
    average = (weight * people).sum() / people.sum()
    effective, limit = kish(weight, people), survey.parameters.largest_weight
    is_cut = limit > 0 and np.isclose(weight / average, limit)
    return {
        "survey": survey.id,
        "wave": wave,
        "method": way.method,
        "attributes": way.attributes,
        "groups": way.groups,
        "returns": people.sum(),
        "population": (weight * people).sum(),
        "effective_base": effective,
        "design_effect": people.sum() / effective,
        "smallest_weight": weight.min() / average,
        "largest_weight": weight.max() / average,
        "weight_limit": limit or np.nan,
        "trimmed": people[is_cut].sum() if limit else 0,
        "sweeps": way.raked.sweeps,
        "gap": way.raked.gap,
        "status": "shown",
        "note": "",
    }
