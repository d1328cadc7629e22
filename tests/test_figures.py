"""{{figures}} and typed numbers of the officer's text."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.report import figures, typed
from pipeline.report.blocks import blocks
from pipeline.report.figures import Place
from tests import fakes

PLACE = Place("surveys/fake/page/2023.md", 7)
EDITION = fakes.edition()
PRINTED = typed.printed_numbers(blocks(EDITION))


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
    unit = {"percent": "%", "count": "人", "base": "人", "change": "ポイント"}[re.search(r"\.(\w+)[ }]", written)[1]]
    assert figures.fill(EDITION, f"前{written}{unit}後", PLACE) == (f"前{filled}{unit}後", [])


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
        ("{{meaning.know.percent age=30s age=40s}}", "数値の条件が重なっています", "age= は1回だけ"),
        ("{{meaning.know.percent wave=2021 wave=2023}}", "数値の条件が重なっています", "wave= は1回だけ"),
        ("{{meaning.know.percent wave=}}", "数値の条件が違います", "wave=値"),
        ("{{meaning.know.percent age=}}", "数値の条件が違います", "age=値"),
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
    ("written", "expected"),
    [
        ("{{meaning.know.count}}%が知っている", "{{meaning.know.count}}人"),
        ("{{meaning.know.base}}ポイント", "{{meaning.know.base}}人"),
        ("{{meaning.know.count}}回答", "人"),
        ("{{experience.yes.percent}}ポイント増えました", "{{experience.yes.percent}}%"),
        ("{{experience.yes.percent}}人です", "%"),
        ("{{experience.yes.percent}}です", "%"),
        ("{{experience.yes.percent}}％ポイント", "%"),
        ("**{{experience.yes.percent}}**人", "%"),
        ("{{experience.yes.change}}%高い結果です", "{{experience.yes.change}}ポイント"),
        ("{{experience.yes.change}}", "ポイント"),
        ("{{experience.mean.percent}}%です", "単位を付けない（「46.3点」と入ります）"),
        ("{{experience.mean.percent}}点です", "単位を付けない"),
        ("{{experience.mean.base}}点です", "人"),
        ("{{18}}団体", "{{18 登録団体名簿}}"),
    ],
)
def test_a_figure_before_the_unit_of_another_number_is_a_problem(written, expected):
    line, (problem,) = figures.fill(_with_a_mean(), written, PLACE)
    assert line == written, "a figure that is refused stays as it was typed"
    assert problem.what in ("数値のあとの単位が違います", "出典のない数値です") and expected in problem.expected
    assert problem.found.startswith(written.strip("*").partition("}}")[0])


@pytest.mark.parametrize(
    ("written", "filled"),
    [
        ("**{{experience.yes.percent}}**％です", "**43.7**％です"),
        ("{{experience.yes.percent}}パーセント", "43.7パーセント"),
        ("{{ experience.yes.count }} 名", "190 名"),
        ("{{experience.yes.change}}ﾎﾟｲﾝﾄ", "+4.7ﾎﾟｲﾝﾄ"),
        ("平均は{{experience.mean.percent}}で、{{experience.mean.base}}人の平均です", "平均は46.3点で、435人の平均です"),
        ("{{18 登録団体名簿}}団体、{{１２．５　国の調査（令和５年）}}%", "18団体、12.5%"),
    ],
)
def test_a_figure_stands_before_its_own_unit(written, filled):
    assert figures.fill(_with_a_mean(), written, PLACE) == (filled, [])


def _with_a_mean():
    """The edition with a mean score beside the shares of one question."""
    rows = EDITION.estimates
    here = (rows["question"] == "experience") & (rows["wave"] == "2023") & (rows["option"] == "yes") & (rows["group"] == "all")
    mean = rows[here].assign(option="mean", measure="mean", unit="点", value=46.3, count=None, percent=None)
    return replace(EDITION, estimates=pd.concat([rows, mean], ignore_index=True))


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
        "435通の回答がありました。全部で435です。n=435、回答数：435",
        "## 2 言葉の意味",
        "- (1) はじめに ①知る ②参加する",
        "平成29～令和5年度と2019〜2023年度、13〜30日、20～30代、1年3か月、2週間、90分間、2時間です。",
        "〒617-8501 京都府長岡京市開田1-1-1（開田一丁目1番1号、2階）、TEL（075）955-9500、FAX 0759519500、kyodo3@example.jp",
        "問1-2、別紙2、様式第3号、第4条、No.5、COVID-19、SDGs17、A4判を見てください。5段階で、次の3点、3項目、上位2位、4種類です。",
        "1人でも多く、1人1人の声を聞きます。年に12回、24時間です。",
        "{{18 登録団体名簿}}団体が参加しました。",
        "[[meaning-2]]",
        "令和8年2月28日、4月30日、平成31年度、令和7年度（2026年1月）、ID:8253 4月1日",
    ],
)
def test_numbers_of_the_tables_and_no_results_pass(line):
    assert list(typed.typed_problems(line, PRINTED, PLACE)) == []


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
        ("令和8年13月40日に公表しました。", "13月40日", "暦にある月日"),
        ("締切は２月３０日です。", "2月30日", "暦にある月日"),
        ("平成37年度の調査です。", "平成37年度", "暦にある年"),
        ("436通の回答がありました。", "436通", "435（表にある最も近い数値）"),
        ("全部で436です。", "436", "435"),
        ("436回答がありました。", "436回答", "435"),
        ("訪問436件の結果です。", "436件", "435"),
        ("代表436人が答えました。", "436人", "435"),
        ("30課が参加しました。", "30課", "（表にある最も近い数値）"),
        ("37団体が参加しました。", "37団体", "（表にある最も近い数値）"),
        ("1,234部を配りました。", "1,234部", "（表にある最も近い数値）"),
        ("10-190人が答えました。", "10", "（表にある最も近い数値）"),
    ],
)
def test_a_typed_number_of_no_table_stops(line, found, expected):
    problems = list(typed.typed_problems(line, PRINTED, PLACE))
    assert [problem.found for problem in problems] == [found]
    assert expected in problems[0].expected
    assert problems[0].is_error


def test_a_number_in_the_name_of_an_option_is_a_word():
    printed = replace(PRINTED, labels=frozenset({"10人以上"}))
    assert list(typed.typed_problems("「１０人以上」と答えた人は190人です。", printed, PLACE)) == []
    assert [p.found for p in typed.typed_problems("10人以上の人です。「10人」です。", printed, PLACE)] == ["10人", "10人"]
    assert list(typed.typed_problems("## 10人以上の人", printed, PLACE)) == []
    named = typed.printed_numbers(blocks(EDITION), ["８０２０運動の調査"])
    assert list(typed.typed_problems("# 8020運動の調査の結果", named, PLACE)) == []
    assert {"20歳代以下", "8020運動の調査"} <= named.labels and "よく知っている" not in named.labels


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("4.7%高い結果です", "4.7ポイント高い"),
        ("4.7%ほど低い結果です", "4.7ポイントほど低い"),
        ("4.7%の伸びです", "4.7ポイントの伸び"),
        ("4.7%の差があります", "4.7ポイントの差"),
        ("４．７％増", "4.7ポイント増"),
        ("4.7%多い", "4.7ポイント多い"),
    ],
)
def test_a_difference_called_a_percentage_is_a_problem(line, expected):
    assert [problem.expected for problem in typed.unit_problems(line, PLACE)] == [expected]


@pytest.mark.parametrize("line", ["43.7%に上昇しました", "43.7%と高い割合です", "43.7%で最も高く", "43.7%の人です", "4.7ポイント高い"])
def test_a_level_in_percent_is_none(line):
    assert list(typed.unit_problems(line, PLACE)) == []


@given(st.integers(0, 999).map(lambda tenths: f"{tenths // 10}.{tenths % 10}"))
def test_a_typed_share_passes_only_when_a_table_prints_it(number):
    problems = list(typed.typed_problems(f"割合は{number}%です。", PRINTED, PLACE))
    assert bool(problems) == (number not in PRINTED.percents)


#: 33.3 and 41.2 %, twice and 0.48 times the last share.
FEW = typed.PrintedNumbers(frozenset({"33.3", "41.2"}), frozenset(), frozenset({"3"}), frozenset({"2.01", "0.48"}))


@pytest.mark.parametrize(
    "words",
    ["三分の一", "3分の1", "1/3", "⅓", "3人に1人", "三人に一人", "約3割5分", "約４割", "4割強", "四割程度", "5割弱", "半数に満たない",
     "2倍", "前回比2倍", "約二倍", "倍増", "倍になりました", "ほぼ半減", "2倍以上", "三割を超え"],
)  # fmt: skip
def test_a_proportion_in_words_passes_where_a_table_holds_it(words):
    assert list(typed.typed_problems(f"経験のある職員は{words}です。", FEW, PLACE)) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [("五割", "五割"), ("4割", "4割"), ("三割五分", "三割五分"), ("2/3", "2/3"), ("三分の二", "三分の二"), ("二人に一人", "二人に一人"),
     ("半数", "半数"), ("過半数", "過半数"), ("半数以上", "半数以上"), ("約5割", "約5割"), ("3倍", "3倍"), ("前回比1.5倍", "1.5倍"), ("4割未満", "")],
)  # fmt: skip
def test_a_proportion_in_words_that_no_table_holds_stops(words, found):
    problems = list(typed.typed_problems(f"経験のある職員は{words}です。", FEW, PLACE))
    assert [problem.found for problem in problems] == [found] * bool(found)
    assert all("最も近い数値は" in p.expected and "{{設問.選択肢.項目}}" in p.next_step for p in problems)
