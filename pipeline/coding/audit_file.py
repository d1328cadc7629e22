"""``surveys/<id>/coding/<wave>/audit.csv``: the frozen model and the sample it is audited with.

One row per distinct text of a question: key, stratum (A all reviewed, S the audit, B the rest), how many
answers have the text, the probability of each code at the time of freezing, model, cut and seed. It is
written once per model; after a refit a new one is drawn from what is still unreviewed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.coding.shares import (
    AUDITED,
    REST,
    REVIEWED,
    SHARE_COLUMNS,
    WISHED_AUDIT,
    draw_audit,
    share_rows,
)
from pipeline.coding.suggestion import Suggestions
from pipeline.decoding import read_text
from pipeline.model import Problem, ProblemsFound

COLUMNS = ("question", "key", "stratum", "copies", "chances", "model", "cut", "seed")
#: Answers with more expected wrong codes than this are all reviewed.
CUT = 0.6
NO_CONTENT = "X0"


@dataclass(frozen=True)
class Audited:
    """One row. ``chances`` code → probability, X0 (no content) included."""

    question: str
    key: str
    stratum: str
    copies: int
    chances: Mapping[str, float]
    model: str
    cut: float
    seed: int


def freeze(
    found: Suggestions,
    reviewed: Collection[str],
    seed: int,
    cut: float = CUT,
    size: int = WISHED_AUDIT,
) -> tuple[Audited, ...]:
    """Return the rows of a new audit, sorted by key; ``reviewed`` keys were decided by people before it."""
    order = sorted(range(len(found.keys)), key=lambda i: found.keys[i])
    keys = [found.keys[i] for i in order]
    known = np.array([key in reviewed for key in keys])
    strata = draw_audit(found.uncertainty[order], cut, size, seed, known)
    copies = np.bincount(found.texts, minlength=len(keys))[order]
    rows = []
    for place, i in enumerate(order):
        settled = {s.code: 1.0 for s in found.offered[i] if s.code == NO_CONTENT}
        chances = dict(zip(found.codes, map(float, found.probabilities[i]), strict=True))
        chances[NO_CONTENT] = settled.get(NO_CONTENT, 0.0)
        row = (
            found.question,
            keys[place],
            str(strata[place]),
            int(copies[place]),
            chances,
            found.model,
            cut,
            seed,
        )
        rows.append(Audited(*row))
    return tuple(rows)


def audit_csv(rows: Sequence[Audited]) -> str:
    """Return the file's text, sorted by question and key."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in sorted(rows, key=lambda row: (row.question, row.key)):
        chances = ";".join(f"{code}={chance:.3f}" for code, chance in row.chances.items())
        writer.writerow(
            (row.question, row.key, row.stratum, row.copies, chances, row.model, row.cut, row.seed)
        )
    return out.getvalue()


def read_audit(path: Path, place: str) -> tuple[Audited, ...]:
    """Return the rows of an audit file; no file: none. Raises ProblemsFound with every bad line."""
    if not path.exists():
        return ()
    lines = list(csv.reader(io.StringIO(read_text(path, place))))
    if not lines or tuple(lines[0]) != COLUMNS:
        found = ",".join(lines[0]) if lines else "（空のファイル）"
        raise ProblemsFound(
            [Problem("見出しが違います", file=place, found=found, expected=",".join(COLUMNS))]
        )
    rows, problems = [], []
    for number, cells in enumerate(lines[1:], start=2):
        try:
            rows.append(_row(cells))
        except (ValueError, TypeError):
            what = "監査の行が読めません"
            step = "このファイルは手で直しません。元に戻してください。"
            problems.append(Problem(what, file=place, cell=f"{number}行目", next_step=step))
    if problems:
        raise ProblemsFound(problems)
    return tuple(rows)


def _row(cells: Sequence[str]) -> Audited:
    question, key, stratum, copies, chances, model, cut, seed = cells
    if stratum not in (REVIEWED, REST, AUDITED):
        raise ValueError(stratum)
    pairs = (pair.split("=") for pair in chances.split(";"))
    known = {code: float(chance) for code, chance in pairs}
    return Audited(question, key, stratum, int(copies), known, model, float(cut), int(seed))


def still_to_review(rows: Sequence[Audited], decided: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """Return the keys a person must still decide before shares can be said: the audit first, then A."""
    order = (AUDITED, REVIEWED)
    wanted = [row for stratum in order for row in rows if row.stratum == stratum]
    return tuple(row.key for row in wanted if row.key not in decided)


def audited_shares(rows: Sequence[Audited], decided: Mapping[str, Collection[str]]) -> pd.DataFrame:
    """Return the shares (shares.SHARE_COLUMNS) of one question; no rows while A or S is not all decided.

    ``decided`` key → codes of people. Decisions on other texts of B change nothing: S alone is its sample.
    """
    if not rows or still_to_review(rows, decided):
        return pd.DataFrame(columns=SHARE_COLUMNS)
    strata = np.array([row.stratum for row in rows])
    copies = np.array([row.copies for row in rows], dtype=np.float64)
    codes = [code for code in rows[0].chances if code != NO_CONTENT]
    chances = pd.DataFrame([{code: row.chances[code] for code in codes} for row in rows])
    truth = pd.DataFrame([{code: float(code in decided.get(row.key, ())) for code in codes} for row in rows])
    has_content = np.array([NO_CONTENT not in decided.get(row.key, ()) for row in rows], dtype=np.float64)
    content_chances = np.array([1 - row.chances[NO_CONTENT] for row in rows])
    return share_rows(strata, copies, chances, truth, has_content, content_chances)
