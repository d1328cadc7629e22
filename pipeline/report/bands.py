"""What is said of a withheld share instead of its number."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.model import HIGH_BAND, LOW_BAND

Row = Mapping[str, object]
#: Band → what it means, for the lists of signs.
MEANINGS = (
    (LOW_BAND, "1割以下であることだけを示します（秘匿）。"),
    (HIGH_BAND, "9割以上であることだけを示します（秘匿）。"),
)


def band(row: Row | None) -> str:
    """Return the band of a withheld row, "" where nothing is said of it."""
    is_withheld = row is not None and row["status"] == "withheld"
    return str(row["note"]) if is_withheld and row["note"] in (LOW_BAND, HIGH_BAND) else ""
