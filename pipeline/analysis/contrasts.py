"""estimates → contrasts: a group against the rest of its table."""

from __future__ import annotations

import pandas as pd

from pipeline import frames
from pipeline.model import Survey


def contrasts(survey: Survey, estimates: pd.DataFrame) -> pd.DataFrame:
    """Return the contrasts (frames.CONTRASTS) of an edition."""
    return frames.table(frames.CONTRASTS, ())
