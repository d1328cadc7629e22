"""Proportions typed as words: 五割, 約4割, 1/3, 三分の一, 半数, 2人に1人, 前回の2倍. Each must stand in a table.

A word stands for a window of percentages (or of ratios of two waves): 「約4割」 is said of 37.5 to
42.5 %, 「4割」 of 39.5 to 40.5 %, 「4割を超え」 of 40 to 50 %.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

#: Half the width of what a proportion is said of, in points.
EXACT, ABOUT = Fraction(1, 2), Fraction(5, 2)
#: The same for a ratio, in tenths of one.
EXACT_TIMES, ABOUT_TIMES = Fraction(1, 20), Fraction(1, 4)
_KANJI = "一二三四五六七八九"
_NUMBER = rf"(?:\d+(?:\.\d+)?|[{_KANJI}十百]+)"
_BEFORE = r"(?P<before>約|およそ|ほぼ|おおむね|概ね|ほとんど)?(?P<words>"
_AFTER = r")(?P<after>程度|ほど|前後|近く|近い|弱|強|余り|あまり|以上|超|を超|を上回|未満|以下|に満た|を下回|足らず)?"
_SHARE = re.compile(
    _BEFORE
    + rf"(?P<wari>{_NUMBER})割(?:(?P<bu>[\d{_KANJI}])分)?(?!り)"
    + rf"|(?P<slash>(?<![\d/.])\d+/\d+(?![\d/]))|(?P<base>{_NUMBER})分の(?P<part>{_NUMBER})"
    + rf"|(?P<of>{_NUMBER})人に(?P<one>{_NUMBER})人|(?P<half>過半数|半数|半分)"
    + _AFTER
)
_TIMES = re.compile(_BEFORE + rf"(?P<times>{_NUMBER})倍|(?P<twice>倍増|倍に)|(?P<halved>半減)" + _AFTER)
_KANJI_COUNT = re.compile(rf"(?<![{_KANJI}十百千万第])([{_KANJI}十百]+)(%|ポイント|人|件|事業)(?![{_KANJI}])")
#: Idioms of people that count nobody.
_IDIOM = re.compile(r"一人(?:ひとり|一人|でも|の力)|十人十色|百人力|二人三脚|千人|万人|人一倍|半分ずつ")
_OVER, _UNDER = (
    ("強", "余り", "あまり", "以上", "超", "を超", "を上回"),
    ("弱", "未満", "以下", "に満た", "を下回", "足らず"),
)


@dataclass(frozen=True)
class Spelled:
    """A proportion in words: ``found`` as typed and the window it is said of; ``is_ratio`` of two waves."""

    found: str
    low: Fraction
    high: Fraction
    is_ratio: bool = False

    def is_in(self, numbers: Iterable[str]) -> bool:
        return any(self.low <= Fraction(number) <= self.high for number in numbers)

    @property
    def words(self) -> str:
        """The window as the message tells it."""
        ends = [f"{Decimal(end.numerator) / Decimal(end.denominator):.4g}" for end in (self.low, self.high)]
        return f"{ends[0]}～{ends[1]}{'倍' if self.is_ratio else '%'}"


def take(text: str) -> tuple[list[Spelled], str]:
    """Return (proportions in words, the line without them, other numbers in kanji as digits and with %)."""
    text = _IDIOM.sub(" ", text.replace("パーセント", "%").replace("\u2044", "/"))
    found: list[Spelled] = []
    for pattern, reader in ((_SHARE, _share), (_TIMES, _ratio)):

        def taken(match: re.Match, reader=reader) -> str:
            found.extend(spelled for spelled in [reader(match)] if spelled)
            return " "

        text = pattern.sub(taken, text)
    return found, _KANJI_COUNT.sub(lambda match: f"{_number(match.group(1))}{match.group(2)}", text)


def _share(match: re.Match) -> Spelled | None:
    parts = match.groupdict()
    if parts["wari"]:
        share = _number(parts["wari"]) / 10 + (_number(parts["bu"]) / 100 if parts["bu"] else 0)
    elif parts["slash"]:
        share = _ratio_of(*map(Fraction, parts["slash"].split("/")))
    elif parts["base"]:
        share = _ratio_of(_number(parts["part"]), _number(parts["base"]))
    elif parts["of"]:
        share = _ratio_of(_number(parts["one"]), _number(parts["of"]))
    else:
        share = Fraction(1, 2)
    over = parts["half"] == "過半数" or None
    step = Fraction(50) if over or parts["half"] else Fraction(10)
    return Spelled(match.group(0), *_window(100 * share, match, EXACT, ABOUT, step, bool(over)))


def _ratio(match: re.Match) -> Spelled:
    parts = match.groupdict()
    times = _number(parts["times"]) if parts["times"] else Fraction(1, 2) if parts["halved"] else Fraction(2)
    window = _window(times, match, EXACT_TIMES, ABOUT_TIMES, Fraction(1), False)
    return Spelled(match.group(0), *window, is_ratio=True)


def _window(
    value: Fraction, match: re.Match, exact: Fraction, about: Fraction, step: Fraction, is_over: bool
) -> tuple[Fraction, Fraction]:
    after = match["after"] or ""
    if is_over or after in _OVER:
        return value, value + step
    if after in _UNDER:
        return value - step, value
    width = about if match["before"] or after else exact
    return value - width, value + width


def _ratio_of(part: Fraction, whole: Fraction) -> Fraction:
    return part / whole if whole else Fraction(0)


def _number(text: str) -> Fraction:
    """Return a number in digits or in kanji below a thousand (二十三)."""
    if text[0].isdigit():
        return Fraction(text)
    total, unit = 0, 0
    for character in text:
        if character in "十百":
            total += (unit or 1) * {"十": 10, "百": 100}[character]
            unit = 0
        else:
            unit = _KANJI.index(character) + 1
    return Fraction(total + unit)


def problems_of(
    found: Iterable[Spelled], percents: Iterable[str], ratios: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Yield (as typed, what was expected) for each proportion that no table prints."""
    percents, ratios = sorted(percents, key=Fraction), sorted(ratios, key=Fraction)
    for spelled in found:
        known = ratios if spelled.is_ratio else percents
        if not spelled.is_in(known):
            middle = (spelled.low + spelled.high) / 2
            close = min(known, key=lambda number: abs(Fraction(number) - middle), default="")
            unit = "倍" if spelled.is_ratio else "%"
            nearest = f"。表にある最も近い数値は{close}{unit}" if close else "。表にありません"
            yield spelled.found, f"{spelled.words}の数値がこのページの表にあること{nearest}"
