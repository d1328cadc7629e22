"""Two groups of people side by side: difference, intervals and tests in both readings, all rows at once.

The rows hold, for each of two sides, count_low, count_high, base and population, and for a mean
value and variance. Where a printed figure fits several counts, every pair of counts is compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.analysis.hypotheses import finite_p, general_p, welch
from pipeline.analysis.intervals import newcombe, unsampled
from pipeline.analysis.verdicts import is_at_least, is_inside
from pipeline.model import Parameters


@dataclass(frozen=True)
class Compared:
    """``numbers``: arrays (rows,) in points; the others (pairs of counts,), of which ``starts``
    says where each row begins.
    """

    numbers: dict[str, np.ndarray]
    starts: np.ndarray
    change: np.ndarray
    is_large: np.ndarray
    is_same: np.ndarray
    is_same_finite: np.ndarray
    p_finite: np.ndarray

    def least(self, values: np.ndarray) -> np.ndarray:
        """Return the least value of each row over its pairs of counts."""
        return np.minimum.reduceat(values, self.starts)

    def most(self, values: np.ndarray) -> np.ndarray:
        """Return the greatest value of each row over its pairs of counts."""
        return np.maximum.reduceat(values, self.starts)

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Return the value of each row for each of its pairs of counts."""
        return np.repeat(values, np.diff(np.append(self.starts, len(self.change))))


def compared(rows: pd.DataFrame, names: tuple[str, str], parameters: Parameters) -> Compared:
    """Return the comparison second − first of ``rows``; columns end in ``_<name>`` of ``names``.

    Shares: Newcombe's interval, pooled z or Fisher, general and with the population. Means: Welch.
    """
    row, sides = _every_pair(rows, names)
    is_mean = (rows["measure"] == "mean").to_numpy()[row]
    populations = [rows[f"population_{name}"].to_numpy(float)[row] for name in names]
    shares = _of_shares(sides, populations, parameters)
    found = (
        shares
        if not is_mean.any()
        else {
            key: np.where(is_mean, values, shares[key])
            for key, values in _of_means(rows, row, names, populations, parameters).items()
        }
    )
    starts = np.flatnonzero(np.diff(row, prepend=-1))
    least, most = (
        (lambda k: np.minimum.reduceat(found[k], starts)),
        (lambda k: np.maximum.reduceat(found[k], starts)),
    )
    is_single = np.diff(np.append(starts, len(row))) == 1
    numbers = {
        "change": np.where(is_single, found["change"][starts], np.nan),
        "change_low": least("change"),
        "change_high": most("change"),
        "low": least("low"),
        "high": most("high"),
        "p": np.where(is_single, found["p"][starts], np.nan),
        "p_low": least("p"),
        "p_high": most("p"),
        "finite_low": least("finite_low"),
        "finite_high": most("finite_high"),
        "p_finite": np.where(is_single, found["p_finite"][starts], np.nan),
        "p_finite_high": most("p_finite"),
    }
    return Compared(
        numbers,
        starts,
        found["change"],
        found["is_large"].astype(bool),
        is_inside(found["same_low"], found["same_high"], parameters),
        is_inside(found["same_finite_low"], found["same_finite_high"], parameters),
        found["p_finite"],
    )


def _every_pair(rows: pd.DataFrame, names: tuple[str, str]) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return (row numbers, [count, base, count, base]): one entry per pair of counts that fits a row."""
    low, width = [], []
    for name in names:
        ends = [rows[f"count_{end}_{name}"].to_numpy(float) for end in ("low", "high")]
        is_known = ~np.isnan(ends[0] + ends[1])
        low.append(ends[0])
        width.append(np.where(is_known, ends[1] - ends[0] + 1, 1).astype(np.int64))
    times = width[0] * width[1]
    row = np.repeat(np.arange(len(rows)), times)
    step = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
    counts = low[0][row] + step // width[1][row], low[1][row] + step % width[1][row]
    bases = [rows[f"base_{name}"].to_numpy(float)[row] for name in names]
    return row, [counts[0], bases[0], counts[1], bases[1]]


def _of_shares(
    sides: list[np.ndarray], populations: list[np.ndarray], parameters: Parameters
) -> dict[str, np.ndarray]:
    x1, n1, x2, n2 = sides
    with np.errstate(divide="ignore", invalid="ignore"):
        # One division of whole numbers: the float nearest to the exact change, so that ties round as ties.
        change = 100 * (x2 * n1 - x1 * n2) / (n1 * n2)
    found = {"change": change, "p": general_p(*sides), "p_finite": finite_p(*sides, *populations)}
    found["is_large"] = is_at_least(*sides, parameters.minimum_change_points)
    for prefix, people in (("", (None, None)), ("finite_", populations)):
        for name, confidence in (
            (prefix, parameters.confidence_level),
            (f"same_{prefix}", parameters.same_confidence_level),
        ):
            low, high = newcombe(*sides, confidence, *people)
            found |= {f"{name}low": 100 * low, f"{name}high": 100 * high}
    return found


def _of_means(
    rows: pd.DataFrame,
    row: np.ndarray,
    names: tuple[str, str],
    populations: list[np.ndarray],
    parameters: Parameters,
) -> dict[str, np.ndarray]:
    columns = [
        rows[f"{column}_{name}"].to_numpy(float)[row]
        for name in names
        for column in ("value", "variance", "base")
    ]
    factors = [unsampled(n, people) for n, people in zip((columns[2], columns[5]), populations, strict=True)]
    found = {"change": columns[3] - columns[0]}
    # Scores are floats: a difference of just 3 points must not miss by a float's breath.
    found["is_large"] = np.abs(found["change"]) >= parameters.minimum_change_points - 1e-9
    for prefix, pair in (("", (1.0, 1.0)), ("finite_", factors)):
        p, low, high = welch(*columns, parameters.confidence_level, pair)
        _, same_low, same_high = welch(*columns, parameters.same_confidence_level, pair)
        found |= {f"{prefix}low": low, f"{prefix}high": high}
        found |= {f"same_{prefix}low": same_low, f"same_{prefix}high": same_high}
        found["p_finite" if prefix else "p"] = p
    return found
