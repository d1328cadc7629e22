"""How far two people who coded the same answers agree, with intervals over answers.

Krippendorff, Content Analysis (2018), ch. 12: α from the coincidences of values. Cohen, Educational and
Psychological Measurement 20 (1960) 37–46: κ of two coders. The same numbers between machine and people
are computed the same way and never called agreement of coders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

#: Resamples of the bootstrap; percentile intervals at 95 %.
DRAWS = 2000
_TAILS = (0.025, 0.975)
#: The code of answers without content, and the usual lines of judgement for α.
_NO_CONTENT = "X0"
GOOD_ALPHA, TENTATIVE_ALPHA = 0.80, 0.67
#: Fewer answers say nothing about two people: three of three are an α of 1.
FEWEST_JUDGED = 30

#: (question, key) → codes of one coder.
Coded = Mapping[tuple[str, str], tuple[str, ...]]


@dataclass(frozen=True)
class Coefficient:
    """One coefficient with its 95 % interval (NaN where it is not defined) and the answers it rests on."""

    name: str
    question: str
    code: str
    value: float
    low: float
    high: float
    answers: int
    first: int
    second: int
    both: int


@dataclass(frozen=True)
class Agreement:
    """Pooled α, κ per theme, and the answers the two coders coded differently."""

    alpha: Coefficient
    kappas: tuple[Coefficient, ...]
    disagreements: tuple[tuple[str, str], ...]

    @property
    def judgement(self) -> str:
        """What the usual lines say of α; of few answers, or where it is not defined, that nothing can be said."""
        value = self.alpha.value
        if np.isnan(value):
            return "計算できません"
        if self.alpha.answers < FEWEST_JUDGED:
            return f"回答が{FEWEST_JUDGED}件より少ないので、判断しません"
        if value >= GOOD_ALPHA:
            return "十分"
        return (
            "暫定的な結論なら可"
            if value >= TENTATIVE_ALPHA
            else "不十分（主題の定義を話し合ってから、分類し直してください）"
        )


def krippendorff_alpha(values: np.ndarray, metric: str = "nominal") -> float:
    """Return α of ``values`` (units, coders), NaN = not coded; ``metric``: nominal, ordinal or interval.

    Units with fewer than two values say nothing and are left out. NaN when all values are the same.
    """
    codes = np.unique(values[~np.isnan(values)])
    counts = np.stack([(values == code).sum(axis=1) for code in codes], axis=1)
    counts = counts[counts.sum(axis=1) >= 2].astype(float)
    size = counts.sum(axis=1)
    # Coincidences o_ck: pairs of values within a unit, each unit weighing as many values as it has.
    pairs = np.einsum("uc,uk,u->ck", counts, counts, 1 / (size - 1))
    pairs -= np.diag((counts / (size - 1)[:, None]).sum(axis=0))
    totals = counts.sum(axis=0)
    distance = _distances(codes, totals, metric)
    expected = totals @ distance @ totals / (totals.sum() - 1)
    return float(1 - (pairs * distance).sum() / expected) if expected else float("nan")


def _distances(codes: np.ndarray, totals: np.ndarray, metric: str) -> np.ndarray:
    """Return the squared distance between any two values: (values, values)."""
    if metric == "nominal":
        return 1.0 - np.eye(len(codes))
    if metric == "interval":
        return (codes[:, None] - codes[None, :]) ** 2
    if metric == "ordinal":
        # Between two ranks lie the values of all ranks from one to the other, the ends by half.
        middle = np.cumsum(totals) - totals / 2
        return (middle[:, None] - middle[None, :]) ** 2
    raise ValueError(metric)


def agreement(first: Coded, second: Coded, codes: Mapping[str, Sequence[str]], seed: int) -> Agreement:
    """Return the agreement over the answers both coders coded; ``codes``: question → its codes.

    Answers both call without content are left out of the themes: they agree on every theme without
    anybody having read one, and would lift every coefficient. X0 itself is judged over all answers.
    """
    shared = sorted(set(first) & set(second))
    shared = [place for place in shared if place[0] in codes and first[place] and second[place]]
    ones = [_ticks(first, shared, codes[question], question) for question in codes]
    twos = [_ticks(second, shared, codes[question], question) for question in codes]
    kappas, sums = [], []
    for (question, names), one, two in zip(codes.items(), ones, twos, strict=True):
        no_content = np.array([name == _NO_CONTENT for name in names])
        has_content = ~(one[:, no_content].any(axis=1) & two[:, no_content].any(axis=1))
        for rows, columns in ((has_content, ~no_content), (np.ones(len(one), bool), no_content)):
            kept = [name for name, is_kept in zip(names, columns, strict=True) if is_kept]
            kappas += _kappas(question, kept, one[np.ix_(rows, columns)], two[np.ix_(rows, columns)], seed)
        sums.append(_sums(one[np.ix_(has_content, ~no_content)], two[np.ix_(has_content, ~no_content)]))
    different = tuple(place for place in shared if set(first[place]) != set(second[place]))
    return Agreement(
        _pooled(np.concatenate(sums) if sums else np.zeros((0, 4)), seed), tuple(kappas), different
    )


def _ticks(coded: Coded, places: list[tuple[str, str]], names: Sequence[str], question: str) -> np.ndarray:
    """Return which codes each answer to ``question`` has: (answers, codes) of bool."""
    rows = [[name in coded[place] for name in names] for place in places if place[0] == question]
    return np.array(rows, dtype=bool).reshape(-1, len(names))


def _sums(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Return per answer: decisions, ticks of the first, ticks of the second, disagreements: (answers, 4)."""
    decisions = np.full(len(one), one.shape[1])
    return np.stack([decisions, one.sum(axis=1), two.sum(axis=1), (one != two).sum(axis=1)], axis=1).astype(
        float
    )


def _pooled(sums: np.ndarray, seed: int) -> Coefficient:
    """Return α of all decisions (answer × theme) as one binary variable of two coders."""

    def alpha(totals: np.ndarray) -> np.ndarray:
        units, one, two, different = np.moveaxis(totals, -1, 0)
        values, ticks = 2 * units, one + two
        with np.errstate(divide="ignore", invalid="ignore"):
            expected = 2 * ticks * (values - ticks) / (values * (values - 1))
            return np.where(expected > 0, 1 - different / units / expected, np.nan)

    answers = len(sums)
    totals = sums.sum(axis=0)
    drawn = alpha(_resamples(answers, seed) @ sums) if answers else np.array([np.nan])
    both = (totals[1] + totals[2] - totals[3]) / 2
    low, high = _interval(drawn)
    counts = (answers, int(totals[1]), int(totals[2]), int(both))
    return Coefficient("α", "", "", float(alpha(totals)), low, high, *counts)


def _kappas(
    question: str, names: list[str], one: np.ndarray, two: np.ndarray, seed: int
) -> list[Coefficient]:
    """Return Cohen's κ of each code over the answers (rows of ``one`` and ``two``)."""
    answers = len(one)

    def kappa(both: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            observed = (answers - first - second + 2 * both) / answers
            chance = (first * second + (answers - first) * (answers - second)) / answers**2
            return np.where(chance < 1, (observed - chance) / (1 - chance), np.nan)

    ticks = [(one & two).astype(float), one.astype(float), two.astype(float)]
    totals = [tick.sum(axis=0) for tick in ticks]
    values = kappa(*totals)
    weights = _resamples(answers, seed) if answers else np.zeros((1, 0))
    drawn = kappa(*(weights @ tick for tick in ticks))
    found = []
    for place, name in enumerate(names):
        low, high = _interval(drawn[:, place])
        both, first, second = (int(total[place]) for total in totals)
        value = float(values[place])
        found.append(Coefficient("κ", question, name, value, low, high, answers, first, second, both))
    return found


def _resamples(answers: int, seed: int) -> np.ndarray:
    """Return how often each answer is drawn in each resample: (DRAWS, answers)."""
    return (
        np.random.default_rng(seed)
        .multinomial(answers, np.full(answers, 1 / answers), size=DRAWS)
        .astype(float)
    )


def _interval(drawn: np.ndarray) -> tuple[float, float]:
    """Return the percentile interval; resamples without a value are left out, NaN when most are."""
    known = drawn[~np.isnan(drawn)]
    if len(known) * 2 <= len(drawn):
        return float("nan"), float("nan")
    low, high = np.quantile(known, _TAILS)
    return float(low), float(high)
