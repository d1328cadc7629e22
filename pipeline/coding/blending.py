"""From scores to calibrated probabilities, to the codes that are suggested and to 高, 中, 低.

The signals of one answer and theme are added up by a small logistic blend that all themes of a box share.
Without labels its coefficients are fixed; the more answers are reviewed, the more they are learnt, from
scores of reviewed answers that were left out of the fit. So the blend is also the calibration.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.coding.heads import sigmoid

#: Signals: constant, head of the codebook, rules that fired, nearness to their words, head of the reviewed
#: answers, that head's best other theme. The second row holds what each is worth before any review.
DEFAULT = np.array([-1.1, 1.8, 5.0, 0.3, 0.0, 0.0])
PRIOR = np.array([-0.8, 0.8, 1.5, 0.3, 1.0, 0.0])
#: How many labels' worth the prior is (a ridge towards PRIOR).
PRIOR_STRENGTH = 2.0
#: Below so many reviewed answers the codebook speaks alone.
FEWEST_REVIEWED = 30
ASSIGNED, WORTH_A_LOOK, SURE = 0.5, 0.25, 0.8
_STEPS, _HALVINGS = 12, 12


@dataclass(frozen=True)
class Evidence:
    """Signals of answers × themes, each (n, themes)."""

    codebook: np.ndarray
    hits: np.ndarray
    nearness: np.ndarray

    def take(self, which: np.ndarray) -> Evidence:
        """Return the evidence of some answers."""
        return Evidence(self.codebook[which], self.hits[which], self.nearness[which])

    def signals(self, head: np.ndarray | None) -> np.ndarray:
        """Return (n, themes, signals); ``head`` (n, themes) scores of the reviewed answers' heads."""
        head = np.zeros_like(self.codebook) if head is None else head
        parts = (np.ones_like(head), self.codebook, self.hits, self.nearness, head, _rivals(head))
        return np.stack(parts, axis=-1).astype(np.float64)


def _rivals(scores: np.ndarray) -> np.ndarray:
    """Return the best score of the other themes (n, themes)."""
    if scores.shape[1] < 2 or not len(scores):
        return np.zeros_like(scores)
    order = np.sort(scores, axis=1)
    best, second = order[:, -1:], order[:, -2:-1]
    return np.where(scores == best, second, best)


def learn_blend(signals: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the coefficients (signals,) that explain the labels (n, themes) best, drawn towards PRIOR."""
    rows, wanted = signals.reshape(-1, signals.shape[-1]), labels.reshape(-1)

    def loss(coefficients: np.ndarray) -> float:
        scores = rows @ coefficients
        ridge = PRIOR_STRENGTH / 2 * ((coefficients - PRIOR) ** 2).sum()
        return float((np.logaddexp(0, scores) - wanted * scores).sum() + ridge)

    result = PRIOR.copy()
    for _ in range(_STEPS):
        chances = sigmoid(rows @ result)
        slope = rows.T @ (chances - wanted) + PRIOR_STRENGTH * (result - PRIOR)
        curve = (rows * (chances * (1 - chances))[:, None]).T @ rows
        step = np.linalg.solve(curve + PRIOR_STRENGTH * np.eye(len(result)), slope)
        # Newton's step is halved until it leads downhill.
        tried = (result - step / 2**halving for halving in range(_HALVINGS))
        before = loss(result)
        result = next((there for there in tried if loss(there) <= before), result)
    return result


def probabilities(signals: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Return the probability of each theme (n, themes), rounded to 3 decimals."""
    return np.round(sigmoid(signals @ coefficients), 3)


def assigned(chances: np.ndarray) -> np.ndarray:
    """Return which themes are suggested (n, themes): above .5, or else the best one if above .25."""
    result = chances > ASSIGNED
    if not chances.size:
        return result
    best = chances.argmax(axis=1)
    alone = np.flatnonzero(~result.any(axis=1) & (chances.max(axis=1) > WORTH_A_LOOK))
    result[alone, best[alone]] = True
    return result


def expected_errors(chances: np.ndarray) -> np.ndarray:
    """Return how many labels of each answer are expected to be wrong (n,): what a review is worth."""
    return np.where(assigned(chances), 1 - chances, chances).sum(axis=1)


def certainty(chance: float) -> str:
    """Return 高, 中 or 低."""
    if chance >= SURE:
        return "高"
    return "中" if chance > ASSIGNED else "低"
