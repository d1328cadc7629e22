"""lineage.csv: which options or groups became which others. Every row is signed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from pipeline.definitions.csv_table import read_rows
from pipeline.definitions.known_figures import Table
from pipeline.definitions.survey_file import RESERVED
from pipeline.lineage import name_of, parts
from pipeline.model import Link, Net, Problem, Question, Survey, Wave

COLUMNS = ("question", "wave", "kind", "from", "to", "id", "label", "reason", "decided_by", "date")
_SIGNED = ("question", "wave", "kind", "from", "to", "label", "reason", "decided_by", "date")
#: Kind → how many stand on each side, as words and as (fewest, most) before and after.
KINDS = {
    "renamed": ("from も to も1つ", (1, 1), (1, 1)),
    "merged": ("from に2つ以上、to に1つ", (2, 99), (1, 1)),
    "split": ("from に1つ、to に2つ以上", (1, 1), (2, 99)),
    "moved": ("from と to に1つ以上ずつ（どちらも前後にあるもの）", (1, 99), (1, 99)),
}
_ID = re.compile(r"[a-z0-9_]+")


def links(
    path: Path,
    name: str,
    questions: Sequence[Question],
    waves: Sequence[Wave],
    coming: str,
    problems: list[Problem],
) -> tuple[Link, ...]:
    """Return the links in file order; () when the survey has none. A row with a mistake is left out.

    ``coming`` is a wave that is being drafted and whose questions are not known yet.
    """
    table, found = Table(name, problems), []
    for line, row in read_rows(path, name, COLUMNS, problems):
        before = len(problems)
        empty = [key for key in _SIGNED if not row[key]]
        for key in empty:
            table.note(line, "空欄にできません（署名の行です）", key, "", "id のほかのすべて")
        table.day(line, row)
        known = [
            table.one_of(line, "question", row["question"], [question.id for question in questions]),
            table.one_of(line, "kind", row["kind"], KINDS),
            table.one_of(line, "wave", row["wave"], [*(wave.key for wave in waves), *filter(None, [coming])]),
        ]
        if empty or not all(known):
            continue
        question = next(question for question in questions if question.id == row["question"])
        link = Link(
            question=question.id,
            wave=row["wave"],
            kind=row["kind"],
            before=tuple(row["from"].split("+")),
            after=tuple(row["to"].split("+")),
            **{key: row[key] for key in ("id", "label", "reason", "decided_by", "date")},
        )
        is_known = _check_sides(table, line, link, question)
        _check_id(table, line, link, question)
        if link.wave != coming:
            _check_wave(table, line, link, question, waves, is_known)
        if link in found:
            table.note(line, "同じ行が2回以上あります", "question", link.question, "1行だけ")
        if len(problems) == before:
            found.append(link)
    return tuple(found)


def _check_sides(table: Table, line: int, link: Link, question: Question) -> bool:
    """Return whether every id is an option of the question; note what does not fit the kind."""
    known = [option.id for option in question.options]
    sides = {"from": link.before, "to": link.after}
    words, *counts = KINDS[link.kind]
    is_known = [table.one_of(line, key, member, known) for key, side in sides.items() for member in side]
    fit = all(low <= len(side) <= high for side, (low, high) in zip(sides.values(), counts, strict=True))
    if not fit or any(len(set(side)) < len(side) for side in sides.values()) or len(link.members) < 2:
        table.note(
            line,
            "つなぎ方が kind と合いません",
            "from, to",
            f"{'+'.join(link.before)} → {'+'.join(link.after)}",
            words,
        )
    return all(is_known)


def _check_wave(
    table: Table, line: int, link: Link, question: Question, waves: Sequence[Wave], is_known: bool
) -> None:
    asking = [wave.key for wave in waves if wave.asks(question.id)]
    earlier = [wave for wave in asking if wave < link.wave]
    if link.wave not in asking or not earlier:
        expected = "、".join(asking[1:]) or "この設問を2回以上聞いてから"
        table.note(line, "この調査回とその前に、その設問を聞いていません", "wave", link.wave, expected)
    elif is_known:
        _check_offered(table, line, link, question, earlier[-1])


def _check_id(table: Table, line: int, link: Link, question: Question) -> None:
    taken = {entry.id for entry in (*question.options, *question.nets)} | RESERVED
    if question.is_attribute:
        if link.id:
            table.note(
                line,
                "属性の行の id は空欄にします",
                "id",
                link.id,
                "空欄（区分の名前をつないだものになります）",
            )
    elif not _ID.fullmatch(link.id):
        table.note(line, "比べるための計の id がありません", "id", link.id, "半角の英小文字・数字・_")
    elif link.id in taken:
        table.note(line, "選択肢や計と同じ id は使えません", "id", link.id, "ほかにない id")


def _check_offered(table: Table, line: int, link: Link, question: Question, earlier: str) -> None:
    """Note what was not on the form: ``from`` in the wave before, ``to`` in the wave; moved in both."""
    both = link.members if link.kind == "moved" else ()
    for key, wave, side in (("from", earlier, link.before), ("to", link.wave, link.after)):
        for member in dict.fromkeys((*side, *sorted(both))):
            if not question.option(member).is_offered(wave):
                expected = f"{wave} の用紙にあるもの（survey.toml の since・until）"
                table.note(line, "その調査回の選択肢にありません", key, member, expected)


def with_nets(survey: Survey) -> Survey:
    """Return the survey with a net for every part of options that serves a comparison of two waves."""
    questions = []
    for question in survey.questions:
        nets = tuple(net for net in question.nets if not net.is_lineage)
        if not question.is_attribute and any(link.question == question.id for link in survey.links):
            nets += tuple(_nets(survey, question))
        questions.append(replace(question, nets=nets))
    return replace(survey, questions=tuple(questions))


def _nets(survey: Survey, question: Question) -> Iterator[Net]:
    asking = [wave.key for wave in survey.waves if wave.asks(question.id)]
    pairs = combinations(asking, 2)
    for part in dict.fromkeys(part for pair in pairs for part in parts(survey, question.id, *pair)):
        yield Net(*name_of(survey, question.id, part), part, is_lineage=True)


def clashes(survey: Survey, name: str) -> Iterator[Problem]:
    """Yield one problem per id that two different parts of one question would have."""
    for question in survey.questions:
        made: dict[str, tuple[str, ...]] = {}
        for net in question.nets:
            if not net.is_lineage or made.setdefault(net.id, net.options) == net.options:
                continue
            what, step = "違う組み合わせに同じ id が付いています", "つなぐ行ごとに、別の id にしてください。"
            sides = " | ".join("+".join(members) for members in (made[net.id], net.options))
            yield Problem(what, file=name, key=f"{question.id} {net.id}", found=sides, next_step=step)
