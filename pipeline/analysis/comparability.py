"""May two waves of a question, or one row of them, be compared? Signed rows and lineage say so."""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import pairwise

import numpy as np
import pandas as pd

from pipeline.analysis import lineage
from pipeline.model import EVERY_QUESTION, TOTAL_BANNER, Survey, Wave

_WORST_LAST = ("same", "flagged", "broken")
Grade = tuple[str, str]


def grade(survey: Survey, question: str, wave_from: str, wave_to: str) -> Grade:
    """Return (grade, reason) of a question: the worse of its own rows and of those of every question (``*``)."""
    return worst_of(*(_signed(survey, name, wave_from, wave_to) for name in (EVERY_QUESTION, question)))


def _signed(survey: Survey, question: str, wave_from: str, wave_to: str) -> Grade:
    """Return the signed row of the pair, else the worst signed row between the two."""
    signed = [row for row in survey.comparability if row.question == question]
    own = [row for row in signed if (row.wave_from, row.wave_to) == (wave_from, wave_to)]
    between = [row for row in signed if wave_from <= row.wave_from and row.wave_to <= wave_to]
    worst = max(own or between, key=lambda row: _WORST_LAST.index(row.grade), default=None)
    return (worst.grade, worst.reason) if worst else ("same", "")


def worst_of(*grades: Grade) -> Grade:
    """Return the worst of several (grade, reason); equal grades other than same keep all reasons."""
    worst = max((word for word, _ in grades), key=_WORST_LAST.index)
    reasons = dict.fromkeys(reason for word, reason in grades if word == worst and worst != "same" and reason)
    return worst, "、".join(reasons)


def graded(survey: Survey, rows: pd.DataFrame, comparison_groups: Collection) -> pd.DataFrame:
    """Add ``comparability`` and ``reason`` to rows (question, wave_from, wave_to, banner, group, option).

    The grade of a row is the worst of its question, its banner and, where departments or options were
    merged or split, of its group and option. Rows that serve no comparison of their two waves are left out.
    comparison_groups: (question, banner, group) of ``frames.comparison_groups``.
    """
    pair = ["question", "wave_from", "wave_to"]
    entries, by_entry = _looked_up(rows, [*pair, "option"], lambda *key: _entry_grade(survey, *key))
    groups, by_group = _looked_up(
        rows,
        [*pair, "banner", "group"],
        lambda *key: _group_grade(survey, *key[1:], (key[0], *key[3:]) in comparison_groups),
    )
    both, place = np.unique(np.stack([entries, groups]), axis=1, return_inverse=True)
    worst = [_worst_known(by_entry[entry], by_group[group]) for entry, group in both.T]
    place = place.ravel()
    is_kept = np.array([found is not None for found in worst], dtype=bool)[place]
    words, reasons = (np.array([found and found[n] for found in worst], dtype=object)[place] for n in (0, 1))
    return rows[is_kept].assign(comparability=words[is_kept], reason=reasons[is_kept])


def _looked_up(rows: pd.DataFrame, keys: list[str], found: Callable) -> tuple[np.ndarray, list[Grade | None]]:
    """Return the number of each row's key (n,) and what ``found`` says of every key, asked once."""
    numbers = rows.groupby(keys, sort=False).ngroup().to_numpy()
    return numbers, [found(*key) for key in rows[keys].drop_duplicates().itertuples(index=False, name=None)]


def _worst_known(one: Grade | None, other: Grade | None) -> Grade | None:
    return None if one is None or other is None else worst_of(one, other)


def _entry_grade(survey: Survey, question: str, wave_from: str, wave_to: str, option: str) -> Grade | None:
    step = lineage.option_step(survey, survey.question(question), option, wave_from, wave_to)
    return step and worst_of(grade(survey, question, wave_from, wave_to), step)


def _group_grade(
    survey: Survey, wave_from: str, wave_to: str, banner: str, group: str, is_extra: bool
) -> Grade | None:
    if banner == TOTAL_BANNER:
        return "same", ""
    step = lineage.group_step(survey, banner, group, wave_from, wave_to, is_extra)
    return step and worst_of(_signed(survey, banner, wave_from, wave_to), step)


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


def group_pairs(survey: Survey, question: str) -> list[tuple[str, str]]:
    """Return the pairs to compare by groups: ``pairs``, and each wave with the first one that has answers.

    The first one that asked may be known from a publication, which has no groups.
    """
    found = pairs(survey, question)
    asking = [wave.key for wave in survey.waves if wave.asks(question) and not wave.is_published_only]
    more = [(asking[0], wave) for wave in asking[1:] if (asking[0], wave) not in found]
    return sorted([*found, *more], key=lambda pair: (pair[1], pair[0]))


def _earlier(asking: list[Wave], wave: Wave) -> set[str]:
    place = asking.index(wave)
    return {asking[place - 1].key, asking[0].key} if place else set()
