"""Which approved lines an edition may show: those of themes whose number of people it shows."""

from __future__ import annotations

import pandas as pd

from pipeline.frames import FEWEST_PREDICTED, PREDICTED
from pipeline.model import TOTAL_BANNER


def shown_lines(lines: pd.DataFrame, estimates: pd.DataFrame, wave: str) -> pd.DataFrame:
    """Return the rows of ``lines`` (frames.LINES) that stand under a theme with enough people.

    estimates: frames.ESTIMATES of the edition the lines are for. A theme whose count is withheld or
    not known, or that fewer than FEWEST_PREDICTED spoke of (by the estimate, where it is predicted), has no line: it would
    tell what somebody wrote.
    """
    themes = estimates[(estimates["wave"] == wave) & (estimates["banner"] == TOTAL_BANNER)]
    estimated = (themes["percent"] * themes["base"] / 100).where(themes["basis"] == PREDICTED)
    people = themes["count_low"].fillna(estimated)
    enough = themes[(themes["status"] == "shown") & (people >= FEWEST_PREDICTED)]
    shown = pd.MultiIndex.from_frame(enough[["question", "option"]])
    found = pd.MultiIndex.from_frame(lines[["question", "code"]]).isin(shown)
    return lines[found].reset_index(drop=True)
