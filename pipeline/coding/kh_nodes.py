"""What a KH Coder condition is made of. Every node gives a number for one sentence: 0 is "does not hold"."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.coding.tokens import Sentence, Token

_COMPARE = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "==": operator.eq}
_COUNT = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": lambda a, b: a / b if b else 0}
#: KH Coder's parts of speech → what the analyser calls them, from the left.
_PARTS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "名詞": (("名詞", "普通名詞", "一般"),),
    "サ変名詞": (("名詞", "普通名詞", "サ変可能"),),
    "形容動詞": (("形状詞",), ("名詞", "普通名詞", "形状詞可能")),
    "固有名詞": (("名詞", "固有名詞", "一般"),),
    "組織名": (("名詞", "固有名詞", "一般"),),
    "人名": (("名詞", "固有名詞", "人名"),),
    "地名": (("名詞", "固有名詞", "地名"),),
    "動詞": (("動詞",),),
    "形容詞": (("形容詞",),),
    "副詞": (("副詞",),),
    "感動詞": (("感動詞",),),
    "名詞B": (("名詞",),),
    "動詞B": (("動詞",),),
    "形容詞B": (("形容詞",),),
    "副詞B": (("副詞",),),
    "否定助動詞": (("助動詞",),),
    "副詞可能": (("名詞", "普通名詞", "副詞可能"),),
    "ナイ形容": (("形容詞",),),
}


def parts_of_speech(name: str) -> tuple[tuple[str, ...], ...] | None:
    """Return the analyser's parts of speech for one of KH Coder's, or None."""
    return _PARTS.get(name)


@dataclass(frozen=True)
class Word:
    """Counts a lemma, or its part of speech, or one of its surface forms."""

    lemma: str
    form: str
    parts: tuple[tuple[str, ...], ...] = ()
    surface: str = ""

    def matches(self, token: Token) -> bool:
        if (
            self.lemma not in (token.dictionary, token.normalised, token.surface)
            and self.form != token.normalised
        ):
            return False
        if self.surface:
            return token.surface == self.surface
        return not self.parts or any(token.part_of_speech[: len(part)] == part for part in self.parts)

    def places(self, sentence: Sentence) -> list[int]:
        return [number for number, token in enumerate(sentence.tokens) if self.matches(token)]

    def value(self, sentence: Sentence) -> float:
        return len(self.places(sentence))

    def words(self, sentence: Sentence) -> tuple[str, ...]:
        return (self.lemma,) if self.places(sentence) else ()


@dataclass(frozen=True)
class Literal:
    """Counts characters of the text as they are."""

    text: str

    def value(self, sentence: Sentence) -> float:
        return sentence.text.count(self.text)

    def words(self, sentence: Sentence) -> tuple[str, ...]:
        return (self.text,) if self.value(sentence) else ()


@dataclass(frozen=True)
class Number:
    """A number, the length of the sentence in words (``lw``) or in characters (``lc``)."""

    text: str

    def value(self, sentence: Sentence) -> float:
        lengths = {"lw": len(sentence.tokens), "lc": len(sentence.text)}
        return lengths[self.text] if self.text in lengths else float(self.text)

    def words(self, sentence: Sentence) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True)
class Near:
    """All words within ``reach`` words of each other, in any order or, if ``is_ordered``, in this one."""

    parts: tuple[Word, ...]
    reach: int
    is_ordered: bool = False

    def value(self, sentence: Sentence) -> float:
        places = [part.places(sentence) for part in self.parts]
        return sum(self._reaches(start, places[1:]) for start in places[0])

    def _reaches(self, last: int, places: Sequence[Sequence[int]]) -> bool:
        """Return whether each next word stands within reach of the one found last."""
        if not places:
            return True
        near = [p for p in places[0] if 0 < (p - last if self.is_ordered else abs(p - last)) <= self.reach]
        return any(self._reaches(place, places[1:]) for place in near)

    def words(self, sentence: Sentence) -> tuple[str, ...]:
        return tuple(part.lemma for part in self.parts) if self.value(sentence) else ()


@dataclass(frozen=True)
class Operation:
    """and, or, not, a comparison or arithmetic over one or two conditions."""

    sign: str
    left: object
    right: object = None

    def value(self, sentence: Sentence) -> float:
        left = self.left.value(sentence)
        if self.sign == "not":
            return float(not left)
        if self.sign == "and":
            return float(bool(left) and bool(self.right.value(sentence)))
        if self.sign == "or":
            return float(bool(left) or bool(self.right.value(sentence)))
        right = self.right.value(sentence)
        return float(
            _COMPARE[self.sign](left, right) if self.sign in _COMPARE else _COUNT[self.sign](left, right)
        )

    def words(self, sentence: Sentence) -> tuple[str, ...]:
        if self.sign == "not":
            return ()
        return tuple(dict.fromkeys((*self.left.words(sentence), *self.right.words(sentence))))


def looked_for(node) -> tuple[str, ...]:
    """Return the words and strings of a condition that are not negated, in its order."""
    if isinstance(node, Near):
        return tuple(part.lemma for part in node.parts)
    if isinstance(node, Operation):
        return () if node.sign == "not" else (*looked_for(node.left), *looked_for(node.right))
    return enough(node)


def enough(node) -> tuple[str, ...]:
    """Return the words and strings of which each alone makes the condition hold."""
    if isinstance(node, Operation) and node.sign == "or":
        return (*enough(node.left), *enough(node.right))
    return (node.lemma,) if isinstance(node, Word) else (node.text,) if isinstance(node, Literal) else ()
