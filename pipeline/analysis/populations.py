"""How many people the respondents of a table stand for: the N of the finite reading."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.model import ALL_GROUP, RESPONSE, TOTAL_BANNER, Survey, Wave

ROSTER, ESTIMATED = "roster", "estimated"
#: What a row says that stands for an unknown number of people.
UNKNOWN = {"population": None, "population_kind": ""}


def population(wave: Wave, banner: str, group: str, asked: int, returns: Mapping[str, int]) -> dict:
    """Return the cells population and population_kind of a group (parts joined by ``+``).

    The whole staff, and groups whose headcounts the roster gives, stand for these; N·asked/returns,
    rounded to a person, where part of them was asked (a routed question) or the roster does not
    know the group. returns: group → forms handed back, of ``banner``, and ``all`` of everybody.
    """
    if wave.population is None:
        return UNKNOWN
    strata = wave.population.headcounts.get(banner, {})
    parts = group.split("+")
    # A department of another time stands in no roster of this wave, and nobody answered from it.
    parts = [part for part in parts if part in strata or returns.get(part)]
    is_listed = banner != TOTAL_BANNER and bool(parts) and all(part in strata for part in parts)
    if is_listed:
        headcount, returned = sum(strata[part] for part in parts), sum(returns[part] for part in parts)
    else:
        headcount, returned = wave.population.total, returns[ALL_GROUP]
    if asked == returned and (is_listed or banner == TOTAL_BANNER):
        return {"population": headcount, "population_kind": ROSTER}
    return _estimated(headcount, asked, returned)


def printed_population(survey: Survey, wave: Wave, base: int) -> dict:
    """Return the same cells of a printed figure, from the printed response rate."""
    rates = [figure for figure in survey.published if (figure.wave, figure.question) == (wave.key, RESPONSE)]
    if not rates or rates[0].count_low != rates[0].count_high:
        return UNKNOWN
    headcount, returned = rates[0].base, rates[0].count_low
    if base == returned:
        return {"population": headcount, "population_kind": ROSTER}
    return _estimated(headcount, base, returned)


def _estimated(headcount: int, asked: int, returned: int) -> dict:
    if not returned:
        return UNKNOWN
    return {"population": (2 * headcount * asked + returned) // (2 * returned), "population_kind": ESTIMATED}
