"""Base gate of the public edition: groups with too few answers are merged before counting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pipeline.disclosure.gate import withheld_tables
from pipeline.disclosure.weighting import weighted_by_shown, weighted_inside
from pipeline.frames import Cube
from pipeline.lineage import Parts, joined, partition
from pipeline.model import RESPONSE, TOTAL_BANNER, Plan, Survey, frozen_mapping

Cubes = dict[tuple[str, str], Cube]


def internal_plan(survey: Survey, cubes: Cubes) -> Plan:
    """Return the Plan of the internal edition: everything, every group by itself."""
    crosses = {key: tuple((group,) for group in cube.groups) for key, cube in cubes.items()}
    plan = Plan(
        toplines=frozenset(question.id for question in survey.questions),
        crosses=frozen_mapping({key: parts for key, parts in crosses.items() if key[1] != TOTAL_BANNER}),
    )
    return weighted_inside(survey, plan)


def public_plan(survey: Survey, cubes: Cubes) -> Plan:
    """Return the Plan of the public edition.

    Questions and attributes that are not public are left out. In a wave where fewer than
    minimum_group people answered a question, all its figures are withheld, and those of the
    questions that it leads to: nothing remains from which they could be subtracted, and who
    was asked next does not tell either.

    In a cross, a group that falls short in any wave joins its neighbour in the order of the
    survey file, the last one being 属性不明, until every part has enough. All parts are shown
    and add up to the total, so a subtraction gives back nothing but a part that is shown. The
    parts are the same in every wave, so that a change cannot take a merged group apart, and
    those of a routed question are never finer than those of its filter, whose answers its
    bases are. Groups that lineage.csv joins stay together. Returns by group are a cross like any other.
    """
    minimum = survey.parameters.minimum_group
    shown = {question.id for question in survey.questions if question.is_public}
    closed = frozenset(_closed(survey, cubes, shown, minimum))
    crosses: dict[tuple[str, str], Parts] = {}
    for (question, banner), cube in cubes.items():
        if banner not in shown or question not in shown | {RESPONSE}:
            continue
        start = _filter_parts(survey, crosses, question, cube)
        kept = [wave for wave in cube.waves if (wave, question) not in closed]
        crosses[question, banner] = merged_parts(cube, cubes[RESPONSE, banner], kept, minimum, start)
    useful = {key: parts for key, parts in crosses.items() if len(parts) > 1}
    cells = withheld_tables(survey, cubes, useful, closed, shown)
    plan = Plan(frozenset(shown), frozen_mapping(useful), closed, frozen_mapping(cells))
    return weighted_by_shown(survey, plan)


def without(survey: Survey, plan: Plan, crosses: frozenset[tuple[str, str]]) -> Plan:
    """Return the public Plan without ``crosses`` and everything that rests on them."""
    kept = {key: parts for key, parts in plan.crosses.items() if key not in crosses}
    cells = {key: found for key, found in plan.cells.items() if key[1:] not in crosses}
    fewer = replace(plan, crosses=frozen_mapping(kept), cells=frozen_mapping(cells))
    return weighted_by_shown(survey, fewer)


def withheld_toplines(plan: Plan) -> frozenset[tuple[str, str, str]]:
    """Return the (wave, question, option) of the whole staff that ``plan`` withholds; option "" is all of them."""
    whole = {(wave, question, "") for wave, question in plan.withheld}
    cells = {
        (wave, question, option)
        for (wave, question, banner), found in plan.cells.items()
        for _, option in found
        if banner == TOTAL_BANNER
    }
    return frozenset(whole | cells)


def _closed(survey: Survey, cubes: Cubes, shown: set[str], minimum: int) -> set[tuple[str, str]]:
    """Return the (wave, question) with some, but too few, answers, and those routed from them."""
    closed: set[tuple[str, str]] = set()
    for question in survey.questions:
        # A question known from printed figures only has no Cube, and nothing to protect.
        cube = cubes.get((question.id, TOTAL_BANNER))
        if cube is None or question.id not in shown:
            continue
        asked, answered = cube.people()[:, 0, 0], cube.answered()[:, 0]
        for place, wave in enumerate(cube.waves):
            route = question.at(wave).route
            filtered = route.question if route else ""
            is_short = asked[place] > 0 and answered[place] < minimum
            if is_short or (wave, filtered) in closed:
                closed.add((wave, question.id))
    return closed


def _filter_parts(survey: Survey, crosses: dict, question: str, cube: Cube) -> Parts:
    """Return the parts to start from: no finer than those of any wave's filter question.

    Groups that were merged, split or moved between any two waves start as one part: it is the
    same people in every wave, and remains comparable.
    """
    single = tuple((group,) for group in cube.groups)
    ties: list[tuple[str, ...]] = list(partition(survey, cube.banner, "", survey.newest.key))
    routes = [] if question == RESPONSE else [survey.question(question).at(wave).route for wave in cube.waves]
    sources = dict.fromkeys(route.question for route in routes if route)
    for source in sources:
        ties += crosses.get((source, cube.banner), ())
    return joined(single, ties)


def merged_parts(cube: Cube, everybody: Cube, waves: list[str], minimum: int, start: Parts) -> Parts:
    """Return the finest merging of neighbouring parts with ``minimum`` answers each in all ``waves``.

    ``everybody`` counts who returned a form: a part with people in a wave needs its answers
    even where none of them was asked, for that, too, says what they answered before. A part
    with nobody in it (a department that came later) is not short.
    """
    rows = [cube.waves.index(wave) for wave in waves]
    people, answered = everybody.people()[rows, :, 0], cube.answered()[rows]
    asked = cube.people()[rows, :, 0].any(axis=1)
    place = {group: number for number, group in enumerate(cube.groups)}
    parts = [part for part in start if people[:, [place[group] for group in part]].any()]

    def is_short(part: tuple[str, ...]) -> bool:
        members = [place[group] for group in part]
        is_there = (people[:, members].sum(axis=1) > 0) & asked
        return bool(np.any(is_there & (answered[:, members].sum(axis=1) < minimum)))

    while len(parts) > 1 and any(map(is_short, parts)):
        first = next(i for i, part in enumerate(parts) if is_short(part))
        first = max(0, first - 1)
        parts[first : first + 2] = [parts[first] + parts[first + 1]]
    return tuple(parts)
