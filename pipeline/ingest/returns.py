"""Returns against the population: more answers than staff means that something was read twice."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from pipeline.ingest.tables import FileRead
from pipeline.model import Problem, Survey, Wave


def files_without_answers(files: Iterable[FileRead]) -> list[Problem]:
    """Return a problem for each file of one wave without an accepted row: a note beside files with answers.

    A file in which nothing was read at all has its own problems, and late returns are not counted anyway.
    """
    own = [file for file in files if file.read and not file.source.received.after_deadline]
    counts = [(file, sum(len(read.accepted) for read in file.read)) for file in own]
    severity = "note" if any(count for _, count in counts) else "error"
    what, fix = "回答が1件もないファイルがあります", "見出しだけのファイルや、ほかのファイルとすべて重なるファイルでないか確かめてください。"
    return [
        file.source.problem(what, fix, found="回答0件", expected="回答のあるファイル", severity=severity)
        for file, count in counts
        if not count
    ]


def check_returns(survey: Survey, wave: Wave, responses: pd.DataFrame) -> list[Problem]:
    """Return an error where the accepted answers outnumber the people, in all or in one stratum."""
    population = wave.population
    if population is None:
        return []
    rows = responses[responses["wave"] == wave.key]
    problems = []
    if len(rows) > population.total:
        problems.append(
            _too_many(survey, wave, "回答数が対象者数より多くなっています", "", len(rows), population.total)
        )
    for name, headcounts in population.headcounts.items():
        attribute = survey.question(name)
        counts = rows[name].value_counts()
        for option in attribute.options:
            count, headcount = int(counts.get(option.id, 0)), headcounts.get(option.id, 0)
            if count > headcount:
                what = "回答数が対象者数より多い区分があります"
                problems.append(_too_many(survey, wave, what, option.label, count, headcount))
            elif headcount and not count and len(rows):
                problems.append(_none(survey, wave, option.label, headcount))
    return problems


def _none(survey: Survey, wave: Wave, label: str, headcount: int) -> Problem:
    """Return a note: nobody may have answered, or a file or sheet of that section is missing."""
    return Problem(
        "回答が1件もない区分があります",
        file=f"data/raw/{survey.id}/{wave.key}",
        key=label,
        found="回答0人",
        expected=f"対象者{headcount}人の区分",
        next_step="受け取っていないファイルや、読んでいないシートがないか確かめてください。なければ、このままで構いません。",
        severity="note",
    )


def _too_many(survey: Survey, wave: Wave, what: str, key: str, count: int, headcount: int) -> Problem:
    return Problem(
        what,
        file=f"data/raw/{survey.id}/{wave.key}",
        key=key,
        found=f"回答{count}人",
        expected=f"{headcount}人以下",
        next_step="同じ回答を2回読んでいないか、対象者数（名簿）が正しいかを確かめて、もう一度 "
        f"python -m pipeline check {survey.id} を実行してください。",
    )
