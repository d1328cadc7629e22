"""p-values of a family of hypotheses → adjusted p-values, every family at once.

References: Benjamini and Hochberg 1995 (JRSS B 57:289–300); Holm 1979 (Scandinavian Journal of
Statistics 6:65–70).
"""

from __future__ import annotations

import numpy as np
import pandas as pd


def adjusted_p(p, family, method: str) -> np.ndarray:
    """Return the adjusted p of each row by ``method`` (bh or holm); NaN where family is "" or p is NaN.

    p: (n,); family: (n,) names. Rows without a family belong to none.
    """
    p, family = np.asarray(p, float), np.asarray(family, object)
    result = np.full(len(p), np.nan)
    members = np.flatnonzero((family != "") & ~np.isnan(p))
    if not len(members):
        return result
    codes, _ = pd.factorize(family[members])
    order = np.lexsort((p[members], codes))
    codes, sorted_p = codes[order], p[members][order]
    sizes = np.bincount(codes)
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    rank = np.arange(len(codes)) - starts[codes] + 1
    if method == "holm":
        scaled = np.minimum(1.0, sorted_p * (sizes[codes] - rank + 1))
        adjusted = pd.Series(scaled).groupby(codes).cummax().to_numpy()
    else:
        scaled = np.minimum(1.0, sorted_p * sizes[codes] / rank)
        adjusted = pd.Series(scaled[::-1]).groupby(codes[::-1]).cummin().to_numpy()[::-1]
    result[members[order]] = adjusted
    return result
