"""Weights that make answers stand for the roster, and what they do to the error of a share.

Counts of cells in, arrays out. A cell is a set of respondents with one weight; the arrays ``people``,
``asked`` and ``chosen`` (k,) count who returned a form, who of them is in the base of the share
and who of those chose the item.

References: Cochran 1977, Sampling Techniques, ch. 5 and 5A (stratified, post-stratified); Deming
and Stephan 1940 (Annals of Mathematical Statistics 11:427–444) for raking; Deville, Särndal and
Sautory 1993 (JASA 88:1013–1020) for its variance by residuals; Kish 1965, Survey Sampling, 11.7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

#: Raking ends after this many sweeps at the latest, by count so that it ends alike everywhere.
MOST_SWEEPS = 1000
CLOSE_ENOUGH = 1e-12


@dataclass(frozen=True)
class Cells:
    """Counts of people in k cells: returned a form, in the base, chose the item. Each (k,)."""

    people: np.ndarray
    asked: np.ndarray
    chosen: np.ndarray

    def taken(self, places: Sequence[Sequence[int]]) -> Cells:
        """Return the cells with each list of ``places`` summed into one."""
        return Cells(*(np.array([counts[list(p)].sum() for p in places], float) for counts in self._all()))

    def _all(self) -> tuple[np.ndarray, ...]:
        return self.people, self.asked, self.chosen


def collapsed(people: np.ndarray, headcounts: np.ndarray, least: int = 2) -> list[list[int]]:
    """Return the strata to count as one, as lists of places: none has fewer than ``least`` answers.

    A stratum that falls short joins the next one, the last one the one before it. A stratum
    with neither people nor answers is left out.
    """
    parts = [[place] for place in range(len(people)) if people[place] > 0 or headcounts[place] > 0]

    def is_short(part: list[int]) -> bool:
        return people[part].sum() < least or headcounts[part].sum() <= 0

    while len(parts) > 1 and any(map(is_short, parts)):
        first = next(place for place, part in enumerate(parts) if is_short(part))
        first = min(first, len(parts) - 2)
        parts[first : first + 2] = [parts[first] + parts[first + 1]]
    return parts


def trimmed(weights: np.ndarray, people: np.ndarray, limit: float) -> np.ndarray:
    """Return the weights cut to ``limit`` times the average one, the total kept by raising the others.

    limit 0 returns them as they are. Raising may bring others to the limit, so it is done until
    none is above it.
    """
    if not limit:
        return weights
    total, is_cut = (weights * people).sum(), np.zeros(len(weights), dtype=bool)
    most = limit * total / people.sum()
    result = weights
    for _ in range(len(weights)):
        above = ~is_cut & (result > most)
        if not above.any():
            break
        is_cut |= above
        rest = (weights * people)[~is_cut].sum()
        scale = (total - most * people[is_cut].sum()) / rest if rest else 1.0
        result = np.where(is_cut, most, weights * scale)
    return result


@dataclass(frozen=True)
class Raked:
    """Weights (k,) of the cells, the sweeps it took, and the largest distance from a margin in people."""

    weights: np.ndarray
    sweeps: int
    gap: float


def rake(
    people: np.ndarray, start: np.ndarray, codes: Sequence[np.ndarray], targets: Sequence[np.ndarray]
) -> Raked:
    """Return weights by iterative proportional fitting to every margin in turn.

    people, start: (k,) answers and first weights of the cells; codes: per margin the group of each
    cell; targets: per margin the headcounts of its groups, all of one sum. Every group of a
    margin must have answers.
    """
    weights, gap, sweeps = start.astype(float), np.inf, 0
    total = targets[0].sum()
    while sweeps < MOST_SWEEPS and gap > CLOSE_ENOUGH * total:
        for code, target in zip(codes, targets, strict=True):
            weights = weights * (target / np.bincount(code, weights * people, len(target)))[code]
        gaps = [
            np.abs(np.bincount(c, weights * people, len(t)) - t).max()
            for c, t in zip(codes, targets, strict=True)
        ]
        gap, sweeps = max(gaps), sweeps + 1
    return Raked(weights, sweeps, float(gap))


def weighted_share(weights: np.ndarray, cells: Cells) -> float:
    """Return Σw·chosen ÷ Σw·asked, NaN where nobody was asked."""
    base = (weights * cells.asked).sum()
    return float((weights * cells.chosen).sum() / base) if base > 0 else np.nan


def stratified_variance(weights: np.ndarray, cells: Cells, headcounts: np.ndarray | None = None) -> float:
    """Return the variance of a weighted share whose cells are strata (two answers or more in each).

    v = Σ W² s²/n over the strata, each with the bracket (1 − n/N) where ``headcounts`` (k,) are
    given: "this year's staff" instead of "staff here, chance included". s² has n − 1 beneath.
    Where not everybody is in the base the share is a ratio and s² that of its residuals
    (y − p·a) ÷ A, which for a base of everybody is the same.
    """
    values, counts = _linearised(weights, cells)
    n = cells.people
    mean = (counts * values).sum(axis=1) / n
    s2 = (counts * (values - mean[:, None]) ** 2).sum(axis=1) / (n - 1)
    bracket = 1.0 if headcounts is None else np.clip(1 - n / headcounts, 0, 1)
    return float((weights**2 * n * bracket * s2).sum())


def calibrated_variance(
    weights: np.ndarray, cells: Cells, codes: Sequence[np.ndarray], population: float = np.inf
) -> float:
    """Return the variance of a share with raked weights, from the residuals on the margins.

    The residuals of the linearised values on the groups of all margins (least squares over
    respondents) are weighted and their variance taken as that of a simple random sample;
    ``population`` gives the bracket 1 − n/N. It is the variance of R ``survey::rake``.
    """
    values, counts = _linearised(weights, cells)
    n = cells.people
    total = n.sum()
    mean = (counts * values).sum(axis=1) / np.where(n > 0, n, 1)
    columns = np.hstack([np.eye(code.max() + 1)[code] for code in codes])
    root = np.sqrt(n)[:, None]
    coefficients = np.linalg.lstsq(root * columns, root[:, 0] * mean, rcond=None)[0]
    residuals = weights[:, None] * (values - (columns @ coefficients)[:, None])
    centre = (counts * residuals).sum() / total
    spread = (counts * (residuals - centre) ** 2).sum()
    return float(max(0.0, 1 - total / population) * total / (total - 1) * spread)


def _linearised(weights: np.ndarray, cells: Cells) -> tuple[np.ndarray, np.ndarray]:
    """Return (values, counts), each (k, 3) or (1, 3): chose the item, in the base without it, not in the base."""
    base = (weights * cells.asked).sum()
    p = weighted_share(weights, cells)
    values = np.array([[(1 - p) / base, -p / base, 0.0]])
    counts = np.column_stack([cells.chosen, cells.asked - cells.chosen, cells.people - cells.asked])
    return values, counts


def weighted_interval(
    share: float, variance: float, base: float, degrees: float, confidence: float
) -> tuple[float, float]:
    """Return (low, high): Wilson with the effective base n* = p(1 − p) ÷ v and Student's t in the place of z.

    With nobody or everybody there is no variance to go by and n* is ``base``. A base without
    error (infinite, or a share that cannot vary) is a point.
    """
    if 0 < share < 1:
        base = share * (1 - share) / variance if variance > 0 else np.inf
    if np.isnan(share) or not degrees > 0:
        return np.nan, np.nan
    if np.isinf(base):
        return share, share
    t2 = float(stdtrit(degrees, 0.5 + confidence / 2)) ** 2
    centre = (share + t2 / (2 * base)) / (1 + t2 / base)
    half = np.sqrt(t2 * (share * (1 - share) / base + t2 / (4 * base**2))) / (1 + t2 / base)
    return (0.0 if share == 0 else centre - half), (1.0 if share == 1 else centre + half)


def kish(weights: np.ndarray, people: np.ndarray) -> float:
    """Return Kish's effective base (Σw)² ÷ Σw²."""
    return float((weights * people).sum() ** 2 / (weights**2 * people).sum())
