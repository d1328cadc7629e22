"""Headcounts by further attributes: read, checked all at once, and held against the answers."""

from __future__ import annotations

import re

import pytest

from pipeline import definitions
from pipeline.model import Population, ProblemsFound, frozen_mapping
from tests.conftest import ROOT, copy_survey
from tests.test_ingest_rules import ONE, errors, read, survey


def _with_margins(tmp_path, text):
    copy_survey("staff", tmp_path)
    path = tmp_path / "surveys" / "staff" / "waves" / "2025.toml"
    old = path.read_text(encoding="utf-8")
    new = re.sub(r"\[population\.margins\]\n(?:\w+ = \{.*\}\n)+", text, old)
    assert new != old
    path.write_text(new, encoding="utf-8")
    with pytest.raises(ProblemsFound) as found:
        definitions.load(tmp_path, "staff")
    return found.value.problems


def test_the_sample_has_headcounts_by_three_attributes():
    population = definitions.load(ROOT, "staff").newest.population
    assert list(population.headcounts) == ["section", "age", "grade"]
    assert {sum(counts.values()) for counts in population.headcounts.values()} == {population.total}


def test_every_mistake_is_told_at_once(tmp_path):
    text = '[population.margins]\nage = { "20s" = 5, "30z" = 4 }\nsection = { somu = 604 }\ngrede = { staff = 1 }\n'
    problems = _with_margins(tmp_path, text)
    told = {problem.key: problem for problem in problems}
    assert "属性の選択肢にないIDです" in told["population.margins.age.30z"].what
    assert "30s" in told["population.margins.age.30z"].next_step
    assert "2か所" in told["population.margins.section"].what
    assert "grade" in told["population.margins.grede"].next_step
    assert told["population.margins.age"].found == "合計5"
    assert all(problem.file == "surveys/staff/waves/2025.toml" for problem in problems)


def test_a_negative_headcount_is_refused(tmp_path):
    text = "[population.margins]\ngrade = { staff = 700, senior = -96 }\n"
    assert any("0以上の整数" in problem.expected for problem in _with_margins(tmp_path, text))


def test_more_answers_than_staff_in_a_margin_stops(tmp_path):
    margins = frozen_mapping({"one": frozen_mapping({"yes": 1, "no": 8})})
    definition = survey(ONE, population=Population(9, margins=margins))
    assert errors(read(tmp_path, definition, "No,問1\n1,ある\n2,ある\n")) == [
        "回答数が対象者数より多い区分があります"
    ]
    assert not errors(read(tmp_path, definition, "No,問1\n1,ある\n2,ない\n"))


def test_a_limit_that_leaves_no_weighting_is_refused(tmp_path):
    copy_survey("staff", tmp_path)
    path = tmp_path / "surveys" / "staff" / "survey.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[parameters]\n", "[parameters]\nlargest_weight = 1.1\n"), encoding="utf-8")
    with pytest.raises(ProblemsFound) as found:
        definitions.load(tmp_path, "staff")
    assert [problem.key for problem in found.value.problems] == ["parameters.largest_weight"]
