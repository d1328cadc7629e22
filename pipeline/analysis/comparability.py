"""May two waves of a question be compared? Read from the signed rows of comparability.csv."""

from __future__ import annotations

from itertools import pairwise

from pipeline.model import Survey, Wave

_WORST_LAST = ("same", "flagged", "broken")


def grade(survey: Survey, question: str, wave_from: str, wave_to: str) -> tuple[str, str]:
    """Return (grade, reason): the signed row of the pair, else the worst step between the two."""
    signed = {(g.wave_from, g.wave_to): g for g in survey.comparability if g.question == question}
    if (wave_from, wave_to) in signed:
        own = signed[wave_from, wave_to]
        return own.grade, own.reason
    asked = [w.key for w in survey.waves if w.asks(question) and wave_from <= w.key <= wave_to]
    steps = [signed[step] for step in pairwise(asked) if step in signed]
    if not steps:
        return "same", ""
    worst = max(steps, key=lambda step: _WORST_LAST.index(step.grade))
    return worst.grade, worst.reason


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
