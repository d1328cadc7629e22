"""Which approved lines an edition may show: those of themes whose number of people it shows."""

from __future__ import annotations

import pandas as pd

from pipeline.model import TOTAL_BANNER

#: A line under a theme of one or two people would tell what somebody wrote.
FEWEST_PEOPLE = 3


def shown_lines(lines: pd.DataFrame, estimates: pd.DataFrame, wave: str) -> pd.DataFrame:
    """Return the rows of ``lines`` (frames.LINES) that stand under a theme with enough people.

    estimates: frames.ESTIMATES of the edition the lines are for. A theme whose count is withheld or
    not known, or that fewer than FEWEST_PEOPLE spoke of, has no line.
    """
    themes = estimates[(estimates["wave"] == wave) & (estimates["banner"] == TOTAL_BANNER)]
    enough = themes[(themes["status"] == "shown") & (themes["count_low"] >= FEWEST_PEOPLE)]
    shown = pd.MultiIndex.from_frame(enough[["question", "option"]])
    found = pd.MultiIndex.from_frame(lines[["question", "code"]]).isin(shown)
    return lines[found].reset_index(drop=True)
