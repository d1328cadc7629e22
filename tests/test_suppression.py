"""Withheld cells: enough (judged by enumerating every table an outsider may think of) and the fewest."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations

import numpy as np
import pytest
from scipy import sparse

from pipeline.disclosure.suppression import System, Unsolved, fewest_cells, holds, width


def two_way(counts: np.ndarray, minimum_cell: int) -> System:
    rows, columns = counts.shape
    place = np.arange(counts.size).reshape(rows, columns)
    lines = np.zeros((rows + columns, counts.size))
    for line, cells in enumerate([*place, *place.T]):
        lines[line, cells] = 1
    cells = counts.ravel()
    none = np.zeros(cells.size, dtype=bool)
    is_primary = (cells > 0) & (cells < minimum_cell)
    no_limits = sparse.csr_array((0, cells.size)), np.zeros(0)
    bases = np.repeat(counts.sum(axis=1), columns)
    return System(cells, bases, sparse.csr_array(lines), is_primary, none, none, *no_limits)


def possible_tables(counts: np.ndarray) -> np.ndarray:
    """Return every table of whole numbers with the sums of ``counts``: (tables, cells)."""
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    inner = [(row, column) for row in range(len(rows) - 1) for column in range(len(columns) - 1)]
    grid = np.indices([min(rows[r], columns[c]) + 1 for r, c in inner], dtype=np.int16)
    made = np.zeros((grid[0].size, *counts.shape), dtype=np.int16)
    for place, values in zip(inner, grid, strict=True):
        made[:, *place] = values.ravel()
    made[:, :-1, -1] = rows[:-1] - made[:, :-1].sum(axis=2)
    made[:, -1] = columns - made[:, :-1].sum(axis=1)
    return made[(made >= 0).all(axis=(1, 2))].reshape(-1, counts.size)


def protects(system: System, every: np.ndarray, mask: np.ndarray, minimum_cell: int) -> bool:
    if (system.is_primary & ~mask).any():
        return False
    for line in system.lines.toarray() > 0:
        together = system.counts[line & mask].sum()
        if (
            (line & mask).sum() == 1
            or (line & mask).any()
            and together < min(minimum_cell, system.counts[line].sum())
        ):
            return False
    tables = every[((every == system.counts) | mask).all(axis=1)][:, system.is_primary]
    low, high = tables.min(axis=0), tables.max(axis=0)
    wide = np.minimum(width(minimum_cell), system.ceilings()[system.is_primary])
    return bool(((high - low >= wide) & ((low == 0) | (high >= minimum_cell))).all())


def random_tables(number: int, shape: tuple[int, int], seed: int):
    generator = np.random.default_rng(seed)
    while number:
        counts = generator.poisson(2.5, shape)
        if two_way(counts, 3).is_primary.any() and counts.sum() > 8:
            number -= 1
            yield counts


@pytest.mark.parametrize("counts", list(random_tables(12, (3, 3), 1)), ids=str)
def test_the_fewest_cells_that_protect(counts):
    system, every = two_way(counts, 3), possible_tables(counts)
    cells = np.arange(counts.size)
    subsets = chain.from_iterable(combinations(cells, size) for size in range(counts.size + 1))
    best = next((s for s in subsets if protects(system, every, np.isin(cells, s), 3)), None)
    if best is None:
        with pytest.raises(Unsolved):
            fewest_cells(system, 3)
        return
    mask = fewest_cells(system, 3)
    assert protects(system, every, mask, 3) and holds(system, mask, 3)
    assert mask.sum() == len(best)


def test_nothing_telling_nothing_withheld():
    system = two_way(np.array([[5, 6], [7, 8]]), 3)
    assert not fewest_cells(system, 3).any()


def test_the_order_of_rows_does_not_change_how_many():
    counts = next(random_tables(1, (4, 3), 5))
    masks = [fewest_cells(two_way(order, 3), 3) for order in (counts, counts[::-1])]
    assert masks[0].sum() == masks[1].sum()


def test_of_several_smallest_sets_the_one_of_the_smallest_cells():
    counts = np.array([[1, 9, 30], [8, 7, 40], [50, 60, 70]])
    assert fewest_cells(two_way(counts, 3), 3).reshape(3, 3).tolist() == [
        [True, True, False],
        [True, True, False],
        [False, False, False],
    ]


def test_a_cell_that_must_stay_and_must_go_has_no_answer():
    system = two_way(np.array([[1, 6], [7, 8]]), 3)
    with pytest.raises(Unsolved):
        fewest_cells(replace(system, is_fixed=system.is_primary), 3)


def test_a_limit_on_a_sum_takes_more_cells():
    """Everybody knows that the first two cells, 2 and 6 people, are 8 at most: shown 6, the other is 0 to 2."""
    system = two_way(np.array([[2, 6, 20], [9, 9, 20], [20, 20, 20]]), 3)
    sums = sparse.csr_array(np.array([[1, 1, 0, 0, 0, 0, 0, 0, 0]]))
    limited = replace(system, limits=sums, most=np.array([8]))
    mask = np.isin(np.arange(9), [0, 2, 3, 5])
    assert holds(system, mask, 3) and not holds(limited, mask, 3)
    assert holds(limited, fewest_cells(limited, 3), 3)
