"""Shares of themes: the estimator's numbers by hand, its honesty by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.coding import shares
from pipeline.coding.audit_file import audit_csv, audited_shares, freeze, read_audit, still_to_review
from pipeline.coding.suggestion import Suggested, Suggestions
from pipeline.model import ProblemsFound


def test_share_by_hand():
    strata = np.array(["A"] * 2 + ["S"] * 40 + ["B"] * 58)
    copies = np.ones(100)
    chances = np.where(strata == "A", 0.9, 0.25)
    truth = np.zeros(100)
    truth[:1] = 1
    truth[2:12] = 1
    share = shares.predicted_share(strata, copies, chances, truth)
    # A has 1; Σ_B p = 98 · .25; mean_S(y − p) = 10/40 − .25 = 0.
    assert share.total == pytest.approx(1 + 24.5) and share.base == 100
    spread = np.sqrt((7.5 + shares.EXPECTED_STRENGTH * 0.1875) / (39 + shares.EXPECTED_STRENGTH))
    error = 98 * spread * np.sqrt((1 - 40 / 98) / 40) / 100
    assert share.standard_error == pytest.approx(error)
    assert share.high - share.value == pytest.approx(2.0226909 * error, rel=1e-6)  # R: qt(.975, 39)


def test_everything_reviewed_is_a_plain_count_and_too_small_an_audit_is_nothing():
    truth = np.array([1.0, 0, 1, 1])
    share = shares.predicted_share(np.array(["A"] * 4), np.array([2.0, 1, 1, 1]), np.full(4, 0.3), truth)
    assert share.value == 4 / 5 and share.low == share.high == share.value
    strata = np.array(["S"] * 39 + ["B"] * 20)
    assert shares.predicted_share(strata, np.ones(59), np.full(59, 0.1), np.zeros(59)) is None
    whole = np.array(["S"] * 39)
    assert shares.predicted_share(whole, np.ones(39), np.full(39, 0.1), np.zeros(39)).value == pytest.approx(
        0, abs=1e-12
    )


def test_share_of_answers_with_content_is_a_ratio():
    strata = np.array(["S"] * 50 + ["B"] * 50)
    truth, content = np.zeros(100), np.ones(100)
    truth[:20], content[40:50] = 1, 0
    share = shares.predicted_share(strata, np.ones(100), np.full(100, 0.4), truth, np.full(100, 0.8), content)
    assert share.base == pytest.approx(80) and share.value == pytest.approx(0.5)


def population(generator: np.random.Generator, size: int = 600):
    """Chances of a model that is a little too sure of what it is unsure about, and the truth."""
    is_hard = np.arange(size) % 3 == 0
    chances = np.where(is_hard, generator.uniform(0.3, 0.7, size), generator.uniform(0.0, 0.1, size))
    truth = (generator.random(size) < np.where(is_hard, chances + 0.06, chances)).astype(float)
    return chances, truth, np.minimum(chances, 1 - chances)


def test_audit_drawn_before_setting_aside_is_biased_and_the_rule_is_not():
    """The whole sample of all answers corrects B although a third of it lies in A: 1.1 to 1.5 points."""
    wrong, right, inside = [], [], []
    for draw in range(1500):
        generator = np.random.default_rng(draw)
        chances, truth, uncertainty = population(generator)
        aside, ones = uncertainty > 0.2, np.ones(len(truth))
        sample = generator.choice(len(truth), 80, replace=False)
        correction = (truth - chances)[sample].mean()
        estimate = (truth[aside].sum() + chances[~aside].sum() + (~aside).sum() * correction) / len(truth)
        wrong.append(estimate - truth.mean())
        strata = shares.draw_audit(uncertainty, 0.2, 80, draw)
        assert (strata == "S").sum() == 80 and (strata[aside] == "A").all()
        share = shares.predicted_share(strata, ones, chances, truth)
        right.append(share.value - truth.mean())
        inside.append(share.low <= truth.mean() <= share.high)
    # Monte Carlo error of the means is under 0.1 points.
    assert 0.010 < np.mean(wrong) < 0.016
    assert abs(np.mean(right)) < 0.002
    # B holds mostly zeros here (p about 0.05): Student's t is a little short, as for any rare share.
    assert np.mean(inside) > 0.91


def test_identical_texts_are_sampled_with_their_number():
    generator = np.random.default_rng(0)
    copies = np.where(np.arange(300) % 10 == 0, 12.0, 1.0)
    chances = np.where(copies > 1, 0.1, 0.3)
    truth = (generator.random(300) < np.where(copies > 1, 0.5, 0.3)).astype(float)
    exact = (copies * truth).sum() / copies.sum()
    found = [
        shares.predicted_share(shares.draw_audit(np.zeros(300), 1, 80, seed), copies, chances, truth).value
        for seed in range(400)
    ]
    assert np.mean(found) == pytest.approx(exact, abs=0.01)


def test_lower_bound_and_unattended_use():
    # R: binom.test(19, 20, alternative = "greater", conf.level = .9)$conf.int[1]
    assert shares.lower_bound(19, 20) == pytest.approx(0.8190390366, abs=1e-9)
    # All of n right: 0.1^(1/n).
    assert shares.lower_bound(40, 40) == pytest.approx(0.1 ** (1 / 40))
    assert shares.lower_bound(0, 10) == 0
    assert not shares.unattended(40, 40, 0.9).is_allowed, "off unless a person switches it on"
    assert shares.unattended(40, 40, 0.9, is_switched_on=True).is_allowed
    assert not shares.unattended(38, 40, 0.95, is_switched_on=True).is_allowed
    assert not shares.unattended(0, 0, 0.5, is_switched_on=True).is_allowed


@pytest.fixture
def suggestions():
    size = 120
    chances = np.round(np.random.default_rng(3).uniform(0, 0.4, (size, 2)), 3)
    offered = [()] * size
    offered[0] = (Suggested("X0", 1.0, "高", "決まった言い方"),)
    chances[0] = 0
    keys = tuple(f"{i * 7919 % 1000:064d}" for i in range(size))
    texts = np.array([*range(size), 0, 0, 5])
    uncertainty = np.where(np.arange(size) < 20, 0.9, 0.1)
    uncertainty[0] = 0
    return Suggestions(
        "trouble", "1-abc", ("H1", "H2"), texts, keys, chances, tuple(offered), uncertainty, ()
    )


def test_audit_file_round_trip_and_shares(suggestions, tmp_path):
    rows = freeze(suggestions, reviewed={suggestions.keys[30]}, seed=4, cut=0.6, size=50)
    assert rows == freeze(suggestions, reviewed={suggestions.keys[30]}, seed=4, cut=0.6, size=50)
    strata = {row.key: row.stratum for row in rows}
    assert [strata[suggestions.keys[i]] for i in (1, 19, 30)] == ["A", "A", "A"]
    assert sum(row.stratum == "S" for row in rows) == 50
    path = tmp_path / "audit.csv"
    path.write_text(audit_csv(rows), encoding="utf-8", newline="")
    assert read_audit(path, "audit.csv") == rows and read_audit(tmp_path / "none.csv", "none.csv") == ()
    wanted = still_to_review(rows, {})
    assert len(wanted) == 70 and strata[wanted[0]] == "S" and strata[wanted[-1]] == "A"
    decided = {key: ("H1",) for key in wanted}
    assert audited_shares(rows, {key: decided[key] for key in wanted[1:]}).empty
    found = audited_shares(rows, decided).set_index(["option", "base_kind"])
    assert set(found["basis"]) == {"predicted"} and found.loc[("H1", "asked"), "base"] == 123
    # The pattern's 特になし (three answers) is in B with p = 0 and counts in one base only, as far as S tells.
    assert found.loc[("H1", "with_content"), "base"] >= 120
    more = {**decided, next(row.key for row in rows if row.stratum == "B"): ("H2",)}
    assert audited_shares(rows, more).equals(audited_shares(rows, decided)), "B is corrected by S alone"


def test_all_reviewed_is_counted(suggestions):
    rows = freeze(suggestions, reviewed=set(suggestions.keys), seed=1)
    found = audited_shares(rows, {row.key: ("H2",) for row in rows})
    assert set(found["basis"]) == {"counted"} and (found["low"] == found["high"]).all()


def test_damaged_audit_file_is_refused(suggestions, tmp_path):
    text = audit_csv(freeze(suggestions, reviewed=(), seed=4))
    path = tmp_path / "audit.csv"
    path.write_text(text.replace(",S,", ",T,", 2), encoding="utf-8")
    with pytest.raises(ProblemsFound) as found:
        read_audit(path, "audit.csv")
    assert len(found.value.problems) == 2
    path.write_text("key,stratum\n", encoding="utf-8")
    with pytest.raises(ProblemsFound):
        read_audit(path, "audit.csv")
