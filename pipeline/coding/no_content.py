"""Answers without content (X0) and answers that there was nothing of the kind (X1).

Decided only when certain: a chain of listed words must account for every character of the answer, or,
for X1, of its last clause. The rest that looks empty is shown to a person once.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache

from pipeline.coding.no_content_words import (
    END,
    EXPERIENCE,
    FILLER,
    GOOD,
    HARD,
    LINK,
    NONE,
    NOT,
    NOT_AT_ALL,
    NOT_DONE,
    OWN,
    PARTICLE,
    SO,
    SPECIALLY,
    THING,
    THINGS,
    UNKNOWN,
    UNKNOWN_END,
    UNKNOWN_STEM,
)
from pipeline.coding.tokens import normalised, sentence_texts

NO_CONTENT, NOTHING = "X0", "X1"
#: Characters up to which an answer without any rule's words is asked about.
_SHORT, _STILL_SHORT = 14, 40
#: No answer without content is longer.
_LONGEST = 60

#: A stage: the words, and whether they come once, perhaps or any number of times.
_Stage = tuple[tuple[str, ...], str]
_ONCE, _MAYBE, _MANY = "once", "maybe", "many"
_UNKNOWING: tuple[tuple[_Stage, ...], ...] = (
    ((UNKNOWN_STEM, _ONCE), (UNKNOWN_END, _ONCE)),
    ((UNKNOWN, _ONCE),),
)
_NO_SUCH_THING: tuple[_Stage, ...] = ((THING, _ONCE), (PARTICLE, _MANY), (SPECIALLY, _MANY), (NONE, _ONCE))
_NEVER_DID: tuple[_Stage, ...] = (
    (OWN, _MANY),
    (EXPERIENCE, _ONCE),
    (PARTICLE, _MANY),
    (NOT_AT_ALL, _MANY),
    (NOT_DONE, _ONCE),
    (SO, _MANY),
)
_NO_CONTENT_CHAINS: tuple[tuple[_Stage, ...], ...] = (
    ((SPECIALLY, _MANY), (NONE, _ONCE)),
    ((SPECIALLY, _MANY), *_NO_SUCH_THING),
    *(((SPECIALLY, _MANY), *unknowing) for unknowing in _UNKNOWING),
    *(((OWN, _MANY), (SO, _MANY), *unknowing) for unknowing in _UNKNOWING),
    ((OWN, _MANY), (SO, _MANY), *_NO_SUCH_THING),
    _NEVER_DID,
    (*_NEVER_DID, (OWN, _MANY), (NONE, _ONCE)),
    (*_NEVER_DID, (OWN, _MANY), *_NO_SUCH_THING),
    *((*_NEVER_DID, (OWN, _MANY), *unknowing) for unknowing in _UNKNOWING),
)
_NOTHING_CHAINS: dict[str, tuple[_Stage, ...]] = {
    box: (
        (FILLER, _MANY),
        (words, _ONCE),
        (LINK, _MANY),
        (THINGS, _MAYBE),
        (PARTICLE, _MANY),
        (NOT_AT_ALL, _MANY),
        (NOT, _ONCE),
    )
    for box, words in (("hard", HARD), ("good", GOOD))
}
_EMPTY = re.compile(r"[\W_ー]*")
#: A second negation or a reservation turns the sense round.
_TURNED = re.compile(
    r"(?:ない|なかった|無い|ず)(?:こと|もの|日|とき|ところ|事業|年|人|わけ)|わけでは|とは(?:言え|いえ|限ら)|しか(?:ない|なか|あり)|だけでは|ばかりでは"
)
_BREAK = re.compile(r"[、,。!?]\s*|(?<=ので)|(?<=ため)|(?<=おかげで)|(?<=お陰で)|(?<=ていて)|(?<=ており)")
#: After these a last clause speaks against what came before, and what came before is content.
_AGAINST = re.compile(
    r"(?:が|けど|けれど|けれども|ものの|一方|半面|反面|以外|ただ|しかし)[はでに]?[、,]*\s*$"
)
_HINT = re.compile(
    r"経験|担当|該当|分から|わから|分かり|わかり|答え|記憶|思いつ|思い浮|覚え|コメント|回答|機会|関わ|携わ|特に|とくに|特段"
)
_ENDS_WITH_NOT = re.compile(r"(?:ない|なし|無し|ません|なかった|ませんでした)(?:です|と思います)?[\s。.!)]*$")


def classify(text: str, box: str) -> str:
    """Return "X0" (no content), "X1" (it says there was none) or "" (not certain). box: good or hard."""
    whole = " ".join(sentence_texts(text)).strip()
    if _EMPTY.fullmatch(whole):
        return NO_CONTENT
    bare = whole.strip(" ()「」『』[]")
    if len(bare) <= _LONGEST and any(
        _covers(chain, form) for form in {bare, _in_hiragana(bare)} for chain in _NO_CONTENT_CHAINS
    ):
        return NO_CONTENT
    return NOTHING if _says_nothing(whole, box) else ""


def _in_hiragana(text: str) -> str:
    """Return katakana as hiragana: トクニナシ."""
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in text)


def _covers(chain: tuple[_Stage, ...], text: str) -> bool:
    """Return whether the words of the stages, one stage after the other, are the whole text.

    Keeps the set of places reached, so the work grows with the length only.
    """
    reached = {0}
    for words, often in (*chain, (END, _MANY)):
        step = _after(words, text, reached)
        if often == _ONCE:
            reached = step
        elif often == _MAYBE:
            reached |= step
        else:
            while not step <= reached:
                fresh = step - reached
                reached |= step
                step = _after(words, text, fresh)
        if not reached:
            return False
    return len(text) in reached


def _after(words: tuple[str, ...], text: str, places: set[int]) -> set[int]:
    by_first = _by_first(words)
    return {
        place + len(word)
        for place in places
        for word in by_first.get(text[place : place + 1], ())
        if text.startswith(word, place)
    }


@cache
def _by_first(words: tuple[str, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word in words:
        found.setdefault(word[0], []).append(word)
    return found


def _says_nothing(whole: str, box: str) -> bool:
    if _TURNED.search(whole):
        return False
    starts = sorted({0, *(found.end() for found in _BREAK.finditer(whole))})
    return any(
        len(whole) - start <= _LONGEST
        and not _AGAINST.search(whole[:start])
        and _covers(_NOTHING_CHAINS[box], whole[start:])
        for start in starts
    )


def looks_empty(text: str, hits: Collection) -> bool:
    """Return whether an answer that ``classify`` left open goes on the list a person confirms.

    hits: the rules' hits of the answer; with any it has content. It is asked about when it is very
    short, or short and speaks of not knowing or of nothing.
    """
    if hits:
        return False
    whole = normalised(text).strip()
    length = len(re.sub(r"\s", "", whole))
    return length <= _SHORT or (
        length <= _STILL_SHORT and bool(_HINT.search(whole) or _ENDS_WITH_NOT.search(whole))
    )


def may_be_in_wrong_box(own_hits: Collection, other_hits: Collection) -> bool:
    """Return whether only rules of the other side fired: a hint to the reader, never a decision."""
    return bool(other_hits) and not own_hits
