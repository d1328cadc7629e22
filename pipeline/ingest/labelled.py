"""回答一覧: one row per respondent in the words of the questionnaire, for pivot tables."""

from __future__ import annotations

import pandas as pd

from pipeline.model import ANSWERED, STATE_LABELS, Question, Survey

#: What stands for an answer that is a list of ticks or a text; the text itself is not in the table.
_GIVEN = "記入あり"
_TICK = "○"
_WHO = {"wave": "調査回", "respondent": "回答番号", "file": "ファイル", "mode": "回答方法"}


def labelled(survey: Survey, responses: pd.DataFrame) -> pd.DataFrame:
    """Return ``responses`` with labels for codes under headers people read; no free text.

    A multiple question has a column of its state and one of ○ per option. Headers are unique.
    """
    waves = {wave.key: wave.label for wave in survey.waves}
    columns = {header: responses[column].astype(object) for column, header in _WHO.items()}
    columns["調査回"] = columns["調査回"].map(waves)
    for question in survey.questions:
        name = _unique(" ".join(filter(None, (question.number, question.label))), columns)
        columns[name] = responses[question.id].astype(object).map(_words(question))
        for option in question.options if question.kind == "multiple" else ():
            ticks = responses[f"{question.id}.{option.id}"]
            columns[_unique(f"{name}：{option.label}", columns)] = ticks.astype(object).map({"1": _TICK, "0": "", "": ""})
    return pd.DataFrame(columns, dtype=object)


def _words(question: Question) -> dict[str, str]:
    options = {option.id: option.label for option in question.options} if question.kind == "single" else {}
    return {**options, ANSWERED: _GIVEN, **STATE_LABELS}


def _unique(header: str, taken) -> str:
    """Return the header, numbered when an Excel table would already have it (case is no difference)."""
    keys = {name.casefold() for name in taken}
    number, name = 1, header
    while name.casefold() in keys:
        number += 1
        name = f"{header}（{number}）"
    return name
