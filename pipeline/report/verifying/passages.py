"""The sentences of the published page beside those of a saved copy: which is which, which is gone, which is new."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report.verifying.content import Passage
from pipeline.report.verifying.quantities import frame

#: Two sentences less alike than this are not one sentence reworded.
LEAST_LIKENESS = 0.55
#: Headings are short: half of the words of one may be new.
_LEAST_OF_HEADINGS = 0.35
#: A single passage that stands on both sides tells where the page lies only when it is this long.
_TELLING_LENGTH = 12


@dataclass(frozen=True)
class Pairing:
    """pairs: (published, saved) that are not equal; same: passages found as they were.

    extent: places of the saved passages between which the page lies, the first in it and the first after it.
    """

    same: int
    pairs: tuple[tuple[Passage, Passage], ...]
    missing: tuple[Passage, ...]
    added: tuple[Passage, ...]
    extent: tuple[int, int]


def paired(published: Sequence[Passage], saved: Sequence[Passage]) -> Pairing:
    """Return the sentences of both sides side by side. What stands before and after the page is left out."""
    blocks = _matching_blocks(published, saved)
    found = {first + step: start + step for first, start, size in blocks for step in range(size)}
    begin, end = _extent(published, blocks)
    places: dict[str, list[int]] = {}
    taken = set(found.values())
    for place in range(len(saved)):
        if place not in taken:
            places.setdefault(saved[place].key, []).append(place)
    for place, passage in enumerate(published):
        if place not in found and places.get(passage.key):
            found[place] = places[passage.key].pop(0)
    lost = [place for place in range(len(published)) if place not in found]
    rest = sorted(set(range(len(saved))) - set(found.values()))
    alike = _alike(published, saved, lost, rest, found)
    pairs = tuple((published[old], saved[new]) for old, new in sorted(alike.items()))
    missing = tuple(published[place] for place in lost if place not in alike and published[place].is_needed)
    # The title may stand in a copy twice: over the window and over the page.
    used = set(alike.values()) | _again(published, saved)
    added = tuple(saved[place] for place in rest if place not in used and begin <= place < end)
    return Pairing(len(found), pairs, missing, added, (begin, end))


def _again(published: Sequence[Passage], saved: Sequence[Passage]) -> set[int]:
    """Return the places in ``saved`` of what need not stand in a copy."""
    free = {passage.key for passage in published if not passage.is_needed}
    return {place for place, passage in enumerate(saved) if passage.key in free}


def _matching_blocks(published: Sequence[Passage], saved: Sequence[Passage]) -> list[tuple[int, int, int]]:
    keys = [[passage.key for passage in side] for side in (published, saved)]
    blocks = difflib.SequenceMatcher(None, *keys, autojunk=False).get_matching_blocks()
    return [(first, start, size) for first, start, size in blocks if size]


def _extent(published: Sequence[Passage], blocks: Sequence[tuple[int, int, int]]) -> tuple[int, int]:
    """Return where the page begins and ends in the saved copy: a word of a menu says nothing."""
    telling = []
    for first, start, size in blocks:
        needed = [step for step in range(size) if published[first + step].is_needed]
        if needed and (len(needed) > 1 or len(published[first + needed[0]].key) >= _TELLING_LENGTH):
            telling.append((start + needed[0], start + size))
    return (telling[0][0], telling[-1][1]) if telling else (0, 0)


def _alike(
    published: Sequence[Passage],
    saved: Sequence[Passage],
    lost: Sequence[int],
    rest: Sequence[int],
    found: dict[int, int],
) -> dict[int, int]:
    """Return published → saved for the sentences most alike, the nearer one first where equally so."""
    scores = []
    for old in lost:
        expected = _expected_place(old, found)
        for new in rest:
            likeness = _likeness(published[old], saved[new])
            if likeness >= _least(published[old], saved[new]):
                scores.append((-round(likeness, 3), abs(new - expected), old, new))
    chosen: dict[int, int] = {}
    for _, _, old, new in sorted(scores):
        if old not in chosen and new not in chosen.values():
            chosen[old] = new
    return chosen


def _expected_place(old: int, found: dict[int, int]) -> int:
    before = max((place for place in found if place < old), default=None)
    return found[before] + old - before if before is not None else old


def _likeness(published: Passage, saved: Passage) -> float:
    """Return how alike two sentences are from 0 to 1: their words, and their numbers a little."""
    matcher = difflib.SequenceMatcher(None, frame(published.text), frame(saved.text), autojunk=False)
    least = _least(published, saved)
    if matcher.real_quick_ratio() < least or matcher.quick_ratio() < least:
        return 0.0
    whole = difflib.SequenceMatcher(None, published.key, saved.key, autojunk=False)
    return 0.8 * matcher.ratio() + 0.2 * whole.ratio()


def _least(published: Passage, saved: Passage) -> float:
    return _LEAST_OF_HEADINGS if published.is_heading and saved.is_heading else LEAST_LIKENESS
