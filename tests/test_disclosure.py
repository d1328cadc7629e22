"""The public edition: what it must never hold, and what cannot be worked out from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipeline import analysis, disclosure
from pipeline.analysis.cubes import tabulate
from pipeline.disclosure.gate import withheld_tables
from pipeline.disclosure.plan import merged_parts
from pipeline.frames import Cube
from pipeline.model import Asked, Cross, Net, Population, Question, Route, SignedGrade, frozen_mapping
from tests.test_analysis import NO_CODINGS, OPTIONS, SURVEY, _responses

PUBLIC = replace(SURVEY, questions=tuple(replace(q, is_public=True) for q in SURVEY.questions))


def _editions(survey, responses):
    cubes = tabulate(survey, responses, NO_CODINGS)
    plans = (disclosure.internal_plan(survey, cubes), disclosure.public_plan(survey, cubes))
    return [analysis.estimates(survey, cubes, plan) for plan in plans], plans[1]


@settings(deadline=None, max_examples=6, phases=(Phase.generate,))
@given(st.integers(0, 10_000), st.integers(30, 400))
def test_every_public_group_has_enough_answers_and_parts_make_the_whole(seed, people):
    (_, public), plan = _editions(PUBLIC, _responses(seed, people))
    shown = public.query("status == 'shown' and measure == 'share' and question in ('one', 'many')")
    states = shown["option"].isin(("no_answer", "invalid"))
    silent = shown[states].groupby(["wave", "question", "banner", "group"])["count"].sum()
    bases = shown.groupby(["wave", "question", "banner", "group"])["base"].first()
    assert (bases.sub(silent, fill_value=0) >= 10).all()
    # a share of one or two people is in no group
    in_groups = shown.query("banner == 'part'")
    assert not in_groups["count"].isin((1, 2)).any()
    # what an outsider gets by subtracting visible groups from the total is nobody
    keys = ["wave", "question", "option"]
    hidden = public.query("status == 'withheld'").set_index(keys).index
    in_groups = in_groups[~pd.MultiIndex.from_frame(in_groups[keys]).isin(hidden)]
    parts = in_groups.groupby(keys)[["count", "base"]].sum()
    whole = shown.query("banner == 'total'").set_index(["wave", "question", "option"])[["count", "base"]]
    both = parts.join(whole, suffixes=("", "_whole"), how="inner")
    assert (both["count"] == both["count_whole"]).all()
    assert (both["base"] == both["base_whole"]).all()


@settings(deadline=None, max_examples=6, phases=(Phase.generate,))
@given(st.integers(0, 10_000))
def test_merged_groups_cannot_be_told_apart_over_the_waves(seed):
    """The parts are the same in every wave: no change row takes a merged group apart."""
    (_, public), _ = _editions(PUBLIC, _responses(seed, 150))
    groups = public.query("banner == 'part'").groupby(["question", "wave"])["group"].agg(frozenset)
    for question in groups.index.unique("question"):
        names = set().union(*groups[question])
        parts = [set(name.split("+")) for name in names]
        assert sum(map(len, parts)) == len(set().union(*parts))


def test_a_wave_with_few_answers_is_withheld_as_a_whole_and_gives_no_change():
    responses = _responses(11, 300)
    few = responses[(responses["wave"] == "2023") | (responses.index < 12)].reset_index(drop=True)
    assert 0 < (few["wave"] == "2021").sum() < 10
    (internal, public), plan = _editions(PUBLIC, few)
    assert {("2021", "one"), ("2021", "many")} <= plan.withheld
    rows = public.query("wave == '2021' and question in ('one', 'many')")
    assert len(rows) and (rows["status"] == "withheld").all()
    assert rows[["count", "count_low", "count_high", "base", "percent", "low", "high"]].isna().all(axis=None)
    assert internal.query("wave == '2021' and question == 'one'")["count"].notna().all()
    changes = analysis.changes(PUBLIC, public).query("question == 'one'")
    hidden = ["value_from", "value_to", "change", "low", "high", "p", "p_low", "change_low", "base_from", "base_to"]
    assert (changes["status"] == "withheld").all()
    assert changes[hidden].isna().all(axis=None)
    assert (changes["verdict_reason"] == "withheld").all()


def test_internal_attributes_stay_inside_and_sensitive_questions_are_stricter():
    (internal, public), _ = _editions(replace(SURVEY, questions=tuple(replace(q, is_public=not q.is_attribute) for q in SURVEY.questions)), _responses(2, 300))
    assert set(internal["banner"]) == {"total", "part"}
    assert set(public["banner"]) == {"total"}
    assert "part" not in set(public["question"])
    sensitive = tuple(replace(q, is_sensitive=q.id == "one") for q in PUBLIC.questions)
    (_, public), _ = _editions(replace(PUBLIC, questions=sensitive), _responses(2, 300))
    # a sensitive question may be crossed, and shows nothing of fewer than five people
    assert set(public.query("banner == 'part'")["question"]) == {"one", "many"}
    own = public.query("question == 'one' and status == 'shown' and measure == 'share'")
    assert len(own) and not own["count"].isin((1, 2, 3, 4)).any()


def _cube(answers: list[list[int]], groups: str = "abcd") -> Cube:
    """answers[wave][group]: people asked, all of whom answered."""
    n = np.zeros((len(answers), 1, len(answers[0]), 4), dtype=int)
    n[:, 0, :, 0] = n[:, 0, :, 1] = answers
    waves = tuple(str(2019 + 2 * w) for w in range(len(answers)))
    return Cube("q", "b", waves, ("all",), tuple(groups[: len(answers[0])]), ("x", "no_answer", "invalid"), n, n, n)


@pytest.mark.parametrize(
    ("answers", "parts"),
    [
        ([[20, 20, 20, 20]], ["a", "b", "c", "d"]),
        ([[20, 20, 20, 4]], ["a", "b", "c+d"]),
        ([[4, 20, 20, 20]], ["a+b", "c", "d"]),
        ([[20, 3, 3, 20]], ["a+b+c", "d"]),
        ([[4, 4, 3, 2]], ["a+b+c+d"]),
        ([[20, 20, 20, 20], [20, 20, 20, 9]], ["a", "b", "c+d"]),
        # a department that did not exist yet is not small
        ([[20, 20, 20, 0], [20, 20, 20, 20]], ["a", "b", "c", "d"]),
        ([[2, 2, 2, 2]], ["a+b+c+d"]),
    ],
)
def test_small_groups_join_their_neighbours(answers, parts):
    cube = _cube(answers)
    start = tuple((group,) for group in cube.groups)
    assert ["+".join(part) for part in merged_parts(cube, cube, list(cube.waves), 10, start)] == parts


def test_returns_of_small_groups_are_merged_like_their_answers():
    headcounts = frozen_mapping({"g0": 300, "g1": 200, "g2": 100, "g3": 50})
    waves = tuple(replace(wave, population=Population(5000, "part", headcounts)) for wave in PUBLIC.waves)
    survey = replace(PUBLIC, waves=waves)
    (internal, public), _ = _editions(survey, _responses(4, 150))
    assert set(internal.query("measure == 'rate' and banner == 'part'")["group"]) == {"g0", "g1", "g2", "g3"}
    shown = public.query("measure == 'rate' and banner == 'part'")
    assert len(shown) and (shown["count"] >= 10).all()
    assert "g3" not in set(shown["group"])


def test_a_broken_pair_stays_broken_when_it_is_withheld():
    signed = SignedGrade("one", "2021", "2023", "broken", "理由", "課長", "2025")
    responses = _responses(11, 300)
    few = responses[(responses["wave"] == "2023") | (responses.index < 12)].reset_index(drop=True)
    (_, public), _ = _editions(PUBLIC, few)
    rows = analysis.changes(replace(PUBLIC, comparability=(signed,)), public).query("question == 'one'")
    assert set(rows["verdict"]) == {"not_comparable"} and set(rows["status"]) == {"withheld"}


def test_edition_of_printed_figures_needs_no_cube(nagaokakyo_workspace):
    from pipeline import definitions

    survey = definitions.load(nagaokakyo_workspace, "nagaokakyo")
    plan = disclosure.public_plan(survey, {})
    assert plan.toplines == {question.id for question in survey.questions}
    assert (analysis.estimates(survey, {}, plan)["basis"] == "published").all()


# ---- a question asked only of those who chose "a" before ----
WHY = Question("why", "理由", "single", options=OPTIONS, route=Route("one", ("a",)))
ROUTED = replace(
    PUBLIC,
    questions=(*PUBLIC.questions, WHY),
    crosses=(Cross("part", ("one", "why")),),
    waves=tuple(replace(w, wording=frozen_mapping({**w.wording, "why": ""})) for w in PUBLIC.waves),
)


def _routed_responses(seed: int, people: int):
    responses = _responses(seed, people)
    random = np.random.default_rng(seed)
    chosen = random.choice(["a", "b", "no_answer"], people)
    return responses.assign(why=np.where(responses["one"] == "a", chosen, "not_applicable"))


@settings(deadline=None, max_examples=6, phases=(Phase.generate,))
@given(st.integers(0, 10_000), st.integers(20, 400))
def test_bases_of_a_routed_question_say_no_more_than_its_filter(seed, people):
    responses = _routed_responses(seed, people)
    (_, public), plan = _editions(ROUTED, responses)
    fine, coarse = plan.crosses.get(("one", "part"), ()), plan.crosses.get(("why", "part"), ())
    if coarse:
        assert fine, "the routed question is cut by groups although its filter is not"
        assert all(any(set(part) <= set(whole) for whole in coarse) for part in fine)
    # every part with people in a wave has a row: an absent one would say that nobody was asked
    for wave, there in responses.groupby("wave"):
        groups = set(public[(public["wave"] == wave) & (public["question"] == "why") & (public["banner"] == "part")]["group"])
        present = {"+".join(part) for part in coarse if there["part"].replace("no_answer", "unknown").isin(part).any()}
        assert groups >= present


def test_a_withheld_filter_withholds_what_it_leads_to_and_keeps_every_row():
    responses = _routed_responses(11, 300)
    few = responses[(responses["wave"] == "2023") | (responses.index < 12)].reset_index(drop=True)
    few.loc[few["wave"] == "2021", "one"] = "b"  # nobody is led to the next question
    few.loc[few["wave"] == "2021", "why"] = "not_applicable"
    (_, public), plan = _editions(ROUTED, few)
    assert {("2021", "one"), ("2021", "why")} <= plan.withheld
    rows = public.query("wave == '2021' and question in ('one', 'why')")
    assert (rows["status"] == "withheld").all()
    for question in ("one", "why"):
        own = public[public["question"] == question]
        keys = own.groupby("wave").apply(lambda part: set(zip(part["banner"], part["group"], part["option"], strict=True)))
        assert keys["2021"] >= keys["2023"]


def test_an_attribute_shows_only_the_groups_that_stand_alone():
    (internal, public), plan = _editions(PUBLIC, _responses(4, 150))
    merged = {group for part in plan.crosses["response", "part"] if len(part) > 1 for group in part}
    assert merged
    rows = public.query("question == 'part'")
    hidden = rows["option"].isin(merged) | (rows["option"].isin(["no_answer", "invalid"]) & ("unknown" in merged))
    assert (rows.loc[hidden, "status"] == "withheld").all() and rows.loc[hidden, "count"].isna().all()
    assert (rows.loc[~hidden, "count"] >= 10).all()
    missing = 150 - rows[~hidden].groupby("wave")["count"].sum().sum()
    assert missing >= 20  # two waves with at least ten people each


def _answers(question: str, banner: str, rows: list[tuple[int, ...]]) -> Cube:
    """rows: people of each group by a, b, c and no answer."""
    n = np.array([[sum(row), *row, 0, sum(row[:3])] for row in rows])[None, None]
    groups = ("all",) if banner == "total" else ("g0", "g1", "g2")
    return Cube(question, banner, ("2023",), ("all",), groups, (*"abc", "no_answer", "invalid", "any"), n, n, n)


@pytest.mark.parametrize("is_of_the_wave", [False, True])
def test_where_a_filter_is_withheld_nothing_it_leads_to_is_shown(is_of_the_wave):
    """Also where only the wave's own form has the route, and where nets hide the filter's answer in the end."""
    how = frozen_mapping({"2023": Asked(route=WHY.route)})
    why = replace(WHY, route=None, asked=how) if is_of_the_wave else WHY
    one = replace(ROUTED.question("one"), nets=(Net("any", "計", ("a", "b", "c")),), headline="any")
    survey = replace(ROUTED, questions=(one, why))
    counts = {"one": [(40, 2, 5, 5), (40, 6, 6, 5), (40, 9, 9, 5)], "why": [(20, 8, 7, 5)] * 3}
    cubes, crosses = {}, {}
    for question, rows in counts.items():
        cubes[question, "part"] = _answers(question, "part", rows)
        cubes[question, "total"] = _answers(question, "total", [tuple(map(sum, zip(*rows, strict=True)))])
        crosses[question, "part"] = (("g0",), ("g1",), ("g2",))
    found = withheld_tables(survey, cubes, crosses, frozenset(), {"one", "why"})
    assert {option for _, option in found["2023", "one", "part"]} == {"a", "b", "c"}
    assert {option for _, option in found["2023", "why", "part"]} == {"a", "b", "c", "no_answer"}


def test_a_sensitive_filter_of_few_withholds_the_whole_staffs_answers_to_what_it_leads_to():
    """Four people chose ``a``: as the base of the next question the number would stand there."""
    one = replace(ROUTED.question("one"), nets=(), headline="", is_sensitive=True)
    survey = replace(ROUTED, questions=(one, WHY))
    cubes = {
        ("one", "total"): _answers("one", "total", [(4, 70, 26, 0)]),
        ("why", "total"): _answers("why", "total", [(2, 1, 1, 0)]),
    }
    found = withheld_tables(survey, cubes, {}, frozenset(), {"one", "why"})
    assert ("all", "a") in found["2023", "one", "total"]
    assert {option for _, option in found["2023", "why", "total"]} == {"a", "b", "c"}
