"""Changes, contrasts and trends → Knowledge: figures made of two or more counts.

Made of counts that are told, they say nothing new. Where a count is not told they are equations about
it; a number that no equation here reads raises Undecided, and nothing is released.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline.disclosure.audit.formulas import change_fits
from pipeline.disclosure.audit.knowledge import Undecided
from pipeline.disclosure.audit.tables import Place, Row, Tables, code_table, place_of, rounded_range, shown
from pipeline.disclosure.audit.terms import Terms, as_one, make_between, minus
from pipeline.frames import CHANGES, CONTRASTS, TRENDS, Schema
from pipeline.model import ALL_GROUP, TOTAL_BANNER

if TYPE_CHECKING:
    from pipeline.disclosure.audit.statements import Reader

#: Columns of a comparison that ``change_fits`` reads.
_COMPARED = ("change", "low", "high", "p")
_SIDES = ("from", "to")


def read_compared(reader: Reader, tables: Tables) -> None:
    """Make known what the comparisons of a release say. Raises Contradiction, Undecided."""
    if "changes" in tables:
        for row in tables["changes"].to_dict("records"):
            _change(reader, row)
    for row in shown(tables, "contrasts"):
        _contrast(reader, row)
    waves = sorted({wave for wave, _ in code_table(tables["codebook"])})
    for row in shown(tables, "trends"):
        _trend(reader, row, waves)


def refuse_unread(row: Row, schema: Schema, *read: str) -> None:
    """Raise Undecided when the row tells a number besides those that are ``read``."""
    unread = [name for name in sorted(schema.numbers.difference(read)) if row.get(name)]
    if unread:
        raise Undecided(f"{schema.name} {row['question']} {unread[0]}")


def _change(reader: Reader, row: Row) -> None:
    """Make known what a change says of sides that are not known yet."""
    told = {name for name in CHANGES.numbers if row.get(name)}
    own = [(f"value_{side}", f"base_{side}") for side in _SIDES]
    is_compared = bool(told.difference(*own))
    sides = [side for side, names in zip(_SIDES, own, strict=True) if is_compared or told.intersection(names)]
    places: list[Place] = [place_of({**row, "wave": row[f"wave_{side}"]}) for side in sides]
    if all([reader.is_told(place, row["measure"]) for place in places]):
        return
    refuse_unread(row, CHANGES, *_COMPARED, *own[0], *own[1])
    if row["basis"] != "counted":
        raise Undecided(row["question"])
    groups = [_people(reader, place) for place in places]
    for side, (people, everybody) in zip(sides, groups, strict=True):
        _share(reader, people, everybody, ("", row[f"base_{side}"], row[f"value_{side}"]))
    _comparison(reader, groups, {name: row[name] for name in _COMPARED if row.get(name)}, row["question"])


def _contrast(reader: Reader, row: Row) -> None:
    own, whole = place_of(row), (row["wave"], row["question"], TOTAL_BANNER, ALL_GROUP, row["option"])
    if all([reader.is_told(place, row["measure"]) for place in (own, whole)]):
        return
    refuse_unread(
        row, CONTRASTS, "count", "base", "rest_count", "rest_base", "value", "rest_value", "difference", "low", "high", "p"
    )  # fmt: skip
    (people, everybody), (all_people, all_asked) = _people(reader, own), _people(reader, whole)
    rest, rest_base = minus(all_people, people), minus(all_asked, everybody)
    _share(reader, people, everybody, (row["count"], row["base"], row["value"]))
    _share(reader, rest, rest_base, (row["rest_count"], row["rest_base"], row["rest_value"]))
    printed = {name: row["difference" if name == "change" else name] for name in _COMPARED}
    printed = {name: text for name, text in printed.items() if text}
    reader.knowledge.tighten()
    _comparison(reader, [(rest, rest_base), (people, everybody)], printed, row["question"])


def _trend(reader: Reader, row: Row, waves: Sequence[str]) -> None:
    """A slope rests on as many waves as it says; more than are known is more than is told."""
    run = [wave for wave in waves if row["wave_from"] <= wave <= row["wave_to"]]
    known = sum(_is_told_at(reader, row, wave) for wave in run)
    if known < int(row["waves"] or len(run)):
        refuse_unread(row, TRENDS, "waves")


def _is_told_at(reader: Reader, row: Row, wave: str) -> bool:
    try:
        return reader.is_told(place_of({**row, "wave": wave}), row["measure"])
    except Undecided:
        # Not asked in this wave.
        return False


def _people(reader: Reader, place: Place) -> tuple[Terms, Terms]:
    wave, question, banner, group, _ = place
    return reader.cell(*place), reader.base(wave, question, banner, group)


def _share(reader: Reader, people: Mapping, everybody: Mapping, told: tuple[str, str, str]) -> None:
    """Make known a count, its base and its percentage, where they are told."""
    count, base, percent = told
    if count:
        reader.knowledge.sum(people, int(count))
    if base:
        reader.knowledge.sum(everybody, int(base))
    if percent:
        make_between(reader.knowledge, people, everybody, *rounded_range(percent))


def _comparison(
    reader: Reader, sides: Sequence[tuple[Terms, Terms]], printed: Mapping[str, str], question: str
) -> None:
    """Make known that the counts of two sides print ``printed``."""
    if not printed:
        return
    bases = [reader.knowledge.known(everybody) for _, everybody in sides]
    if None in bases:
        raise Undecided(question)
    names = [as_one(reader.knowledge, people) for people, _ in sides]
    for name, size in zip(names, bases, strict=True):
        reader.knowledge.number(name, 0, size)
    fits: Callable[..., bool] = change_fits(bases, printed)
    reader.knowledge.only(names, fits)
