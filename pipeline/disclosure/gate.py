"""The cell gate of the public edition: every table of every wave, under the merged groups of the plan."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pipeline.disclosure.cells import Cells, Counted, Rule, partition_entries, rule_of, withheld_in
from pipeline.frames import Cube
from pipeline.model import ALL_GROUP, TOTAL_BANNER, Question, Survey

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
    # A filter stands before the questions it leads to.
    for question in survey.questions:
        if (question.id, TOTAL_BANNER) not in cubes or question.is_attribute or question.id not in shown:
            continue
        waves = _counted_waves(survey, cubes[question.id, TOTAL_BANNER], question, closed)
        _judge(survey, question, waves, cubes[question.id, TOTAL_BANNER], found)
        for banner in (banner for asked, banner in crosses if asked == question.id):
            cube = cubes[question.id, banner].merged(crosses[question.id, banner])
            _judge(survey, question, waves, cube, found)
    return {key: cells for key, cells in found.items() if cells}


def _counted_waves(survey: Survey, cube: Cube, question: Question, closed: frozenset) -> list[str]:
    """Return the waves with figures to judge: asked, with somebody in them, and not withheld altogether."""
    has_people = dict(zip(cube.waves, cube.people()[:, :, 0].any(axis=1), strict=True))
    return [
        wave
        for wave in cube.waves
        if has_people[wave] and survey.wave(wave).asks(question.id) and (wave, question.id) not in closed
    ]


def _judge(survey: Survey, question: Question, waves: list[str], cube: Cube, found: Withheld) -> None:
    """Add the withheld cells of the tables of one question and banner to ``found``."""
    tables = {wave: _counted(cube, question.at(wave), wave) for wave in waves}
    if cube.banner != TOTAL_BANNER:
        tables = {wave: table for wave, table in tables.items() if len(table.groups) > 1}
    rule = rule_of(question, survey.parameters)
    given = {
        wave: frozenset(entry for _, entry in found.get((wave, question.id, TOTAL_BANNER), ()))
        for wave in tables
    }
    cells = {wave: withheld_in(table, rule, given[wave]) for wave, table in tables.items()}
    if cube.banner != TOTAL_BANNER and question.nets and not question.takes_many and any(cells.values()):
        cells = _merged_to_nets(rule, tables, given) or cells
    for wave, table in tables.items():
        if _base_tells(table.question, wave, cube.banner, found):
            cells[wave] = {name: "" for name in table.names if name[0] != ALL_GROUP or len(table.groups) == 1}
        found[wave, question.id, cube.banner] = cells[wave]


def _merged_to_nets(
    rule: Rule, tables: Mapping[str, Counted], given: Mapping[str, frozenset[str]]
) -> dict[str, Cells]:
    """Return the cells with options shown as their net in all waves; {} where that alone does not protect each of them."""
    merged = {}
    for wave, table in tables.items():
        members = frozenset(option for net in table.question.nets for option in net.options)
        merged[wave] = withheld_in(table, rule, given[wave], members)
        if not {entry for _, entry in merged[wave]} <= members:
            return {}
    return merged


def _base_tells(question: Question, wave: str, banner: str, found: Withheld) -> bool:
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
