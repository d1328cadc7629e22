"""One counted table → the cells of it that the public edition withholds, with a band where one is safe.

A table is one question in one wave by one banner. Its group counts stand in the rows, its
topline (the whole staff) above them; both are cells of one system, so that a withheld topline
cannot be summed from its groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from pipeline.disclosure.suppression import System, Unsolved, fewest_cells, holds
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


def rule_of(question: Question, parameters: Parameters) -> Rule:
    """Return the Rule of a question: the whole staff's figures are free unless it is sensitive."""
    sizes = parameters.minimum_cell, parameters.minimum_cell_sensitive
    return Rule(sizes[question.is_sensitive], parameters.unanimity_base, not question.is_sensitive)


def withheld_in(
    table: Counted, rule: Rule, given: frozenset[str], merged: frozenset[str] = frozenset()
) -> Cells:
    """Return the withheld cells of the groups of ``table``, and of its topline when it has no groups.

    given: entries whose topline is withheld already; merged: options shown as their net only.
    Where no set of cells protects the table, all its cells are withheld.
    """
    part = (_several if table.question.takes_many else _partition)(table, rule, given, merged)
    try:
        cells = part.solved(rule)
    except Unsolved:
        cells = dict.fromkeys(table.names, "")
    is_whole = len(table.groups) == 1
    return {name: band for name, band in cells.items() if is_whole or name[0] != ALL_GROUP}


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


def _overlaps(table: Counted, rule: Rule, place: np.ndarray) -> Iterator[tuple[dict[int, int], int, int]]:
    """Yield what a net of several answers tells beside its options: (cell → factor, people, the most they can be).

    Net less option is who chose its other options only, two options less their net who chose both;
    those of 1 to minimum_cell − 1 people, of every group, or of the topline when it has no groups.
    """
    rows = range(1, len(table.groups)) if len(table.groups) > 1 else (0,)
    if len(table.groups) == 1 and rule.is_topline_free and not table.question.is_free_text:
        return
    for net in (net for net in table.question.nets if net.id in table.entries):
        column = table.entries.index(net.id)
        members = [table.entries.index(option) for option in net.options if option in table.entries]
        differences = [{column: 1, member: -1} for member in members]
        differences += [{column: -1, **dict.fromkeys(members, 1)}] if len(members) == 2 else []
        for row in rows:
            for factors in differences:
                whole, people = (
                    sum(factor * int(table.people[at_row, at]) for at, factor in factors.items()) for at_row in (0, row)
                )
                if 0 < people < rule.minimum_cell:
                    # No group holds more of them than the whole staff, whose figures may be shown.
                    most = min(int(table.bases[row]), whole) if row else int(table.bases[row])
                    yield {int(place[row, at]): factor for at, factor in factors.items()}, people, most


@dataclass(frozen=True)
class _Part:
    """A System with the names of its cells; what follows from several cells stands behind them, without a name.

    tied: (cells,) whole numbers; of cells with the same one all bands are told or none; −1 without a name.
    """

    names: list[tuple[str, str]]
    system: System
    tied: np.ndarray

    def solved(self, rule: Rule) -> dict[tuple[str, str], str]:
        mask = self._mask(rule)
        bands = self._bands(mask, rule)
        return {self.names[cell]: bands[cell] for cell in np.flatnonzero(mask & (self.tied >= 0))}

    def _mask(self, rule: Rule) -> np.ndarray:
        system, size = self.system, rule.minimum_cell
        if not len(system.most):
            return fewest_cells(system, size)
        # Each answer of several by itself first: only few tables need more because of nets and limits.
        mask = self.tied < 0
        for number in np.unique(self.tied[~mask]):
            own = self.tied == number
            mask[own] = fewest_cells(system.of(own), size)
        if holds(system, mask, size):
            return mask
        return fewest_cells(replace(system, is_required=mask | system.is_required), size)

    def _bands(self, mask: np.ndarray, rule: Rule) -> list[str]:
        """Return a band for each withheld cell that has one, if the table stays safe with all of them told.

        Then everybody knows of the other withheld cells that they have none.
        """
        counts, bases = self.system.counts, self.system.bases
        is_large = mask & (bases >= rule.unanimity_base) & (self.tied >= 0)
        is_low, is_high = is_large & (10 * counts <= bases), is_large & (10 * counts >= 9 * bases)
        none = [""] * len(counts)
        is_banded = is_low | is_high
        if not is_banded.any():
            return none
        is_between = is_large & np.isin(self.tied, self.tied[is_banded]) & ~is_banded
        nine_tenths = -(-9 * bases // 10)
        floors = np.select([is_high, is_between], [nine_tenths, bases // 10 + 1], 0)
        ceilings = np.select([is_low, is_between], [bases // 10, nine_tenths - 1], bases)
        ceilings = np.minimum(ceilings, self.system.ceilings())
        if not holds(self.system, mask, rule.minimum_cell, floors, ceilings):
            return none
        return [
            LOW_BAND if low else HIGH_BAND if high else "" for low, high in zip(is_low, is_high, strict=True)
        ]


def _partition(table: Counted, rule: Rule, given: frozenset[str], merged: frozenset[str]) -> _Part:
    """Return the system of a single answer: rows add to their bases, columns to the topline, nets to their options."""
    place = np.arange(table.people.size).reshape(table.people.shape)
    nets = {net.id: net for net in table.question.nets}
    lines = []
    in_partition = [column for column, entry in enumerate(table.entries) if entry not in nets]
    for row in place:
        lines.append(dict.fromkeys(row[in_partition].tolist(), 1))
        for column, entry in enumerate(table.entries):
            if entry in nets:
                members = [row[table.entries.index(o)] for o in nets[entry].options if o in table.entries]
                lines.append({**dict.fromkeys(members, 1), row[column]: -1})
    flags = _flags(table, rule, given, merged)
    tied = np.zeros(table.people.size, dtype=int)
    return _part(table, lines + _topline_lines(place), [], flags, tied)


def _several(table: Counted, rule: Rule, given: frozenset[str], merged: frozenset[str]) -> _Part:
    """Return the system of several answers: columns add to the topline, and the form limits the rows."""
    place = np.arange(table.people.size).reshape(table.people.shape)
    limits = [
        limit
        for row, base in zip(place.tolist(), table.bases.tolist(), strict=True)
        for limit in _form_limits(table, dict(zip(table.entries, row, strict=True)), base)
    ]
    tied = np.tile(np.arange(len(table.entries)), len(table.groups))
    overlaps = list(_overlaps(table, rule, place))
    for cell, (factors, _, _) in enumerate(overlaps, start=place.size):
        limits += [({**factors, cell: -1}, 0), ({**{at: -factor for at, factor in factors.items()}, cell: 1}, 0)]
    told = [(people, base) for _, people, base in overlaps]
    return _part(table, _topline_lines(place), limits, _flags(table, rule, given, merged), tied, told)


def _form_limits(table: Counted, row: dict[str, int], base: int) -> Iterator[tuple[dict[int, int], int]]:
    """Yield what the form allows a group: (cell → factor, the most they can sum to)."""
    question = table.question
    silent = {cell: 1 for entry, cell in row.items() if entry in STATE_LABELS}
    options = {cell: 1 for entry, cell in row.items() if entry in {option.id for option in question.options}}
    for entry, cell in row.items():
        if entry not in STATE_LABELS:
            # Nobody who left the question blank chose anything,
            yield {cell: 1, **silent}, base
    # and who did not chose something.
    yield dict.fromkeys([*options, *silent], -1), -base
    if question.limit:
        yield options | dict.fromkeys(silent, question.limit), question.limit * base
    for net in question.nets:
        members = [row[option] for option in net.options if option in row]
        if net.id in row and members:
            yield {row[net.id]: 1, **dict.fromkeys(members, -1)}, 0
            for member in members:
                yield {member: 1, row[net.id]: -1}, 0


def _topline_lines(place: np.ndarray) -> list[dict[int, int]]:
    """Return the lines group + group + … − whole staff = 0 of every entry."""
    if len(place) == 1:
        return []
    return [{**dict.fromkeys(column[1:].tolist(), 1), int(column[0]): -1} for column in place.T]


def _flags(
    table: Counted, rule: Rule, given: frozenset[str], merged: frozenset[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return is_primary, is_fixed and is_required of a System: (cells,) bool each."""
    is_primary = primaries(table, rule)
    is_fixed, is_required = np.zeros((2, *is_primary.shape), dtype=bool)
    if len(table.groups) > 1:
        # The topline was judged before its groups: here it is given.
        is_primary[0] = [entry in given for entry in table.entries]
        is_fixed[0] = ~is_primary[0]
    is_required[1:] = [entry in merged for entry in table.entries]
    return is_primary.ravel(), is_fixed.ravel(), is_required.ravel()


def _part(
    table: Counted, lines, limits, flags, tied: np.ndarray, overlaps: Sequence[tuple[int, int]] = ()
) -> _Part:
    """overlaps: (people, base) of what follows from several cells and must stay uncertain."""
    counts = np.concatenate([table.people.ravel(), [people for people, _ in overlaps]]).astype(int)
    bases = np.repeat(table.bases, len(table.entries))
    bases = np.concatenate([bases, [base for _, base in overlaps]]).astype(int)
    more = np.zeros(len(overlaps), dtype=bool)
    is_primary, is_fixed, is_required = (np.concatenate([flag, more]) for flag in flags)
    is_primary[table.people.size :] = True
    factors, most = [factors for factors, _ in limits], np.array([most for _, most in limits])
    size = len(counts)
    system = System(
        counts, bases, _matrix(lines, size), is_primary, is_fixed, is_required, _matrix(factors, size), most
    )
    return _Part(table.names, system, np.concatenate([tied, np.full(len(overlaps), -1)]))


def _matrix(rows: list[dict[int, int]], size: int) -> sparse.csr_array:
    matrix = sparse.lil_array((len(rows), size))
    for number, row in enumerate(rows):
        for cell, factor in row.items():
            matrix[number, cell] = factor
    return sparse.csr_array(matrix)


def partition_entries(question: Question, wave: str) -> list[str]:
    """Return the entries of a table in the order of the survey file: options, states, nets."""
    options = [option.id for option in question.offered(wave)]
    states = [] if question.base == "with_content" else [NO_ANSWER, INVALID]
    nets = [net.id for net in question.nets if set(net.options) & set(options)]
    return [*options, *states, *nets]
