"""Numbers that the officer typed into the text: each must stand in a table of the page, or be none of a result.

Dates, times, telephone numbers, addresses and numbering are no results. A number of another source
is not typed but quoted (``figures.quoted``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.model import Problem
from pipeline.numerals import float_number
from pipeline.report import silent, spelled, wording
from pipeline.report.edition import Row
from pipeline.report.exhibits import Block
from pipeline.report.figures import FIGURE, Place
from pipeline.report.people import people_cell
from pipeline.report.verifying.quantities import Discrepancy, impossible

#: Stands for a filled figure while typed numbers are looked for.
_FILLED = "\ufffc"
_STEP = (
    "表から入れる {{設問.選択肢.項目}} を使うか、数値を直してください。ほかの資料の数値なら "
    "{{18 登録団体名簿}}団体 のように、出典を添えて書きます。直したら、もう一度 python -m pipeline report を実行してください。"
)
#: Where a link or a letter leads, and the names of blocks.
_ADDRESS = re.compile(r"https?://\S+|\]\([^)]*\)|[\w.+-]+@[\w.-]+|\[\[.*?\]\]")
#: Numerals that only number something; as digits they would look like numbers.
_CIRCLED = re.compile(r"[①-⑳⑴-⒛❶-❿㉑-㉟㊱-㊿⓪]")
_PEOPLE = ("人", "名", "件", "事業")
_NOT_COUNTED = rf"(?!\d|\.\d|\s*(?:%|ポイント|{'|'.join(_PEOPLE)}))"
_DASH = "[-‐‑–−]"
#: Numbers that are no results.
_NO_RESULT = re.compile(
    "|".join(
        (
            # Numbering at the beginning of a line.
            r"^[\s*+-]*\(?\d{1,2}[.)](?!\d)",
            r"^#+\s*\d{1,2}(?=[\s.、])",
            # Periods, dates, times of day and how long something takes.
            r"(?:令和|平成|昭和)(?:元|\d+)",
            rf"(?:(?<!\d)(?:\d{{1,2}}|(?:19|20)\d\d)(?:[~〜・]|{_DASH}))*\d+(?:年|(?:か|カ|ヶ|ケ|箇)?月|日|週|時間|秒|泊|歳|代(?!表))",
            r"\d{1,2}時(?:\d{1,2}分)?|\d+分|\d{1,2}:\d{2}",
            # Telephone numbers and addresses.
            r"(?:電話|内線|ファクス|ファックス|TEL|FAX)[^\d、。]{0,6}[\d()-]+",
            rf"\(?\d{{2,5}}\)?(?:{_DASH}|\()\d{{1,4}}(?:{_DASH}|\))\d{{3,4}}|〒\s*\d+(?:{_DASH}\d+)?",
            rf"\d+(?:丁目|番地|条|階|番|号)|\d+(?:{_DASH}\d+)+{_NOT_COUNTED}",
            # Numbers of questions, tables, papers and laws.
            rf"(?:問|資料|別紙|様式|第|表|図|注|No\.?|Q|ID:?)\s*\d+(?:-\d+)*{_NOT_COUNTED}",
            # How often, how many kinds, which place; names such as COVID-19; idioms.
            r"\d+(?:つ|回(?![答収])|位|段階|項目|種類|択)|(?:次|以下)の\d点",
            r"[A-Za-z]-\d+|1人(?:1人|(?=ひとり|ずつ|でも))",
        )
    ),
    re.IGNORECASE,
)
_WRONG_DATE = re.compile(r"(?<!\d)\d{4}([/.-])\d{1,2}\1\d{1,2}(?!\d)")
_TYPED = re.compile(
    r"(?<![\d.A-Za-z_])(\d+(?:,\d{3})*(?:\.\d+)?)\s*(?:(%|ポイント|人|名(?![称前字])|件|事業)|[一-龠々ァ-ヶー]{1,3})?"
)
#: A change called a percentage. A level that is reached (「43.7%に上昇」) is not one.
_PERCENT_CHANGE = re.compile(
    r"([+-]?\d+(?:\.\d+)?)\s*%((?:の|ほど|も)?(?:増|減|上昇|低下|上回|下回|アップ|ダウン|伸び|違[いうっ])"
    r"|の(?:差|開き)|(?:ほど|も)?(?:高|低|多|少な)[くい])"
)


def unit_problems(line: str, place: Place) -> Iterator[Problem]:
    """Yield one Problem per difference of shares that is called a percentage (``5.2%増``)."""
    for match in _PERCENT_CHANGE.finditer(unicodedata.normalize("NFKC", line)):
        expected = f"{match.group(1)}ポイント{match.group(2)}"
        yield place.problem("割合の差を「%」で書いています", match.group(0), expected)


@dataclass(frozen=True)
class PrintedNumbers:
    """What the tables of a page print, by the unit a sentence may give it."""

    percents: frozenset[str]
    points: frozenset[str]
    people: frozenset[str]
    #: A share divided by the one of an earlier wave, to two decimals.
    ratios: frozenset[str] = frozenset()
    #: Names with a number in them.
    labels: frozenset[str] = frozenset()

    def of(self, unit: str) -> frozenset[str]:
        """Return the numbers that may stand before ``unit``; any of them where it is no unit of a table."""
        if unit == "%":
            return self.percents
        if unit == "ポイント":
            return self.points
        return self.people if unit in _PEOPLE else self.percents | self.points | self.people


def printed_numbers(blocks: Sequence[Block], names: Iterable[str] = ()) -> PrintedNumbers:
    """Return the numbers of the evidence rows of ``blocks``, as they are printed, without signs.

    names: of the survey and its waves; like the names of options, a number in them is a word.
    """
    percents, points, people, ratios = set(), set(), set(), set()
    for row in (row for block in blocks for row in block.evidence):
        if "tipping" in row:
            points.update(_numbers_in(silent.tipping_text(row)))
        elif "wave_to" in row:
            points.update(_numbers_in(wording.change_cell(row, None, None)))
            points.update(_numbers_in(wording.interval_cell(row)))
            ratios.update(_ratios(row))
            people.update(_numbers_in(people_cell(row)))
        elif "percent" in row:
            percents.update(_numbers_in(wording.percent_cell(row)))
            people.update(_numbers_in(wording.count_cell(row)), _numbers_in(wording.base_cell(row)))
            if wording.is_exact(row) and not row["count"]:
                people.add("0")
                percents.add("0.0")
    return PrintedNumbers(*map(frozenset, (percents, points, people, ratios, _labels(blocks, names))))


def _labels(blocks: Iterable[Block], names: Iterable[str]) -> Iterator[str]:
    columns = ("option_label", "question_label", "group_label")
    rows = (row for block in blocks for row in block.evidence)
    labels = {str(row[name]) for row in rows for name in columns if name in row}
    for label in labels | set(names):
        if any(map(str.isdigit, label)):
            yield unicodedata.normalize("NFKC", label)


def _ratios(change: Row) -> Iterator[str]:
    """Yield how many times the earlier share the later one is, where both are known and told."""
    ends = [change["value_from"], change["value_to"]]
    if change["status"] == "shown" and all(map(wording.is_number, ends)) and ends[0] > 0:
        yield str(float_number(ends[1] / ends[0], 2))


def _numbers_in(cell: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", cell.replace(",", ""))


def typed_problems(line: str, printed: PrintedNumbers, place: Place) -> Iterator[Problem]:
    """Yield one Problem per number that is a result and that no table of the page prints, and per wrong date."""
    line = _CIRCLED.sub(" ", FIGURE.sub(_FILLED, line))
    text = _without(printed.labels, unicodedata.normalize("NFKC", line))
    for match in _WRONG_DATE.finditer(text):
        yield place.problem("日付の書き方が違います", match.group(0), "○年○月○日")
    for wrong in _impossible(text):
        yield place.problem(wrong.what, wrong.found, wrong.expected)
    in_words, text = spelled.take(_ADDRESS.sub(" ", _WRONG_DATE.sub(" ", text)))
    for found, expected in spelled.problems_of(in_words, printed.percents, printed.ratios):
        what = "文章の割合や倍率が、このページの表にありません"
        yield place.problem(what, found, expected, _STEP)
    text = _NO_RESULT.sub(" ", text)
    for match in _TYPED.finditer(text):
        number, unit = match.group(1).replace(",", ""), match.group(2) or ""
        known = printed.of(unit)
        if number not in known:
            yield place.problem(
                "文章の数値が、このページの表にありません",
                match.group(0),
                _nearest_number(number, known, unit),
                _STEP,
            )


def _impossible(text: str) -> Iterator[Discrepancy]:
    """Yield the first period of each clause that no calendar has."""
    # Two numbers with a space between them are not one: ID:8253 4月1日.
    for clause in re.split(r"[、。,~〜]|(?<=\d)\s+(?=\d)", _ADDRESS.sub(" ", text)):
        if wrong := impossible(clause):
            yield wrong


def _without(labels: Iterable[str], text: str) -> str:
    """Return the text without ``labels`` in 「」, a heading without any of them: their numbers are words."""
    if text.startswith("#"):
        for label in sorted(labels, key=len, reverse=True):
            text = text.replace(label, " ")
    return re.sub("「(.*?)」", lambda name: " " if name[1] in labels else name[0], text)


def _nearest_number(number: str, known: frozenset[str], unit: str) -> str:
    if not known:
        return f"単位が「{unit}」の数値は表にありません" if unit else "このページの表には、数値がありません"
    close = min(sorted(known, key=float), key=lambda other: abs(float(other) - float(number)))
    return f"{close}{unit}（表にある最も近い数値）"
