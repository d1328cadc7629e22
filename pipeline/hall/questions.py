"""questions: what was asked when, and how far each step may be compared. Nothing is read but the definitions."""

from __future__ import annotations

import argparse
import unicodedata
from collections.abc import Iterator

from pipeline.hall.reading import chosen_surveys
from pipeline.lineage import links_between
from pipeline.matching import fold
from pipeline.model import EVERY_QUESTION, Question, Survey, Wave
from pipeline.workspace import Workspace

_GRADES = {"same": "同じ", "flagged": "注意", "broken": "断層"}
_FIRST, _NOT_ASKED, _REWORDED = "初回", "…", "・文言"
_LEGEND = (
    f"{_NOT_ASKED} 聞いていない  {_FIRST} はじめて聞いた  同じ・注意・断層 その前に聞いた調査回と比べて"
    f"  「{_REWORDED}」 設問の文言が変わった"
)


def questions(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Print the grid of questions × waves of each survey, and the reasons of what is flagged or broken."""
    for survey in chosen_surveys(workspace, arguments.surveys, arguments.wave):
        print(f"■ {survey.organisation} {survey.title}（{survey.id}）")
        for line in (*grid_lines(survey), f"  {_LEGEND}", *reason_lines(survey)):
            print(line)
    return 0


def grid_lines(survey: Survey) -> list[str]:
    """Return the grid as lines of equal columns: a question per line, a wave per column."""
    rows = [["設問", *(wave.key for wave in survey.waves)]]
    for question in survey.questions:
        name = f"{question.number or ('属性' if question.is_attribute else '')} {question.label}".strip()
        rows.append([f"{name} [{question.id}]", *(_cell(survey, question, wave) for wave in survey.waves)])
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  " + "  ".join(map(_padded, row, widths)).rstrip() for row in rows]


def _cell(survey: Survey, question: Question, wave: Wave) -> str:
    if not wave.asks(question.id):
        return _NOT_ASKED
    before = _asked_before(survey, question, wave)
    if before is None:
        return _FIRST
    grade, _ = _step(survey, question, before, wave)
    old, new = (known.wording[question.id] for known in (before, wave))
    is_reworded = bool(old and new and fold(old) != fold(new))
    return _GRADES[grade] + (_REWORDED if is_reworded else "")


def _asked_before(survey: Survey, question: Question, wave: Wave) -> Wave | None:
    earlier = [known for known in survey.waves if known.key < wave.key and known.asks(question.id)]
    return earlier[-1] if earlier else None


def _step(survey: Survey, question: Question, before: Wave, wave: Wave) -> tuple[str, str]:
    """Return (grade, reason) of one step; what lineage.csv joins is flagged."""
    from pipeline.analysis.comparability import grade, worst_of

    links = links_between(survey, question.id, before.key, wave.key)
    joined = [("flagged", f"{link.reason}（「{link.label}」として比べる）") for link in links]
    return worst_of(grade(survey, question.id, before.key, wave.key), *joined)


def reason_lines(survey: Survey) -> Iterator[str]:
    """Yield every flagged or broken step with its reason, then who signed for every question at once."""
    for question in survey.questions:
        for wave in survey.waves:
            before = _asked_before(survey, question, wave) if wave.asks(question.id) else None
            grade, reason = _step(survey, question, before, wave) if before else ("same", "")
            if grade != "same":
                yield f"  {_GRADES[grade]} {question.id} {before.key}→{wave.key}: {reason}"
    for row in survey.comparability:
        if row.question == EVERY_QUESTION:
            who = f"（{row.decided_by}、{row.date}）"
            yield f"  すべての設問 {row.wave_from}→{row.wave_to} {_GRADES[row.grade]}: {row.reason}{who}"


def _width(text: str) -> int:
    """Return the columns a Japanese console needs: ambiguous characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
