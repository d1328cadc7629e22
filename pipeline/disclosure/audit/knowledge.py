"""What somebody knows of unknown whole numbers: bounds, sums, and combinations that are left.

Bounds are exact: the smallest and the largest value in any whole-number solution, by
branch and bound limited by nodes, never by time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from pipeline.quiet import quiet

Name = Hashable
Terms = Mapping[Name, float]
NODE_LIMIT = 100_000
#: More combinations than these are not tried one by one.
MOST_COMBINATIONS = 200_000
#: Slack of sums with factors that are no whole numbers; far under one person.
SLACK = 1e-6
#: What milp says; the limits of nodes and errors of arithmetic are "other" to it, too.
_INFEASIBLE, _UNBOUNDED, _OTHER = 2, 3, 4
_EITHER = "unbounded or infeasible"


class Contradiction(Exception):
    """No whole numbers fit what was published: the tables disagree."""


class Undecided(Exception):
    """The limit was reached before a bound was proven."""


@dataclass
class Knowledge:
    """Unknown numbers of people by name, and everything known of them."""

    _place: dict[Name, int] = field(default_factory=dict)
    _name: list[Name] = field(default_factory=list)
    _low: list[float] = field(default_factory=list)
    _high: list[float] = field(default_factory=list)
    _sums: list[tuple[tuple[tuple[int, float], ...], float, float]] = field(default_factory=list)
    _choices: list[tuple[tuple[int, ...], np.ndarray]] = field(default_factory=list)
    _tests: list[tuple[tuple[Name, ...], Callable[..., bool]]] = field(default_factory=list)
    _told: dict[frozenset, float] = field(default_factory=dict)
    _index: tuple | None = None

    def number(self, name: Name, low: float = 0, high: float = np.inf) -> None:
        """Make ``name`` known as a whole number between ``low`` and ``high``; bounds only ever tighten."""
        place = self._place.setdefault(name, len(self._low))
        if place == len(self._low):
            self._name.append(name)
            self._low.append(0)
            self._high.append(np.inf)
        self._low[place] = max(self._low[place], np.ceil(low - SLACK))
        self._high[place] = min(self._high[place], np.floor(high + SLACK))
        if self._low[place] > self._high[place]:
            raise Contradiction(str(name))

    def __contains__(self, name: Name) -> bool:
        return name in self._place

    def sum(self, terms: Terms, low: float, high: float | None = None) -> None:
        """Make known: low ≤ Σ factor × number ≤ high (``high`` left out: equal to ``low``)."""
        high = low if high is None else high
        factors: dict[int, float] = {}
        for name, factor in terms.items():
            if name not in self._place:
                self.number(name)
            factors[self._place[name]] = factors.get(self._place[name], 0) + factor
        factors = {place: factor for place, factor in factors.items() if factor}
        if low == high:
            self._told[frozenset(factors.items())] = low
        if len(factors) == 1:
            # Known of one number: a bound, which ties it to no other.
            ((place, factor),) = factors.items()
            ends = sorted((low / factor, high / factor))
            self.number(self._name[place], *ends)
            return
        self._sums.append((tuple(factors.items()), low, high))

    def only(self, names: Sequence[Name], fits: Callable[..., bool]) -> None:
        """Make known: ``fits(*values)`` is true of the numbers. Looked at by ``settle``."""
        for name in names:
            self.number(name)
        self._tests.append((tuple(names), fits))

    def tighten(self) -> None:
        """Draw the bounds that follow from one sum at a time, until nothing follows any more."""
        waiting = list(range(len(self._sums)))
        uses = self._uses()
        while waiting:
            again: set[int] = set()
            for number in waiting:
                for place in self._tightened(*self._sums[number]):
                    again.update(other for kind, other in uses[place] if kind == 0)
            waiting = sorted(again)

    def _tightened(self, factors, low: float, high: float) -> list[int]:
        """Tighten the numbers of one sum by what is left for each; return the places that moved."""
        ends = [sorted((f * self._low[p], f * self._high[p])) for p, f in factors]
        if sum(least for least, _ in ends) > high + SLACK or sum(most for _, most in ends) < low - SLACK:
            raise Contradiction("、".join(str(self._name[place]) for place, _ in factors))
        moved = []
        for number, (place, factor) in enumerate(factors):
            if self._low[place] == self._high[place]:
                continue
            others = ends[:number] + ends[number + 1 :]
            room = (low - sum(most for _, most in others), high - sum(least for least, _ in others))
            before = self._low[place], self._high[place]
            self.number(self._name[place], *sorted(value / factor for value in room))
            if before != (self._low[place], self._high[place]):
                moved.append(place)
        return moved

    def settle(self) -> None:
        """Turn every ``only`` into the combinations that are left. Raises Undecided when there are too many."""
        self.tighten()
        tests, self._tests = self._tests, []
        for names, fits in sorted(tests, key=lambda test: len(test[0])):
            ranges = [range(int(low), int(high) + 1) for low, high in (self._finite(name) for name in names)]
            if np.prod([len(values) for values in ranges], dtype=float) > MOST_COMBINATIONS:
                raise Undecided(f"{len(names)} numbers")
            left = np.array([values for values in product(*ranges) if fits(*values)], dtype=float)
            if not len(left):
                raise Contradiction("、".join(map(str, names)))
            for column, name in enumerate(names):
                self.number(name, left[:, column].min(), left[:, column].max())
            if len(left) > 1:
                self._choices.append((tuple(self._place[name] for name in names), left))

    def _finite(self, name: Name) -> tuple[float, float]:
        low, high = self.bounds({name: 1})
        if not np.isfinite(high):
            raise Undecided(str(name))
        return low, high

    def known(self, terms: Terms) -> int | None:
        """Return Σ factor × number where it was told, or single sums tell it already, else None."""
        places = [(self._place[name], factor) for name, factor in terms.items()]
        if (told := self._told.get(frozenset(places))) is not None:
            return int(told)
        if any(self._low[place] < self._high[place] for place, _ in places):
            return None
        return int(sum(factor * self._low[place] for place, factor in places))

    def bounds(self, terms: Terms) -> tuple[float, float]:
        """Return the smallest and largest value of Σ factor × number over all whole-number solutions.

        Raises Contradiction when there is none, Undecided at the node limit.
        """
        wanted = {self._place[name]: factor for name, factor in terms.items()}
        if all(self._low[place] == self._high[place] for place in wanted):
            value = sum(factor * self._low[place] for place, factor in wanted.items())
            return value, value
        part = _Part(self, self._reach(wanted))
        return part.extreme(wanted, 1), part.extreme(wanted, -1)

    def _reach(self, places: Iterable[int]) -> tuple[set[int], list, list]:
        """Return the numbers that hang together with ``places``, with their sums and choices.

        A number everybody knows ties nothing together.
        """
        by_place = self._uses()
        seen, used, waiting = set(places), set(), list(places)
        while waiting:
            for group in by_place.get(waiting.pop(), ()):
                if group in used:
                    continue
                used.add(group)
                for place in self._members(group):
                    if place not in seen:
                        seen.add(place)
                        if self._low[place] < self._high[place]:
                            waiting.append(place)
        kinds = [sorted(number for kind, number in used if kind == wanted) for wanted in (0, 1)]
        return (
            seen,
            [self._sums[number] for number in kinds[0]],
            [self._choices[number] for number in kinds[1]],
        )

    def _members(self, group: tuple[int, int]) -> tuple[int, ...]:
        kind, number = group
        return self._choices[number][0] if kind else tuple(place for place, _ in self._sums[number][0])

    def _uses(self) -> dict[int, list[tuple[int, int]]]:
        """Return place → the sums (0, number) and choices (1, number) it is part of."""
        state = (len(self._sums), len(self._choices))
        if self._index is None or self._index[0] != state:
            by_place: dict[int, list[tuple[int, int]]] = {}
            for group in [(0, n) for n in range(state[0])] + [(1, n) for n in range(state[1])]:
                for place in self._members(group):
                    by_place.setdefault(place, []).append(group)
            self._index = (state, by_place)
        return self._index[1]


class _Part:
    """The integer programme of the numbers that hang together."""

    def __init__(self, knowledge: Knowledge, reach: tuple[set[int], list, list]):
        places, sums, choices = reach
        self._column = {place: column for column, place in enumerate(sorted(places))}
        own = len(self._column)
        size = own + sum(len(left) for _, left in choices)
        low, high = np.zeros(size), np.ones(size)
        for place, column in self._column.items():
            low[column], high[column] = knowledge._low[place], knowledge._high[place]
        self._bounds, self._size = Bounds(low, high), size
        rows: list[tuple[dict[int, float], float, float]] = []
        for factors, least, most in sums:
            rows.append(({self._column[p]: f for p, f in factors}, least - SLACK, most + SLACK))
        start = own
        for members, left in choices:
            picks = range(start, start + len(left))
            rows.append((dict.fromkeys(picks, 1.0), 1, 1))
            for column, place in enumerate(members):
                row = {pick: -value for pick, value in zip(picks, left[:, column], strict=True)}
                rows.append((row | {self._column[place]: 1.0}, 0, 0))
            start += len(left)
        self._constraints = [_constraint(rows, size)] if rows else []

    def extreme(self, wanted: Mapping[int, float], sign: int) -> float:
        objective = np.zeros(self._size)
        for place, factor in wanted.items():
            objective[self._column[place]] = sign * factor
        found = self._solved(objective)
        if found.status == _OTHER and _EITHER in found.message:
            # Which of the two, another programme without anything to maximise tells.
            found.status = _UNBOUNDED if self._solved(np.zeros(self._size)).status == 0 else found.status
        if found.status == _UNBOUNDED:
            return -sign * np.inf
        if found.status != 0:
            raise Undecided(found.message)
        return sum(factor * round(found.x[self._column[place]]) for place, factor in wanted.items())

    def _solved(self, objective: np.ndarray):
        """Return what HiGHS found, proven or not; raises Contradiction when no whole numbers fit."""
        found = self._tried(objective, presolve=True)
        if found.status == _INFEASIBLE:
            # Its presolve now and then calls a programme infeasible that is not; the search itself does not.
            found = self._tried(objective, presolve=False)
        if found.status == _INFEASIBLE:
            raise Contradiction("no whole numbers fit")
        return found

    def _tried(self, objective: np.ndarray, *, presolve: bool):
        options = {"node_limit": NODE_LIMIT, "mip_rel_gap": 0, "presolve": presolve}
        with quiet():
            return milp(
                objective,
                constraints=self._constraints,
                integrality=np.ones(self._size),
                bounds=self._bounds,
                options=options,
            )


def _constraint(rows, size: int) -> LinearConstraint:
    places = [
        (number, column, factor) for number, (row, _, _) in enumerate(rows) for column, factor in row.items()
    ]
    numbers, columns, factors = (np.array(values) for values in zip(*places, strict=True))
    matrix = sparse.csr_array((factors.astype(float), (numbers, columns)), shape=(len(rows), size))
    return LinearConstraint(matrix, np.array([row[1] for row in rows]), np.array([row[2] for row in rows]))
