"""What the open data say of themselves: questions by the code table, groups by the tables that show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

Tables = Mapping[str, pd.DataFrame]
Row = Mapping[str, str]
Key = tuple[str, str, str]
Place = tuple[str, str, str, str, str]
#: (wave, attribute) → group → staff.
Rosters = Mapping[tuple[str, str], Mapping[str, int]]
_SHARES = ("share", "net", "rate")


@dataclass(frozen=True)
class Asked:
    """One question in one wave, as the code table describes it."""

    kind: str
    base_kind: str
    route: tuple[str, tuple[str, ...]] | None
    limit: int | None
    options: tuple[str, ...]
    states: tuple[str, ...]
    nets: Mapping[str, tuple[str, ...]]

    @property
    def answers(self) -> tuple[str, ...]:
        """Return options and states: of a single answer everybody stands behind one of them."""
        return *self.options, *self.states


@dataclass(frozen=True)
class Told:
    """One table of one release.

    groups: the smallest parts of its groups that any table tells apart; rest: the name of what they
    leave of the whole staff ("" where the table is the whole staff); options: entries with a row.
    """

    key: Key
    asked: Asked | None
    groups: tuple[str, ...]
    rest: str
    options: tuple[str, ...]


def code_table(codebook: pd.DataFrame) -> dict[tuple[str, str], Asked]:
    """Return (wave, question) → Asked."""
    found = {}
    for (wave, question), rows in codebook.groupby(["wave", "question"], sort=False):
        first = rows.iloc[0]
        by_type = {kind: tuple(part["option"]) for kind, part in rows.groupby("option_type", sort=False)}
        nets = rows[rows["option_type"] == "net"]
        filtered, _, answers = first["route"].partition("=")
        found[wave, question] = Asked(
            first["kind"],
            first["base"],
            (filtered, tuple(answers.split("|"))) if filtered else None,
            int(first["limit"]) if first.get("limit") else None,
            by_type.get("option", ()),
            by_type.get("state", ()),
            {row["option"]: tuple(row["members"].split("|")) for row in nets.to_dict("records")},
        )
    return found


def measured(estimates: pd.DataFrame) -> list[Row]:
    """Return the rows that count people and were asked."""
    rows = estimates.to_dict("records")
    return [row for row in rows if row["measure"] in _SHARES and row["status"] != "not_asked"]


def means(estimates: pd.DataFrame) -> list[Row]:
    """Return the rows that tell a mean."""
    rows = estimates[estimates["measure"] == "mean"].to_dict("records")
    return [row for row in rows if row["value"]]


def shown(tables: Tables, name: str) -> list[Row]:
    """Return the rows of a table that are not withheld; [] where the release has no such table."""
    if name not in tables:
        return []
    rows = tables[name]
    return rows[rows["status"] == "shown"].to_dict("records")


def place_of(row: Row) -> Place:
    """Return (wave, question, banner, group, option)."""
    return row["wave"], row["question"], row["banner"], row["group"], row["option"]


def by_table(rows: Iterable[Row]) -> dict[Key, list[Row]]:
    """Return (wave, question, banner) → rows."""
    tables: dict[Key, list[Row]] = {}
    for row in rows:
        tables.setdefault((row["wave"], row["question"], row["banner"]), []).append(row)
    return tables


def parted(estimates: pd.DataFrame) -> dict[Key, list[str]]:
    """Return (wave, question, banner) → its groups, without those that stand beside their own members."""
    found: dict[Key, list[str]] = {}
    groups = estimates[["wave", "question", "banner", "group"]].drop_duplicates()
    for *key, group in groups.itertuples(index=False, name=None):
        found.setdefault(tuple(key), []).append(group)
    members = {group: set(group.split("+")) for group in groups["group"]}
    return {
        key: [group for group in own if not any(members[other] < members[group] for other in own)]
        for key, own in found.items()
    }


def atoms(rows: Iterable[Row]) -> dict[tuple[str, str], dict[str, str]]:
    """Return (wave, banner) → group id → the smallest part that any table tells apart."""
    parts: dict[tuple[str, str], dict[str, set[str]]] = {}
    for row in rows:
        shown_in = parts.setdefault((row["wave"], row["banner"]), {})
        for group in row["group"].split("+"):
            shown_in.setdefault(group, set()).add(row["group"])
    found = {}
    for key, shown_in in parts.items():
        together: dict[frozenset[str], list[str]] = {}
        for group, names in shown_in.items():
            together.setdefault(frozenset(names), []).append(group)
        found[key] = {group: "+".join(groups) for groups in together.values() for group in groups}
    return found


def rounded_range(text: str) -> tuple[Fraction, Fraction]:
    """Return the numbers that print as ``text`` (四捨五入): from half a unit below to half above."""
    value, decimals = Fraction(text), len(text.partition(".")[2])
    half = Fraction(1, 2 * 10**decimals)
    return value - half, value + half
