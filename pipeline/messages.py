"""What the console says, as text. Only the hall prints it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from pipeline.model import RESPONSE, Problem, Survey
from pipeline.numerals import percent_text


def problem_text(problem: Problem) -> str:
    """Return one problem: what, where, found, expected, next step."""
    lines = [f"[{'エラー' if problem.is_error else '注意'}] {problem.what}"]
    place = [("ファイル", problem.file), ("シート", problem.sheet), ("セル", problem.cell)]
    if any(text for _, text in place):
        lines.append("  " + "  ".join(f"{name}: {text}" for name, text in place if text))
    details = [("項目", problem.key), ("見つかったもの", problem.found), ("正しくは", problem.expected)]
    lines += [f"  {name}: {text}" for name, text in [*details, ("直し方", problem.next_step)] if text]
    return "\n".join(lines)


def problems_text(problems: Iterable[Problem]) -> str:
    """Return all problems, errors last so that they stay in sight, and how many there are."""
    problems = sorted(problems, key=lambda problem: (problem.is_error, problem.file))
    errors = sum(problem.is_error for problem in problems)
    total = f"エラー {errors}件、注意 {len(problems) - errors}件"
    return "\n".join([*map(problem_text, problems), total])


def ledger_text(ledger: pd.DataFrame) -> str:
    """Return how many rows were read and what became of them, in one line."""
    if ledger.empty:
        return "公表値から作成（受け取ったファイルはありません）"
    counts = ledger["status"].value_counts()
    accepted, rejected, duplicate = (counts.get(word, 0) for word in ("accepted", "rejected", "duplicate"))
    return f"{len(ledger)}行を読み、回答{accepted}件（見出し・空白などの行{rejected}、重複{duplicate}）"


def returns_lines(survey: Survey, responses: pd.DataFrame) -> Iterator[str]:
    """Yield 回収状況: returns and response rate of each wave, and of the newest one by stratum."""
    printed = {figure.wave: figure.count_low for figure in survey.published if figure.question == RESPONSE}
    for wave in survey.waves:
        rows = responses[responses["wave"] == wave.key]
        count = printed.get(wave.key) if wave.is_published_only else len(rows)
        if wave.population is None or count is None:
            continue
        size = wave.population.total
        yield f"{wave.label}: 対象者{size}人 回答{count}人 回答率{percent_text(count, size)}%"
        if wave is not survey.newest or not wave.population.strata:
            continue
        attribute = survey.question(wave.population.attribute)
        for group, headcount in wave.population.strata.items():
            got = int((rows[attribute.id] == group).sum())
            rate = f"{percent_text(got, headcount)}%" if headcount else "-"
            yield f"  {attribute.option(group).label}: {got}/{headcount}人 {rate}"
