"""Families, both readings, contrasts, trends and means: laws over surveys of random answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline import analysis, definitions, disclosure
from pipeline.analysis.adjustment import adjusted_p
from pipeline.analysis.cubes import tabulate
from pipeline.analysis.hypotheses import welch
from pipeline.analysis.populations import population
from pipeline.model import (
    Net,
    Option,
    Parameters,
    Plan,
    Population,
    PublishedFigure,
    Question,
    SignedGrade,
    Survey,
    Wave,
    frozen_mapping,
)
from tests.conftest import ROOT
from tests.test_analysis import NO_CODINGS, SURVEY, _estimates, _responses


def _with(survey: Survey, **changed) -> Survey:
    """Return the survey with fields of question ``one`` changed."""
    questions = tuple(replace(q, **changed) if q.id == "one" else q for q in survey.questions)
    return replace(survey, questions=questions)


MEAN = _with(
    SURVEY,
    is_ordered=True,
    has_mean=True,
    options=(*SURVEY.question("one").options[:2], Option("c", "C", is_outside_scale=True)),
)


# ---- families ----
def test_a_headline_is_tested_and_every_option_of_many_answers():
    rows = analysis.changes(SURVEY, _estimates(_responses(2, 900)))
    tested = rows[rows["family"] != ""]
    found = set(tested[["question", "option"]].itertuples(index=False, name=None))
    assert found == {("one", "ab"), ("many", "a"), ("many", "b"), ("many", "c")}
    others = rows[
        (rows["question"] == "one")
        & (rows["option"] != "ab")
        & (rows["base_from"] >= 30)
        & (rows["base_to"] >= 30)
    ]
    assert set(others["verdict_reason"]) == {"secondary"} and others["p"].notna().all()
    assert others["p_adjusted"].isna().all() and set(others["verdict_finite"]) == {""}


def test_families_are_by_pair_and_banner_and_hold_no_small_base():
    rows = analysis.changes(SURVEY, _estimates(_responses(2, 900)))
    tested = rows[rows["family"] != ""]
    assert set(tested["family"]) == {"2021-2023:total", "2021-2023:part"}
    assert (tested[["base_from", "base_to"]] >= 30).all(axis=None)
    small = rows[(rows["base_from"] < 30) | (rows["base_to"] < 30)]
    assert len(small) and set(small["verdict_reason"]) == {"base"}
    for method in ("bh", "holm"):
        survey = replace(SURVEY, parameters=Parameters(adjustment=method))
        part = analysis.changes(survey, _estimates(_responses(2, 900), survey)).query(
            "family == '2021-2023:part'"
        )
        expected = adjusted_p(part["p"], part["family"], method)
        np.testing.assert_allclose(part["p_adjusted"], expected)


def test_a_question_without_a_headline_is_tested_on_every_option():
    survey = _with(SURVEY, headline="")
    rows = analysis.changes(survey, _estimates(_responses(2, 900), survey))
    tested = rows[(rows["family"] != "") & (rows["question"] == "one")]
    assert set(tested["option"]) == {"a", "b", "c"}


def test_whole_staff_families_hold_what_is_never_withheld():
    responses = _responses(2, 900)
    closed = _with(SURVEY, is_public=False)
    rows = analysis.changes(closed, _estimates(responses, closed))
    assert set(rows.loc[rows["question"] == "one", "family"]) == {
        "",
        "2021-2023:total:internal",
        "2021-2023:part",
    }
    kept = analysis.changes(SURVEY, _estimates(responses), frozenset({("2021", "many")}))
    total = kept[(kept["banner"] == "total") & (kept["family"] != "")]
    assert set(total["question"]) == {"one"} and (total["p_adjusted"] == total["p"]).all()


def test_both_editions_judge_the_whole_staff_alike():
    responses = _responses(2, 900)
    few = responses["wave"] == "2021"
    for column in [c for c in responses if c.startswith("many")]:
        state = "no_answer" if column == "many" else ""
        responses.loc[few & (np.arange(len(responses)) > 8), column] = state
    cubes = tabulate(SURVEY, responses, NO_CODINGS)
    survey = replace(SURVEY, questions=tuple(replace(q, is_public=True) for q in SURVEY.questions))
    plans = disclosure.internal_plan(survey, cubes), disclosure.public_plan(survey, cubes)
    assert plans[1].withheld == {("2021", "many")}
    made = [
        analysis.changes(survey, analysis.estimates(survey, cubes, plan), plans[1].withheld) for plan in plans
    ]
    keys = ["question", "option", "wave_from", "wave_to"]
    inside, outside = (
        rows[(rows["banner"] == "total") & (rows["family"] != "")].set_index(keys) for rows in made
    )
    assert len(outside) == 1
    columns = ["p_adjusted", "verdict", "verdict_reason", "verdict_finite"]
    pd.testing.assert_frame_equal(inside[columns], outside[columns])


# ---- two readings ----
def test_twice_the_people_and_the_staff_narrow_the_finite_interval():
    responses = _responses(11, 300)
    doubled = replace(SURVEY, waves=tuple(replace(w, population=Population(10_000)) for w in SURVEY.waves))
    once = _estimates(responses)
    twice = _estimates(pd.concat([responses, responses], ignore_index=True), doubled)
    inner = (once["measure"] != "rate") & (once["base"] > 0)
    for low, high in (("low", "high"), ("finite_low", "finite_high")):
        assert ((twice[high] - twice[low])[inner] < (once[high] - once[low])[inner]).all()
    np.testing.assert_array_equal(
        2 * once.loc[inner, "population"] - twice.loc[inner, "population"] > 1.01, False
    )


def test_swapping_the_waves_flips_both_readings():
    survey = replace(MEAN, waves=tuple(replace(w, population=Population(400)) for w in MEAN.waves))
    responses = _responses(12, 600)
    swapped = responses.assign(wave=responses["wave"].map({"2021": "2023", "2023": "2021"}))
    one, other = (analysis.changes(survey, _estimates(rows, survey)) for rows in (responses, swapped))
    for columns in (["low", "high"], ["finite_low", "finite_high"], ["change_low", "change_high"]):
        np.testing.assert_allclose(one[columns[0]], -other[columns[1]], atol=1e-9)
    np.testing.assert_allclose(
        one[["p", "p_adjusted", "p_finite"]], other[["p", "p_adjusted", "p_finite"]], atol=1e-12
    )
    turned = {"up": "down", "down": "up"}
    for column in ("verdict", "verdict_finite"):
        assert one[column].map(lambda word: turned.get(word, word)).tolist() == other[column].tolist()
    assert set(one["verdict_finite"]) - {""}


def test_renamed_ids_change_no_verdict():
    responses = _responses(3, 900)
    renamed = responses.rename(columns={"many.a": "many.z"}).replace({"one": {"a": "z"}})
    options = (Option("z", "A"), *SURVEY.question("one").options[1:])
    nets = (Net("ab", "AB計", ("z", "b")),)
    questions = tuple(
        q if q.is_attribute else replace(q, options=options, nets=nets) for q in SURVEY.questions
    )
    other = replace(SURVEY, questions=questions)
    columns = [
        "change",
        "low",
        "high",
        "p",
        "p_adjusted",
        "p_finite",
        "verdict",
        "verdict_reason",
        "verdict_finite",
    ]
    one, two = (
        analysis.changes(s, _estimates(r, s))[columns] for s, r in ((SURVEY, responses), (other, renamed))
    )
    pd.testing.assert_frame_equal(one, two)


def test_whom_the_respondents_stand_for():
    wave = Wave("2021", "", population=Population(600, "part", frozen_mapping({"g0": 200, "g1": 101})))
    returns = {"all": 450, "g0": 150, "g1": 100, "unknown": 10}
    assert population(wave, "total", "all", 450, returns) == {"population": 600, "population_kind": "roster"}
    assert population(wave, "total", "all", 90, returns) == {
        "population": 120,
        "population_kind": "estimated",
    }
    assert population(wave, "part", "g0+g1", 250, returns) == {"population": 301, "population_kind": "roster"}
    assert population(wave, "part", "g0", 30, returns) == {"population": 40, "population_kind": "estimated"}
    # The roster does not know who left the attribute blank; half a person is rounded up.
    assert population(wave, "part", "g1+unknown", 110, returns) == {
        "population": 147,
        "population_kind": "estimated",
    }
    assert population(replace(wave, population=None), "total", "all", 450, returns)["population"] is None


def test_the_family_of_nagaokakyo():
    survey = definitions.load(ROOT, "nagaokakyo")
    rows = analysis.changes(survey, analysis.estimates(survey, {}, disclosure.public_plan(survey, {})))
    pair = rows[rows["family"] == "2017-2019:total"].set_index("question")
    assert len(pair) == 3
    experience = pair.loc["experience"]
    assert experience["p"] == pytest.approx(0.1651, abs=5e-5)
    assert experience["p_finite"] == pytest.approx(0.00458, abs=5e-6)
    assert (experience["verdict"], experience["verdict_finite"]) == ("unclear", "up")


# ---- contrasts ----
def test_a_group_and_the_rest_are_everybody():
    responses = _responses(4, 900)
    estimates = _estimates(responses)
    rows = analysis.contrasts(SURVEY, estimates)
    whole = estimates[estimates["banner"] == "total"].set_index(["wave", "question", "option"])
    keys = pd.MultiIndex.from_frame(rows[["wave", "question", "option"]])
    for column in ("count", "base"):
        np.testing.assert_array_equal(rows[column] + rows[f"rest_{column}"], whole.loc[keys, column])
    assert "unknown" not in set(rows["group"])
    assert set(rows["family"]) == {"", "2021:part", "2023:part"}


def test_a_group_that_differs_is_called_higher_and_the_others_lower():
    responses = _responses(4, 900)
    is_first = responses["part"] == "g0"
    responses.loc[is_first, "one"] = "a"
    rows = analysis.contrasts(SURVEY, _estimates(responses)).query("question == 'one' and option == 'ab'")
    assert set(rows.loc[rows["group"] == "g0", "verdict"]) == {"higher"}
    assert set(rows.loc[rows["group"] == "g1", "verdict"]) == {"lower"}
    assert np.sign(rows["residual"]).tolist() == np.sign(rows["difference"]).tolist()


def test_withheld_rows_and_merged_unknowns_are_not_contrasted():
    estimates = _estimates(_responses(4, 900))
    hidden = estimates.assign(status=estimates["status"].mask(estimates["question"] == "many", "withheld"))
    hidden["group"] = hidden["group"].replace({"g3": "g3+unknown"})
    rows = analysis.contrasts(SURVEY, hidden)
    assert set(rows["question"]) == {"one"} and "g3+unknown" not in set(rows["group"])


# ---- means ----
def test_means_come_from_the_options_on_the_scale():
    responses = _responses(6, 900)
    estimates = _estimates(responses, MEAN)
    scores = {"a": 100.0, "b": 0.0}
    found = []
    for wave in ("2021", "2023"):
        people = responses[responses["wave"] == wave]
        values = people["one"].map(scores).dropna().to_numpy()
        row = estimates.query("measure == 'mean' and banner == 'total' and wave == @wave").iloc[0]
        assert (row["value"], row["base"], row["base_kind"]) == (
            pytest.approx(values.mean()),
            len(values),
            "scale",
        )
        assert row["low"] < row["finite_low"] < row["value"] < row["finite_high"] < row["high"]
        found += [values.mean(), values.var(ddof=1), len(values)]
    change = analysis.changes(MEAN, estimates).query("measure == 'mean' and banner == 'total'").iloc[0]
    p, low, high = welch(*found, 0.95)
    assert [change["change"], change["p"], change["low"], change["high"]] == pytest.approx(
        [found[3] - found[0], float(p), low, high]
    )
    assert (change["unit"], change["verdict_reason"]) == ("点", "secondary")


def test_a_mean_can_be_the_headline():
    survey = replace(_with(MEAN, headline="mean"), parameters=Parameters(minimum_change_points=3))
    responses = _responses(6, 900)
    responses.loc[(responses["wave"] == "2023") & (responses["one"] == "b"), "one"] = "a"
    row = (
        analysis.changes(survey, _estimates(responses, survey))
        .query("measure == 'mean' and banner == 'total'")
        .iloc[0]
    )
    assert (row["verdict"], row["verdict_finite"], row["family"]) == ("up", "up", "2021-2023:total")
    contrasts = analysis.contrasts(survey, _estimates(responses, survey)).query(
        "measure == 'mean' and wave == '2021'"
    )
    own, rest = contrasts.iloc[0][["value", "base"]], contrasts.iloc[0][["rest_value", "rest_base"]]
    whole = (
        _estimates(responses, survey)
        .query("measure == 'mean' and banner == 'total' and wave == '2021'")
        .iloc[0]
    )
    assert (own["value"] * own["base"] + rest["rest_value"] * rest["rest_base"]) / whole[
        "base"
    ] == pytest.approx(whole["value"])


# ---- trends ----
def _series(counts, bases, *grades, low=None) -> pd.DataFrame:
    """Return the trends of one item with printed counts, a wave every two years from 2015."""
    question = Question("q", "設問", "single", options=(Option("a", "A"),), headline="a")
    keys = [str(2015 + 2 * place) for place in range(len(counts))]
    waves = tuple(Wave(key, key, frozen_mapping({"q": ""})) for key in keys)
    lows = low or counts
    figures = tuple(
        PublishedFigure(*row[:1], "q", "a", *row[1:]) for row in zip(keys, lows, counts, bases, strict=True)
    )
    signed = tuple(SignedGrade("q", a, b, "broken", "理由", "課長", "2025") for a, b in grades)
    survey = Survey("s", "t", "o", (question,), waves, published=figures, comparability=signed)
    return analysis.trends(survey, analysis.estimates(survey, {}, Plan(frozenset({"q"}), {})))


def test_the_slope_of_experience():
    # R: prop.trend.test(c(169, 163, 190), c(406, 418, 435)) and the rest of prop.test's chi-square
    row = _series((169, 163, 190), (406, 418, 435)).iloc[0]
    assert row["p"] == pytest.approx(0.529660198485, abs=1e-11)
    assert row["statistic"] == pytest.approx(1.93270462928655 - 0.3950434379867, abs=1e-10)
    assert (row["df"], row["waves"], row["verdict"], row["verdict_reason"]) == (1, 3, "unclear", "chance")
    assert row["low"] < 0 < row["slope"] < row["high"]


def test_a_steady_rise_is_a_trend_and_a_jump_is_none():
    rising = _series((100, 120, 140, 160), (400,) * 4).iloc[0]
    assert rising["slope"] == pytest.approx(2.5) and rising["verdict"] == "up"
    assert rising["p_nonlinear"] == pytest.approx(1)
    assert _series((160, 140, 120, 100), (400,) * 4).iloc[0]["verdict"] == "down"
    jump = _series((100, 100, 200, 200, 100), (400,) * 5).iloc[0]
    assert (jump["verdict"], jump["verdict_reason"]) == ("unclear", "nonlinear")
    flat = _series((0, 0, 0), (400,) * 3).iloc[0]
    assert (flat["slope"], flat["p"], flat["p_nonlinear"]) == (0, 1, 1)


def test_no_trend_across_a_break_or_from_ranges():
    counts, bases = (100, 120, 140, 160), (400,) * 4
    assert _series(counts, bases, ("2017", "2019")).empty
    cut = _series(counts, bases, ("2015", "2017")).iloc[0]
    assert (cut["wave_from"], cut["waves"]) == ("2017", 3)
    ranged = _series(counts, bases, low=(100, 118, 140, 160)).iloc[0]
    assert np.isnan(ranged["slope"]) and (ranged["verdict"], ranged["verdict_reason"]) == (
        "unclear",
        "rounding",
    )
