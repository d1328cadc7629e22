"""Cubes → decompositions: did opinions change, or did others answer? One attribute at a time.

With W the share of each group among the people asked and p the share of the item in it, a change is exactly

    ½ Σ (W₁ + W₂)(p₂ − p₁)  (opinion)  +  ½ Σ (p₁ + p₂)(W₂ − W₁)  (composition).

Reference: Kitagawa 1955 (JASA 50:1168–1194). Attributes overlap, so parts are never added over them.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline import frames
from pipeline.analysis.comparability import grade, pairs, worst_of
from pipeline.analysis.cubes import Cubes
from pipeline.frames import Cube
from pipeline.model import RESPONSE, TOTAL_BANNER, UNKNOWN_GROUP, Plan, Question, Survey

#: Draws behind an interval; the ends of a 95 % interval then lie on about 50 draws each.
RESAMPLES = 2000
SEED = 19550315


@dataclass(frozen=True)
class Sides:
    """Both waves by group: chosen and asked (2, groups) people, staff (2, groups) people on the roster."""

    groups: tuple[str, ...]
    chosen: np.ndarray
    asked: np.ndarray
    staff: np.ndarray


def decompositions(survey: Survey, cubes: Cubes, plan: Plan, seed: int = SEED) -> pd.DataFrame:
    """Return one row (frames.DECOMPOSITIONS) per headline, compared pair of waves and crossed attribute.

    Points. Groups are the parts of the plan, so every number it rests on is an estimate of the
    edition; those that nobody of one wave is in are merged with their neighbours.
    """
    rows = []
    for question in survey.questions:
        if question.is_attribute or question.id not in plan.toplines or not question.headline:
            continue
        for wave_from, wave_to in pairs(survey, question.id):
            for cross in survey.crosses:
                parts = plan.crosses.get((question.id, cross.banner))
                if not parts or _is_withheld(plan, question, cross.banner, (wave_from, wave_to)):
                    continue
                worst = worst_of(
                    grade(survey, question.id, wave_from, wave_to),
                    grade(survey, cross.banner, wave_from, wave_to),
                )
                sides = (
                    None
                    if worst[0] == "broken"
                    else _sides(survey, question, cross.banner, (wave_from, wave_to), cubes, plan)
                )
                if sides is not None:
                    rows.append(
                        _row(survey, question, cross.banner, (wave_from, wave_to), sides, worst, seed)
                    )
    return frames.table(frames.DECOMPOSITIONS, rows)


def _is_withheld(plan: Plan, question: Question, banner: str, waves: tuple[str, str]) -> bool:
    """Return whether the headline of either wave, or a group of it, is withheld."""
    return any(
        (wave, question.id) in plan.withheld
        or any(
            option == question.headline
            for table in (banner, TOTAL_BANNER)
            for _, option in plan.cells.get((wave, question.id, table), {})
        )
        for wave in waves
    )


def _sides(
    survey: Survey, question: Question, banner: str, waves: tuple[str, str], cubes: Cubes, plan: Plan
) -> Sides | None:
    """Return both waves by group, None where one of them cannot be split."""
    parts = plan.crosses[question.id, banner]
    cube, returned = cubes[question.id, banner].merged(parts), cubes[RESPONSE, banner].merged(parts)
    for wave in waves:
        known = wave in cube.waves and survey.wave(wave).asks(question.id) and survey.wave(wave).asks(banner)
        if not known or question.headline not in _offered(question, wave):
            return None
    counted = [_counts(question, cube, wave) for wave in waves]
    asked, chosen = (np.array(values, float) for values in zip(*counted, strict=True))
    if not asked.sum(axis=1).all():
        return None
    is_shown = plan.weighting.get(question.id, {}).get(banner) == parts
    staff = np.array(
        [
            _staff(survey, wave, banner if is_shown else "", parts, asked[side], returned)
            for side, wave in enumerate(waves)
        ]
    )
    together = present_in_both(asked)
    names = tuple("+".join(cube.groups[place] for place in group) for group in together)
    return Sides(
        names, *(np.stack([v[:, g].sum(axis=1) for g in together], axis=1) for v in (chosen, asked, staff))
    )


def _offered(question: Question, wave: str) -> set[str]:
    offered = {option.id for option in question.offered(wave)}
    return offered | {net.id for net in question.nets if offered & set(net.options)}


def _counts(question: Question, cube: Cube, wave: str) -> tuple[np.ndarray, np.ndarray]:
    place = cube.waves.index(wave)
    people = cube.people()[place]
    asked = people[:, 0] if question.base == "asked" else cube.answered()[place]
    return asked, people[:, 1 + cube.entries.index(question.headline)]


def _staff(survey: Survey, wave: str, banner: str, parts, asked: np.ndarray, returned: Cube) -> np.ndarray:
    """Return how many staff stand behind the people asked, by group.

    By the headcount of the group, where the roster has one and the edition shows it, else by that of all.
    """
    population = survey.wave(wave).population
    returns = returned.people()[returned.waves.index(wave), :, 0]
    total = population.total if population else returns.sum()
    ratio = np.full(len(parts), total / returns.sum())
    headcounts = population.headcounts.get(banner, {}) if population else {}
    for place, part in enumerate(parts):
        if headcounts and UNKNOWN_GROUP not in part and returns[place]:
            ratio[place] = sum(headcounts.get(group, 0) for group in part) / returns[place]
    return np.maximum(asked, np.floor(asked * ratio + 0.5))


def present_in_both(asked: np.ndarray) -> list[list[int]]:
    """Return the groups to count as one, (2, groups) → lists of places, so that each has people in both waves.

    Neighbours that one wave lacks are merged with each other first: a department and its
    successors beside it become one; what still lacks people joins the next group, the last one the one before.
    """
    merged: list[list[int]] = []
    was_partial = False
    for place in np.flatnonzero(asked.any(axis=0)).tolist():
        is_partial = not asked[:, place].all()
        if is_partial and was_partial:
            merged[-1].append(place)
        else:
            merged.append([place])
        was_partial = is_partial
    while len(merged) > 1:
        short = [number for number, group in enumerate(merged) if not asked[:, group].sum(axis=1).all()]
        if not short:
            break
        first = min(short[0], len(merged) - 2)
        merged[first : first + 2] = [merged[first] + merged[first + 1]]
    return merged


def parts_of_change(chosen: np.ndarray, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (opinion, composition), fractions (…), of counts (…, 2, groups); they add up to the change.

    A group without people counts with the mean of the other wave's share: with weight 0 it
    has no opinion of its own.
    """
    weight = asked / asked.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = chosen / asked
    other = share[..., ::-1, :]
    share = np.where(asked > 0, share, np.where(asked[..., ::-1, :] > 0, other, 0.0))
    (w1, w2), (p1, p2) = (np.moveaxis(values, -2, 0) for values in (weight, share))
    return (0.5 * (w1 + w2) * (p2 - p1)).sum(axis=-1), (0.5 * (p1 + p2) * (w2 - w1)).sum(axis=-1)


def _row(
    survey: Survey,
    question: Question,
    banner: str,
    waves: tuple[str, str],
    sides: Sides,
    worst: tuple[str, str],
    seed: int,
) -> dict:
    opinion, composition = parts_of_change(sides.chosen, sides.asked)
    is_net = any(net.id == question.headline for net in question.nets)
    groups = "|".join(sides.groups)
    key = "|".join((question.id, question.headline, *waves, banner, groups))
    (x1, x2), (n1, n2) = sides.chosen.sum(axis=1), sides.asked.sum(axis=1)
    numbers = {"opinion": opinion, "composition": composition}
    numbers |= dict(_intervals(sides, survey.parameters.confidence_level, [seed, zlib.crc32(key.encode())]))
    return {
        "survey": survey.id,
        "question": question.id,
        "question_label": question.label,
        "measure": "net" if is_net else "share",
        "option": question.headline,
        "option_label": question.measure_label(question.headline),
        "wave_from": waves[0],
        "wave_to": waves[1],
        "banner": banner,
        "banner_label": survey.question(banner).label,
        "groups": groups,
        # One division of whole numbers, as in changes, so that ties round alike.
        "change": float(100 * (x2 * n1 - x1 * n2) / (n1 * n2)),
        **{name: 100 * float(value) for name, value in numbers.items()},
        "unit": "ポイント",
        "resamples": RESAMPLES,
        "seed": seed,
        "comparability": worst[0],
        "status": "shown",
        "note": worst[1],
    }


def _intervals(sides: Sides, confidence: float, seed: list[int]) -> Iterator[tuple[str, float]]:
    """Yield (column, fraction): percentiles of the parts of resampled counts, in both readings."""
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
    ends = (1 - confidence) / 2, (1 + confidence) / 2
    for reading, draw in (("", _multinomial), ("_finite", _hypergeometric)):
        for name, values in zip(
            ("opinion", "composition"), parts_of_change(*draw(random, sides)), strict=True
        ):
            for side, end in zip(("low", "high"), np.quantile(values, ends), strict=True):
                yield f"{name}{reading}_{side}", end


def _multinomial(random: np.random.Generator, sides: Sides) -> tuple[np.ndarray, np.ndarray]:
    """Return (chosen, asked), each (resamples, 2, groups): everybody asked is drawn again, with their group."""
    drawn = []
    for chosen, asked in zip(sides.chosen, sides.asked, strict=True):
        cells = np.concatenate([chosen, asked - chosen])
        counts = random.multinomial(int(asked.sum()), cells / cells.sum(), size=RESAMPLES)
        drawn.append(counts.reshape(RESAMPLES, 2, -1))
    counts = np.stack(drawn, axis=1)
    return counts[:, :, 0], counts.sum(axis=2)


def _hypergeometric(random: np.random.Generator, sides: Sides) -> tuple[np.ndarray, np.ndarray]:
    """Return (chosen, asked): from the staff of each group as many are drawn as answered, none twice."""
    asked, staff = sides.asked.astype(np.int64), sides.staff.astype(np.int64)
    share = sides.chosen / np.where(asked > 0, asked, 1)
    good = np.floor(staff * share + 0.5).astype(np.int64)
    chosen = random.hypergeometric(good, staff - good, asked, size=(RESAMPLES, *asked.shape))
    return chosen, np.broadcast_to(asked, chosen.shape)
