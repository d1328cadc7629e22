"""What the attacker works out is what enumerating every possible table gives: 400 random small systems."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipeline import frames
from pipeline.disclosure.audit import Knowledge, Reader

SHAPES = ((3, 3), (2, 4), (2, 2, 2), (3, 2))
SYSTEMS, PARTS = 400, 5
#: Unknown cells of one system.
MOST_HIDDEN = 5


def every_value(sizes) -> np.ndarray:
    """Return every combination of whole numbers from 0 to each size: (combinations, numbers)."""
    grid = np.indices([size + 1 for size in sizes], dtype=np.int16)
    return grid.reshape(len(sizes), int(np.prod([size + 1 for size in sizes]))).T


# ---- sums and conditions -----------------------------------------------------------------


def sums_of(seed: int):
    """Return (true counts, hidden cells, [(line, low, high)]) of a two- or three-way table."""
    generator = np.random.default_rng(seed)
    shape = SHAPES[seed // 2 % len(SHAPES)]
    counts, is_hidden = generator.poisson(1.6, shape), generator.random(shape) < 0.5
    hidden = [cell for cell in np.ndindex(shape) if is_hidden[cell]][:MOST_HIDDEN]
    sums = []
    for axis in range(len(shape)):
        others = tuple(size for place, size in enumerate(shape) if place != axis)
        for rest in np.ndindex(others):
            line = [(*rest[:axis], j, *rest[axis:]) for j in range(shape[axis])]
            total, slack = sum(counts[cell] for cell in line), int(generator.random() < 0.3)
            sums.append((line, max(0, total - slack), total + slack))
    return counts, hidden, sums


def by_sums(seed: int):
    """Return ([(low, high) worked out], [the same by enumeration])."""
    counts, hidden, sums = sums_of(seed)
    most = int(counts.max()) + 2
    knowledge = Knowledge()
    for cell in np.ndindex(counts.shape):
        knowledge.number(cell, *((0, most) if cell in hidden else (counts[cell], counts[cell])))
    possible = every_value([most] * len(hidden))
    for line, low, high in sums:
        knowledge.sum(dict.fromkeys(line, 1), low, high)
        shown = sum(int(counts[cell]) for cell in line if cell not in hidden)
        total = shown + possible[:, [place for place, cell in enumerate(hidden) if cell in line]].sum(axis=1)
        possible = possible[(low <= total) & (total <= high)]
    if len(hidden) > 1 and seed % 3 == 0:
        left = counts[hidden[0]] * counts[hidden[1]] % 3
        knowledge.only(hidden[:2], lambda one, other: one * other % 3 == left)
        possible = possible[possible[:, 0] * possible[:, 1] % 3 == left]
    knowledge.settle()
    found = [knowledge.bounds({cell: 1}) for cell in hidden]
    return found, list(zip(possible.min(axis=0, initial=most), possible.max(axis=0, initial=0), strict=True))


# ---- linked tables and percentages, as they are published --------------------------------


def linked(seed: int):
    """Return two crosses of the same answers, and what is hidden: (counts by (banner, group, option), hidden, told)."""
    generator = np.random.default_rng(seed)
    size, options = int(generator.integers(8, 14)), "xyz"[: generator.integers(2, 4)]
    answers = generator.choice(list(options), size)
    counts = {("total", "all", option): int((answers == option).sum()) for option in options}
    groups_of = {}
    for banner in ("section", "age"):
        groups = generator.choice(["a", "b", "c"][: generator.integers(2, 4)], size)
        groups_of[banner] = np.unique(groups).tolist()
        for group in groups_of[banner]:
            for option in options:
                counts[banner, group, option] = int(((groups == group) & (answers == option)).sum())
    # Two groups by two answers hide each other; the other cells mostly follow from what is shown.
    corners = [("section", group, option) for group in groups_of["section"][:2] for option in options[:2]]
    others = [cell for cell in counts if cell not in corners]
    hidden = [*corners, others[generator.integers(len(others))]]
    return counts, hidden, (hidden[0], hidden[-1], None)[seed // 2 % 3]


def by_reader(seed: int):
    """Return ([(low, high) worked out], [the same by enumeration]) of two published crosses."""
    counts, hidden, told = linked(seed)
    bases: dict = {}
    for (banner, group, _), count in counts.items():
        bases[banner, group] = bases.get((banner, group), 0) + count
    rows, percent = [], ""
    for place in bases:
        rows.append(
            _row(*place, "returns", str(bases[place]), "60") | {"question": "response", "measure": "rate"}
        )
    for (banner, group, option), count in counts.items():
        is_hidden = (banner, group, option) in hidden
        rows.append(_row(banner, group, option, "" if is_hidden else str(count), str(bases[banner, group])))
        if (banner, group, option) == told:
            percent = f"{100 * count / bases[banner, group]:.0f}"
            rows[-1]["percent"] = percent
    reader = Reader(
        [{"estimates": pd.DataFrame(rows), "codebook": _codebook(sorted({o for *_, o in counts}))}]
    )
    found = [reader.knowledge.bounds(reader.cell("2025", "q", *place)) for place in hidden]
    possible = every_value([bases[banner, group] for banner, group, _ in hidden])
    values = {
        place: possible[:, hidden.index(place)] if place in hidden else count
        for place, count in counts.items()
    }
    fits = np.ones(len(possible), dtype=bool)
    for banner, group in bases:
        fits &= (
            sum(value for place, value in values.items() if place[:2] == (banner, group))
            == bases[banner, group]
        )
    for banner in ("section", "age"):
        for option in {option for *_, option in counts}:
            parts = sum(value for place, value in values.items() if place[0] == banner and place[2] == option)
            fits &= parts == values["total", "all", option]
    if percent:
        fits &= abs(100 * values[told] / bases[told[:2]] - int(percent)) <= 0.5
    left = possible[fits]
    return found, list(zip(left.min(axis=0), left.max(axis=0), strict=True))


def _row(banner: str, group: str, option: str, count: str, base: str) -> dict[str, str]:
    told = {"count": count, "count_low": count, "count_high": count, "base": base}
    place = {"wave": "2025", "question": "q", "banner": banner, "group": group, "option": option}
    kind = {"survey": "t", "measure": "share", "base_kind": "asked", "basis": "counted", "status": "shown"}
    return dict.fromkeys(frames.ESTIMATES.columns, "") | place | kind | told


def _codebook(options: list[str]) -> pd.DataFrame:
    columns = ("wave", "question", "kind", "base", "route", "limit", "option", "option_type", "members")
    rows = [("2025", "q", "single", "asked", "", "", option, "option", "") for option in options]
    rows.append(("2025", "response", "rate", "population", "", "", "returns", "option", ""))
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize("part", range(PARTS))
def test_bounds_are_those_of_all_whole_number_tables(part):
    unknown = 0
    for seed in range(part, SYSTEMS, PARTS):
        found, expected = (by_reader if seed % 2 else by_sums)(seed)
        assert found == expected, seed
        unknown += sum(low < high for low, high in found)
    assert unknown > 20
