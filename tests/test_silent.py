"""Those who did not answer, and the parts of a change: laws of the tables nonresponse, weights, decompositions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import analysis, disclosure
from pipeline.analysis.cubes import tabulate, tabulate_jointly
from pipeline.analysis.decompositions import parts_of_change, present_in_both
from pipeline.analysis.hypotheses import general_p
from pipeline.analysis.tipping import tipping_limit
from pipeline.model import Option, Parameters, Population, Question, SignedGrade, frozen_mapping
from pipeline.report import silent
from tests.test_analysis import NO_CODINGS, SURVEY, _responses

KIND = Question("kind", "職", "single", options=(Option("k0", "甲"), Option("k1", "乙")), is_attribute=True)
PARTS = frozen_mapping({"g0": 400, "g1": 300, "g2": 200, "g3": 100})
KINDS = frozen_mapping({"kind": frozen_mapping({"k0": 550, "k1": 450})})


def _survey(**population):
    people = Population(1000, "part", PARTS, margins=KINDS, **population)
    wording = frozen_mapping({**SURVEY.waves[0].wording, "kind": ""})
    waves = tuple(replace(wave, population=people, wording=wording) for wave in SURVEY.waves)
    questions = tuple(replace(question, is_public=True) for question in (*SURVEY.questions, KIND))
    return replace(SURVEY, questions=questions, waves=waves)


def _answers(seed, people=300):
    rows = _responses(seed, people)
    kinds = np.random.default_rng(seed + 1).choice(["k0", "k1"], people, p=[0.3, 0.7])
    return rows.assign(kind=kinds.astype(object))


def _tables(survey, responses, edition="internal"):
    cubes, joint = tabulate(survey, responses, NO_CODINGS), tabulate_jointly(survey, responses, NO_CODINGS)
    plan = (disclosure.internal_plan if edition == "internal" else disclosure.public_plan)(survey, cubes)
    estimates = analysis.estimates(survey, cubes, plan)
    changes = analysis.changes(survey, estimates)
    return {
        "estimates": estimates,
        "changes": changes,
        "nonresponse": analysis.nonresponse(survey, estimates, changes, joint, plan),
        "weights": analysis.weights(survey, joint, plan),
        "decompositions": analysis.decompositions(survey, cubes, plan),
    }


@pytest.fixture(scope="module")
def made():
    return _tables(_survey(), _answers(5))


# ---- nonresponse and weights -------------------------------------------------------------


def test_cubes_of_two_parts_of_the_answers_add(made):
    responses = _answers(5)
    halves = [responses.iloc[:120].reset_index(drop=True), responses.iloc[120:].reset_index(drop=True)]
    whole = tabulate_jointly(_survey(), responses, NO_CODINGS)
    one, other = (tabulate_jointly(_survey(), half, NO_CODINGS) for half in halves)
    assert whole.keys() == {"response", "one"}
    for question, cube in whole.items():
        added = one[question] + other[question]
        assert np.array_equal(added.n, cube.n) and added.groups == cube.groups


def test_bounds_hold_every_answer_the_silent_could_have_given(made):
    for row in made["nonresponse"].to_dict("records"):
        silent_people = row["population"] - row["returns"]
        size = row["base"] + silent_people
        assert row["bound_low"] == pytest.approx(100 * row["count"] / size)
        assert row["bound_high"] == pytest.approx(100 * (row["count"] + silent_people) / size)
        assert row["bound_low"] <= row["percent"] <= row["bound_high"]
        for way in ("poststratified", "raked"):
            low, high = row[f"{way}_finite_low"], row[f"{way}_finite_high"]
            assert row["bound_low"] <= low <= row[way] <= high <= row["bound_high"]
            assert row[f"{way}_low"] <= low and high <= row[f"{way}_high"]


def test_weights_stand_for_all_staff_and_meet_the_roster(made):
    weights = made["weights"]
    assert set(weights["method"]) == {"poststratified", "raked"}
    assert np.allclose(weights["population"], 1000) and (weights["gap"] < 1e-6).all()
    assert (weights["effective_base"] <= weights["returns"] + 1e-9).all()
    assert np.allclose(weights["design_effect"], weights["returns"] / weights["effective_base"])
    assert set(weights["attributes"]) == {"part", "part+kind"}


def test_the_poststratified_share_is_the_mean_of_the_strata_by_staff():
    responses = _answers(8)
    responses = responses[
        (responses["part"] != "no_answer") & (responses["one"] != "not_applicable")
    ].reset_index(drop=True)
    row = _tables(_survey(), responses)["nonresponse"].query("question == 'one' and wave == '2023'").iloc[0]
    own = responses[responses["wave"] == "2023"]
    shares = own["one"].isin(("a", "b")).groupby(own["part"]).mean()
    assert row["poststratified"] == pytest.approx(sum(100 * shares[g] * n / 1000 for g, n in PARTS.items()))
    assert (row["poststratified_by"], row["raked_by"]) == ("part", "part+kind")


def test_a_roster_like_the_answers_changes_nothing():
    responses = _answers(9)
    own = responses[responses["wave"] == "2023"]
    counts = own["part"].value_counts()
    kinds = own["kind"].value_counts()
    known = counts.drop("no_answer")
    staff = Population(
        int(3 * known.sum()),
        "part",
        frozen_mapping({group: int(3 * known[group]) for group in PARTS}),
    )
    survey = replace(_survey(), waves=tuple(replace(wave, population=staff) for wave in _survey().waves))
    row = _tables(survey, responses)["nonresponse"].query("question == 'one' and wave == '2023'").iloc[0]
    assert len(kinds) == 2
    assert row["poststratified"] == pytest.approx(row["percent"])


def test_twice_the_people_and_staff_leaves_shares_and_narrows_intervals():
    responses = _answers(5)
    once = _tables(_survey(), responses)["nonresponse"]
    people = Population(2000, "part", frozen_mapping({g: 2 * n for g, n in PARTS.items()}))
    people = replace(people, margins=frozen_mapping({"kind": frozen_mapping({"k0": 1100, "k1": 900})}))
    survey = replace(_survey(), waves=tuple(replace(wave, population=people) for wave in _survey().waves))
    again = responses.assign(respondent=responses["respondent"] + "x")
    twice = _tables(survey, pd.concat([responses, again], ignore_index=True))["nonresponse"]
    for column in ("percent", "poststratified", "raked", "bound_low", "bound_high"):
        assert np.allclose(once[column], twice[column])
    for way in ("poststratified", "raked"):
        for reading in ("", "_finite"):
            widths = [table[f"{way}{reading}_high"] - table[f"{way}{reading}_low"] for table in (once, twice)]
            assert (widths[1] < widths[0]).all()


def test_permuting_the_respondents_changes_nothing(made):
    responses = _answers(5)
    shuffled = responses.sample(frac=1, random_state=3).reset_index(drop=True)
    for name, rows in _tables(_survey(), shuffled).items():
        pd.testing.assert_frame_equal(rows, made[name])


def test_trimming_is_stated():
    survey = replace(_survey(), parameters=Parameters(largest_weight=1.2))
    weights = _tables(survey, _answers(5))["weights"].query("method == 'raked'")
    assert (weights["weight_limit"] == 1.2).all() and (weights["trimmed"] > 0).all()
    assert (weights["largest_weight"] <= 1.2 + 1e-9).all() and (weights["gap"] > 0).all()


# ---- tipping point -----------------------------------------------------------------------


def _change(x1, n1, x2, n2, **cells):
    row = {"value_from": 100 * x1 / n1, "value_to": 100 * x2 / n2, "base_from": n1, "base_to": n2}
    p = float(general_p(x1, n1, x2, n2))
    return row | {"verdict": "up" if x2 / n2 > x1 / n1 else "down", "p": p, "p_adjusted": p} | cells


@pytest.mark.parametrize("sides", [(100, 400, 160, 400), (160, 400, 100, 400), (10, 400, 40, 400)])
def test_the_verdict_holds_until_the_limit_and_not_beyond(sides):
    parameters = Parameters()
    x1, n1, _, n2 = sides
    change = _change(*sides)
    limit, direction = tipping_limit(change, parameters)
    assert direction == (-1 if change["verdict"] == "up" else 1) and limit > 0
    for step, is_still in ((-1e-6, True), (1e-6, False)):
        after = (change["value_to"] + direction * (limit + step)) / 100
        is_large = abs(100 * (after - x1 / n1)) >= parameters.minimum_change_points
        assert (bool(general_p(x1, n1, after * n2, n2) <= 0.05) and is_large) == is_still


def test_adjusting_brings_the_limit_nearer_and_the_minimum_bounds_it():
    change = _change(100, 400, 160, 400)
    plain, _ = tipping_limit(change, Parameters())
    adjusted, _ = tipping_limit(change | {"p_adjusted": 3 * change["p"]}, Parameters())
    assert adjusted < plain
    large = _change(40000, 100000, 45000, 100000)
    assert tipping_limit(large, Parameters())[0] == pytest.approx(
        2.0, abs=1e-6
    )  # 5 points less the 3 asked for


def test_no_change_is_lost_on_the_nearer_side():
    limit, direction = tipping_limit(_change(40, 440, 41, 440, verdict="same"), Parameters())
    assert direction == 1 and 0 < limit < 5


def test_the_tipping_point_is_the_limit_over_those_who_did_not_answer():
    rows = _answers(5)
    is_new = rows["wave"] == "2023"
    rows.loc[is_new & rows["one"].isin(("c", "no_answer")), "one"] = "a"
    row = _tables(_survey(), rows)["nonresponse"].query("wave == '2023' and question == 'one'").iloc[0]
    assert row["verdict"] == "up" and row["wave_from"] == "2021"
    assert row["tipping"] == pytest.approx(row["limit"] / (1 - row["returns"] / 1000))
    assert row["tipping_share"] == pytest.approx(row["percent"] - row["tipping"])


@pytest.mark.parametrize(
    ("verdict", "share", "words"),
    [
        ("up", 40.2, "回答した人より12.3ポイント以上低かった場合だけです"),
        ("down", 70.0, "回答した人より12.3ポイント以上高かった場合だけです"),
        ("up", -3.0, "今回回答しなかった人がどう答えていたとしても変わりません"),
    ],
)
def test_what_would_turn_a_conclusion_is_said(verdict, share, words):
    row = {"verdict": verdict, "option_label": "ある", "tipping": 12.34, "tipping_share": share}
    sentence = silent.tipping_sentence(Question("q", "経験", "single"), row)
    assert words in sentence.text and sentence.evidence == (row,)


# ---- decompositions ----------------------------------------------------------------------


def test_parts_add_up_to_the_change_of_the_page(made):
    rows = made["decompositions"]
    assert len(rows)
    changes = (
        made["changes"]
        .query("banner == 'total'")
        .set_index(["question", "option", "wave_from", "wave_to"])["change"]
    )
    for row in rows.to_dict("records"):
        assert row["opinion"] + row["composition"] == pytest.approx(row["change"])
        assert row["change"] == changes[row["question"], row["option"], row["wave_from"], row["wave_to"]]
        for part in ("opinion", "composition"):
            for reading in ("", "_finite"):
                assert row[f"{part}{reading}_low"] <= row[f"{part}{reading}_high"]
            assert row[f"{part}_low"] <= row[part] <= row[f"{part}_high"]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(*[st.integers(1, 50)] * 4), min_size=2, max_size=6))
def test_parts_are_exact_and_swap_sign_with_the_waves(groups):
    counts = np.array(groups, float)
    asked = np.stack([counts[:, 0] + counts[:, 1], counts[:, 2] + counts[:, 3]])
    chosen = np.stack([counts[:, 0], counts[:, 2]])
    opinion, composition = parts_of_change(chosen, asked)
    shares = chosen.sum(axis=1) / asked.sum(axis=1)
    assert opinion + composition == pytest.approx(shares[1] - shares[0])
    back = parts_of_change(chosen[::-1], asked[::-1])
    assert back[0] == pytest.approx(-opinion) and back[1] == pytest.approx(-composition)


def test_parts_of_known_changes():
    same_people = np.array([[40.0, 60], [40, 60]])
    opinion, composition = parts_of_change(np.array([[10.0, 30], [20, 30]]), same_people)
    assert (opinion, composition) == (pytest.approx(0.10), pytest.approx(0.0))
    opinion, composition = parts_of_change(np.array([[10.0, 40], [20, 20]]), np.array([[20.0, 80], [40, 40]]))
    assert (opinion, composition) == (pytest.approx(0.0), pytest.approx(0.0))
    # Only who answered changed: the group at 100 % grew from a half to four fifths.
    opinion, composition = parts_of_change(np.array([[50.0, 0], [80, 0]]), np.array([[50.0, 50], [80, 20]]))
    assert (opinion, composition) == (pytest.approx(0.0), pytest.approx(0.3))


def test_groups_that_one_wave_lacks_are_merged_with_their_successors():
    asked = np.array([[9, 5, 0, 0, 7], [9, 0, 4, 3, 7]])
    assert present_in_both(asked) == [[0], [1, 2, 3], [4]]
    assert present_in_both(np.array([[9, 0], [9, 2]])) == [[0, 1]]
    assert present_in_both(np.array([[0, 9, 0], [0, 9, 0]])) == [[1]]


def test_never_across_a_break_and_never_without_the_attribute():
    broken = SignedGrade("one", "2021", "2023", "broken", "理由", "課長", "2025")
    assert _tables(replace(_survey(), comparability=(broken,)), _answers(5))["decompositions"].empty
    changed = replace(broken, question="part")
    assert _tables(replace(_survey(), comparability=(changed,)), _answers(5))["decompositions"].empty


def test_another_seed_gives_another_interval_and_the_same_parts():
    survey, responses = _survey(), _answers(5)
    cubes = tabulate(survey, responses, NO_CODINGS)
    plan = disclosure.internal_plan(survey, cubes)
    one, again, other = (analysis.decompositions(survey, cubes, plan, seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, again)
    assert one["opinion"].equals(other["opinion"]) and not one["opinion_low"].equals(other["opinion_low"])


# ---- the public edition ------------------------------------------------------------------


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000), st.integers(60, 300))
def test_public_rows_can_be_worked_out_from_public_estimates(seed, people):
    """The weighted share and the parts of a change follow from shown counts and the roster alone."""
    tables = _tables(_survey(), _answers(seed, people), "public")
    shown = tables["estimates"].query("status == 'shown' and question == 'one' and option == 'ab'")
    by_group = shown.set_index(["wave", "banner", "group"])
    for row in tables["nonresponse"].to_dict("records"):
        assert np.isnan(row["raked"]) and row["raked_by"] == ""
    assert "raked" not in set(tables["weights"]["method"])
    for row in tables["decompositions"].to_dict("records"):
        sides = []
        for wave in (row["wave_from"], row["wave_to"]):
            groups = [part for part in row["groups"].split("|")]
            known = by_group.sort_index().loc[wave, row["banner"]]
            sides.append(
                [sum(known["count"].get(g, 0) for g in _shown(part, known.index)) for part in groups]
            )
            sides.append([sum(known["base"].get(g, 0) for g in _shown(part, known.index)) for part in groups])
        chosen, asked = np.array([sides[0], sides[2]], float), np.array([sides[1], sides[3]], float)
        opinion, composition = parts_of_change(chosen, asked)
        assert 100 * opinion == pytest.approx(row["opinion"])
        assert 100 * composition == pytest.approx(row["composition"])


def _shown(part, index):
    """Return the shown groups that a part is made of."""
    names = set(part.split("+"))
    return [group for group in index if set(group.split("+")) <= names]


def test_an_attribute_that_is_not_public_weights_nothing_in_public():
    survey = _survey()
    hidden = tuple(replace(q, is_public=not q.is_attribute) for q in survey.questions)
    tables = _tables(replace(survey, questions=hidden), _answers(5), "public")
    rows = tables["nonresponse"]
    assert rows["poststratified"].isna().all() and rows["raked"].isna().all()
    assert tables["weights"].empty and tables["decompositions"].empty
    assert rows["bound_low"].notna().all()


def test_a_share_is_weighted_in_public_by_an_attribute_whose_parts_are_shown():
    tables = _tables(_survey(), _answers(5), "public")
    row = tables["nonresponse"].query("wave == '2023'").iloc[0]
    parts = tables["weights"].query("wave == '2023'").iloc[0]
    assert row["poststratified_by"] == parts["attributes"] == "part"
    assert parts["groups"] == "g0|g1|g2+g3+unknown" or "unknown" in parts["groups"]


def test_what_is_withheld_has_no_numbers():
    responses = _responses(11, 300).assign(kind="k0")
    few = responses[(responses["wave"] == "2023") | (responses.index < 12)].reset_index(drop=True)
    rows = _tables(_survey(), few, "public")["nonresponse"].query("wave == '2021'")
    assert (rows["status"] == "withheld").all()
    numbers = ["count", "base", "percent", "returns", "poststratified", "bound_low", "bound_high", "tipping"]
    assert rows[numbers].isna().all(axis=None)
