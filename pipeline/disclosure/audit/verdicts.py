"""Is anybody exposed? Bounds of every telling cell, held against what the rule promises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.disclosure.audit.statements import Reader
from pipeline.model import ALL_GROUP, STATE_LABELS, TOTAL_BANNER

Place = tuple[str, str, str, str, str]
#: People by (wave, question, banner, group, option); the confidential counts.
Truth = Mapping[Place, int]


@dataclass(frozen=True)
class Promise:
    """What the rule promises for one question: see ``is_telling`` and ``exposed``."""

    minimum_cell: int
    minimum_group: int
    unanimity_base: int
    takes_many: bool
    is_topline_free: bool

    @property
    def width(self) -> int:
        return max(3, self.minimum_cell - 1)


@dataclass(frozen=True)
class Exposed:
    """A cell an outsider knows too well: it holds between ``low`` and ``high`` people."""

    place: Place
    low: int
    high: int


def exposed(
    reader: Reader,
    truth: Truth,
    bases: Mapping[tuple[str, str, str, str], int],
    promises: Mapping[str, Promise],
    places: Iterable[Place],
) -> list[Exposed]:
    """Return the telling cells of ``places`` whose interval is too narrow or too low.

    The interval of a telling cell must be ``width`` wide and hold 0 or minimum_cell; where the
    whole staff's figure is shown and smaller, no wider than that figure. places: (wave,
    question, banner, group or merged groups, option). Raises Undecided, Contradiction.
    """
    found = []
    for place in places:
        wave, question, banner, group, option = place
        promise = promises[question]
        people = sum(truth[wave, question, banner, part, option] for part in group.split("+"))
        everybody = sum(bases[wave, question, banner, part] for part in group.split("+"))
        if not is_telling(promise, people, everybody, banner, option):
            continue
        terms, rest = reader.cell(*place), reader.base(wave, question, banner, group)
        low, high = reader.knowledge.bounds(terms)
        whole = reader.knowledge.bounds(reader.cell(wave, question, TOTAL_BANNER, ALL_GROUP, option))[1]
        is_exposed = _is_narrow(promise, low, high, whole)
        if promise.takes_many or everybody < promise.unanimity_base:
            less, more = reader.knowledge.bounds({**rest, **{name: -1 for name in terms}})
            is_exposed |= _is_narrow(promise, less, more, everybody)
        if is_exposed:
            found.append(Exposed(place, int(low), int(high)))
    return found


def is_telling(promise: Promise, people: int, everybody: int, banner: str, option: str) -> bool:
    """Return whether a count tells of single people: few of them, or nearly all of few."""
    if banner == TOTAL_BANNER and promise.is_topline_free:
        return False
    if 0 < people < promise.minimum_cell or 0 < everybody < promise.minimum_group:
        return True
    rest = everybody - people
    if promise.takes_many and 0 < rest < promise.minimum_cell:
        return True
    # That nobody left a question blank tells nothing about anybody.
    is_answer = option not in STATE_LABELS
    return everybody < promise.unanimity_base and ((people == 0 and is_answer) or rest <= 1)


def _is_narrow(promise: Promise, low: float, high: float, most: float) -> bool:
    is_wide = high - low >= min(promise.width, most)
    is_open = low == 0 or high >= promise.minimum_cell
    return not (is_wide and is_open)
