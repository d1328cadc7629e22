"""Shares predicted with an audit: their rows of ``estimates``, and the counts they are worth in a comparison.

A predicted row has no count. Its interval is the audit's own (Student's t): where the share would lie had
people read every answer. Who answered is a chance of its own, which counted shares carry in Wilson's
interval; so a comparison adds it: v = se² + p(1 − p)/N, and the share stands for n* = p(1 − p)/v people,
of whom x* = p·n* chose it (the effective sample size of Kish 1965, 8.2).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from pipeline.analysis.intervals import normal_quantile
from pipeline.frames import FEWEST_PREDICTED, PREDICTED

#: Of the interval that the audit gives, whatever level the survey's own intervals have.
_AUDIT_CONFIDENCE = 0.95
_WITHHELD = {"status": "withheld"}


def predicted_rows(table: pd.DataFrame | None, wave: str, question: str, base_kind: str) -> dict[str, dict]:
    """Return option or net → the cells of its predicted row; {} where nothing is predicted.

    table: wave, question, option, base_kind, value, low, high (fractions), base and note; a row without a
    value is withheld.
    """
    if table is None:
        return {}
    own = table[(table["wave"] == wave) & (table["question"] == question) & (table["base_kind"] == base_kind)]
    return dict(_cells(own))


def _cells(rows: pd.DataFrame) -> Iterator[tuple[str, dict]]:
    for row in rows.to_dict("records"):
        shares = {"percent": row["value"], "low": row["low"], "high": row["high"]}
        numbers = {name: 100 * share for name, share in shares.items()}
        told = numbers | {"base": np.floor(row["base"] + 0.5), "note": row["note"]}
        yield row["option"], {"basis": PREDICTED} | (_WITHHELD if np.isnan(row["value"]) else told)


def is_too_few(rows: pd.DataFrame, name: str) -> np.ndarray:
    """Return which rows of a comparison have a predicted side ``name`` of hardly anybody: (n,) bool."""
    people = rows[f"percent_{name}"] * rows[f"base_{name}"] / 100
    return ((rows[f"basis_{name}"] == PREDICTED) & ~(people >= FEWEST_PREDICTED)).to_numpy()


def with_effective_counts(rows: pd.DataFrame, names: tuple[str, str]) -> pd.DataFrame:
    """Return the rows of a comparison with x* and n* as count and base of their predicted sides.

    ``is_estimated`` marks the rows with such a side: their counts are no whole numbers. The standard
    error is half the audit's interval over 1.96, so that Student's wider quantile stays in it.
    """
    is_estimated = np.zeros(len(rows), dtype=bool)
    made = {}
    for name in names:
        is_own = (rows[f"basis_{name}"] == PREDICTED).to_numpy()
        p, low, high = (
            rows[f"{column}_{name}"].to_numpy(float) / 100 for column in ("percent", "low", "high")
        )
        people = rows[f"base_{name}"].to_numpy(float)
        # An interval is cut at 0 and 1: its longer arm tells the error.
        error = np.fmax(p - low, high - p) / normal_quantile(_AUDIT_CONFIDENCE)
        with np.errstate(divide="ignore", invalid="ignore"):
            # A share of nobody would have no variance at all: half a person is the least there is.
            inner = np.clip(p, 0.5 / people, 1 - 0.5 / people)
            spread = inner * (1 - inner)
            worth = spread / (error**2 + spread / people)
        made[f"base_{name}"] = np.where(is_own, worth, people)
        for end in ("count_low", "count_high"):
            made[f"{end}_{name}"] = np.where(is_own, p * worth, rows[f"{end}_{name}"].to_numpy(float))
        is_estimated |= is_own
    return rows.assign(**made, is_estimated=is_estimated)
