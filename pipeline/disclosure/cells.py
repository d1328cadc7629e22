"""One counted table → the cells of it that the public edition withholds, with a band where one is safe.

A table is one question in one wave by one banner. Its group counts stand in the rows, its
topline (the whole staff) above them; both are cells of one system, so that a withheld topline
cannot be summed from its groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from pipeline.disclosure.suppression import System, Unsolved, holds, withheld_cells
from pipeline.model import (
    ALL_GROUP,
    HIGH_BAND,
    INVALID,
    LOW_BAND,
    NO_ANSWER,
    STATE_LABELS,
    Parameters,
    Question,
)

#: (group, option) → band ("10%以下", "90%以上") or "".
Cells = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Counted:
    """The counts of one table, the topline first.

    groups: ``all``, then the groups; entries: options, states and nets with somebody in them;
    people: (groups, entries); bases: (groups,).
    """

    question: Question
    groups: tuple[str, ...]
    entries: tuple[str, ...]
    people: np.ndarray
    bases: np.ndarray

    @property
    def names(self) -> list[tuple[str, str]]:
        return [(group, entry) for group in self.groups for entry in self.entries]


@dataclass(frozen=True)
class Rule:
    """The parameters of the gate: cells of 1 to ``minimum_cell`` − 1 people are primary.

    Bases under ``unanimity_base`` show no 0 %, no 100 % and no all-but-one.
    """

    minimum_cell: int
    unanimity_base: int
    is_topline_free: bool


def rule(question: Question, parameters: Parameters) -> Rule:
    """Return the Rule of a question: the whole staff's figures are free unless it is sensitive."""
    sizes = parameters.minimum_cell, parameters.minimum_cell_sensitive
    return Rule(sizes[question.is_sensitive], parameters.unanimity_base, not question.is_sensitive)


def withheld(
    table: Counted, rule: Rule, given: frozenset[str], merged: frozenset[str] = frozenset()
) -> Cells:
    """Return the withheld cells of the groups of ``table``, and of its topline when it has no groups.

    given: entries whose topline is withheld already; merged: options shown as their net only.
    Where no set of cells protects the table, all its cells are withheld.
    """
    if table.question.takes_many:
        parts = [_one_of_many(table, rule, entry, given) for entry in table.entries]
    else:
        parts = [_partition(table, rule, given, merged)]
    cells: dict[tuple[str, str], str] = {}
    for part in parts:
        try:
            cells |= part.solved(rule)
        except Unsolved:
            return {name: "" for name in table.names if name[0] != ALL_GROUP or len(table.groups) == 1}
    wanted = {name for name in table.names if name[0] != ALL_GROUP or len(table.groups) == 1}
    return {name: cells[name] for name in table.names if name in cells and name in wanted}


def primaries(table: Counted, rule: Rule) -> np.ndarray:
    """Return which cells are too telling by themselves: (groups, entries) bool.

    1 to minimum_cell − 1 people, or as few who did not choose it where a person may choose
    several; and with a base under 30 nobody, everybody and all but one. Of the topline only
    a sensitive question's cells, その他 and themes of one or two people.
    """
    people, bases = table.people, table.bases[:, None]
    found = (people > 0) & (people < rule.minimum_cell)
    rest = bases - people
    if table.question.takes_many:
        found |= (rest > 0) & (rest < rule.minimum_cell)
    # That nobody left a question blank tells nothing about anybody.
    is_answer = np.array([entry not in STATE_LABELS for entry in table.entries])
    found |= (bases < rule.unanimity_base) & ((rest <= 1) | ((people == 0) & is_answer))
    if rule.is_topline_free:
        others = {option.id for option in table.question.options if option.is_other}
        small = np.array([table.question.is_free_text or entry in others for entry in table.entries])
        found[0] = small & (people[0] > 0) & (people[0] < rule.minimum_cell)
    return found


@dataclass(frozen=True)
class _Part:
    """A System with the names of its cells; cells without a name are the people who did not choose."""

    names: list[tuple[str, str] | None]
    system: System
    bases: np.ndarray

    def solved(self, rule: Rule) -> dict[tuple[str, str], str]:
        mask = withheld_cells(self.system, rule.minimum_cell)
        bands = self._bands(mask, rule)
        return {name: bands[cell] for cell, name in enumerate(self.names) if name and mask[cell]}

    def _bands(self, mask: np.ndarray, rule: Rule) -> list[str]:
        """Return a band for each withheld cell that has one, if the table stays safe with all of them told."""
        counts = self.system.counts
        is_low = mask & (10 * counts <= self.bases) & (self.bases >= rule.unanimity_base)
        is_high = mask & (10 * counts >= 9 * self.bases) & (self.bases >= rule.unanimity_base)
        named = np.array([name is not None for name in self.names])
        is_low, is_high = is_low & named, is_high & named
        none = [""] * len(counts)
        if not (is_low | is_high).any():
            return none
        floors = np.where(is_high, -(-9 * self.bases // 10), 0)
        ceilings = np.where(is_low, self.bases // 10, self.system.ceilings())
        if not holds(self.system, mask, rule.minimum_cell, floors, ceilings):
            return none
        return [
            LOW_BAND if low else HIGH_BAND if high else "" for low, high in zip(is_low, is_high, strict=True)
        ]


def _partition(table: Counted, rule: Rule, given: frozenset[str], merged: frozenset[str]) -> _Part:
    """Return the system of a single answer: rows add to their bases, columns to the topline, nets to their options."""
    size, width = len(table.groups), len(table.entries)
    place = np.arange(size * width).reshape(size, width)
    nets = {net.id: net for net in table.question.nets}
    lines = []
    in_partition = [column for column, entry in enumerate(table.entries) if entry not in nets]
    for row in range(size):
        lines.append({place[row, column]: 1 for column in in_partition})
        for column, entry in enumerate(table.entries):
            if entry in nets:
                members = [
                    place[row, table.entries.index(o)] for o in nets[entry].options if o in table.entries
                ]
                lines.append({**dict.fromkeys(members, 1), place[row, column]: -1})
    lines += _topline_lines(place)
    return _part(table, rule, given, merged, table.names, lines, place)


def _one_of_many(table: Counted, rule: Rule, entry: str, given: frozenset[str]) -> _Part:
    """Return the system of one entry of several answers: who chose it and who did not, by group."""
    column = table.entries.index(entry)
    one = Counted(
        table.question,
        table.groups,
        (entry,),
        table.people[:, [column]],
        table.bases,
    )
    size = len(table.groups)
    place = np.arange(size).reshape(size, 1)
    lines = [{row: 1, size + row: 1} for row in range(size)] + _topline_lines(place)
    names = [*one.names, *[None] * size]
    return _part(one, rule, given, frozenset(), names, lines, place)


def _topline_lines(place: np.ndarray) -> list[dict[int, int]]:
    """Return the lines group + group + … − whole staff = 0 of every entry."""
    if len(place) == 1:
        return []
    return [{**dict.fromkeys(column[1:].tolist(), 1), int(column[0]): -1} for column in place.T]


def _part(table, rule, given, merged, names, lines, place) -> _Part:
    counts = table.people.ravel().astype(int)
    is_primary = primaries(table, rule)
    bases = np.repeat(table.bases, len(table.entries)).astype(int)
    is_fixed = np.zeros(place.shape, dtype=bool)
    if len(table.groups) > 1:
        # The topline was judged before its groups: here it is given.
        is_primary[0] = [entry in given for entry in table.entries]
        is_fixed[0] = ~is_primary[0]
    is_required = np.zeros(place.shape, dtype=bool)
    is_required[1:] = [entry in merged for entry in table.entries]
    if len(names) > len(counts):
        counts = np.concatenate([counts, table.bases - table.people[:, 0]]).astype(int)
        bases = np.concatenate([bases, table.bases]).astype(int)
        is_primary = np.concatenate([is_primary.ravel(), np.zeros(len(table.groups), dtype=bool)])
        is_fixed = np.concatenate([is_fixed.ravel(), is_fixed.ravel()])
        is_required = np.zeros(len(counts), dtype=bool)
    matrix = sparse.lil_array((len(lines), len(counts)))
    for number, line in enumerate(lines):
        for cell, value in line.items():
            matrix[number, cell] = value
    flags = (is_primary.ravel(), is_fixed.ravel(), is_required.ravel())
    return _Part(names, System(counts, sparse.csr_array(matrix), *flags), bases)


def partition_entries(question: Question, wave: str) -> list[str]:
    """Return the entries of a table in the order of the survey file: options, states, nets."""
    options = [option.id for option in question.offered(wave)]
    states = [] if question.base == "with_content" else [NO_ANSWER, INVALID]
    nets = [net.id for net in question.nets if set(net.options) & set(options)]
    return [*options, *states, *nets]
