"""The books closed: no row read and no answer given may be lost between the files and the tables."""

from __future__ import annotations

import pandas as pd

from pipeline import frames
from pipeline.model import INVALID, NO_ANSWER, NOT_APPLICABLE, Question, Survey

_STATUSES = ("accepted", "rejected", "duplicate")
_STATES = (NO_ANSWER, INVALID, NOT_APPLICABLE)


def reconciliation(survey: Survey, ledger: pd.DataFrame, responses: pd.DataFrame) -> pd.DataFrame:
    """Return rows read and what became of them, and answers by state, per file and question asked.

    Counted from the two finished tables, independently of each other.
    """
    rows = []
    for wave in survey.waves:
        for received in wave.files:
            lines = ledger[(ledger["wave"] == wave.key) & (ledger["file"] == received.file)]
            people = responses[(responses["wave"] == wave.key) & (responses["file"] == received.file)]
            if lines.empty:
                continue
            status = lines["status"].value_counts()
            place = {"wave": wave.key, "file": received.file, "read": len(lines)}
            fates = {name: int(status.get(name, 0)) for name in _STATUSES}
            rows += [
                {**place, "question": question.id, **fates, **_answers(question, people)}
                for question in survey.questions
                if wave.asks(question.id)
            ]
    return frames.table(frames.RECONCILIATION, rows)


def check_closed(table: pd.DataFrame) -> None:
    """Raise AssertionError when read ≠ accepted + rejected + duplicate or accepted ≠ answered + states.

    Where every problem of the files is solved only a mistake of the program can cause that.
    """
    fates, answers = table[[*_STATUSES]].sum(axis=1), table[["answered", *_STATES]].sum(axis=1)
    lost = table[(fates != table["read"]) | (answers != table["accepted"])]
    assert lost.empty, lost.head().to_dict("records")


def _answers(question: Question, people: pd.DataFrame) -> dict[str, int]:
    """Return people by state; an answer is an option of the question, or an answered list or text."""
    cells = people[question.id]
    chosen = [option.id for option in question.options] if question.kind == "single" else ["answered"]
    states = {state: int((cells == state).sum()) for state in _STATES}
    return {"answered": int(cells.isin(chosen).sum()), **states}
