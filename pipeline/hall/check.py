"""check: everything is read, counted and worded; nothing is written."""

from __future__ import annotations

import argparse

from pipeline.hall.reading import chosen_surveys, read_all, say, show_all
from pipeline.hall.tabulating import tabulate_all
from pipeline.model import Problem
from pipeline.workspace import Workspace


def check(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Find everything that would stop a report, and print the returns per stratum."""
    from pipeline.messages import ledger_text, returns_lines

    surveys = chosen_surveys(workspace, arguments.surveys, arguments.wave)
    notes: list[Problem] = []
    for made in tabulate_all(workspace, read_all(workspace, surveys)):
        read = made.read
        notes += [*read.notes, *made.notes]
        print(f"■ {read.survey.organisation} {read.survey.title}（{read.survey.id}）")
        print(f"  {ledger_text(read.ledger)}")
        for line in returns_lines(read.survey, read.responses):
            print(f"  {line}")
    show_all(notes)
    if not notes:
        say("問題は見つかりませんでした")
    return 1 if notes and arguments.strict else 0
