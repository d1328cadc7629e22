"""The open data of an edition as they would be published → is anybody exposed, and what could be left out instead."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice

import pandas as pd

from pipeline.disclosure.audit.editions import still_true
from pipeline.disclosure.audit.knowledge import Contradiction, Undecided
from pipeline.disclosure.audit.statements import Reader
from pipeline.disclosure.audit.tables import Place, Rosters, Tables
from pipeline.disclosure.audit.verdicts import Promise, exposed
from pipeline.model import Question, Survey

#: (question, attribute).
Cross = tuple[str, str]
#: More crosses than these are not left out one combination at a time; all of them are.
MOST_LEFT_OUT = 2
#: Each set costs an attack of some seconds.
MOST_TRIED = 40
PASSED, EXPOSED, UNDECIDED, CONTRADICTION = "passed", "exposed", "undecided", "contradiction"


@dataclass(frozen=True)
class Judgement:
    """What the attack came to. cells: public cells attacked; places: (wave, question, banner) exposed."""

    result: str
    cells: int
    places: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Confidential:
    """What the attacker must not find out: people by place, and bases, as the internal edition counts them."""

    people: Mapping[Place, int]
    bases: Mapping[tuple[str, str, str, str], int]

    def knows(self, place: Place) -> bool:
        """Return whether the people of a place, of each of its merged groups, were counted."""
        *table, group, option = place
        return all((*table, part, option) in self.people for part in group.split("+"))

    @classmethod
    def of(cls, estimates: pd.DataFrame) -> Confidential:
        """Return it from the estimates of the internal edition."""
        people, bases = defaultdict(int), defaultdict(int)
        counted = estimates[
            estimates["measure"].isin(("share", "net"))
            & estimates["status"].eq("shown")
            & estimates["basis"].eq("counted")
            & estimates["count"].notna()
        ]
        for row in counted.to_dict("records"):
            place = (row["wave"], row["question"], row["banner"], row["group"])
            people[*place, row["option"]], bases[place] = int(row["count"]), int(row["base"])
        return cls(people, bases)


def read_tables(files: Mapping[str, bytes]) -> dict[str, pd.DataFrame]:
    """Return the open data by table name, every cell as text, from {file name: bytes}."""
    return {
        name.removesuffix(".csv"): pd.read_csv(
            io.BytesIO(content), dtype=str, keep_default_na=False, encoding="utf-8-sig"
        )
        for name, content in files.items()
        if name.endswith(".csv")
    }


def judged(survey: Survey, releases: Sequence[Tables], confidential: Confidential) -> Judgement:
    """Return what an outsider can work out of all ``releases`` together; the last one is the one in question.

    Attacked are its cells and those of the releases before it, oldest first, which it may open; of a later
    wave, whose counts ``confidential`` does not know, none. What was corrected since is left out.
    """
    releases = still_true(releases)
    places = _places(releases[-1]["estimates"])
    before = [place for tables in releases[:-1] for place in _places(tables["estimates"])]
    places = list(dict.fromkeys([*places, *filter(confidential.knows, before)]))
    counts = [{name: tables[name] for name in ("estimates", "codebook")} for tables in releases]
    failure = ""
    # Where a statistic is too much to try, the counts alone may tell which crosses expose somebody.
    for read in (releases, counts):
        try:
            reader = Reader(read, _rosters(survey), survey.parameters.unanimity_base)
            found = exposed(reader, confidential.people, confidential.bases, promises(survey), places)
        except (Undecided, Contradiction) as unreadable:
            failure = failure or (UNDECIDED if isinstance(unreadable, Undecided) else CONTRADICTION)
            continue
        if tables := tuple(dict.fromkeys(cell.place[:3] for cell in found)):
            return Judgement(EXPOSED, len(places), tables)
        return Judgement(failure or PASSED, len(places))
    return Judgement(failure, len(places))


def promises(survey: Survey) -> dict[str, Promise]:
    """Return what disclosure.toml promises, by question."""
    parameters = survey.parameters
    sizes = parameters.minimum_cell, parameters.minimum_cell_sensitive
    return {
        question.id: Promise(
            sizes[question.is_sensitive],
            parameters.minimum_group,
            parameters.unanimity_base,
            question.takes_many,
            not question.is_sensitive,
            _never_free(question),
        )
        for question in survey.questions
    }


def _never_free(question: Question) -> frozenset[str]:
    if question.is_free_text:
        return frozenset(entry.id for entry in (*question.options, *question.nets))
    return frozenset(option.id for option in question.options if option.is_other)


def fewest_left_out(
    survey: Survey,
    tables: Tables,
    confidential: Confidential,
    judgement: Judgement,
    earlier: Sequence[Tables] = (),
) -> tuple[Cross, ...]:
    """Return the smallest set of crosses without which nobody is exposed; () where even all are not enough.

    By size; of one size those come first that no ``earlier`` release shows, since what is new gives way to
    what was approved; then in table order. Where cells are exposed, the crosses of their questions and
    attributes are tried, else all; where none of the first sets is enough, all of them at once.
    """
    named = [(question, banner) for _, question, banner in judgement.places]
    every = tuple(dict.fromkeys(crossed(tables["estimates"])))
    shown = {cross for released in earlier for cross in crossed(released["estimates"])}
    crosses = sorted(every, key=lambda cross: cross in shown)
    if named:
        questions, banners = {question for question, _ in named}, {banner for _, banner in named}
        crosses = [cross for cross in crosses if cross in named] + [
            cross
            for cross in crosses
            if cross not in named and (cross[0] in questions and cross[1] in banners)
        ]
    small = (chosen for size in range(1, MOST_LEFT_OUT + 1) for chosen in combinations(crosses, size))
    for chosen in (*islice(small, MOST_TRIED), every):
        if judged(survey, [*earlier, left_out(tables, chosen)], confidential).result == PASSED:
            return chosen
    return ()


def crossed(estimates: pd.DataFrame) -> Iterable[Cross]:
    """Return the (question, attribute) of every cross of a release."""
    rows = estimates[estimates["banner"] != "total"]
    return rows[["question", "banner"]].drop_duplicates().itertuples(index=False, name=None)


def left_out(tables: Tables, crosses: Sequence[Cross]) -> dict[str, pd.DataFrame]:
    """Return the tables without everything that rests on ``crosses``."""
    wanted = pd.MultiIndex.from_tuples(crosses)
    made = {}
    for name, rows in tables.items():
        if "banner" in rows:
            rows = rows[~pd.MultiIndex.from_frame(rows[["question", "banner"]]).isin(wanted)]
        if name == "weights":
            # Which weights are left follows from the crosses; what is built without these is attacked again.
            rows = rows[~rows["attributes"].isin({banner for _, banner in crosses})]
        if "poststratified_by" in rows:
            is_gone = pd.MultiIndex.from_frame(rows[["question", "poststratified_by"]]).isin(wanted)
            rows = rows.copy()
            rows.loc[is_gone, [c for c in rows if c.startswith("poststratified")]] = ""
        made[name] = rows
    return made


def _places(estimates: pd.DataFrame) -> list[Place]:
    rows = estimates[
        estimates["measure"].isin(("share", "net"))
        & estimates["status"].ne("not_asked")
        & estimates["basis"].eq("counted")
    ]
    columns = ["wave", "question", "banner", "group", "option"]
    return list(rows[columns].itertuples(index=False, name=None))


def _rosters(survey: Survey) -> Rosters:
    return {
        (wave.key, attribute): staff
        for wave in survey.waves
        if wave.population
        for attribute, staff in wave.population.headcounts.items()
    }
