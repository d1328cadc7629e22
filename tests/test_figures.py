"""{{figures}} and typed numbers of the officer's text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.report import figures
from pipeline.report.blocks import blocks
from pipeline.report.figures import Place
from tests import fakes

PLACE = Place("surveys/fake/page/2023.md", 7)
EDITION = fakes.edition()
PRINTED = figures.printed_numbers(blocks(EDITION))


@pytest.mark.parametrize(
    ("written", "filled"),
    [
        ("{{experience.yes.percent}}", "43.7"),
        ("{{experience.yes.count}}", "190"),
        ("{{experience.yes.base}}", "435"),
        ("{{experience.yes.change}}", "+4.7"),
        ("{{experience.yes.change wave=2021}}", "-4.7"),
        ("{{ experience.yes.percent wave=2017 }}", "39.0"),
        ("{{meaning.know.percent age=30s}}", "75.9"),
        ("{{meaning.know.base age=40s}}", "20"),
        ("{{meaning.know.percent wave=2017}}", "75.1〜76.1"),
        ("{{reason.other.count}}", "0"),
        ("{{reason.other.percent}}", "0.0"),
        ("{{response.returns.percent}}", "78.0"),
        ("{{response.returns.percent wave=2021}}", "74.1"),
    ],
)
def test_a_figure_is_filled_from_the_tables(written, filled):
    assert figures.fill(EDITION, f"前{written}後", PLACE) == (f"前{filled}後", [])


@pytest.mark.parametrize(
    ("written", "what", "expected"),
    [
        ("{{experience.yess.percent}}", "表にない数値です", "experience.yes.percent"),
        ("{{experiense.yes.percent}}", "表にない数値です", "experience.yes.percent"),
        ("{{experience.yes.parcent}}", "数値の書き方が違います", "percent"),
        ("{{experience.yes}}", "数値の書き方が違います", "設問.選択肢.項目"),
        ("{{ }}", "数値の書き方が違います", "設問.選択肢.項目"),
        ("{{}}", "数値の書き方が違います", "percent、count、base、change"),
        ("{{response.returns.rate}}", "数値の書き方が違います", "percent"),
        ("{{experience.yes.percent wave=2018}}", "表にない数値です", "wave="),
        ("{{meaning.know.percent age=30}}", "表にない数値です", "age=30s"),
        ("{{meaning.know.percent ages=30s}}", "数値の条件が違います", "age"),
        ("{{reason.busy.percent age=30s}}", "表にない数値です", "age別の集計はありません"),
        ("{{experience.yes.percent age=20s}}", "載せられない数値です", "秘匿"),
        ("{{necessity.need.change}}", "載せられない数値です", "値のある数値"),
        ("{{experience.yes.change wave=2017}}", "載せられない数値です", "値のある数値"),
    ],
)
def test_an_unknown_figure_is_a_problem(written, what, expected):
    _, problems = figures.fill(EDITION, f"前{written}後", PLACE)
    assert [problem.what for problem in problems] == [what]
    assert problems[0].found == written
    assert problems[0].cell == "7行目"
    assert expected in problems[0].expected


@pytest.mark.parametrize(
    "line",
    [
        "令和5年度の調査は令和6年1月13日から30日まで行い、2年に1回続けています。",
        "問2では43.7%（435人中190人）が「経験がある」と答え、4.7ポイント高くなりました。",
        "４３．７％の人です。",
        "対象の558人のうち435人が回答しました。",
        "お問い合わせ：市民協働課 電話075-955-9500（内線123） 午前8時30分から17:15まで",
        "1. はじめに、資料2をご覧ください。3つの理由があります。1人ひとりの声です。",
        "{{experience.yes.percent}}%の人です。",
    ],
)
def test_numbers_of_the_tables_and_no_results_pass(line):
    assert list(figures.typed_problems(line, PRINTED, PLACE)) == []


@pytest.mark.parametrize(
    ("line", "found", "expected"),
    [
        ("経験がある人は43.9%でした。", "43.9%", "43.7%"),
        ("経験がある人は44%でした。", "44%", "43.7%"),
        ("4.7%増えました。", "4.7%", "（表にある最も近い数値）"),
        ("43.7ポイント増えました。", "43.7ポイント", "ポイント"),
        ("191人が答えました。", "191人", "190人"),
        ("前回の2倍になりました。", "2倍", "表にありません"),
        ("平均は3.14でした。", "3.14", "（表にある最も近い数値）"),
        ("１９１人が答えました。", "191人", "190人"),
        ("2026/1/15に公表しました。", "2026/1/15", "○年○月○日"),
    ],
)
def test_a_typed_number_of_no_table_stops(line, found, expected):
    problems = list(figures.typed_problems(line, PRINTED, PLACE))
    assert [problem.found for problem in problems] == [found]
    assert expected in problems[0].expected
    assert problems[0].is_error


@given(st.integers(0, 999).map(lambda tenths: f"{tenths // 10}.{tenths % 10}"))
def test_a_typed_share_passes_only_when_a_table_prints_it(number):
    problems = list(figures.typed_problems(f"割合は{number}%です。", PRINTED, PLACE))
    assert bool(problems) == (number not in PRINTED.percents)
