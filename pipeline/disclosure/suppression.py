"""Which cells of a table to withhold: the fewest that protect every primary cell, proven.

The direct form of Fischetti and Salazar-González (2001, Management Science 47:1008–1027): for
every primary cell one other table that an outsider must also think possible with a higher
value, and one with a lower value. Both agree with everything shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from pipeline.quiet import quiet

#: Branch-and-bound nodes; a limit by counts, so that every machine gives the same answer.
NODE_LIMIT = 200_000


class Unsolved(Exception):
    """No set of cells protects the primary ones, or the limit was reached before it was proven the fewest."""


@dataclass(frozen=True)
class System:
    """Cells and what an outsider knows of them.

    counts: (cells,) whole numbers; bases: (cells,) people asked, of whom each count is a part; lines:
    (lines, cells) coefficients 1 and −1 of sums whose value everybody knows; (cells,) bool:
    is_primary must be withheld and stay uncertain, is_fixed stays shown whatever happens,
    is_required is withheld for another reason. limits: (limits, cells) coefficients of sums that
    everybody knows to be ``most`` (limits,) at most.
    """

    counts: np.ndarray
    bases: np.ndarray
    lines: sparse.csr_array
    is_primary: np.ndarray
    is_fixed: np.ndarray
    is_required: np.ndarray
    limits: sparse.csr_array
    most: np.ndarray

    def ceilings(self) -> np.ndarray:
        """Return the largest value each cell could have: its base or the smallest known sum it is part of, (cells,).

        A sum is known when it is a line of plain sums, or its own cell (−1) stays shown.
        """
        lines = self.lines.toarray()
        is_known = ~((lines < 0) & ~self.is_fixed).any(axis=1)
        member = lines[is_known] > 0
        totals = member @ self.counts
        known = np.where(member, totals[:, None], np.inf)
        return np.minimum(known.min(axis=0, initial=np.inf), self.bases)

    def of(self, cells: np.ndarray) -> System:
        """Return the system of some cells by themselves, without limits: those of ``cells`` (cells,) bool."""
        lines = self.lines[:, cells]
        is_there = np.diff(lines.indptr) > 0
        flags = (self.is_primary[cells], self.is_fixed[cells], self.is_required[cells])
        none = sparse.csr_array((0, int(cells.sum())))
        return System(self.counts[cells], self.bases[cells], lines[is_there], *flags, none, np.zeros(0))


def width(minimum_cell: int) -> int:
    """Return how wide the interval of a withheld primary cell must be at least, in people."""
    return max(3, minimum_cell - 1)


def fewest_cells(system: System, minimum_cell: int) -> np.ndarray:
    """Return which cells to withhold: (cells,) bool, the fewest possible.

    Every primary cell keeps an interval at least ``width`` wide that holds 0 or a value of
    ``minimum_cell`` or more; withheld cells of a line of sums add up to ``minimum_cell`` or more, and
    none is the only one of its line. Of
    several smallest sets one with the smallest cells is taken, by the sum of their ranks in size and
    order; where that is the same, the one the solver comes to, always the same for the same system.
    Raises Unsolved.
    """
    required = system.is_primary | system.is_required
    if not required.any():
        return required
    if (required & system.is_fixed).any():
        raise Unsolved("a cell that must be withheld stays shown")
    problem = _Problem.of(system, minimum_cell)
    order = np.lexsort((np.arange(len(required)), system.counts))
    rank = np.empty(len(required))
    rank[order] = np.arange(1, len(required) + 1)
    # All ranks together weigh less than one cell: they only choose among the smallest sets.
    return problem.solved(1 + rank / (rank.sum() + 1)) > 0.5


def holds(
    system: System,
    mask: np.ndarray,
    minimum_cell: int,
    floors: np.ndarray | None = None,
    ceilings: np.ndarray | None = None,
) -> bool:
    """Return whether ``mask`` protects the primary cells, also when ``floors`` and ``ceilings`` of cells are told."""
    is_primary = mask & system.is_primary
    if not is_primary.any():
        return True
    told = replace(system, is_primary=is_primary, is_fixed=~mask, is_required=mask)
    try:
        _Problem.of(told, minimum_cell, floors, ceilings).solved(np.ones(len(mask)))
    except Unsolved:
        return False
    return True


@dataclass(frozen=True)
class _Problem:
    """The mixed-integer programme: x per cell, one choice per primary cell, two tables per primary cell."""

    cells: int
    variables: int
    matrix: sparse.csr_array
    low: np.ndarray
    high: np.ndarray
    bounds: Bounds
    integrality: np.ndarray

    @classmethod
    def of(cls, system: System, minimum_cell: int, floors=None, ceilings=None) -> _Problem:
        floors = np.zeros(len(system.counts)) if floors is None else floors
        highest = system.ceilings()
        ceilings = highest if ceilings is None else ceilings
        cells, primary = len(system.counts), np.flatnonzero(system.is_primary)
        tables = 2 * len(primary)
        variables = cells + len(primary) + tables * cells
        rows = _Rows(variables)
        for place, cell in enumerate(primary):
            up = cells + len(primary) + 2 * place * cells
            down, choice = up + cells, cells + place
            for start in (up, down):
                _add_table(rows, system, start, floors, ceilings)
            # A topline of one or two people tells as much by itself; groups must not tell more.
            wide = min(width(minimum_cell), int(highest[cell]))
            _add_interval(
                rows, (up + cell, down + cell, choice), int(system.counts[cell]), minimum_cell, wide
            )
        _add_line_sums(rows, system, minimum_cell)
        low, high = np.full(variables, -np.inf), np.full(variables, np.inf)
        low[: cells + len(primary)], high[: cells + len(primary)] = 0, 1
        low[np.flatnonzero(system.is_primary | system.is_required)] = 1
        high[np.flatnonzero(system.is_fixed)] = 0
        integrality = np.zeros(variables)
        integrality[: cells + len(primary)] = 1
        return cls(cells, variables, *rows.built(), Bounds(low, high), integrality)

    def solved(self, costs: np.ndarray) -> np.ndarray:
        """Return x (cells,) of least cost."""
        objective = np.zeros(self.variables)
        objective[: self.cells] = costs
        constraints = [LinearConstraint(self.matrix, self.low, self.high)]
        options = {"node_limit": NODE_LIMIT, "mip_rel_gap": 0}
        with quiet():
            found = milp(
                objective,
                constraints=constraints,
                integrality=self.integrality,
                bounds=self.bounds,
                options=options,
            )
        if found.status != 0:
            raise Unsolved(found.message)
        return np.round(found.x[: self.cells])


class _Rows:
    """Rows of a sparse constraint matrix, gathered one by one."""

    def __init__(self, variables: int):
        self._variables = variables
        self._cells: tuple[list, list, list] = ([], [], [])
        self._low: list[float] = []
        self._high: list[float] = []

    def add(self, columns, values, low: float, high: float) -> None:
        rows, places, entries = self._cells
        rows.extend([len(self._low)] * len(columns))
        places.extend(columns)
        entries.extend(values)
        self._low.append(low)
        self._high.append(high)

    def built(self):
        rows, places, entries = self._cells
        shape = (len(self._low), self._variables)
        matrix = sparse.csr_array((np.array(entries, float), (np.array(rows), np.array(places))), shape=shape)
        return matrix, np.array(self._low), np.array(self._high)


def _add_table(rows: _Rows, system: System, start: int, floors: np.ndarray, ceilings: np.ndarray) -> None:
    """Add another possible table, as differences from the true one: zero where a cell is shown."""
    lines = system.lines
    for line in range(lines.shape[0]):
        place = slice(lines.indptr[line], lines.indptr[line + 1])
        rows.add(start + lines.indices[place], lines.data[place], 0, 0)
    limits, room = system.limits, system.most - system.limits @ system.counts
    for limit in range(limits.shape[0]):
        place = slice(limits.indptr[limit], limits.indptr[limit + 1])
        rows.add(start + limits.indices[place], limits.data[place], -np.inf, room[limit])
    for cell, (count, floor, ceiling) in enumerate(zip(system.counts, floors, ceilings, strict=True)):
        rows.add((start + cell, cell), (1, count - floor), 0, np.inf)
        rows.add((start + cell, cell), (1, count - ceiling), -np.inf, 0)


def _add_interval(
    rows: _Rows, places: tuple[int, int, int], count: int, minimum_cell: int, wide: int
) -> None:
    """Add: wide enough, and holding 0 (choice = 1) or ``minimum_cell`` (choice = 0)."""
    up, down, choice = places
    rows.add((up,), (1,), 0, np.inf)
    rows.add((down,), (1,), -np.inf, 0)
    rows.add((up, down), (1, -1), wide, np.inf)
    rows.add((down, choice), (-1, -count), 0, np.inf)
    missing = max(minimum_cell - count, 0)
    rows.add((up, choice), (1, missing), missing, np.inf)


def _add_line_sums(rows: _Rows, system: System, minimum_cell: int) -> None:
    """Add: people in the withheld cells of a line are ``minimum_cell`` or more together, and no cell is the only one.

    The only one would follow from its line, and be no cover for the cells of its other lines.
    """
    lines = system.lines
    for line in range(lines.shape[0]):
        place = slice(lines.indptr[line], lines.indptr[line + 1])
        is_member = lines.data[place] > 0
        members, sums = lines.indices[place][is_member], lines.indices[place][~is_member]
        least = min(minimum_cell, int(system.counts[members].sum()))
        columns = np.concatenate([members, sums])
        for cell in columns:
            rows.add(columns, np.where(columns == cell, -1, 1), 0, np.inf)
        for cell in members:
            counts = system.counts[members].astype(float)
            counts[members == cell] -= least
            # Where the sum itself is withheld its parts tell nothing together.
            rows.add(columns, np.concatenate([counts, np.full(len(sums), least)]), 0, np.inf)
