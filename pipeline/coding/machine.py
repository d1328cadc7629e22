"""What the optional parts add to the review: masked names, known forms, rules and suggestions.

Everything here is something less when a part is missing, and ``missing`` says so.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.coding.codebook import Codebook, read_codebook
from pipeline.coding.review import Text, reviewed
from pipeline.decoding import read_text
from pipeline.model import Survey, Theme

if TYPE_CHECKING:
    from pipeline.coding.advice import Advice

Place = tuple[str, str]
Codes = Mapping[Place, tuple[str, ...]]
PREDICTION_COLUMNS = ("question", "key", "code", "probability", "band", "reason", "model")


@dataclass(frozen=True)
class Plain:
    """A text nothing was masked in."""

    text: str
    kinds: tuple[str, ...] = ()


def has_parts() -> bool:
    """True when the extra ``text`` is installed."""
    return all(find_spec(name) for name in ("sudachipy", "sudachidict_core"))


class Machine:
    """The parts that are there, for one survey; ``folder`` is ``surveys/<id>``."""

    missing = "文章を分類する追加部品が入っていないため、伏せ字と機械の提案なしで作りました。make review を使うと入ります。"

    def __init__(self, survey: Survey, folder: Path):
        self.survey = survey
        self.codebook: Codebook = read_codebook(folder / "themes.tsv", f"surveys/{survey.id}")
        self.has_words = has_parts()
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
        self,
        texts: Sequence[Text],
        earlier: Sequence[Text],
        decided: Codes,
        audited: Collection[str],
        seed: int,
    ) -> Advice | None:
        """Return what the machine says of ``texts``; None without the parts.

        ``earlier`` are the texts of earlier waves: what was decided of them teaches as well. ``audited``
        are the questions that have an audit already: a second one is never drawn beside it.
        """
        if not self.has_words:
            return None
        from pipeline.coding.advice import Asked, advise

        asked = [
            Asked(
                question,
                box,
                [text for text in texts if text.question == question],
                [text for text in earlier if text.question == question and text.place in decided],
                question in audited,
            )
            for question, box in self._box.items()
        ]
        return advise(self.codebook, asked, decided, seed)


def read_predictions(path: Path) -> pd.DataFrame:
    """Return ``predictions.csv``; empty without a file."""
    if not path.exists():
        return pd.DataFrame(columns=list(PREDICTION_COLUMNS))
    table = pd.read_csv(io.StringIO(read_text(path)), dtype=str, keep_default_na=False)
    return table.astype({"probability": np.float64})


def predictions_bytes(predictions: pd.DataFrame) -> bytes:
    """Return ``predictions.csv``: sorted, as rounded as it was made."""
    columns = ["question", "key", "code"]
    return predictions.sort_values(columns).to_csv(index=False, lineterminator="\n").encode()
