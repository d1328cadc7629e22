"""What every respondent chose, as arrays: the one form of single, multiple and coded free answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.model import (
    ANSWERED,
    INVALID,
    NO_ANSWER,
    NOT_APPLICABLE,
    NOT_ASKED,
    Question,
    Survey,
)


@dataclass(frozen=True)
class Choices:
    """asked: (n,) bool; ticks: (n, entries) bool, entries = options, no_answer, invalid, nets."""

    entries: tuple[str, ...]
    asked: np.ndarray
    ticks: np.ndarray


def choices(question: Question, responses: pd.DataFrame, codings: pd.DataFrame) -> Choices:
    """Return the Choices of all n respondents, in the order of ``responses``.

    A wave in which a free answer has no coding is left out as not asked: part of the
    answers must never pass for all of them.
    """
    states = responses[question.id].to_numpy(object)
    options = [option.id for option in question.options]
    if question.kind == "single":
        ticks = np.column_stack([states == option for option in options])
    elif question.kind == "multiple":
        ticks = np.column_stack([responses[f"{question.id}.{option}"].to_numpy(object) == "1" for option in options])
    else:
        ticks, states = _coded(question, responses, codings)
    asked = ~np.isin(states.astype(str), (NOT_APPLICABLE, NOT_ASKED))
    nets = [ticks[:, [options.index(option) for option in net.options]].any(axis=1) for net in question.nets]
    columns = [ticks, states == NO_ANSWER, states == INVALID, *nets]
    entries = (*options, NO_ANSWER, INVALID, *(net.id for net in question.nets))
    return Choices(entries, asked, np.column_stack(columns).astype(bool))


def _coded(question: Question, responses: pd.DataFrame, codings: pd.DataFrame):
    """Return (ticks, states): an answer without a theme of the list has no content (無回答)."""
    own = codings[codings["question"] == question.id]
    keys = _keys(responses)
    ticks = np.zeros((len(responses), len(question.options)), dtype=bool)
    for place, option in enumerate(question.options):
        ticks[:, place] = keys.isin(_keys(own[own["code"] == option.id]))
    coded = keys.isin(_keys(own))
    states = responses[question.id].to_numpy(object).copy()
    answered = states == ANSWERED
    waves = responses["wave"].to_numpy(object)
    for wave in np.unique(waves[answered & ~coded]):
        states[waves == wave] = NOT_ASKED
    states[(states == ANSWERED) & ~ticks.any(axis=1)] = NO_ANSWER
    return ticks & (states == ANSWERED)[:, None], states


def uncoded_waves(survey: Survey, responses: pd.DataFrame, codings: pd.DataFrame) -> set[tuple[str, str]]:
    """Return (wave, question) of the free answers that have uncoded rows."""
    missing = set()
    for question in survey.questions:
        if question.is_free_text:
            is_coded = _keys(responses).isin(_keys(codings[codings["question"] == question.id]))
            uncoded = (responses[question.id] == ANSWERED).to_numpy() & ~is_coded
            missing |= {(wave, question.id) for wave in responses.loc[uncoded, "wave"]}
    return missing


def _keys(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[["wave", "respondent"]])
