"""The results page: what a content system checks, and that every number has its row."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from pipeline.model import Problem, ProblemsFound, frozen_mapping
from pipeline.numerals import percent_text
from pipeline.report import asking, blocks, page, people, sentences, widths, wording
from pipeline.report.charts import charts_for
from pipeline.report.exhibits import Heading, Picture, Sentence, Table
from tests import fakes
from tests.content_checks import Reader, content_findings, pasted_findings, stripped_findings

TEXT = """# 令和5年度 アンケートの結果

こんにちは。回答は{{response.returns.count}}人でした。
２行目です。

[[findings]]

## 経験について

**経験がある**人は{{experience.yes.percent}}%です。

[[experience]]

[[good]]

## お問い合わせ

市民協働課
- 電話 000-0000-0000
"""


@pytest.fixture(scope="module")
def made():
    return page.compose(fakes.edition(), fakes.CHARTS)


def test_every_file_passes_the_content_checks(made):
    for text in ("", TEXT):
        for label in ("公表版", "庁内版"):
            edition = fakes.edition(text, label)
            for name, html in page.files(page.compose(edition, fakes.CHARTS)).items():
                check = content_findings if name == "index.html" else pasted_findings
                assert check(html) == [], name
                assert name == "index.html" or stripped_findings(html) == [], name


def test_fragments_start_at_h2_and_are_the_page(made):
    files = page.files(made)
    for section in made.sections:
        html = files[f"fragments/{section.name}.html"]
        assert html in files["page.html"]
        if section.block is not None:
            assert html.startswith("<h2>")


def test_every_block_has_a_fragment_even_if_not_chosen():
    files = page.files(page.compose(fakes.edition(TEXT), fakes.CHARTS))
    assert "fragments/meaning.html" in files
    assert "問1" not in files["page.html"]


def test_the_officers_heading_takes_the_place_of_the_blocks():
    composed = page.compose(fakes.edition(TEXT), fakes.CHARTS)
    assert composed.title == "令和5年度 アンケートの結果"
    assert [(section.name, section.heading) for section in composed.sections] == [
        ("text-1", ""),
        ("findings", "主な結果"),
        ("experience", "経験について"),
        ("good", "問5 協働してよかったこと：「つながりが広がった」が60.0%で最も高い"),
        ("text-2", "お問い合わせ"),
    ]
    html = page.files(composed)["page.html"]
    assert "<strong>経験がある</strong>人は43.7%です。" in html
    assert "回答は435人でした。<br>\n2行目です。" in html


def test_a_block_without_the_officers_heading_states_its_finding(made):
    assert [section.heading for section in made.sections if section.block is not None] == [
        "調査の概要",
        "主な結果",
        "問1 「協働」という言葉の意味の認知：「知っている（計）」は71.3%に低下",
        "問1 「協働」という言葉の意味の認知（年代別）：年代によって違いがある",
        "問2 協働の経験：「経験がある」は43.7%",
        "問2 協働の経験（年代別）",
        "問3 経験がない理由：「時間や人手に余裕がなかった」が41.5%で最も高い",
        "問4 協働の必要性：「必要だと思う」は73.6%",
        "問5 協働してよかったこと：「つながりが広がった」が60.0%で最も高い",
        "注",
    ]


def test_raw_html_in_the_officers_text_stays_text():
    html = page.files(page.compose(fakes.edition("# 題\n\n\\<script>alert()\\</script>\n"), {}))["page.html"]
    assert "&lt;script&gt;" in html
    assert "<script" not in html


def test_labels_are_escaped_and_of_plain_width(made):
    html = page.files(made)["page.html"]
    assert "＜新設＞Webでの連絡" in html


@pytest.mark.parametrize(
    ("text", "what", "found", "expected"),
    [
        ("# 題\n\n[[experiense]]\n", "ページに置けないブロックです", "[[experiense]]", "[[experience]]"),
        ("# 題\n\n[[good]]\n\n[[good]]\n", "同じブロックが2回あります", "[[good]]", "1回だけ"),
        ("# 題\n\n# もう一つ\n", "見出しの段階が違います", "#", "最初の行"),
        ("# 題\n\n#### 深い\n", "見出しの段階が違います", "####", "##"),
        ("# 題\n\n### 先に\n", "見出しの段階が違います", "###", "先に ##"),
        ("# 題\n\n![図](a.png)\n", "文章の中に画像は置けません", "![ ]( )", "ブロック"),
        ("# 題\n\n[こちら](https://example.jp/)\n", "リンク先の分からないリンクです", "こちら", "言葉"),
        ("# 題\n\n[くわしくはこちら](https://example.jp/)\n", "リンク先の分からないリンクです", "くわしくはこちら", "言葉"),
        ("# 題\n\n[**ここ**から](mailto:a@example.jp)\n", "リンク先の分からないリンクです", "**ここ**から", "言葉"),
        ("# 題\n\n[手引き](tebiki.html)\n", "リンクのアドレスが違います", "tebiki.html", "https://"),
        ("# 題\n\n[手引き](/kyodo/tebiki.html)\n", "リンクのアドレスが違います", "/kyodo/tebiki.html", "https://"),
        ("# 題\n\n[手引き](javascript:alert)\n", "リンクのアドレスが違います", "javascript:alert", "mailto:"),
        ("# 題\n\n{{good.G2.count}}人\n", "表にない数値です", "{{good.G2.count}}", "good.G"),
        ("# 題\n\n{{experience.yes.change}}%増えました。\n", "数値のあとの単位が違います", "{{experience.yes.change}}%", "}}ポイント"),
        ("# 題\n\n経験は前回より{{experience.yes.percent}}%高い結果です。\n", "割合の差を「%」で書いています", "43.7%高い", "43.7ポイント高い"),
        ("# 題\n\n435人、18団体が参加しました。\n\n[[experience]]\n", "文章の数値が、このページの表にありません", "18団体", "最も近い数値"),
        ("# 題\n\n191人\n\n[[experience]]\n", "文章の数値が、このページの表にありません", "191人", "190人"),
        ("# 題\n\n80人\n\n[[experience]]\n", "文章の数値が、このページの表にありません", "80人", "人"),
    ],
)
def test_a_wrong_page_text_is_a_problem(text, what, found, expected):
    edition = fakes.edition(text)
    with pytest.raises(ProblemsFound) as raised:
        page.compose(edition, fakes.CHARTS)
    problems = [problem for problem in raised.value.problems if problem.is_error]
    assert [(p.what, p.found) for p in problems] == [(what, found)]
    assert expected in problems[0].expected
    assert problems[0].file == "surveys/fake/page/2023.md"
    assert problems[0].cell.endswith("行目")
    assert page.problems(edition) == list(raised.value.problems)


def test_a_link_that_says_where_it_leads_passes():
    text = "# 題\n\n[こころの健康](https://example.jp/)と[ここちよい庁舎](HTTP://example.jp/)と[問い合わせ](mailto:a@example.jp)\n\n[[outline]]\n"
    assert page.problems(fakes.edition(text)) == []


SIGN, IN_HEADING = "ページでは使えない書き方です", "題名と ## の見出しでは使えない書き方です"


@pytest.mark.parametrize(
    ("line", "what", "found"),
    [
        ("[[notes", "ブロックの書き方が違います", "[[notes"),
        ("［［notes］］", "ブロックの書き方が違います", "［［notes］］"),
        ("## 見出し [[meaning]]", "ブロックの書き方が違います", "## 見出し [[meaning]]"),
        ("{{experience.yes.percent}%です。", "数値の書き方が違います", "{{experience.yes.percent}%です。"),
        ("｛｛experience.yes.percent｝｝%です。", "数値の書き方が違います", "｛｛experience.yes.percent｝｝%です。"),
        ("###   ", "言葉のない見出しです", "###"),
        ("##", "言葉のない見出しです", "##"),
        ("##見出し", SIGN, "##"),
        ("###　見出し", SIGN, "###"),
        ("## **大切な**こと", IN_HEADING, "**大切な**"),
        ("## [手引き](https://example.jp/)", IN_HEADING, "]("),
        ("[ ](https://example.jp/)", "リンク先の分からないリンクです", " "),
        ("[クリック](https://example.jp/)", "リンク先の分からないリンクです", "クリック"),
        ("[https://example.jp/](https://example.jp/)", "リンク先の分からないリンクです", "https://example.jp/"),
        ("[市民協働課](mailto:)", "リンクのアドレスが違います", "mailto:"),
        ("[手引き](https://example.jp/a b)", "リンクのアドレスが違います", "https://example.jp/a b"),
        ("> 引用です。", SIGN, ">"),
        ("前の行です。\n| 表 | です |", SIGN, "|"),
        ("```", SIGN, "```"),
        ("---", SIGN, "---"),
        ("[手引き][参考]", SIGN, "]["),
        ("[参考]: https://example.jp/", SIGN, "[参考]:"),
        ("大切な<br>ことです。", SIGN, "<br>"),
        ("協働&nbsp;です。", SIGN, "&nbsp;"),
        ("**「協働」**です。", SIGN, "**"),
    ],
)
def test_what_would_be_printed_as_its_signs_stops(line, what, found):
    problems = page.problems(fakes.edition(f"# 題\n\n## 節\n\n{line}\n\n[[outline]]\n"))
    assert [(p.what, p.found) for p in problems] == [(what, found)]
    assert problems[0].cell == ("6行目" if "\n" in line else "5行目")


def test_signs_that_are_read_or_meant_pass():
    text = "# 題\n\n## 節\n\n- **協働**の\\*印\n- a < b と ＜新設＞ と R&D\n\n1. **二行に\nわたる**強調\n\n### *小さい*見出し\n\n[[outline]]\n"
    assert page.problems(fakes.edition(text)) == []


def test_a_page_without_a_block_is_noted():
    (todo, note) = page.problems(fakes.edition("TODO 書く\n"))
    assert not todo.is_error and not note.is_error and "ブロックがありません" in note.what


def test_a_number_of_another_source_passes_with_a_note():
    edition = fakes.edition("# 題\n\n{{18 登録団体名簿}}団体と、{{1,200 庁内の統計（令和5年）}}件です。\n")
    note, _ = page.problems(edition)
    assert not note.is_error and note.found == "18（登録団体名簿）、1,200（庁内の統計(令和5年)）" and note.cell == "3行目"
    assert "18団体と、1,200件です。" in page.files(page.compose(edition, {}))["page.html"]


def test_all_problems_come_at_once():
    with pytest.raises(ProblemsFound) as raised:
        page.compose(fakes.edition("# 題\n\n[[a]]\n{{b}}\n12.3%\n"), {})
    assert len([problem for problem in raised.value.problems if problem.is_error]) == 3


def test_draft_build_and_notice_stand_first(made):
    files = page.files(made)
    notice = "<p>【案】この内容は公表前の案です（公表版、作成番号 0000abcd）。架空の調査です。</p>"
    assert files["page.html"].startswith(notice)
    assert "作成番号 0000abcd" in files["index.html"]
    internal = page.files(page.compose(fakes.edition(label="庁内版"), fakes.CHARTS))
    assert "（庁内版、作成番号" in internal["page.html"]
    assert internal.keys() == files.keys()


def test_same_edition_same_bytes():
    first, second = (page.files(page.compose(fakes.edition(TEXT), fakes.CHARTS)) for _ in range(2))
    assert first == second


# ---- numbers -----------------------------------------------------------------------------


def _printed_by(row) -> set[str]:
    """Every number a row may put on the page, as text without sign."""
    cells = []
    if "statistic" in row:
        cells = [wording.p_text_or_floor(row["p"]), f"{row['effect']:.2f}"]
    elif "wave_to" in row:
        cells = [wording.change_cell(row, None, None), wording.interval_cell(row), wording.p_cell(row), wording.adjusted_p_cell(row), people.people_cell(row)]
    else:
        cells = [wording.count_cell(row), wording.percent_cell(row), wording.base_cell(row)]
    return {number for cell in cells for number in _numbers(cell)}


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", text.replace(",", ""))


def test_every_number_of_a_table_is_in_its_evidence(made):
    for block in made.blocks:
        for table in block.of(Table):
            known = {number for row in table.evidence for number in _printed_by(row)} | {"100.0"}
            for row in table.rows:
                for cell in row[1:]:
                    text = re.sub(r"令和\d+年度|平成\d+年度", "", cell)
                    assert set(_numbers(text)) <= known, (block.id, table.caption, row)


def test_every_decimal_of_a_sentence_is_in_its_evidence(made):
    for block in made.blocks:
        if block.id == "notes":
            continue
        known = {number for row in block.evidence for number in _printed_by(row)} | {"3.8"}
        html = page.fragment(page.Section(block.id, "", page.Markup(""), block))
        for _, _, text in Reader(html).of("p", "li", "h3"):
            assert set(re.findall(r"\d+\.\d+", text)) <= known | {"0.1"}, (block.id, text)


def test_counted_shares_on_the_page_are_rounded_from_counts(made):
    table = next(block for block in made.blocks if block.id == "meaning").of(Table)[0]
    for tally in (
        t for t in fakes.TALLIES if t.question is fakes.MEANING and t.wave == "2023" and t.group == "all"
    ):
        printed = {row[0]: row for row in table.rows}
        for option, count in tally.counts.items():
            row = printed[fakes.MEANING.measure_label(option)]
            assert row[1:3] == (str(count), percent_text(count, tally.base))


def test_no_change_across_a_break_anywhere(made):
    block = next(block for block in made.blocks if block.id == "necessity")
    html = page.files(made)["fragments/necessity.html"]
    assert "3.8" not in html  # 73.6 - 69.8
    assert block.of(Table)[0].rows[0][-2:] == ("…", "比較できない")
    assert "令和3年度と令和5年度は比較できません（設問の文を変えたため）。" in html


def test_withheld_rows_print_no_number(made):
    cross = next(block for block in made.blocks if block.id == "experience-age").of(Table)[-1]
    assert cross.rows[1] == ("20歳代以下", "x", "x", "x", "x")
    assert cross.rows[0][0] == "全体"


def test_themes_stand_by_number_of_people(made):
    block = next(block for block in made.blocks if block.id == "good")
    assert [part.text for part in block.of(Heading)][:2] == [
        "★ つながりが広がった（90人）",
        "★ 新しい知識や発想をもらえた（58人）",
    ]
    html = page.files(made)["fragments/good.html"]
    assert "「よかったことは特になかった」という趣旨の回答もありました（150人中6人、4.0%）。" in html
    assert "「その他」の回答もありました（150人中8人、5.3%）。" in html


def test_findings_speak_every_verdict(made):
    html = page.files(made)["fragments/findings.html"]
    for heading in ("上昇した項目", "低下した項目", "ともいえない項目", "比べられない項目"):
        assert heading in html


def test_pictures_stand_before_their_table(made):
    for block in made.blocks:
        for place, part in enumerate(block.parts):
            if isinstance(part, Picture):
                assert any(isinstance(later, Table) for later in block.parts[place + 1 : place + 3])


def test_write_draws_each_chart_once(tmp_path, monkeypatch):
    from pipeline.report import charts

    saved = []
    monkeypatch.setattr(charts, "save", lambda chart, folder: saved.append((chart.name, folder.name)))
    monkeypatch.setattr(charts, "missing_glyphs", lambda drawn: [])
    page.write(fakes.edition(), tmp_path, fakes.CHARTS)
    assert saved == [(name, "charts") for name in ("meaning", "meaning-series", "meaning-age", "experience")]
    assert (tmp_path / "fragments" / "outline.html").read_bytes().endswith(b"\n")
    assert b"\r" not in (tmp_path / "page.html").read_bytes()


def test_a_problem_leaves_the_folder_untouched(tmp_path, monkeypatch):
    from pipeline.report import charts

    lost = Problem("図に使えない文字があります", found="𠮷")
    monkeypatch.setattr(charts, "missing_glyphs", lambda drawn: [lost])
    with pytest.raises(ProblemsFound) as raised:
        page.write(fakes.edition("# 題\n\n[[a]]\n"), tmp_path, fakes.CHARTS)
    found = [problem.what for problem in raised.value.problems if problem.is_error]
    assert found == ["ページに置けないブロックです", lost.what]
    assert list(tmp_path.iterdir()) == []


# ---- what a sentence and its table say of each other ---------------------------------------


def _block(edition, name):
    return next(block for block in page.compose(edition, fakes.CHARTS).blocks if block.id == name)


def test_a_sentence_on_groups_does_not_contradict_its_table():
    """40歳代以上 has the highest share of the table, from 20 people."""
    block = _block(fakes.edition(), "meaning-age")
    text, table = block.of(Sentence)[0].text, block.of(Table)[0]
    assert text.startswith(
        "nが30人以上の区分では、「知っている（計）」は、「30歳代」で75.9%（290人中220人）と最も高く、"
    )
    printed = {row[0]: row for row in table.rows}
    assert printed["40歳代以上"][1] == "20*" and float(printed["40歳代以上"][-1]) > 75.9


@pytest.mark.parametrize(
    ("groups", "start"),
    [
        (("20s", "30s", "unknown"), "属性不明を除くと、「知っている（計）」は、「30歳代」で75.9%"),
        (("20s", "30s", "40s+unknown"), "属性不明を含む区分を除くと、「知っている（計）」は、「30歳代」で75.9%"),
    ],
)
def test_a_group_with_unknown_people_is_no_finding(groups, start):
    known = {"20s": (120, 72), "30s": (290, 220)}
    tallies = [fakes.Tally(fakes.MEANING, "2023", *_meaning(*known.get(group, (60, 59))), group) for group in groups]
    others = [t for t in fakes.TALLIES if not (t.question is fakes.MEANING and t.wave == "2023" and t.group != "all")]
    block = _block(fakes.edition(tallies=(*others, *tallies)), "meaning-age")
    text = block.of(Sentence)[0].text
    assert text.startswith(start) and "「20歳代以下」で60.0%" in text


def _meaning(base, know):
    return base, {"well": know, "roughly": 0, "never": base - know, "no_answer": 0, "know": know}


def test_a_picture_says_what_the_page_says():
    edition = fakes.edition()
    alts = {chart.name: chart.alt for q in fakes.QUESTIONS for chart in charts_for(edition, q)}
    assert _block(edition, "meaning-age").of(Sentence)[0].text in alts["meaning-age"]
    ranking = sentences.ranking_sentence(edition, fakes.REASON).text
    assert widths.plain_width(ranking) in alts["reason"]
    assert _block(edition, "reason").of(Sentence)[0].text == ranking


def _test_note(*groups):
    """The note on the chi-square test of a cross with these groups."""
    counts = {"yes": 40, "no": 60}
    tallies = [fakes.Tally(fakes.EXPERIENCE, "2023", 300, {"yes": 120, "no": 180})]
    tallies += [fakes.Tally(fakes.EXPERIENCE, "2023", 100, counts, group) for group in groups]
    return _block(fakes.edition(tallies=tuple(tallies)), "experience-age").of(Table)[0].notes[-1]


def test_the_note_on_a_test_says_who_was_in_it():
    assert _test_note("20s", "30s", "unknown").endswith("無回答・無効と、属性不明だけの区分を除いて計算）。")
    assert _test_note("20s", "30s").endswith("無回答・無効を除いて計算）。")
    assert _test_note("20s", "40s+unknown").endswith(
        "無回答・無効を除いて計算。属性不明の人は「40歳代以上・属性不明」に含む）。"
    )


@pytest.mark.parametrize(("level", "percent"), [(0.90, "90"), (0.975, "97.5")])
def test_the_level_of_intervals_is_the_surveys(level, percent):
    html = page.files(page.compose(fakes.edition(confidence_level=level), fakes.CHARTS))["page.html"]
    assert f'<th scope="col">{percent}%信頼区間</th>' in html
    assert f"<li>{percent}%信頼区間は、" in html
    assert "95%信頼区間" not in html


def test_questions_stand_in_the_order_of_the_survey():
    """The waves of a publication list their questions in the order of its rows."""
    edition = fakes.edition()
    turned = frozen_mapping(dict(reversed(edition.wave.wording.items())))
    edition = replace(edition, wave=replace(edition.wave, wording=turned))
    assert [q.id for q in blocks.questions_on_page(edition)] == [
        "meaning", "experience", "reason", "necessity", "good"
    ]  # fmt: skip


def test_who_was_asked_is_said_alike_everywhere():
    edition = fakes.edition()
    said = "問2で「経験はない」と答えた人"
    assert f"{said}に聞きました。" in page.files(page.compose(edition, fakes.CHARTS))["page.html"]
    assert asking.asked_whom(edition.survey, fakes.REASON) == f"{said}に聞いた設問"
    assert asking.base_words(edition.survey, fakes.REASON) == f"nは{said}の数"
    assert asking.asked_whom(edition.survey, fakes.MEANING) == "全員に聞いた設問"
