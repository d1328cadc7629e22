"""Random tables of departments by answers: withheld by the gate, published as an edition would, and attacked."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline import frames
from pipeline.disclosure.audit import Promise, Reader, exposed
from pipeline.disclosure.cells import Counted, rule, withheld
from pipeline.model import EMPTY, Option, Parameters, Question

SHAPES = ((6, 3), (10, 4), (14, 5))
SHARES = (0.38, 0.3, 0.2, 0.09, 0.03)


def question(entries: int, name: str = "q") -> Question:
    return Question(name, name, "single", options=tuple(Option(f"o{n}", f"o{n}") for n in range(entries)))


def random_counts(shape: tuple[int, int], seed: int) -> np.ndarray:
    """Return (departments, answers) people: departments of 10 to 60."""
    generator = np.random.default_rng(seed)
    shares = np.array(SHARES[-shape[1] :]) / sum(SHARES[-shape[1] :])
    return np.array([generator.multinomial(n, shares) for n in generator.integers(10, 60, shape[0])])


def counted(asked: Question, counts: np.ndarray) -> Counted:
    """Return the table as the gate sees it: the whole staff above its departments."""
    whole = np.vstack([counts.sum(axis=0), counts])
    is_chosen = whole[0] > 0
    entries = tuple(o.id for o, kept in zip(asked.options, is_chosen, strict=True) if kept)
    groups = ("all", *(f"d{n}" for n in range(len(counts))))
    return Counted(asked, groups, entries, whole[:, is_chosen], whole.sum(axis=1))


def gated(asked: Question, counts: np.ndarray):
    return withheld(counted(asked, counts), rule(asked, Parameters()), frozenset())


def published(tables: dict[tuple[str, Question], tuple[np.ndarray, dict]]) -> dict[str, pd.DataFrame]:
    """Return the open data of {(wave, question): (counts, withheld cells)}; all departments in every wave."""
    rows, entries = [], []
    for wave in dict.fromkeys(wave for wave, _ in tables):
        counts = next(found for (at, _), (found, _) in tables.items() if at == wave)
        rows += _rows(wave, "response", ("returns",), counts.sum(axis=1)[:, None], {}, "rate")
        entries.append((wave, "response", "rate", "population", "", "", "returns", "option", ""))
    for (wave, asked), (counts, cells) in tables.items():
        options = tuple(option.id for option in asked.options)
        rows += _rows(wave, asked.id, options, counts, cells, "share")
        entries += [(wave, asked.id, "single", "asked", "", "", o, "option", "") for o in options]
    columns = ("wave", "question", "kind", "base", "route", "limit", "option", "option_type", "members")
    frame = pd.DataFrame(rows, columns=list(frames.ESTIMATES.columns), dtype=object).fillna("")
    return {"estimates": frame, "codebook": pd.DataFrame(entries, columns=columns)}


def _rows(wave, asked, options, counts, cells, measure):
    whole = [("total", "all", counts.sum(axis=0))]
    for banner, group, people in [*whole, *(("section", f"d{n}", row) for n, row in enumerate(counts))]:
        for option, count in zip(options, people.tolist(), strict=True):
            row = {"survey": "t", "wave": wave, "question": asked, "measure": measure, "banner": banner}
            row |= {"group": group, "option": option, "base_kind": "asked", "basis": "counted"}
            if (group, option) in cells:
                yield row | {"status": "withheld", "note": cells[group, option]}
            else:
                told = {name: str(count) for name in ("count", "count_low", "count_high")}
                base = "10000" if measure == "rate" else str(people.sum())
                yield row | {"status": "shown", "base": base} | told


def attacked(tables: dict[tuple[str, Question], tuple[np.ndarray, dict]]) -> list:
    """Return the cells an outsider finds out."""
    truth, bases, parameters = {}, {}, Parameters()
    for (wave, asked), (counts, _) in tables.items():
        for n, row in enumerate(counts.tolist()):
            bases[wave, asked.id, "section", f"d{n}"] = sum(row)
            for option, count in zip(asked.options, row, strict=True):
                truth[wave, asked.id, "section", f"d{n}", option.id] = count
    promise = Promise(
        parameters.minimum_cell, 10, parameters.unanimity_base, takes_many=False, is_topline_free=True
    )
    promises = {asked.id: promise for _, asked in tables}
    # What nobody of the whole staff chose is zero everywhere: it tells of nobody.
    places = [
        place for place in truth
        if sum(n for key, n in truth.items() if key[:2] == place[:2] and key[4] == place[4])
    ]  # fmt: skip
    return exposed(Reader([published(tables)], EMPTY), truth, bases, promises, places)
