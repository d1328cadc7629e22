"""How well suggested codes agree with a person's: F1, calibration, precision at coverage."""

from __future__ import annotations

import numpy as np

DRAWS = 1000
_BINS = 10


def f1_counts(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return per answer and theme (3, n, themes): found rightly, found wrongly, missed."""
    found, truth = found.astype(bool), truth.astype(bool)
    return np.stack([found & truth, found & ~truth, ~found & truth]).astype(np.float64)


def f1(counts: np.ndarray) -> np.ndarray:
    """Return 2·right / (2·right + wrong + missed) of counts (3, …); 0 where nothing is to be found."""
    right, wrong, missed = counts
    return 2 * right / np.maximum(2 * right + wrong + missed, 1e-12)


def bootstrap_f1(counts: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return 95 % percentile intervals over answers: micro-F1 (2,) and F1 per theme (2, themes)."""
    answers = counts.shape[1]
    generator = np.random.default_rng(seed)
    weights = generator.multinomial(answers, np.full(answers, 1 / answers), size=DRAWS).astype(np.float64)
    drawn = np.einsum("dn,knt->kdt", weights, counts, optimize=True)
    micro = np.quantile(f1(drawn.sum(axis=2)), (0.025, 0.975))
    return micro, np.quantile(f1(drawn), (0.025, 0.975), axis=0)


def calibration_error(chances: np.ndarray, truth: np.ndarray) -> float:
    """Return the expected calibration error: mean |said − found| over ten bins of probability."""
    chances, truth = chances.ravel(), truth.ravel().astype(np.float64)
    if not len(chances):
        return 0.0
    bins = np.minimum((chances * _BINS).astype(int), _BINS - 1)
    gaps = np.bincount(bins, chances - truth, _BINS)
    return float(np.abs(gaps).sum() / len(chances))


def precision_at_coverage(
    chances: np.ndarray, truth: np.ndarray, coverages: tuple[float, ...]
) -> dict[float, float]:
    """Return the precision of the surest theme of the surest share of the answers."""
    order = np.argsort(-chances.max(axis=1), kind="stable")
    right = truth[np.arange(len(truth)), chances.argmax(axis=1)].astype(np.float64)[order]
    return {part: float(right[: max(round(part * len(right)), 1)].mean()) for part in coverages}
