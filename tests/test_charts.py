"""Charts: what is drawn, that it can be read, and that it is the same every time."""

from __future__ import annotations

import itertools
import pickle
import re
import subprocess
import sys
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import pytest

from pipeline.model import Option, Parameters, ProblemsFound
from pipeline.report import palette, sentences, tables
from pipeline.report.charts import charts_for, missing_glyphs, save
from pipeline.report.charts.lettering import text_width, wrapped
from pipeline.report.charts.sheet import Box, Dot, Line, Words
from tests import chart_edition as made

EDITION = made.edition()
LONG = "市民活動団体、自治会・町内会、学校、商店街、企業などの地域のさまざまな主体と一緒に取り組むことができた（複数年度）"


def charts(question, edition=EDITION):
    return {chart.name: chart for chart in charts_for(edition, question)}


def words(chart):
    return [mark for mark in chart.marks if isinstance(mark, Words)]


def texts(chart):
    return [mark.text for mark in words(chart)]


def rounded(count, base):
    """Half up by decimal long division of counts, independent of the code under test."""
    exact = Decimal(100) * Decimal(count) / Decimal(base)
    return str(exact.quantize(Decimal("0.1"), ROUND_HALF_UP))


def all_charts():
    for edition in (EDITION, made.published_only(), crowded()):
        for question in edition.survey.questions:
            yield from charts_for(edition, question)


def crowded():
    """Return an edition with long labels everywhere: options, waves and a banner of many groups."""
    options = tuple(Option(f"o{n}", f"{LONG}{n}") for n in range(6))
    scale = replace(made.MEANING, id="scale", options=options, nets=(), headline="o0", label=LONG * 2)
    ticks = replace(scale, id="ticks", kind="multiple", is_ordered=False, chart="bar")
    banner = replace(made.AGE, id="post", label="所属する部局")
    groups = [(f"g{n}", f"健康福祉部・こども未来部{LONG[: 4 * n]}") for n in range(9)]
    rows = []
    for question in (scale, ticks):
        for n, wave in enumerate(made.KEYS):
            counts = {f"o{k}": 30 + 9 * k + 5 * n for k in range(6)}
            base = sum(counts.values())
            rows += made.rows(question, wave, base, counts)
        for key, label in groups:
            counts = {f"o{k}": 4 * k + 1 for k in range(6)}
            at = ("post", banner.label, key, label)
            rows += made.rows(question, "2025", sum(counts.values()), counts, at)
    questions = (banner, scale, ticks)
    crowd = made.edition(rows, questions=(*made.QUESTIONS, *questions))
    waves = tuple(replace(wave, label=f"{wave.label}（追加の調査）") for wave in crowd.survey.waves)
    survey = replace(crowd.survey, questions=questions, waves=waves)
    return replace(crowd, survey=survey, wave=waves[-1])


# ---- which charts there are --------------------------------------------------------------


def test_names_and_order():
    kinds = {
        question.id: [(c.name, c.kind) for c in charts_for(EDITION, question)] for question in made.QUESTIONS
    }
    assert kinds == {
        "age": [],
        "meaning": [("meaning", "band"), ("meaning-series", "series"), ("meaning-age", "cross")],
        "experience": [("experience", "bar"), ("experience-series", "series"), ("experience-age", "cross")],
        "reason": [("reason", "bar"), ("reason-series", "series")],
        "need": [("need", "band"), ("need-series", "series")],
    }


def test_a_survey_known_from_publications_has_its_series():
    edition = made.published_only()
    assert list(charts(made.MEANING, edition)) == ["meaning-series"]
    assert list(charts(made.EXPERIENCE, edition)) == ["experience-series"]


# ---- 帯グラフ ----------------------------------------------------------------------------


def test_band_has_the_newest_wave_on_top_and_no_partial_wave():
    rows = [mark.text for mark in words(charts(made.MEANING)["meaning"]) if "(n=" in mark.text]
    assert rows == ["令和7年度 (n=448)", "令和5年度 (n=431)", "令和3年度 (n=452)", "令和元年度 (n=435)"]


def test_band_prints_segments_of_four_percent_rounded_half_up():
    chart = charts(made.MEANING)["meaning"]
    printed = [text for text in texts(chart) if re.fullmatch(r"[\d.]+\.\d", text)]
    counts = (
        (448, (84, 282, 53, 16, 13)), (431, (95, 250, 60, 20, 6)),
        (452, (80, 270, 70, 22, 10)), (435, (93, 262, 62, 14, 4)),
    )  # fmt: skip
    expected = [rounded(n, base) for base, row in counts for n in row if 100 * n >= 4 * base]
    assert printed == expected
    assert "18.8" in printed  # 84 of 448 is 18.75: half goes up


def test_band_merges_both_states_into_the_grey_end():
    chart = charts(made.MEANING)["meaning"]
    assert "無回答・無効" in texts(chart)
    ends = [mark for mark in chart.marks if isinstance(mark, Box) and mark.hatch and mark.height > 20]
    assert len(ends) == 4
    for end in ends:
        row = [mark for mark in chart.marks if isinstance(mark, Box) and mark.y == end.y]
        assert max(row, key=lambda mark: mark.x) is end


def test_band_parts_waves_that_cannot_be_compared():
    chart = charts(made.NEED)["need"]
    note = next(mark for mark in words(chart) if mark.text.startswith("設問変更"))
    heights = {mark.text[:5]: mark.y for mark in words(chart) if "(n=" in mark.text}
    assert heights["令和5年度"] < note.y < heights["令和3年度"]
    assert any(isinstance(mark, Line) and mark.dashes and mark.ys == (note.y, note.y) for mark in chart.marks)
    assert not any("設問変更" in text for text in texts(charts(made.MEANING)["meaning"]))


def test_withheld_group_shows_a_sign_and_nothing_else():
    chart = charts(made.MEANING)["meaning-age"]
    label = next(mark for mark in words(chart) if mark.text.startswith("60歳代以上"))
    assert label.text == "60歳代以上 (n=x)"
    assert [mark.text for mark in words(chart) if mark.y == label.y] == ["60歳代以上 (n=x)", "x"]
    boxes = [mark for mark in chart.marks if isinstance(mark, Box)]
    assert not any(mark.y <= label.y <= mark.y + mark.height for mark in boxes)
    assert "60歳代" not in chart.alt


# ---- 横棒 --------------------------------------------------------------------------------


def test_bars_are_sorted_with_the_rest_last():
    chart = charts(made.REASON)["reason"]
    starts = ("担当して", "時間や", "何から", "費用が", "その他", "特に理由", "無回答")
    heights = [next(mark.y for mark in words(chart) if mark.text.startswith(start)) for start in starts]
    assert heights == sorted(heights)


def test_charts_list_options_as_the_table_beneath():
    """One choice: as in the survey file, whatever its size. Many: by size, the rest last."""
    for question in (made.REASON, made.EXPERIENCE):
        (chart, *_) = charts_for(EDITION, question)
        labels = [
            mark.text for mark in sorted(words(chart), key=lambda mark: mark.y) if mark.align == "right"
        ]
        listed = [option.short_label for option in tables.reading_order(EDITION, question)]
        starts = [next(place for place, label in enumerate(labels) if short.startswith(label)) for short in listed]
        assert starts == sorted(starts)
    assert [option.id for option in tables.reading_order(EDITION, made.EXPERIENCE)] == [
        option.id for option in made.EXPERIENCE.options
    ]


def _claimed(question, verdict):
    changed = [
        made.change(question, option.id, "2023", "2025", "same") | {"verdict": verdict}
        for option in question.options
    ]
    return made.edition(changed=changed)


def _intervals(chart):
    """Horizontal lines that end in two short upright ones."""
    return [mark for mark in chart.marks if isinstance(mark, Line) and mark.ink == palette.INK and len(set(mark.ys)) == 1]


@pytest.mark.parametrize(("verdict", "expected"), [("up", True), ("down", True), ("same", False), ("unclear", False)])
def test_a_claimed_change_is_drawn_with_its_intervals(verdict, expected):
    chart = charts(made.REASON, _claimed(made.REASON, verdict))["reason"]
    assert bool(_intervals(chart)) is expected
    assert any("上昇または低下したといえる項目の95%信頼区間" in text for text in texts(chart)) is expected


def test_two_waves_are_enough_for_a_series_where_a_change_is_claimed():
    def names(verdict):
        edition = _claimed(made.EXPERIENCE, verdict)
        rows = edition.estimates
        early = (rows["question"] == "experience") & (rows["wave"] < "2023")
        return set(charts(made.EXPERIENCE, replace(edition, estimates=rows[~early])))

    assert "experience-series" in names("up")
    assert "experience-series" not in names("unclear")


def test_bars_print_half_up_shares_of_both_waves():
    now, before = (110, 71, 41, 1, 9, 0, 5), (97, 62, 53, 0, 10, 8, 3)
    expected = []
    for one, other in zip(now, before, strict=True):
        expected += [f"{rounded(n, base)}%" if n else "-" for n, base in ((one, 190), (other, 178))]
    printed = [text for text in texts(charts(made.REASON)["reason"]) if re.fullmatch(r"\d+\.\d%|-", text)]
    assert printed == expected


def test_bars_start_at_zero_and_keep_proportion():
    for chart in (charts(made.REASON)["reason"], charts(made.EXPERIENCE)["experience-age"]):
        zero = next(mark.x for mark in words(chart) if mark.text == "0")
        bars = [mark for mark in chart.marks if isinstance(mark, Box) and mark.height != 12]
        assert {mark.x for mark in bars} == {zero}
    boxes = [mark for mark in bars if mark.height == 16]
    shares = [183 / 448, 30 / 104, 45 / 113, 55 / 120, 50 / 98, 3 / 12]
    assert [box.width / boxes[0].width for box in boxes] == pytest.approx([s / shares[0] for s in shares])


def test_bars_leave_out_a_wave_that_cannot_be_compared():
    changed = [made.change(made.REASON, "how", "2023", "2025", "broken")]
    chart = charts(made.REASON, made.edition(changed=changed))["reason"]
    assert not any("令和5年度" in text for text in texts(chart))
    assert "令和5年度" not in chart.alt


def test_small_base_carries_its_star():
    chart = charts(made.EXPERIENCE)["experience-age"]
    assert "60歳代以上 (n=12*)" in texts(chart)
    assert any(text.startswith("* ") for text in texts(chart))
    assert "最も低く" in chart.alt
    assert "60歳代" not in chart.alt


# ---- 折れ線 ------------------------------------------------------------------------------


def joins(chart):
    return [m for m in chart.marks if isinstance(m, Line) and m.ink == palette.NEWEST]


def test_series_shows_a_range_as_a_range():
    chart = charts(made.MEANING)["meaning-series"]
    assert "75.1〜76.1%" in texts(chart)
    hollow = [mark for mark in chart.marks if isinstance(mark, Dot) and mark.fill == palette.WHITE]
    assert len(hollow) == 1
    assert [mark.text for mark in words(chart) if mark.text.startswith("n=")][0] == "n=418"


def test_series_prints_half_up_shares():
    printed = [t for t in texts(charts(made.EXPERIENCE)["experience-series"]) if re.fullmatch(r"\d+\.\d%", t)]
    pairs = ((163, 418), (190, 435), (181, 431), (183, 448))
    assert printed == [f"{rounded(n, base)}%" for n, base in pairs]


def test_series_starts_at_zero():
    chart = charts(made.MEANING)["meaning-series"]
    heights = {mark.text: mark.y for mark in words(chart) if mark.align == "right"}
    dots = [mark for mark in chart.marks if isinstance(mark, Dot)]
    percent = (heights["0"] - dots[-1].y) / (heights["0"] - heights["100%"])
    assert percent == pytest.approx(366 / 448)


def test_series_breaks_at_a_break_and_dots_over_a_gap():
    broken = charts(made.NEED)["need-series"]
    assert len(joins(broken)) == 2
    assert "設問変更" in texts(broken)
    assert "公表値なし" in texts(broken)
    gap = charts(made.EXPERIENCE)["experience-series"]
    assert [bool(line.dashes) for line in joins(gap)] == [False, True, False]
    assert "設問なし" in texts(gap)


def test_a_break_between_hides_in_no_pair_further_apart():
    """2021 has no value: the pair 2019→2023 is broken because a step between is."""
    changed = [made.change(made.EXPERIENCE, "no", "2019", "2021", "broken")]
    chart = charts(made.EXPERIENCE, made.edition(changed=changed))["experience-series"]
    assert len(joins(chart)) == 2
    assert "設問変更" in texts(chart)


def test_withheld_wave_shows_a_sign():
    edition = made.edition()
    row = (edition.estimates["question"] == "experience") & (edition.estimates["wave"] == "2023")
    estimates = edition.estimates.copy()
    estimates.loc[row, "status"] = "withheld"
    estimates.loc[row, ["count", "count_low", "count_high", "base", "percent", "low", "high"]] = float("nan")
    chart = charts(made.EXPERIENCE, replace(edition, estimates=estimates))["experience-series"]
    assert "x" in texts(chart)
    assert len([mark for mark in chart.marks if isinstance(mark, Dot)]) == 3


# ---- legibility --------------------------------------------------------------------------


@pytest.mark.parametrize("chart", list(all_charts()), ids=lambda chart: chart.name)
def test_no_words_overlap_or_leave_the_sheet(chart):
    figure = chart.draw()
    renderer = figure.canvas.get_renderer()
    places = [(text.get_text(), text.get_window_extent(renderer)) for text in figure.texts]
    for text, box in places:
        assert box.x0 >= 4, text
        assert box.x1 <= chart.width - 4, text
        assert box.y0 >= 4, text
        assert box.y1 <= chart.height - 4, text
    for (one, a), (other, b) in itertools.combinations(places, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        down = min(a.y1, b.y1) - max(a.y0, b.y0)
        # A text box is as tall as its tallest possible letters; 2 pixels of that may meet.
        assert across <= 0 or down <= 2, (one, other)


def test_widths_are_those_that_are_drawn():
    figure = charts(made.REASON)["reason"].draw()
    renderer = figure.canvas.get_renderer()
    for text in figure.texts:
        drawn = text.get_window_extent(renderer).width
        planned = text_width(text.get_text(), text.get_fontsize() * 96 / 72)
        # The advance of a last full-width sign is wider than its ink.
        assert planned * 0.97 - 4 <= drawn <= planned + 2


def test_dollar_signs_are_literal():
    chart = charts(made.REASON)["reason"]
    shown = "".join(text.get_text() for text in chart.draw().texts)
    assert "$100,000" in shown
    assert "$200,000" in shown
    assert not any(text.get_parse_math() for text in chart.draw().texts)


def test_lines_are_cut_where_a_reader_would_pause():
    for text in (
        LONG,
        made.REASON.options[0].label,
        "ABCDEFGHIJ 123,456円（税込み）",
        "「あ」「い」、「う」",
    ):
        for width in (60, 90, 150, 230):
            lines = wrapped(text, 13, width)
            assert "".join(lines).replace(" ", "") == text.replace(" ", "")
            assert all(text_width(line, 13) <= width for line in lines if len(line) > 10)
            assert not any(line[0] in "、。」）・ー" for line in lines)
            assert not any(line[-1] in "「（" for line in lines)


def test_missing_glyph_stops_and_names_the_label(tmp_path):
    label = "𠮷田町で協働した"
    options = (Option("yes", label), *made.EXPERIENCE.options[1:])
    question = replace(made.EXPERIENCE, options=options)
    edition = made.edition(questions=(made.AGE, question))
    found = charts_for(edition, question)
    with pytest.raises(ProblemsFound) as stopped:
        save(found[0], tmp_path)
    (problem,) = stopped.value.problems
    assert problem.key == label
    assert "U+20BB7" in problem.found
    assert list(tmp_path.iterdir()) == []
    assert label in [problem.key for problem in missing_glyphs(found)]
    assert missing_glyphs(charts_for(EDITION, made.REASON)) == []


# ---- colours -----------------------------------------------------------------------------

#: Machado, Oliveira and Fernandes 2009, severity 1.0 (linear RGB).
BLINDNESS = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}  # fmt: skip


def seen(colour, kind):
    """Return ``colour`` as somebody with ``kind`` sees it."""
    linear = []
    for at in (1, 3, 5):
        part = int(colour[at : at + 2], 16) / 255
        linear.append(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
    mixed = [min(1, max(0, sum(m * c for m, c in zip(row, linear, strict=True)))) for row in BLINDNESS[kind]]
    coded = [12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in mixed]
    return "#" + "".join(f"{round(255 * c):02X}" for c in coded)


@pytest.mark.parametrize("steps", range(1, 8))
def test_scale_reads_from_dark_to_pale_for_everybody(steps):
    ramp = palette.ramp(steps)
    assert len(set(ramp)) == steps
    views = [ramp, *([seen(colour, kind) for colour in ramp] for kind in BLINDNESS)]
    for view in views:
        for dark, pale in itertools.pairwise(view):
            assert palette.contrast(dark, pale) >= 1.2
            assert palette.luminance(dark) < palette.luminance(pale)
    if steps > 1:
        assert palette.contrast(ramp[-1], palette.NO_ANSWER) >= 1.05


def test_words_stand_out_from_what_is_under_them():
    fills = {colour for steps in range(1, 8) for colour in palette.ramp(steps)}
    for fill in fills | {palette.OUTSIDE_SCALE, palette.NO_ANSWER}:
        assert palette.contrast(palette.text_on(fill), fill) >= 4.5
    for chart in all_charts():
        boxes = [mark for mark in chart.marks if isinstance(mark, Box)]
        for mark in words(chart):
            under = [b for b in boxes if b.x < mark.x < b.x + b.width and b.y < mark.y < b.y + b.height]
            fill = under[-1].fill if under and not mark.has_halo else palette.WHITE
            assert palette.contrast(mark.ink, fill) >= 4.5, mark.text


@pytest.mark.parametrize("kind", ["everybody", *BLINDNESS])
def test_this_wave_and_the_last_are_told_apart(kind):
    """In grey, too: contrast is of luminance only."""
    views = [colour if kind == "everybody" else seen(colour, kind) for colour in (palette.NEWEST, palette.PREVIOUS)]
    assert palette.contrast(*views) >= 3
    group, whole = (colour if kind == "everybody" else seen(colour, kind) for colour in (palette.GROUP, palette.TOTAL))
    assert palette.contrast(palette.INK, group) >= 3 and palette.contrast(palette.INK, whole) >= 3


def test_neighbours_of_a_bar_are_parted_by_white():
    """No ramp of five steps of one hue has 3:1 between neighbours: the gap, the outline and the number tell."""
    for question in (made.MEANING, made.NEED):
        bands = [chart for chart in charts_for(EDITION, question) if chart.kind in ("band", "cross")]
        for chart in bands:
            rows: dict[float, list[Box]] = {}
            for mark in chart.marks:
                if isinstance(mark, Box) and mark.height > 20:
                    rows.setdefault(mark.y, []).append(mark)
            for row in rows.values():
                for left, right in itertools.pairwise(sorted(row, key=lambda mark: mark.x)):
                    gap = right.x - left.x - left.width
                    assert gap >= min(1, min(left.width, right.width) / 4)
                    pale = [box for box in (left, right) if palette.contrast(box.fill, palette.WHITE) < 3]
                    assert all(palette.contrast(box.edge, palette.WHITE) >= 3 for box in pale)


def test_the_key_is_in_the_order_of_the_bars():
    for question in (made.MEANING, made.NEED):
        chart = charts(question)[question.id]
        key = [mark.fill for mark in chart.marks if isinstance(mark, Box) and mark.height == 12]
        top = min(mark.y for mark in chart.marks if isinstance(mark, Box) and mark.height > 20)
        bar = [mark for mark in chart.marks if isinstance(mark, Box) and mark.y == top]
        drawn = [mark.fill for mark in sorted(bar, key=lambda mark: mark.x)]
        assert [fill for fill in key if fill in drawn] == drawn


def test_words_stay_within_their_marks():
    """A number on a segment is no wider than the segment."""
    for chart in all_charts():
        boxes = [mark for mark in chart.marks if isinstance(mark, Box) and mark.height > 20]
        for mark in words(chart):
            under = [b for b in boxes if b.x < mark.x < b.x + b.width and b.y < mark.y < b.y + b.height]
            if under and mark.align == "center":
                assert text_width(mark.text, mark.size) <= under[-1].width + 1, (chart.name, mark.text)


def test_pale_marks_have_an_outline():
    for chart in all_charts():
        for mark in chart.marks:
            if isinstance(mark, Box):
                seen_edge = mark.edge or mark.fill
                assert palette.contrast(seen_edge, palette.WHITE) >= 3


def test_many_steps_still_make_a_ramp():
    ramp = palette.ramp(11)
    assert len(set(ramp)) == 11
    assert sorted(ramp, key=palette.luminance) == list(ramp)


# ---- alternative text, files -------------------------------------------------------------


@pytest.mark.parametrize("chart", list(all_charts()), ids=lambda chart: chart.name)
def test_alternative_text_states_the_finding(chart):
    assert chart.alt.endswith("数値は次の表のとおりです。")
    assert not any(word in chart.alt for word in ("写真", "イラスト", "ここ", "こちら"))
    assert not re.search(r"[０-９Ａ-Ｚａ-ｚ％｡-ﾟ\u3000]", chart.alt)
    assert chart.name.isascii()
    assert re.search(r"\d+\.\d%", chart.alt)


def test_finding_of_a_band():
    alt = charts(made.MEANING)["meaning"].alt
    assert alt.startswith(
        "問1 「協働」という言葉の意味の認知の帯グラフ。令和7年度 (n=448)は、「よく意味を知っている」が18.8%"
    )


def test_bars_say_ties_as_the_page_does():
    """Both ways of naming the largest are one, tied options included."""
    edition = made.edition()
    rows = (edition.estimates["question"] == "reason") & (edition.estimates["wave"] == "2025")
    tied = rows & (edition.estimates["option"] == "busy")
    estimates = edition.estimates.copy()
    estimates.loc[tied, ["count", "count_low", "count_high"]] = 110.0
    edition = replace(edition, estimates=estimates)
    spoken = sentences.ranking_sentence(edition, made.REASON).text
    assert "がともに57.9%（190人中110人）で最も高く、" in spoken
    assert f"令和7年度は、{spoken}" in charts(made.REASON, edition)["reason"].alt


def test_bars_rank_nothing_while_a_count_is_unknown():
    edition = made.edition()
    unknown = (edition.estimates["question"] == "reason") & (edition.estimates["option"] == "cost")
    edition = replace(edition, estimates=edition.estimates[~unknown])
    alt = charts(made.REASON, edition)["reason"].alt
    assert "最も" not in alt
    assert "が57.9%、「時間や人手に余裕がない」が37.4%、" in alt


def test_a_small_group_is_left_out_aloud():
    alt = charts(made.EXPERIENCE)["experience-age"].alt
    assert "nが30人以上の区分では、「協働した経験がある」は、" in alt


@pytest.mark.parametrize(("level", "percent"), [(0.90, "90"), (0.975, "97.5")])
def test_the_level_of_intervals_is_the_surveys(level, percent):
    survey = replace(EDITION.survey, parameters=Parameters(confidence_level=level))
    edition = replace(EDITION, survey=survey)
    drawn = charts(made.EXPERIENCE, edition)
    for name in ("experience-series", "experience-age"):
        notes = [text for text in texts(drawn[name]) if "信頼区間" in text]
        assert len(notes) == 1 and f"線は{percent}%信頼区間です。" in notes[0]


def test_letters_and_digits_are_drawn_in_the_width_of_the_page():
    options = (Option("yes", "Ｗｅｂで１０回　会った"), *made.EXPERIENCE.options[1:])
    question = replace(made.EXPERIENCE, label="ＳＮＳの経験", options=options)
    chart = charts_for(made.edition(questions=(made.AGE, question)), question)[0]
    assert chart.title == "問2 SNSの経験"
    assert {"問2 SNSの経験", "Webで10回 会った"} <= set(texts(chart))
    assert text_width("Ｗｅｂ", 13) == text_width("Web", 13)


def test_two_saves_give_the_same_bytes(tmp_path):
    for chart in charts_for(EDITION, made.MEANING) + charts_for(EDITION, made.REASON):
        one, other = (save(chart, tmp_path / folder) for folder in ("one", "other"))
        for first, second in zip(one, other, strict=True):
            assert first.read_bytes() == second.read_bytes()
        drawing = one[1].read_text(encoding="utf-8")
        assert "<text" not in drawing
        assert "<dc:date>" not in drawing
        size = one[0].read_bytes()[16:24]
        assert (int.from_bytes(size[:4]), int.from_bytes(size[4:])) == (2 * chart.width, 2 * chart.height)


def test_charts_travel_between_processes():
    for chart in charts_for(EDITION, made.MEANING):
        assert pickle.loads(pickle.dumps(chart)) == chart


def test_drawing_brings_in_nothing_heavy():
    code = (
        "import sys\n"
        "from tests import chart_edition as made; from pipeline.report.charts import charts_for\n"
        "[chart.draw() for chart in charts_for(made.edition(), made.MEANING)]\n"
        "heavy = {'matplotlib.pyplot', 'scipy.stats', 'matplotlib_fontja', 'nbconvert'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
