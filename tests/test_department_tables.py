"""Departments by answers: what the gate leaves shown tells an outsider nothing about few people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.disclosure.cells import Counted
from pipeline.model import Net, Option, Question
from tests.department_tables import SHAPES, attacked, counted, gated, question, random_counts, several

TABLES = 200


def _passes(table, seed) -> int:
    cells = gated(table)
    assert attacked({"2025": [(table, cells)]}) == [], (table.people.shape, seed)
    return len(cells)


def _single(shape: tuple[int, int], seed: int):
    return counted(question(shape[1]), random_counts(shape, seed))


def _sensitive(table: Counted) -> Counted:
    return replace(table, question=replace(table.question, is_sensitive=True))


@pytest.mark.parametrize(("shape", "seed"), [(SHAPES[0], 0), (SHAPES[0], 3), (SHAPES[0], 6), (SHAPES[1], 1)])
def test_what_is_shown_passes_the_attacker(shape, seed):
    assert _passes(_single(shape, seed), seed)


def test_without_the_gate_it_does_not():
    table = _single(SHAPES[0], 0)
    assert ((table.people > 0) & (table.people < 3)).any()
    assert attacked({"2025": [(table, {})]})


def test_an_option_is_not_what_its_net_leaves_of_the_other():
    """x is 2 people of the first department, y 10, and 12 chose one of both."""
    options = tuple(Option(name, name) for name in "xyz")
    asked = Question("q", "q", "multiple", options=options, nets=(Net("net", "net", ("x", "y")),))
    people = [[17, 39, 90, 55], [2, 10, 30, 12], [8, 15, 30, 22], [7, 14, 30, 21]]
    groups, bases = ("all", "d0", "d1", "d2"), np.array([120, 40, 40, 40])
    assert _passes(Counted(asked, groups, ("x", "y", "z", "net"), np.array(people), bases), "net")


def test_several_answers_with_a_net_pass_the_attacker():
    """An option is not given back by its net and the other option, nor by what the form allows."""
    found = [_passes(several(seed), seed) for seed in range(12)]
    assert np.count_nonzero(found) > 6


@pytest.mark.parametrize("seed", [10, 15, 30])
def test_sensitive_questions_pass_with_their_whole_staff(seed):
    """Cells that follow from their column hide nothing in their row."""
    assert _passes(_sensitive(_single(((3, 4), (5, 4), (4, 4))[seed % 3], seed)), seed)
    assert _passes(_sensitive(several(seed)), seed)


def test_a_table_that_presolve_calls_impossible_is_no_contradiction():
    table = _sensitive(several(174))
    assert attacked({"2025": [(table, gated(table))]}) == []


def test_who_chose_both_is_not_two_options_less_their_net():
    """9 of the first department chose x, 8 y, and 16 one of both: one person chose both."""
    options = tuple(Option(name, name) for name in "xyz")
    asked = Question("q", "q", "multiple", options=options, nets=(Net("net", "net", ("x", "y")),), is_sensitive=True)
    people = [[25, 23, 60, 41], [9, 8, 30, 16], [16, 15, 30, 25]]
    table = Counted(asked, ("all", "d0", "d1"), ("x", "y", "z", "net"), np.array(people), np.array([101, 46, 55]))
    assert ("d0", "net") in {cell.place[3:] for cell in attacked({"2025": [(table, {})]})}
    assert _passes(table, "both")


@pytest.mark.parametrize("kind", ["single", "multiple"])
def test_other_answers_of_one_person_are_not_subtracted_from_the_whole_staff(kind):
    options = (*(Option(name, name) for name in "xyz"), Option("other", "その他", is_other=True))
    table = Counted(
        Question("q", "q", kind, options=options),
        ("all",),
        ("x", "y", "z", "other"),
        np.array([[20, 15, 7, 1]]),
        np.array([43]),
    )
    cells = gated(table)
    assert ("all", "other") in cells and len(cells) == (2 if kind == "single" else 1)
    assert attacked({"2025": [(table, cells)]}) == []
    assert bool(attacked({"2025": [(table, {("all", "other"): ""})]})) == (kind == "single")


@pytest.mark.slow
def test_two_hundred_random_tables_pass():
    found = [_passes(_single(SHAPES[seed % len(SHAPES)], seed), seed) for seed in range(TABLES)]
    assert np.count_nonzero(found) > TABLES / 2
    found = [_passes(several(seed), seed) for seed in range(TABLES)]
    sensitive = (_sensitive(several(seed)) for seed in range(TABLES))
    refused = [table for table in sensitive if attacked({"2025": [(table, gated(table))]})]
    assert len(refused) <= TABLES / 100
    assert np.count_nonzero(found) > TABLES / 2
