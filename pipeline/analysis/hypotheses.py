"""Tests of "nothing changed": arrays of counts in, arrays of p-values out. No row is looped over.

References: Fisher 1935 (JRSS 98:39–82) for the exact test, with the two-sided rule of adding every
table that is no likelier; Welch 1947 (Biometrika 34:28–35). None has a continuity correction.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln, ndtr, stdtr

from pipeline.analysis.intervals import finite_factor, t_quantile

#: Below this expected count the normal approximation is not used.
USUAL_EXPECTED = 5
#: Two tables are equally likely when their probabilities differ by less than this, relatively.
_TIE = 1e-7
#: Cells held at once while the exact tests are summed.
_BLOCK = 4_000_000


def pooled_z(
    count_from, base_from, count_to, base_to, population_from=None, population_to=None
) -> np.ndarray:
    """Return z = d/√(p̄q̄(f₁/n₁ + f₂/n₂)), p̄ pooled; 0 where nobody or everybody chose.

    Where everybody answered both times a difference is a fact: z is infinite.
    """
    x1, n1, x2, n2 = (np.asarray(v, float) for v in (count_from, base_from, count_to, base_to))
    f1, f2 = finite_factor(n1, population_from), finite_factor(n2, population_to)
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (x1 + x2) / (n1 + n2)
        difference = x2 / n2 - x1 / n1
        z = difference / np.sqrt(pooled * (1 - pooled) * (f1 / n1 + f2 / n2))
    is_flat = (pooled == 0) | (pooled == 1) | (difference == 0)
    return np.where(is_flat & ~np.isnan(f1 + f2), 0.0, z)


def two_sided(z) -> np.ndarray:
    """Return P(|Z| ≥ |z|)."""
    return 2 * ndtr(-np.abs(z))


def pooled_p(
    count_from, base_from, count_to, base_to, population_from=None, population_to=None
) -> np.ndarray:
    """Return the two-sided p of ``pooled_z``; 1 where nobody or everybody chose."""
    return two_sided(pooled_z(count_from, base_from, count_to, base_to, population_from, population_to))


def least_expected(count_from, base_from, count_to, base_to) -> np.ndarray:
    """Return the smallest of the four expected counts of chosen or not, by wave."""
    x1, n1, x2, n2 = (np.asarray(v, float) for v in (count_from, base_from, count_to, base_to))
    chosen, people = x1 + x2, n1 + n2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.minimum(n1, n2) * np.minimum(chosen, people - chosen) / people


def general_p(count_from, base_from, count_to, base_to) -> np.ndarray:
    """Return p in the general reading: pooled z, Fisher's exact test where an expected count is under 5."""
    sides = np.broadcast_arrays(*(np.asarray(v, float) for v in (count_from, base_from, count_to, base_to)))
    p = np.array(pooled_p(*sides))
    is_small = least_expected(*sides) < USUAL_EXPECTED
    if is_small.any():
        p[is_small] = fisher_p(*(side[is_small] for side in sides))
    return p


def finite_p(count_from, base_from, count_to, base_to, population_from, population_to) -> np.ndarray:
    """Return p in the finite reading; NaN (not judged) where an expected count is under 5 or N is unknown."""
    sides = (count_from, base_from, count_to, base_to)
    p = pooled_p(*sides, population_from, population_to)
    return np.where(least_expected(*sides) < USUAL_EXPECTED, np.nan, p)


def fisher_p(count_from, base_from, count_to, base_to) -> np.ndarray:
    """Return the two-sided p of Fisher's exact test: the sum over all tables that are no likelier.

    The counts between lowest and highest possible are laid out in a padded matrix, as many
    rows at once as fit in memory.
    """
    sides = np.broadcast_arrays(*(np.asarray(v, float) for v in (count_from, base_from, count_to, base_to)))
    x1, n1, x2, n2 = (np.ravel(side) for side in sides)
    chosen = x1 + x2
    lowest = np.maximum(0, chosen - n2)
    width = np.minimum(n1, chosen) - lowest + 1
    p = np.ones(len(x1))
    known = np.flatnonzero(width >= 1)
    order = known[np.argsort(width[known], kind="stable")]
    while len(order):
        # The widest of a block sets its width, so rows of like width go together.
        rows = order[-max(1, int(_BLOCK // width[order[-1]])) :]
        order = order[: -len(rows)]
        p[rows] = _fisher_block(x1[rows], n1[rows], chosen[rows], n2[rows], lowest[rows], width[rows])
    return p.reshape(sides[0].shape)


def _fisher_block(x1, n1, chosen, n2, lowest, width) -> np.ndarray:
    steps = np.arange(width.max())
    k = lowest[:, None] + steps
    is_possible = steps < width[:, None]
    k = np.where(is_possible, k, lowest[:, None])
    weight = _log_weight(k, n1[:, None], chosen[:, None], n2[:, None])
    weight = np.where(is_possible, weight, -np.inf)
    likelihood = np.exp(weight - weight.max(axis=1, keepdims=True))
    own = np.take_along_axis(likelihood, (x1 - lowest)[:, None].astype(np.int64), axis=1)
    extreme = np.where(likelihood <= own * (1 + _TIE), likelihood, 0.0)
    return np.minimum(1.0, extreme.sum(axis=1) / likelihood.sum(axis=1))


def _log_weight(k, n1, chosen, n2):
    """Log of the hypergeometric weight of k, but for a constant of its row."""
    return -(gammaln(k + 1) + gammaln(n1 - k + 1) + gammaln(chosen - k + 1) + gammaln(n2 - chosen + k + 1))


def difference_error(variance_from, base_from, variance_to, base_to, factors=(1.0, 1.0)):
    """Return (standard error, degrees of freedom) of the difference of two means, by Welch.

    variance: s² with n − 1 in its denominator; factors: 1 − n/N of each side, 1 in the general reading.
    """
    n1, n2 = np.asarray(base_from, float), np.asarray(base_to, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        v1, v2 = factors[0] * variance_from / n1, factors[1] * variance_to / n2
        degrees = (v1 + v2) ** 2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1))
    return np.sqrt(v1 + v2), degrees


def welch(mean_from, variance_from, base_from, mean_to, variance_to, base_to, confidence, factors=(1.0, 1.0)):
    """Return (p, low, high) of the difference of two means, without assuming equal variances.

    Arguments as in ``difference_error``. Where nobody differs from anybody, and where everybody
    answered, p is 1 for equal means and 0 for unequal ones.
    """
    difference = np.asarray(mean_to, float) - mean_from
    error, degrees = difference_error(variance_from, base_from, variance_to, base_to, factors)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stdtr(np.where(degrees > 0, degrees, 1.0), -np.abs(difference) / error)
    is_certain = error == 0
    half = np.where(is_certain, 0.0, t_quantile(degrees, confidence) * error)
    p = np.where(is_certain, np.where(difference == 0, 1.0, 0.0), p)
    return p, difference - half, difference + half
