"""The attacker: leaks planted in small releases written for these tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline import frames
from pipeline.disclosure.audit import Contradiction, Knowledge, Promise, Reader, Undecided, exposed
from pipeline.disclosure.audit import knowledge as search
from pipeline.disclosure.audit.formulas import _chi_square, wilson
from pipeline.model import EMPTY

# ---- what numbers tell -------------------------------------------------------------------


def test_tables_that_disagree_are_a_contradiction():
    knowledge = Knowledge()
    knowledge.sum({"a": 1, "b": 1}, 5)
    knowledge.sum({"a": 1, "b": 1}, 6)
    with pytest.raises(Contradiction):
        knowledge.bounds({"a": 1})


def test_told_numbers_that_do_not_add_up_are_a_contradiction():
    knowledge = Knowledge()
    for name, count in (("a", 11), ("b", 6)):
        knowledge.number(name, count, count)
    knowledge.sum({"a": 1, "b": 1}, 14)
    with pytest.raises(Contradiction):
        knowledge.tighten()


def _knapsack():
    """Return what two weighted sums tell of eight numbers: more than the first node of a search."""
    generator = np.random.default_rng(1)
    counts, made = generator.integers(0, 9, 8), Knowledge()
    for name in range(8):
        made.number(name, 0, 9)
    for weights in generator.integers(20, 99, (2, 8)):
        made.sum(dict(enumerate(weights.astype(float))), float(weights @ counts))
    return made


def test_a_search_that_is_not_finished_tells_nothing(monkeypatch):
    assert _knapsack().bounds({0: 1}) == (0, 9)
    monkeypatch.setattr(search, "NODE_LIMIT", 1)
    with pytest.raises(Undecided):
        _knapsack().bounds({0: 1})


def test_numbers_without_a_limit_and_numbers_that_cannot_be():
    open_ended, impossible = Knowledge(), Knowledge()
    open_ended.sum({"a": 1, "b": -1}, 0)
    assert open_ended.bounds({"a": 1}) == (0, np.inf)
    impossible.sum({"a": 2, "b": -2}, 3)
    with pytest.raises(Contradiction):
        impossible.bounds({"a": 1})


# ---- small releases ----------------------------------------------------------------------

#: Answers of 40 people in three sections to two options: yes, no.
COUNTS = {"a": (9, 2), "b": (8, 6), "c": (10, 5)}
PROMISE = {"q": Promise(3, 10, 30, takes_many=False, is_topline_free=True)}


def estimates(counts, wave="2025", hidden=(), banner="section", extra=()):
    """Return the rows of one question by one banner, the topline first; ``hidden``: (group, option)."""
    total = tuple(map(sum, zip(*counts.values(), strict=True)))
    rows = [_returns(wave, "total", "all", sum(total))]
    rows += [_returns(wave, banner, group, sum(cells)) for group, cells in counts.items()]
    for by, group, cells in [("total", "all", total), *((banner, g, c) for g, c in counts.items())]:
        for option, count in zip(("yes", "no"), cells, strict=True):
            rows.append(_row(wave, by, group, option, count, sum(cells), (group, option) in hidden))
    return pd.DataFrame(rows + list(extra))


def _row(wave, banner, group, option, count, base, is_hidden, **told):
    row = dict.fromkeys(frames.ESTIMATES.columns, "")
    row |= {
        "survey": "t",
        "wave": wave,
        "question": "q",
        "measure": "share",
        "banner": banner,
        "group": group,
    }
    row |= {
        "option": option,
        "base_kind": "asked",
        "basis": "counted",
        "status": "withheld" if is_hidden else "shown",
    }
    if not is_hidden:
        row |= {"count": str(count), "count_low": str(count), "count_high": str(count), "base": str(base)}
    return row | told


def _returns(wave, banner, group, count):
    row = _row(wave, banner, group, "returns", count, count, is_hidden=False)
    return row | {"question": "response", "measure": "rate", "base_kind": "population", "base": "60"}


def codebook(*waves):
    columns = ("wave", "question", "kind", "base", "route", "limit", "option", "option_type", "members")
    rows = [
        (w, "q", "single", "asked", "", "", option, "option", "") for w in waves for option in ("yes", "no")
    ]
    rows += [(w, "response", "rate", "population", "", "", "returns", "option", "") for w in waves]
    return pd.DataFrame(rows, columns=columns)


def release(*tables, changes=()):
    rows = pd.concat(tables, ignore_index=True)
    return {
        "estimates": rows,
        "codebook": codebook(*rows["wave"].unique()),
        "changes": pd.DataFrame(list(changes), columns=list(frames.CHANGES.columns)).fillna(""),
    }


def found(releases, counts=COUNTS, wave="2025", banner="section", rosters=EMPTY):
    truth = {
        (wave, "q", banner, g, o): n
        for g, cells in counts.items()
        for o, n in zip(("yes", "no"), cells, strict=True)
    }
    bases = {(wave, "q", banner, group): sum(cells) for group, cells in counts.items()}
    shown = {part for made in releases for name in made["estimates"]["group"] for part in name.split("+")}
    places = [place for place in truth if place[3] in shown]
    return {e.place[3:] for e in exposed(Reader(releases, rosters), truth, bases, PROMISE, places)}


#: What protects the 2 people of section a: their row and another one, both options.
SAFE = {("a", "yes"), ("a", "no"), ("c", "yes"), ("c", "no")}


def test_the_small_release_is_safe_to_begin_with():
    assert found([release(estimates(COUNTS, hidden=SAFE))]) == set()


def test_a_shown_cell_of_two_people_is_exposed():
    assert ("a", "no") in found([release(estimates(COUNTS))])


def test_subtraction_from_the_row():
    assert ("a", "no") in found([release(estimates(COUNTS, hidden=SAFE - {("a", "yes")}))])


def test_subtraction_from_the_whole_staff():
    hidden = {("a", "yes"), ("a", "no")}
    assert ("a", "no") in found([release(estimates(COUNTS, hidden=hidden))])


def test_linked_tables():
    """Another table shows a and b as one: together with b by itself it gives a."""
    merged = estimates({"a+b": (17, 8), "c": COUNTS["c"]}, hidden={("c", "yes"), ("c", "no")})
    assert ("a", "no") in found([release(estimates(COUNTS, hidden=SAFE), merged)])


def test_two_editions_of_the_same_wave():
    first = release(estimates(COUNTS, hidden=SAFE))
    second = release(estimates(COUNTS, hidden={("a", "yes"), ("a", "no"), ("b", "yes"), ("b", "no")}))
    assert ("a", "no") in found([first, second])
    assert found([second]) == set()


def _without(rows, *groups):
    return rows[~rows["group"].isin(groups)]


def test_a_group_that_is_not_shown_is_the_total_less_the_others():
    assert ("?0", "no") in found([release(_without(estimates(COUNTS), "a"))])


def test_one_group_that_is_not_shown_is_too_few_however_large():
    large = {**COUNTS, "a": (19, 22)}
    rows = _without(estimates(large), "a")
    assert found([release(rows)], large) == {("?0", "")}
    assert found([release(_without(estimates(large), "a", "b"))], large) == set()


def test_what_is_left_in_another_release_is_other_people():
    """The returns of ``c`` are told in the first release, and left of the whole staff in the second."""
    rows = estimates(COUNTS, hidden=SAFE)
    second = rows[~((rows["group"] == "c") & (rows["question"] == "response"))]
    assert found([release(rows), release(second)]) == set()


def _told(told, place=("a", "no")):
    rows = estimates(COUNTS, hidden=SAFE).to_dict("records")
    for row in rows:
        if (row["group"], row["option"]) == place and row["question"] == "q":
            row |= told
    return found([release(pd.DataFrame(rows))])


def test_a_percentage_gives_back_a_count():
    assert ("a", "no") in _told({"percent": "18.2"})


def test_an_interval_gives_back_a_count():
    low, high = wilson(2, 11)
    assert ("a", "no") in _told({"low": f"{low:.1f}", "high": f"{high:.1f}", "base": "11"})


def _with_earlier_wave(**told):
    earlier = {"a": (6, 5), "b": (7, 6), "c": (9, 5)}
    change = dict.fromkeys(frames.CHANGES.columns, "") | {
        "survey": "t", "question": "q", "measure": "share", "banner": "section", "group": "a", "option": "no",
        "wave_from": "2023", "wave_to": "2025", "basis": "counted", "status": "withheld",
    } | told  # fmt: skip
    tables = (estimates(earlier, "2023"), estimates(COUNTS, hidden=SAFE))
    return found([release(*tables, changes=[change])])


def test_a_change_without_figures_tells_nothing():
    assert _with_earlier_wave() == set()


def test_a_change_against_an_earlier_wave():
    assert ("a", "no") in _with_earlier_wave(change="-27.3")


def test_a_p_value():
    assert ("a", "no") in _with_earlier_wave(p="0.1697")


def test_a_band_is_believed():
    """10%以下 of 11 people is one at most: more is told than the two people bear."""
    rows = estimates({**COUNTS, "a": (10, 1)}, hidden=SAFE).to_dict("records")
    for row in rows:
        if (row["group"], row["option"]) == ("a", "no"):
            row["note"] = "10%以下"
    assert ("a", "no") in found([release(pd.DataFrame(rows))], counts={**COUNTS, "a": (10, 1)})


# ---- what the other tables say -----------------------------------------------------------

STAFF = {("2025", "section"): {"a": 20, "b": 14, "c": 15}}


def _derived(name, row):
    told = dict.fromkeys(frames.EDITION_TABLES[name].columns, "") | {
        "survey": "t", "wave": "2025", "question": "q", "option": "no", "measure": "share", "status": "shown",
    } | row  # fmt: skip
    made = release(estimates(COUNTS, hidden=SAFE))
    return found([made | {name: pd.DataFrame([told], dtype=str)}], rosters=STAFF)


def test_a_weighted_total():
    weights = {"a": 20 / 11, "b": 14 / 14, "c": 15 / 15}
    share = 100 * sum(weights[group] * no for group, (_, no) in COUNTS.items()) / 49
    assert ("a", "no") in _derived(
        "nonresponse", {"poststratified": f"{share:.1f}", "poststratified_by": "section"}
    )


def test_a_chi_square():
    statistic, effect = _chi_square([list(cells) for cells in COUNTS.values()])
    row = {"banner": "section", "statistic": f"{statistic:.3f}", "effect": f"{effect:.3f}", "base": "40"}
    assert ("a", "no") in _derived("associations", row)


def test_a_contrast_tells_the_rest():
    assert ("a", "no") in _derived("contrasts", {"banner": "section", "group": "a", "rest_count": "11"})


@pytest.mark.parametrize(
    "told",
    [
        {"p_adjusted": "0.1697"},
        {"p_finite": "0.1697"},
        {"p_low": "0.1697", "p_high": "0.1697"},
        {"change_low": "-27.3", "change_high": "-27.3"},
        {"finite_low": "-40.0", "finite_high": "-14.6"},
        {"change": "-27.3", "basis": "published"},
        {"change": "-27.3", "measure": "mean", "option": "mean"},
        {"group": "20s", "banner": "age", "value_to": "10.0", "base_to": "20"},
    ],
)
def test_a_change_that_nobody_reads_is_refused(told):
    with pytest.raises(Undecided):
        _with_earlier_wave(**told)


def test_a_decomposition_tells_the_change():
    earlier = {"a": (9, 5), "b": (7, 6), "c": (9, 5)}
    told = dict.fromkeys(frames.DECOMPOSITIONS.columns, "") | {
        "question": "q", "option": "no", "banner": "section", "groups": "a|b", "wave_from": "2023",
        "wave_to": "2025", "measure": "share", "status": "shown", "change": f"{100 * (8 / 25 - 11 / 27):.1f}",
    }  # fmt: skip
    made = release(estimates(earlier, "2023"), estimates(COUNTS, hidden=SAFE))
    bases = [
        _row("2025", "section", g, "no", "", str(n), is_hidden=True) | {"base": str(n)}
        for g, n in (("a", 11), ("b", 14))
    ]
    made["estimates"] = pd.concat([made["estimates"], pd.DataFrame(bases)], ignore_index=True)
    assert ("a", "no") in found([made | {"decompositions": pd.DataFrame([told], dtype=str)}])


def _whole_staff(counts, hidden, promise, kind="single"):
    """Return what is exposed of a question of the whole staff: {option: count}."""
    size = sum(counts.values())
    rows = [_returns("2025", "total", "all", size)]
    rows += [_row("2025", "total", "all", option, n, size, option in hidden) for option, n in counts.items()]
    book = codebook("2025").query("question == 'response'").to_dict("records")
    book += [
        book[0] | {"question": "q", "kind": kind, "base": "asked", "option": option} for option in counts
    ]
    truth = {("2025", "q", "total", "all", option): n for option, n in counts.items()}
    made = {"estimates": pd.DataFrame(rows), "codebook": pd.DataFrame(book)}
    found = exposed(Reader([made]), truth, {("2025", "q", "total", "all"): size}, {"q": promise}, truth)
    return {place.place[4]: (place.low, place.high) for place in found}


def test_a_withheld_topline_of_one_is_subtracted_from_the_others():
    free = replace(PROMISE["q"], never_free=frozenset({"other"}))
    assert _whole_staff({"w": 20, "x": 22, "other": 1}, {"other"}, free) == {"other": (1, 1)}
    assert _whole_staff({"w": 20, "x": 22, "other": 1}, {"w", "other"}, free) == {}


def test_a_sensitive_topline_of_two_withheld_together_is_known_too_well():
    sensitive = Promise(5, 10, 30, takes_many=False, is_topline_free=False)
    exposed_ones = _whole_staff({"w": 20, "x": 1, "y": 1, "z": 21}, {"x", "y"}, sensitive)
    assert exposed_ones.keys() == {"x", "y"} and set(exposed_ones.values()) <= {(0, 2), (2, 2)}


def test_withheld_cells_of_a_line_that_are_too_few_together():
    """Three of 50 and nobody of 47 told together: a column of two people in all but the first group."""
    counts = {"a": (1, 40), "b": (1, 38), "c": (12, 30)}
    lines = found([release(estimates(counts, hidden={(g, o) for g in "ab" for o in ("yes", "no")}))], counts)
    assert ("a", "yes") in lines


def test_beside_a_told_band_a_cell_without_one_is_between_the_bands():
    counts = {"a": (2, 38), "b": (5, 35), "c": (30, 10)}
    hidden = {(group, option) for group in "ab" for option in ("yes", "no")}
    rows = estimates(counts, hidden=hidden).to_dict("records")
    for row in rows:
        row["note"] = {("a", "yes"): "10%以下", ("a", "no"): "90%以上"}.get((row["group"], row["option"]), "")
    assert ("a", "yes") in found([release(pd.DataFrame(rows))], counts)


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("contrasts", {"banner": "section", "group": "a", "residual": "-1.2"}),
        ("contrasts", {"banner": "section", "group": "a", "p_adjusted": "0.22"}),
        ("contrasts", {"banner": "section", "group": "a", "finite_low": "-1.2", "finite_high": "3"}),
        ("associations", {"banner": "section", "p": "0.2", "df": "2"}),
        ("decompositions", {"banner": "section", "groups": "a|b|c", "wave_from": "2025", "wave_to": "2025", "opinion_high": "1.0"}),
        ("weights", {"attributes": "age", "groups": "20s|30s", "smallest_weight": "0.3"}),
        ("nonresponse", {"poststratified": "29.9", "poststratified_low": "20.0", "poststratified_by": "section"}),
        ("nonresponse", {"raked": "29.9", "raked_by": "section"}),
        ("trends", {"banner": "section", "group": "a", "slope": "1.0", "waves": "1", "wave_from": "2025", "wave_to": "2025"}),
    ],
)  # fmt: skip
def test_what_is_too_much_to_set_up_is_refused(name, row):
    with pytest.raises(Undecided):
        _derived(name, row)
