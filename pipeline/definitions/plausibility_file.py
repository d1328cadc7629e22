"""plausibility.csv: figures that looked wrong, were looked into, and are right. Every row is signed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pipeline.definitions.csv_table import read_rows
from pipeline.definitions.known_figures import Table
from pipeline.matching import fold_tight
from pipeline.model import RESPONSE, Problem, Question, SignedStop

_PLACE, _SIGNED = ("question", "option", "wave_from", "wave_to", "kind"), ("reason", "decided_by", "date")
#: The figure that was signed; without it a signature covers any.
_FOUND = "found"
HEADER = (*_PLACE, _FOUND, *_SIGNED)
_FIGURE = re.compile(r"\d+(\.\d+)?%?")
KINDS = ("change", "base", "zero")


def signed_stops(
    path: Path, name: str, questions: Sequence[Question], waves: Sequence[str], problems: list[Problem]
) -> tuple[SignedStop, ...]:
    """Return the signed rows; () when the survey has none. Whether they are needed is seen when counted."""
    table, found = Table(name, problems), []
    by_id = {question.id: question for question in questions}
    for line, row in read_rows(path, name, (*_PLACE, *_SIGNED), problems, optional=(_FOUND,)):
        for key, value in row.items():
            if not value and key not in ("option", _FOUND):
                table.note(line, "空欄にできません（署名の行です）", key, "", "理由・決めた人・日付のすべて")
        table.day(line, row)
        row[_FOUND] = fold_tight(row.get(_FOUND, "")).replace(",", "").removesuffix("人")
        if row[_FOUND] and not _FIGURE.fullmatch(row[_FOUND]):
            table.note(line, "署名した数値の書き方が違います", _FOUND, row[_FOUND], "82.0% のような割合か、人数")
        table.one_of(line, "question", row["question"], (*by_id, RESPONSE))
        table.one_of(line, "kind", row["kind"], KINDS)
        known = [table.one_of(line, key, row[key], waves) for key in ("wave_from", "wave_to")]
        if all(known) and row["wave_from"] >= row["wave_to"]:
            table.note(line, "調査回の順が逆です", "wave_to", row["wave_to"], "wave_from より後の調査回")
        if row["kind"] == "base" and row["option"]:
            table.note(line, "基数の行の option は空欄にします", "option", row["option"], "空欄")
        elif row["kind"] in KINDS[::2] and row["question"] in by_id:
            question = by_id[row["question"]]
            table.one_of(line, "option", row["option"], [e.id for e in (*question.options, *question.nets)])
        stop = SignedStop(**row)
        place = (stop.question, stop.option, stop.wave_from, stop.wave_to, stop.kind)
        if place in {(s.question, s.option, s.wave_from, s.wave_to, s.kind) for s in found}:
            table.note(line, "同じ組の行が2回以上あります", "question", stop.question, "1行だけ")
        found.append(stop)
    return tuple(found)
