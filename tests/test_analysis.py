"""Golden numbers and laws of the analysis room."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import analysis, definitions, disclosure
from pipeline.analysis import comparability
from pipeline.analysis.crosses import chi_square
from pipeline.analysis.cubes import tabulate
from pipeline.analysis.hypotheses import pooled_p
from pipeline.analysis.intervals import newcombe, wilson
from pipeline.frames import CODINGS, Cube, table
from pipeline.model import (
    Cross,
    Net,
    Option,
    Parameters,
    Plan,
    Population,
    PublishedFigure,
    Question,
    ReceivedFile,
    SignedGrade,
    Survey,
    Wave,
    frozen_mapping,
)
from tests.conftest import ROOT


# ---- golden numbers: R 4.2 prop.test(x, n, correct=FALSE)$conf.int gives the Wilson bounds ----
@pytest.mark.parametrize(
    ("count", "base", "low", "high"), [(0, 20, 0, 0.1611252), (42, 100, 0.3279836, 0.5179352), (20, 20, 0.8388748, 1)]
)
def test_wilson(count, base, low, high):
    bounds = wilson(count, base)
    assert bounds[0] == pytest.approx(low, abs=5e-7)
    assert bounds[1] == pytest.approx(high, abs=5e-7)


def test_newcombe_of_the_printed_example():
    # Newcombe 1998, table II: 56/70 against 48/80, method 10: 0.0524 to 0.3339
    low, high = newcombe(48, 80, 56, 70)
    assert (float(low), float(high)) == pytest.approx((0.0524315, 0.3338727), abs=5e-8)


def test_pooled_p():
    # R: prop.test(c(163, 190), c(418, 435), correct = FALSE)$p.value
    assert float(pooled_p(163, 418, 190, 435)) == pytest.approx(0.1650742, abs=1e-7)
    assert float(pooled_p(0, 50, 0, 60)) == 1.0


def test_chi_square():
    # R: chisq.test(matrix(c(12, 5, 7, 9, 14, 3), nrow = 2), correct = FALSE)
    statistic, degrees, p, effect, _ = chi_square(np.array([[12, 7, 14], [5, 9, 3]]))
    expected = np.outer([33, 17], [17, 16, 17]) / 50
    by_hand = (((np.array([[12, 7, 14], [5, 9, 3]]) - expected) ** 2) / expected).sum()
    assert statistic == pytest.approx(by_hand)
    assert degrees == 2
    assert p == pytest.approx(np.exp(-statistic / 2))  # two degrees of freedom: closed form
    assert effect == pytest.approx(np.sqrt(statistic / 50))
    assert np.isnan(chi_square(np.array([[3, 0], [4, 0]]))[0])


# ---- 長岡京市, printed figures ----
@pytest.fixture(scope="module")
def nagaokakyo():
    survey = definitions.load(ROOT, "nagaokakyo")
    estimates = analysis.estimates(survey, {}, disclosure.public_plan(survey, {}))
    return estimates, analysis.changes(survey, estimates)


def _change(changes, question, option, wave_from, wave_to):
    keys = changes[["question", "option", "wave_from", "wave_to"]]
    return changes[(keys == [question, option, wave_from, wave_to]).all(axis=1)].iloc[0]


def _option(survey_id, question, label):
    found = definitions.load(ROOT, survey_id).question(question)
    return next(entry.id for entry in (*found.options, *found.nets) if label in entry.label)


def test_nagaokakyo_response_rates(nagaokakyo):
    rates = nagaokakyo[0].query("measure == 'rate'")
    assert [round(rate, 1) for rate in rates["percent"]] == [75.3, 74.2, 78.0]


def test_nagaokakyo_experience_is_not_called_a_rise(nagaokakyo):
    option = _option("nagaokakyo", "experience", "経験がある")
    shares = nagaokakyo[0].query("question == 'experience' and option == @option")["percent"]
    assert [round(share, 1) for share in shares] == [41.6, 39.0, 43.7]
    row = _change(nagaokakyo[1], "experience", option, "2017", "2019")
    assert round(row["change"], 1) == 4.7
    assert row["p"] == pytest.approx(0.16507, abs=5e-6)
    assert (row["verdict"], row["verdict_reason"]) == ("unclear", "chance")
    fall = _change(nagaokakyo[1], "experience", option, "2015", "2017")
    assert round(fall["change"], 1) == -2.6


def test_nagaokakyo_meaning_is_a_range_that_rises_until_it_is_adjusted(nagaokakyo):
    option = _option("nagaokakyo", "meaning", "計")
    estimate = nagaokakyo[0].query("question == 'meaning' and option == @option and wave == '2017'").iloc[0]
    assert (estimate["count_low"], estimate["count_high"], estimate["base"]) == (314, 318, 418)
    assert np.isnan(estimate["count"])
    row = _change(nagaokakyo[1], "meaning", option, "2017", "2019")
    assert np.isnan(row["change"])
    assert (round(row["change_low"], 1), round(row["change_high"], 1)) == (5.5, 6.5)
    assert 0.02 < row["p_low"] < row["p_high"] < 0.05
    # Three headline items are compared, so .02 to .05 is no longer beyond chance.
    assert (row["verdict"], row["verdict_reason"], row["note"]) == ("unclear", "chance", "概数")
    assert row["p_adjusted"] == pytest.approx(3 * row["p_high"])
    assert row["verdict_finite"] == "up"


def test_nagaokakyo_necessity_is_chance_not_sameness(nagaokakyo):
    option = _option("nagaokakyo", "necessity", "必要だと思う")
    row = _change(nagaokakyo[1], "necessity", option, "2017", "2019")
    assert (round(row["value_from"], 1), round(row["value_to"], 1)) == (44.3, 44.6)
    assert (row["verdict"], row["verdict_reason"]) == ("unclear", "chance")


# ---- the verdict table ----
def _two_waves(x1, n1, x2, n2, **parameters):
    """Return the only change of a survey of one question with one option, asked twice."""
    question = Question("q", "設問", "single", options=(Option("a", "A"),), headline="a")
    waves = tuple(Wave(key, key, frozen_mapping({"q": ""})) for key in ("2021", "2023"))
    figures = tuple(
        PublishedFigure(key, "q", "a", x, x, n) for key, x, n in (("2021", x1, n1), ("2023", x2, n2))
    )
    survey = Survey("s", "t", "o", (question,), waves, published=figures, parameters=Parameters(**parameters))
    estimates = analysis.estimates(survey, {}, Plan(frozenset({"q"}), {}))
    return analysis.changes(survey, estimates).iloc[0]


@pytest.mark.parametrize(
    ("sides", "word"),
    [
        ((100, 400, 160, 400), ("up", "")),
        ((160, 400, 100, 400), ("down", "")),
        ((40, 440, 41, 440), ("same", "")),
        ((163, 418, 190, 435), ("unclear", "chance")),
        ((5, 29, 25, 400), ("unclear", "base")),
        ((2000, 10000, 2200, 10000), ("same", "")),
        ((100, 4000, 400, 4000), ("up", "")),
        # exactly 3 points: not a float's breath below the minimum
        ((4700, 10000, 5000, 10000), ("up", "")),
    ],
)
def test_verdicts(sides, word):
    row = _two_waves(*sides)
    assert (row["verdict"], row["verdict_reason"]) == word
    assert row["note"] == ("小さい差" if sides == (2000, 10000, 2200, 10000) else "")


def test_small_but_significant_differences_are_called_small():
    row = _two_waves(10000, 50000, 11250, 50000, same_margin_points=2.0)
    assert (row["verdict"], row["verdict_reason"]) == ("unclear", "small")


# ---- a survey of random answers ----
OPTIONS = tuple(Option(letter, letter.upper()) for letter in "abc")
FILE = ReceivedFile("x.csv", "csv", "紙")


def _survey() -> Survey:
    groups = tuple(Option(f"g{n}", f"区分{n}") for n in range(4))
    attribute = Question("part", "属性", "single", options=groups, is_attribute=True)
    ab = (Net("ab", "AB計", ("a", "b")),)
    single = Question("one", "単一", "single", options=OPTIONS, nets=ab, headline="ab")
    multiple = Question("many", "複数", "multiple", options=OPTIONS, nets=ab)
    wording = frozen_mapping({"part": "", "one": "", "many": ""})
    waves = tuple(Wave(key, key, wording, Population(5000), files=(FILE,)) for key in ("2021", "2023"))
    return Survey("s", "t", "o", (attribute, single, multiple), waves, crosses=(Cross("part", ("one", "many")),))


SURVEY = _survey()
NO_CODINGS = table(CODINGS, [])


def _responses(seed: int, people: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    one = random.choice(["a", "b", "c", "no_answer", "invalid", "not_applicable"], people, p=[0.4, 0.2, 0.2, 0.1, 0.05, 0.05])
    state = random.choice(["answered", "no_answer"], people, p=[0.9, 0.1])
    rows = {"wave": random.choice(["2021", "2023"], people), "respondent": [f"r{n}" for n in range(people)]}
    rows |= {"file": "x.csv", "mode": "紙", "weight": "1"}
    rows["part"] = random.choice(["g0", "g1", "g2", "g3", "no_answer"], people, p=[0.4, 0.3, 0.2, 0.06, 0.04])
    rows |= {"one": one, "many": state}
    for option in "abc":
        ticked = random.choice(["0", "1"], people)
        rows[f"many.{option}"] = np.where(state == "answered", ticked, "")
    return pd.DataFrame(rows).astype(object)


def _estimates(responses: pd.DataFrame, survey: Survey = SURVEY) -> pd.DataFrame:
    cubes = tabulate(survey, responses, NO_CODINGS)
    plan = disclosure.internal_plan(survey, cubes)
    return analysis.estimates(survey, cubes, plan)


SEEDS = st.integers(0, 10_000)


@settings(deadline=None, max_examples=25)
@given(SEEDS)
def test_shares_of_a_single_answer_add_to_one(seed):
    rows = _estimates(_responses(seed, 300)).query("question == 'one' and measure == 'share'")
    sums = rows.groupby(["wave", "banner", "group"])["count"].sum()
    bases = rows.groupby(["wave", "banner", "group"])["base"].first()
    assert (sums == bases).all()


@settings(deadline=None, max_examples=25)
@given(SEEDS)
def test_a_net_is_summed_from_people(seed):
    responses = _responses(seed, 300)
    rows = _estimates(responses)
    one = rows.query("question == 'one'").set_index(["wave", "banner", "group", "option"])["count"].unstack()
    assert (one["ab"] == one["a"] + one["b"]).all()
    for wave, people in responses.groupby("wave"):
        either = ((people["many.a"] == "1") | (people["many.b"] == "1")).sum()
        net = rows.query("question == 'many' and option == 'ab' and banner == 'total'")
        assert net.loc[net["wave"] == wave, "count"].item() == either


@settings(deadline=None, max_examples=25)
@given(SEEDS)
def test_groups_and_unknown_give_the_total(seed):
    rows = _estimates(_responses(seed, 300)).query("question in ('one', 'many')")
    parts = rows.query("banner == 'part'").groupby(["wave", "question", "option"])[["count", "base"]].sum()
    whole = rows.query("banner == 'total'").set_index(["wave", "question", "option"])[["count", "base"]]
    pd.testing.assert_frame_equal(parts.sort_index(), whole.sort_index(), check_index_type=False)


@settings(deadline=None, max_examples=15)
@given(SEEDS, SEEDS)
def test_the_order_of_respondents_changes_nothing(seed, order):
    responses = _responses(seed, 200)
    shuffled = responses.sample(frac=1, random_state=order).reset_index(drop=True)
    pd.testing.assert_frame_equal(_estimates(responses), _estimates(shuffled))


@settings(deadline=None, max_examples=15)
@given(SEEDS)
def test_doubling_everybody_keeps_shares_and_narrows_intervals(seed):
    responses = _responses(seed, 200)
    once, twice = _estimates(responses), _estimates(pd.concat([responses, responses], ignore_index=True))
    shares = once["measure"] != "rate"
    np.testing.assert_allclose(once.loc[shares, "percent"], twice.loc[shares, "percent"], equal_nan=True)
    inner = shares & (once["base"] > 0)
    assert ((twice["high"] - twice["low"])[inner] < (once["high"] - once["low"])[inner]).all()


@settings(deadline=None, max_examples=15)
@given(SEEDS, st.integers(1, 199))
def test_cubes_of_two_parts_add(seed, cut):
    responses = _responses(seed, 200)
    whole = tabulate(SURVEY, responses, NO_CODINGS)
    parts = [tabulate(SURVEY, part.reset_index(drop=True), NO_CODINGS) for part in (responses[:cut], responses[cut:])]
    for key, cube in whole.items():
        total = parts[0][key] + parts[1][key]
        for counts in ("n", "w", "w2"):
            np.testing.assert_array_equal(getattr(total, counts), getattr(cube, counts))
        np.testing.assert_array_equal(cube.n, cube.w)  # weight 1


def test_cubes_of_different_questions_do_not_add():
    cubes = tabulate(SURVEY, _responses(1, 50), NO_CODINGS)
    with pytest.raises(ValueError, match="axes"):
        cubes["one", "total"] + cubes["many", "total"]


@settings(deadline=None, max_examples=15)
@given(SEEDS)
def test_swapping_the_waves_flips_the_signs(seed):
    responses = _responses(seed, 400)
    swapped = responses.assign(wave=responses["wave"].map({"2021": "2023", "2023": "2021"}))
    one, other = (analysis.changes(SURVEY, _estimates(rows)) for rows in (responses, swapped))
    np.testing.assert_allclose(one["change"], -other["change"], atol=1e-12)
    np.testing.assert_allclose(one["p"], other["p"])
    np.testing.assert_allclose(one["low"], -other["high"], atol=1e-12)


def test_a_renamed_option_id_changes_no_number():
    responses = _responses(3, 300)
    renamed = responses.rename(columns={"many.a": "many.z"}).replace({"one": {"a": "z"}})
    questions = tuple(
        replace(q, options=(Option("z", "A"), *q.options[1:]), nets=(Net("ab", "AB計", ("z", "b")),))
        if not q.is_attribute
        else q
        for q in SURVEY.questions
    )
    numbers = ["count", "base", "percent", "low", "high"]
    one = _estimates(responses)[numbers]
    other = _estimates(renamed, replace(SURVEY, questions=questions))[numbers]
    pd.testing.assert_frame_equal(one, other)


# ---- comparability ----
def _graded(*grades) -> Survey:
    signed = tuple(SignedGrade("one", a, b, word, "理由", "課長", "2025-04-01") for a, b, word in grades)
    wording = frozen_mapping({"one": ""})
    waves = tuple(Wave(key, key, wording, files=(FILE,)) for key in ("2019", "2021", "2023"))
    return replace(SURVEY, waves=waves, comparability=signed)


def test_a_far_pair_takes_the_worst_step_between_unless_signed_itself():
    survey = _graded(("2019", "2021", "broken"), ("2021", "2023", "flagged"))
    assert comparability.grade(survey, "one", "2019", "2023")[0] == "broken"
    assert comparability.grade(survey, "one", "2021", "2023")[0] == "flagged"
    signed = _graded(("2019", "2021", "broken"), ("2019", "2023", "same"))
    assert comparability.grade(signed, "one", "2019", "2023")[0] == "same"


def test_a_signed_row_over_a_wide_pair_counts_for_every_pair_around_it():
    survey = _graded(("2019", "2023", "broken"))
    waves = tuple(Wave(key, key, frozen_mapping({"one": ""}), files=(FILE,)) for key in ("2017", "2019", "2021", "2023", "2025"))
    survey = replace(survey, waves=waves)
    assert comparability.grade(survey, "one", "2017", "2025")[0] == "broken"
    assert comparability.grade(survey, "one", "2019", "2021")[0] == "same"


def test_groups_take_the_worse_of_question_and_attribute():
    signed = SignedGrade("part", "2021", "2023", "flagged", "組織改正", "課長", "2025")
    survey = replace(SURVEY, comparability=(signed,))
    rows = analysis.changes(survey, _estimates(_responses(5, 300), survey))
    groups, total = rows["banner"] == "part", rows["banner"] == "total"
    assert (rows.loc[groups, "comparability"] == "flagged").all() and groups.any()
    assert rows.loc[groups, "note"].str.contains("組織改正").all()
    assert (rows.loc[total, "comparability"] == "same").all()
    assert comparability.worst_of(("flagged", "甲"), ("broken", "乙")) == ("broken", "乙")
    assert comparability.worst_of(("flagged", "甲"), ("flagged", "乙")) == ("flagged", "甲、乙")


def test_a_net_of_options_that_were_not_on_the_form_was_not_asked():
    options = (replace(OPTIONS[0], since="2023"), replace(OPTIONS[1], since="2023"), OPTIONS[2])
    questions = tuple(replace(q, options=options) if q.id == "many" else q for q in SURVEY.questions)
    responses = _responses(7, 300)
    responses.loc[responses["wave"] == "2021", ["many.a", "many.b"]] = ""
    survey = replace(SURVEY, questions=questions)
    rows = _estimates(responses, survey).query("question == 'many' and option == 'ab' and banner == 'total'")
    assert dict(zip(rows["wave"], rows["status"], strict=True)) == {"2021": "not_asked", "2023": "shown"}
    change = analysis.changes(survey, _estimates(responses, survey)).query("option == 'ab' and banner == 'total'")
    assert set(change.loc[change["question"] == "many", "verdict"]) == {"not_comparable"}


def test_response_rates_are_counted_by_the_attribute_with_headcounts():
    population = Population(5000, "part", frozen_mapping({"g0": 300, "g1": 200, "g2": 100, "g3": 50}))
    survey = replace(SURVEY, waves=tuple(replace(wave, population=population) for wave in SURVEY.waves))
    responses = _responses(9, 300)
    rates = _estimates(responses, survey).query("measure == 'rate'")
    for _, row in rates.iterrows():
        people = responses[responses["wave"] == row["wave"]]
        expected = len(people) if row["banner"] == "total" else (people["part"] == row["group"]).sum()
        assert row["count"] == expected
    assert rates.query("group == 'g3'")["base"].tolist() == [50, 50]


def test_a_wave_without_any_answer_has_a_rate_of_zero():
    responses = _responses(1, 100)
    only = responses[responses["wave"] == "2023"].reset_index(drop=True)
    rate = _estimates(only).query("measure == 'rate' and wave == '2021'")
    assert rate[["count", "base", "percent"]].to_numpy().tolist() == [[0, 5000, 0]]


def test_broken_pairs_have_no_change():
    survey = replace(SURVEY, comparability=(SignedGrade("one", "2021", "2023", "broken", "理由", "課長", "2025"),))
    rows = analysis.changes(survey, _estimates(_responses(5, 300), survey)).query("question == 'one'")
    assert (rows["verdict"] == "not_comparable").all()
    assert (rows["verdict_reason"] == "grade").all()
    assert rows[["change", "low", "high", "p", "change_low", "p_low"]].isna().all(axis=None)


def test_pairs_are_consecutive_and_against_the_first():
    wording = {"2017": {"one"}, "2019": set(), "2021": {"one"}, "2023": {"one"}}
    waves = tuple(Wave(k, k, frozen_mapping(dict.fromkeys(asked, ""))) for k, asked in wording.items())
    found = comparability.pairs(replace(SURVEY, waves=waves), "one")
    assert found == [("2017", "2019"), ("2017", "2021"), ("2019", "2021"), ("2017", "2023"), ("2021", "2023")]


# ---- counts that several printed figures fit ----
def test_a_verdict_must_hold_over_the_whole_range():
    survey = definitions.load(ROOT, "nagaokakyo")
    wide = tuple(
        replace(figure, count_low=300, count_high=330) if figure.option == "know" and figure.wave == "2017" else figure
        for figure in survey.published
    )
    survey = replace(survey, published=wide)
    plan = Plan(frozenset({"meaning"}), {})
    estimates = analysis.estimates(survey, {}, plan)
    row = _change(analysis.changes(survey, estimates), "meaning", "know", "2017", "2019")
    assert (row["verdict"], row["verdict_reason"]) == ("unclear", "rounding")


def test_a_cube_merges_groups():
    counts = np.arange(2 * 1 * 3 * 4).reshape(2, 1, 3, 4)
    cube = Cube("q", "b", ("1", "2"), ("all",), ("x", "y", "z"), ("a", "no_answer", "invalid"), counts, counts, counts)
    merged = cube.merged((("x", "z"), ("y",)))
    assert merged.groups == ("x+z", "y")
    np.testing.assert_array_equal(merged.n[:, :, 0], counts[:, :, 0] + counts[:, :, 2])
