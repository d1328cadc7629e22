"""By which attributes an edition may weight: by what it shows, or, inside, by everything known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from pipeline.model import RESPONSE, UNKNOWN_GROUP, Plan, Survey, frozen_mapping

Parts = tuple[tuple[str, ...], ...]


def weighted_inside(survey: Survey, plan: Plan) -> Plan:
    """Return the Plan with every attribute of the roster, every group by itself, for every question."""
    attributes = _roster_attributes(survey)
    every = frozen_mapping({name: _single(survey, name) for name in attributes})
    return replace(plan, weighting=frozen_mapping(dict.fromkeys(plan.toplines, every)), may_rake=True)


def weighted_by_shown(survey: Survey, plan: Plan) -> Plan:
    """Return the Plan with the attributes whose every part, of answers and of returns, it shows.

    A weighted share is a sum over groups. Where the shares of all of them stand beside it, it says
    nothing new; where some do not, it is an equation about them, and with the unweighted share
    two. So a share is weighted only by the parts of a cross that the edition shows, one attribute
    at a time: the joint table behind raking is shown nowhere. Where the headline is withheld in
    a group of any wave it is not weighted by that attribute in any of them.
    """
    found = {}
    for question in sorted(plan.toplines):
        own = {}
        for name in _roster_attributes(survey):
            parts, returned = plan.crosses.get((question, name)), plan.crosses.get((RESPONSE, name))
            is_whole = parts and returned and _is_union(parts, returned)
            if is_whole and not _hides_headline(survey, plan, question, name):
                own[name] = parts
        if own:
            found[question] = frozen_mapping(own)
    return replace(plan, weighting=frozen_mapping(found), may_rake=False)


def _hides_headline(survey: Survey, plan: Plan, question: str, attribute: str) -> bool:
    headline = survey.question(question).headline
    return any(
        (asked, banner) == (question, attribute) and any(option == headline for _, option in cells)
        for (_, asked, banner), cells in plan.cells.items()
    )


def _roster_attributes(survey: Survey) -> list[str]:
    """Return the attributes with headcounts in any wave: the one of the roster file first."""
    populations = [wave.population for wave in survey.waves if wave.population]
    known = [name for population in reversed(populations) for name in population.headcounts]
    return list(dict.fromkeys(known))


def _single(survey: Survey, attribute: str) -> Parts:
    options = survey.question(attribute).options
    return (*((option.id,) for option in options), (UNKNOWN_GROUP,))


def _is_union(parts: Parts, finer: Iterable[tuple[str, ...]]) -> bool:
    """True when every part is made of whole parts of ``finer``."""
    home: Mapping[str, int] = {group: place for place, part in enumerate(parts) for group in part}
    return all(len({home.get(group, -1) for group in part}) == 1 for part in finer)
