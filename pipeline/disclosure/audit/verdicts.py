"""Is anybody exposed? Bounds of every telling cell, held against what the rule promises."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.disclosure.audit.statements import Reader
from pipeline.disclosure.audit.tables import Place, Told
from pipeline.disclosure.audit.terms import Terms
from pipeline.model import ALL_GROUP, STATE_LABELS, TOTAL_BANNER

#: People by (wave, question, banner, group, option); the confidential counts.
Truth = Mapping[Place, int]
#: People by (wave, question, banner, group).
Bases = Mapping[tuple[str, str, str, str], int]


@dataclass(frozen=True)
class Promise:
    """What the rule promises for one question: see ``is_telling`` and ``exposed``.

    never_free: options whose count is withheld of the whole staff as well when it is of few
    people: その他, and everything people wrote themselves.
    """

    minimum_cell: int
    minimum_group: int
    unanimity_base: int
    takes_many: bool
    is_topline_free: bool
    never_free: frozenset[str] = frozenset()

    @property
    def width(self) -> int:
        return max(3, self.minimum_cell - 1)


@dataclass(frozen=True)
class Exposed:
    """People an outsider knows too well: ``low`` to ``high`` in a cell, or in the withheld cells of its line."""

    place: Place
    low: float
    high: float


def exposed(
    reader: Reader, truth: Truth, bases: Bases, promises: Mapping[str, Promise], places: Iterable[Place]
) -> list[Exposed]:
    """Return the telling cells of ``places`` whose interval is too narrow or too low.

    The interval of a telling cell must be ``width`` wide and hold 0 or minimum_cell; where the
    whole staff's figure or the base is known and smaller, no wider than that. places: (wave, question,
    banner, group or merged groups, option). Of every table read, what its groups leave of
    the whole staff must be minimum_group people of two groups, or nobody, and its cells are held to
    the same; the withheld cells of a line must not be known to be less than minimum_cell
    people together; and what a net and its options of several answers leave is held to the same. Raises Undecided, Contradiction.
    """
    found = []
    for place in places:
        wave, question, banner, group, option = place
        people = sum(truth[wave, question, banner, part, option] for part in group.split("+"))
        everybody = sum(bases[wave, question, banner, part] for part in group.split("+"))
        found += _cell(reader, promises[question], place, people, everybody)
    for table in reader.tables:
        if promise := promises.get(table.key[1]):
            found += _left(reader, promise, table, truth, bases)
            found += _thin_lines(reader, promise, table)
            if promise.takes_many:
                found += _overlaps(reader, promise, table, truth)
    return found


def is_telling(promise: Promise, people: int, everybody: int, banner: str, option: str) -> bool:
    """Return whether a count tells of single people: few of them, or nearly all of few."""
    is_small = 0 < people < promise.minimum_cell
    if banner == TOTAL_BANNER and promise.is_topline_free and everybody >= promise.minimum_group:
        return is_small and option in promise.never_free
    if is_small or 0 < everybody < promise.minimum_group:
        return True
    rest = everybody - people
    if promise.takes_many and 0 < rest < promise.minimum_cell:
        return True
    # That nobody left a question blank tells nothing about anybody.
    is_answer = option not in STATE_LABELS
    return everybody < promise.unanimity_base and ((people == 0 and is_answer) or rest <= 1)


def _cell(reader: Reader, promise: Promise, place: Place, people: int, everybody: int) -> Iterator[Exposed]:
    """Yield the cell when it is telling and too well known."""
    wave, question, banner, group, option = place
    if not is_telling(promise, people, everybody, banner, option):
        return
    terms, base = reader.cell(*place), reader.base(wave, question, banner, group)
    low, high = reader.knowledge.bounds(terms)
    ceilings = [base]
    if banner != TOTAL_BANNER:
        ceilings.append(reader.cell(wave, question, TOTAL_BANNER, ALL_GROUP, option))
    known = map(reader.knowledge.known, ceilings)
    most = min((count for count in known if count is not None), default=math.inf)
    is_exposed = _is_narrow(promise, low, high, most)
    if promise.takes_many or everybody < promise.unanimity_base:
        less, more = reader.knowledge.bounds({**base, **{name: -1 for name in terms}})
        is_exposed |= _is_narrow(promise, less, more, min(most, everybody))
    if is_exposed:
        yield Exposed(place, low, high)


def _is_narrow(promise: Promise, low: float, high: float, most: float) -> bool:
    is_wide = high - low >= min(promise.width, most)
    is_open = low == 0 or high >= promise.minimum_cell
    return not (is_wide and is_open)


def _left(reader: Reader, promise: Promise, table: Told, truth: Truth, bases: Bases) -> Iterator[Exposed]:
    """Yield what an outsider gets by subtracting the groups of a table from the whole staff."""
    shown = {part for group in table.groups for part in group.split("+")}
    hidden = [
        group
        for (*key, group), people in bases.items()
        if tuple(key) == table.key and people and "+" not in group and group not in shown
    ]
    if not table.rest or not hidden:
        return
    everybody = sum(bases[*table.key, group] for group in hidden)
    if everybody < promise.minimum_group or len(hidden) == 1:
        yield Exposed(
            (*table.key, table.rest, ""), *reader.knowledge.bounds(reader.base(*table.key, table.rest))
        )
    for option in table.options:
        people = sum(truth[*table.key, group, option] for group in hidden)
        yield from _cell(reader, promise, (*table.key, table.rest, option), people, everybody)


def _overlaps(reader: Reader, promise: Promise, table: Told, truth: Truth) -> Iterator[Exposed]:
    """Yield the nets of several answers that tell how few chose only their other options, or both of two."""
    nets = table.asked.nets if table.asked else {}
    is_free = table.key[2] == TOTAL_BANNER and promise.is_topline_free
    for net, members in nets.items():
        if is_free and net not in promise.never_free:
            continue
        derived = [{net: 1, member: -1} for member in members]
        derived += [{net: -1, **dict.fromkeys(members, 1)}] if len(members) == 2 else []
        for group in table.groups:
            for factors in derived:
                people = sum(
                    factor * truth.get((*table.key, part, option), 0)
                    for option, factor in factors.items()
                    for part in group.split("+")
                )
                if not 0 < people < promise.minimum_cell:
                    continue
                terms = _together(reader, (*table.key, group), factors)
                whole = _together(reader, (*table.key[:2], TOTAL_BANNER, ALL_GROUP), factors)
                known = reader.knowledge.known(whole) if table.key[2] != TOTAL_BANNER else None
                low, high = reader.knowledge.bounds(terms)
                if _is_narrow(promise, low, high, math.inf if known is None else known):
                    yield Exposed((*table.key, group, net), low, high)


def _together(reader: Reader, place: tuple[str, str, str, str], factors: Mapping[str, int]) -> Terms:
    """Return the sum of some options of a group, each times its factor."""
    terms: dict = {}
    for option, factor in factors.items():
        for name in reader.cell(*place, option):
            terms[name] = terms.get(name, 0) + factor
    return terms


def _thin_lines(reader: Reader, promise: Promise, table: Told) -> Iterator[Exposed]:
    """Yield the lines whose withheld cells are known to hold too few people together."""
    for places, total in _lines(reader, table):
        known = {place: reader.knowledge.known(reader.cell(*place)) for place in places}
        withheld = [place for place, count in known.items() if count is None]
        if not withheld:
            continue
        shown = sum(count for count in known.values() if count is not None)
        low, high = reader.knowledge.bounds(total)
        if high - shown < min(promise.minimum_cell, high):
            yield Exposed(withheld[0], low - shown, high - shown)


def _lines(reader: Reader, table: Told) -> Iterator[tuple[list[Place], Terms]]:
    """Yield the sums of a table that an outsider can set up: (cells, their sum)."""
    wave, question, _ = key = table.key
    if table.rest:
        for option in table.options:
            places = [(*key, group, option) for group in (*table.groups, table.rest)]
            yield places, reader.cell(wave, question, TOTAL_BANNER, ALL_GROUP, option)
    if table.asked is None or table.asked.kind != "single":
        return
    for group in table.groups:
        yield [(*key, group, answer) for answer in table.asked.answers], reader.base(*key, group)
        for net, members in table.asked.nets.items():
            yield [(*key, group, member) for member in members], reader.cell(*key, group, net)
