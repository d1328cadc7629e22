"""Base gate of the public edition: groups with too few answers are merged before counting."""

from __future__ import annotations

import numpy as np

from pipeline.frames import Cube
from pipeline.model import RESPONSE, TOTAL_BANNER, Plan, Survey, frozen_mapping

Cubes = dict[tuple[str, str], Cube]
Parts = tuple[tuple[str, ...], ...]


def internal_plan(survey: Survey, cubes: Cubes) -> Plan:
    """Return the Plan of the internal edition: everything, every group by itself."""
    crosses = {key: tuple((group,) for group in cube.groups) for key, cube in cubes.items()}
    return Plan(
        toplines=frozenset(question.id for question in survey.questions),
        crosses=frozen_mapping({key: parts for key, parts in crosses.items() if key[1] != TOTAL_BANNER}),
    )


def public_plan(survey: Survey, cubes: Cubes) -> Plan:
    """Return the Plan of the public edition.

    Questions and attributes that are not public are left out. In a wave where fewer than
    minimum_group people answered a question, all its figures are withheld, so that nothing
    of that wave and question remains from which they could be subtracted. In a cross, a
    group that falls short in any wave joins its neighbour in the order of the survey file,
    the last one being 属性不明, until every part has enough: all parts are shown and add up
    to the total, so a subtraction gives back nothing but a part that is shown. The parts are
    the same in every wave, so that a change cannot take a merged group apart again. Returns
    by group are a cross like any other.
    """
    minimum = survey.parameters.minimum_group
    shown = {question.id for question in survey.questions if question.is_public}
    sensitive = {question.id for question in survey.questions if question.is_sensitive}
    withheld, crosses = set(), {}
    for (question, banner), cube in cubes.items():
        if banner == TOTAL_BANNER and question in shown:
            withheld |= {(wave, question) for wave in _short_waves(cube, minimum)}
    for (question, banner), cube in cubes.items():
        is_public = banner in shown and question in shown | {RESPONSE}
        if not is_public or question in sensitive:
            continue
        kept = [wave for wave in cube.waves if (wave, question) not in withheld]
        parts = merged_parts(cube, kept, minimum)
        if len(parts) > 1:
            crosses[question, banner] = parts
    return Plan(frozenset(shown), frozen_mapping(crosses), frozenset(withheld))


def _short_waves(cube: Cube, minimum: int) -> list[str]:
    """Return the waves in which some, but fewer than ``minimum``, people were asked and answered."""
    asked, answered = cube.people()[:, 0, 0], cube.answered()[:, 0]
    return [wave for wave, a, n in zip(cube.waves, asked, answered, strict=True) if a > 0 and n < minimum]


def merged_parts(cube: Cube, waves: list[str], minimum: int) -> Parts:
    """Return the finest merging of neighbouring groups with ``minimum`` answers each in all ``waves``.

    A group nobody of whom was asked in a wave is not short in that wave.
    """
    rows = [cube.waves.index(wave) for wave in waves]
    asked = cube.people()[rows, :, 0]
    answered = cube.answered()[rows]
    used = [place for place in range(len(cube.groups)) if asked[:, place].any()]
    parts = [[place] for place in used]

    def is_short(part: list[int]) -> bool:
        people, answers = asked[:, part].sum(axis=1), answered[:, part].sum(axis=1)
        return bool(np.any((people > 0) & (answers < minimum)))

    while len(parts) > 1 and any(map(is_short, parts)):
        place = next(i for i, part in enumerate(parts) if is_short(part))
        neighbour = place - 1 if place else 1
        first, second = sorted((place, neighbour))
        parts[first : second + 1] = [parts[first] + parts[second]]
    return tuple(tuple(cube.groups[i] for i in part) for part in parts)
