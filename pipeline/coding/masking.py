"""De-identification: names, numbers and addresses in free text give way to 〔人名〕〔電話〕 and the like.

Persons are found by the analyser's 人名 and by honorifics after a noun; organisations and places by the
city's own lists. What is masked is a help for the reader; nothing is published unread.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.coding.masking_words import (
    COMMON_BEFORE_SAN,
    HONORIFICS,
    LEGAL_FORMS,
    NAME_WORDS,
    NOT_NAMES,
    PUBLIC_OFFICES,
    TITLES,
)
from pipeline.coding.name_lists import GROUP, PERSON, PLACE, Names
from pipeline.coding.tokens import Token, normalised, tokens

PHONE, MAIL, URL, STAFF, ADDRESS = "電話", "メール", "URL", "職員番号", "住所"
#: What reaches one person and has no place in anything published.
CONTACTS = (PHONE, MAIL, URL, STAFF)

_HYPHEN = "-‐‑‒–—―−ーｰ"
_DASH = f"[{_HYPHEN}~～]"
_KANJI_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_NUMBERS = "[0-9〇一二三四五六七八九十百]+"
_PATTERNS = (
    (URL, re.compile(r"(?:https?://|www\.)[^\s、。「」()<>]+", re.IGNORECASE)),
    (MAIL, re.compile(r"[\w.+%-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+", re.IGNORECASE | re.ASCII)),
    (
        STAFF,
        re.compile(
            r"(?:職員|社員|整理|個人)\s?(?:番号|No\.?|NO\.?|no\.?|ID|コード)\s?(?:は|[::=])?\s?[A-Za-z]{0,2}-?[0-9][0-9-]{2,}"
        ),
    ),
    (ADDRESS, re.compile(r"〒\s?[0-9]{3}-?[0-9]{4}")),
    (
        ADDRESS,
        re.compile(
            rf"[一-龠々ヶケ]{{0,15}}(?:{_NUMBERS}丁目(?:の?{_NUMBERS}(?:番地?|の|-|号)?)*|{_NUMBERS}番地(?:の?{_NUMBERS})?(?:{_NUMBERS}号)?|{_NUMBERS}番{_NUMBERS}号)(?:[0-9]+号室)?"
        ),
    ),
    (
        ADDRESS,
        re.compile(
            r"(?:[一-龠々ヶケ]+[都道府県市区町村郡])+[一-龠々ヶケ]{1,8}[0-9]{1,4}(?:-[0-9]{1,4}){1,3}"
        ),
    ),
    (ADDRESS, re.compile(r"[一-龠々ヶケ]{1,8}[0-9]{1,3}-[0-9]{1,3}-[0-9]{1,3}(?![0-9-])")),
    (ADDRESS, re.compile(r"[0-9]{1,4}号室")),
)
_PHONES = (
    re.compile(
        rf"(?<![0-9])(?:\+81\s?{_DASH}?(?:\(0\))?[0-9]{{1,4}}|\(0[0-9]{{1,4}}\)|0[0-9]{{1,4}})(?:\s?{_DASH}\s?|\s|\.|\()?[0-9]{{1,4}}(?:\)|\s?{_DASH}\s?|\s|\.)?[0-9]{{3,4}}(?![0-9])"
    ),
    # Without an area code; a wave between two numbers is a range.
    re.compile(rf"(?<![0-9/-])[0-9]{{2,4}}[{_HYPHEN}][0-9]{{4}}(?![0-9/-])"),
    re.compile(
        r"(?:内線|電話番号|電話|TEL|Tel|tel|携帯|FAX|Fax|fax)\s?(?:番号)?(?:は|[::.])?\s?[0-9][0-9-]{2,}"
    ),
)
#: Given names that betray a full name even where the family name is an ordinary noun.
_PLAIN_NAME = re.compile(r"[一-龠々]{1,3}(?:[一二三四五六七八九十太次][郎朗]|花子)")
_YEARS = re.compile(rf"(?:19|20)[0-9]{{2}}{_DASH}(?:19|20)?[0-9]{{2,4}}")
_PLACE_WITH_RANK = re.compile(r".*[都道府県市区町村郡]$")
#: Without the analyser: an honorific after two characters or more; 様式, 氏名 and the like are words.
_CALLED = re.compile(r"([一-龠々]{2,4}|[ァ-ヺー]{2,8})(?:さん|さま|様(?![々式子相態])|氏(?!名)|くん|ちゃん|先生)")
_SHORT_NAME = re.compile(r"[一-龠々]{1,4}|[ァ-ヺー]{2,8}|[ぁ-ゖー]{2,5}")
_ORDINARY = tuple(sorted(COMMON_BEFORE_SAN | TITLES))


@dataclass(frozen=True)
class Masked:
    """A text without names, normalised; ``kinds`` of what was masked, in the order of the text."""

    text: str
    kinds: tuple[str, ...]


def mask(text: str, names: Names | None = None) -> Masked:
    """Return the normalised text with every name, number and address replaced by its kind in 〔〕."""
    whole = normalised(text)
    words = tokens(whole)
    spans: list[tuple[int, int, str]] = []
    for start, end, kind in _found(whole, words, names or Names()):
        # Of two that overlap the surer one names the whole: nothing of either may be left.
        touching = [span for span in spans if start < span[1] and span[0] < end]
        spans = [span for span in spans if span not in touching]
        kind = touching[0][2] if touching else kind
        spans.append((min(start, *(s[0] for s in touching), start), max(end, *(s[1] for s in touching), end), kind))
    pieces, position = [], 0
    for start, end, kind in sorted(spans):
        pieces += [whole[position:start], f"〔{kind}〕"]
        position = end
    return Masked("".join(pieces) + whole[position:], tuple(kind for _, _, kind in sorted(spans)))


def plain_kinds(text: str, names: Names | None = None) -> tuple[str, ...]:
    """Return the kinds of what can be found without the analyser: by form, by the lists, by an honorific.

    Names of places are not among them: a sentence may name a place.
    """
    whole = normalised(text)
    kinds = {kind for kind, pattern in _PATTERNS if pattern.search(whole)}
    kinds |= {kind for _, _, kind in _phones(whole)}
    kinds |= {kind for _, _, kind in _listed(whole, (), names or Names(), (GROUP, PERSON))}
    called = (found[1] for found in _CALLED.finditer(whole))
    if _PLAIN_NAME.search(whole) or any(not name.endswith(_ORDINARY) for name in called):
        kinds.add(PERSON)
    return tuple(sorted(kinds))


def _found(whole: str, words: Sequence[Token], names: Names) -> Iterator[tuple[int, int, str]]:
    """Yield what is found, what is surest first: the first of two that overlap counts."""
    for kind, pattern in _PATTERNS[:4]:
        yield from ((found.start(), found.end(), kind) for found in pattern.finditer(whole))
    yield from _phones(whole)
    yield from _listed(whole, words, names, (GROUP, PERSON))
    for kind, pattern in _PATTERNS[4:]:
        yield from ((found.start(), found.end(), kind) for found in pattern.finditer(whole))
    yield from ((found.start(), found.end(), PERSON) for found in _PLAIN_NAME.finditer(whole))
    yield from _organisations(words)
    yield from _listed(whole, words, names, (PLACE,))
    yield from _persons(words)


def _phones(whole: str) -> Iterator[tuple[int, int, str]]:
    digits = whole.translate(_KANJI_DIGITS)
    for pattern in _PHONES:
        for found in pattern.finditer(digits):
            if not _YEARS.fullmatch(found.group()):
                yield found.start(), found.end(), PHONE


def _listed(
    whole: str, words: Sequence[Token], names: Names, kinds: Iterable[str]
) -> Iterator[tuple[int, int, str]]:
    starts = {word.start for word in words}
    for kind, name in names.entries:
        start = whole.find(name) if kind in kinds else -1
        while start >= 0:
            # A place may be the accidental middle of another word; a group's name never is.
            if kind != PLACE or start in starts:
                yield start, start + len(name), kind
            start = whole.find(name, start + 1)


def _organisations(words: Sequence[Token]) -> Iterator[tuple[int, int, str]]:
    """Yield a legal form with the nouns that name it, before or after."""
    for number, word in enumerate(words):
        if word.surface not in LEGAL_FORMS:
            continue
        first = last = number
        while last + 1 < len(words) and _names(words[last + 1]):
            last += 1
        if last == number:
            while first > 0 and _names(words[first - 1]):
                first -= 1
        if first != last:
            yield words[first].start, words[last].end, GROUP


def _names(word: Token) -> bool:
    return (
        word.part_of_speech[0] in ("名詞", "接頭辞")
        and word.surface not in NAME_WORDS
        and not word.surface.isdigit()
    )


def _persons(words: Sequence[Token]) -> Iterator[tuple[int, int, str]]:
    number = 0
    while number < len(words):
        if _is_person(words[number]):
            last = number
            while last + 1 < len(words) and (
                _is_person(words[last + 1])
                or (words[last + 1].surface == " " and last + 2 < len(words) and _is_person(words[last + 2]))
            ):
                last += 1
            first = number - 1 if _is_surname_before(words, number) else number
            word = words[first].surface
            if first < last or _is_title(words, last + 1) or (len(word) > 1 and word not in NOT_NAMES):
                yield words[first].start, words[last].end, PERSON
            number = last + 1
            continue
        if number and _follows_name(words, number):
            yield words[_first_of_name(words, number)].start, words[number - 1].end, PERSON
        number += 1


def _is_person(word: Token) -> bool:
    return word.part_of_speech[2] == "人名"


def _is_title(words: Sequence[Token], number: int) -> bool:
    return number < len(words) and words[number].surface in HONORIFICS | TITLES


def _is_surname_before(words: Sequence[Token], number: int) -> bool:
    """Return whether a common noun before a given name is the family name: 見本花子."""
    before = words[number - 1] if number else None
    return (
        before is not None
        and words[number].part_of_speech[3] == "名"
        and before.part_of_speech[0] == "名詞"
        and len(before.surface) <= 3
        and bool(re.fullmatch("[一-龠々]+", before.surface))
        and before.surface not in COMMON_BEFORE_SAN
        and before.surface not in TITLES
    )


def _follows_name(words: Sequence[Token], number: int) -> bool:
    """Return whether this is an honorific or title and the word before it somebody's name."""
    before, word = words[number - 1], words[number]
    is_proper = before.part_of_speech[1] == "固有名詞" and not _PLACE_WITH_RANK.match(before.surface)
    if word.surface in TITLES:
        return is_proper and not (word.surface in PUBLIC_OFFICES and before.part_of_speech[2] == "地名")
    if word.surface not in HONORIFICS or not _SHORT_NAME.fullmatch(before.surface):
        return False
    if is_proper:
        return True
    is_noun = before.part_of_speech[0] == "名詞" and before.part_of_speech[1] != "数詞"
    return is_noun and before.surface not in COMMON_BEFORE_SAN and before.surface not in TITLES


def _first_of_name(words: Sequence[Token], number: int) -> int:
    """Return where the name before ``number`` begins: 例示 一 郎 さん is one name of three words."""
    first = number - 1
    while (
        first > 0
        and len("".join(word.surface for word in words[first - 1 : number])) <= 5
        and words[first - 1].part_of_speech[0] == "名詞"
        and re.fullmatch("[一-龠々]{1,3}", words[first - 1].surface)
        and words[first - 1].surface not in COMMON_BEFORE_SAN
        and words[first - 1].surface not in TITLES
    ):
        first -= 1
    return first
