"""Intervals: arrays of counts in, arrays of bounds out (fractions 0–1, or the unit of the mean).

Everything broadcasts, so one call serves every table of a survey. ``population`` is the number of
people behind each base; None (or NaN) is the general reading, in which there is no such number.

References: Wilson 1927 (JASA 22:209–212); Newcombe 1998 (Statistics in Medicine 17:873–890,
method 10); Clopper and Pearson 1934 (Biometrika 26:404–413); Cochran 1977, Sampling Techniques,
section 2.6, for the finite population factor. None of them uses a continuity correction.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from scipy.special import betaincinv, stdtrit

Bounds = tuple[np.ndarray, np.ndarray]


def normal_quantile(confidence: float) -> float:
    """Return z with P(|Z| ≤ z) = ``confidence``: 1.959964 for 0.95."""
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def finite_factor(base, population) -> np.ndarray:
    """Return f = (N − n)/(N − 1): 0 where everybody answered, 1 without a population."""
    if population is None:
        return np.ones_like(np.asarray(base, float))
    base, population = np.asarray(base, float), np.asarray(population, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.clip((population - base) / (population - 1), 0, 1)
    return np.where(population <= base, 0.0, factor)


def unsampled(base, population) -> np.ndarray:
    """Return 1 − n/N, the factor that belongs to s² (over n − 1): 1 without a population."""
    if population is None:
        return np.ones_like(np.asarray(base, float))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.clip(1 - np.asarray(base, float) / np.asarray(population, float), 0, 1)


def wilson(count, base, confidence: float = 0.95, population=None) -> Bounds:
    """Return (low, high) of the Wilson score interval of count/base; NaN where base is 0.

    With a population N it is the Wilson interval of the same share over n/f people, never
    outside what N allows: [x/N, (N − n + x)/N]. Everybody answered → (p, p); N is NaN → NaN.
    """
    count, base = np.asarray(count, float), np.asarray(base, float)
    factor = finite_factor(base, population)
    z2 = factor * normal_quantile(confidence) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (count + z2 / 2) / (base + z2)
        half = np.sqrt(z2 * (count * (base - count) / base + z2 / 4)) / (base + z2)
        low = np.where(count == 0, np.where(np.isnan(factor), np.nan, 0.0), centre - half)
        high = np.where(count == base, np.where(np.isnan(factor), np.nan, 1.0), centre + half)
        if population is not None:
            people = np.maximum(np.asarray(population, float), base)
            low, high = np.maximum(low, count / people), np.minimum(high, (people - base + count) / people)
    empty = ~(base > 0)
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)


def clopper_pearson(count, base, confidence: float = 0.95) -> Bounds:
    """Return (low, high) of the exact binomial interval, which covers at least ``confidence``."""
    count, base = np.asarray(count, float), np.asarray(base, float)
    tail = (1 - confidence) / 2
    with np.errstate(invalid="ignore"):
        low = np.where(count == 0, 0.0, betaincinv(np.where(count == 0, 1, count), base - count + 1, tail))
        inner = betaincinv(count + 1, np.where(count == base, 1, base - count), 1 - tail)
        high = np.where(count == base, 1.0, inner)
    empty = ~(base > 0)
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)


def newcombe(
    count_from,
    base_from,
    count_to,
    base_to,
    confidence: float = 0.95,
    population_from=None,
    population_to=None,
) -> Bounds:
    """Return (low, high) of the difference to − from, from the two Wilson intervals."""
    one = wilson(count_from, base_from, confidence, population_from)
    other = wilson(count_to, base_to, confidence, population_to)
    with np.errstate(divide="ignore", invalid="ignore"):
        p1 = np.asarray(count_from, float) / np.asarray(base_from, float)
        p2 = np.asarray(count_to, float) / np.asarray(base_to, float)
    return joined(p1, one, p2, other)


def joined(p1, one: Bounds, p2, other: Bounds) -> Bounds:
    """Return Newcombe's bounds of p2 − p1 from the bounds of each."""
    difference = p2 - p1
    low = difference - np.sqrt((p2 - other[0]) ** 2 + (one[1] - p1) ** 2)
    return low, difference + np.sqrt((other[1] - p2) ** 2 + (p1 - one[0]) ** 2)


def mean_bounds(mean, variance, base, confidence: float = 0.95, population=None) -> Bounds:
    """Return mean ∓ t·√((1 − n/N)·s²/n) with n − 1 degrees of freedom; NaN for fewer than two people.

    variance: s² of the scores, with n − 1 in its denominator.
    """
    base = np.asarray(base, float)
    error = np.sqrt(unsampled(base, population) * variance / np.where(base > 0, base, np.nan))
    half = t_quantile(base - 1, confidence) * error
    return mean - half, mean + half


def t_quantile(degrees, confidence: float) -> np.ndarray:
    """Return t with P(|T| ≤ t) = ``confidence``; NaN without a degree of freedom."""
    degrees = np.asarray(degrees, float)
    with np.errstate(invalid="ignore"):
        return np.where(
            degrees > 0, stdtrit(np.where(degrees > 0, degrees, 1.0), 0.5 + confidence / 2), np.nan
        )
