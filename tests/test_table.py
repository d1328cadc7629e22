"""The verb table: one internal workbook, beside the sets of the waves, with every wrong name told."""

from __future__ import annotations

import openpyxl
import pytest

from pipeline.__main__ import main
from tests.conftest import copy_survey
from tests.small_survey import SURVEY, files, write_survey


@pytest.fixture
def workspace(tmp_path):
    root = write_survey(tmp_path)
    path = root / "surveys" / SURVEY / "survey.toml"
    more = """
[[questions]]
id = "place"
label = "勤務地"
kind = "single"
is_attribute = true
text = "勤務地"
options = [{ id = "north", label = "北" }, { id = "south", label = "南" }]

[[questions]]
id = "grade"
label = "職級"
kind = "single"
is_attribute = true
text = "職級"
options = [{ id = "chief", label = "係長" }, { id = "staff", label = "係員" }]
"""
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    wave = root / "surveys" / SURVEY / "waves" / "2025.toml"
    text = wave.read_text(encoding="utf-8").replace(
        "[wording]\n", '[wording]\nplace = "勤務地"\ngrade = "職級"\n'
    )
    wave.write_text(text + 'place = "勤務地"\ngrade = "職級"\n', encoding="utf-8")
    rows = [
        f"{number},{'ある' if number <= 7 else 'ない'},{'北' if number % 2 else '南'},{'係長' if number <= 4 else '係員'}\n"
        for number in range(1, 21)
    ]
    (root / f"data/raw/{SURVEY}/2025/回答.csv").write_text(
        "受付番号,経験,勤務地,職級\n" + "".join(rows), encoding="utf-8"
    )
    return root


def _table(root, *words):
    return main(["table", *words, "--root", str(root)])


def test_a_nested_cross_is_counted_from_the_answers(workspace, capsys):
    assert _table(workspace, SURVEY, "experience", "place", "grade") == 0
    path = workspace / "reports" / SURVEY / "adhoc" / "2025_experience_place_grade.xlsx"
    assert "公表しないでください" in capsys.readouterr().out
    book = openpyxl.load_workbook(path)
    assert all(sheet.oddHeader.center.text == "庁内限り・公表しない" for sheet in book)
    people = {row[:2]: row[2:] for row in book["人数"].iter_rows(min_row=2, values_only=True)}
    assert people["全体", "全体"][0] == 20 and people["全体", "全体"][2] == 7
    assert people["勤務地", "北"][0] == 10 and people["勤務地", "北"][2] == 4
    assert people["勤務地 × 職級", "北 × 係長"][:3] == (2, "* 参考値", 2)
    assert people["勤務地 × 職級", "南 × 係員"][0] == 8
    header, *lines = book["数値の一覧"].iter_rows(values_only=True)
    north = next(dict(zip(header, line, strict=True)) for line in lines if line[1:3] == ("北", "ある"))
    assert (
        north["割合（%）"] == 40
        and north["ほかの人の割合（%）"] == 30
        and north["ほかの人との差（ポイント）"] == 10
    )
    assert (
        north["95%信頼区間の下限"] < 40 < north["95%信頼区間の上限"] and north["差のp値（調整なし）"] > 0.05
    )


def test_it_is_named_by_label_too_and_gives_the_same_bytes(workspace):
    assert _table(workspace, SURVEY, "協働の経験", "勤務地") == 0
    first = files(workspace / "reports")
    assert _table(workspace, SURVEY, "experience", "place") == 0
    assert files(workspace / "reports") == first and list(first) == [
        f"{SURVEY}/adhoc/2025_experience_place.xlsx"
    ]


def test_the_table_survives_a_report_and_does_not_make_it_stale(workspace, capsys):
    assert main(["report", "--root", str(workspace)]) == 0
    before = files(workspace / "reports")
    assert _table(workspace, SURVEY, "experience", "place") == 0
    capsys.readouterr()
    assert main(["report", "--root", str(workspace)]) == 0
    assert "変わったものはありません" in capsys.readouterr().out
    path = workspace / "surveys" / SURVEY / "survey.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("小さな調査", "小さい調査"), encoding="utf-8")
    assert main(["report", "--root", str(workspace)]) == 0
    after = files(workspace / "reports")
    kept = f"{SURVEY}/adhoc/previous_2025/"
    assert {name for name in after if name not in before and not name.startswith(kept)} == {
        f"{SURVEY}/adhoc/2025_experience_place.xlsx"
    }
    assert not any("adhoc" in name for name in files(workspace / "reports" / SURVEY / "2025"))


def test_every_wrong_name_is_answered_with_the_nearest(workspace, capsys):
    assert _table(workspace, SURVEY, "experiense", "plase") == 2
    told = capsys.readouterr().out
    assert "「experience」の間違い" in told and "「place」の間違い" in told
    assert not (workspace / "reports").exists()


@pytest.mark.parametrize(
    "words", [[SURVEY], [SURVEY, "experience"], [SURVEY, "experience", "place", "grade", "place"]]
)
def test_too_few_and_too_many_words_are_explained(workspace, capsys, words):
    assert _table(workspace, *words) == 2
    assert "調査1つ、設問1つ、属性1つか2つ" in capsys.readouterr().out


def test_the_same_attribute_twice_and_an_attribute_as_question_are_refused(workspace, capsys):
    assert _table(workspace, SURVEY, "experience", "place", "勤務地") == 2
    assert "同じ属性が2回" in capsys.readouterr().out
    assert _table(workspace, SURVEY, "grade", "place") == 2
    assert "その設問はありません" in capsys.readouterr().out


def test_printed_figures_cannot_be_crossed(tmp_path, capsys):
    copy_survey("nagaokakyo", tmp_path)
    assert _table(tmp_path, "nagaokakyo", "experience", "age") == 2
    assert "公表値しかない" in capsys.readouterr().out
