"""How much a share would have to be off before its change lost the verdict it has."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipeline.analysis.hypotheses import general_p
from pipeline.analysis.intervals import newcombe
from pipeline.model import Parameters

#: Halvings of the distance: 100 points come down to less than a millionth.
_HALVINGS = 40


def tipping_limit(change: dict, parameters: Parameters) -> tuple[float, int]:
    """Return (limit, direction) of a changes row with the verdict up, down or same.

    limit: points by which the later share must move, the earlier one and both bases as they are,
    before the verdict no longer holds; direction: −1 where it must fall, 1 where it must
    rise. Up and down are lost where the change is under the minimum or its p above the level
    that this row's adjustment leaves it (level × p ÷ adjusted p); same where the interval leaves
    the margins, on the nearer side.
    """
    before, after = (change[f"value_{side}"] / 100 for side in ("from", "to"))
    n1, n2 = change["base_from"], change["base_to"]
    if change["verdict"] == "same":
        holds = _same_holds(before, n1, n2, parameters)
        found = [(_reach(holds, after, sign), sign) for sign in (-1, 1)]
        limit, sign = min(found)
        return 100 * limit, sign
    sign = -1 if change["verdict"] == "up" else 1
    holds = _claim_holds(before, n1, n2, -sign, _level(change, parameters), parameters)
    return 100 * _reach(holds, after, sign), sign


def _level(change: dict, parameters: Parameters) -> float:
    """Return the level for the unadjusted p: adjusting multiplies it by what it multiplied this one by."""
    p, adjusted = change["p"], change["p_adjusted"]
    is_adjusted = not np.isnan(adjusted) and p > 0 and adjusted > 0
    return parameters.significance_level * (p / adjusted if is_adjusted else 1.0)


def _claim_holds(before, n1, n2, direction, level, parameters) -> Callable[[float], bool]:
    least = parameters.minimum_change_points / 100

    def holds(after: float) -> bool:
        is_large = direction * (after - before) >= least - 1e-12
        return bool(is_large and general_p(round(before * n1), n1, after * n2, n2) <= level)

    return holds


def _same_holds(before, n1, n2, parameters) -> Callable[[float], bool]:
    margin = parameters.same_margin_points / 100

    def holds(after: float) -> bool:
        low, high = newcombe(round(before * n1), n1, after * n2, n2, parameters.same_confidence_level)
        return bool(-margin < low and high < margin)

    return holds


def _reach(holds: Callable[[float], bool], start: float, sign: int) -> float:
    """Return the distance from ``start`` towards 0 or 1 at which ``holds`` ends (inf where it never does)."""
    near, far = 0.0, start if sign < 0 else 1 - start
    if not holds(start):
        return 0.0
    if holds(start + sign * far):
        return np.inf
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        near, far = (middle, far) if holds(start + sign * middle) else (near, middle)
    return far
