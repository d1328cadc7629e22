"""Which comparisons are hypotheses, and which of them are adjusted together.

Whether a row is a member depends on the definitions, on bases and on what is withheld, never on
its p-value: choosing after looking would undo the adjustment.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.model import TOTAL_BANNER, Survey

#: (wave, question, option) of the whole staff that the public edition withholds; option "" is all of them.
Withheld = frozenset[tuple[str, str, str]]


def hypotheses(survey: Survey) -> frozenset[tuple[str, str]]:
    """Return the (question, option) that are tested: of a question its headline, of many answers every option.

    A question whose survey file declares no headline is tested on every option: which one
    matters must not be chosen from the answers.
    """
    found = set()
    for question in survey.questions:
        if question.is_attribute:
            continue
        if question.headline:
            found.add((question.id, question.headline))
        if question.takes_many or not question.headline:
            found |= {(question.id, option.id) for option in question.options}
            # What was split or merged is one thing asked in both waves: it stands for its options.
            found |= {(question.id, net.id) for net in question.nets if net.is_lineage}
    return frozenset(found)


def are_hypotheses(survey: Survey, rows: pd.DataFrame) -> np.ndarray:
    """Return which rows (with question and option) are hypotheses: (n,) bool."""
    wanted = pd.MultiIndex.from_tuples(sorted(hypotheses(survey)) or [("", "")])
    return pd.MultiIndex.from_frame(rows[["question", "option"]]).isin(wanted)


def families(survey: Survey, rows: pd.DataFrame, where: pd.Series, members: np.ndarray) -> np.ndarray:
    """Return the family of each row, "" for what is no member.

    where: the waves the row speaks of, as text; members: (n,) bool. One family per waves and
    banner. Of the whole staff, questions that are not public have a family of their own, so
    that the others are judged alike in both editions.
    """
    closed = {question.id for question in survey.questions if not question.is_public}
    is_closed = (rows["question"].isin(closed) & (rows["banner"] == TOTAL_BANNER)).to_numpy()
    names = (where + ":" + rows["banner"]).to_numpy(object) + np.where(is_closed, ":internal", "").astype(
        object
    )
    return np.where(members, names, "")


def is_always_shown(rows: pd.DataFrame, waves: list[str], withheld: Withheld) -> np.ndarray:
    """Return which rows are of the groups, or never withheld from the public in any of ``waves`` (columns)."""
    hidden = pd.MultiIndex.from_tuples(sorted(withheld) or [("", "", "")])
    is_hidden = np.zeros(len(rows), dtype=bool)
    for column in waves:
        for option in (rows["option"], ""):
            places = rows[[column, "question"]].assign(option=option)
            is_hidden |= pd.MultiIndex.from_frame(places).isin(hidden)
    return ~(is_hidden & (rows["banner"] == TOTAL_BANNER).to_numpy())
