"""The tables that are made from the counts → Knowledge: means, contrasts, crosses as a whole, weights, parts.

A statistic of known counts says nothing new. One that rests on a count nobody is told is an
equation about it; where it is too much to set up, Undecided is raised and nothing is released.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pipeline.disclosure.audit.formulas import association_fits, change_fits
from pipeline.disclosure.audit.knowledge import Undecided
from pipeline.disclosure.audit.tables import Asked, Rosters, Row, Tables, code_table, parted, rounded_range
from pipeline.disclosure.audit.terms import Terms, as_one, make_between, minus, scaled
from pipeline.model import ALL_GROUP, RESPONSE, RETURNS_OPTION, TOTAL_BANNER, UNKNOWN_GROUP

if TYPE_CHECKING:
    from pipeline.disclosure.audit.statements import Reader

#: (wave, question, banner) → groups.
Groups = Mapping[tuple[str, str, str], list[str]]
_COMPARED = ("difference", "low", "high", "p")


def read_derived(reader: Reader, tables: Tables, rosters: Rosters) -> None:
    """Make known what the other tables of a release say. Raises Contradiction, Undecided."""
    asked = code_table(tables["codebook"])
    for row in _shown(tables, "estimates"):
        if row["measure"] == "mean" and row["value"]:
            _mean(reader, asked[row["wave"], row["question"]], row)
    for row in _shown(tables, "contrasts"):
        _contrast(reader, row)
    waves = sorted({wave for wave, _ in asked})
    for row in _shown(tables, "trends"):
        _trend(reader, row, waves)
    groups = parted(tables["estimates"])
    for row in _shown(tables, "associations"):
        _association(reader, asked, groups, row)
    for row in _shown(tables, "nonresponse"):
        _weighted(reader, groups, row, rosters)
    for row in _shown(tables, "decompositions"):
        _decomposition(reader, row)


def _shown(tables: Tables, name: str) -> Iterator[Row]:
    if name in tables:
        rows = tables[name]
        yield from rows[rows["status"] == "shown"].to_dict("records")


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


def _contrast(reader: Reader, row: Row) -> None:
    if row["measure"] == "mean":
        # The means of the group and of everybody are told or withheld in estimates; only then is it known.
        return
    place, whole = (row["wave"], row["question"]), (TOTAL_BANNER, ALL_GROUP)
    own = reader.cell(*place, row["banner"], row["group"], row["option"])
    own_base = reader.base(*place, row["banner"], row["group"])
    everybody = reader.cell(*place, *whole, row["option"]), reader.base(*place, *whole)
    if _is_known(reader, own, own_base, *everybody):
        return
    rest, rest_base = minus(everybody[0], own), minus(everybody[1], own_base)
    for terms, name in ((own, "count"), (own_base, "base"), (rest, "rest_count"), (rest_base, "rest_base")):
        if row[name]:
            reader.knowledge.sum(terms, int(row[name]))
    for people, everybody, name in ((own, own_base, "value"), (rest, rest_base, "rest_value")):
        if row[name]:
            make_between(reader.knowledge, people, everybody, *rounded_range(row[name]))
    printed = {"change" if name == "difference" else name: row[name] for name in _COMPARED if row[name]}
    if not printed:
        return
    reader.knowledge.tighten()
    bases = [reader.knowledge.known(terms) for terms in (rest_base, own_base)]
    if None in bases:
        raise Undecided(row["question"])
    names = [as_one(reader.knowledge, terms) for terms in (rest, own)]
    for name, size in zip(names, bases, strict=True):
        reader.knowledge.number(name, 0, size)
    reader.knowledge.only(names, change_fits(bases, printed))


def _trend(reader: Reader, row: Row, waves: list[str]) -> None:
    """A slope rests on as many waves as it says; more than are known is more than is told."""
    place = (row["question"], row["banner"], row["group"])
    run = [wave for wave in waves if row["wave_from"] <= wave <= row["wave_to"]]
    if row["measure"] == "mean":
        return
    known = 0
    for wave in run:
        cell = reader.cell(wave, *place, row["option"])
        known += all(name in reader.knowledge for name in cell) and reader.knowledge.known(cell) is not None
    if row["slope"] and known < int(row["waves"]):
        raise Undecided(row["question"])


def _association(reader: Reader, every: Mapping[tuple[str, str], Asked], parts: Groups, row: Row) -> None:
    if not row["statistic"]:
        return
    asked = every[row["wave"], row["question"]]
    place = (row["wave"], row["question"], row["banner"])
    groups = [group for group in parts[place] if group != UNKNOWN_GROUP]
    cells = [reader.cell(*place, group, option) for group in groups for option in asked.options]
    cells = [cell for cell in cells if all(name in reader.knowledge for name in cell)]
    shape = (len(cells) // len(asked.options), len(asked.options))
    known = [reader.knowledge.known(cell) for cell in cells]
    unknown = [
        as_one(reader.knowledge, cell) for cell, count in zip(cells, known, strict=True) if count is None
    ]
    if unknown:
        printed = {name: row[name] for name in ("statistic", "effect", "base") if row[name]}
        reader.knowledge.only(unknown, association_fits(shape, known, printed))


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
    if row["poststratified_low"] or row["poststratified_finite_low"]:
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
        if row[f"{name}_low"] or row[f"{name}_finite_low"]:
            raise Undecided(row["question"])
