"""Cubes, returns and printed figures → estimates, under a Plan."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from pipeline import frames
from pipeline.analysis.cubes import Cubes
from pipeline.analysis.intervals import wilson
from pipeline.frames import Cube
from pipeline.model import (
    ALL_GROUP,
    INVALID,
    NO_ANSWER,
    RESPONSE,
    RETURNS_OPTION,
    TOTAL_BANNER,
    UNKNOWN_GROUP,
    UNKNOWN_GROUP_LABEL,
    Plan,
    Question,
    Survey,
    Wave,
)

_WITHHELD = dict.fromkeys(("count", "count_low", "count_high", "base"))
RESPONSE_LABEL = "回答率"
RETURNS_LABEL = "回答"
TOTAL_LABEL = "全体"
_NUMBERS = ("count", "count_low", "count_high", "base", "percent", "low", "high")


def estimates(survey: Survey, cubes: Cubes, plan: Plan) -> pd.DataFrame:
    """Return the estimates (frames.ESTIMATES) of one edition, unrounded, in table order."""
    rows = list(_response_rows(survey, cubes, plan))
    for question in survey.questions:
        if question.id not in plan.toplines:
            continue
        for wave in survey.waves:
            rows.extend(_wave_rows(survey, question, wave, cubes, plan))
    frame = pd.DataFrame(rows, columns=list(frames.ESTIMATES.columns))
    return frames.table(frames.ESTIMATES, _finished(survey, frame).to_dict("records"))


def _wave_rows(survey: Survey, question: Question, wave: Wave, cubes: Cubes, plan: Plan) -> Iterator[dict]:
    if wave.is_published_only:
        yield from _printed_rows(survey, question, wave)
        return
    if not wave.asks(question.id):
        for option, measure in _entries(question):
            row = _row(survey, wave, question.id, question.label, option, question.measure_label(option), measure)
            yield {**row, "base_kind": question.base, "status": "not_asked"}
        return
    total = cubes[question.id, TOTAL_BANNER]
    hidden = _hidden_entries(question, plan) if question.is_attribute else frozenset()
    for row in _cube_rows(survey, question, wave, total, plan):
        yield row | _WITHHELD | {"status": "withheld"} if row["option"] in hidden else row
    for cross in survey.crosses:
        parts = plan.crosses.get((question.id, cross.banner))
        if parts and wave.asks(cross.banner):
            yield from _cube_rows(survey, question, wave, cubes[question.id, cross.banner].merged(parts), plan)


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
    return options + [(net.id, "net") for net in question.nets]


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
        "unit": "%",
        "basis": "counted",
        "weighting": "none",
        "status": "shown",
        "note": "",
    }


def _cube_rows(survey: Survey, question: Question, wave: Wave, cube: Cube, plan: Plan) -> Iterator[dict]:
    people = cube.people()[cube.waves.index(wave.key)]
    answered = cube.answered()[cube.waves.index(wave.key)]
    # Options that were not on the form, and nets of nothing but such options, were not asked.
    offered = {option.id for option in question.offered(wave.key)}
    absent = {option.id for option in question.options} - offered
    absent |= {net.id for net in question.nets if not offered & set(net.options)}
    nets = {net.id for net in question.nets}
    is_withheld = (wave.key, question.id) in plan.withheld
    cells = plan.cells.get((wave.key, question.id, cube.banner), {})
    for place, group in enumerate(cube.groups):
        base = people[place, 0] if question.base == "asked" else answered[place]
        if people[place, 0] == 0 and not is_withheld:
            # Nobody of this group was asked (a later department, a routed-out group), or no
            # answer of this wave has been coded: there is nothing to show. Where the wave is
            # withheld an absent row would say so, and every row is there.
            continue
        where = _place(survey, cube.banner, group)
        for entry, option in enumerate(cube.entries, start=1):
            if option in (NO_ANSWER, INVALID) and question.base == "with_content":
                continue
            measure = "net" if option in nets else "share"
            label = question.measure_label(option)
            row = _row(survey, wave, question.id, question.label, option, label, measure) | where
            row["base_kind"] = question.base
            if option in absent:
                row["status"] = "not_asked"
            elif is_withheld:
                row["status"] = "withheld"
            elif (group, option) in cells:
                row |= {"status": "withheld", "note": cells[group, option] or row["note"]}
            else:
                row |= _counted(people[place, entry], base)
            yield row


def _place(survey: Survey, banner: str, group: str) -> dict:
    """Return banner and group with labels; a merged group ``a+b`` is named by its parts."""
    if banner == TOTAL_BANNER:
        return {}
    attribute = survey.question(banner)
    labels = {option.id: option.label for option in attribute.options} | {UNKNOWN_GROUP: UNKNOWN_GROUP_LABEL}
    parts = group.split("+")
    return {
        "banner": banner,
        "banner_label": attribute.label,
        "group": group,
        "group_label": "・".join(labels[part] for part in parts),
        "note": "回答者の少ない区分を合わせて集計" if len(parts) > 1 else "",
    }


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
                yield row | _place(survey, attribute, "+".join(part)) | numbers


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
            yield {**row, "base_kind": question.base} | _printed_numbers(figures[option])


def _printed_numbers(figure) -> dict:
    """Return the number cells of a printed figure; several counts fit → no count, and a note."""
    low, high = figure.count_low, figure.count_high
    numbers = {"count_low": low, "count_high": high, "base": figure.base, "basis": "published"}
    if low == high:
        return {**numbers, "count": low, "note": ""}
    percent = np.nan if figure.percent is None else figure.percent
    return {**numbers, "percent": percent, "note": f"概数：公表値にあてはまる人数は{low}～{high}人"}


def _finished(survey: Survey, frame: pd.DataFrame) -> pd.DataFrame:
    """Fill percent, interval and the small-base mark of the rows that have counts."""
    for column in _NUMBERS:
        frame[column] = pd.to_numeric(frame[column])
    base = frame["base"].to_numpy(float)
    count = frame["count"].to_numpy(float)
    is_exact = ~np.isnan(count) & (base > 0)
    frame.loc[is_exact, "percent"] = 100 * count[is_exact] / base[is_exact]
    confidence = survey.parameters.confidence_level
    # A response rate is a fact about the roster, not a sample: it has no interval.
    has_interval = (base > 0) & (frame["measure"] != "rate").to_numpy()
    low, _ = wilson(frame["count_low"], base, confidence)
    _, high = wilson(frame["count_high"], base, confidence)
    frame["low"] = np.where(has_interval, 100 * low, np.nan)
    frame["high"] = np.where(has_interval, 100 * high, np.nan)
    is_small = (base < survey.parameters.small_base) & ~np.isnan(base)
    frame["is_small_base"] = np.where(is_small, "true", "false")
    return frame


def standard_errors(estimates_frame: pd.DataFrame) -> pd.Series:
    """Return the standard errors of shares in percent points (NaN for approximate rows and rates)."""
    base = estimates_frame["base"].to_numpy(float)
    p = estimates_frame["count"].to_numpy(float) / np.where(base > 0, base, np.nan)
    error = 100 * np.sqrt(p * (1 - p) / base)
    return pd.Series(np.where(estimates_frame["measure"] == "rate", np.nan, error), estimates_frame.index, name="se")
