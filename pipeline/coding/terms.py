"""The terms of rules, and one sentence as they look at it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline.coding.tokens import Sentence, Token, tokens

_HIRAGANA = re.compile(r"[ぁ-ゖー]+")


@dataclass(frozen=True)
class Term:
    """A word, a phrase or, if ``is_exact``, characters."""

    text: str
    is_exact: bool = False

    def __str__(self) -> str:
        return f'"{self.text}"' if self.is_exact else self.text

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """Normalised forms of its words."""
        return tuple(token.normalised for token in tokens(self.text))

    @cached_property
    def hiragana(self) -> str:
        """How far hiragana bind it to the words of a text: "all", "some" or ""."""
        return "all" if _HIRAGANA.fullmatch(self.text) else "some" if _HIRAGANA.search(self.text) else ""


class View:
    """One sentence as rules look at it: which terms occur."""

    def __init__(self, sentence: Sentence, found: frozenset[Term] | None = None):
        self.sentence, self._found = sentence, found

    @cached_property
    def forms(self) -> frozenset[str]:
        words = self.sentence.tokens
        return frozenset(token.normalised for token in words) | frozenset(token.dictionary for token in words)

    @cached_property
    def order(self) -> tuple[str, ...]:
        return tuple(token.normalised for token in self.sentence.tokens)

    @cached_property
    def starts(self) -> Mapping[int, Token]:
        return {token.start: token for token in self.sentence.tokens}

    @cached_property
    def ends(self) -> frozenset[int]:
        return frozenset(token.end for token in self.sentence.tokens)

    def has(self, term: Term) -> bool:
        """Return whether ``term`` occurs."""
        return term in self._found if self._found is not None else self.matches(term)

    def matches(self, term: Term) -> bool:
        """Return what ``has`` does, without an index."""
        if term.is_exact:
            return term.text in self.sentence.text
        if term.text in self.forms or (len(term.forms) == 1 and term.forms[0] in self.forms):
            return True
        return self.holds_phrase(term.forms) or (len(term.text) > 1 and self._holds_characters(term))

    def holds_phrase(self, forms: Sequence[str]) -> bool:
        """Return whether these normalised forms, at least two, follow each other."""
        count = len(forms)
        return count > 1 and any(
            self.order[i : i + count] == forms for i in range(len(self.order) - count + 1)
        )

    def _holds_characters(self, term: Term) -> bool:
        start = self.sentence.text.find(term.text)
        while start >= 0:
            if self.accepts(term, start):
                return True
            start = self.sentence.text.find(term.text, start + 1)
        return False

    def accepts(self, term: Term, start: int) -> bool:
        """Return whether the characters of ``term`` at ``start`` are meant and no accident."""
        if term.is_exact or not term.hiragana:
            return True
        word, end = self.starts.get(start), start + len(term.text)
        if word is None or word.end == end:
            # Mid-word, or a whole word that is a form of another one: as itself it was found by its form.
            return False
        return term.hiragana == "some" or len(term.text) > 2 or end in self.ends
