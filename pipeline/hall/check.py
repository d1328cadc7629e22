"""check: everything is read, nothing is written."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from pipeline.hall.reading import Read, chosen_surveys, read_all, say, show_all
from pipeline.model import Problem
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd


def check(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Read everything, write nothing; print the returns per stratum."""
    surveys = chosen_surveys(workspace, arguments.surveys, arguments.wave)
    from pipeline import coding
    from pipeline.messages import ledger_text, returns_lines

    notes: list[Problem] = []
    for read in read_all(workspace, surveys):
        decisions = coding.read_decisions(workspace.decisions(read.survey.id), read.survey)
        notes += [*read.notes, *_uncoded(read, coding.codings(read.comments, decisions))]
        print(f"■ {read.survey.organisation} {read.survey.title}（{read.survey.id}）")
        print(f"  {ledger_text(read.ledger)}")
        for line in returns_lines(read.survey, read.responses):
            print(f"  {line}")
    show_all(notes)
    if not notes:
        say("問題は見つかりませんでした")
    return 1 if notes and arguments.strict else 0


def _uncoded(read: Read, codings: pd.DataFrame) -> list[Problem]:
    from pipeline import analysis

    step = "分類を終えるまで、その年度の件数は結果ページに載りません。"
    what = "分類が終わっていない自由記述があります"
    missing = sorted(analysis.uncoded_waves(read.survey, read.responses, codings))
    return [
        Problem(what, key=f"{wave} {read.survey.question(question).label}", next_step=step, severity="note")
        for wave, question in missing
    ]
