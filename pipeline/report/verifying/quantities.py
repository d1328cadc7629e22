"""Numbers with their units and years in a sentence, and how two sentences differ in them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from pipeline.matching import fold_tight

#: Era → (the western year before its first, its last year or None while it lasts).
_ERAS = {"令和": (2018, None), "平成": (1988, 31), "昭和": (1925, 64)}
_UNITS = (
    "%",
    "ポイント",
    "人",
    "件",
    "事業",
    "項目",
    "倍",
    "割",
    "歳",
    "点",
    "回",
    "つ",
    "月",
    "日",
    "時",
    "分",
)
_YEAR = re.compile(r"(令和|平成|昭和)(元|\d+)年?(?:度|(?=[^\d]|$))|(?<!\d)((?:19|20)\d\d)年度?")
_NUMBER = re.compile(r"(?:(?<![\w)）])[+\-△▲])?\d+(?:\.\d+)?")
_PAIR = re.compile(
    r"((?:19|20)\d\d)年?[(]((?:令和|平成|昭和)(?:元|\d+))|"
    # January to March of a fiscal year lie in the next year: 令和7年度（2026年1月）.
    r"((?:令和|平成|昭和)(?:元|\d+))年?度?[(]((?:19|20)\d\d)(?!年[1-3]月)"
)
_MASK = "\x00"
#: The build number is a name, whatever digits it holds.
_BUILD = re.compile("作成番号[0-9a-zA-Z]+")
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True)
class Quantity:
    """A number with its unit, or a year by the western calendar with the unit 年; ``text`` as written."""

    value: Decimal
    unit: str
    text: str

    @property
    def identity(self) -> tuple[Decimal, int, str]:
        """Value, decimals and unit: 43 is not 43.0."""
        exponent = self.value.as_tuple().exponent
        return self.value, -int(exponent), self.unit

    @property
    def is_date(self) -> bool:
        """True for a part of a date: one more or one less of them is a matter of words."""
        return self.unit in ("年", "月", "日")


@dataclass(frozen=True)
class Discrepancy:
    """One number that is not as published; ``found`` or ``expected`` is "" where there is none."""

    what: str
    found: str
    expected: str


def tight(text: str) -> str:
    """Return the key of a text, without spaces and thousands separators, 「パーセント」 as %."""
    key = fold_tight(text).replace("パーセント", "%")
    return re.sub(r"(?<=\d),(?=\d{3})", "", key)


def quantities(text: str) -> list[Quantity]:
    """Return every year and number of ``text`` in its order."""
    return _taken(tight(text))[0]


def frame(text: str) -> str:
    """Return the words of ``text`` with its numbers and their units taken out."""
    return _taken(tight(text))[1]


def _taken(key: str) -> tuple[list[Quantity], str]:
    found: list[tuple[int, int, Quantity]] = []
    for match in _YEAR.finditer(key):
        found.append((*match.span(), Quantity(Decimal(_western(match)), "年", match.group(0))))
    taken = [(start, end) for start, end, _ in found] + [match.span() for match in _BUILD.finditer(key)]
    for match in _NUMBER.finditer(key):
        start, end = match.span()
        if any(first < end and start < last for first, last in taken):
            continue
        unit = next((unit for unit in _UNITS if key.startswith(unit, end)), "")
        value = Decimal(match.group(0).replace("△", "-").replace("▲", "-").lstrip("+"))
        found.append((start, end + len(unit), Quantity(value, unit, match.group(0) + unit)))
    found.sort(key=lambda place: place[0])
    words, at = [], 0
    for start, end, _ in found:
        words.append(key[at:start])
        at = end
    return [quantity for _, _, quantity in found], _MASK.join([*words, key[at:]])


def _western(match: re.Match) -> int:
    """Return the western year; below 0 for a year its era does not have, which no other year equals."""
    era, year, western = match.groups()
    if western:
        return int(western)
    first, last = _ERAS[era]
    number = 1 if year == "元" else int(year)
    return first + number if 1 <= number <= (last or number) else -(first + number)


def discrepancies(published: str, saved: str) -> Iterator[Discrepancy]:
    """Yield what is different in the numbers of a sentence; a year in the other calendar is the same."""
    old, new = quantities(published), quantities(saved)
    keys = [[quantity.identity for quantity in side] for side in (old, new)]
    matcher = difflib.SequenceMatcher(None, *keys, autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind == "equal":
            continue
        both = min(last - first, end - start)
        for place in range(both):
            yield _named(old[first + place], new[start + place])
        for lost in old[first + both : last]:
            if not lost.is_date:
                yield Discrepancy("公表した数値がありません", "（なし）", lost.text)
        for more in new[start + both : end]:
            wrong = impossible(more.text)
            if wrong or not more.is_date:
                yield wrong or Discrepancy("公表していない数値があります", more.text, "（なし）")


def _named(old: Quantity, new: Quantity) -> Discrepancy:
    """Say in which way a number is not the one published."""
    if wrong := impossible(new.text):
        return Discrepancy(wrong.what, new.text, old.text)
    if old.unit == new.unit == "年":
        what = "年度（年）が違います"
    elif old.value == new.value and {old.unit, new.unit} == {"ポイント", "%"}:
        what = "単位が違います（差はポイント、割合は%です）"
    elif old.value == new.value and old.identity[1] == new.identity[1]:
        what = "単位が違います"
    elif old.unit == new.unit and _is_shortened(old.value, new.value):
        what = "小数が省かれています"
    elif old.value == -new.value:
        what = "数値の符号が違います"
    else:
        what = "数値が違います"
    return Discrepancy(what, new.text, old.text)


def _is_shortened(old: Decimal, new: Decimal) -> bool:
    """True when ``new`` is ``old`` with fewer decimals, cut or rounded."""
    step = Decimal(1).scaleb(int(new.as_tuple().exponent))
    return old.as_tuple().exponent < new.as_tuple().exponent and new in (
        old.quantize(step, ROUND_DOWN),
        old.quantize(step, ROUND_HALF_UP),
    )


def impossible(text: str) -> Discrepancy | None:
    """Return the first period of ``text`` that no calendar has (平成37年度, 13月, 2月30日), or None."""
    key = tight(text)
    for match in _YEAR.finditer(key):
        if _western(match) < 0:
            return Discrepancy("ありえない年度（年）です", match.group(0), "暦にある年")
    for match in re.finditer(r"(?<!\d)(\d+)月(?:(\d+)日)?", key):
        month, day = int(match.group(1)), int(match.group(2) or 1)
        if not (1 <= month <= len(_DAYS) and 1 <= day <= _DAYS[month - 1]):
            return Discrepancy("ありえない月日です", match.group(0), "暦にある月日")
    for match in _PAIR.finditer(key):
        western, era = (match.group(1) or match.group(4)), (match.group(2) or match.group(3))
        name, year = era[:2], era[2:]
        if _ERAS[name][0] + (1 if year == "元" else int(year)) != int(western):
            return Discrepancy("西暦と和暦が合いません", match.group(0), "同じ年")
    return None
