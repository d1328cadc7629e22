"""Answers from which an officer can write public lines: typical of a theme without being alike, rare views too.

Nothing here is published. Greedy choice by centrality less the likeness to what is chosen (maximal
marginal relevance, Carbonell and Goldstein 1998) on cosines of character n-grams.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.coding.lines import LONGEST_LINE
from pipeline.coding.review import Text

SHORTEST = 8
TYPICAL, RARE = 5, 2
#: Enough to find what is typical; the texts of a theme are taken in the order of their keys.
_MOST_TEXTS = 400
_GRAMS = (2, 3)


@dataclass(frozen=True)
class Candidate:
    """One answer offered for a theme; ``stands_for`` is how many people were sorted into the theme."""

    text: Text
    code: str
    is_rare: bool
    stands_for: int


def candidates(texts: Sequence[Text], decided: Mapping[tuple[str, str], tuple[str, ...]]) -> list[Candidate]:
    """Return the candidates of each question and theme, the typical ones first.

    Only decided answers with one theme, 8 to 70 characters, and nothing masked in them.
    """
    of_theme: dict[tuple[str, str], list[Text]] = {}
    people: Counter[tuple[str, str]] = Counter()
    for text in texts:
        codes = decided.get(text.place, ())
        for code in codes:
            people[text.question, code] += text.count
        is_usable = len(codes) == 1 and not text.is_masked and SHORTEST <= len(text.shown) <= LONGEST_LINE
        if is_usable and not codes[0].startswith("X"):
            of_theme.setdefault((text.question, codes[0]), []).append(text)
    found = []
    for place in sorted(of_theme):
        usable = sorted(of_theme[place], key=lambda text: text.key)[:_MOST_TEXTS]
        likeness = likenesses([text.shown for text in usable])
        weights = np.array([text.count for text in usable], dtype=float)
        typical, rare = chosen(likeness, weights)
        for number in (*typical, *rare):
            found.append(Candidate(usable[number], place[1], number in rare, people[place]))
    return found


def chosen(likeness: np.ndarray, weights: np.ndarray) -> tuple[list[int], list[int]]:
    """Return the places of the typical texts and of the rare ones, from likenesses (n, n) and people (n,)."""
    centrality = likeness @ weights / weights.sum()
    typical: list[int] = []
    nearest_chosen = np.zeros(len(weights))
    while len(typical) < min(TYPICAL, len(weights)):
        score = np.round(centrality - nearest_chosen, 9)
        score[typical] = -np.inf
        typical.append(int(score.argmax()))
        nearest_chosen = np.maximum(nearest_chosen, likeness[:, typical[-1]])
    rare: list[int] = []
    while len(typical) + len(rare) < min(TYPICAL + RARE, len(weights)):
        score = np.round(nearest_chosen + centrality, 9)
        score[[*typical, *rare]] = np.inf
        rare.append(int(score.argmin()))
        nearest_chosen = np.maximum(nearest_chosen, likeness[:, rare[-1]])
    return typical, rare


def likenesses(texts: Sequence[str]) -> np.ndarray:
    """Return cosines between any two texts on weighted character n-grams: (n, n), 0 to 1."""
    counted = [Counter(t[i : i + n] for n in _GRAMS for i in range(len(t) - n + 1)) for t in texts]
    spread = Counter(gram for counts in counted for gram in counts)
    places = {gram: place for place, gram in enumerate(sorted(spread))}
    vectors = np.zeros((len(texts), len(places)))
    for row, counts in enumerate(counted):
        for gram, count in counts.items():
            vectors[row, places[gram]] = (1 + np.log(count)) * (1 + np.log(len(texts) / spread[gram]))
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors /= np.where(lengths > 0, lengths, 1)
    return vectors @ vectors.T
