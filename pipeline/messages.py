"""What the console says, as text. Only the hall prints it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from pipeline.model import RESPONSE, Problem, Survey, Wave
from pipeline.numerals import percent_text

#: Signs of the page that a cp932 console has only in another shape.
_CONSOLE = str.maketrans({"〜": "～", "−": "－", "—": "―", "–": "－", "‐": "－", "\u00a0": " "})


def console_text(text: str) -> str:
    """Return ``text`` as a cp932 console can show it; what it has no sign for is a question mark."""
    return text.translate(_CONSOLE).encode("cp932", "replace").decode("cp932")


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


def ledger_text(survey: Survey, ledger: pd.DataFrame) -> str:
    """Return how many rows were read and what became of them, in one line."""
    if ledger.empty and any(wave.files for wave in survey.waves):
        return "受け取ったファイルを1つも読めていません"
    if ledger.empty:
        return "公表値から作成（受け取ったファイルはありません）"
    counts = ledger["status"].value_counts()
    accepted, rejected, duplicate = (counts.get(word, 0) for word in ("accepted", "rejected", "duplicate"))
    return f"{len(ledger)}行を読み、回答{accepted}件（見出し・空白などの行{rejected}、重複{duplicate}）"


def returns_lines(survey: Survey, responses: pd.DataFrame) -> Iterator[str]:
    """Yield 回収状況: returns and response rate of each wave, and of the newest one by stratum and mode."""
    printed = {figure.wave: figure.count_low for figure in survey.published if figure.question == RESPONSE}
    for wave in survey.waves:
        rows = responses[responses["wave"] == wave.key]
        count = printed.get(wave.key) if wave.is_published_only else len(rows)
        if count is None or wave.population is None:
            continue
        size = wave.population.total
        yield f"{wave.label}: 対象者{size}人 回答{count}人 回答率{percent_text(count, size)}%{_modes_text(wave, rows)}"
        if wave is survey.newest and wave.population.strata:
            yield from _strata_lines(survey, wave, rows)


def _strata_lines(survey: Survey, wave: Wave, rows: pd.DataFrame) -> Iterator[str]:
    """Yield every group of the roster, then whoever belongs to none of them: the lines add up."""
    attribute = survey.question(wave.population.attribute)
    cells = rows[attribute.id]
    for group, headcount in wave.population.strata.items():
        got = rows[cells == group]
        rate = f"{percent_text(len(got), headcount)}%" if headcount else "-"
        yield f"  {attribute.option(group).label}: {len(got)}/{headcount}人 {rate}{_modes_text(wave, got)}"
    rest = rows[~cells.isin(list(wave.population.strata))]
    if len(rest):
        yield f"  {attribute.label}が分からない人: {len(rest)}人{_modes_text(wave, rest)}"


def _modes_text(wave: Wave, rows: pd.DataFrame) -> str:
    """Return how many answered on which way; "" for a wave with one way only."""
    modes = list(dict.fromkeys(received.mode for received in wave.files))
    if len(modes) < 2:
        return ""
    return (
        "（" + "、".join(f"{mode or '方法不明'} {int((rows['mode'] == mode).sum())}" for mode in modes) + "）"
    )


def reconciliation_lines(survey: Survey, reconciliation: pd.DataFrame) -> Iterator[str]:
    """Yield 突合: the rows of each file, and the answers of each question in the newest wave.

    Beside errors the answers need not add up; then the rows alone are told.
    """
    if reconciliation.empty:
        return
    parts = reconciliation[["answered", "no_answer", "invalid", "not_applicable"]].sum(axis=1)
    is_closed = bool((parts == reconciliation["accepted"]).all())
    more = "、設問ごとに 回答 = 記入 + 無回答 + 無効 + 非該当" if is_closed else ""
    yield f"突合（読んだ行 = 回答 + 除外 + 重複{more}）"
    for (wave, file), rows in reconciliation.groupby(["wave", "file"], sort=False):
        first = rows.iloc[0]
        yield f"  {wave} {file}: {_sum(first, 'read', 'accepted', 'rejected', 'duplicate')}"
        if wave != survey.newest.key or not is_closed:
            continue
        for row in rows.to_dict("records"):
            label = survey.question(row["question"]).label
            yield f"    {label}: {_sum(row, 'accepted', 'answered', 'no_answer', 'invalid', 'not_applicable')}"


def _sum(row, whole: str, *parts: str) -> str:
    return f"{int(row[whole])} = " + " + ".join(str(int(row[part])) for part in parts)


def correction_lines(survey: Survey) -> Iterator[str]:
    """Yield the declared corrections: where, why, who, when. What stood there is in the file itself."""
    if survey.corrections:
        yield f"訂正 {len(survey.corrections)}件"
    for correction in survey.corrections:
        place = " ".join(filter(None, (correction.wave, correction.file, correction.sheet, correction.cell)))
        yield f"  {place}: {correction.reason}（{correction.who}、{correction.date}）"
