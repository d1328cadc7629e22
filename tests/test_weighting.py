"""Weights to the roster: R survey's numbers, and what must hold for any answers."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.analysis import weighting
from pipeline.analysis.weighting import Cells

GOLDENS = Path(__file__).parent / "goldens"
SCRIPT = GOLDENS / "weighting.R"


def _rows(name):
    with (GOLDENS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _golden(text=""):
    rows = csv.DictReader(text.splitlines()) if text else _rows("weighting.csv")
    return {row["name"]: float(row["value"]) for row in rows}


GOLDEN = _golden()


def _cells(question, wave, attributes):
    """Return (Cells, codes, targets) of the joint table of ``attributes``."""
    staff = {}
    for row in _rows("weighting_staff.csv"):
        if row["wave"] == wave:
            staff.setdefault(row["attribute"], {})[row["group"]] = float(row["staff"])
    counted = {}
    for row in _rows("weighting_cells.csv"):
        if (row["question"], row["wave"]) == (question, wave):
            key = tuple(row[attribute] for attribute in attributes)
            numbers = np.array([float(row[column]) for column in ("people", "asked", "chosen")])
            counted[key] = counted.get(key, 0) + numbers
    codes = [np.array([list(staff[a]).index(key[i]) for key in counted]) for i, a in enumerate(attributes)]
    targets = [np.array(list(staff[attribute].values())) for attribute in attributes]
    return Cells(*np.array(list(counted.values())).T), codes, targets


def _stratified(question, wave):
    cells, (code,), (target,) = _cells(question, wave, ["section"])
    staff = target[code]
    return staff / cells.people, cells, staff


def _raked(question, wave, *attributes):
    cells, codes, targets = _cells(question, wave, attributes)
    start = np.full(len(cells.people), targets[0].sum() / cells.people.sum())
    return weighting.rake(cells.people, start, codes, targets), cells, codes, targets


def _near(value, name):
    assert value == pytest.approx(GOLDEN[name], rel=1e-9, abs=1e-12), name


# ---- R survey ----------------------------------------------------------------------------


@pytest.mark.parametrize("reading", ["finite", "general"])
def test_stratified_shares_and_their_change_are_those_of_svyby_and_svycontrast(reading):
    variances, shares = [], []
    for wave in ("2023", "2025"):
        weights, cells, staff = _stratified("meaning", wave)
        shares.append(weighting.weighted_share(weights, cells))
        variances.append(
            weighting.stratified_variance(weights, cells, staff if reading == "finite" else None)
        )
        _near(shares[-1], f"stratified {reading} {wave} share")
        _near(variances[-1] ** 0.5, f"stratified {reading} {wave} se")
        _near((cells.people - 1).sum(), f"stratified {reading} {wave} degrees")
    _near(shares[1] - shares[0], f"stratified {reading} change")
    _near(sum(variances) ** 0.5, f"stratified {reading} change se")


@pytest.mark.parametrize("reading", ["finite", "general"])
def test_a_routed_share_is_that_of_svymean_on_the_subset(reading):
    weights, cells, staff = _stratified("reason", "2025")
    variance = weighting.stratified_variance(weights, cells, staff if reading == "finite" else None)
    _near(weighting.weighted_share(weights, cells), f"stratified {reading} routed share")
    _near(variance**0.5, f"stratified {reading} routed se")


@pytest.mark.parametrize("reading", ["finite", "general"])
@pytest.mark.parametrize("question", ["meaning", "reason"])
@pytest.mark.parametrize(
    ("way", "attributes"), [("poststratified", ["age"]), ("raked", ["section", "age", "grade"])]
)
def test_calibrated_shares_are_those_of_poststratify_and_rake(reading, question, way, attributes):
    raked, cells, codes, targets = _raked(question, "2025", *attributes)
    population = targets[0].sum() if reading == "finite" else np.inf
    _near(weighting.weighted_share(raked.weights, cells), f"{way} {reading} {question} share")
    variance = weighting.calibrated_variance(raked.weights, cells, codes, population)
    _near(variance**0.5, f"{way} {reading} {question} se")
    if way == "raked":
        assert variance**0.5 == pytest.approx(
            GOLDEN[f"raked {reading} {question} se of ten sweeps"], rel=1e-5
        )
        _near(weighting.weighted_share(raked.weights, cells), f"calibrated {reading} {question} share")


def test_weights_are_those_of_rake():
    raked, cells, _, _ = _raked("meaning", "2025", "section", "age", "grade")
    _near(raked.weights.min(), "raked smallest weight")
    _near(raked.weights.max(), "raked largest weight")
    _near(weighting.kish(raked.weights, cells.people), "raked kish")


def _schools():
    keys = [(stype, wide) for stype in "EHM" for wide in ("No", "Yes")]
    columns = [
        [GOLDEN[f"school cell {t} {w} {c}"] for t, w in keys] for c in ("people", "chosen", "pw", "fpc")
    ]
    people, chosen, weights, staff = map(np.array, columns)
    return Cells(people, people, chosen), weights, staff, [np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1] * 3)]


def test_the_packaged_school_data():
    cells, start, staff, codes = _schools()
    strata = cells.taken([[0, 1], [2, 3], [4, 5]])
    _near(weighting.weighted_share(start[::2], strata), "school stratified share")
    _near(weighting.stratified_variance(start[::2], strata, staff[::2]) ** 0.5, "school stratified se")
    targets = [np.array([4421.0, 755, 1018]), np.array([1072.0, 5122])]
    raked = weighting.rake(cells.people, start, codes, targets)
    _near(weighting.weighted_share(raked.weights, cells), "school raked share")
    _near(weighting.calibrated_variance(raked.weights, cells, codes) ** 0.5, "school raked se")
    _near(raked.weights.min(), "school raked smallest weight")
    _near(raked.weights.max(), "school raked largest weight")
    # As printed elsewhere for this example.
    assert GOLDEN["school stratified share"] == pytest.approx(0.6389361, abs=5e-8)
    assert raked.weights.min() == pytest.approx(15.0410, abs=2e-3)


@pytest.mark.slow
def test_r_still_says_so(tmp_path):
    program = shutil.which("Rscript")
    probe = [program, "-e", "library(survey)"]
    if not program or subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("R with the package survey is not here")
    told = subprocess.run([program, str(SCRIPT)], capture_output=True, check=True, text=True, cwd=tmp_path)
    fresh = _golden(told.stdout)
    assert fresh.keys() == GOLDEN.keys()
    for name, value in fresh.items():
        assert value == pytest.approx(GOLDEN[name], rel=1e-9, abs=1e-12), name


# ---- laws --------------------------------------------------------------------------------


@st.composite
def samples(draw):
    """Cells of 2–4 × 2–3 groups with answers in every group, and headcounts of one total for both margins."""
    rows, columns = draw(st.integers(2, 4)), draw(st.integers(2, 3))
    people = np.array(
        draw(st.lists(st.integers(2, 60), min_size=rows * columns, max_size=rows * columns)), float
    )
    asked = np.array([draw(st.integers(1, int(n))) for n in people], float)
    chosen = np.array([draw(st.integers(0, int(n))) for n in asked], float)
    codes = [np.repeat(np.arange(rows), columns), np.tile(np.arange(columns), rows)]
    total = people.sum() * draw(st.floats(1.0, 3.0))
    targets = []
    for code in codes:
        tilted = np.bincount(code, people) * np.array(
            [draw(st.floats(0.5, 2.0)) for _ in range(code.max() + 1)]
        )
        targets.append(total * tilted / tilted.sum())
    return Cells(people, asked, chosen), codes, targets


@given(samples())
def test_raked_weights_meet_every_margin_and_sum_to_the_staff(sample):
    cells, codes, targets = sample
    raked = weighting.rake(cells.people, np.ones(len(cells.people)), codes, targets)
    for code, target in zip(codes, targets, strict=True):
        assert np.allclose(np.bincount(code, raked.weights * cells.people), target, rtol=1e-9)
    assert (raked.weights * cells.people).sum() == pytest.approx(targets[0].sum(), rel=1e-9)
    assert raked.gap <= 1e-9 * targets[0].sum()


@given(samples())
def test_weighting_to_its_own_margins_changes_nothing(sample):
    cells, codes, _ = sample
    own = [np.bincount(code, cells.people) for code in codes]
    raked = weighting.rake(cells.people, np.ones(len(cells.people)), codes, own)
    assert np.allclose(raked.weights, 1)
    assert weighting.weighted_share(raked.weights, cells) == pytest.approx(
        cells.chosen.sum() / cells.asked.sum()
    )


@given(samples())
def test_doubling_everybody_keeps_the_share_and_narrows_the_error(sample):
    cells, codes, (target, _) = sample
    twice = Cells(2 * cells.people, 2 * cells.asked, 2 * cells.chosen)
    weights = target[codes[0]] / np.bincount(codes[0], cells.people)[codes[0]]
    for once, doubled in (
        (weighting.stratified_variance(weights, cells), weighting.stratified_variance(weights, twice)),
        (
            weighting.calibrated_variance(weights, cells, codes, target.sum()),
            weighting.calibrated_variance(weights, twice, codes, 2 * target.sum()),
        ),
    ):
        assert doubled <= once / 2 + 1e-15
    assert weighting.weighted_share(weights, twice) == pytest.approx(weighting.weighted_share(weights, cells))


@given(samples(), st.floats(1.2, 3.0))
def test_trimmed_weights_keep_the_total_and_the_limit(sample, limit):
    cells, codes, targets = sample
    weights = weighting.rake(cells.people, np.ones(len(cells.people)), codes, targets).weights
    cut = weighting.trimmed(weights, cells.people, limit)
    total = (weights * cells.people).sum()
    assert (cut * cells.people).sum() == pytest.approx(total)
    assert cut.max() <= limit * total / cells.people.sum() * (1 + 1e-9)
    assert weighting.trimmed(weights, cells.people, 0) is weights


def test_short_strata_join_their_neighbours():
    people, staff = np.array([1.0, 5, 0, 0, 4, 1]), np.array([3.0, 9, 4, 0, 8, 2])
    assert weighting.collapsed(people, staff) == [[0, 1], [2, 4, 5]]
    assert weighting.collapsed(np.array([1.0]), np.array([3.0])) == [[0]]


def test_interval_of_a_weighted_share():
    # Without weights v = p(1 − p)/n gives n back, and with many degrees t is z: Wilson's own interval.
    low, high = weighting.weighted_interval(0.42, 0.42 * 0.58 / 100, 100, 1e9, 0.95)
    assert (low, high) == (pytest.approx(0.327984, abs=1e-6), pytest.approx(0.517935, abs=1e-6))
    assert weighting.weighted_interval(0.0, 0.0, 20, 1e9, 0.95) == (0.0, pytest.approx(0.161125, abs=1e-6))
    assert weighting.weighted_interval(0.3, 0.0, 20, 19, 0.95) == (0.3, 0.3)
    assert np.isnan(weighting.weighted_interval(0.3, 0.1, 20, 0, 0.95)).all()
