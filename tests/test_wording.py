"""Every sign, verdict and sentence of a change."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Option, Question, Wave
from pipeline.numerals import percent_number, points_number
from pipeline.report import outline, people, sentences, tables, widths, wording
from pipeline.report.sentences import Comparison, change_sentence
from tests import fakes

NAN = math.nan
LAST = Wave("2017", "平成29年度")


def estimate(
    count=None, base=435, low=None, high=None, percent=None, status="shown", is_small="false", decimals=1
):
    exact = NAN if count is None else float(count)
    return {
        "measure": "share",
        "status": status,
        "count": exact,
        "count_low": exact if low is None else float(low),
        "count_high": exact if high is None else float(high),
        "base": NAN if base is None else float(base),
        "percent": 100 * exact / base
        if count is not None and base
        else (NAN if percent is None else percent),
        "decimals": decimals,
        "is_small_base": is_small,
        "note": "",
        "option_label": "経験がある",
        "group_label": "全体",
    }


def change(before, after, verdict="unclear", reason="chance", **cells):
    sides = [(row["count_low"], row["count_high"], row["base"]) for row in (before, after)]
    (low_from, high_from, base_from), (low_to, high_to, base_to) = sides
    row = {
        "measure": "share",
        "unit": "ポイント",
        "status": "shown",
        "change_low": 100 * (low_to / base_to - high_from / base_from),
        "change_high": 100 * (high_to / base_to - low_from / base_from),
        "base_from": base_from,
        "base_to": base_to,
        "low": -1.85,
        "high": 11.15,
        "p": 0.16512,
        "p_low": 0.16512,
        "p_high": 0.16512,
        "verdict": verdict,
        "verdict_reason": reason,
        "verdict_finite": "",
        "comparability": "same",
        "note": "",
    }
    is_exact = low_from == high_from and low_to == high_to
    return row | {"change": row["change_low"] if is_exact else NAN} | cells


def spoken(before, after, verdict="unclear", reason="chance", **cells) -> str:
    compared = Comparison("経験がある", after, before, change(before, after, verdict, reason, **cells), LAST)
    return change_sentence(compared).text


OLD, NEW = estimate(163, 418), estimate(190, 435)


def test_a_rise_within_chance_is_not_called_a_rise():
    assert spoken(OLD, NEW) == (
        "「経験がある」は43.7%（435人中190人）で、前回（平成29年度39.0%）から4.7ポイント（約20人分）高くなりましたが、"
        "偶然の範囲内の差で、上昇とはいえません。"
    )


@pytest.mark.parametrize(
    ("verdict", "reason", "words"),
    [
        ("up", "", "から4.7ポイント（約20人分）上昇しました。"),
        ("same", "", "変化なしといえる範囲の差です。"),
        ("unclear", "chance", "偶然の範囲内の差で、上昇とはいえません。"),
        ("unclear", "small", "差は小さく、上昇とは判定しません。"),
        ("unclear", "base", "回答者が少ないため判定しません。"),
    ],
)
def test_every_verdict_of_a_higher_share(verdict, reason, words):
    assert spoken(OLD, NEW, verdict, reason).endswith(words)


@pytest.mark.parametrize(
    ("verdict", "reason", "words"),
    [
        ("down", "", "から4.7ポイント（約20人分）低下しました。"),
        ("same", "", "低くなりましたが、変化なしといえる範囲の差です。"),
        ("unclear", "chance", "低くなりましたが、偶然の範囲内の差で、低下とはいえません。"),
        ("unclear", "small", "低くなりましたが、差は小さく、低下とは判定しません。"),
        ("unclear", "base", "低くなりましたが、回答者が少ないため判定しません。"),
    ],
)
def test_every_verdict_of_a_lower_share(verdict, reason, words):
    assert spoken(NEW, OLD, verdict, reason).endswith(words)


def test_nothing_moved():
    assert "と同じ値です。判定は「変化なし」です。" in spoken(OLD, OLD, "same", "")
    near = spoken(estimate(10_000, 20_001), estimate(10_001, 20_001), "same", "")
    assert "ほとんど同じ値（差は0.1ポイント未満）です。判定は「変化なし」です。" in near


@pytest.mark.parametrize(
    ("verdict", "reason", "words"),
    [
        ("up", "", "範囲のどこをとっても上昇といえます。"),
        ("unclear", "rounding", "公表値の丸めの範囲では判定できません。"),
        ("unclear", "chance", "偶然の範囲内の差で、上昇とも低下ともいえません。"),
    ],
)
def test_an_approximate_figure_says_its_range(verdict, reason, words):
    before = estimate(None, 418, 314, 318)
    text = spoken(before, estimate(355), verdict, reason)
    assert "平成29年度は公表値の丸めにより75.1〜76.1%の範囲で、変化は+5.5〜+6.5ポイントです。" in text
    assert text.endswith(words)


def test_an_approximate_figure_of_this_wave():
    text = spoken(OLD, estimate(None, 435, 188, 192, percent=43.7), "unclear", "rounding")
    assert text.startswith("「経験がある」は約43.7%（435人中188〜192人）です。前回（平成29年度）は39.0%で、")


def test_broken_withheld_and_unasked_changes_give_no_number():
    broken = spoken(OLD, NEW, "not_comparable", "grade", comparability="broken", note="設問の文を変えたため")
    assert broken.endswith("です。前回（平成29年度）とは比較できません（設問の文を変えたため）。")
    hidden = spoken(OLD, NEW, "unclear", "withheld", status="withheld")
    assert hidden.endswith("前回（平成29年度）との比較は、回答者が少ない区分を守るため載せていません。")
    unasked = spoken(OLD, NEW, "not_comparable", "grade", status="not_asked")
    assert unasked.endswith("前回（平成29年度）は聞いていないため、比較できません。")
    assert all("4.7" not in text and "39.0" not in text for text in (broken, hidden, unasked))


def test_without_a_value_or_a_last_time():
    assert change_sentence(Comparison("甲", estimate(status="withheld"), None, None, LAST)).text == (
        "「甲」は、回答者が少ないため、数値を載せていません。"
    )
    assert change_sentence(Comparison("甲", None, OLD, None, LAST)).text == "「甲」は、今回の値がありません。"
    assert (
        "聞いていないため、比較はありません" in change_sentence(Comparison("甲", NEW, None, None, None)).text
    )
    assert "の値がないため、比較していません" in change_sentence(Comparison("甲", NEW, None, None, LAST)).text


def test_a_flagged_pair_says_its_condition_without_remarks():
    text = spoken(OLD, NEW, comparability="flagged", note="選択肢を加えたため、小さい差")
    assert text.endswith("なお、前回とは条件に違いがあります（選択肢を加えたため）。")


def test_a_small_base_is_said_in_the_sentence():
    assert "（25人中10人、参考値）" in spoken(OLD, estimate(10, 25, is_small="true"), "unclear", "base")


def test_verdict_words():
    words = {
        ("up", ""): "上昇",
        ("down", ""): "低下",
        ("same", ""): "変化なし",
        ("unclear", "chance"): "偶然の範囲内の差",
        ("unclear", "small"): "差は小さい",
        ("unclear", "base"): "回答者が少ないため判定しない",
        ("unclear", "withheld"): "秘匿のため判定しない",
        ("unclear", "rounding"): "公表値の丸めの範囲では判定できない",
        ("not_comparable", "grade"): "比較できない",
    }
    for (verdict, reason), word in words.items():
        assert wording.verdict_word({"verdict": verdict, "verdict_reason": reason, "note": ""}) == word
    small = {"verdict": "same", "verdict_reason": "", "note": wording.SMALL_DIFFERENCE}
    assert wording.verdict_word(small) == "変化なし（小さい差）"


def test_five_facts_have_five_signs():
    assert wording.percent_cell(estimate(status="withheld")) == "x"
    assert wording.percent_cell(None) == wording.percent_cell(estimate(status="not_asked")) == "…"
    assert wording.percent_cell(estimate(0)) == wording.count_cell(estimate(0)) == "-"
    assert wording.percent_cell(estimate(1, 5000)) == "0.0"
    assert wording.base_cell(estimate(10, 25, is_small="true")) == "25*"
    assert wording.count_cell(estimate(1234, 5000)) == "1,234"


@pytest.mark.parametrize(
    ("percent", "decimals", "printed"), [(74.0, 0, "約74"), (74.0, 1, "約74.0"), (74.25, 2, "約74.25")]
)
def test_an_approximate_share_keeps_the_decimals_it_was_published_with(percent, decimals, printed):
    row = estimate(None, 406, 299, 302, percent=percent, decimals=decimals)
    assert wording.percent_cell(row) == f"{printed}（73.6〜74.4）"
    assert wording.percent_words(row) == f"{printed}%"


@pytest.mark.parametrize(
    ("level", "percent"),
    [(0.95, "95"), (0.9, "90"), (0.975, "97.5"), (0.05, "5"), (0.07, "7"), (0.999, "99.9")],
)
def test_a_level_in_percent(level, percent):
    assert wording.level_percent(level) == percent


def test_cells_of_a_change():
    row = change(OLD, NEW)
    assert wording.change_cell(row, OLD, NEW) == "+4.7"
    assert wording.interval_cell(row) == "-1.9〜+11.2"
    assert wording.p_cell(row) == "0.1651"
    assert wording.p_cell(row | {"p": 0.00001}) == "0.0001未満"
    assert wording.change_cell(row | {"status": "withheld"}, OLD, NEW) == "x"
    approximate = change(estimate(None, 418, 314, 318), estimate(355), p=NAN, p_low=0.02125, p_high=0.04774)
    assert wording.change_cell(approximate, None, None) == "+5.5〜+6.5"
    assert wording.p_cell(approximate) == "0.02125〜0.04774"
    tiny = approximate | {"p_low": 1e-9, "p_high": 2e-7}
    assert wording.p_cell(tiny) == "0.0001未満"
    assert wording.p_cell(tiny | {"p_high": 0.02}) == "0.0001未満〜0.02000"


def test_rounding_mark_stands_where_printed_figures_do_not_subtract():
    before, after = estimate(430, 580), estimate(435, 558)  # 74.1 and 78.0, yet +3.8
    cell = wording.change_cell(change(before, after), before, after)
    assert cell == "+3.8※"
    assert "3.8ポイント（約21人分、※四捨五入する前の値から計算）" in spoken(before, after)


@given(st.integers(1, 900), st.integers(1, 900), st.data())
def test_change_is_exact_and_marked_by_the_rule(base_from, base_to, chosen):
    before = estimate(chosen.draw(st.integers(0, base_from)), base_from)
    after = estimate(chosen.draw(st.integers(0, base_to)), base_to)
    counts = [int(row[cell]) for row in (before, after) for cell in ("count", "base")]
    row = change(before, after)
    assert wording.points(row) == 100 * (Fraction(counts[2], counts[3]) - Fraction(counts[0], counts[1]))
    cell = wording.change_cell(row, before, after)
    printed = points_number(*counts)
    assert Decimal(cell.removesuffix("※")) == printed
    assert cell.endswith("※") == (percent_number(*counts[2:]) - percent_number(*counts[:2]) != printed)


@given(st.integers(1, 900), st.integers(1, 900), st.data())
def test_people_behind_a_change_are_counted_by_the_later_base(base_from, base_to, chosen):
    """About n people: the later count less what the earlier share would have given, by long division."""
    was, now = (chosen.draw(st.integers(0, base)) for base in (base_from, base_to))
    row = change(estimate(was, base_from), estimate(now, base_to))
    exact = Decimal(now) - Decimal(was * base_to) / Decimal(base_from)
    expected = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    assert people.people_of(row) == expected
    assert people.people_cell(row) == (f"{expected:+d}" if expected else "0")
    assert people.people_words(row) == (f"約{abs(expected)}人分" if expected else "")


def test_no_people_behind_a_range_a_mean_or_a_withheld_change():
    approximate = change(estimate(None, 418, 314, 318), estimate(355))
    mean = change(OLD, NEW, measure="mean")
    withheld = change(OLD, NEW, status="withheld")
    assert [people.people_cell(row) for row in (approximate, mean, withheld)] == ["…", "…", "x"]
    assert not any(people.people_words(row) for row in (approximate, mean, withheld))


def test_people_said_of_a_change_stand_in_the_table_beside_it():
    edition = fakes.edition()
    compared = sentences.comparison(edition, fakes.EXPERIENCE, "yes")
    assert "（約20人分）" in change_sentence(compared).text
    table = tables.changes_table(edition, fakes.EXPERIENCE)
    newest = dict(zip(table.columns, table.rows[0], strict=True))
    assert (newest["変化"], newest[people.COLUMN]) == ("+4.7", "+20")


@given(st.text())
def test_plain_width_is_stable_and_leaves_no_odd_width(text):
    once = widths.plain_width(text)
    assert widths.plain_width(once) == once
    assert not any(
        "０" <= c <= "９" or "Ａ" <= c <= "Ｚ" or "ａ" <= c <= "ｚ" or "｡" <= c <= "ﾟ" for c in once
    )


def test_plain_width_keeps_punctuation():
    assert widths.plain_width("Ｗｅｂ（５０％）　ｶﾞｲﾄﾞ：「～」！") == "Web（50%） ガイド：「～」！"


def test_ranking_needs_every_option():
    edition = fakes.edition()
    ranked = sentences.ranking_sentence(edition, fakes.MEANING).text
    assert ranked == (
        "「だいたい知っている」が52.9%（435人中230人）で最も高く、次いで「知らない」が27.6%、「よく知っている」が18.4%の順です。"
    )
    partial = fakes.edition(
        tallies=(*(t for t in fakes.TALLIES if t.question is not fakes.EXPERIENCE),)
        + (fakes.Tally(fakes.EXPERIENCE, "2023", 435, {"yes": 190}),)
    )
    assert sentences.ranking_sentence(partial, fakes.EXPERIENCE) is None


def test_ranking_of_a_tie():
    tied = fakes.edition(tallies=(fakes.Tally(fakes.EXPERIENCE, "2023", 40, {"yes": 20, "no": 20}),))
    text = sentences.ranking_sentence(tied, fakes.EXPERIENCE).text
    assert text == "「経験がある」と「経験はない」がともに50.0%（40人中20人）で最も高くなっています。"


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (
            (20, 20, 5, 1),
            "「甲」と「乙」がともに40.0%（50人中20人）で最も高く、次いで「丙」が10.0%、「丁」が2.0%の順です。",
        ),
        (
            (20, 9, 9, 9),
            "「甲」が40.0%（50人中20人）で最も高く、次いで「乙」と「丙」と「丁」がいずれも18.0%です。",
        ),
        ((9, 9, 9, 9), "「甲」と「乙」と「丙」と「丁」がいずれも18.0%（50人中9人）で最も高くなっています。"),
        ((0, 9, 0, 0), "「乙」が18.0%（50人中9人）で最も高くなっています。"),
    ],
)
def test_equal_shares_are_named_together_wherever_they_stand(counts, words):
    options = tuple(Option(key, key) for key in "甲乙丙丁")
    question = replace(fakes.EXPERIENCE, options=options)
    tally = fakes.Tally(question, "2023", 50, dict(zip("甲乙丙丁", counts, strict=True)))
    assert sentences.ranking_sentence(fakes.edition(tallies=(tally,)), question).text == words


def test_nobody_is_nothing_to_rank():
    tally = fakes.Tally(fakes.EXPERIENCE, "2023", 50, {"yes": 0, "no": 0})
    assert sentences.ranking_sentence(fakes.edition(tallies=(tally,)), fakes.EXPERIENCE) is None


# ---- highest and lowest group ------------------------------------------------------------


def spread(groups: dict[str, tuple[int, int]], **parameters):
    """The sentence on 協働の経験 by age for groups of (yes, n); n = 0 stands for a withheld group."""
    tallies = [fakes.Tally(fakes.EXPERIENCE, "2023", 400, {"yes": 200, "no": 200})]
    for group, (count, base) in groups.items():
        counts, status = {"yes": count, "no": base - count}, "shown" if base else "withheld"
        tallies.append(fakes.Tally(fakes.EXPERIENCE, "2023", base, counts, group, status))
    edition = fakes.edition(tallies=tuple(tallies), **parameters)
    found = sentences.spread_sentence(edition, fakes.EXPERIENCE, "age")
    return found and found.text


def test_groups_that_are_all_compared_need_no_remark():
    assert spread({"20s": (10, 40), "30s": (30, 60), "40s": (20, 100)}) == (
        "「経験がある」は、「30歳代」で50.0%（60人中30人）と最も高く、"
        "「40歳代以上」で20.0%（100人中20人）と最も低くなっています。"
    )


def test_small_groups_are_left_out_aloud():
    text = spread({"20s": (10, 40), "30s": (30, 60), "40s": (29, 29)})
    assert text.startswith("nが30人以上の区分では、「経験がある」は、「30歳代」で50.0%")
    assert "40歳代" not in text


def test_withheld_and_unknown_groups_are_left_out_aloud():
    assert spread({"20s": (10, 40), "30s": (30, 60), "40s": (0, 0)}).startswith(
        "数値を載せている区分では、「経験"
    )
    both = spread({"20s": (10, 40), "30s": (30, 60), "40s": (0, 0), "unknown": (4, 5)})
    assert both.startswith("数値を載せている、nが30人以上の区分では、「経験")
    many = spread({"20s": (10, 40), "30s": (30, 60), "unknown": (50, 50)})
    assert many.startswith("属性不明を除くと、「経験") and "100.0%" not in many
    merged = spread({"20s": (10, 40), "30s": (20, 100), "40s+unknown": (30, 60)})
    assert merged.startswith("属性不明を含む区分を除くと、「経験がある」は、「20歳代以下」で25.0%")


def test_tied_groups_are_named_together():
    assert spread({"20s": (20, 40), "30s": (30, 60), "40s": (20, 100)}) == (
        "「経験がある」は、「20歳代以下」と「30歳代」でともに50.0%と最も高く、"
        "「40歳代以上」で20.0%（100人中20人）と最も低くなっています。"
    )
    assert spread({"20s": (20, 40), "30s": (30, 60), "40s": (50, 100)}) is None


def test_reading_order_of_many_answers():
    order = [option.id for option in tables.reading_order(fakes.edition(), fakes.REASON)]
    assert order == ["busy", "nochance", "web", "other", "none"]
    scale = tables.reading_order(fakes.edition(), fakes.MEANING)
    assert [option.id for option in scale] == ["well", "roughly", "never"]


def test_returns_have_no_verdict():
    text = outline.returns_sentence(fakes.edition()).text
    assert text.endswith("から3.8ポイント（※四捨五入する前の値から計算）高くなりました。")
    assert not any(word in text for word in wording.VERDICT_WORDS.values())


def test_every_earlier_pair_is_listed_falls_included():
    table = tables.changes_table(fakes.edition(), fakes.EXPERIENCE)
    pairs = {row[0]: row for row in table.rows}
    assert pairs["令和元年度から令和3年度"][3] == "-4.7"
    assert len(pairs) == 5
    edition = fakes.edition()
    fell = (edition.changes["question"] == "reason") & (edition.changes["option"] == "nochance")
    verdicts = edition.changes["verdict"].mask(fell, "down")
    many = tables.changes_table(
        replace(edition, changes=edition.changes.assign(verdict=verdicts)), fakes.REASON
    )
    assert [row[1] for row in many.rows] == ["時間や人手に余裕がなかった", "機会がなかった"]


def test_question_without_options_has_no_headline():
    empty = Question("empty", "なし", "single")
    assert sentences.headline_item(fakes.edition(), empty) == ""


@pytest.mark.parametrize(("before", "after", "step", "cell"), [(48.04, 46.26, -1.78, "-1.8点※"), (48.0, 46.2, -1.8, "-1.8点")])
def test_a_mean_says_when_it_does_not_subtract_as_printed(before, after, step, cell):
    sides = [estimate() | {"measure": "mean", "value": value, "unit": "点"} for value in (before, after)]
    told = {"measure": "mean", "status": "shown", "unit": "点", "change": step, "basis": "counted"}
    assert wording.change_cell(told, *sides) == cell
