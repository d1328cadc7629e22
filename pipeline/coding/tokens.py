"""Free text → sentences of tokens with dictionary and normalised forms (Sudachi, extra ``text``)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from pipeline.model import EMPTY, Problem, ProblemsFound

_ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), None)
#: One wave dash for ranges such as 10～20人: NFKC alone makes an ASCII tilde of one and leaves the other.
_WAVES = dict.fromkeys(map(ord, "~〜∼˜"), "～")
_QUOTES = {ord("“"): '"', ord("”"): '"', ord("〝"): '"', ord("〟"): '"', ord("’"): "'", ord("‘"): "'"}
_KATAKANA = "ァ-ヺー"
#: A hyphen typed for the long vowel: サ－ビス. The long vowel itself is never touched.
_HYPHEN_IN_WORD = re.compile(f"(?<=[{_KATAKANA}])[-‐−–](?=[{_KATAKANA}])")
#: A full stop typed as 「．」 is one only outside numbers and addresses.
_END = re.compile(r"(?:[。!?！？]+|(?<![0-9A-Za-z.])\.(?![0-9A-Za-z.]))[」』)\]]*|\n+")
#: A comma after a predicate or a conjunction; after a noun it only lists.
_CLAUSE_END = re.compile(
    r"(?:たが|だが|るが|いが|すが|んが|うが|けど|けれど|けれども|ものの|反面|半面|一方|一方で|ので|ため|から|たり|だり|なら|れば|うえ|上に"
    r"|たし|いし|るし|だし|すし|[っいんしきりえけせてねべめれ]て|[いん]で|くて|ずに?|[えけせてねべめれきしちにびみり]|し|り|く|また|さらに|しかし|ただ)[、,]"
)
_SHORTEST_CLAUSE = 6


class Token(NamedTuple):
    """One word; ``start`` and ``end`` are characters of its sentence's text."""

    surface: str
    dictionary: str
    normalised: str
    part_of_speech: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True)
class Sentence:
    """One sentence, normalised, with its words."""

    text: str
    tokens: tuple[Token, ...]


def normalised(text: str, aliases: Mapping[str, str] = EMPTY) -> str:
    """Return NFKC text without zero-width characters, one kind of wave dash and quote.

    Half-width kana become full-width; a hyphen inside a katakana word becomes ー.
    aliases: other spelling → the one rules are written in, longest first.
    """
    folded = unicodedata.normalize("NFKC", text.translate(_ZERO_WIDTH)).translate(_WAVES | _QUOTES)
    folded = _HYPHEN_IN_WORD.sub("ー", folded.replace("\r\n", "\n").replace("\r", "\n"))
    for spelling in sorted(aliases, key=lambda alias: (-len(alias), alias)):
        folded = folded.replace(spelling, aliases[spelling])
    return folded


def sentence_texts(text: str, aliases: Mapping[str, str] = EMPTY) -> tuple[str, ...]:
    """Return the normalised sentences, split at 。！？ and line ends, blanks left out."""
    whole, pieces, start = normalised(text, aliases), [], 0
    for end in _END.finditer(whole):
        pieces.append(whole[start : end.end()])
        start = end.end()
    pieces.append(whole[start:])
    return tuple(stripped for piece in pieces if (stripped := piece.strip()))


def clauses(text: str, aliases: Mapping[str, str] = EMPTY) -> tuple[str, ...]:
    """Return the normalised clauses: sentences cut again at a 、 after a predicate or conjunction."""
    found = []
    for sentence in sentence_texts(text, aliases):
        start = 0
        for end in _CLAUSE_END.finditer(sentence):
            if end.end() - start >= _SHORTEST_CLAUSE and len(sentence) - end.end() >= _SHORTEST_CLAUSE:
                found.append(sentence[start : end.end()])
                start = end.end()
        found.append(sentence[start:])
    return tuple(found)


def sentences(text: str, aliases: Mapping[str, str] = EMPTY) -> tuple[Sentence, ...]:
    """Return the sentences of an answer with their words. Raises ProblemsFound without Sudachi."""
    return tuple(Sentence(piece, tokens(piece)) for piece in sentence_texts(text, aliases))


def tokens(text: str, is_short: bool = False) -> tuple[Token, ...]:
    """Return the words of a normalised text: long units (mode C), or short ones (mode A)."""
    return tuple(
        Token(m.surface(), m.dictionary_form(), m.normalized_form(), m.part_of_speech(), m.begin(), m.end())
        for m in _analyser(is_short).tokenize(text)
    )


@cache
def _analyser(is_short: bool):
    try:
        from sudachipy import SplitMode
    except ImportError:
        raise ProblemsFound([missing_extra()]) from None
    return _dictionary().tokenizer(SplitMode.A if is_short else SplitMode.C)


@cache
def _dictionary():
    from sudachipy import Dictionary

    return Dictionary()


def missing_extra() -> Problem:
    """Return the message that the Japanese analyser is not installed."""
    return Problem(
        "自由記述を読むための部品（SudachiPy）が入っていません",
        expected="sudachipy と sudachidict_core",
        next_step="make review を使うか、pip install -c constraints.txt -e '.[text]' を実行してください。",
    )
