"""[population.margins.<attribute>]: headcounts of the roster by further attributes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipeline.definitions.toml_section import Section
from pipeline.model import Question, frozen_mapping

NOT_AN_ATTRIBUTE = "属性（is_attribute = true）のIDではありません"


def margins(
    population: Section, attribute: str, questions: Iterable[Question]
) -> dict[str, Mapping[str, int]]:
    """Return attribute → group → headcount in the order of the survey file; ``attribute`` has its strata already."""
    section = population.table("margins")
    known = {question.id: question for question in questions if question.is_attribute}
    found = {}
    for name in section.content:
        counts = section.mapping(name, int)
        if name not in known:
            section.unknown(name, name, known, NOT_AN_ATTRIBUTE)
        elif name == attribute:
            section.note(
                "同じ属性の人数が2か所にあります", name, name, "roster か strata か margins のどれか1つ"
            )
        else:
            check_groups(section, name, counts, known[name])
            ordered = {option.id: counts[option.id] for option in known[name].options if option.id in counts}
            found[name] = frozen_mapping(ordered)
    return {name: found[name] for name in known if name in found}


def check_groups(section: Section, key: str, counts: Mapping[str, int], attribute: Question) -> None:
    """Report groups that are no options of ``attribute``, and headcounts below 0."""
    groups = [option.id for option in attribute.options]
    for group, people in counts.items():
        if group not in groups:
            section.unknown(f"{key}.{group}", group, groups, "属性の選択肢にないIDです")
        elif people < 0:
            section.note("人数が数ではありません", f"{key}.{group}", people, "0以上の整数")


def check_totals(population: Section, found: Mapping[str, Mapping[str, int]], total: int) -> None:
    """Report every attribute whose headcounts do not add up to the population."""
    for name, counts in found.items():
        if sum(counts.values()) != total:
            what = "区分ごとの対象者数の合計が、対象者数と合いません"
            population.note(what, f"margins.{name}", f"合計{sum(counts.values())}", f"合計{total}")
