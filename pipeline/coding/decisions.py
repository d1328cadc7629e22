"""What people decided about each free answer: kept by a hash of question and text.

The same text needs one decision only; the text itself stands nowhere in the file. Rows are only ever
added; a later row about the same text wins, and one without codes makes it undecided again.
"""

from __future__ import annotations

import csv
import hashlib
import io
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline import frames
from pipeline.coding.signed_table import SignedTable, read_signed_table
from pipeline.decoding import read_text
from pipeline.model import Survey

COLUMNS = ("key", "question", "codes", "coder", "date", "theme_version")
#: (question, key) → theme codes.
Decisions = Mapping[tuple[str, str], tuple[str, ...]]


@dataclass(frozen=True)
class Decision:
    """One row: what was decided of a text, by whom and under which version of the themes."""

    key: str
    question: str
    codes: tuple[str, ...]
    coder: str
    date: str
    theme_version: str

    @property
    def place(self) -> tuple[str, str]:
        return self.question, self.key


def comment_key(question: str, text: str) -> str:
    """Return the key of a free answer: SHA-256 of the question id and the NFKC text."""
    return hashlib.sha256(f"{question}\n{unicodedata.normalize('NFKC', text).strip()}".encode()).hexdigest()


def read_decisions(path: Path, survey: Survey) -> Decisions:
    """Return the decisions of ``surveys/<id>/coding/decisions.csv``; a later row replaces an earlier one.

    Codes of retired themes stay what was decided. Raises ProblemsFound for unknown columns, questions
    and codes. No file: no decisions.
    """
    return {place: decision.codes for place, decision in read_signed_decisions(path, survey).items()}


def read_signed_decisions(path: Path, survey: Survey) -> dict[tuple[str, str], Decision]:
    """Return what ``read_decisions`` does, with who decided and when; also of a second coder's file."""
    codes_of = {q.id: _codes(survey, q.box) for q in survey.questions if q.is_free_text}
    place = (
        "/".join(path.parts[-path.parts[::-1].index("surveys") - 1 :])
        if "surveys" in path.parts
        else path.name
    )
    table = read_signed_table(path, place, COLUMNS)
    decided: dict[tuple[str, str], Decision] = {}
    for line, row in table.rows:
        codes = tuple(dict.fromkeys(code.strip() for code in row["codes"].split(";") if code.strip()))
        _check(table, line, row["question"], codes, codes_of)
        decision = Decision(**row | {"codes": codes})
        # Blank codes mean undecided, not "no theme".
        decided.pop(decision.place, None)
        if codes:
            decided[decision.place] = decision
    table.checked()
    return decided


def _check(
    table: SignedTable, line: int, question: str, codes: tuple[str, ...], codes_of: Mapping[str, list[str]]
) -> None:
    if question not in codes_of:
        table.note_unknown(line, "自由記述の設問のIDではありません", "question", question, codes_of)
        return
    for code in codes:
        if code not in codes_of[question]:
            table.note_unknown(line, "主題にないコードです", "codes", code, codes_of[question])


def _codes(survey: Survey, box: str) -> list[str]:
    return [theme.code for theme in survey.themes if theme.box in (box, "both")]


def added(path: Path, decisions: Iterable[Decision]) -> bytes:
    """Return the file at ``path`` with the decisions as further rows; what stands there stays as it is."""
    text = read_text(path) if path.exists() else ",".join(COLUMNS) + "\n"
    text += "" if text.endswith("\n") else "\n"
    # An officer's program may have moved the columns.
    header = next(csv.reader(io.StringIO(text)))
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    for decision in decisions:
        cells = {name: getattr(decision, name) for name in COLUMNS} | {"codes": ";".join(decision.codes)}
        writer.writerow([cells[name.strip()] for name in header])
    return (text + rows.getvalue()).encode()


def codings(comments: pd.DataFrame, decisions: Decisions) -> pd.DataFrame:
    """Return the codings (frames.CODINGS) of the comments that are decided."""
    rows = []
    for wave, respondent, question, text in comments.itertuples(index=False, name=None):
        for code in decisions.get((question, comment_key(question, text)), ()):
            rows.append({"wave": wave, "respondent": respondent, "question": question, "code": code})
    return frames.table(frames.CODINGS, rows)
