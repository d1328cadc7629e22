"""Public lines: what is refused, what is warned of, and what is offered."""

from __future__ import annotations

import pandas as pd
import pytest

from pipeline import coding, definitions, frames
from pipeline.coding.lines import longest_kept
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
    )
    with pytest.raises(ProblemsFound) as found:
        coding.read_lines(written(tmp_path, rows), survey)
    told = problems_text(found.value.problems)
    assert len(found.value.problems) == 9
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
    ):
        assert words in told, words
    assert "長長" not in told


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
