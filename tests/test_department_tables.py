"""Departments by answers: what the gate leaves shown tells an outsider nothing about few people."""

from __future__ import annotations

import numpy as np
import pytest

from tests.department_tables import SHAPES, attacked, gated, question, random_counts

TABLES = 200


def _passes(shape: tuple[int, int], seed: int) -> int:
    asked, counts = question(shape[1]), random_counts(shape, seed)
    cells = gated(asked, counts)
    assert attacked({("2025", asked): (counts, cells)}) == [], (shape, seed)
    return len(cells)


@pytest.mark.parametrize(("shape", "seed"), [(SHAPES[0], 0), (SHAPES[0], 3), (SHAPES[0], 6), (SHAPES[1], 1)])
def test_what_is_shown_passes_the_attacker(shape, seed):
    assert _passes(shape, seed)


def test_without_the_gate_it_does_not():
    asked, counts = question(3), random_counts(SHAPES[0], 0)
    assert ((counts > 0) & (counts < 3)).any()
    assert attacked({("2025", asked): (counts, {})})


@pytest.mark.slow
def test_two_hundred_random_tables_pass():
    found = [_passes(SHAPES[seed % len(SHAPES)], seed) for seed in range(TABLES)]
    assert np.count_nonzero(found) > TABLES / 2
