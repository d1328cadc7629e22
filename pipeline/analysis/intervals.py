"""Intervals and tests of shares: arrays of counts in, arrays of bounds out (fractions 0–1).

References: Wilson 1927 (JASA 22:209–212); Newcombe 1998 (Statistics in Medicine 17:873–890,
method 10); Cramér 1946 for V. None of them uses a continuity correction.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from scipy.special import chdtrc, ndtr


def normal_quantile(confidence: float) -> float:
    """Return z with P(|Z| ≤ z) = ``confidence``: 1.959964 for 0.95."""
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def wilson(count, base, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Return (low, high) of the Wilson score interval of count/base; NaN where base is 0."""
    count, base = np.asarray(count, float), np.asarray(base, float)
    z2 = normal_quantile(confidence) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (count + z2 / 2) / (base + z2)
        half = np.sqrt(z2 * (count * (base - count) / base + z2 / 4)) / (base + z2)
        low = np.where(count == 0, 0.0, centre - half)
        high = np.where(count == base, 1.0, centre + half)
    empty = ~(base > 0)
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)


def newcombe(count_from, base_from, count_to, base_to, confidence: float = 0.95):
    """Return (low, high) of the difference to − from, from the two Wilson intervals."""
    low1, high1 = wilson(count_from, base_from, confidence)
    low2, high2 = wilson(count_to, base_to, confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        p1 = np.asarray(count_from, float) / np.asarray(base_from, float)
        p2 = np.asarray(count_to, float) / np.asarray(base_to, float)
    difference = p2 - p1
    return (
        difference - np.sqrt((p2 - low2) ** 2 + (high1 - p1) ** 2),
        difference + np.sqrt((high2 - p2) ** 2 + (p1 - low1) ** 2),
    )


def pooled_p(count_from, base_from, count_to, base_to) -> np.ndarray:
    """Return the two-sided p of the pooled two-proportion z-test; 1 where nobody or everybody chose."""
    x1, n1, x2, n2 = (np.asarray(v, float) for v in (count_from, base_from, count_to, base_to))
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (x1 + x2) / (n1 + n2)
        z = (x2 / n2 - x1 / n1) / np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
        p = 2 * ndtr(-np.abs(z))
    return np.where((pooled == 0) | (pooled == 1), 1.0, p)


def chi_square(counts: np.ndarray) -> tuple[float, int, float, float, np.ndarray]:
    """Return (χ², degrees of freedom, p, Cramér's V, expected counts) of an r × c table.

    Rows and columns without anybody are left out. With fewer than two of either, NaN.
    """
    counts = np.asarray(counts, float)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    if min(counts.shape) < 2:
        return np.nan, 0, np.nan, np.nan, counts
    total = counts.sum()
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / total
    statistic = float(((counts - expected) ** 2 / expected).sum())
    degrees = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    effect = float(np.sqrt(statistic / total / (min(counts.shape) - 1)))
    return statistic, degrees, float(chdtrc(degrees, statistic)), effect, expected
