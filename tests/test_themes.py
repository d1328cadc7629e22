"""Good and hard on the page: stars, approved lines, both denominators; what may not be shown is not."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import disclosure, frames
from pipeline.messages import problems_text
from pipeline.model import ALL_GROUP, TOTAL_BANNER, Route, SignedGrade
from pipeline.numerals import percent_text
from pipeline.report import page, themes, workbook
from pipeline.report.exhibits import Bullets, Heading, Sentence
from pipeline.report.page import Markup, Section
from tests import fakes
from tests.test_page import pasted_findings


def lines(*rows):
    """Rows of (code, line, order, stands_for) as approved lines of the question ``good``."""
    names = ("code", "line", "order", "stands_for")
    signed = {"question": "good", "approver": "課長", "date": "2024-02-20"}
    return frames.table(frames.LINES, [signed | dict(zip(names, row, strict=True)) for row in rows])


LINES = lines(
    ("G5", "町で声をかけてもらえるようになった。", 2, 30),
    ("G5", "ほかの課との協力が進んだ", 10, 2),
    ("G5", "ｺﾞﾐ拾いの日に２つの会が知り合った", 1, 3),
    ("X9", "よい思い出になった", 1, 4),
)


def spoken(edition):
    return next(block for block in page.blocks(edition, {}) if block.id == "good")


def told(parts, heading):
    """The parts between a heading and the next one."""
    place = next(n for n, part in enumerate(parts) if isinstance(part, Heading) and heading in part.text)
    rest = parts[place + 1 :]
    end = next((n for n, part in enumerate(rest) if isinstance(part, Heading)), len(rest))
    return rest[:end]


@pytest.fixture(scope="module")
def edition():
    return replace(fakes.edition(), lines=LINES)


def test_lines_stand_under_their_star_in_their_order(edition):
    share, bullets = told(spoken(edition).parts, "つながりが広がった（90人）")
    assert share.text.startswith("60.0%（150人中90人）で、前回（令和3年度50.0%）から10.0ポイント")
    assert [item.text for item in bullets.items] == [
        "ゴミ拾いの日に2つの会が知り合った（3件）",
        "町で声をかけてもらえるようになった（30件）",
        "ほかの課との協力が進んだ（少数の意見）",
    ]
    assert "よい思い出になった（4件）" in [b.text for b in told(spoken(edition).parts, "そのほか")[-2].items]


def test_without_lines_the_meaning_of_a_theme_is_said(edition):
    (said,) = told(spoken(edition).parts, "新しい知識や発想をもらえた")
    assert said.text.startswith("「新しい視点や助言を得た」という内容です。38.7%（150人中58人）で、")
    without = spoken(fakes.edition())
    assert not [part for part in without.parts if isinstance(part, Bullets)]
    assert "担当者が要約" not in "".join(part.text for part in without.parts if isinstance(part, Sentence))


def test_the_section_can_be_pasted(edition):
    block = spoken(edition)
    html = page.fragment(Section("good", block.heading, Markup(""), block))
    assert pasted_findings(html) == []
    assert "<li>ほかの課との協力が進んだ（少数の意見）</li>" in html


def test_everyone_asked_is_the_second_base(edition):
    """Nobody is routed past the fake question: everyone who returned a form was asked."""
    table = themes.themes_table(edition, fakes.GOOD)
    assert table.columns[:4] == ("内容", "令和5年度（人）", "令和5年度（%）", "令和5年度（全員の%）")
    cells = {row[0]: row[1:] for row in table.rows}
    for code, count in (("G1", 58), ("G5", 90), ("X1", 6), ("X9", 8)):
        row = cells[fakes.GOOD.measure_label(code)]
        assert row[:3] == (str(count), percent_text(count, 150), percent_text(count, 435))
    assert cells["内容のある回答をした人（n）"][:3] == ("150", "100.0", percent_text(150, 435))
    assert cells[themes.ASKED_LABEL] == ("435", "", "100.0", "430", "", "", "")
    assert f"{percent_text(150, 435)}%（435人中150人）" in spoken(edition).of(Sentence)[1].text


def routed(edition, *options):
    """The edition with the question asked of those who gave one of ``options`` as their experience."""
    good = replace(fakes.GOOD, route=Route("experience", options))
    questions = tuple(good if question.id == "good" else question for question in edition.survey.questions)
    return replace(edition, survey=replace(edition.survey, questions=questions)), good


def test_of_a_routed_question_the_people_asked_are_those_of_the_filter(edition):
    made, good = routed(edition, "yes", "no")
    table = themes.themes_table(made, good)
    assert table.rows[-1][1] == str(190 + 241) and table.rows[-1][4] == str(163 + 250)


def withheld(question):
    """The tallies with everything about a question in 2023 withheld."""
    return tuple(
        replace(tally, status="withheld") if (tally.question.id, tally.wave) == (question, "2023") else tally
        for tally in fakes.TALLIES
    )


def test_where_the_filter_is_not_known_there_is_no_second_base():
    made, good = routed(fakes.edition(tallies=withheld("experience")), "yes")
    table = themes.themes_table(made, good)
    assert not [column for column in table.columns if "全員" in column]
    assert themes.ASKED_LABEL not in [row[0] for row in table.rows]
    assert "この設問を聞いた人のうち" not in "".join(part.text for part in spoken(made).of(Sentence))


def test_a_question_whose_base_is_everyone_asked_needs_no_second_one(edition):
    good = replace(fakes.GOOD, base="asked")
    questions = tuple(good if question.id == "good" else question for question in edition.survey.questions)
    made = replace(edition, survey=replace(edition.survey, questions=questions))
    text = "".join(part.text for part in spoken(made).of(Sentence))
    assert "割合の基数は「この設問を聞いた人全員" in text and "割合の2つを示します" not in text
    assert themes.ASKED_LABEL not in [row[0] for row in themes.themes_table(made, good).rows]


def test_withheld_themes_show_no_number_of_either_kind():
    made = fakes.edition(tallies=withheld("good"))
    made = replace(made, lines=disclosure.shown_lines(LINES, made.estimates, "2023"))
    assert made.lines.empty
    block = spoken(made)
    assert not [part for part in block.parts if isinstance(part, Heading) and themes.STAR in part.text]
    for row in themes.themes_table(made, fakes.GOOD).rows[:-2]:
        assert row[1:4] == ("x", "x", "x")


def test_across_a_break_no_change_is_spoken(edition):
    grade = SignedGrade("good", "2021", "2023", "broken", "主題を立て直したため", "課長", "2024-02-01")
    signed = replace(edition.survey, comparability=(*edition.survey.comparability, grade))
    made = replace(edition, survey=signed, changes=fakes.changes(signed, edition.estimates))
    share, _ = told(spoken(made).parts, "つながりが広がった")
    assert (
        share.text
        == "60.0%（150人中90人）です。前回（令和3年度）とは比較できません（主題を立て直したため）。"
    )


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(st.sampled_from(("shown", "withheld", "not_asked")), st.integers(0, 8)),
        min_size=4,
        max_size=4,
    )
)
def test_a_line_is_shown_only_under_a_theme_of_three_people_whose_count_is_shown(themes_found):
    rows = []
    for option, (status, count) in zip(fakes.GOOD.options, themes_found, strict=True):
        numbers = dict.fromkeys(("count", "count_low", "count_high"), count) if status == "shown" else {}
        place = {
            "survey": "fake",
            "wave": "2023",
            "question": "good",
            "measure": "share",
            "option": option.id,
        }
        rows.append(place | {"banner": TOTAL_BANNER, "group": ALL_GROUP, "status": status} | numbers)
    shown = disclosure.shown_lines(LINES, frames.table(frames.ESTIMATES, rows), "2023")
    enough = {
        option.id
        for option, (status, count) in zip(fakes.GOOD.options, themes_found, strict=True)
        if status == "shown" and count >= 3
    }
    assert set(shown["code"]) == set(LINES["code"]) & enough
    assert len(shown) == sum(code in enough for code in LINES["code"])


def test_a_line_cannot_stand_for_more_answers_than_its_theme_has_people(edition):
    assert themes.problems(edition) == []
    made = replace(edition, lines=lines(("G5", "秘密の言葉", 1, 90), ("G1", "秘密の言葉", 3, 59)))
    (problem,) = page.problems(made)
    assert (problem.key, problem.found, problem.expected) == ("good G1 順番3", "59件", "58件まで")
    assert problem.is_error and "秘密" not in problems_text([problem])


def test_the_sheet_holds_both_denominators_and_the_lines(edition, tmp_path):
    workbook.write(edition, tmp_path)
    book = openpyxl.load_workbook(io.BytesIO((tmp_path / workbook.FILE).read_bytes()))
    sheet = book["自由記述の分類"]
    found = {}
    for name in ("themes", "lines"):
        header, *rows = sheet[sheet.tables[name].ref]
        heads = [cell.value for cell in header]
        found[name] = [dict(zip(heads, (cell.value for cell in row), strict=True)) for row in rows]
    linked = next(row for row in found["themes"] if row["内容"] == "つながりが広がった")
    numbers = (
        "回答数（人）",
        "基数 n（人）",
        "割合（%）",
        "聞いた人 n（人）",
        "聞いた人に占める割合（%）",
    )
    assert [linked[name] for name in numbers] == [90, 150, 60, 435, float(percent_text(90, 435))]
    assert (linked["前回の割合（%）"], linked["変化（ポイント）"]) == (50, 10)
    assert linked["判定"] == "偶然の範囲内の差" and linked["内容の説明"] == "顔の見える関係ができた"
    assert [(row["要約した文"], row["その趣旨の回答（件）"]) for row in found["lines"]][:3] == [
        ("ゴミ拾いの日に2つの会が知り合った", 3),
        ("町で声をかけてもらえるようになった", 30),
        ("ほかの課との協力が進んだ", "少数の意見"),
    ]
