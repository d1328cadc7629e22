"""``[questions.<id>]`` of a wave file: the route, limit and order of options that differ in that wave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pipeline.definitions.toml_section import Section
from pipeline.model import Asked, Question, Route, Wave, frozen_mapping


def differing(
    section: Section, questions: tuple[Question, ...], asked: Iterable[str], wave: str
) -> dict[str, Asked]:
    """Return question id → how this wave asked it, of the questions the wave file says so of.

    What is not written is as in the survey file; ``limit = 0`` is as many as you like and
    ``route = {}`` is everybody. What is wrong is reported and left as in the survey file.
    """
    table, by_id, found = section.table("questions"), {question.id: question for question in questions}, {}
    asked = tuple(asked)
    for id_ in table.content:
        entry = table.table(id_)
        if id_ not in asked or id_ not in by_id:
            table.unknown(id_, id_, asked, "この調査回の [wording] にない設問です")
            continue
        question = by_id[id_]
        limit = entry.whole("limit", question.limit or 0)
        route = _route(entry, question, questions) if "route" in entry.content else question.route
        found[id_] = Asked(route, limit or None, _order(entry, question, wave))
        entry.finish()
    return found


def _route(entry: Section, question: Question, questions: tuple[Question, ...]) -> Route | None:
    section = entry.table("route")
    if not section.content:
        return None
    route = Route(section.text("question", ...), section.texts("options"))
    section.finish()
    earlier = questions[: questions.index(question)]
    sources = {known.id: known for known in earlier if known.kind == "single"}
    if route.question not in sources:
        what = "分岐元は、この設問より前に書いた単一回答の設問でなければなりません"
        section.unknown("question", route.question, sources, what)
        return question.route
    known = [option.id for option in sources[route.question].options]
    wrong = [option for option in route.options if option not in known]
    for option in wrong:
        section.unknown("options", option, known, "分岐元の選択肢にないIDです")
    return question.route if wrong else route


def _order(entry: Section, question: Question, wave: str) -> tuple[str, ...]:
    order = entry.texts("order")
    offered = [option.id for option in question.options if option.is_offered(wave)]
    if order and sorted(order) != sorted(offered):
        expected = f"この調査回の選択肢のすべてを1回ずつ: {'、'.join(offered)}"
        entry.note("選択肢の順番の書き方が違います", "order", "、".join(order), expected)
        return ()
    return order


def as_asked(questions: tuple[Question, ...], waves: Iterable[Wave]) -> tuple[Question, ...]:
    """Return the questions with how every wave asked them, where any wave differs from the survey file."""
    waves = tuple(waves)
    result = []
    for question in questions:
        usual = Asked(question.route, question.limit)
        if any(question.id in wave.differing for wave in waves):
            asked = {wave.key: wave.differing.get(question.id, usual) for wave in waves}
            question = replace(question, asked=frozen_mapping(asked))
        result.append(question)
    return tuple(result)
