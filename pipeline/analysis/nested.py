"""Two attributes as one: its groups are the pairs of theirs."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pandas as pd

from pipeline.model import NO_ANSWER, Cross, Option, Question, Survey, Wave, frozen_mapping


def asked_for(
    survey: Survey, responses: pd.DataFrame, wave: Wave, question: str, attributes: tuple[str, ...]
) -> tuple[Survey, pd.DataFrame]:
    """Return survey and responses of one wave with the crosses of ``question`` by the attributes asked for.

    By each attribute and, of two, by both at once: an attribute ``a_x_b`` of the survey returned
    whose groups are the pairs in the order of both. Whoever lacks one of them is of unknown group.
    """
    rows = responses[responses["wave"] == wave.key].reset_index(drop=True)
    kept = (*survey.attributes, survey.question(question))
    banners = list(attributes)
    if len(attributes) > 1:
        joined, cells = _joined([survey.question(name) for name in attributes], rows, wave.key)
        kept, rows = (*kept, joined), rows.assign(**{joined.id: cells})
        banners.append(joined.id)
        wave = replace(wave, wording=frozen_mapping({**wave.wording, joined.id: ""}))
    crosses = tuple(Cross(banner, (question,)) for banner in banners)
    only = replace(survey, questions=kept, waves=(wave,), crosses=crosses, published=(), comparability=())
    return only, rows


def _joined(attributes: list[Question], rows: pd.DataFrame, wave: str) -> tuple[Question, list[str]]:
    pairs = list(product(*(attribute.offered(wave) for attribute in attributes)))
    options = tuple(Option(_name(p.id for p in pair), " × ".join(p.label for p in pair)) for pair in pairs)
    known = {option.id for option in options}
    cells = [
        _name(values)
        for values in rows[[attribute.id for attribute in attributes]].itertuples(index=False, name=None)
    ]
    name = "_x_".join(attribute.id for attribute in attributes)
    label = " × ".join(attribute.label for attribute in attributes)
    joined = Question(name, label, "single", options=options, is_attribute=True, is_public=False)
    return joined, [cell if cell in known else NO_ANSWER for cell in cells]


def _name(ids) -> str:
    return "_x_".join(ids)
