"""Which predicted shares the public edition may show: those of enough people, by the estimate."""

from __future__ import annotations

import pandas as pd

from pipeline.model import Survey

_NUMBERS = ["value", "low", "high", "standard_error", "base"]


def shown_predictions(predicted: pd.DataFrame, survey: Survey) -> pd.DataFrame:
    """Return the table of predicted shares with the numbers of rows that are withheld taken out.

    predicted: wave, question, option, base_kind, value, low, high, standard_error (fractions), base and
    note. Withheld are themes of an estimated 0 to ``minimum_cell`` − 1 people (``minimum_cell_sensitive``
    where the question is marked so), and every theme of a question that fewer than ``minimum_group``
    people answered with content.
    """
    people = predicted["value"] * predicted["base"]
    answered = predicted["base"].where(predicted["base_kind"] == "with_content")
    answered = answered.groupby([predicted["wave"], predicted["question"]]).transform("min")
    fewest = predicted["question"].map(lambda name: survey.parameters.fewest(survey.question(name)))
    is_hidden = ~(people >= fewest) | (answered < survey.parameters.minimum_group)
    return predicted.assign(**{name: predicted[name].where(~is_hidden) for name in _NUMBERS})
