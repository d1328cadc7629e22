"""The inference judged from outside: printed examples, R with its package survey, cr.cube, and simulation."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.special import gammaln, stdtr

from pipeline.analysis.adjustment import adjusted_p
from pipeline.analysis.comparison import compared
from pipeline.analysis.crosses import adjusted_residuals, chi_square, permutation_p
from pipeline.analysis.hypotheses import (
    difference_error,
    finite_p,
    fisher_p,
    general_p,
    pooled_p,
    pooled_z,
    two_sided,
    welch,
)
from pipeline.analysis.intervals import (
    clopper_pearson,
    finite_factor,
    mean_bounds,
    newcombe,
    t_quantile,
    unsampled,
    wilson,
)
from pipeline.analysis.verdicts import CHANCE, DOWN, SAME, SMALL, UP, outcomes
from pipeline.model import Parameters
from tests.conftest import ROOT

SCRIPT = ROOT / "tests" / "goldens" / "inference.R"
FROZEN = SCRIPT.with_suffix(".csv")
#: Digits that R prints; the numbers themselves agree further.
EXACT = dict(rel=1e-9, abs=1e-12)


# ---- printed examples ----
def test_the_finite_wilson_interval():
    # 61/75 of 415 and 12/100 of 400: Wilson(p, n/f), f = (N − n)/(N − 1)
    assert np.array(wilson(61, 75, population=415)) == pytest.approx([0.7213853094, 0.8799851402], abs=5e-11)
    assert np.array(wilson(12, 100, population=400)) == pytest.approx([0.0751856558, 0.1861493163], abs=5e-11)


def test_the_finite_wilson_interval_knows_what_is_certain():
    assert np.array(wilson(12, 100, population=100)).tolist() == [0.12, 0.12]
    # Of 103 people 100 answered, all of them no: at most 3 can say yes.
    assert float(wilson(0, 100, population=103)[1]) <= 3 / 103
    assert float(wilson(100, 100, population=103)[0]) >= 100 / 103
    assert np.isnan(wilson([5, 0, 9], 9, population=np.nan)).all()
    # A roster that is out of date must not turn the interval inside out.
    assert np.array(wilson(12, 100, population=90)).tolist() == [0.12, 0.12]


def test_newcombe_in_both_readings():
    # Newcombe 1998, table II: 56/70 against 48/80, method 10: 0.0524 to 0.3339
    assert np.array(newcombe(48, 80, 56, 70)) == pytest.approx([0.0524315, 0.3338727], abs=5e-8)
    one, other = wilson(48, 80, population=100), wilson(56, 70, population=90)
    low, high = newcombe(48, 80, 56, 70, population_from=100, population_to=90)
    assert low == pytest.approx(0.2 - np.hypot(0.8 - other[0], one[1] - 0.6))
    assert high == pytest.approx(0.2 + np.hypot(other[1] - 0.8, 0.6 - one[0]))


def test_experience_of_nagaokakyo_in_both_readings():
    sides = 163, 418, 190, 435
    assert float(general_p(*sides)) == pytest.approx(0.1651, abs=5e-5)
    assert float(pooled_z(*sides, 563, 558)) == pytest.approx(2.835, abs=5e-4)
    assert float(finite_p(*sides, 563, 558)) == pytest.approx(0.00458, abs=5e-6)


def test_clopper_pearson_of_the_printed_examples():
    # 0/20 → (0, .168433), 42/100 → (.321986, .522881)
    low, high = clopper_pearson([0, 42, 20, 0], [20, 100, 20, 0])
    assert low[:3] == pytest.approx([0, 0.321986, 0.831567], abs=5e-7)
    assert high[:3] == pytest.approx([0.168433, 0.522881, 1], abs=5e-7)
    assert np.isnan(low[3]) and np.isnan(high[3])


def test_adjustment_of_the_printed_example():
    p, family = [0.05, 0.01, 0.03, 0.02, 0.04], ["a"] * 5
    assert adjusted_p(p, family, "bh") == pytest.approx([0.05] * 5)
    assert adjusted_p(p, family, "holm") == pytest.approx([0.09, 0.05, 0.09, 0.08, 0.09])


def test_families_are_adjusted_apart_and_strangers_not_at_all():
    p = [0.01, 0.04, 0.02, 0.5, np.nan, 0.001]
    family = ["a", "b", "a", "b", "a", ""]
    for method in ("bh", "holm"):
        found = adjusted_p(p, family, method)
        assert found[[0, 2]] == pytest.approx(adjusted_p([0.01, 0.02], ["x", "x"], method))
        assert found[[1, 3]] == pytest.approx(adjusted_p([0.04, 0.5], ["x", "x"], method))
        assert np.isnan(found[[4, 5]]).all()


def test_meaning_from_2017_to_2019_is_no_rise_among_three_headline_items():
    # 意味の認知 316/418 → 355/435 in the middle of its range, 経験 163/418 → 190/435, 必要性 185/418 → 194/435
    p = general_p([316, 163, 185], 418, [355, 190, 194], 435)
    assert p[0] == pytest.approx(0.032, abs=5e-4)
    assert adjusted_p(p, ["2017-2019:total"] * 3, "bh")[0] == pytest.approx(0.097, abs=1e-3)


# ---- R ----
def _numbers(text: str) -> dict[str, np.ndarray]:
    found: dict[str, list[float]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        found.setdefault(row["name"].rpartition(".")[0], []).append(float(row["value"]))
    return {name: np.array(values) for name, values in found.items()}


@pytest.fixture(scope="module")
def r():
    """What R says: asked again where it is installed with survey, else as it was written down."""
    frozen = _numbers(FROZEN.read_text(encoding="utf-8"))
    if shutil.which("Rscript") is None:
        return frozen
    asked = subprocess.run(["Rscript", str(SCRIPT)], capture_output=True, text=True)
    if asked.returncode:
        return frozen
    now = _numbers(asked.stdout)
    assert list(now) == list(frozen)
    for name, values in now.items():
        assert values == pytest.approx(frozen[name], **EXACT), name
    return now


def test_shares_and_their_tests_are_those_of_r(r):
    assert np.array(wilson(163, 418)) == pytest.approx(r["wilson"], **EXACT)
    assert np.array(clopper_pearson(163, 418)) == pytest.approx(r["clopper_pearson"], **EXACT)
    assert pooled_p(163, 418, 190, 435) == pytest.approx(r["pooled"][0], **EXACT)
    found = fisher_p([3, 1, 0, 2], [20, 30, 40, 1000], [9, 1, 5, 6], [25, 33, 60, 350])
    assert found == pytest.approx(r["fisher"], **EXACT)


def test_adjustment_is_that_of_r(r):
    p = [0.0003, 0.011, 0.02, 0.02, 0.04, 0.3, 0.9]
    for method in ("bh", "holm"):
        assert adjusted_p(p, ["a"] * 7, method) == pytest.approx(r[method], **EXACT)


def test_a_cross_is_that_of_r(r):
    counts = np.array([[12, 7, 14, 8], [5, 9, 3, 8]])
    statistic, degrees, p, _, _ = chi_square(counts)
    assert ([statistic, p], degrees) == (pytest.approx(r["chi_square"], **EXACT), 3)
    assert adjusted_residuals(counts).T.ravel() == pytest.approx(r["residuals"], **EXACT)
    # Drawn, not counted out: within four standard errors of the exact p.
    exact, draws = r["permutation"][0], 20_000
    drawn = permutation_p(np.array([[3, 1, 0], [2, 5, 4], [0, 1, 6]]), draws, seed=3)
    assert drawn == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / draws))


def test_means_of_the_sample_are_those_of_survey(r):
    scores = np.array([100, 200 / 3, 100 / 3, 0])
    counts, staff = np.array([[38, 172, 156, 60], [36, 166, 161, 70]]), np.array([582, 604])
    n = counts.sum(axis=1)
    mean = counts @ scores / n
    variance = (counts @ scores**2 - n * mean**2) / (n - 1)
    for reading, people in (("general", None), ("finite", staff)):
        assert mean == pytest.approx(r[f"mean_{reading}"], **EXACT)
        low, high = mean_bounds(mean, variance, n, 0.95, people)
        error = (high - low) / 2 / t_quantile(n - 1, 0.95)
        assert error == pytest.approx(r[f"mean_error_{reading}"], **EXACT)
        factors = unsampled(n, people)
        error, _ = difference_error(variance[0], n[0], variance[1], n[1], factors)
        assert [mean[1] - mean[0], error] == pytest.approx(r[f"mean_change_{reading}"], **EXACT)
    plain, degrees = difference_error(variance[0], n[0], variance[1], n[1])
    assert (mean[1] - mean[0]) / plain == pytest.approx(r["sample_ttest"][0], **EXACT)
    p, low, high = welch(mean[0], variance[0], n[0], mean[1], variance[1], n[1], 0.95)
    assert low < 0 < high and 0.3 < p < 0.4
    want = counts[:, :2].sum(axis=1)
    table = np.column_stack([n - want, want])
    assert chi_square(table)[0] == pytest.approx(r["sample_chisq"][0], **EXACT)
    assert pooled_z(want[0], n[0], want[1], n[1]) ** 2 == pytest.approx(r["sample_chisq"][0], **EXACT)
    # survey's exact interval stands on n − 1 people.
    assert np.array(clopper_pearson(want[0] / n[0] * (n[0] - 1), n[0] - 1)) == pytest.approx(
        r["sample_beta"], **EXACT
    )


def test_the_api_data_give_what_survey_gives(r):
    table = r["api_table"].reshape(2, 3).T
    assert chi_square(table)[0] == pytest.approx(r["api_chisq"][0], **EXACT)
    n, yes = table.sum(), table[:, 1].sum()
    assert np.array(clopper_pearson(yes / n * (n - 1), n - 1)) == pytest.approx(r["api_beta"], **EXACT)
    people, mean, variance, schools = r["api_moments"]
    bounds = np.array(mean_bounds(mean, variance, people))
    assert bounds == pytest.approx(r["api_interval"], **EXACT)
    for population, error in ((None, r["api_mean"][1]), (schools, r["api_mean"][2])):
        low, high = mean_bounds(mean, variance, people, 0.95, population)
        assert (high - low) / 2 / t_quantile(people - 1, 0.95) == pytest.approx(error, **EXACT)
    (n1, m1, v1), (n2, m2, v2) = r["api_halves"].reshape(2, 3)
    error, _ = difference_error(v1, n1, v2, n2)
    assert (m2 - m1) / error == pytest.approx(r["api_ttest"][0], **EXACT)


# ---- cr.cube ----
def _categorical(alias, size):
    categories = [
        {"id": n + 1, "name": f"{alias}{n}", "missing": False, "numeric_value": n} for n in range(size)
    ]
    categories.append({"id": -1, "name": "No Data", "missing": True, "numeric_value": None})
    about = {"alias": alias, "name": alias}
    return {
        "references": about,
        "derived": False,
        "type": {"class": "categorical", "ordinal": False, "categories": categories},
    }


def _multiple(alias, size):
    items = [{"alias": f"{alias}_{n}", "name": f"{alias}_{n}"} for n in range(size)]
    about = {"alias": alias, "name": alias, "subreferences": items}
    elements = [
        {"id": n + 1, "value": {"id": f"{n:04d}", "references": item, "derived": False}, "missing": False}
        for n, item in enumerate(items)
    ]
    ticks = [
        {"id": 1, "name": "Selected", "missing": False, "selected": True, "numeric_value": 1},
        {"id": 0, "name": "Other", "missing": False, "numeric_value": 0},
        {"id": -1, "name": "No Data", "missing": True, "numeric_value": None},
    ]
    kinds = [
        {"class": "enum", "subtype": {"class": "variable"}, "elements": elements},
        {"class": "categorical", "ordinal": False, "categories": ticks},
    ]
    return [{"references": about, "derived": False, "type": kind} for kind in kinds]


def _slice(dimensions, counts):
    cube = pytest.importorskip("cr.cube.cube")
    flat = [int(count) for count in counts.ravel()]
    measure = {
        "data": flat,
        "n_missing": 0,
        "metadata": {
            "type": {
                "class": "numeric",
                "integer": True,
                "missing_rules": {},
                "missing_reasons": {"No Data": -1},
            },
            "references": {},
            "derived": True,
        },
    }
    result = {
        "dimensions": dimensions,
        "counts": flat,
        "n": int(counts.sum()),
        "missing": 0,
        "measures": {"count": measure},
    }
    return cube.Cube({"result": result}).partitions[0]


def test_residuals_of_a_cross_are_those_of_cr_cube():
    counts = np.zeros((5, 4), dtype=int)
    counts[:4, :3] = np.random.default_rng(5).integers(5, 60, (4, 3))
    found = _slice([_categorical("q", 4), _categorical("g", 3)], counts)
    own = adjusted_residuals(counts[:4, :3])
    np.testing.assert_allclose(own, found.zscores, rtol=1e-12)
    np.testing.assert_allclose(two_sided(own), found.pvals, rtol=1e-9, atol=1e-14)
    # A residual is the z of the group against the rest: what the contrasts hold.
    rest, column = counts[:4, :3].sum(axis=1), counts[:4, 0]
    z = pooled_z(rest - column, rest.sum() - column.sum(), column, column.sum())
    np.testing.assert_allclose(z, found.zscores[:, 0], rtol=1e-9)


def test_many_answers_are_those_of_cr_cube():
    # Items × (selected, not, missing) for two years, each item with its own base.
    selected, others = np.array([[30, 41], [12, 9], [55, 70]]), np.array([[70, 80], [88, 110], [40, 52]])
    counts = np.zeros((3, 3, 3), dtype=int)
    counts[:, 0, :2], counts[:, 1, :2] = selected, others
    found = _slice([*_multiple("q", 3), _categorical("year", 2)], counts)
    bases = selected + others
    np.testing.assert_array_equal(found.columns_base, bases)
    np.testing.assert_allclose(found.column_proportions, selected / bases)
    # Its pairwise test does not pool the shares and has n − 2 degrees of freedom: Welch's error on p(1 − p)/n.
    shares = selected / bases
    error, _ = difference_error(
        *(x for side in (0, 1) for x in (shares[:, side] * (1 - shares[:, side]), bases[:, side]))
    )
    t = (shares[:, 1] - shares[:, 0]) / error
    p = 2 * stdtr(bases.sum(axis=1) - 2, -np.abs(t))
    np.testing.assert_allclose(p, found.pairwise_significance_p_vals(0)[:, 1], rtol=1e-9)
    assert p == pytest.approx([0.53726951, 0.27496151, 0.9390333], abs=5e-9)


# ---- laws ----
@pytest.mark.parametrize("population", [None, 600])
def test_twice_the_people_narrow_every_interval(population):
    once, twice = (
        wilson(k * np.arange(0, 101, 20), k * 100, 0.95, None if population is None else k * population)
        for k in (1, 2)
    )
    width, narrow = (high - low for low, high in (once, twice))
    assert (narrow < width).all()


def test_the_finite_interval_lies_within_the_general_one():
    count, base = np.array([0, 3, 50, 99, 100]), 100
    general, finite = wilson(count, base), wilson(count, base, population=400)
    assert (finite[0] >= general[0]).all() and (finite[1] <= general[1]).all()
    huge = wilson(count, base, population=1e12)
    np.testing.assert_allclose(huge, general, atol=1e-9)


def test_the_exact_test_knows_no_side():
    x1, n1, x2, n2 = np.array([[2, 30, 4, 45], [0, 12, 3, 9], [29, 30, 40, 45]]).T
    np.testing.assert_allclose(fisher_p(x1, n1, x2, n2), fisher_p(x2, n2, x1, n1))
    np.testing.assert_allclose(fisher_p(x1, n1, x2, n2), fisher_p(n1 - x1, n1, n2 - x2, n2))
    assert fisher_p(0, 20, 0, 30) == 1


def test_small_expected_counts_are_exact_in_general_and_not_judged_in_finite():
    assert general_p(1, 40, 6, 45) == fisher_p(1, 40, 6, 45) != pooled_p(1, 40, 6, 45)
    assert np.isnan(finite_p(1, 40, 6, 45, 60, 60))
    assert general_p(20, 40, 26, 45) == pooled_p(20, 40, 26, 45)


def test_permutation_keeps_its_seed_and_finds_what_is_there():
    strong, none = np.array([[9, 1, 0], [1, 8, 1], [0, 1, 9]]), np.full((3, 3), 3)
    assert permutation_p(strong) == permutation_p(strong) == pytest.approx(1 / 2000)
    assert permutation_p(none) == 1
    assert np.isnan(permutation_p(np.array([[3, 0], [4, 0]])))


def test_everybody_answered_twice_is_a_fact():
    assert finite_p(50, 100, 51, 100, 100, 100) == 0
    assert finite_p(50, 100, 50, 100, 100, 100) == 1
    assert (finite_factor([1, 10], [1, 10]) == 0).all()
    p, low, high = welch(50.0, 10.0, 100, 51.0, 10.0, 100, 0.95, (0.0, 0.0))
    assert (p, low, high) == (0, 1, 1)


# ---- simulation ----
#: (base, shares) of what is tested on the page of the sample survey: headlines, two questions with
#: many answers, themes of two free answers.
SAMPLE_PAGE = (
    (440, (0.72, 0.41, 0.89, 0.29, 0.48, 0.41, 0.39, 0.37, 0.27, 0.2, 0.22, 0.21, 0.14, 0.02, 0.08)),
    (175, (0.55, 0.26, 0.18, 0.39, 0.12, 0.08, 0.06, 0.04)),
    (56, (0.18, 0.2, 0.18, 0.14, 0.13, 0.14, 0.07, 0.02, 0.06, 0.15, 0.16, 0.17, 0.2, 0.22, 0.1, 0.08, 0.05)),
)
LARGE_PAGE = ((440, tuple(np.linspace(0.1, 0.9, 24))),)


def _rows(page, pages: int, seed: int):
    """Return rows of ``compared`` and their families: two waves between which nothing changed."""
    random = np.random.default_rng(seed)
    base = np.tile(np.concatenate([np.full(len(shares), n) for n, shares in page]), pages)
    share = np.tile(np.concatenate([shares for _, shares in page]), pages)
    rows = pd.DataFrame({"measure": "share"}, index=range(len(share)))
    for side in ("from", "to"):
        count = random.binomial(base, share)
        rows = rows.assign(**{f"count_low_{side}": count, f"count_high_{side}": count})
        rows = rows.assign(**{f"base_{side}": base, f"population_{side}": np.nan})
    return rows, np.repeat(np.arange(pages).astype(str), len(share) // pages).astype(object)


# With large bases the tests keep just what they promise; small bases are judged exactly, so less is claimed.
@pytest.mark.parametrize(
    ("page", "method", "most"),
    [
        (SAMPLE_PAGE, "bh", 0.05),
        (SAMPLE_PAGE, "holm", 0.05),
        (LARGE_PAGE, "bh", 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)),
    ],
    ids=["sample-bh", "sample-holm", "large-bh"],
)
def test_where_nothing_changed_few_pages_say_so(page, method, most, capsys):
    pages = 2000
    rows, family = _rows(page, pages, seed=17)
    found = compared(rows, ("from", "to"), Parameters())
    p = found.numbers["p"]
    codes = outcomes(found.change, found.is_large, found.is_same, adjusted_p(p, family, method) <= 0.05)
    wrong = int(np.isin(codes, (UP, DOWN)).reshape(pages, -1).any(axis=1).sum())
    without = int((p <= 0.05).reshape(pages, -1).any(axis=1).sum())
    with capsys.disabled():
        items = len(rows) // pages
        print(
            f"\n{pages} pages of {items} items, {method}: {wrong} show a change, {without} without adjustment"
        )
    assert 0 < wrong <= most * pages < without
    assert set(np.unique(codes)) <= {CHANCE, SMALL, SAME, UP, DOWN}


def _log_binomial(n, k):
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)


def test_mean_coverage_of_the_intervals(capsys):
    """Coverage counted out, not simulated: every count of every share has its exact probability."""
    general, exact, finite = [], [], []
    for n, share in product((30, 60, 120, 440), np.linspace(0.02, 0.98, 49)):
        x = np.arange(n + 1)
        weight = np.exp(_log_binomial(n, x) + x * np.log(share) + (n - x) * np.log1p(-share))
        for covered, (low, high) in ((general, wilson(x, n)), (exact, clopper_pearson(x, n))):
            covered.append(weight[(low <= share) & (share <= high)].sum())
    for people, answered in ((60, 40), (200, 150), (558, 435), (2000, 400)):
        for yes in np.unique(np.linspace(0.02 * people, 0.98 * people, 49).round()):
            x = np.arange(max(0, answered - (people - yes)), min(answered, yes) + 1)
            weight = np.exp(
                _log_binomial(yes, x)
                + _log_binomial(people - yes, answered - x)
                - _log_binomial(people, answered)
            )
            low, high = wilson(x, answered, population=people)
            is_in = (low <= yes / people + 1e-12) & (yes / people <= high + 1e-12)
            finite.append(weight[is_in].sum())
    means = {"general": np.mean(general), "exact": np.mean(exact), "finite": np.mean(finite)}
    with capsys.disabled():
        print("\nmean coverage: " + ", ".join(f"{name} {value:.4f}" for name, value in means.items()))
    assert 0.94 <= means["general"] <= 0.97 and 0.94 <= means["finite"] <= 0.97
    assert min(exact) >= 0.95


def test_mean_coverage_of_a_difference(capsys):
    random, covered = np.random.default_rng(29), {"general": [], "finite": []}
    for p1, shift in product((0.05, 0.1, 0.3, 0.5), (0.0, 0.05, 0.2)):
        p2, n1, n2, people = p1 + shift, 418, 435, 560
        x1, x2 = random.binomial(n1, p1, 4000), random.binomial(n2, p2, 4000)
        low, high = newcombe(x1, n1, x2, n2)
        covered["general"].append(((low <= p2 - p1) & (p2 - p1 <= high)).mean())
        yes = [round(people * p) for p in (p1, p2)]
        x1, x2 = (random.hypergeometric(k, people - k, n, 4000) for k, n in zip(yes, (n1, n2), strict=True))
        low, high = newcombe(x1, n1, x2, n2, 0.95, people, people)
        truth = (yes[1] - yes[0]) / people
        covered["finite"].append(((low <= truth + 1e-12) & (truth <= high + 1e-12)).mean())
    means = {name: np.mean(values) for name, values in covered.items()}
    with capsys.disabled():
        print(
            "\nmean coverage of a difference: "
            + ", ".join(f"{name} {value:.4f}" for name, value in means.items())
        )
    assert all(0.94 <= value <= 0.97 for value in means.values())
