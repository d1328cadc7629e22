"""Public lines: what is refused, what is warned of, and what is offered."""

from __future__ import annotations

import pandas as pd
import pytest

from pipeline import coding, definitions, frames
from pipeline.coding.candidates import candidates, likenesses
from pipeline.coding.lines import longest_kept
from pipeline.coding.review import Text
from pipeline.messages import problems_text
from pipeline.model import ProblemsFound
from tests.conftest import ROOT

HEADER = "question,code,line,order,stands_for,approver,date\n"


@pytest.fixture(scope="module")
def survey():
    return definitions.load(ROOT, "staff")


def written(folder, rows: str):
    path = folder / "2025" / "lines.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(HEADER + rows, encoding="utf-8")
    return path


def test_lines_come_in_the_order_of_the_survey_and_days_are_written_one_way(tmp_path, survey):
    rows = (
        "hard,H5,休日の会議が続き、日程を合わせるのに苦労した,1,8,市民協働課長,令和8年2月20日\n"
        "good,G2,現場の困りごとを直接聞けた,10,2,市民協働課長,2026/2/20\n"
        "good,G2,地域の実情がよく分かった,2,11,市民協働課長,2026-02-20\n"
    )
    lines = coding.read_lines(written(tmp_path, rows), survey)
    assert list(lines.columns) == list(frames.LINES.columns)
    assert list(lines["order"]) == [2, 10, 1] and list(lines["stands_for"]) == [11, 2, 8]
    assert set(lines["date"]) == {"2026-02-20"}


def test_no_file_is_no_lines(tmp_path, survey):
    assert coding.read_lines(tmp_path / "2025" / "lines.csv", survey).empty


def test_every_problem_is_told_at_once(tmp_path, survey):
    rows = (
        "goood,G2,よい文です,1,3,課長,2026-02-20\n"
        "good,H2,よい文です,1,3,課長,2026-02-20\n"
        f"good,G1,{'長' * 71},1,3,課長,2026-02-20\n"
        "good,G1,よい文です,０,3人,,2026-02-30\n"
        "good,G3,よい文です,1,3,課長,2026-02-20\n"
        "good,G3,ほかの文です,1,3,課長,2026-02-20\n"
        "good,G3,欠けた行\n"
        "good,G4,090-1234-5678に電話した,1,3,課長,2026-02-20\n"
    )
    with pytest.raises(ProblemsFound) as found:
        coding.read_lines(written(tmp_path, rows), survey)
    told = problems_text(found.value.problems)
    assert len(found.value.problems) == 10
    for words in (
        "「good」の間違いではありませんか",
        "主題にないコードです",
        "71文字",
        "順番が1以上の整数ではありません",
        "代表する回答の数が1以上の整数ではありません",
        "承認のない文は公表しません",
        "2026-02-30",
        "6行目と違う順番",
        "列の数が見出しと違います",
        "人につながる番号や宛先があります",
    ):
        assert words in told, words
    assert "長長" not in told and "090" not in told


def test_a_line_that_names_somebody_is_warned_of_without_the_name(tmp_path, survey):
    rows = (
        "good,G1,山田太郎さんに助けてもらった,1,3,課長,2026-02-20\n"
        "good,G1,新しい発想を得た,2,3,課長,2026-02-20\n"
    )
    lines = coding.read_lines(written(tmp_path, rows), survey)
    notes = coding.personal(lines, coding.plain_kinds, "lines.csv")
    assert [(note.key, note.found, note.severity) for note in notes] == [("good G1 順番1", "人名", "note")]
    assert "山田" not in problems_text(notes)


def test_two_lines_may_stand_for_the_same_answers_but_none_for_more_than_there_are(tmp_path, survey):
    rows = "good,G1,発想を得た,1,{},課長,2026-02-20\ngood,G1,知識を得た,2,10,課長,2026-02-20\n"
    for count, found in ((10, []), (11, ["11件"])):
        lines = coding.read_lines(written(tmp_path, rows.format(count)), survey)
        assert [note.found for note in coding.overstated(lines, {("good", "G1"): 10}, "x")] == found


def test_a_line_that_keeps_words_of_an_answer_is_warned_of_without_the_words(tmp_path, survey):
    answer = "子ども食堂の皆さんの ＡＢＣ体操に励まされて続けられました。"
    comments = pd.DataFrame(
        {"wave": ["2025"], "respondent": ["1"], "question": ["good"], "text": [answer]}, dtype=object
    )
    rows = (
        "good,G6,子ども食堂の皆さんのABC体操がよかった,1,3,課長,2026-02-20\n"
        "good,G6,子ども食堂の皆さんの声に励まされた,2,3,課長,2026-02-20\n"
        "hard,H1,子ども食堂の皆さんのABC体操がよかった,1,3,課長,2026-02-20\n"
    )
    lines = coding.read_lines(written(tmp_path, rows), survey)
    notes = coding.quotations(lines, comments, "2025", "lines.csv")
    assert [note.key for note in notes] == ["good G6 順番1"]
    assert notes[0].severity == "note" and "続けて15文字" in notes[0].found
    assert "食堂" not in problems_text(notes)
    assert not coding.quotations(lines, comments, "2023", "lines.csv")


def test_the_longest_kept_run():
    assert longest_kept("あいうえおかきくけこさ", ["あいうえおかきくけこさ"]) == 0
    assert longest_kept("んあいうえおかきくけこさし", ["あいうえおかきくけこさしす", "ん"]) == 12
    assert (
        longest_kept(
            "aあいうえおかきくけこさしすせ", ["あいうえおかきくけこさし", "いうえおかきくけこさしすせ"]
        )
        == 13
    )


def texts_of(*answers: str, masked: tuple[int, ...] = ()) -> tuple[Text, ...]:
    return tuple(
        Text(f"good-{number}", "good", f"{number:03}", answer, answer, 1, number in masked)
        for number, answer in enumerate(answers)
    )


ALIKE = [f"地域の方とのつながりが広がりました{end}" for end in ("", "。", "！", "ね", "よ", "です")]


def test_candidates_are_typical_without_being_alike_and_rare_views_are_among_them():
    rare = "会計の事務が思ったより早く片付いた"
    other = ["顔の見える関係ができ、相談しやすくなった", "若い人が自治会に来てくれるようになった"]
    texts = texts_of(*ALIKE, *other, rare, "地域の輪を感じられて安心した")
    found = candidates(texts, {text.place: ("G5",) for text in texts})
    shown = [candidate.text.text for candidate in found]
    assert len(found) == 7 and len(set(shown)) == 7
    assert shown[0] in ALIKE and len(set(shown[:4]) & set(ALIKE)) == 1
    assert rare in shown and set(other) <= set(shown)
    assert [candidate.is_rare for candidate in found] == [False] * 5 + [True] * 2
    assert all(candidate.stands_for == len(texts) for candidate in found)


def test_what_must_not_be_a_candidate():
    texts = texts_of(
        "短い",
        "長" * 71,
        "伏せ字のある回答の文です",
        "主題が二つある回答の文です",
        "まだ決まらない回答の文です",
        "よい回答の文です",
        masked=(2,),
    )
    codes = dict.fromkeys((text.place for text in texts), ("G1",))
    codes |= {texts[3].place: ("G1", "G2"), texts[4].place: ()}
    found = candidates(texts, codes)
    assert [candidate.text.text for candidate in found] == ["よい回答の文です"]
    assert found[0].stands_for == 5


def test_likeness_is_one_for_the_same_and_nothing_for_nothing_shared():
    found = likenesses(["同じ文です", "同じ文です", "ＡＢＣ"])
    assert found[0, 1] == pytest.approx(1) and found[0, 2] == 0
