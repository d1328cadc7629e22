"""May two waves of a question be compared? Read from the signed rows of comparability.csv."""

from __future__ import annotations

from itertools import pairwise

from pipeline.model import Survey, Wave

_WORST_LAST = ("same", "flagged", "broken")


def grade(survey: Survey, question: str, wave_from: str, wave_to: str) -> tuple[str, str]:
    """Return (grade, reason): the signed row of the pair, else the worst signed row between the two."""
    signed = [row for row in survey.comparability if row.question == question]
    own = [row for row in signed if (row.wave_from, row.wave_to) == (wave_from, wave_to)]
    between = [row for row in signed if wave_from <= row.wave_from and row.wave_to <= wave_to]
    worst = max(own or between, key=lambda row: _WORST_LAST.index(row.grade), default=None)
    return (worst.grade, worst.reason) if worst else ("same", "")


def worst_of(one: tuple[str, str], other: tuple[str, str]) -> tuple[str, str]:
    """Return the worse of two (grade, reason); equal grades other than same keep both reasons."""
    if one[0] == other[0]:
        return one[0], "、".join(reason for reason in dict.fromkeys((one[1], other[1])) if reason)
    return max(one, other, key=lambda found: _WORST_LAST.index(found[0]))


def pairs(survey: Survey, question: str) -> list[tuple[str, str]]:
    """Return the (wave from, wave to) pairs to compare, by wave to, then wave from.

    Each wave with the one before it; with the last one that asked, where that is earlier;
    and with the first one that asked.
    """
    asking = [wave for wave in survey.waves if wave.asks(question)]
    found = []
    for before, wave in pairwise(survey.waves):
        partners = {before.key} if wave in asking or before in asking else set()
        if wave in asking:
            partners |= _earlier(asking, wave)
        found.extend((partner, wave.key) for partner in sorted(partners))
    return found


def _earlier(asking: list[Wave], wave: Wave) -> set[str]:
    place = asking.index(wave)
    return {asking[place - 1].key, asking[0].key} if place else set()
