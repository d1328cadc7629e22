"""Which options or groups of two waves are the same: the coarsest common partition.

Ground: analysis compares by it, disclosure starts its parts from it. Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.model import Link, Survey

Parts = tuple[tuple[str, ...], ...]


def links_between(survey: Survey, question: str, wave_from: str, wave_to: str) -> tuple[Link, ...]:
    """Return the links of ``question`` (an attribute is one) that lie between two waves."""
    return tuple(link for link in survey.links if link.question == question and wave_from < link.wave <= wave_to)


def partition(survey: Survey, question: str, wave_from: str, wave_to: str) -> Parts:
    """Return the coarsest common partition of the options of two waves.

    Its parts are the connected components of the links between the waves; what no link touches
    is a part by itself. Parts and their members stand in the order of the survey file.
    """
    single = [(option.id,) for option in survey.question(question).options]
    ties = (link.members for link in links_between(survey, question, wave_from, wave_to))
    return joined(single, ties)


def parts(survey: Survey, question: str, wave_from: str, wave_to: str) -> Parts:
    """Return the parts of ``partition`` with several members: what has to be put together to compare."""
    return tuple(part for part in partition(survey, question, wave_from, wave_to) if len(part) > 1)


def joined(start: Iterable[tuple[str, ...]], ties: Iterable[Iterable[str]]) -> Parts:
    """Return the parts of ``start``, those that one tie touches united.

    A united part stands where its first member stood, its members in the order of ``start``.
    """
    found = list(start)
    rank = {member: number for number, part in enumerate(found) for member in part}
    order = {member: number for number, member in enumerate(m for part in found for m in part)}
    for tie in ties:
        touched = sorted({rank[member] for member in tie if member in rank})
        for number in touched[1:]:
            rank |= dict.fromkeys(found[number], touched[0])
            found[touched[0]] += found[number]
            found[number] = ()
    return tuple(tuple(sorted(part, key=order.__getitem__)) for part in found if part)


def name_of(survey: Survey, question: str, members: Iterable[str]) -> tuple[str, str]:
    """Return (id, label) of a part: those of its links, several joined by ``+`` and ・."""
    inside = [link for link in survey.links if link.question == question and link.members <= set(members)]
    return "+".join(dict.fromkeys(link.id for link in inside)), "・".join(dict.fromkeys(link.label for link in inside))
