"""methods.html and provenance.json."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from pipeline.model import Parameters
from pipeline.report import methods, provenance, wording
from pipeline.report.edition import Edition
from tests import fakes


class Reader(HTMLParser):
    """Collects headings, and tables with their captions and headers without scope."""

    def __init__(self, text):
        super().__init__()
        self.levels, self.without_scope, self.tables, self.captions = [], [], 0, 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag in ("h1", "h2", "h3"):
            self.levels.append(tag)
        self.tables += tag == "table"
        self.captions += tag == "caption"
        if tag == "th" and "scope" not in dict(attrs):
            self.without_scope.append(attrs)


@pytest.fixture(scope="module")
def html():
    return methods.html(fakes.edition())


def test_the_page_stands_by_itself(html):
    assert html.startswith("<!DOCTYPE html>") and '<html lang="ja">' in html
    assert "http" not in html and "<script" not in html and "案" in html
    read = Reader(html)
    assert read.levels[0] == "h1" and set(read.levels[1:]) == {"h2"}
    assert read.tables == read.captions > 4 and not read.without_scope


def test_every_verdict_word_reason_and_sign_is_explained(html):
    for word in (*wording.VERDICT_WORDS.values(), *wording.REASON_WORDS.values()):
        assert word in html, word
    for sign, _ in wording.SIGN_NOTES:
        assert f'<th scope="row">{sign}</th>' in html, sign
    for reference in ("Wilson", "Newcombe", "Cramér"):
        assert reference in html


def test_parameters_come_from_the_survey():
    edition = fakes.edition()
    parameters = Parameters(minimum_group=12, small_base=40, minimum_change_points=2.5, same_margin_points=6)
    html = methods.html(replace(edition, survey=replace(edition.survey, parameters=parameters)))
    for words in ("12人に満たない", "40人に満たない", "2.5ポイント以上", "+6ポイント", "z = 1.645"):
        assert words in html, words


def test_signed_rows_nets_and_printed_figures_are_listed(html):
    assert "設問の文を変えたため" in html and "選択肢を1つ加えたため" in html
    assert "「よく知っている」、「だいたい知っている」" in html
    assert "314〜318" in html and "75.1〜76.1" in html


def test_signed_rows_say_who_decided_and_when(html):
    assert '<th scope="col">決めた人（日付）</th>' in html
    assert html.count('<td class="word">課長（令和6年2月1日）</td>') == 2


def test_what_is_withheld_of_a_question_is_named(html):
    assert "秘匿した数値" not in html  # a group only
    edition = fakes.edition()
    whole = (edition.estimates["wave"] == "2023") & (edition.estimates["banner"] == "total")
    some = whole & (edition.estimates["question"] == "experience") & (edition.estimates["option"] != "yes")
    every = whole & (edition.estimates["question"] == "necessity")
    estimates = edition.estimates.copy()
    estimates.loc[some | every, "status"] = "withheld"
    html = methods.html(replace(edition, estimates=estimates))
    cells = '<td class="word">協働の経験</td><td class="word">経験はない、無回答</td>'
    assert f'<tr><th scope="row">令和5年度</th>{cells}</tr>' in html
    assert '<td class="word">協働の必要性</td><td class="word">すべて</td>' in html


def test_printed_figures_say_how_they_are_known(html):
    row = html[html.index("公表値と、それにあてはまる人数") :]
    assert "<td>39</td><td>418</td><td>163</td><td>39.0</td>" in row
    assert '<td class="word">差の公表値にも合う人数は1つ</td>' in row
    assert "<td>…</td><td>418</td><td>314〜318</td><td>75.1〜76.1</td>" in row


@pytest.mark.parametrize(("level", "percent"), [(0.90, "90"), (0.975, "97.5")])
def test_the_level_of_intervals_is_the_surveys(level, percent):
    html = methods.html(fakes.edition(confidence_level=level, same_confidence_level=level))
    assert f"{percent}%信頼区間で示します" in html and f"変化の{percent}%信頼区間（z = " in html
    assert "95%信頼区間" not in html


def test_the_example_is_worked_from_counts(html):
    assert "310 ÷ 435 = 71.2644%" in html


def test_provenance_hashes_what_lies_in_the_folder(tmp_path):
    (tmp_path / "charts").mkdir()
    (tmp_path / "charts" / "a.png").write_bytes(b"picture")
    counts = {"accepted": 13, "rejected": 2}
    edition: Edition = fakes.edition()
    received = {"data/raw/fake/2023/総務部(1-438).xlsx": "bb", "data/raw/fake/2021/b.csv": "cc"}
    received["data/raw/fake/2023/z.csv"] = "aa"
    given = {"definitions": {"surveys/x.toml": "11"}, "code": "22"}
    for _ in range(2):
        provenance.write(edition, tmp_path, inputs=received, **given, counts=counts)
        written = (tmp_path / "provenance.json").read_bytes()
        record = json.loads(written)
    assert record["outputs"] == {"charts/a.png": hashlib.sha256(b"picture").hexdigest()}
    assert record["ledger"] == {"read": 15, "accepted": 13, "rejected": 2, "duplicate": 0}
    assert record["audit"]["status"] == "not_audited" and record["status"] == "案"
    assert record["rules"]["minimum_group"] == 10 and record["build"] == edition.build
    assert {key: record[key] for key in given} == given
    assert record["inputs"] == [
        {"wave": "2021", "sha256": "cc"},
        {"wave": "2023", "sha256": "aa"},
        {"wave": "2023", "sha256": "bb"},
    ]
    assert not any(name in written.decode("utf-8") for name in ("438", "総務部", "xlsx", "csv", "data/raw"))
    assert b"\r" not in written
