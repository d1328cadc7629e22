"""The officer's text: ``{{figures}}`` filled from the tables, each before its unit.

``{{question.option.field}}`` with field percent, count, base, change, weighted or tipping, and optionally
``wave=KEY`` and ``<banner>=<group>``: ``{{experience.yes.percent wave=2017 age=20s}}``.
A number that no table of this survey can hold stands with its source: ``{{18 登録団体名簿}}``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.matching import nearest
from pipeline.model import ALL_GROUP, TOTAL_BANNER, Problem
from pipeline.report import silent, wording
from pipeline.report.edition import Edition, Row

FIELDS = ("percent", "count", "base", "change", *silent.FIELDS)
FIGURE = re.compile(r"\{\{(.*?)\}\}")
_NEXT_STEP = "ページの文章を直して、もう一度 python -m pipeline report を実行してください。"
#: A number of another source, and where it is from.
_QUOTED = re.compile(r"(\d[\d,]*(?:\.\d+)?)(?!\S)\s*(.*)")
_QUOTE_FORM = "{{18 登録団体名簿}} のように、数値、空白、出典の順"
_PEOPLE = ("人", "名", "件")
#: What a figure that prints its own unit may not stand before.
_ANY_UNIT = ("%", "パーセント", "ポイント", "点", *_PEOPLE)
#: What may stand between a figure and its unit: the end of an emphasis.
_BETWEEN = " *"


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
    """Return the line with its figures filled. A figure that is not in the tables or stands before the
    unit of another kind of number is a Problem and stays as it was typed.
    """
    problems: list[Problem] = []

    def filled(match: re.Match) -> str:
        after = unicodedata.normalize("NFKC", match.string[match.end() :]).lstrip(_BETWEEN)
        try:
            return quotation[0] if (quotation := quoted(match.group(1))) else _before(edition, match, after)
        except LookupError as unknown:
            what, expected, *found = unknown.args
            problems.append(place.problem(what, "".join([match.group(0), *found]), expected))
            return match.group(0)

    return FIGURE.sub(filled, line), problems


def quoted(expression: str) -> tuple[str, str] | None:
    """Return (number, source) of a number of another source, None for a figure. Raises LookupError without source."""
    match = _QUOTED.fullmatch(unicodedata.normalize("NFKC", expression).strip())
    if match and not match[2]:
        raise LookupError("出典のない数値です", _QUOTE_FORM)
    return (match[1], match[2]) if match else None


def quotations(line: str) -> Iterator[tuple[str, str]]:
    """Yield (number, source) of the numbers of other sources in a line; those without a source are left to ``fill``."""
    for match in FIGURE.finditer(line):
        try:
            found = quoted(match.group(1))
        except LookupError:
            continue
        if found:
            yield found


def _before(edition: Edition, match: re.Match, after: str) -> str:
    """Return the text of a figure. Raises LookupError(what, expected[, what follows]) when it or its unit is wrong."""
    text, row = figure(edition, match.group(1)), row_of(edition, match.group(1))
    units = _units(edition, row, _parts(match.group(1))[2])
    what, follows = "数値のあとの単位が違います", re.match(r"%|\w{0,4}", after)[0]
    if text.endswith(units):
        if after.startswith(_ANY_UNIT):
            raise LookupError(what, f"単位を付けない（「{text}」と入ります）", follows)
    elif not after.startswith(units) or after.startswith("%ポイント"):
        raise LookupError(what, f"{match.group(0)}{units[0]}", follows)
    return text


def _units(edition: Edition, row: Row, field: str) -> tuple[str, ...]:
    """Return what a figure is counted in, the usual word first. The share of a mean prints its unit itself."""
    if field in ("count", "base"):
        return (edition.survey.unit, *_PEOPLE)
    if wording.is_mean(row):
        return (str(row["unit"]),)
    return ("ポイント",) if field in ("change", "tipping") else ("%", "パーセント")


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
    """Return {wave or banner: value}; at most one banner. Raises LookupError(what, expected)."""
    known = ("wave", *(attribute.id for attribute in edition.survey.attributes))
    chosen = {}
    for argument in arguments:
        name, is_given, value = argument.partition("=")
        if name in chosen:
            raise LookupError("数値の条件が重なっています", f"{name}= は1回だけ")
        if not (is_given and value) or name not in known:
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
