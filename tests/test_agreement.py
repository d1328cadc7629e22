"""Agreement of coders: textbook figures, laws, and what must not lift a coefficient."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pipeline.coding.agreement import agreement, krippendorff_alpha

#: Krippendorff's example of three coders, fifteen units, values 1-4, "*" not coded.
TEXTBOOK = (
    "* * * * * 3 4 1 2 1 1 3 3 * 3",
    "1 * 2 1 3 3 4 3 * * * * * * *",
    "* * 2 1 3 4 4 * 2 1 1 3 3 * 4",
)
CODES = {"good": ("G1", "G2", "X0"), "hard": ("H1", "X0")}


def values_of(coders) -> np.ndarray:
    rows = [[math.nan if value == "*" else float(value) for value in coder.split()] for coder in coders]
    return np.array(rows).T


def coded(question: str, *codes: str) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(question, f"{number:03}"): tuple(cell.split()) for number, cell in enumerate(codes)}


@pytest.mark.parametrize(("metric", "alpha"), [("nominal", 0.691), ("ordinal", 0.807), ("interval", 0.811)])
def test_krippendorff_textbook_example(metric, alpha):
    assert krippendorff_alpha(values_of(TEXTBOOK), metric) == pytest.approx(alpha, abs=5e-4)


def test_kappa_of_a_worked_table():
    """Cohen's formula by hand: 20 both yes, 15 both no, 5 and 10 apart give kappa 0.4."""
    first = coded("hard", *["H1"] * 25, *["X9"] * 25)
    second = coded("hard", *["H1"] * 20, *["X9"] * 5, *["H1"] * 10, *["X9"] * 15)
    found = agreement(first, second, {"hard": ("H1",)}, seed=1)
    kappa = found.kappas[0]
    assert kappa.value == pytest.approx(0.4)
    assert (kappa.answers, kappa.first, kappa.second, kappa.both) == (50, 25, 30, 20)
    assert kappa.low < 0.4 < kappa.high and kappa.high - kappa.low == pytest.approx(0.5, abs=0.1)
    assert len(found.disagreements) == 15


def test_pooled_alpha_is_alpha_of_the_binary_decisions():
    first = coded("good", "G1", "G2", "G1 G2", "X0", "G2")
    second = coded("good", "G1", "G1", "G1 G2", "G2", "G2")
    ticks = [
        [(code in one, code in two) for code in ("G1", "G2")]
        for one, two in zip(first.values(), second.values(), strict=True)
    ]
    binary = np.array(ticks, dtype=float).reshape(-1, 2)
    found = agreement(first, second, CODES, seed=1)
    assert found.alpha.value == pytest.approx(krippendorff_alpha(binary))
    assert found.alpha.answers == 5


def test_answers_nobody_read_a_theme_in_and_answers_of_one_coder_change_nothing():
    first, second = coded("good", "G1", "G2", "G1", "G2"), coded("good", "G1", "G1", "G1", "G2")
    plain = agreement(first, second, CODES, seed=1)
    empty = {("good", f"empty{n}"): ("X0",) for n in range(40)}
    alone = {("good", f"alone{n}"): ("G1",) for n in range(40)}
    undecided = {("good", f"blank{n}"): () for n in range(40)}
    more = agreement(
        {**first, **empty, **alone, **undecided}, {**second, **empty, **undecided}, CODES, seed=1
    )
    assert more.alpha == plain.alpha
    assert [repr(k) for k in more.kappas if k.code != "X0"] == [
        repr(k) for k in plain.kappas if k.code != "X0"
    ]


def test_full_agreement_is_one_and_chance_is_about_nothing():
    rng = np.random.default_rng(7)
    draws = [coded("good", *np.array(["G1", "G2"])[rng.integers(0, 2, 400)]) for _ in range(2)]
    same = agreement(draws[0], draws[0], CODES, seed=1)
    assert same.alpha.value == 1 and (same.alpha.low, same.alpha.high) == (1, 1) and same.judgement == "十分"
    apart = agreement(*draws, CODES, seed=1)
    assert abs(apart.alpha.value) < 0.12 and apart.alpha.low < 0 < apart.alpha.high
    assert apart.judgement.startswith("不十分")


def test_few_answers_are_not_judged():
    codes = ["G1", "G2"] * 15
    assert agreement(coded("good", *codes), coded("good", *codes), CODES, seed=1).judgement == "十分"
    few = coded("good", *codes[:-1])
    found = agreement(few, few, CODES, seed=1)
    assert found.alpha.value == 1 and found.judgement == "回答が30件より少ないので、判断しません"


def test_the_same_seed_gives_the_same_interval_and_no_answers_give_none():
    first, second = coded("good", *["G1", "G2"] * 30), coded("good", *["G1", "G2", "G2"] * 20)
    assert repr(agreement(first, second, CODES, seed=3)) == repr(agreement(first, second, CODES, seed=3))
    nothing = agreement({}, {}, CODES, seed=3)
    assert math.isnan(nothing.alpha.value) and nothing.judgement == "計算できません" and not nothing.disagreements
