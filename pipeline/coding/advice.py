"""What the machine says of the undecided answers of a wave, keyed by the answers themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pipeline.coding.alarm import new_theme_groups, unfitting
from pipeline.coding.audit_file import Audited, freeze
from pipeline.coding.codebook import Codebook
from pipeline.coding.decisions import comment_key
from pipeline.coding.review import READ_ALL, Text
from pipeline.coding.shares import WISHED_AUDIT
from pipeline.coding.suggestion import PREDICTION_COLUMNS, Suggestions, predictions, suggest
from pipeline.coding.word_vectors import installed_vectors

Place = tuple[str, str]
Codes = Mapping[Place, tuple[str, ...]]
_RULE = re.compile(r"規則「(.*)」（(.*)）", re.DOTALL)
_LONGEST_QUOTED, _LONGEST_RULE = 40, 24


@dataclass(frozen=True)
class Advice:
    """predictions: the rows of ``predictions.csv``; doubts: expected number of wrong codes of each text.

    reasons: (question, key, code) → a reason with the words of a similar answer, for the workbook only;
    groups: candidates for new themes as (texts, words that set them apart, members); audit: the rows of
    an audit drawn now, for the questions whose model has learnt enough.
    """

    predictions: pd.DataFrame
    doubts: Mapping[Place, float]
    reasons: Mapping[tuple[str, str, str], str]
    groups: tuple[tuple[int, tuple[str, ...], tuple[str, ...]], ...]
    audit: tuple[Audited, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """One question: its side, its texts of the wave, decided texts of earlier waves, and if it has an audit."""

    question: str
    box: str
    texts: Sequence[Text]
    earlier: Sequence[Text]
    has_audit: bool


def advise(codebook: Codebook, asked: Sequence[Asked], decided: Codes, seed: int) -> Advice:
    """Return the advice on all texts; what was decided teaches, and is offered nothing."""
    parts = [_of_question(codebook, one, decided, seed) for one in asked if one.texts]
    tables = [part.predictions for part in parts if not part.predictions.empty]
    empty = pd.DataFrame(columns=PREDICTION_COLUMNS)
    return Advice(
        pd.concat(tables, ignore_index=True) if tables else empty,
        {place: doubt for part in parts for place, doubt in part.doubts.items()},
        {place: reason for part in parts for place, reason in part.reasons.items()},
        tuple(group for part in parts for group in part.groups),
        tuple(row for part in parts for row in part.audit),
        tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def _of_question(codebook: Codebook, asked: Asked, decided: Codes, seed: int) -> Advice:
    texts, question = asked.texts, asked.question
    found = _suggestions(codebook, asked, decided, seed)
    # The suggestion knows masked texts; its key of one is not the key of the answer.
    similar = {comment_key(question, text.shown): text for text in (*asked.earlier, *texts)}
    reasons, offered = {}, []
    for text, suggested in zip(texts, found.offered, strict=True):
        for s in suggested:
            reasons[question, text.key, s.code] = _worded(s.reason, similar.get(s.nearest))
        named = (
            replace(s, reason=f"確認済みの回答 {similar[s.nearest].id} に近い") if s.nearest in similar else s
            for s in suggested
        )
        offered.append(tuple(named))
    doubts = {text.place: float(doubt) for text, doubt in zip(texts, found.uncertainty, strict=True)}
    reviewed = {text.key for text in texts if text.place in decided}
    learnt, left = len(asked.earlier) + len(reviewed), len(texts) - len(reviewed)
    is_ripe = not asked.has_audit and learnt >= READ_ALL and left >= WISHED_AUDIT
    audit = freeze(found, reviewed, seed) if is_ripe else ()
    table = predictions(replace(found, offered=tuple(offered)))
    return Advice(table, doubts, reasons, _groups(codebook, asked, found, decided, seed), audit, found.notes)


def _suggestions(codebook: Codebook, asked: Asked, decided: Codes, seed: int) -> Suggestions:
    """Return what is suggested for each text of the question, in their order and under their own keys."""
    texts = asked.texts
    found = suggest(
        codebook,
        asked.box,
        [text.shown for text in texts],
        [decided.get(text.place) for text in texts],
        question=asked.question,
        earlier=[(text.shown, decided[text.place]) for text in asked.earlier],
        seed=seed,
    )
    # Two answers that differ in a masked name only are one text there and two here.
    return replace(
        found,
        texts=np.repeat(np.arange(len(texts)), [text.count for text in texts]),
        keys=tuple(text.key for text in texts),
        probabilities=found.probabilities[found.texts],
        offered=tuple(
            () if text.place in decided else found.offered[place]
            for text, place in zip(texts, found.texts, strict=True)
        ),
        uncertainty=found.uncertainty[found.texts],
    )


def _groups(codebook: Codebook, asked: Asked, found: Suggestions, decided: Codes, seed: int) -> tuple:
    settled = [any(s.code.startswith("X") for s in offered) for offered in found.offered]
    left_out = np.array([text.place in decided for text in asked.texts]) | np.array(settled)
    shown = [text.shown for text in asked.texts]
    pool = unfitting(found.probabilities, left_out)
    groups = new_theme_groups(codebook, asked.box, shown, pool, installed_vectors(), seed)
    return tuple((g.size, g.words, tuple(shown[member] for member in g.members)) for g in groups)


def _worded(reason: str, similar: Text | None) -> str:
    """Return the reason as the workbook says it: the similar answer itself, of a long rule its beginning."""
    if similar:
        return f"確認済みの「{_cut(' '.join(similar.shown.split()), _LONGEST_QUOTED)}」に近い"
    if match := _RULE.fullmatch(reason):
        return f"規則「{_cut(match[1], _LONGEST_RULE)}」（{match[2]}）"
    return reason


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}…"


def said_by_machine(table: pd.DataFrame) -> Codes:
    """Return what the machine would have decided of each text: codes above one half, else the likeliest."""
    found: dict[Place, tuple[str, ...]] = {}
    # With every text decided the machine has said nothing, and the table has no columns.
    if table.empty:
        return found
    ordered = table.sort_values(["question", "key", "probability"], ascending=[True, True, False])
    columns = ["question", "key", "code", "probability"]
    for question, key, code, probability in ordered[columns].itertuples(index=False, name=None):
        before = found.get((question, key), ())
        if not before or probability >= 0.5:
            found[question, key] = (*before, code)
    return found
