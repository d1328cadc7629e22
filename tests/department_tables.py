"""Random tables of departments by answers: withheld by the gate, published as an edition would, and attacked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from pipeline import frames
from pipeline.disclosure.audit import Exposed, Promise, Reader, exposed
from pipeline.disclosure.cells import Cells, Counted, rule_of, withheld_in
from pipeline.model import ALL_GROUP, EMPTY, NO_ANSWER, TOTAL_BANNER, Net, Option, Parameters, Question

SHAPES = ((6, 3), (10, 4), (14, 5))
#: The last one is a rare answer.
SHARES = (0.4, 0.28, 0.18, 0.09, 0.03, 0.02)
#: wave → tables with their withheld cells; every wave has the same departments.
Waves = Mapping[str, Sequence[tuple[Counted, Cells]]]


def _options(number: int) -> tuple[Option, ...]:
    return tuple(Option(f"o{place}", f"o{place}") for place in range(number))


def question(entries: int, name: str = "q") -> Question:
    return Question(name, name, "single", options=_options(entries))


def random_counts(shape: tuple[int, int], seed: int) -> np.ndarray:
    """Return (departments, answers) people: departments of 10 to 60."""
    generator = np.random.default_rng(seed)
    shares = np.array(SHARES[-shape[1] :]) / sum(SHARES[-shape[1] :])
    return np.array([generator.multinomial(n, shares) for n in generator.integers(10, 60, shape[0])])


def counted(asked: Question, counts: np.ndarray) -> Counted:
    """Return the table of a single answer as the gate sees it: the whole staff above its departments."""
    return _table(asked, [option.id for option in asked.options], counts, counts.sum(axis=1))


def several(seed: int) -> Counted:
    """Return a table of several answers: three to five departments, four options, two of them in a net."""
    generator = np.random.default_rng(seed)
    limit = (None, 2, 3)[seed % 3]
    asked = Question(
        "q", "q", "multiple", options=_options(4), nets=(Net("net", "net", ("o0", "o1")),), limit=limit
    )
    people = []
    for size in generator.integers(12, 60, generator.integers(3, 6)):
        ticked = generator.random((size, 4)) < generator.permutation((0.05, 0.2, 0.45, 0.06))
        while limit and (ticked.sum(axis=1) > limit).any():
            ticked &= generator.random(ticked.shape) < 0.9
        is_silent = ~ticked.any(axis=1)
        answers = [*ticked.T, is_silent, ticked[:, 0] | ticked[:, 1]]
        people.append([answer.sum() for answer in answers] + [size])
    made = np.array(people)
    return _table(
        asked, [*(option.id for option in asked.options), NO_ANSWER, "net"], made[:, :-1], made[:, -1]
    )


def _table(asked: Question, entries: Sequence[str], counts: np.ndarray, bases: np.ndarray) -> Counted:
    whole = np.vstack([counts.sum(axis=0), counts])
    # What nobody of the whole staff chose is zero everywhere: it tells of nobody.
    is_chosen = whole[0] > 0
    chosen = tuple(entry for entry, kept in zip(entries, is_chosen, strict=True) if kept)
    groups = (ALL_GROUP, *(f"d{place}" for place in range(len(counts))))
    return Counted(asked, groups, chosen, whole[:, is_chosen], np.array([bases.sum(), *bases]))


def gated(table: Counted) -> Cells:
    """Return the withheld cells: of the whole staff first, then of its groups."""
    rule = rule_of(table.question, Parameters())
    alone = replace(table, groups=table.groups[:1], people=table.people[:1], bases=table.bases[:1])
    whole = withheld_in(alone, rule, frozenset())
    given = frozenset(entry for _, entry in whole)
    return {**whole, **(withheld_in(table, rule, given) if len(table.groups) > 1 else {})}


def published(waves: Waves) -> dict[str, pd.DataFrame]:
    """Return the open data of the tables."""
    rows, entries = [], []
    for wave, tables in waves.items():
        first = tables[0][0]
        returns = Counted(
            Question("response", "", "rate"), first.groups, ("returns",), first.bases[:, None], first.bases
        )
        rows += _rows(wave, returns, {}, "rate")
        entries.append((wave, "response", "rate", "population", "", "", "returns", "option", ""))
        for table, cells in tables:
            rows += _rows(wave, table, cells, "share")
            entries += _code_table(wave, table)
    columns = ("wave", "question", "kind", "base", "route", "limit", "option", "option_type", "members")
    frame = pd.DataFrame(rows, columns=list(frames.ESTIMATES.columns), dtype=object).fillna("")
    return {"estimates": frame, "codebook": pd.DataFrame(entries, columns=columns)}


def _code_table(wave: str, table: Counted):
    nets = {net.id: "|".join(o for o in net.options if o in table.entries) for net in table.question.nets}
    for entry in table.entries:
        kind = "net" if entry in nets else "state" if entry == NO_ANSWER else "option"
        asked = table.question
        yield (
            wave,
            asked.id,
            asked.kind,
            "asked",
            "",
            str(asked.limit or ""),
            entry,
            kind,
            nets.get(entry, ""),
        )


def _rows(wave: str, table: Counted, cells: Cells, measure: str):
    for group, people, base in zip(table.groups, table.people.tolist(), table.bases.tolist(), strict=True):
        for entry, count in zip(table.entries, people, strict=True):
            row = {
                "survey": "t",
                "wave": wave,
                "question": table.question.id,
                "measure": measure,
                "group": group,
            }
            row |= {"banner": _banner(group), "option": entry, "base_kind": "asked", "basis": "counted"}
            if (group, entry) in cells:
                yield row | {"status": "withheld", "note": cells[group, entry]}
            else:
                told = {name: str(count) for name in ("count", "count_low", "count_high")}
                yield row | {"status": "shown", "base": "10000" if measure == "rate" else str(base)} | told


def attacked(waves: Waves) -> list[Exposed]:
    """Return the cells an outsider finds out."""
    truth, bases, promises = {}, {}, {}
    for wave, tables in waves.items():
        for table, _ in tables:
            asked, rule = table.question, rule_of(table.question, Parameters())
            others = frozenset(option.id for option in asked.options if option.is_other)
            promises[asked.id] = Promise(
                rule.minimum_cell, 10, rule.unanimity_base, asked.takes_many, rule.is_topline_free, others
            )
            for row, group in enumerate(table.groups):
                place = wave, asked.id, _banner(group), group
                bases[place] = int(table.bases[row])
                for column, entry in enumerate(table.entries):
                    truth[*place, entry] = int(table.people[row, column])
    return exposed(Reader([published(waves)], EMPTY), truth, bases, promises, truth)


def _banner(group: str) -> str:
    return TOTAL_BANNER if group == ALL_GROUP else "section"
