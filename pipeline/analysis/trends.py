"""estimates → trends: the slope over three and more waves."""

from __future__ import annotations

import pandas as pd

from pipeline import frames
from pipeline.model import Survey


def trends(survey: Survey, estimates: pd.DataFrame) -> pd.DataFrame:
    """Return the trends (frames.TRENDS) of an edition."""
    return frames.table(frames.TRENDS, ())
