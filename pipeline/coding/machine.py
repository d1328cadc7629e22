"""What the optional parts add to the review: masked names, known forms, rules and suggestions.

Everything here is something less when a part is missing, and ``missing`` says so.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.coding.codebook import Codebook, read_codebook
from pipeline.coding.decisions import comment_key
from pipeline.coding.review import Text, reviewed
from pipeline.decoding import read_text
from pipeline.model import Survey, Theme

Place = tuple[str, str]
Codes = Mapping[Place, tuple[str, ...]]
_RULE = re.compile(r"規則「(.*)」（(.*)）", re.DOTALL)
_LONGEST_QUOTED, _LONGEST_RULE = 40, 24
PREDICTION_COLUMNS = ("question", "key", "code", "probability", "band", "reason", "model")


@dataclass(frozen=True)
class Plain:
    """A text nothing was masked in."""

    text: str
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Advice:
    """What the machine says of the undecided answers of one wave.

    predictions: the rows of ``predictions.csv``; doubts: expected number of wrong codes of each text;
    reasons: (question, key, code) → a reason with the words of a similar answer, for the workbook only.
    """

    predictions: pd.DataFrame
    doubts: Mapping[Place, float]
    reasons: Mapping[tuple[str, str, str], str]
    notes: tuple[str, ...] = ()


class Machine:
    """The parts that are there, for one survey; ``folder`` is ``surveys/<id>``."""

    missing = "文章を分類する追加部品が入っていないため、伏せ字と機械の提案なしで作りました。make review を使うと入ります。"

    def __init__(self, survey: Survey, folder: Path):
        self.survey = survey
        self.codebook: Codebook = read_codebook(folder / "themes.tsv", f"surveys/{survey.id}")
        self.has_words = all(find_spec(name) for name in ("sudachipy", "sudachidict_core"))
        self._box = {question.id: question.box for question in reviewed(survey)}

    @property
    def version(self) -> str:
        return self.codebook.version

    @property
    def offered(self) -> tuple[Theme, ...]:
        """Themes that can be decided today."""
        return tuple(theme for theme in self.survey.themes if theme.is_offered(self.version))

    @property
    def retired(self) -> frozenset[str]:
        """Codes that were decided once and are no longer offered."""
        return frozenset(theme.code for theme in self.survey.themes) - {theme.code for theme in self.offered}

    @property
    def rules(self) -> tuple[tuple[str, str], ...]:
        """Code and text of the active rules, in the order of the codebook."""
        offered = {theme.code for theme in self.offered}
        active = [(r.code, r.text) for r in self.codebook.rules if r.is_active and r.code in offered]
        return tuple(active) if self.has_words else ()

    def masked(self, texts: Sequence[str]) -> list[Plain]:
        """Return every text with persons, numbers and addresses masked."""
        return [Plain(text) for text in texts]

    def forms(self, texts: Sequence[Text]) -> dict[Place, str]:
        """Return X0 or X1 for the texts whose form says so for certain."""
        from pipeline.coding.no_content import classify

        found = {text.place: classify(text.text, self._box[text.question]) for text in texts}
        offered = {theme.code for theme in self.offered}
        return {place: code for place, code in found.items() if code in offered}

    def short(self, texts: Sequence[Text]) -> Collection[Place]:
        """Return the texts that look empty and must be confirmed; none where no rule can speak for a text."""
        from pipeline.coding.no_content import looks_empty

        if not self.rules:
            return ()
        return {text.place for text in texts if looks_empty(text.text, self.fired(text))}

    def fired(self, text: Text) -> Sequence[tuple[str, str]]:
        """Return code and text of every rule that fires."""
        from pipeline.coding.tokens import sentences

        found = self.codebook.rule_set(self._box[text.question]).hits(
            sentences(text.shown, self.codebook.aliases)
        )
        return [(code, rule) for code, fired in found.items() for rule, _ in fired]

    def advice(
        self, texts: Sequence[Text], earlier: Sequence[Text], decided: Codes, seed: int
    ) -> Advice | None:
        """Return what the machine says of ``texts``; None without the parts.

        ``earlier`` are the texts of earlier waves: what was decided of them teaches as well.
        """
        if not self.has_words:
            return None
        from pipeline.coding.suggestion import suggest

        rows, doubts, reasons, notes = [], {}, {}, []
        for question, box in self._box.items():
            own = [text for text in texts if text.question == question]
            before = [text for text in earlier if text.question == question and text.place in decided]
            found = suggest(
                self.codebook,
                box,
                [text.shown for text in own],
                [decided.get(text.place) for text in own],
                question=question,
                earlier=[(text.shown, decided[text.place]) for text in before],
                seed=seed,
            )
            notes += found.notes
            # The suggestion knows masked texts only; its key of one is not the key of the answer.
            shown = {comment_key(question, text.shown): text for text in (*before, *own)}
            for number, text in enumerate(own):
                doubts[text.place] = float(found.uncertainty[found.texts[number]])
                if text.place in decided:
                    continue
                for s in found.of_answer(number):
                    similar = shown.get(s.nearest)
                    reason = f"確認済みの回答 {similar.id} に近い" if similar else s.reason
                    chance = round(s.probability, 3)
                    rows.append((*text.place, s.code, chance, s.band, reason, found.model))
                    reasons[(*text.place, s.code)] = _worded(reason, similar)
        predictions = pd.DataFrame(rows, columns=list(PREDICTION_COLUMNS))
        return Advice(predictions, doubts, reasons, tuple(dict.fromkeys(notes)))

    def groups(self, texts: Sequence[Text], decided: Codes, advice: Advice, seed: int) -> list:
        """Return candidates for new themes: (answers, words that set them apart, members)."""
        return []


def _worded(reason: str, similar: Text | None) -> str:
    """Return the reason as the workbook says it: the similar answer itself, of a long rule its beginning."""
    if similar:
        return f"確認済みの「{_cut(' '.join(similar.shown.split()), _LONGEST_QUOTED)}」に近い"
    if match := _RULE.fullmatch(reason):
        return f"規則「{_cut(match[1], _LONGEST_RULE)}」（{match[2]}）"
    return reason


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}…"


def said_by_machine(predictions: pd.DataFrame) -> Codes:
    """Return what the machine would have decided of each text: codes above one half, else the likeliest."""
    found: dict[Place, tuple[str, ...]] = {}
    ordered = predictions.sort_values(["question", "key", "probability"], ascending=[True, True, False])
    columns = ["question", "key", "code", "probability"]
    for question, key, code, probability in ordered[columns].itertuples(index=False, name=None):
        before = found.get((question, key), ())
        if not before or probability >= 0.5:
            found[question, key] = (*before, code)
    return found


def read_predictions(path: Path) -> pd.DataFrame:
    """Return ``predictions.csv``; empty without a file."""
    if not path.exists():
        return pd.DataFrame(columns=list(PREDICTION_COLUMNS))
    table = pd.read_csv(io.StringIO(read_text(path)), dtype=str, keep_default_na=False)
    return table.astype({"probability": np.float64})


def audited(path: Path) -> set[Place]:
    """Return the texts of the random audit (stratum S of ``audit.csv``); none without a file."""
    if not path.exists():
        return set()
    rows = csv.DictReader(io.StringIO(read_text(path)))
    return {(row["question"], row["key"]) for row in rows if row.get("stratum", "S") == "S"}


def predictions_bytes(predictions: pd.DataFrame) -> bytes:
    """Return ``predictions.csv``: sorted, as rounded as it was made."""
    columns = ["question", "key", "code"]
    return predictions.sort_values(columns).to_csv(index=False, lineterminator="\n").encode()
