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
        "約4割（{{experience.yes.percent}}%）の人に経験があり、4割を超えました。五割弱です。",
        "八割強の人が意味を知っていて、過半数です。43.7パーセント、百九十人です。",
        "役割を分け、一人ひとりの力を生かし、十人十色の声を割り引かずに聞きます。二人三脚です。",
        "くわしくは[手引き](https://example.jp/1/3/tebiki.html)をご覧ください。時間を半分ずつ使います。",
        "回答した人は前回の約1倍です。割合が高くなりました。",
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
        ("前回の2倍になりました。", "2倍", "1.95～2.05倍の数値がこのページの表にあること"),
        ("前回の倍になりました。", "倍に", "倍の数値"),
        ("9割が知らないままです。", "9割", "89.5～90.5%"),
        ("約９割５分です。", "約9割5分", "92.5～97.5%"),
        ("九分の八の人です。", "九分の八", "88.39～89.39%"),
        ("⅞の人です。", "7/8", "87～88%"),
        ("経験がある人は四十三パーセントでした。", "43%", "42.9%"),
        ("経験がある人は43.9パーセントです。", "43.9%", "43.7%"),
        ("百九十一人が答えました。", "191人", "190人"),
        ("191名が答えました。", "191名", "190"),
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


#: 33.3 and 41.2 %, twice and 0.48 times the last share.
FEW = figures.PrintedNumbers(frozenset({"33.3", "41.2"}), frozenset(), frozenset({"3"}), frozenset({"2.01", "0.48"}))


@pytest.mark.parametrize(
    "words",
    ["三分の一", "3分の1", "1/3", "⅓", "3人に1人", "三人に一人", "約3割5分", "約４割", "4割強", "四割程度", "5割弱", "半数に満たない",
     "2倍", "前回比2倍", "約二倍", "倍増", "倍になりました", "ほぼ半減", "2倍以上", "三割を超え"],
)  # fmt: skip
def test_a_proportion_in_words_passes_where_a_table_holds_it(words):
    assert list(figures.typed_problems(f"経験のある職員は{words}です。", FEW, PLACE)) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [("五割", "五割"), ("4割", "4割"), ("三割五分", "三割五分"), ("2/3", "2/3"), ("三分の二", "三分の二"), ("二人に一人", "二人に一人"),
     ("半数", "半数"), ("過半数", "過半数"), ("半数以上", "半数以上"), ("約5割", "約5割"), ("3倍", "3倍"), ("前回比1.5倍", "1.5倍"), ("4割未満", "")],
)  # fmt: skip
def test_a_proportion_in_words_that_no_table_holds_stops(words, found):
    problems = list(figures.typed_problems(f"経験のある職員は{words}です。", FEW, PLACE))
    assert [problem.found for problem in problems] == [found] * bool(found)
    assert all("最も近い数値は" in p.expected and "{{設問.選択肢.項目}}" in p.next_step for p in problems)
