"""How alike a header and a question are, and whether the cells below are answers to it."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from pipeline.ingest.codebook import TICKS, UNTICKED
from pipeline.ingest.layouts.option_columns import TICKED
from pipeline.ingest.splitting import cover
from pipeline.matching import fold, fold_tight
from pipeline.model import INVALID, NO_ANSWER, NOT_APPLICABLE, Question

_NUMBER = re.compile(r"^(?:問|設問|質問|[QqＱｑ])\s*(\d+)(?:\s*[-_]\s*\d+)?\s*[.:、)]?\s*")
_BRACKETS = re.compile(r"[(\[【][^()\[\]【】]*[)\]】]$")
#: ①, 1. or (1) in front of a label. Bare digits belong to the label: 20年以上, 1.5年.
_ENUMERATION = re.compile(r"^\s*(?:[①-⑳❶-❿]|[(（]?\d{1,2}[)）.．:：、](?!\d)|\d{1,2}\s+(?!\d))\s*")
#: A short header inside a long wording is its abbreviation.
_SHORTEST_PART, _PART_LIKENESS = 4, 0.8
#: What is written where no answer stands: spelling → state. Only what a file holds is proposed.
STATE_SPELLINGS = {
    NO_ANSWER: ("99", "999", "-1", "無回答", "未回答", "回答なし", "記入なし", "無記入", "N.A.", "NA", "不明"),
    INVALID: ("88", "888", "-9999", "無効", "無効回答", "判読不能", "判読不明"),
    NOT_APPLICABLE: ("-", "非該当", "対象外"),
}
STATE_WORDS = {fold_tight(word): state for state, words in STATE_SPELLINGS.items() for word in words}
#: Different cells of one column that are looked at; more would only say the same again.
_MOST_SPELLINGS = 60


def number_of(text: str) -> str:
    """Return the number of "問3 …" or "Q3": "3"; "" when the text begins with none."""
    found = _NUMBER.match(fold(text))
    return found[1] if found else ""


def without_number(text: str) -> str:
    """Return the folded text behind "問3"."""
    return _NUMBER.sub("", fold(text))


def wording_of(header: str) -> str:
    """Return the header without its number, as typed."""
    return _NUMBER.sub("", header)


def _variants(text: str) -> set[str]:
    bare = fold_tight(without_number(text.replace(" / ", " ")))
    return {bare, _BRACKETS.sub("", bare).rstrip("。?")} - {""}


@lru_cache(maxsize=100_000)
def likeness(text: str, other: str) -> float:
    """Return how alike two texts are (0–1), whatever their numbers and remarks in brackets."""
    best = 0.0
    for one in _variants(text):
        for two in _variants(other):
            if one == two:
                return 1.0
            short, long = sorted((one, two), key=len)
            if len(short) >= _SHORTEST_PART and short in long:
                best = max(best, _PART_LIKENESS)
            matcher = difflib.SequenceMatcher(None, one, two, autojunk=False)
            if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best:
                best = max(best, matcher.ratio())
    return best


def is_part(text: str, others: Iterable[str]) -> bool:
    """True when a variant of ``text`` stands inside one of the others."""
    return any(one in two for other in others for two in _variants(other) for one in _variants(text))


def spellings(labels: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return folded label → option id."""
    return {fold_tight(label): option for option, label in labels}


def without_enumeration(text: str) -> str:
    """Return the folded label behind "①" or "1."."""
    return fold_tight(_ENUMERATION.sub("", text))


def is_tick(text: str) -> bool:
    return fold_tight(text).lower() in TICKED


@lru_cache(maxsize=10_000)
def fit(question: Question, wave: str, cells: tuple[str, ...], separators: tuple[str, ...]) -> float:
    """Return the share of filled cells (0–1) that hold labels of the question; codes say nothing."""
    known = spellings((o.id, o.label) for o in question.offered(wave))
    counts = Counter(text.strip() for text in cells)
    words = [(text, n) for text, n in counts.most_common(_MOST_SPELLINGS) if not is_code(text)]
    total = sum(n for _, n in words)
    if question.is_free_text or not total:
        return 0.0
    return sum(n for text, n in words if _is_answer(text, known, question, separators)) / total


def _is_answer(text: str, known: Mapping[str, str], question: Question, separators: tuple[str, ...]) -> bool:
    if fold_tight(text) in known or without_enumeration(text) in known:
        return True
    if question.kind != "multiple" or not any(label in fold_tight(text) for label in known):
        return False
    return bool(cover(text, known, separators, has_gaps=False))


def is_code(text: str) -> bool:
    """True for "3", "1,3", "99", "-", "○": what says nothing without the questionnaire."""
    bare = fold_tight(text)
    return bare in TICKS | UNTICKED or not any(c.isalpha() for c in bare)
