"""Words for shares that rest on an audit: an estimate is never printed like a count.

Shares are said in whole percent with the audit's 95 % range, people as about how many.
"""

from __future__ import annotations

import math

from pipeline.frames import PREDICTED
from pipeline.model import Question
from pipeline.numerals import count_text, float_number
from pipeline.report.edition import Edition, Row

SIGN = "推計"
MEANING = "回答の一部を人が読み、監査（抜き取り）で補正した推計です。かっこ内は95%の範囲です。"
#: Said of how the answers were sorted, where all were read by people and where not.
READ_BY_PEOPLE = "自由に書いていただいた回答を、担当者が読んで内容ごとに分類しました。"
_READ_IN_PART = "自由に書いていただいた回答の一部を、担当者が読んで内容ごとに分類しました。"
_HOW = (
    "{wave}の人数と割合は、{note}です。機械の案が迷った回答はすべて担当者が読み、"
    "ほかの回答は、くじで選んで担当者が読んだ分から、機械の案の誤りを補正しています。"
    "担当者の確認なしに、機械の案だけで数えた値ではありません。"
)
_RANGE = "〜"


def is_predicted(row: Row | None) -> bool:
    """True for a row of estimates that shows a predicted share."""
    if row is None or row.get("basis") != PREDICTED or row["status"] != "shown":
        return False
    return not math.isnan(row.get("percent", math.nan))


def rows(edition: Edition, question: Question, wave: str = "") -> list[Row]:
    """Return the predicted rows of the themes of one wave, in the order of the survey file."""
    found = (edition.estimate(question.id, option.id, wave) for option in question.options)
    return [row for row in found if is_predicted(row)]


def people(row: Row) -> int:
    """Return about how many people a predicted share stands for."""
    return int(float_number(row["percent"] * row["base"] / 100, 0))


def count_cell(row: Row) -> str:
    """Return ``推計58``."""
    return f"{SIGN}{count_text(people(row))}"


def base_cell(row: Row) -> str:
    """Return the base, ``推計201`` where it is an estimate too."""
    return ("" if row["base_kind"] == "asked" else SIGN) + count_text(int(row["base"]))


def percent_cell(row: Row) -> str:
    """Return ``推計29（25〜33）``; without an interval ``推計29``."""
    ends = _range(row)
    return f"{SIGN}{_whole(row['percent'])}" + (f"（{ends}）" if ends else "")


def percent_words(row: Row) -> str:
    """Return ``推計で約29%``."""
    return f"{SIGN}で約{_whole(row['percent'])}%"


def people_words(row: Row) -> str:
    """Return ``推計で約201人中約58人``."""
    return f"{SIGN}で約{count_text(int(row['base']))}人中約{count_text(people(row))}人"


def share_words(row: Row) -> str:
    """Return ``約29%（推計、95%の範囲 25〜33%）``."""
    ends = _range(row)
    return f"約{_whole(row['percent'])}%（{SIGN}{f'、95%の範囲 {ends}%' if ends else ''}）"


def heading_words(row: Row) -> str:
    """Return ``推計で約58人``."""
    return f"{SIGN}で約{count_text(people(row))}人"


def change_remark(change: Row) -> str:
    """Return what follows the size of a change with a predicted side, "" for any other."""
    return SIGN if change.get("basis") == PREDICTED else ""


def sorting_words(edition: Edition, question: Question) -> str:
    """Return how the free answers of this wave were sorted."""
    return _READ_IN_PART if rows(edition, question) else READ_BY_PEOPLE


def how_words(edition: Edition, question: Question) -> str:
    """Return how the predicted figures of this and the last wave were made, "" where all are counts."""
    last = edition.previous(question.id)
    waves = (edition.wave, last) if last else (edition.wave,)
    found = ((wave, rows(edition, question, wave.key)) for wave in waves)
    return "".join(_HOW.format(wave=wave.label, note=own[0]["note"]) for wave, own in found if own)


def _range(row: Row) -> str:
    if math.isnan(row["low"]):
        return ""
    return _RANGE.join(str(_whole(row[side])) for side in ("low", "high"))


def _whole(value: float):
    return float_number(value, 0)
