"""Theme shares of waves that people have read in part: what the audit tells, for ``estimates``.

A wave whose answers are all decided is counted and never comes here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from pipeline.coding.audit_file import Audited, audited_shares, read_audit, still_to_review
from pipeline.coding.decisions import Decisions, comment_key
from pipeline.coding.shares import FEWEST_AUDITED, REVIEWED
from pipeline.model import NOT_APPLICABLE, NOT_ASKED, Question, Survey

COLUMNS = [
    *("wave", "question", "option", "base_kind", "value", "low", "high", "standard_error", "base", "note")
]
_NO_AUDIT = "監査の抜き取りはまだない"
_TOO_FEW = f"監査が{FEWEST_AUDITED}件より少ないため割合を推計しない"


@dataclass(frozen=True)
class Predicted:
    """``table``: one row (COLUMNS) per wave, question, option or net and base, fractions, unrounded.

    ``progress``: (wave, question) → how many answers people have sorted, and why there is no estimate yet.
    """

    table: pd.DataFrame
    progress: Mapping[tuple[str, str], str]


def predicted(
    survey: Survey,
    responses: pd.DataFrame,
    comments: pd.DataFrame,
    decisions: Decisions,
    folder: Path,
    unfinished: Iterable[tuple[str, str]],
) -> Predicted:
    """Return the audited shares of the ``unfinished`` (wave, question) whose A and S are all decided.

    comments: frames.COMMENTS; folder: ``surveys/<id>/coding``. Of base kind ``asked`` is everyone the
    question was put to, of ``with_content`` those whose answer has content. Raises ProblemsFound for a
    damaged audit.csv.
    """
    tables, progress, files = [], {}, {}
    for wave, question in sorted(unfinished):
        if wave not in files:
            place = f"surveys/{survey.id}/coding/{wave}/audit.csv"
            files[wave] = read_audit(folder / wave / "audit.csv", place)
        asked = survey.question(question)
        texts = comments.loc[(comments["wave"] == wave) & (comments["question"] == question), "text"]
        copies = Counter(comment_key(question, text) for text in texts)
        decided = {key: codes for key in copies if (codes := decisions.get((question, key)))}
        frozen = [row for row in files[wave] if row.question == question]
        rows = tuple(_as_they_are(frozen, copies, decided))
        found = audited_shares(rows, decided, _entries(asked))
        people = _asked_people(responses, wave, question)
        tables.append(_of_everyone_asked(found, people).assign(wave=wave, question=question))
        done = sum(copies[key] for key in decided)
        why = "" if len(found) else f"（{_missing(frozen, rows, decided)}）"
        progress[wave, question] = f"{copies.total()}件のうち{done}件を分類{why}"
    table = pd.concat([table for table in tables if len(table)] or [pd.DataFrame(columns=COLUMNS)])
    return Predicted(table[COLUMNS].reset_index(drop=True), progress)


def _as_they_are(
    frozen: Iterable[Audited], copies: Mapping[str, int], decided: Collection[str]
) -> Iterator[Audited]:
    """Yield the frozen rows with today's number of answers; answers that came later are reviewed ones.

    What is left of a simple random sample of B is one of what is left of B. A later answer belongs to A,
    counted when it is decided; until then ``still_to_review`` names it and nothing is predicted.
    """
    frozen = [row for row in frozen if copies.get(row.key)]
    known = {row.key for row in frozen}
    yield from (replace(row, copies=copies[row.key]) for row in frozen)
    if frozen:
        yield from (
            replace(frozen[0], key=key, stratum=REVIEWED, copies=copies[key], chances={})
            for key in sorted(copies)
            if key not in known
        )


def _entries(question: Question) -> dict[str, tuple[str, ...]]:
    own = {option.id: (option.id,) for option in question.options}
    return own | {net.id: tuple(net.options) for net in question.nets}


def _asked_people(responses: pd.DataFrame, wave: str, question: str) -> int:
    states = responses.loc[responses["wave"] == wave, question].astype(str)
    return int((~states.isin((NOT_APPLICABLE, NOT_ASKED))).sum())


def _of_everyone_asked(found: pd.DataFrame, people: int) -> pd.DataFrame:
    """Return the shares with those of all answers made shares of everyone asked: a known number."""
    is_asked = found["base_kind"] == "asked"
    part = (found["base"].astype(float) / max(people, 1)).where(is_asked, 1.0)
    scaled = {name: found[name] * part for name in ("value", "low", "high", "standard_error")}
    return found.assign(**scaled, base=found["base"].where(~is_asked, people))


def _missing(frozen: Collection[Audited], rows: Collection[Audited], decided: Mapping) -> str:
    """Say why nothing is predicted yet."""
    if not frozen:
        return _NO_AUDIT
    wanted = len(still_to_review(tuple(rows), decided))
    return f"監査のため、あと{wanted}種類の回答を読む" if wanted else _TOO_FEW
