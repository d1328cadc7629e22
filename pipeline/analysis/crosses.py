"""Tests of a whole cross: chi-square, adjusted residuals, Cramér's V, and permutation from the counts.

References: Haberman 1973 (Biometrics 29:205–220) for adjusted residuals; Cramér 1946 for V;
Cochran 1954 (Biometrics 10:417–451) for what is too small; Freeman and Halton 1951 (Biometrika
38:141–149) and Patefield 1981 (Applied Statistics 30:91–97) for tables with both margins fixed.
"""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc, gammaln

from pipeline.analysis.hypotheses import USUAL_EXPECTED

#: Cochran's rule: at most a fifth of the expected counts under 5 and none under 1.
LOWEST_EXPECTED = 1
LARGEST_SMALL_SHARE = 0.2
#: Tables drawn for one permutation test. The error of a p of .05 is then about .005.
PERMUTATIONS = 1_999
PERMUTATION_SEED = 20_070_401


def occupied(counts) -> np.ndarray:
    """Return the r × c table without the rows and columns that hold nobody."""
    counts = np.asarray(counts, float)
    return counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]


def expected_counts(counts) -> np.ndarray:
    """Return what an r × c table would hold on average if rows and columns had nothing to do with each other."""
    counts = np.asarray(counts, float)
    return np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()


def chi_square(counts: np.ndarray) -> tuple[float, int, float, float, np.ndarray]:
    """Return (χ², degrees of freedom, p, Cramér's V, expected counts) of an r × c table.

    Rows and columns without anybody are left out. With fewer than two of either, NaN.
    """
    counts = occupied(counts)
    if min(counts.shape) < 2:
        return np.nan, 0, np.nan, np.nan, counts
    expected = expected_counts(counts)
    statistic = float(((counts - expected) ** 2 / expected).sum())
    degrees = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    effect = float(np.sqrt(statistic / counts.sum() / (min(counts.shape) - 1)))
    return statistic, degrees, float(chdtrc(degrees, statistic)), effect, expected


def adjusted_residuals(counts) -> np.ndarray:
    """Return (O − E)/√(E(1 − row share)(1 − column share)) of an r × c table: near N(0, 1) by chance."""
    counts = np.asarray(counts, float)
    total, expected = counts.sum(), expected_counts(counts)
    rows, columns = counts.sum(axis=1) / total, counts.sum(axis=0) / total
    with np.errstate(divide="ignore", invalid="ignore"):
        return (counts - expected) / np.sqrt(expected * np.outer(1 - rows, 1 - columns))


def is_too_small(expected: np.ndarray) -> bool:
    """True where Cochran's rule forbids the chi-square distribution."""
    return bool(expected.min() < LOWEST_EXPECTED or (expected < USUAL_EXPECTED).mean() > LARGEST_SMALL_SHARE)


def permutation_p(counts, permutations: int = PERMUTATIONS, seed: int = PERMUTATION_SEED) -> float:
    """Return the p of Freeman and Halton's test by drawing tables with both margins of ``counts``.

    A table is drawn row by row from the people not yet placed (multivariate hypergeometric), all
    permutations at once, which is the same as shuffling the respondents. p = (1 + tables that are
    no likelier than the observed)/(1 + permutations); the same seed gives the same p.
    """
    counts = occupied(counts)
    if min(counts.shape) < 2:
        return np.nan
    random = np.random.default_rng(seed)
    drawn = _tables(counts.astype(np.int64), permutations, random)
    # Margins are fixed, so a table is likelier the smaller the sum of its log factorials.
    own = gammaln(counts + 1).sum()
    extreme = gammaln(drawn + 1.0).sum(axis=(1, 2)) >= own - 1e-7
    return float((1 + extreme.sum()) / (1 + permutations))


def _tables(counts: np.ndarray, permutations: int, random: np.random.Generator) -> np.ndarray:
    """Return (permutations, r, c) tables with the margins of ``counts``.

    One row of a table after another takes its people from what the columns have left. A row is
    drawn column by column (conditional hypergeometric), because the columns left differ between
    the tables and ``multivariate_hypergeometric`` serves one set of columns; the first row does.
    """
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    drawn = np.zeros((permutations, *counts.shape), dtype=np.int64)
    drawn[:, 0] = random.multivariate_hypergeometric(columns, rows[0], size=permutations, method="marginals")
    left = columns - drawn[:, 0]
    for row in range(1, len(rows) - 1):
        people = np.full(permutations, rows[row])
        for column in range(counts.shape[1] - 1):
            others = left[:, column + 1 :].sum(axis=1)
            taken = random.hypergeometric(left[:, column], others, people)
            drawn[:, row, column] = taken
            people = people - taken
        drawn[:, row, -1] = people
        left = left - drawn[:, row]
    drawn[:, -1] = left
    return drawn
