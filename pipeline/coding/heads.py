"""One L2-regularised logistic head per theme, fitted by Newton's method on inner products of the examples.

A few hundred examples have far more features than rows, so the fit works on the matrix of inner products
(n, n) and is exact: with f = K a + b, minimise Σ c log(1 + exp(−±f)) + aᵀKa / 2C. The number of steps is
fixed; there is no random start.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

#: Inverse strength of the regularisation.
STRENGTH = 5.0
STEPS = 7
#: The constant added to the inner products stands for the intercept.
INTERCEPT = 1.0
_FLOOR = 1e-4
_HALVINGS = 6


def sigmoid(values: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(−values)) without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(values, dtype=np.float64)))


def balance(labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return weights (n, themes) under which yes and no weigh the same in total; none is exactly 0."""
    yes, total = (weights * labels).sum(axis=0), weights.sum(axis=0)
    of_side = np.where(labels > 0, yes, total - yes)
    return np.maximum(weights * total / np.maximum(2 * of_side, 1e-9), 1e-6)


@dataclass(frozen=True)
class Heads:
    """``coefficients`` (n, themes) and what each example would score if it had not been learnt from."""

    coefficients: np.ndarray
    left_out: np.ndarray


def fit(products: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> Heads:
    """Return the heads; scores of new rows are ``(products_new + INTERCEPT) @ coefficients``.

    ``products`` (n, n) inner products of the examples, ``labels`` (n, themes) 0/1, ``weights`` (n, themes)
    how much each example counts. The score of an example left out is the exact one of the last weighted
    least-squares step (Cook 1977; Rasmussen and Williams 2006, 5.4.2): target − a / diagonal of the inverse.
    """
    products = products + INTERCEPT
    coefficients, left_out = np.zeros(labels.shape), np.zeros(labels.shape)
    for theme in range(labels.shape[1]):
        coefficients[:, theme], left_out[:, theme] = _fit_one(
            products, labels[:, theme], STRENGTH * weights[:, theme]
        )
    return Heads(coefficients, left_out)


def _fit_one(products: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return coefficients (n,) and left-out scores (n,) of one head."""
    diagonal = np.diag_indices(len(products))
    fitted, scores = np.zeros(len(products)), np.zeros(len(products))
    for step in range(STEPS + 1):
        chances = sigmoid(scores)
        slopes = np.maximum(chances * (1 - chances), _FLOOR)
        target = scores + (labels - chances) / slopes
        system = products.copy()
        system[diagonal] += 1 / (weights * slopes)
        factor = linalg.cho_factor(system, lower=True, overwrite_a=True, check_finite=False)
        wanted = linalg.cho_solve(factor, target, check_finite=False)
        if step == STEPS:
            inverse, _ = linalg.lapack.dpotri(factor[0], lower=True, overwrite_c=True)
            return fitted, target - wanted / np.diag(inverse)
        fitted, scores = _downhill(fitted, scores, wanted, products @ wanted, labels, weights)
    raise AssertionError("no step")


def _downhill(fitted, scores, wanted, reached, labels, weights):
    """Return coefficients and scores on the way to Newton's, halved until the loss is not larger."""

    def loss(a: np.ndarray, f: np.ndarray) -> float:
        return float(weights @ (np.logaddexp(0, f) - labels * f) + a @ f / 2)

    before, part = loss(fitted, scores), 1.0
    for _ in range(_HALVINGS):
        a, f = fitted + part * (wanted - fitted), scores + part * (reached - scores)
        if loss(a, f) <= before:
            return a, f
        part /= 2
    return fitted, scores
