"""How well the coding would do on answers whose codes are known: rules, no labels, reviews, shares.

Every protocol has fixed seeds. Identical texts stand on the same side of every split.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.coding.bench import Bench
from pipeline.coding.blending import assigned, expected_errors
from pipeline.coding.scoring import f1, f1_counts
from pipeline.coding.shares import human_share, predicted_share

FOLDS = 10
CURVE_ANSWERS, CURVE_SEEDS, CURVE_BATCH, CURVE_GOAL = 500, 20, 25, 0.90
SHARE_TRAINING, SHARE_AUDIT, SHARE_DRAWS = 150, 80, 200


def cross_validated(bench: Bench, seed: int = 0) -> np.ndarray:
    """Return probabilities (answers, themes), each from models that never saw the answer's text."""
    folds = np.random.default_rng(seed).permutation(bench.groups.max() + 1)[bench.groups] % FOLDS
    result = np.zeros(bench.truth.shape)
    for fold in range(FOLDS):
        result[folds == fold] = bench.predict(folds != fold)[folds == fold]
    return result


@dataclass(frozen=True)
class Curve:
    """Reviews made and the micro-F1 of the whole set after them, one list per seed."""

    answers: int
    reviews: tuple[tuple[int, ...], ...]
    micro_f1: tuple[tuple[float, ...], ...]

    def reviews_for(self, goal: float) -> float | None:
        """Return the median number of reviews until the goal is reached."""
        needed = []
        for reviews, reached in zip(self.reviews, self.micro_f1, strict=True):
            needed.append(
                next((n for n, value in zip(reviews, reached, strict=True) if value >= goal), np.inf)
            )
        median = float(np.median(needed))
        return median if np.isfinite(median) else None


def review_curve(bench: Bench, tell: Callable[[int, int], None] = lambda done, total: None) -> Curve:
    """Return how machine codes with human decisions get better, the most uncertain answers reviewed first.

    500 answers drawn per seed (all, and one seed, if there are no more); batches of 25 distinct texts.
    """
    count = min(len(bench), CURVE_ANSWERS)
    seeds = CURVE_SEEDS if len(bench) > CURVE_ANSWERS else 1
    reviews, reached = [], []
    for seed in range(seeds):
        chosen = np.zeros(len(bench), dtype=bool)
        chosen[np.random.default_rng(seed).choice(len(bench), count, replace=False)] = True
        found = _one_curve(bench, chosen)
        reviews.append(tuple(n for n, _ in found))
        reached.append(tuple(value for _, value in found))
        tell(seed + 1, seeds)
    return Curve(count, tuple(reviews), tuple(reached))


def _one_curve(bench: Bench, chosen: np.ndarray) -> list[tuple[int, float]]:
    is_reviewed = np.zeros(len(bench), dtype=bool)
    result = []
    while True:
        chances = bench.predict(is_reviewed)
        codes = np.where(is_reviewed[:, None], bench.truth, assigned(chances))
        done = len(np.unique(bench.groups[is_reviewed]))
        result.append((done, float(f1(f1_counts(codes, bench.truth)[:, chosen].sum(axis=(1, 2))))))
        open_ = np.flatnonzero(chosen & ~is_reviewed & (bench.pattern == ""))
        if result[-1][1] >= CURVE_GOAL or not len(open_):
            return result
        worth = expected_errors(chances)[open_]
        groups = list(dict.fromkeys(bench.groups[open_[np.argsort(-worth, kind="stable")]]))[:CURVE_BATCH]
        is_reviewed |= chosen & np.isin(bench.groups, groups)


@dataclass(frozen=True)
class ShareIntervals:
    """Draws of the audit: part of the 95 % intervals that hold the truth, width beside the audit's alone."""

    coverage: float
    width_ratio: float
    width: float


def share_intervals(
    bench: Bench, tell: Callable[[int, int], None] = lambda done, total: None
) -> ShareIntervals | None:
    """Return how the intervals of shares do: 150 answers teach, 80 of the rest are the audit, 200 draws.

    The share is that of the rest; None where the file is too small for a rest of twice the audit.
    """
    if len(bench) < SHARE_TRAINING + 2 * SHARE_AUDIT:
        return None
    holds, widths, human_widths = [], [], []
    for seed in range(SHARE_DRAWS):
        order = np.random.default_rng(seed).permutation(len(bench))
        is_training = np.zeros(len(bench), dtype=bool)
        is_training[order[:SHARE_TRAINING]] = True
        chances = bench.predict(is_training)
        rest = order[SHARE_TRAINING:]
        strata = np.array(["S"] * SHARE_AUDIT + ["B"] * (len(rest) - SHARE_AUDIT))
        ones = np.ones(len(rest))
        for theme in range(len(bench.codes)):
            truth = bench.truth[rest, theme]
            share = predicted_share(strata, ones, chances[rest, theme], truth)
            plain = human_share(truth[:SHARE_AUDIT], len(rest))
            holds.append(share.low <= truth.mean() <= share.high)
            widths.append(share.high - share.low)
            human_widths.append(plain.high - plain.low)
        tell(seed + 1, SHARE_DRAWS)
    width = float(np.mean(widths))
    return ShareIntervals(float(np.mean(holds)), width / float(np.mean(human_widths)), width)
