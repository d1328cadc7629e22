"""The officer's text: ``{{figures}}`` filled from the tables, typed numbers checked against them.

``{{question.option.field}}`` with field percent, count, base, change, weighted or tipping, and optionally
``wave=KEY`` and ``<banner>=<group>``: ``{{experience.yes.percent wave=2017 age=20s}}``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.matching import nearest
from pipeline.model import ALL_GROUP, TOTAL_BANNER, Problem
from pipeline.numerals import float_number
from pipeline.report import silent, spelled, wording
from pipeline.report.edition import Edition, Row
from pipeline.report.exhibits import Block
from pipeline.report.people import people_cell

FIELDS = ("percent", "count", "base", "change", *silent.FIELDS)
_FIGURE = re.compile(r"\{\{(.*?)\}\}")
#: Stands for a filled figure while typed numbers are looked for.
_FILLED = "\ufffc"
_NEXT_STEP = "ページの文章を直して、もう一度 python -m pipeline report を実行してください。"
_FIELD_STEP = "表から入れる {{設問.選択肢.項目}} を使うか、数値を直して、もう一度 python -m pipeline report を実行してください。"
#: Where a link leads.
_ADDRESS = re.compile(r"https?://\S+|\]\([^)]*\)")
#: Numbers that are no results: dates, periods, numbering, telephone numbers, idioms.
_NO_RESULT = re.compile(
    r"(?:令和|平成|昭和)?(?:元|\d+)年(?:度)?|\d+(?:か|カ|ヶ)?月|\d+日|\d{1,2}時(?:\d{1,2}分)?|\d{1,2}:\d{2}"
    r"|\d{2,5}-\d{1,4}-\d{3,4}|内線\s*\d+|(?:問|資料|第|表|図|Q)\s*\d+(?:-\d+)?|\d+つ|\d+回|\d+(?:歳|代|階|番|号)"
    r"|^\s*\d+[.)]\s|1人(?=ひとり|1人|ずつ)|ID:?\s*\d+"
)
_WRONG_DATE = re.compile(r"(?<!\d)\d{4}([/.-])\d{1,2}\1\d{1,2}(?!\d)")
_TYPED = re.compile(r"(?<![\d.A-Za-z])(\d[\d,]*(?:\.\d+)?)\s*(%|ポイント|人|名(?![称前字])|件|事業)?")
#: A change called a percentage. A level that is reached (「43.7%に上昇」) is not one.
_PERCENT_CHANGE = re.compile(
    r"([+-]?\d+(?:\.\d+)?)\s*%((?:の|ほど|も)?(?:増|減|上昇|低下|上回|下回|アップ|ダウン)|(?:ほど|も)?(?:高|低|多|少な)く)"
)
_PEOPLE = ("人", "名", "件", "事業")


@dataclass(frozen=True)
class Place:
    """Where a text stands: ``line`` counts from 1."""

    file: str
    line: int

    def problem(self, what: str, found: str, expected: str, next_step: str = _NEXT_STEP) -> Problem:
        return Problem(
            what, file=self.file, cell=f"{self.line}行目", found=found, expected=expected, next_step=next_step
        )


# ---- {{figures}} -------------------------------------------------------------------------


def fill(edition: Edition, line: str, place: Place) -> tuple[str, list[Problem]]:
    """Return the line with its figures filled; a figure that is not in the tables is a Problem."""
    problems: list[Problem] = []

    def filled(match: re.Match) -> str:
        try:
            return figure(edition, match.group(1))
        except LookupError as unknown:
            what, expected = unknown.args
            problems.append(place.problem(what, match.group(0), expected))
            return match.group(0)

    return _FIGURE.sub(filled, line), problems


def figure(edition: Edition, expression: str) -> str:
    """Return the text of one figure. Raises LookupError(what, expected) when there is none."""
    row = row_of(edition, expression)
    field = _parts(expression)[2]
    if field in silent.FIELDS:
        text = silent.figure_text(edition, row, field)
    else:
        text = _change_text(edition, row) if field == "change" else _estimate_text(row, field)
    if not text:
        raise LookupError(
            "載せられない数値です", "値のある数値（秘匿した値、聞いていない年度の値は書けません）"
        )
    return text


def row_of(edition: Edition, expression: str) -> Row:
    """Return the estimates row of one figure. Raises LookupError(what, expected) when there is none."""
    parts = _parts(expression)
    if len(parts) != 3 or parts[2] not in FIELDS:
        fields = "、".join(FIELDS)
        raise LookupError("数値の書き方が違います", f"{{{{設問.選択肢.項目}}}}（項目は {fields}）")
    question, option, _ = parts
    chosen = _arguments(edition, unicodedata.normalize("NFKC", expression).split()[1:])
    wave = chosen.pop("wave", edition.wave.key)
    banner, group = next(iter(chosen.items()), (TOTAL_BANNER, ALL_GROUP))
    row = edition.estimate(question, option, wave, banner, group)
    if row is None:
        raise LookupError("表にない数値です", _nearest_figure(edition, ".".join(parts), wave, banner, group))
    return row


def _parts(expression: str) -> list[str]:
    return (unicodedata.normalize("NFKC", expression).split() or [""])[0].split(".")


def _arguments(edition: Edition, arguments: Iterable[str]) -> dict[str, str]:
    """Return {wave or banner: value}; at most one banner."""
    known = ("wave", *(attribute.id for attribute in edition.survey.attributes))
    chosen = {}
    for argument in arguments:
        name, is_given, value = argument.partition("=")
        if not is_given or name not in known:
            raise LookupError(
                "数値の条件が違います", nearest(name, known) + "=値" if name else "、".join(known)
            )
        chosen[name] = value
    if len(chosen) - ("wave" in chosen) > 1:
        raise LookupError("数値の条件が多すぎます", "属性は1つまで")
    return chosen


def _estimate_text(row: Row, field: str) -> str:
    if not wording.is_known(row):
        return ""
    if field == "base":
        return wording.base_cell(row).removesuffix(wording.SMALL_BASE)
    if field == "count":
        return wording.count_cell(row) if row["count"] else "0"
    return wording.percent_words(row).removesuffix("%")


def _change_text(edition: Edition, row: Row) -> str:
    """Return the change from the last wave that asked, signed; "" where none may be told."""
    earlier = [w for w in edition.waves_asking(str(row["question"])) if w.key < row["wave"]]
    if not earlier:
        return ""
    change = edition.change(
        str(row["question"]),
        str(row["option"]),
        earlier[-1].key,
        str(row["wave"]),
        row["banner"],
        row["group"],
    )
    if change is None or change["status"] != "shown":
        return ""
    cell = wording.change_cell(change, None, row)
    return "" if cell == wording.NOT_ASKED else cell


def _nearest_figure(edition: Edition, path: str, wave: str, banner: str, group: str) -> str:
    """Name what is wrong in the order an officer would look: wave, group, then the figure."""
    rows = edition.estimates
    waves = [entry.key for entry in edition.waves]
    if wave not in waves:
        return f"wave={nearest(wave, waves) or '、'.join(waves)}"
    question, option, field = path.split(".")
    if edition.estimate(question, option, wave) is not None:
        groups = [name for name, _ in edition.groups(question, banner, wave)]
        close = nearest(group, groups) or "、".join(groups)
        return f"{banner}={close}" if groups else f"{banner}別の集計はありません"
    pairs = rows.loc[rows["wave"] == wave, ["question", "option"]].drop_duplicates()
    known = [f"{q}.{o}.{field}" for q, o in pairs.itertuples(index=False, name=None)]
    return nearest(path, known) or "、".join(dict.fromkeys(pairs["question"]))


# ---- words about numbers ----------------------------------------------------------------


def unit_problems(line: str, place: Place) -> Iterator[Problem]:
    """Yield one Problem per difference of shares that is called a percentage (``5.2%増``)."""
    for match in _PERCENT_CHANGE.finditer(unicodedata.normalize("NFKC", line)):
        expected = f"{match.group(1)}ポイント{match.group(2)}"
        yield place.problem("割合の差を「%」で書いています", match.group(0), expected)


# ---- typed numbers -----------------------------------------------------------------------


@dataclass(frozen=True)
class PrintedNumbers:
    """What the tables of a page print, by the unit a sentence may give it."""

    percents: frozenset[str]
    points: frozenset[str]
    people: frozenset[str]
    #: A share divided by the one of an earlier wave, to two decimals.
    ratios: frozenset[str] = frozenset()

    def of(self, unit: str) -> frozenset[str]:
        if unit == "%":
            return self.percents
        if unit == "ポイント":
            return self.points
        if unit in _PEOPLE:
            return self.people
        return frozenset() if unit else self.percents | self.points


def printed_numbers(blocks: Iterable[Block]) -> PrintedNumbers:
    """Return the numbers of the evidence rows of ``blocks``, as they are printed, without signs."""
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
    return PrintedNumbers(*map(frozenset, (percents, points, people, ratios)))


def _ratios(change: Row) -> Iterator[str]:
    """Yield how many times the earlier share the later one is, where both are known and told."""
    ends = [change["value_from"], change["value_to"]]
    if change["status"] == "shown" and all(map(wording.is_number, ends)) and ends[0] > 0:
        yield str(float_number(ends[1] / ends[0], 2))


def _numbers_in(cell: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", cell.replace(",", ""))


def typed_problems(line: str, printed: PrintedNumbers, place: Place) -> Iterator[Problem]:
    """Yield one Problem per number with a unit or a decimal that no table of the page prints."""
    text = unicodedata.normalize("NFKC", _FIGURE.sub(_FILLED, line))
    for match in _WRONG_DATE.finditer(text):
        yield place.problem("日付の書き方が違います", match.group(0), "○年○月○日")
    in_words, text = spelled.take(_ADDRESS.sub(" ", _WRONG_DATE.sub(" ", text)))
    for found, expected in spelled.problems_of(in_words, printed.percents, printed.ratios):
        what = "文章の割合や倍率が、このページの表にありません"
        yield place.problem(what, found, expected, _FIELD_STEP)
    text = _NO_RESULT.sub(" ", text)
    for match in _TYPED.finditer(text):
        number, unit = match.group(1).replace(",", "").rstrip("."), match.group(2) or ""
        if not unit and "." not in number:
            continue
        known = printed.of(unit)
        if number not in known:
            yield place.problem(
                "文章の数値が、このページの表にありません",
                match.group(0),
                _nearest_number(number, known, unit),
                _FIELD_STEP,
            )


def _nearest_number(number: str, known: frozenset[str], unit: str) -> str:
    if not known:
        return f"単位が「{unit}」の数値は表にありません"
    close = min(sorted(known, key=float), key=lambda other: abs(float(other) - float(number)))
    return f"{close}{unit}（表にある最も近い数値）"
