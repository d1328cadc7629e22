"""Choices → Cubes: the only loop over respondents behind a published number."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.analysis.choices import Choices, choices
from pipeline.frames import Cube
from pipeline.model import (
    ALL_GROUP,
    INVALID,
    NO_ANSWER,
    NOT_ASKED,
    RESPONSE,
    RETURNS_OPTION,
    TOTAL_BANNER,
    UNKNOWN_GROUP,
    Question,
    Survey,
)

Cubes = dict[tuple[str, str], Cube]
#: Banner of a Cube by all attributes with headcounts at once.
JOINT = "joint"


def tabulate(survey: Survey, responses: pd.DataFrame, codings: pd.DataFrame) -> Cubes:
    """Return (question id, banner id) → Cube for every topline and cross of the survey.

    The question ``response`` counts everybody who returned a form, as a whole and by each
    attribute.
    Strata are the groups of the attribute whose headcounts the waves give (one stratum
    when they give none). Respondents whose stratum is unknown have a stratum of their own.
    """
    waves = tuple(wave.key for wave in survey.waves if not wave.is_published_only)
    if not waves:
        return {}
    wave_codes = np.array([waves.index(wave) for wave in responses["wave"]], dtype=np.int64)
    weights = responses["weight"].astype(float).to_numpy()
    strata, stratum_codes = _strata(survey, responses)
    groups = {TOTAL_BANNER: ((ALL_GROUP,), np.zeros(len(responses), dtype=np.int64))}
    for attribute in survey.attributes:
        groups[attribute.id] = _groups(attribute, responses)
    crosses = {question: [] for question in (q.id for q in survey.questions)}
    for cross in survey.crosses:
        for question in cross.questions:
            crosses[question].append(cross.banner)
    everybody = [(RESPONSE, _everybody(len(responses)), [a.id for a in survey.attributes])]
    asked = [(q.id, choices(q, responses, codings), crosses[q.id]) for q in survey.questions]
    cubes: Cubes = {}
    for question, chosen, banners in everybody + asked:
        for banner in (TOTAL_BANNER, *banners):
            names, group_codes = groups[banner]
            axes = (waves, strata, names, chosen.entries)
            cell = (wave_codes * len(strata) + stratum_codes) * len(names) + group_codes
            cell = np.where(chosen.asked & (group_codes >= 0), cell, -1)
            counts = tally(cell, chosen.ticks, weights, tuple(map(len, axes[:3])))
            cubes[question, banner] = Cube(question, banner, *axes, *counts)
    return cubes


def tabulate_jointly(survey: Survey, responses: pd.DataFrame, codings: pd.DataFrame) -> dict[str, Cube]:
    """Return question id → Cube by the cells of all attributes with headcounts at once.

    Groups are named ``a*b*c`` in the order of ``roster_attributes``; with no such attribute there is
    one group. Only questions with a headline, and the question ``response``, which counts
    everybody. Axes depend on the survey alone, so the Cubes of two parts of the rows add.
    """
    waves = tuple(wave.key for wave in survey.waves if not wave.is_published_only)
    if not waves:
        return {}
    wave_codes = np.array([waves.index(wave) for wave in responses["wave"]], dtype=np.int64)
    weights = responses["weight"].astype(float).to_numpy()
    names, group_codes = [()], np.zeros(len(responses), dtype=np.int64)
    for attribute in roster_attributes(survey):
        groups, codes = _groups(survey.question(attribute), responses)
        names = [(*name, group) for name in names for group in groups]
        # Where a wave did not ask the attribute, nobody's group is known.
        group_codes = group_codes * len(groups) + np.where(codes < 0, len(groups) - 1, codes)
    asked = [(q.id, choices(q, responses, codings)) for q in survey.questions if q.headline]
    cubes = {}
    for question, chosen in [(RESPONSE, _everybody(len(responses))), *asked]:
        axes = (waves, (ALL_GROUP,), tuple("*".join(name) for name in names), chosen.entries)
        cell = np.where(chosen.asked, wave_codes * len(names) + group_codes, -1)
        counts = tally(cell, chosen.ticks, weights, tuple(map(len, axes[:3])))
        cubes[question] = Cube(question, JOINT, *axes, *counts)
    return cubes


def roster_attributes(survey: Survey) -> tuple[str, ...]:
    """Return the attributes whose headcounts any wave gives, in the order of the survey file."""
    known = {name for wave in survey.waves if wave.population for name in wave.population.headcounts}
    return tuple(attribute.id for attribute in survey.attributes if attribute.id in known)


def _everybody(people: int) -> Choices:
    """Return the Choices of having returned a form: everybody did."""
    ticks = np.zeros((people, 3), dtype=bool)
    ticks[:, 0] = True
    return Choices((RETURNS_OPTION, NO_ANSWER, INVALID), np.ones(people, dtype=bool), ticks)


def tally(cell: np.ndarray, ticks: np.ndarray, weights: np.ndarray, shape: tuple[int, int, int]):
    """Return (n, Σw, Σw²), each of shape (*shape, 1 + entries).

    cell: (n,) flat index of wave × stratum × group, -1 = not asked; ticks: (n, entries).
    """
    size = int(np.prod(shape))
    is_in = cell >= 0
    columns = [is_in, *(is_in & ticks[:, entry] for entry in range(ticks.shape[1]))]
    n = np.column_stack([np.bincount(cell[column], minlength=size) for column in columns])
    sums = []
    for values in (weights, weights**2):
        counted = [np.bincount(cell[c], weights=values[c], minlength=size) for c in columns]
        sums.append(np.column_stack(counted))
    return tuple(counts.reshape(*shape, len(columns)) for counts in (n, *sums))


def _groups(attribute: Question, responses: pd.DataFrame) -> tuple[tuple[str, ...], np.ndarray]:
    """Return (groups, codes): 無回答 and 無効 are the unknown group, 設問なし is -1."""
    names = (*(option.id for option in attribute.options), UNKNOWN_GROUP)
    codes = {name: place for place, name in enumerate(names)} | {NOT_ASKED: -1}
    unknown = len(names) - 1
    return names, np.array([codes.get(value, unknown) for value in responses[attribute.id]], dtype=np.int64)


def _strata(survey: Survey, responses: pd.DataFrame) -> tuple[tuple[str, ...], np.ndarray]:
    known = {wave.population.attribute for wave in survey.waves if wave.population}
    attributes = sorted(known - {""})
    if len(attributes) != 1:
        return (ALL_GROUP,), np.zeros(len(responses), dtype=np.int64)
    names, codes = _groups(survey.question(attributes[0]), responses)
    return names, np.where(codes < 0, len(names) - 1, codes)
