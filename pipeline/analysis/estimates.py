"""Cubes, returns and printed figures → estimates, under a Plan."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from pipeline import frames
from pipeline.analysis.comparability import group_pairs
from pipeline.analysis.cubes import Cubes
from pipeline.analysis.intervals import mean_bounds, wilson
from pipeline.analysis.lineage import comparison_parts
from pipeline.analysis.places import place_of
from pipeline.analysis.populations import UNKNOWN, population, printed_population
from pipeline.analysis.predicted import predicted_rows
from pipeline.analysis.scores import mean_rows
from pipeline.frames import PREDICTED, Cube
from pipeline.model import (
    ALL_GROUP,
    INVALID,
    MEAN,
    NO_ANSWER,
    RESPONSE,
    RETURNS_OPTION,
    TOTAL_BANNER,
    UNKNOWN_GROUP,
    Plan,
    Question,
    Survey,
    Wave,
)

_WITHHELD = dict.fromkeys(("count", "count_low", "count_high", "base")) | UNKNOWN
RESPONSE_LABEL = "回答率"
RETURNS_LABEL = "回答"
TOTAL_LABEL = "全体"
MEAN_UNIT = "点"
_NUMBERS = ("count", "count_low", "count_high", "base", "percent", "low", "high", "population")


def estimates(
    survey: Survey, cubes: Cubes, plan: Plan, predicted: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the estimates (frames.ESTIMATES) of one edition, unrounded, in table order.

    predicted: shares of themes that rest on an audit (see ``predicted_rows``), whole staff only.
    """
    rows = list(_response_rows(survey, cubes, plan))
    for question in survey.questions:
        if question.id not in plan.toplines:
            continue
        for wave in survey.waves:
            found = predicted_rows(predicted, wave.key, question.id, question.base)
            if found and (wave.key, question.id) not in plan.withheld:
                rows.extend(_predicted_rows(survey, question, wave, found))
            else:
                rows.extend(_wave_rows(survey, question, wave, cubes, plan))
    frame = pd.DataFrame(rows, columns=list(frames.ESTIMATES.columns))
    return frames.table(frames.ESTIMATES, _finished(survey, frame).to_dict("records"))


def _wave_rows(survey: Survey, question: Question, wave: Wave, cubes: Cubes, plan: Plan) -> Iterator[dict]:
    if wave.is_published_only:
        yield from _printed_rows(survey, question, wave)
        return
    if not wave.asks(question.id):
        for option, measure in _entries(question):
            row = _row(
                survey, wave, question.id, question.label, option, question.measure_label(option), measure
            )
            yield row | {"base_kind": _base_kind(question, measure), "status": "not_asked"}
        return
    total = cubes[question.id, TOTAL_BANNER]
    hidden = _hidden_entries(question, plan) if question.is_attribute else frozenset()
    everybody = _returned(cubes[RESPONSE, TOTAL_BANNER], wave)
    for row in _cube_rows(survey, question, wave, total, plan, everybody):
        yield row | _WITHHELD | {"status": "withheld"} if row["option"] in hidden else row
    for cross in survey.crosses:
        parts = plan.crosses.get((question.id, cross.banner))
        if parts and wave.asks(cross.banner):
            returns = everybody | _returned(cubes[RESPONSE, cross.banner], wave)
            cube = cubes[question.id, cross.banner]
            compared = comparison_parts(
                survey, cross.banner, wave.key, group_pairs(survey, question.id), parts
            )
            for shown in (parts, compared):
                if shown:
                    yield from _cube_rows(survey, question, wave, cube.merged(shown), plan, returns)


def _predicted_rows(survey: Survey, question: Question, wave: Wave, found: dict[str, dict]) -> Iterator[dict]:
    """Yield the rows of a free answer that people have read in part: the whole staff, never a group."""
    absent = _absent(question, wave)
    for option, measure in _entries(question):
        row = _row(
            survey, wave, question.id, question.label, option, question.measure_label(option), measure
        )
        row["base_kind"] = _base_kind(question, measure)
        yield row | ({"status": "not_asked"} if option in absent else found.get(option, {"status": "withheld"}))


def _absent(question: Question, wave: Wave) -> frozenset[str]:
    """Return options that were not on the form of the wave, and nets of nothing but such options."""
    offered = {option.id for option in question.offered(wave.key)}
    nets = {net.id for net in question.nets if not offered & set(net.options)}
    return frozenset(nets | {option.id for option in question.options} - offered)


def _hidden_entries(question: Question, plan: Plan) -> frozenset[str]:
    """Return the groups of an attribute that the plan shows merged only: their counts are withheld.

    With them go 無回答 and 無効 where 属性不明 is merged, and every net that holds one of them.
    """
    single = {part[0] for part in plan.crosses.get((RESPONSE, question.id), ()) if len(part) == 1}
    hidden = {option.id for option in question.options} - single
    hidden |= {net.id for net in question.nets if hidden & set(net.options)}
    return frozenset(hidden if UNKNOWN_GROUP in single else hidden | {NO_ANSWER, INVALID})


def _entries(question: Question) -> list[tuple[str, str]]:
    options = [(option.id, "share") for option in question.options]
    means = [(MEAN, "mean")] if question.has_mean else []
    return options + [(net.id, "net") for net in question.nets] + means


def _base_kind(question: Question, measure: str) -> str:
    return "scale" if measure == "mean" else question.base


def _row(survey, wave, question, label, option, option_label, measure) -> dict:
    """A row of the whole staff with nothing in it yet."""
    return {
        "survey": survey.id,
        "wave": wave.key,
        "question": question,
        "question_label": label,
        "measure": measure,
        "banner": TOTAL_BANNER,
        "banner_label": TOTAL_LABEL,
        "group": ALL_GROUP,
        "group_label": TOTAL_LABEL,
        "option": option,
        "option_label": option_label,
        "unit": MEAN_UNIT if measure == "mean" else "%",
        "basis": "counted",
        "weighting": "none",
        "status": "shown",
        "note": "",
    }


def _cube_rows(
    survey: Survey, question: Question, wave: Wave, cube: Cube, plan: Plan, returns: dict[str, int]
) -> Iterator[dict]:
    people = cube.people()[cube.waves.index(wave.key)]
    answered = cube.answered()[cube.waves.index(wave.key)]
    absent = _absent(question, wave)
    measures = dict(_entries(question))
    is_withheld = (wave.key, question.id) in plan.withheld
    cells = _withheld_cells(question, wave, cube.banner, plan)
    for place, group in enumerate(cube.groups):
        base = people[place, 0] if question.base == "asked" else answered[place]
        if people[place, 0] == 0 and not is_withheld:
            # Nobody of this group was asked (a later department, a routed-out group), or no
            # answer of this wave has been coded: there is nothing to show. Where the wave is
            # withheld an absent row would say so, and every row is there.
            continue
        where = place_of(survey, cube.banner, group)
        stands_for = population(wave, cube.banner, group, int(people[place, 0]), returns)
        counts = dict(zip(cube.entries, people[place, 1:].tolist(), strict=True))
        if question.base == "with_content":
            del counts[NO_ANSWER], counts[INVALID]
        for option in (*counts, *([MEAN] if question.has_mean else [])):
            measure, label = measures.get(option, "share"), question.measure_label(option)
            row = _row(survey, wave, question.id, question.label, option, label, measure) | where
            row["base_kind"] = _base_kind(question, measure)
            if option in absent:
                row["status"] = "not_asked"
            elif is_withheld:
                row["status"] = "withheld"
            elif (group, option) in cells:
                row |= {"status": "withheld", "note": cells[group, option] or row["note"]}
            else:
                # The mean and its base follow from the counts of the table when it is whole.
                row |= stands_for | (_counted(counts[option], base) if option in counts else {})
            yield row


def _withheld_cells(question: Question, wave: Wave, banner: str, plan: Plan) -> dict[tuple[str, str], str]:
    """Return (group, option) → band of the withheld cells; a mean goes with any point of its scale."""
    cells = plan.cells.get((wave.key, question.id, banner), {})
    scale = question.scale(wave.key) if question.has_mean else {}
    return {(group, MEAN): "" for group, option in cells if option in scale} | dict(cells)


def _response_rows(survey: Survey, cubes: Cubes, plan: Plan) -> Iterator[dict]:
    """Yield response rates: of the whole staff, and of the strata whose headcounts are known."""
    printed = {figure.wave: figure for figure in survey.published if figure.question == RESPONSE}
    for wave in survey.waves:
        row = _row(survey, wave, RESPONSE, RESPONSE_LABEL, RETURNS_OPTION, RETURNS_LABEL, "rate")
        row["base_kind"] = "population"
        if wave.key in printed:
            yield row | _printed_numbers(printed[wave.key])
        if wave.is_published_only or wave.population is None:
            continue
        total = _returned(cubes[RESPONSE, TOTAL_BANNER], wave)[ALL_GROUP]
        yield row | _counted(total, wave.population.total)
        attribute, headcounts = wave.population.attribute, wave.population.strata
        for part in plan.crosses.get((RESPONSE, attribute), ()):
            counts = _returned(cubes[RESPONSE, attribute], wave)
            headcount = sum(headcounts.get(group, 0) for group in part)
            # A part with people of unknown attribute has no headcount of its own.
            if headcount and UNKNOWN_GROUP not in part:
                numbers = _counted(sum(counts[group] for group in part), headcount)
                yield row | place_of(survey, attribute, "+".join(part)) | numbers


def _returned(cube: Cube, wave: Wave) -> dict[str, int]:
    """Return group → people who returned a form."""
    return dict(zip(cube.groups, cube.people()[cube.waves.index(wave.key), :, 0].tolist(), strict=True))


def _counted(count: int, base: int) -> dict:
    return dict.fromkeys(("count", "count_low", "count_high"), count) | {"base": base}


def _printed_rows(survey: Survey, question: Question, wave: Wave) -> Iterator[dict]:
    figures = {f.option: f for f in survey.published if (f.wave, f.question) == (wave.key, question.id)}
    for option, measure in _entries(question):
        if option in figures:
            label = question.measure_label(option)
            row = _row(survey, wave, question.id, question.label, option, label, measure)
            stands_for = printed_population(survey, wave, figures[option].base)
            yield {**row, "base_kind": question.base} | stands_for | _printed_numbers(figures[option])


def _printed_numbers(figure) -> dict:
    """Return the number cells of a printed figure; several counts fit → no count, and a note."""
    low, high = figure.count_low, figure.count_high
    numbers = {"count_low": low, "count_high": high, "base": figure.base, "basis": "published"}
    if low == high:
        return {**numbers, "count": low, "note": ""}
    percent = np.nan if figure.percent is None else figure.percent
    return {**numbers, "percent": percent, "note": f"概数：公表値にあてはまる人数は{low}～{high}人"}


def _finished(survey: Survey, frame: pd.DataFrame) -> pd.DataFrame:
    """Fill percent, means, intervals and the small-base mark of the rows that have counts."""
    for column in _NUMBERS:
        frame[column] = pd.to_numeric(frame[column]).astype(float)
    means = mean_rows(survey, frame)
    frame["value"] = means["mean"]
    frame["base"] = frame["base"].fillna(means["n"])
    base = frame["base"].to_numpy(float)
    count = frame["count"].to_numpy(float)
    is_exact = ~np.isnan(count) & (base > 0)
    frame.loc[is_exact, "percent"] = 100 * count[is_exact] / base[is_exact]
    confidence = survey.parameters.confidence_level
    # A response rate is a fact about the roster, not a sample: it has no interval.
    is_predicted = (frame["basis"] == PREDICTED).to_numpy()
    has_interval = (base > 0) & (frame["measure"] != "rate").to_numpy()
    of_mean = means["mean"].to_numpy(), means["variance"].to_numpy(), base, confidence
    for names, people in ((("low", "high"), None), (("finite_low", "finite_high"), frame["population"])):
        low, _ = wilson(frame["count_low"], base, confidence, people)
        _, high = wilson(frame["count_high"], base, confidence, people)
        for name, bound, edge in zip(names, (low, high), mean_bounds(*of_mean, people), strict=True):
            inner = np.where(means["mean"].notna(), np.clip(edge, 0, 100), 100 * bound)
            # The interval of a predicted share came with it.
            kept = frame[name].where(is_predicted) if name in _NUMBERS else np.nan
            frame[name] = np.where(has_interval & ~is_predicted, inner, kept)
    is_small = (base < survey.parameters.small_base) & ~np.isnan(base)
    frame["is_small_base"] = np.where(is_small, "true", "false")
    return frame


def standard_errors(estimates_frame: pd.DataFrame) -> pd.Series:
    """Return the standard errors of shares in percent points (NaN for approximate rows and rates)."""
    base = estimates_frame["base"].to_numpy(float)
    p = estimates_frame["count"].to_numpy(float) / np.where(base > 0, base, np.nan)
    error = 100 * np.sqrt(p * (1 - p) / base)
    return pd.Series(
        np.where(estimates_frame["measure"] == "rate", np.nan, error), estimates_frame.index, name="se"
    )
