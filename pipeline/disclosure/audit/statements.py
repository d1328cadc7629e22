"""Published tables → Knowledge: every equation an outsider can set up.

The unknown numbers are people: ``("cell", wave, question, banner, group, option)`` and
``("base", wave, question, banner, group)``. A group is the smallest part that any table tells
apart: where ``a`` and ``b`` are only ever shown together, ``a+b`` is one; where another table has
them apart, ``a+b`` is a sum. What the shown groups leave of the whole staff is the group ``?``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

import pandas as pd

from pipeline.disclosure.audit.derived import read_derived
from pipeline.disclosure.audit.formulas import change_fits, interval_fits
from pipeline.disclosure.audit.knowledge import Knowledge, Undecided
from pipeline.disclosure.audit.tables import (
    Asked,
    Key,
    Rosters,
    Row,
    Tables,
    atoms,
    by_table,
    code_table,
    measured,
    rounded_range,
)
from pipeline.disclosure.audit.terms import Terms, as_one, joined, make_between, minus
from pipeline.frames import PREDICTED
from pipeline.model import ALL_GROUP, EMPTY, HIGH_BAND, LOW_BAND, RESPONSE, RETURNS_OPTION, TOTAL_BANNER

#: What is left of the whole staff when some groups are not shown.
REST = "?"
BANDS = {LOW_BAND: (0, 10), HIGH_BAND: (90, 100)}


class Reader:
    """Reads the open data of one or more releases into one Knowledge."""

    def __init__(self, releases: Sequence[Tables], rosters: Rosters = EMPTY):
        """Raises Contradiction when they cannot all be true, Undecided when a printed statistic is too much to try.

        Each release holds its open data tables by name, all cells as text. rosters: (wave,
        attribute) → group → staff, which many people know.
        """
        self.knowledge = Knowledge()
        estimates = [measured(tables["estimates"]) for tables in releases]
        self._atoms = atoms(row for rows in estimates for row in rows)
        for tables, rows in zip(releases, estimates, strict=True):
            asked = code_table(tables["codebook"])
            # Figures copied from an old publication need not be all of a table, and are public already.
            own_tables = by_table(row for row in rows if row["basis"] != "published")
            self._apart = {key: set(self._told_apart(key, own)) for key, own in own_tables.items()}
            for key, own in own_tables.items():
                self._structure(key, asked.get(key[:2]), own)
            for row in rows:
                self._estimate(row)
        self.knowledge.tighten()
        for tables in releases:
            for row in tables.get("changes", pd.DataFrame()).to_dict("records"):
                if row["basis"] != PREDICTED:
                    self._change(row)
            read_derived(self, tables, rosters)
        self.knowledge.settle()

    def cell(self, wave: str, question: str, banner: str, group: str, option: str) -> Terms:
        """Return the people of a cell as terms."""
        return {
            ("cell", wave, question, banner, part, option): 1 for part in self._parts(wave, banner, group)
        }

    def base(self, wave: str, question: str, banner: str, group: str) -> Terms:
        """Return the people of a base as terms."""
        return {("base", wave, question, banner, part): 1 for part in self._parts(wave, banner, group)}

    def _parts(self, wave: str, banner: str, group: str) -> list[str]:
        known = self._atoms.get((wave, banner), {})
        return list(dict.fromkeys(known.get(part, part) for part in group.split("+")))

    def _told_apart(self, key: Key, rows: list[Row]) -> list[str]:
        """Return the smallest parts of the groups of a table."""
        wave, _, banner = key
        return list(dict.fromkeys(part for row in rows for part in self._parts(wave, banner, row["group"])))

    # ---- what must hold whatever was answered --------------------------------------------

    def _structure(self, key: Key, asked: Asked | None, rows: list[Row]) -> None:
        """Make known what follows from the form: answers make the base, groups the whole staff."""
        wave, question, banner = key
        groups = self._told_apart(key, rows)
        groups += [] if banner == TOTAL_BANNER else [REST]
        options = list(dict.fromkeys(row["option"] for row in rows))
        for group in groups:
            everybody = self.base(*key, group)
            for option in options:
                self._at_most(self.cell(*key, group, option), everybody)
            if asked is not None and asked.kind != "rate":
                self._answers(asked, key, group)
                self._same_people(asked, key, group)
        if banner == TOTAL_BANNER:
            return
        for option in options:
            parts = joined(self.cell(*key, group, option) for group in groups)
            self._equal(parts, self.cell(wave, question, TOTAL_BANNER, ALL_GROUP, option))
        if question != RESPONSE:
            parts = joined(self.base(*key, group) for group in groups)
            self._equal(parts, self.base(wave, question, TOTAL_BANNER, ALL_GROUP))

    def _answers(self, asked: Asked, key: Key, group: str) -> None:
        """Make known how the answers of a group hang together."""

        def people(option: str) -> Terms:
            return self.cell(*key, group, option)

        everybody = self.base(*key, group)
        chosen = joined(people(option) for option in asked.options)
        silent = joined(people(state) for state in asked.states)
        nets = {net: joined(people(member) for member in members) for net, members in asked.nets.items()}
        if asked.kind == "single":
            self._equal(chosen | silent, everybody)
            for net, members in nets.items():
                self._equal(members, people(net))
            return
        for option in (*asked.options, *asked.nets):
            # Nobody who left the question blank ticked anything.
            self._at_most(people(option) | silent, everybody)
        self._at_most(everybody, chosen | silent)
        if asked.limit:
            most = minus(chosen | dict.fromkeys(silent, asked.limit), everybody, asked.limit)
            self.knowledge.sum(most, -math.inf, 0)
        for net, members in nets.items():
            self._at_most(people(net), members)
            for member in asked.nets[net]:
                self._at_most(people(member), people(net))

    def _same_people(self, asked: Asked, key: Key, group: str) -> None:
        """Make known whose answers a base is: everybody who returned a form, or who answered a filter so."""
        wave, _, banner = key
        if asked.base_kind != "asked":
            return
        source = RESPONSE if asked.route is None else asked.route[0]
        if group == REST and self._apart.get((wave, source, banner)) != self._apart[key]:
            # Other groups are shown there, so others are left.
            return
        everybody = self.base(*key, group)
        if asked.route is None:
            self._equal(everybody, self.cell(wave, RESPONSE, banner, group, RETURNS_OPTION))
        else:
            filtered, answers = asked.route
            led = joined(self.cell(wave, filtered, banner, group, answer) for answer in answers)
            self._equal(led, everybody)

    # ---- what a row says -----------------------------------------------------------------

    def _estimate(self, row: Row) -> None:
        place = (row["wave"], row["question"], row["banner"], row["group"])
        people, everybody = self.cell(*place, row["option"]), self.base(*place)
        if row["base"] and row["measure"] != "rate":
            self.knowledge.sum(everybody, int(row["base"]))
        if row["basis"] == PREDICTED:
            # A share that a machine and an audit estimate is no share of people counted.
            return
        if row["count"]:
            self.knowledge.sum(people, int(row["count"]))
            return
        if row["count_low"]:
            self.knowledge.sum(people, int(row["count_low"]), int(row["count_high"]))
        if row["measure"] == "rate":
            return
        if row["percent"]:
            make_between(self.knowledge, people, everybody, *rounded_range(row["percent"]))
        if row["note"] in BANDS:
            make_between(self.knowledge, people, everybody, *map(Fraction, BANDS[row["note"]]))
        self._intervals(row, people)

    def _intervals(self, row: Row, people: Terms) -> None:
        if row["basis"] == "published" or not row["base"]:
            return
        for prefix, staff in (("", None), ("finite_", row["population"])):
            low, high = row[f"{prefix}low"], row[f"{prefix}high"]
            if not low or not high or staff == "":
                continue
            name = as_one(self.knowledge, people)
            self.knowledge.number(name, 0, int(row["base"]))
            fits = interval_fits(int(row["base"]), low, high, int(staff) if staff else None)
            self.knowledge.only([name], fits)

    def _change(self, row: Row) -> None:
        """Make known what a change says of sides that are not known yet."""
        sides = []
        for side in ("from", "to"):
            place = (row[f"wave_{side}"], row["question"], row["banner"], row["group"])
            people, everybody = self.cell(*place, row["option"]), self.base(*place)
            if any(name not in self.knowledge for name in (*people, *everybody)):
                return
            sides.append((people, everybody))
        if all(self.knowledge.known(people) is not None for people, _ in sides):
            return
        for side, (people, everybody) in zip(("from", "to"), sides, strict=True):
            if row[f"base_{side}"]:
                self.knowledge.sum(everybody, int(row[f"base_{side}"]))
            if row[f"value_{side}"]:
                make_between(self.knowledge, people, everybody, *rounded_range(row[f"value_{side}"]))
        printed = {name: row[name] for name in ("change", "low", "high", "p") if row.get(name)}
        bases = [self.knowledge.known(everybody) for _, everybody in sides]
        if printed and row["basis"] != "published":
            if None in bases:
                raise Undecided(row["question"])
            names = [as_one(self.knowledge, people) for people, _ in sides]
            for name, size in zip(names, bases, strict=True):
                self.knowledge.number(name, 0, size)
            self.knowledge.only(names, change_fits(bases, printed))

    def _equal(self, terms: Mapping, others: Mapping) -> None:
        self.knowledge.sum(minus(terms, others), 0)

    def _at_most(self, terms: Mapping, others: Mapping) -> None:
        self.knowledge.sum(minus(terms, others), -math.inf, 0)
