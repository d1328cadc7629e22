"""The roster beside the answers of one wave: which strata and margins the answers can be weighted to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.analysis.cubes import roster_attributes
from pipeline.analysis.weighting import Cells, Raked, collapsed, rake, trimmed
from pipeline.frames import Cube
from pipeline.model import INVALID, NO_ANSWER, RESPONSE, UNKNOWN_GROUP, Question, Survey, Wave

Parts = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Margin:
    """The roster by one attribute as it is weighted to.

    groups: names of the parts, ``a+b``; places: their groups in the order of the attribute
    (options, then unknown); headcounts: (parts,) staff in each, adding up to the population.
    """

    attribute: str
    groups: tuple[str, ...]
    places: tuple[tuple[int, ...], ...]
    headcounts: np.ndarray


@dataclass(frozen=True)
class Weighted:
    """One way to weight one wave: cells by their places in the joint table, weights, strata or margins.

    codes: per margin the group of each cell; Raked tells sweeps and gap. For post-stratification
    the cells are the strata.
    """

    method: str
    margins: tuple[Margin, ...]
    places: tuple[tuple[int, ...], ...]
    people: np.ndarray
    codes: tuple[np.ndarray, ...]
    raked: Raked

    @property
    def attributes(self) -> str:
        return "+".join(margin.attribute for margin in self.margins)

    @property
    def groups(self) -> str:
        return " ".join("|".join(margin.groups) for margin in self.margins)

    @property
    def degrees(self) -> float:
        """Degrees of freedom: Σ(n − 1) over strata; of raked answers n − 1."""
        return float(self.people.sum() - (len(self.people) if self.method == "poststratified" else 1))


class Answers:
    """The joint Cubes of one wave, and how they sum to attributes and cells."""

    def __init__(self, survey: Survey, wave: Wave, joint: Mapping[str, Cube]):
        self._wave, self._joint = wave, joint
        self._attributes = roster_attributes(survey)
        self._groups = [
            (*(option.id for option in survey.question(name).options), UNKNOWN_GROUP)
            for name in self._attributes
        ]
        self.people = self._counts(RESPONSE)[:, 0]

    def _counts(self, question: str) -> np.ndarray:
        cube = self._joint[question]
        return cube.people()[cube.waves.index(self._wave.key)]

    def cells(self, question: Question, places: Sequence[Sequence[int]]) -> Cells:
        """Return the Cells of the headline of ``question``, each the sum of some cells of the joint table."""
        counts, entries = self._counts(question.id), self._joint[question.id].entries
        asked = counts[:, 0]
        if question.base != "asked":
            asked = asked - sum(counts[:, 1 + entries.index(state)] for state in (NO_ANSWER, INVALID))
        chosen = counts[:, 1 + entries.index(question.headline)]
        return Cells(self.people, asked, chosen).taken(places)

    def group_of_cell(self, attribute: str) -> np.ndarray:
        """Return the group of ``attribute`` of every cell of the joint table, (cells,)."""
        sizes = tuple(map(len, self._groups))
        return np.indices(sizes)[self._attributes.index(attribute)].ravel()

    def margin(self, attribute: str, parts: Parts) -> Margin | None:
        """Return the roster of the wave by ``attribute`` under ``parts``; None where it cannot be used."""
        population = self._wave.population
        headcounts = population.headcounts.get(attribute) if population else None
        if not headcounts or attribute not in self._attributes or not self._wave.asks(attribute):
            return None
        names = self._groups[self._attributes.index(attribute)]
        by_group = np.bincount(self.group_of_cell(attribute), self.people, len(names))
        places = [[names.index(group) for group in part] for part in parts]
        people = np.array([by_group[place].sum() for place in places])
        staff = np.array([sum(headcounts.get(group, 0) for group in part) for part in parts], float)
        staff = _with_unknown(staff, people, parts)
        together = collapsed(people, staff)
        merged = tuple(tuple(place for part in group for place in places[part]) for group in together)
        labels = tuple("+".join(names[place] for place in part) for part in merged)
        return Margin(attribute, labels, merged, np.array([staff[group].sum() for group in together]))

    def poststratified(self, margin: Margin, limit: float) -> Weighted | None:
        """Return the weights by one attribute; None with fewer than two answers."""
        group = self.group_of_cell(margin.attribute)
        places = tuple(tuple(np.flatnonzero(np.isin(group, part)).tolist()) for part in margin.places)
        people = np.array([self.people[list(place)].sum() for place in places], float)
        if people.sum() < 2 or (people < 2).any():
            return None
        weights = trimmed(margin.headcounts / people, people, limit)
        gap = float(np.abs(weights * people - margin.headcounts).max())
        return Weighted(
            "poststratified", (margin,), places, people, (np.arange(len(people)),), Raked(weights, 1, gap)
        )

    def raked(self, margins: Sequence[Margin], limit: float) -> Weighted | None:
        """Return the weights by several attributes at once; None with fewer than two of them or two answers."""
        if len(margins) < 2 or self.people.sum() < 2:
            return None
        cells = np.flatnonzero(self.people)
        people = self.people[cells].astype(float)
        codes = []
        for margin in margins:
            part_of = {place: number for number, part in enumerate(margin.places) for place in part}
            codes.append(
                np.array([part_of[place] for place in self.group_of_cell(margin.attribute)[cells].tolist()])
            )
        targets = [margin.headcounts for margin in margins]
        start = np.full(len(cells), targets[0].sum() / people.sum())
        fitted = rake(people, start, codes, targets)
        weights = trimmed(fitted.weights, people, limit)
        gap = max(
            np.abs(np.bincount(code, weights * people, len(target)) - target).max()
            for code, target in zip(codes, targets, strict=True)
        )
        places = tuple((int(cell),) for cell in cells)
        return Weighted(
            "raked", tuple(margins), places, people, tuple(codes), Raked(weights, fitted.sweeps, float(gap))
        )


def _with_unknown(staff: np.ndarray, people: np.ndarray, parts: Parts) -> np.ndarray:
    """Give people of unknown group their share of the answers as headcount, the others the rest.

    It is as if they were unknown in the roster, too, and answered like everybody else. Merged
    with another group, they stand for that group's staff with the others in it.
    """
    alone = [place for place, part in enumerate(parts) if part == (UNKNOWN_GROUP,)]
    if not alone or not people.sum() or people[alone[0]] == people.sum():
        return staff
    total = staff.sum()
    unknown = total * people[alone[0]] / people.sum()
    staff = staff * (total - unknown) / total
    staff[alone[0]] = unknown
    return staff
