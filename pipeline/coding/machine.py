"""What the optional parts add to the review: masked names, known forms, rules and suggestions.

Everything here is something less when a part is missing, and ``missing`` says so.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.coding.codebook import Codebook, read_codebook
from pipeline.coding.name_lists import Names, read_names
from pipeline.coding.review import Text, reviewed
from pipeline.decoding import read_text
from pipeline.model import Survey, Theme

if TYPE_CHECKING:
    from pipeline.coding.advice import Advice
    from pipeline.coding.lint import RuleFinding

Place = tuple[str, str]
Codes = Mapping[Place, tuple[str, ...]]
PREDICTION_COLUMNS = ("question", "key", "code", "probability", "certainty", "reason", "model")


@dataclass(frozen=True)
class Shown:
    """A text as the workbook shows it, and the kinds of what was masked in it."""

    text: str
    kinds: tuple[str, ...] = ()


def has_parts() -> bool:
    """True when the extra ``text`` is installed."""
    return all(find_spec(name) for name in ("sudachipy", "sudachidict_core"))


class Machine:
    """The parts that are there, for one survey; ``folder`` is ``surveys/<id>``."""

    missing = "文章を分類する追加部品が入っていないため、伏せ字と機械の提案なしで作りました。make review を使うと入ります。"

    def __init__(self, survey: Survey, folder: Path):
        self.survey, self.folder = survey, folder
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

    @cached_property
    def names(self) -> Names:
        """The city's own lists. Raises ProblemsFound for one that cannot be read."""
        return read_names(self.folder / "names", f"surveys/{self.survey.id}/names")

    def kinds(self, text: str) -> tuple[str, ...]:
        """Return the kinds of names, numbers and addresses in a text; fewer without the part that finds names."""
        from pipeline.coding.masking import mask, plain_kinds

        return mask(text, self.names).kinds if self.has_words else plain_kinds(text, self.names)

    def masked(self, texts: Sequence[str]) -> list[Shown]:
        """Return every text with names, numbers and addresses masked; what has none stays as it was written.

        Raises ProblemsFound for lists of names that cannot be read.
        """
        if not self.has_words:
            return [Shown(text) for text in texts]
        from pipeline.coding.masking import mask

        masks = {text: mask(text, self.names) for text in set(texts)}
        return [Shown(masks[text].text if masks[text].kinds else text, masks[text].kinds) for text in texts]

    def forms(self, texts: Sequence[Text]) -> dict[Place, str]:
        """Return X0 or X1 for the texts whose form says so for certain."""
        from pipeline.coding.no_content import classify

        found = {text.place: classify(text.text, self._box[text.question]) for text in texts}
        offered = {theme.code for theme in self.offered}
        return {place: code for place, code in found.items() if code in offered}

    def short(self, texts: Sequence[Text]) -> Collection[Place]:
        """Return the texts that look empty and must be confirmed; none where no rule can speak for a text."""
        if not self.has_words:
            return ()
        from pipeline.coding.no_content import looks_empty
        from pipeline.coding.tokens import sentences

        found = set()
        for text in texts:
            rules = self.codebook.rule_set(self._box[text.question])
            if looks_empty(text.text, rules.hits(sentences(text.shown, self.codebook.aliases))):
                found.add(text.place)
        return found

    def findings(self, texts: Sequence[Text], decided: Codes) -> list[RuleFinding]:
        """Return what each active rule is worth over ``texts``."""
        if not self.has_words:
            return []
        from pipeline.coding.lint import rule_findings

        found = []
        for question, box in self._box.items():
            own = [text for text in texts if text.question == question]
            codes = [frozenset(decided[text.place]) if text.place in decided else None for text in own]
            found += rule_findings(self.codebook, box, [text.shown for text in own], codes)
        return found

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
