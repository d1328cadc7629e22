"""What people decided about each free answer: kept by a hash of question and text.

The same text needs one decision only; the text itself stands nowhere in the file.
"""

from __future__ import annotations

import csv
import hashlib
import io
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from pipeline import frames
from pipeline.decoding import read_text
from pipeline.matching import nearest
from pipeline.model import Problem, ProblemsFound, Survey

COLUMNS = ("key", "question", "codes", "coder", "date", "theme_version")
#: (question, key) → theme codes.
Decisions = Mapping[tuple[str, str], tuple[str, ...]]


def comment_key(question: str, text: str) -> str:
    """Return the key of a free answer: SHA-256 of the question id and the NFKC text."""
    return hashlib.sha256(f"{question}\n{unicodedata.normalize('NFKC', text).strip()}".encode()).hexdigest()


def read_decisions(path: Path, survey: Survey) -> Decisions:
    """Return the decisions of ``surveys/<id>/coding/decisions.csv``; a later row replaces an earlier one.

    Raises ProblemsFound for unknown columns, questions and codes. No file: no decisions.
    """
    if not path.exists():
        return {}
    place = f"surveys/{survey.id}/coding/{path.name}"
    try:
        rows = list(csv.reader(io.StringIO(read_text(path, place)), strict=True))
    except csv.Error:
        raise ProblemsFound([Problem("引用符（\"）が閉じていない行があります", file=place)]) from None
    if not rows or tuple(rows[0]) != COLUMNS:
        found = ",".join(rows[0]) if rows else "（空のファイル）"
        raise ProblemsFound([Problem("見出しが違います", file=place, found=found, expected=",".join(COLUMNS))])
    codes_of = {q.id: _codes(survey, q.box) for q in survey.questions if q.is_free_text}
    decided: dict[tuple[str, str], tuple[str, ...]] = {}
    problems = []
    for line, cells in enumerate(rows[1:], start=2):
        row = dict(zip(COLUMNS, cells, strict=False))
        if len(cells) != len(COLUMNS) or row["question"] not in codes_of:
            found = row.get("question", "")
            problems.append(_problem(place, line, "列の数か設問のIDが違います", found, codes_of))
            continue
        codes = tuple(dict.fromkeys(code.strip() for code in row["codes"].split(";") if code.strip()))
        for code in codes:
            if code not in codes_of[row["question"]]:
                problems.append(_problem(place, line, "主題にないコードです", code, codes_of[row["question"]]))
        # Blank codes mean undecided, not "no theme".
        if codes:
            decided[row["question"], row["key"]] = codes
    if problems:
        raise ProblemsFound(problems)
    return decided


def _codes(survey: Survey, box: str) -> list[str]:
    return [theme.code for theme in survey.themes if theme.box in (box, "both")]


def _problem(place: str, line: int, what: str, found: str, allowed) -> Problem:
    close = nearest(found, allowed)
    return Problem(
        what,
        file=place,
        cell=f"{line}行目",
        found=found,
        expected="、".join(allowed),
        next_step=f"「{close}」の間違いではありませんか。" if close else "行を直してください。",
    )


def codings(comments: pd.DataFrame, decisions: Decisions) -> pd.DataFrame:
    """Return the codings (frames.CODINGS) of the comments that are decided."""
    rows = []
    for wave, respondent, question, text in comments.itertuples(index=False, name=None):
        for code in decisions.get((question, comment_key(question, text)), ()):
            rows.append({"wave": wave, "respondent": respondent, "question": question, "code": code})
    return frames.table(frames.CODINGS, rows)
