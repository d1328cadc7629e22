"""The tables that are made from the counts → Knowledge: means, crosses as a whole, weights, parts.

A statistic of known counts says nothing new. One that rests on a count nobody is told is an
equation about it; where it is too much to set up, Undecided is raised and nothing is released.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipeline.disclosure.audit.compared import refuse_unread
from pipeline.disclosure.audit.formulas import association_fits
from pipeline.disclosure.audit.knowledge import Undecided
from pipeline.disclosure.audit.tables import (
    Asked,
    Rosters,
    Row,
    Tables,
    code_table,
    means,
    parted,
    rounded_range,
    shown,
)
from pipeline.disclosure.audit.terms import Terms, as_one, scaled
from pipeline.frames import ASSOCIATIONS, DECOMPOSITIONS, NONRESPONSE, WEIGHTS
from pipeline.model import ALL_GROUP, RESPONSE, RETURNS_OPTION, TOTAL_BANNER, UNKNOWN_GROUP

if TYPE_CHECKING:
    from pipeline.disclosure.audit.statements import Reader

#: (wave, question, banner) → groups.
Groups = Mapping[tuple[str, str, str], list[str]]
_WEIGHTED_RANGE = tuple(f"poststratified_{end}" for end in ("low", "high", "finite_low", "finite_high"))


def read_derived(reader: Reader, tables: Tables, rosters: Rosters) -> None:
    """Make known what the other tables of a release say. Raises Contradiction, Undecided."""
    asked = code_table(tables["codebook"])
    for row in means(tables["estimates"]):
        _mean(reader, asked[row["wave"], row["question"]], row)
    groups = parted(tables["estimates"])
    for row in shown(tables, "associations"):
        _association(reader, asked, groups, row)
    for row in shown(tables, "nonresponse"):
        _nonresponse(reader, row)
        _weighted(reader, groups, row, rosters)
    for row in shown(tables, "weights"):
        _weights(reader, row)
    for row in shown(tables, "decompositions"):
        _decomposition(reader, row)


def _is_known(reader: Reader, *terms: Terms) -> bool:
    """Return whether all numbers are known; raises Undecided for one that no table speaks of."""
    for part in terms:
        if any(name not in reader.knowledge for name in part):
            raise Undecided(str(next(iter(part))))
    return all(reader.knowledge.known(part) is not None for part in terms)


def _mean(reader: Reader, asked: Asked, row: Row) -> None:
    """A mean rests on the points of its scale; told of known ones only, they are as many as its base."""
    place = (row["wave"], row["question"], row["banner"], row["group"])
    counts = [reader.knowledge.known(reader.cell(*place, option)) for option in asked.options]
    if None in counts and sum(count for count in counts if count is not None) != int(row["base"]):
        raise Undecided(row["question"])


def _association(reader: Reader, every: Mapping[tuple[str, str], Asked], parts: Groups, row: Row) -> None:
    if not any(row.get(name) for name in ASSOCIATIONS.numbers):
        return
    asked = every[row["wave"], row["question"]]
    place = (row["wave"], row["question"], row["banner"])
    groups = [group for group in parts.get(place, ()) if group != UNKNOWN_GROUP]
    cells = [reader.cell(*place, group, option) for group in groups for option in asked.options]
    cells = [cell for cell in cells if all(name in reader.knowledge for name in cell)]
    shape = (len(cells) // len(asked.options), len(asked.options))
    known = [reader.knowledge.known(cell) for cell in cells]
    unknown = [
        as_one(reader.knowledge, cell) for cell, count in zip(cells, known, strict=True) if count is None
    ]
    if unknown or not cells:
        refuse_unread(row, ASSOCIATIONS, "statistic", "effect", "base")
        printed = {name: row[name] for name in ("statistic", "effect", "base") if row[name]}
        reader.knowledge.only(unknown, association_fits(shape, known, printed))


def _nonresponse(reader: Reader, row: Row) -> None:
    """The headline and its bounds rest on the whole staff's figure; ``_weighted`` reads the weighted one."""
    place = (row["wave"], row["question"], TOTAL_BANNER, ALL_GROUP, row["option"])
    if not reader.is_told(place, row["measure"]):
        refuse_unread(
            row, NONRESPONSE, "returns", "population", "response_rate", "poststratified", *_WEIGHTED_RANGE
        )


def _weights(reader: Reader, row: Row) -> None:
    """The smallest and the largest weight tell the returns of a group."""
    groups = row["groups"].split("|")
    cells = [reader.cell(row["wave"], RESPONSE, row["attributes"], group, RETURNS_OPTION) for group in groups]
    if not _is_known(reader, *cells):
        refuse_unread(row, WEIGHTS, "returns", "population")


def _weighted(reader: Reader, parts: Groups, row: Row, rosters: Rosters) -> None:
    """A weighted share is Σ w c ÷ Σ w b over the groups, w = staff ÷ returns."""
    wave, question, by = row["wave"], row["question"], row["poststratified_by"]
    if row["raked"]:
        raise Undecided(question)
    if not row["poststratified"]:
        return
    groups = parts[wave, question, by]
    cells = [reader.cell(wave, question, by, group, row["option"]) for group in groups]
    if _is_known(reader, *cells):
        return
    returns = [
        reader.knowledge.known(reader.cell(wave, RESPONSE, by, group, RETURNS_OPTION)) for group in groups
    ]
    bases = [reader.knowledge.known(reader.base(wave, question, by, group)) for group in groups]
    if None in (*returns, *bases) or (wave, by) not in rosters or not all(returns):
        raise Undecided(question)
    staff = _staff(rosters[wave, by], groups, returns)
    weights = [size / people for size, people in zip(staff, returns, strict=True)]
    total = sum(weight * base for weight, base in zip(weights, bases, strict=True))
    low, high = (float(end) * total / 100 for end in rounded_range(row["poststratified"]))
    reader.knowledge.sum(scaled(zip(cells, weights, strict=True)), low, high)
    if any(row[name] for name in _WEIGHTED_RANGE):
        raise Undecided(question)


def _staff(roster, groups: list[str], returns: list[int]) -> list[float]:
    """Return the staff of each group; people of unknown group have their share of the answers."""
    staff = [float(sum(roster.get(part, 0) for part in group.split("+"))) for group in groups]
    if UNKNOWN_GROUP not in groups:
        return staff
    alone, total = groups.index(UNKNOWN_GROUP), sum(staff)
    unknown = total * returns[alone] / sum(returns)
    staff = [size * (total - unknown) / total for size in staff]
    staff[alone] = unknown
    return staff


def _decomposition(reader: Reader, row: Row) -> None:
    """Opinion is ½ Σ (W₁ + W₂)(p₂ − p₁), composition ½ Σ (p₁ + p₂)(W₂ − W₁), W the share of a group."""
    groups, waves = row["groups"].split("|"), (row["wave_from"], row["wave_to"])
    place = (row["question"], row["banner"])
    cells = [[reader.cell(wave, *place, group, row["option"]) for group in groups] for wave in waves]
    if _is_known(reader, *cells[0], *cells[1]):
        return
    bases = [[reader.knowledge.known(reader.base(wave, *place, group)) for group in groups] for wave in waves]
    if any(not base for side in bases for base in side):
        raise Undecided(row["question"])
    shares = [[base / sum(side) for base in side] for side in bases]
    refuse_unread(row, DECOMPOSITIONS, "change", "opinion", "composition", "resamples", "seed")
    for name, signs, weigh in (
        ("opinion", (-1, 1), lambda before, after: before + after),
        ("composition", (1, 1), lambda before, after: after - before),
    ):
        parts = [
            (
                cells[side][place],
                50 * signs[side] * weigh(shares[0][place], shares[1][place]) / bases[side][place],
            )
            for side in (0, 1)
            for place in range(len(groups))
        ]
        if row[name]:
            reader.knowledge.sum(scaled(parts), *map(float, rounded_range(row[name])))
    if row["change"]:
        change = [
            (cell, 100 * sign / sum(sizes))
            for side, sizes, sign in zip(cells, bases, (-1, 1), strict=True)
            for cell in side
        ]
        reader.knowledge.sum(scaled(change), *map(float, rounded_range(row["change"])))
