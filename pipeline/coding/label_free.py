"""What the codebook alone says about an answer, before anybody has reviewed one.

Rule terms, definitions and example sentences are weighted examples of their themes; a head is fitted on
them. Added up with the rules that fired and the nearness to their words it gives a score per theme.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from pipeline.coding.codebook import Codebook
from pipeline.coding.rules import Rule

#: How much a rule term or a piece of a definition counts beside a sentence somebody really wrote.
TERM_WEIGHT, SENTENCE_WEIGHT = 0.3, 1.0
_PIECES = re.compile(r"[、・／/。（）()]+")


@dataclass(frozen=True)
class Examples:
    """Texts of the codebook with their labels (n, themes) and how much each counts for each theme."""

    texts: tuple[str, ...]
    labels: np.ndarray
    weights: np.ndarray


def examples(codebook: Codebook, box: str) -> Examples:
    """Return the pseudo-examples of the themes of one box, in the order of the codebook."""
    codes = codebook.codes(box)
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def add(text: str, code: str, weight: float, is_true: bool = True) -> None:
        labels, weights = found.setdefault(text, (np.zeros(len(codes)), np.zeros(len(codes))))
        place = codes.index(code)
        labels[place] = is_true
        # A sentence that only seems to belong to a theme says nothing about the others.
        chosen = slice(None) if is_true else place
        weights[chosen] = np.maximum(weights[chosen], weight)

    for example in codebook.examples:
        if example.code in codes:
            add(example.text, example.code, SENTENCE_WEIGHT, example.is_true)
    for theme in codebook.offered(box):
        if theme.code in codes:
            rules = [rule for rule in codebook.rules if rule.code == theme.code and rule.is_active]
            pieces = [theme.name, *_PIECES.split(theme.definition), *map(_words, rules)]
            for piece in pieces:
                if piece.strip():
                    add(piece.strip(), theme.code, TERM_WEIGHT)
    if not found:
        return Examples((), np.zeros((0, len(codes))), np.zeros((0, len(codes))))
    labels, weights = (np.array(part) for part in zip(*found.values(), strict=True))
    return Examples(tuple(found), labels, weights)


def _words(rule: Rule) -> str:
    """Return the terms of a rule as one text: what its words have in common is what it looks for."""
    return " ".join(dict.fromkeys(term.text for term in rule.terms))
