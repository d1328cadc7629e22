"""Published tables → Knowledge: every equation an outsider can set up.

The unknown numbers are people: ``("cell", wave, question, banner, group, option)`` and
``("base", wave, question, banner, group)``. A group is the smallest part that any table tells
apart: where ``a`` and ``b`` are only ever shown together, ``a+b`` is one; where another table has
them apart, ``a+b`` is a sum. What the shown groups of a table leave of the whole staff is the group
``?0`` in the first release, ``?1`` in the second: other people, where other groups are shown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

from pipeline.disclosure.audit.compared import read_compared
from pipeline.disclosure.audit.derived import read_derived
from pipeline.disclosure.audit.formulas import interval_fits
from pipeline.disclosure.audit.knowledge import Knowledge, Undecided
from pipeline.disclosure.audit.tables import (
    Asked,
    Key,
    Place,
    Rosters,
    Row,
    Tables,
    Told,
    atoms,
    by_table,
    code_table,
    means,
    measured,
    place_of,
    rounded_range,
)
from pipeline.disclosure.audit.terms import Terms, as_one, joined, make_between, minus
from pipeline.frames import PREDICTED
from pipeline.model import ALL_GROUP, EMPTY, HIGH_BAND, LOW_BAND, RESPONSE, RETURNS_OPTION, TOTAL_BANNER

#: What is left of the whole staff when some groups are not shown: starts the name, then the number of the release.
REST = "?"
BANDS = {LOW_BAND: (0, 10), HIGH_BAND: (90, 100)}


class Reader:
    """Reads the open data of one or more releases into one Knowledge.

    tables: every table that counts people, release by release.
    """

    def __init__(self, releases: Sequence[Tables], rosters: Rosters = EMPTY, banded_base: int = 30):
        """Raises Contradiction when they cannot all be true, Undecided when a printed statistic is too much to try.

        Each release holds its open data tables by name, all cells as text. rosters: (wave,
        attribute) → group → staff, which many people know. banded_base: the base from which
        bands are told, as the method page says.
        """
        self.knowledge = Knowledge()
        self._takes_many: dict[tuple[str, str], bool] = {}
        self.tables: list[Told] = []
        estimates = [measured(tables["estimates"]) for tables in releases]
        self._atoms = atoms(row for rows in estimates for row in rows)
        self._approximate = {place_of(row) for rows in estimates for row in rows if _is_approximate(row)}
        self._means = {place_of(row) for made in releases for row in means(made["estimates"])}
        for number, (tables, rows) in enumerate(zip(releases, estimates, strict=True)):
            self._release(code_table(tables["codebook"]), rows, f"{REST}{number}")
        self.knowledge.tighten()
        for rows in estimates:
            for own in by_table(rows).values():
                self._bandless(own, banded_base)
        for tables in releases:
            read_compared(self, tables)
            read_derived(self, tables, rosters)
        self.knowledge.settle()

    def _release(self, asked: Mapping[tuple[str, str], Asked], rows: list[Row], rest: str) -> None:
        """Make known what the counts of one release say."""
        # Figures copied from an old publication need not be all of a table, and are public already.
        own_tables = by_table(row for row in rows if row["basis"] != "published")
        told = {key: self._told(key, asked.get(key[:2]), own, rest) for key, own in own_tables.items()}
        for table in told.values():
            self._structure(table, told)
        for row in rows:
            self._estimate(row)
        self.tables += told.values()
        self._takes_many |= {place: found.kind != "single" for place, found in asked.items()}

    def is_told(self, place: Place, measure: str = "share") -> bool:
        """Return whether a figure is printed or follows from single sums, so that what is made of it tells nothing new.

        Raises Undecided for a place that no table speaks of.
        """
        if place in (self._means if measure == "mean" else self._approximate):
            return True
        cell = self.cell(*place)
        if measure == "mean" or any(name not in self.knowledge for name in cell):
            raise Undecided(str(place))
        return self.knowledge.known(cell) is not None

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

    def _told(self, key: Key, asked: Asked | None, rows: list[Row], rest: str) -> Told:
        wave, _, banner = key
        groups = dict.fromkeys(part for row in rows for part in self._parts(wave, banner, row["group"]))
        options = dict.fromkeys(row["option"] for row in rows)
        return Told(key, asked, tuple(groups), "" if banner == TOTAL_BANNER else rest, tuple(options))

    # ---- what must hold whatever was answered --------------------------------------------

    def _structure(self, table: Told, others: Mapping[Key, Told]) -> None:
        """Make known what follows from the form: answers make the base, groups the whole staff."""
        wave, question, banner = key = table.key
        groups = [*table.groups, table.rest] if table.rest else table.groups
        for group in groups:
            everybody = self.base(*key, group)
            for option in table.options:
                self._at_most(self.cell(*key, group, option), everybody)
            if table.asked is not None and table.asked.kind != "rate":
                self._answers(table.asked, key, group)
                self._same_people(table, group, others)
        if banner == TOTAL_BANNER:
            return
        for option in table.options:
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

    def _same_people(self, table: Told, group: str, others: Mapping[Key, Told]) -> None:
        """Make known whose answers a base is: everybody who returned a form, or who answered a filter so."""
        wave, _, banner = key = table.key
        asked = table.asked
        if asked.base_kind != "asked":
            return
        source = RESPONSE if asked.route is None else asked.route[0]
        shown_there = others[wave, source, banner].groups if (wave, source, banner) in others else ()
        if group == table.rest and set(shown_there) != set(table.groups):
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
        if row["basis"] != "published":
            if row["value"] or (row["population"] and not row["base"]):
                raise Undecided(str(place_of(row)))
            self._intervals(row, people)

    def _intervals(self, row: Row, people: Terms) -> None:
        for prefix, staff in (("", None), ("finite_", row["population"])):
            low, high = row[f"{prefix}low"], row[f"{prefix}high"]
            if not low and not high:
                continue
            if not (low and high and row["base"]) or staff == "":
                raise Undecided(str(place_of(row)))
            name = as_one(self.knowledge, people)
            self.knowledge.number(name, 0, int(row["base"]))
            fits = interval_fits(int(row["base"]), low, high, int(staff) if staff else None)
            self.knowledge.only([name], fits)

    def _bandless(self, rows: list[Row], banded_base: int) -> None:
        """Make known: where bands are told, a withheld cell without one is neither low nor high.

        They are told of all cells of a table or of none; of several answers, of all groups of an option or of none.
        """
        takes_many = any(self._takes_many.get((row["wave"], row["question"])) for row in rows)
        banded = {row["option"] if takes_many else "" for row in rows if row["note"] in BANDS}
        for row in rows:
            is_bandless = row["status"] == "withheld" and row["note"] not in BANDS
            if not is_bandless or (row["option"] if takes_many else "") not in banded:
                continue
            wave, question, banner, group, option = place_of(row)
            size = self.knowledge.known(self.base(wave, question, banner, group))
            if size is not None and size >= banded_base:
                lowest, highest = size // 10 + 1, -(-9 * size // 10) - 1
                self.knowledge.sum(self.cell(*place_of(row)), lowest, highest)

    def _equal(self, terms: Mapping, others: Mapping) -> None:
        self.knowledge.sum(minus(terms, others), 0)

    def _at_most(self, terms: Mapping, others: Mapping) -> None:
        self.knowledge.sum(minus(terms, others), -math.inf, 0)


def _is_approximate(row: Row) -> bool:
    """Return whether a figure stands for numbers of people that nobody counted, or that are not known exactly."""
    return row["status"] == "shown" and row["basis"] in ("published", PREDICTED)
