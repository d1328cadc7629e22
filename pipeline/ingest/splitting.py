"""Several answers in one cell, split against the known options: labels may hold the separators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.matching import fold_tight


@dataclass(frozen=True)
class Cover:
    """One way to read a cell: the options in order of appearance, and the texts between them."""

    options: tuple[str, ...]
    gaps: tuple[str, ...] = ()


#: A text of separators only.
NOTHING = Cover(())
#: Ways kept at each place of a text; more would only prove again that it is ambiguous.
_MOST_WAYS = 16


def cover(text: str, options: Mapping[str, str], separators: Iterable[str], has_gaps: bool) -> list[Cover]:
    """Return the ways ``text`` is made of options (folded label → id) joined by separators.

    Without gaps every part must be an option. With gaps a part may be typed words; then only the
    ways with the fewest gaps count. Ways that name the same options are one. None is an
    unknown text, more than one an ambiguous one.
    """
    # A line end is the one separator that folding would lose.
    line_end = ";" if "\n" in separators else " "
    folded = fold_tight(text.replace("\n", line_end))
    marks = frozenset(fold_tight(mark) for mark in separators if mark != "\n") | (
        {";"} if line_end == ";" else set()
    )
    ways: list[list[Cover]] = [[] for _ in range(len(folded) + 1)]
    ways[len(folded)] = [NOTHING]
    for start in range(len(folded) - 1, -1, -1):
        if start and folded[start - 1] not in marks:
            continue
        if folded[start] in marks:
            ways[start] = ways[start + 1]
            continue
        ways[start] = _fewest(_from(folded, start, options, marks, has_gaps, ways))
    return ways[0]


def _from(
    folded: str, start: int, options: Mapping[str, str], marks: frozenset[str], has_gaps: bool, ways: list
) -> Iterable[Cover]:
    """Yield the ways to read the text from ``start``, where a part begins."""
    for label, option in options.items():
        end = start + len(label)
        if label and folded.startswith(label, start) and (end == len(folded) or folded[end] in marks):
            for rest in ways[min(end + 1, len(folded))]:
                yield Cover((option, *rest.options), rest.gaps)
    if has_gaps:
        end = next((place for place in range(start, len(folded)) if folded[place] in marks), len(folded))
        for rest in ways[min(end + 1, len(folded))]:
            yield Cover(rest.options, (folded[start:end], *rest.gaps))


def _fewest(found: Iterable[Cover]) -> list[Cover]:
    """Return the ways with the fewest gaps, one per set of options."""
    distinct: dict[frozenset[str], Cover] = {}
    found = list(found)
    fewest = min((len(way.gaps) for way in found), default=0)
    for way in found:
        if len(way.gaps) == fewest:
            distinct.setdefault(frozenset(way.options), way)
    return list(distinct.values())[:_MOST_WAYS]
