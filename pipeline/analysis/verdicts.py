"""The verdict: the first row of the table that applies, for every comparison at once."""

from __future__ import annotations

import numpy as np

from pipeline.model import Parameters

CHANCE, SMALL, SAME, UP, DOWN = range(5)
#: Outcome → (verdict, reason) of a change, and of a group against the rest.
CHANGE_WORDS = (("unclear", "chance"), ("unclear", "small"), ("same", ""), ("up", ""), ("down", ""))
CONTRAST_WORDS = (("unclear", "chance"), ("unclear", "small"), ("same", ""), ("higher", ""), ("lower", ""))


def is_at_least(count_from, base_from, count_to, base_to, minimum_points: float) -> np.ndarray:
    """Return whether the shares differ by ``minimum_points``, in whole numbers: 3 points must not
    miss by a float's breath.
    """
    difference = np.abs(100 * (count_to * base_from - count_from * base_to))
    return difference >= minimum_points * base_from * base_to


def is_inside(low, high, parameters: Parameters) -> np.ndarray:
    """Return whether the interval (in points) lies inside ± the margin of 変化なし."""
    margin = parameters.same_margin_points
    with np.errstate(invalid="ignore"):
        return (-margin < low) & (high < margin)


def outcomes(change, is_large, is_same, is_significant) -> np.ndarray:
    """Return the outcome of each comparison: significant and large enough → UP, DOWN; else SAME
    where the interval lies inside the margin; else SMALL where significant; else CHANCE.
    """
    is_moved = is_significant & is_large
    rules = [is_moved & (change > 0), is_moved & (change < 0), is_same, is_significant]
    return np.select(rules, [UP, DOWN, SAME, SMALL], CHANCE)


def agreed(lowest, highest, words) -> tuple[np.ndarray, np.ndarray]:
    """Return (verdict, reason) where every possible count has one outcome; else unclear/rounding."""
    table = np.array(words, dtype=object)
    is_one = lowest == highest
    verdict = np.where(is_one, table[lowest, 0], "unclear")
    return verdict, np.where(is_one, table[lowest, 1], "rounding")
