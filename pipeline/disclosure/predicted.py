"""Which predicted shares the public edition may show: those of enough people, by the estimate."""

from __future__ import annotations

import pandas as pd

from pipeline.frames import FEWEST_PREDICTED

_NUMBERS = ["value", "low", "high", "standard_error", "base"]


def shown_predictions(predicted: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Return the table of predicted shares with the numbers of rows that are withheld taken out.

    predicted: wave, question, option, base_kind, value, low, high, standard_error (fractions), base and
    note. Withheld are themes of an estimated one or two people, and every theme of a question that
    fewer than ``minimum`` people answered with content.
    """
    people = predicted["value"] * predicted["base"]
    answered = predicted["base"].where(predicted["base_kind"] == "with_content")
    answered = answered.groupby([predicted["wave"], predicted["question"]]).transform("min")
    is_hidden = ~(people >= FEWEST_PREDICTED) | (answered < minimum)
    return predicted.assign(**{name: predicted[name].where(~is_hidden) for name in _NUMBERS})
