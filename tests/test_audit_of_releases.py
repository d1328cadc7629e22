"""What an outsider knows who kept every release: other masks, other groups, corrected numbers."""

from __future__ import annotations

import pandas as pd
import pytest

from pipeline.disclosure import audit
from pipeline.disclosure.audit.editions import still_true
from pipeline.disclosure.audit.hearing import judged
from pipeline.model import Option, Question, Survey, Wave, frozen_mapping
from tests.test_audit import COUNTS, SAFE, estimates, release

#: Four groups of two answers, two of them withheld; then shown two by two.
FOUR = {"a": (9, 2), "b": (8, 6), "c": (10, 5), "d": (12, 9)}
TWO = {"a+b": (17, 8), "c+d": (22, 14)}
HIDDEN = {("a", "yes"), ("a", "no"), ("c", "yes"), ("c", "no")}


def survey() -> Survey:
    asked = Question("q", "q", "single", options=(Option("yes", "y"), Option("no", "n")))
    groups = tuple(Option(group, group) for group in FOUR)
    section = Question("section", "s", "single", options=groups, is_attribute=True)
    wording = frozen_mapping({"q": "", "section": ""})
    return Survey("t", "t", "o", (asked, section), (Wave(key="2025", label="2025", wording=wording),))


def confidential(counts) -> audit.Confidential:
    rows = estimates(counts)
    return audit.Confidential.of(
        rows.assign(**{name: pd.to_numeric(rows[name]) for name in ("count", "base")})
    )


def places(releases, counts=COUNTS):
    judgement = judged(survey(), releases, confidential(counts))
    assert judgement.result in (audit.PASSED, "exposed")
    return judgement.places


def test_another_mask_opens_the_cells_of_the_first_one():
    first = release(estimates(COUNTS, hidden=SAFE))
    other = {("a", "yes"), ("a", "no"), ("b", "yes"), ("b", "no")}
    second = release(estimates(COUNTS, hidden=other))
    assert places([first]) == places([second]) == ()
    assert places([first, second]) == (("2025", "q", "section"),)


def test_merged_groups_open_what_an_older_release_withheld():
    first, second = release(estimates(FOUR, hidden=HIDDEN)), release(estimates(TWO))
    assert places([first], FOUR) == ()
    assert places([first, second], FOUR) == (("2025", "q", "section"),)


def test_a_corrected_number_is_no_equation_any_more():
    """The first edition had one person of b too few: both as they stand would contradict each other."""
    wrong = {**COUNTS, "b": (COUNTS["b"][0] - 1, COUNTS["b"][1])}
    first, second = release(estimates(wrong, hidden=SAFE)), release(estimates(COUNTS, hidden=SAFE))
    assert places([first, second]) == ()
    kept, last = still_true([first, second])
    assert kept["estimates"].query("question == 'q'").empty and last["estimates"].equals(second["estimates"])


def test_a_number_told_no_longer_is_still_known():
    first = release(estimates(COUNTS, hidden=SAFE))
    second = release(estimates(COUNTS, hidden={*SAFE, ("b", "yes")}))
    kept, _ = still_true([first, second])
    assert kept["estimates"].equals(first["estimates"])


@pytest.mark.parametrize(
    ("wave", "is_gone"), [("2021", False), ("2023", True), ("2024", True), ("2025", True), ("2027", False)]
)
def test_a_pair_of_waves_goes_with_a_corrected_wave_inside_it(wave, is_gone):
    rows = [
        {
            "wave": wave,
            "question": "q",
            "banner": "total",
            "group": "all",
            "option": "yes",
            "measure": "share",
        }
    ]
    told = dict.fromkeys(("count", "base", "percent", "value"), "10") | {"status": "shown"}
    old, new = (pd.DataFrame([rows[0] | told | {"count": count}]) for count in ("10", "11"))
    pair = pd.DataFrame([{"question": "q", "wave_from": "2023", "wave_to": "2025", "change": "1.0"}])
    kept, _ = still_true([{"estimates": old, "changes": pair}, {"estimates": new}])
    assert kept["changes"].empty is is_gone


def test_what_is_new_gives_way_to_what_was_approved():
    """Either cross left out would do; the one that no release shows yet is named."""
    rows = estimates(COUNTS)
    by_age = rows[rows["banner"] == "section"].assign(banner="age")
    tables = release(rows, by_age)
    approved = release(by_age)
    truth = confidential(COUNTS)
    truth = audit.Confidential(
        truth.people
        | {(*place[:2], "age", *place[3:]): n for place, n in truth.people.items() if place[2] == "section"},
        truth.bases
        | {(*place[:2], "age", *place[3:]): n for place, n in truth.bases.items() if place[2] == "section"},
    )
    judgement = judged(survey(), [approved, tables], truth)
    assert judgement.result == "exposed"
    tried = []

    def passes_without_one(_, releases, __):
        tried.append(
            set(map(tuple, releases[-1]["estimates"][["question", "banner"]].drop_duplicates().to_numpy()))
        )
        return audit.Judgement(audit.PASSED, 0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.disclosure.audit.hearing.judged", passes_without_one)
        chosen = audit.fewest_left_out(survey(), tables, truth, judgement, [approved])
    assert chosen == (("q", "section"),) and ("q", "age") in tried[0] and ("q", "section") not in tried[0]
