"""check: everything is read, counted and worded; nothing is written."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from pipeline.hall.auditing import crosses_left_out
from pipeline.hall.reading import Read, known_surveys, read_received, say, show_all
from pipeline.hall.released import received_since_release
from pipeline.hall.tabulating import tabulate_all
from pipeline.model import Problem, ProblemsFound
from pipeline.workspace import Workspace


def check(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Find everything that would stop a report; print returns per section, corrections and the closed books.

    Problems of the definitions do not keep those of the received files and decisions from being
    told. Raises ProblemsFound with all of them when there is an error among them.
    """
    surveys, problems = known_surveys(workspace, arguments.surveys, arguments.wave)
    for survey in surveys:
        read = read_received(workspace, survey)
        problems += read.notes
        is_incomplete = any(problem.is_error and _concerns(problem, survey.id) for problem in problems)
        for line in _lines(read, is_incomplete):
            print(line)
        problems += _counting_problems(workspace, read, is_incomplete, crosses_left_out(arguments))
        problems += received_since_release(workspace, survey, read.sources)
    if any(problem.is_error for problem in problems):
        raise ProblemsFound(problems)
    show_all(problems)
    if not problems:
        say("問題は見つかりませんでした")
    return 1 if problems and arguments.strict else 0


def _concerns(problem: Problem, survey: str) -> bool:
    return problem.file.startswith((f"surveys/{survey}/", f"data/raw/{survey}/"))


def _lines(read: Read, is_incomplete: bool) -> Iterator[str]:
    from pipeline.messages import correction_lines, ledger_text, reconciliation_lines, returns_lines

    survey = read.survey
    yield f"■ {survey.organisation} {survey.title}（{survey.id}）"
    if is_incomplete:
        yield "  （エラーがあるため、読めたところまでの数です）"
    yield f"  {ledger_text(survey, read.ledger)}"
    for line in returns_lines(survey, read.responses):
        yield f"  {line}"
    for line in (*reconciliation_lines(survey, read.reconciliation), *correction_lines(survey)):
        yield f"  {line}"


def _counting_problems(
    workspace: Workspace, read: Read, is_incomplete: bool, without: tuple[str, ...]
) -> list[Problem]:
    """Return what is wrong with decisions and page text, and notes; only decisions where reading was."""
    from pipeline import coding

    try:
        if is_incomplete:
            coding.read_decisions(workspace.decisions(read.survey.id), read.survey)
            return []
        return list(tabulate_all(workspace, [read], without)[0].notes)
    except ProblemsFound as found:
        return list(found.problems)
