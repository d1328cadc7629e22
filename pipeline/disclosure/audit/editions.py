"""Several releases as one system: numbers that were corrected since are no equations any more."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from pipeline.disclosure.audit.tables import Tables

_PLACE = ["wave", "question", "banner", "group", "option", "measure"]
_TOLD = ["count", "base", "percent", "value"]
#: (wave, question).
_Corrected = set[tuple[str, str]]


def still_true(releases: Sequence[Tables]) -> list[Tables]:
    """Return the releases (oldest first) without what a later one corrected, each table in its order.

    A question of a wave is corrected when one of its numbers is told again and differs; then all its
    rows in the older release are left out, since one wrong count makes the others doubtful. A number
    that is merely told no longer stays: whoever kept the older release still knows it.
    """
    latest: dict[tuple, tuple] = {}
    found: list[Tables] = []
    for tables in reversed(releases):
        told = _told(tables["estimates"])
        corrected = {place[:2] for place, numbers in told.items() if latest.get(place, numbers) != numbers}
        found.append(
            {name: rows if name == "codebook" else _without(rows, corrected) for name, rows in tables.items()}
        )
        latest = told | latest
    return found[::-1]


def _told(estimates: pd.DataFrame) -> dict[tuple, tuple]:
    rows = estimates[estimates["status"] == "shown"]
    places, numbers = (rows[names].itertuples(index=False, name=None) for names in (_PLACE, _TOLD))
    return dict(zip(places, numbers, strict=True))


def _without(rows: pd.DataFrame, corrected: _Corrected) -> pd.DataFrame:
    """Return the rows that rest on no corrected question: of its wave, or of a pair or run of waves around it."""
    last = next((name for name in ("wave_to", "wave") if name in rows), None)
    if last is None or "question" not in rows:
        return rows
    first = rows["wave_from"].where(rows["wave_from"] != "", rows[last]) if "wave_from" in rows else rows[last]
    is_gone = pd.Series(False, index=rows.index)
    for wave, question in corrected:
        is_gone |= (rows["question"] == question) & (first <= wave) & (wave <= rows[last])
    return rows[~is_gone]
