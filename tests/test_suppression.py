"""Withheld cells: enough (judged by enumerating every table an outsider may think of) and the fewest."""

from __future__ import annotations

from itertools import chain, combinations, product

import numpy as np
import pytest
from scipy import sparse

from pipeline.disclosure.suppression import System, Unsolved, width, withheld_cells


def two_way(counts: np.ndarray, minimum_cell: int) -> System:
    rows, columns = counts.shape
    place = np.arange(counts.size).reshape(rows, columns)
    lines = np.zeros((rows + columns, counts.size))
    for row in range(rows):
        lines[row, place[row]] = 1
    for column in range(columns):
        lines[rows + column, place[:, column]] = 1
    cells = counts.ravel()
    none = np.zeros(cells.size, dtype=bool)
    return System(cells, sparse.csr_array(lines), (cells > 0) & (cells < minimum_cell), none, none)


def possible_tables(system: System, mask: np.ndarray) -> np.ndarray:
    """Return every table of whole numbers that agrees with what is shown: (tables, cells)."""
    open_cells = np.flatnonzero(mask)
    known = system.lines @ system.counts
    lines = system.lines.toarray()
    ceilings = system.ceilings().astype(int)
    found = []
    for values in product(*(range(ceilings[cell] + 1) for cell in open_cells)):
        table = system.counts.copy()
        table[open_cells] = values
        if (lines @ table == known).all():
            found.append(table)
    return np.array(found)


def protects(system: System, mask: np.ndarray, minimum_cell: int) -> bool:
    if (system.is_primary & ~mask).any():
        return False
    tables = possible_tables(system, mask)
    ceilings = system.ceilings()
    for cell in np.flatnonzero(system.is_primary):
        low, high = tables[:, cell].min(), tables[:, cell].max()
        if high - low < min(width(minimum_cell), ceilings[cell]) or (low > 0 and high < minimum_cell):
            return False
    for line in system.lines.toarray():
        members = (line > 0) & mask
        if members.any() and system.counts[members].sum() < min(minimum_cell, system.counts[line > 0].sum()):
            return False
    return True


def tables(number: int, shape: tuple[int, int], seed: int):
    generator = np.random.default_rng(seed)
    while number:
        counts = generator.poisson(2.5, shape)
        if two_way(counts, 3).is_primary.any() and counts.sum() > 8:
            number -= 1
            yield counts


@pytest.mark.parametrize("counts", list(tables(12, (3, 3), 1)), ids=str)
def test_the_fewest_cells_that_protect(counts):
    system = two_way(counts, 3)
    cells = np.arange(counts.size)
    subsets = chain.from_iterable(combinations(cells, size) for size in range(counts.size + 1))
    best = next((s for s in subsets if protects(system, np.isin(cells, s), 3)), None)
    if best is None:
        with pytest.raises(Unsolved):
            withheld_cells(system, 3)
        return
    mask = withheld_cells(system, 3)
    assert protects(system, mask, 3)
    assert mask.sum() == len(best)


def test_nothing_telling_nothing_withheld():
    system = two_way(np.array([[5, 6], [7, 8]]), 3)
    assert not withheld_cells(system, 3).any()


def test_the_order_of_rows_does_not_choose_other_people():
    counts = next(tables(1, (4, 3), 5))
    mask = withheld_cells(two_way(counts, 3), 3).reshape(counts.shape)
    again = withheld_cells(two_way(counts, 3), 3).reshape(counts.shape)
    assert (mask == again).all()
    turned = withheld_cells(two_way(counts[::-1], 3), 3).reshape(counts.shape)[::-1]
    assert turned.sum() == mask.sum()


def test_a_cell_that_must_stay_and_must_go_has_no_answer():
    system = two_way(np.array([[1, 6], [7, 8]]), 3)
    fixed = System(system.counts, system.lines, system.is_primary, system.is_primary, system.is_required)
    with pytest.raises(Unsolved):
        withheld_cells(fixed, 3)


def test_solving_time_at_the_size_of_a_city():
    """Printed, not judged: the machines differ. 14 departments × 5 answers."""
    generator = np.random.default_rng(3)
    counts = np.array(
        [generator.multinomial(n, [0.35, 0.3, 0.2, 0.1, 0.05]) for n in generator.integers(10, 60, 14)]
    )
    system = two_way(counts, 3)
    assert (withheld_cells(system, 3) >= system.is_primary).all()
