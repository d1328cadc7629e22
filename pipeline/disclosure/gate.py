"""The cell gate of the public edition: every table of every wave, under the merged groups of the plan."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pipeline.disclosure.cells import Cells, Counted, Rule, partition_entries, rule, withheld
from pipeline.frames import Cube
from pipeline.model import ALL_GROUP, RESPONSE, TOTAL_BANNER, Question, Survey

Cubes = Mapping[tuple[str, str], Cube]
Crosses = Mapping[tuple[str, str], tuple[tuple[str, ...], ...]]
#: (wave, question, banner) → the withheld cells of that table.
Withheld = dict[tuple[str, str, str], Cells]


def withheld_tables(
    survey: Survey, cubes: Cubes, crosses: Crosses, closed: frozenset, shown: set[str]
) -> Withheld:
    """Return the withheld cells of the tables of ``shown`` questions.

    closed: the (wave, question) withheld altogether.

    The whole staff is judged first; its withheld entries are withheld in every cross as well.
    """
    found: Withheld = {}
    for question in survey.questions:
        if (question.id, TOTAL_BANNER) not in cubes or question.is_attribute or question.id not in shown:
            continue
        banners = [banner for asked, banner in crosses if asked == question.id]
        for wave in _counted_waves(survey, cubes[question.id, TOTAL_BANNER], question, closed):
            topline = _topline(survey, cubes, question, wave, found)
            for banner in banners:
                parts = crosses[question.id, banner]
                _cross(survey, cubes[question.id, banner].merged(parts), question, wave, topline, found)
    _merge_to_nets(survey, cubes, crosses, found)
    return {key: cells for key, cells in found.items() if cells}


def _counted_waves(survey: Survey, cube: Cube, question: Question, closed: frozenset) -> list[str]:
    """Return the waves with figures to judge: asked, with somebody in them, and not withheld altogether."""
    has_people = dict(zip(cube.waves, cube.people()[:, :, 0].any(axis=1), strict=True))
    return [
        wave
        for wave in cube.waves
        if has_people[wave] and survey.wave(wave).asks(question.id) and (wave, question.id) not in closed
    ]


def _rule(survey: Survey, question: Question) -> Rule:
    return rule(question, survey.parameters)


def _topline(survey: Survey, cubes: Cubes, question: Question, wave: str, found: Withheld) -> frozenset[str]:
    table = _counted(cubes[question.id, TOTAL_BANNER], question, wave)
    cells = withheld(table, _rule(survey, question), frozenset())
    found[wave, question.id, TOTAL_BANNER] = cells
    return frozenset(entry for _, entry in cells)


def _cross(
    survey, cube: Cube, question: Question, wave: str, topline: frozenset[str], found: Withheld
) -> None:
    table = _counted(cube, question, wave)
    if len(table.groups) > 1:
        cells = withheld(table, _rule(survey, question), topline)
        if _base_tells(survey, question, wave, cube.banner, found):
            cells = dict.fromkeys((name for name in table.names if name[0] != ALL_GROUP), "")
        found[wave, question.id, cube.banner] = cells


def _base_tells(survey: Survey, question: Question, wave: str, banner: str, found: Withheld) -> bool:
    """Return whether the bases of a routed question would give back withheld answers to its filter."""
    if question.route is None:
        return False
    filtered = found.get((wave, question.route.question, banner), {})
    return any(entry in question.route.options for _, entry in filtered)


def _counted(cube: Cube, question: Question, wave: str) -> Counted:
    """Return the table of one wave: the topline, then the groups with somebody in them."""
    place = cube.waves.index(wave)
    people, answered = cube.people()[place], cube.answered()[place]
    rows = np.flatnonzero(people[:, 0] > 0)
    counts = people[rows]
    bases = answered[rows] if question.base == "with_content" else counts[:, 0]
    groups = tuple(cube.groups[row] for row in rows)
    if cube.banner != TOTAL_BANNER:
        counts, bases = np.vstack([counts.sum(axis=0), counts]), np.concatenate([[bases.sum()], bases])
        groups = (ALL_GROUP, *groups)
    # What nobody of the whole staff chose is zero in every group; everybody knows that.
    entries = [e for e in partition_entries(question, wave) if counts[0, 1 + cube.entries.index(e)] > 0]
    columns = [1 + cube.entries.index(entry) for entry in entries]
    return Counted(question, groups, tuple(entries), counts[:, columns], bases)


def _merge_to_nets(survey: Survey, cubes: Cubes, crosses: Crosses, found: Withheld) -> None:
    """Show options as their net in all waves of a cross, where that alone protects it in each of them."""
    for question_id, banner in crosses:
        if question_id == RESPONSE or not survey.question(question_id).nets:
            continue
        question = survey.question(question_id)
        if question.takes_many:
            continue
        waves = [wave for wave, asked, by in found if (asked, by) == (question_id, banner)]
        if not any(found[wave, question_id, banner] for wave in waves):
            continue
        members = frozenset(option for net in question.nets for option in net.options)
        cube = cubes[question_id, banner].merged(crosses[question_id, banner])
        merged = {}
        for wave in waves:
            topline = frozenset(entry for _, entry in found[wave, question_id, TOTAL_BANNER])
            table = _counted(cube, question, wave)
            merged[wave] = withheld(table, _rule(survey, question), topline, members)
        if all({entry for _, entry in cells} <= members for cells in merged.values()):
            for wave, cells in merged.items():
                if not _base_tells(survey, question, wave, banner, found):
                    found[wave, question_id, banner] = cells
