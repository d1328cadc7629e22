"""The tables of the published page beside those of a saved copy, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.matching import fold_tight
from pipeline.report.verifying.content import Grid
from pipeline.report.verifying.quantities import Discrepancy, discrepancies, frame, quantities, tight

#: Tables whose headers are less alike than this are two tables.
_LEAST_LIKENESS = 0.5


@dataclass(frozen=True)
class CellDiscrepancy:
    """A discrepancy in a table: where (caption, row and column) and what."""

    caption: str
    section: str
    place: str
    discrepancy: Discrepancy


def grid_discrepancies(
    published: Sequence[Grid], saved: Sequence[Grid], extent: tuple[int, int]
) -> Iterator[CellDiscrepancy]:
    """Yield what differs in the tables, and the numbers of tables that were never published and stand in the page.

    extent: where the page lies among the passages of the saved copy; tables around it are the site's own.
    """
    chosen = _paired(published, saved)
    for place, grid in enumerate(published):
        if place not in chosen:
            lost = Discrepancy("公表した表がありません", "（なし）", grid.caption)
            yield CellDiscrepancy(grid.caption, grid.section, "", lost)
            continue
        for where, found in _cells(grid, saved[chosen[place]]):
            yield CellDiscrepancy(grid.caption, grid.section, where, found)
    for place, grid in enumerate(saved):
        if place not in chosen.values() and extent[0] < grid.at < extent[1] and (numbers := _numbers(grid)):
            more = Discrepancy("公表していない表があります", "、".join(numbers), "（なし）")
            yield CellDiscrepancy(grid.caption, grid.section, "", more)


def _numbers(grid: Grid) -> list[str]:
    """Return the numbers of a table as they are written, each once."""
    found = [quantity.text for row in grid.rows for cell in row for quantity in quantities(cell)]
    return list(dict.fromkeys(found))


def _paired(published: Sequence[Grid], saved: Sequence[Grid]) -> dict[int, int]:
    scores = []
    for old, grid in enumerate(published):
        for new, other in enumerate(saved):
            likeness = _likeness(grid, other)
            if likeness >= _LEAST_LIKENESS:
                scores.append((-likeness, abs(new - old), old, new))
    chosen: dict[int, int] = {}
    for _, _, old, new in sorted(scores):
        if old not in chosen and new not in chosen.values():
            chosen[old] = new
    return chosen


def _likeness(grid: Grid, other: Grid) -> float:
    """Return how alike two tables are; more than 1 where caption, headers and most cells agree."""
    captions = bool(grid.caption) and fold_tight(grid.caption) == fold_tight(other.caption)
    columns = _overlap(grid.columns, other.columns)
    rows = _overlap([row[0] for row in grid.rows[1:]], [row[0] for row in other.rows[1:]])
    cells = _overlap(
        [cell for row in grid.rows for cell in row], [cell for row in other.rows for cell in row]
    )
    return round((columns + rows) / 2 + captions + cells / 2, 3)


def _overlap(one: Sequence[str], other: Sequence[str]) -> float:
    ours, theirs = ({fold_tight(text) for text in side} for side in (one, other))
    return len(ours & theirs) / len(ours | theirs) if ours | theirs else 0.0


def _cells(grid: Grid, saved: Grid) -> Iterator[tuple[str, Discrepancy]]:
    """Yield (place, discrepancy) of one table, by row and column header."""
    columns = _aligned(grid.columns, saved.columns)
    rows = _aligned([row[0] for row in grid.rows[1:]], [row[0] for row in saved.rows[1:]])
    yield from _headers("見出しの行", grid.columns, saved.columns, columns)
    yield from _headers("見出しの列", [r[0] for r in grid.rows[1:]], [r[0] for r in saved.rows[1:]], rows)
    for old_row, new_row in rows.items():
        ours, theirs = grid.rows[1 + old_row], saved.rows[1 + new_row]
        for old, new in columns.items():
            if old and old < len(ours):
                place = f"{ours[0]} × {grid.columns[old]}"
                yield from _cell(place, ours[old], theirs[new] if new < len(theirs) else "")


def _headers(
    kind: str, published: Sequence[str], saved: Sequence[str], aligned: dict[int, int]
) -> Iterator[tuple[str, Discrepancy]]:
    for place, header in enumerate(published):
        if place not in aligned:
            yield kind, Discrepancy("公表した行または列がありません", "（なし）", header)
        elif tight(header) != tight(saved[aligned[place]]):
            yield from _cell(kind, header, saved[aligned[place]])
    for place, header in enumerate(saved):
        if place not in aligned.values():
            yield kind, Discrepancy("公表していない行または列があります", header, "（なし）")


def _aligned(published: Sequence[str], saved: Sequence[str]) -> dict[int, int]:
    """Return published → saved place of headers: equal ones in their order, then the left ones one by one."""
    places: dict[str, list[int]] = {}
    for place, header in enumerate(saved):
        places.setdefault(tight(header), []).append(place)
    aligned = {
        place: places[tight(header)].pop(0)
        for place, header in enumerate(published)
        if places.get(tight(header))
    }
    lost = [place for place in range(len(published)) if place not in aligned]
    rest = sorted(set(range(len(saved))) - set(aligned.values()))
    if len(lost) == len(rest):
        aligned |= dict(zip(lost, rest, strict=True))
    return dict(sorted(aligned.items()))


def _cell(place: str, published: str, saved: str) -> Iterator[tuple[str, Discrepancy]]:
    if tight(published) == tight(saved):
        return
    found = list(discrepancies(published, saved))
    if frame(published) != frame(saved) and not found:
        found = [Discrepancy("表の言葉や印が違います", saved or "（空欄）", published or "（空欄）")]
    yield from ((place, discrepancy) for discrepancy in found)
