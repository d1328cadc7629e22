"""Shares of themes when a person has reviewed only a part: exact where reviewed, corrected by an audit elsewhere.

The model and its uncertainty scores are frozen first. A = the distinct texts above a fixed cut of
uncertainty: all reviewed, counted. B = the rest, from which a simple random sample S is drawn and
reviewed. Drawing the sample from all answers first and setting the uncertain ones aside afterwards would
bias the shares: what is left of the sample is then no sample of B.

    share = (Σ_A y + Σ_B p + D_B · mean_S(y − p)) / N

with y and p times the number of answers that share a text, D_B the number of distinct texts in B and N
the number of answers (Angelopoulos et al. 2023, prediction-powered inference; the difference estimator of
Särndal, Swensson and Wretman 1992, 6.3). Interval: Student's t with n_S − 1 degrees of freedom.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

#: With fewer audited texts in B nothing is predicted: only what people counted is printed.
FEWEST_AUDITED = 40
WISHED_AUDIT = 80
REVIEWED, REST, AUDITED = "A", "B", "S"
#: How many audited texts p(1 − p) counts for in the variance of the residuals.
EXPECTED_STRENGTH = 20
_TAIL = 0.975


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval; ``total`` and ``base`` are estimated numbers of answers."""

    value: float
    low: float
    high: float
    total: float
    base: float
    standard_error: float


def draw_audit(
    uncertainty: np.ndarray, cut: float, size: int, seed: int, is_reviewed: np.ndarray | None = None
) -> np.ndarray:
    """Return the stratum of each distinct text: A above the cut or reviewed before, S the audit, B the rest.

    ``is_reviewed`` texts were decided by people earlier and may have taught the model: they belong to A,
    so that no p of an audited text comes from a model that was trained on it. Sort the texts by key first.
    """
    certain = (
        np.zeros(len(uncertainty), dtype=bool) if is_reviewed is None else np.asarray(is_reviewed, dtype=bool)
    )
    strata = np.where(certain | (np.asarray(uncertainty) > cut), REVIEWED, REST)
    rest = np.flatnonzero(strata == REST)
    drawn = np.random.default_rng(seed).choice(rest, min(size, len(rest)), replace=False)
    strata[drawn] = AUDITED
    return strata


def predicted_share(
    strata: np.ndarray,
    copies: np.ndarray,
    chances: np.ndarray,
    decided: np.ndarray,
    content_chances: np.ndarray | None = None,
    has_content: np.ndarray | None = None,
) -> Share | None:
    """Return the share of one theme, or None with fewer than FEWEST_AUDITED audited texts.

    All arrays (texts,): ``copies`` answers with that text, ``chances`` frozen p, ``decided`` 0/1 of people
    (read in A and S only). With ``content_chances`` and ``has_content`` (p and y of "has content") the
    share is of answers with content: a ratio, its residuals linearised.
    """
    audited, rest, reviewed = strata == AUDITED, strata != REVIEWED, strata == REVIEWED
    count, units = int(audited.sum()), int(rest.sum())
    if count < FEWEST_AUDITED and units > count:
        return None

    def total(chance: np.ndarray, truth: np.ndarray) -> tuple[float, np.ndarray]:
        residuals = (copies * (truth - chance))[audited]
        correction = units * residuals.mean() if count else 0.0
        return float((copies * truth)[reviewed].sum() + (copies * chance)[rest].sum() + correction), residuals

    theme, residuals = total(chances, decided)
    base = float(copies.sum())
    if content_chances is not None:
        base, content_residuals = total(content_chances, has_content)
        residuals = residuals - theme / base * content_residuals
    value = theme / base
    spread = _spread(residuals, (copies * np.sqrt(chances * (1 - chances)))[rest])
    error = units * spread * np.sqrt(max(1 - count / max(units, 1), 0) / max(count, 1)) / base
    return _share(value, error, count, theme, base)


def _spread(residuals: np.ndarray, expected: np.ndarray) -> float:
    """Return the standard deviation of the residuals, drawn a little towards what p itself expects.

    An audit without a single case of a rare theme would otherwise claim to know it exactly.
    """
    seen = len(residuals) - 1
    if seen < 1:
        return 0.0
    squares = seen * residuals.var(ddof=1) + EXPECTED_STRENGTH * (expected**2).mean()
    return float(np.sqrt(squares / (seen + EXPECTED_STRENGTH)))


def human_share(decided: np.ndarray, population: int) -> Share:
    """Return the share that a simple random sample of a ``population`` of answers gives alone, with Student's t."""
    count = len(decided)
    value = float(np.mean(decided))
    error = float(np.std(decided, ddof=1) * np.sqrt((1 - count / population) / count))
    return _share(value, error, count, value * count, count)


def _share(value: float, error: float, count: int, total: float, base: float) -> Share:
    reach = float(special.stdtrit(max(count - 1, 1), _TAIL)) * error if error else 0.0
    low, high = max(value - reach, 0.0), min(value + reach, 1.0)
    return Share(min(max(value, 0.0), 1.0), low, high, total, base, error)


def lower_bound(right: int, audited: int, confidence: float = 0.9) -> float:
    """Return the one-sided Clopper–Pearson lower limit of a precision (1934); 0 without a success."""
    return float(special.betaincinv(right, audited - right + 1, 1 - confidence)) if right else 0.0


@dataclass(frozen=True)
class Unattended:
    """Codes taken from the model without a look: off unless a survey switches it on; ``bound`` is printed."""

    is_allowed: bool
    audited: int
    right: int
    bound: float


def unattended(right: int, audited: int, wanted_precision: float, is_switched_on: bool = False) -> Unattended:
    """Return whether suggestions may stand unreviewed: switched on by a person and the bound holds.

    ``right`` of ``audited`` suggestions above the threshold were right in the random audit.
    """
    bound = lower_bound(right, audited) if audited else 0.0
    return Unattended(is_switched_on and bound >= wanted_precision, audited, right, bound)


def share_rows(
    strata: np.ndarray,
    copies: np.ndarray,
    chances: pd.DataFrame,
    decided: pd.DataFrame,
    has_content: np.ndarray,
    content_chances: np.ndarray,
) -> pd.DataFrame:
    """Return one row per theme and base: option, base_kind, count, base, value, low, high, basis, note.

    ``chances`` and ``decided`` (texts × theme codes) in the same order as ``strata``. ``basis`` is
    ``predicted``, or ``counted`` when every text was reviewed; without enough audit there are no rows
    and people's own counts are all that may be printed. Shares are fractions 0–1, low and high 95 %.
    """
    basis = "counted" if (strata == REVIEWED).all() else "predicted"
    rows = []
    for code in chances.columns:
        truth = np.nan_to_num(decided[code].to_numpy(dtype=np.float64))
        for kind, content in (("asked", (None, None)), ("with_content", (content_chances, has_content))):
            share = predicted_share(strata, copies, chances[code].to_numpy(dtype=np.float64), truth, *content)
            if share is not None:
                note = f"監査{int((strata == AUDITED).sum())}件で補正した推計" if basis == "predicted" else ""
                rows.append(
                    (code, kind, share.total, share.base, share.value, share.low, share.high, basis, note)
                )
    return pd.DataFrame(rows, columns=SHARE_COLUMNS)


#: What a hall puts into ``estimates``: the columns of the same names, unrounded.
SHARE_COLUMNS = ["option", "base_kind", "count", "base", "value", "low", "high", "basis", "note"]
