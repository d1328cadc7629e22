"""What the optional parts add to the review: masked names, known forms, rules and suggestions.

Everything here is something less when a part is missing, and ``missing`` says so.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.coding.review import Text
from pipeline.decoding import read_text
from pipeline.model import Survey, Theme

Place = tuple[str, str]
Codes = Mapping[Place, tuple[str, ...]]


@dataclass(frozen=True)
class Plain:
    """A text nothing was masked in."""

    text: str
    kinds: tuple[str, ...] = ()


class Machine:
    """The parts that are there, for one survey."""

    missing = "文章を分類する追加部品が入っていないため、機械の提案なしで作りました。make review で入ります。"

    def __init__(self, survey: Survey):
        self.survey = survey
        self.version = "1"

    @property
    def offered(self) -> tuple[Theme, ...]:
        """Themes that can be decided today."""
        return self.survey.themes

    @property
    def retired(self) -> frozenset[str]:
        """Codes that were decided once and are no longer offered."""
        return frozenset(theme.code for theme in self.survey.themes) - {theme.code for theme in self.offered}

    @property
    def rules(self) -> tuple[tuple[str, str], ...]:
        return ()

    def masked(self, texts: Sequence[str]) -> list[Plain]:
        """Return every text with persons, numbers and addresses masked."""
        return [Plain(text) for text in texts]

    def forms(self, texts: Sequence[Text]) -> dict[Place, str]:
        """Return X0 or X1 for the texts whose form says so for certain."""
        return {}

    def short(self, texts: Sequence[Text]) -> Collection[Place]:
        """Return the texts that look empty and must be confirmed."""
        return ()

    def fired(self, text: Text) -> Sequence[tuple[str, str]]:
        """Return code and text of every rule that fires."""
        return ()

    def predictions(self, texts: Sequence[Text], decided: Codes, seed: int) -> pd.DataFrame | None:
        """Return the table of ``predictions.csv``; None without the parts."""
        return None

    def groups(
        self, texts: Sequence[Text], decided: Codes, predictions: pd.DataFrame | None, seed: int
    ) -> list:
        """Return candidates for new themes: (answers, words that set them apart, members)."""
        return []


def ready(survey: Survey, folder: Path) -> Machine:
    """Return the machine with whatever parts are installed; ``folder`` is ``surveys/<id>``."""
    return Machine(survey)


def audited(path: Path) -> set[Place]:
    """Return the texts of the random audit; none without a file."""
    if not path.exists():
        return set()
    return {(row["question"], row["key"]) for row in csv.DictReader(io.StringIO(read_text(path)))}


def predictions_bytes(predictions: pd.DataFrame) -> bytes:
    """Return ``predictions.csv``: sorted, as rounded as it was made."""
    columns = ["question", "key", "code"]
    return predictions.sort_values(columns).to_csv(index=False, lineterminator="\n").encode()
