"""corrections.csv: applied before decoding, refused as soon as it does not fit what was received."""

from __future__ import annotations

from dataclasses import replace

import openpyxl
import pytest

from pipeline import definitions, ingest
from pipeline.__main__ import main
from pipeline.definitions.corrections import corrections
from pipeline.model import Correction
from tests.small_survey import SURVEY, WAVE, write_survey
from tests.test_ingest_rules import FREE, MANY, ONE, book, errors, read, survey

HEADER = "wave,file,sheet,cell,found,corrected,reason,who,date\n"


def declared(definition, *rows: tuple[str, str, str], sheet: str = ""):
    """Return the survey with corrections of (cell, found, corrected) in its one file."""
    made = tuple(
        Correction("2025", definition.waves[0].files[0].file, sheet, *row, "誤入力", "課長", "2026-02-01") for row in rows
    )
    return replace(definition, corrections=made)


def test_a_correction_is_read_in_place_of_what_was_found(tmp_path):
    definition = declared(survey(ONE, MANY), ("B3", "あり", "ある"), ("C3", "", "時間"))
    received = read(tmp_path, definition, "No,問1,問4\n1,ない,\n2,あり,\n")
    assert not errors(received)
    assert list(received.responses["one"]) == ["no", "yes"]
    assert list(received.responses["many.time_only"]) == ["", "1"]
    assert list(received.ledger["corrected"]) == ["", "", "B3、C3"]


def test_a_correction_of_the_number_makes_two_people_of_one(tmp_path):
    content = "No,問1\n1,ある\n1,ない\n"
    assert errors(read(tmp_path, survey(ONE), content)) == ["同じ番号の行が2つあります"]
    assert not errors(read(tmp_path, declared(survey(ONE), ("A3", "1", "2")), content))


def test_a_row_can_be_left_out_by_its_number(tmp_path):
    received = read(tmp_path, declared(survey(ONE), ("3行目", "2", "除外")), "No,問1\n1,ある\n2,ない\n")
    assert not errors(received)
    assert list(received.ledger["reason"]) == ["header", "", "excluded"]
    assert len(received.responses) == 1
    received = read(tmp_path, declared(survey(ONE), ("3行目", "9", "除外")), "No,問1\n1,ある\n2,ない\n")
    assert errors(received) == ["訂正するセルの中身が、訂正の表と違います"]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (("B2", "ない", "ある"), "訂正するセルの中身が、訂正の表と違います"),
        (("B9", "ある", "ない"), "訂正するセルが表の外にあります"),
        (("Z2", "ある", "ない"), "訂正するセルが表の外にあります"),
        (("B1", "問1", "問2"), "訂正するセルが回答の行ではありません"),
    ],
)
def test_what_no_longer_fits_stops(tmp_path, row, what):
    received = read(tmp_path, declared(survey(ONE), row), "No,問1\n1,ある\n")
    assert errors(received) == [what]
    (problem,) = received.problems
    assert problem.file and problem.cell == row[0] and problem.found and problem.expected and "check" in problem.next_step


def test_a_sheet_that_is_not_there_stops_and_a_broken_file_is_one_problem(tmp_path):
    definition = declared(survey(ONE), ("B2", "ある", "ない"), sheet="総務部")
    assert errors(read(tmp_path, definition, "No,問1\n1,ある\n")) == ["訂正するシートがありません"]
    assert errors(read(tmp_path, definition, b"%PDF")) == ["ファイルの種類が違うか、壊れています"]


def test_an_error_value_can_be_corrected(tmp_path):
    definition = survey(ONE, file="a.xlsx", layout="keyed_workbook")
    content = book(["No", "問1"], [1, "#N/A"])
    assert "エラー値（#N/A など）のセルがあります" in errors(read(tmp_path, definition, content, "a.xlsx"))
    received = read(tmp_path, declared(definition, ("B2", "#N/A", "ある"), sheet="Sheet"), content, "a.xlsx")
    assert not errors(received) and list(received.responses["one"]) == ["yes"]


def test_no_message_tells_a_free_answer(tmp_path):
    definition = declared(survey(ONE, FREE), ("C2", "別の秘密の文", "なし"))
    received = read(tmp_path, definition, "No,問1,問5\n1,ある,これは秘密の文\n")
    (problem,) = [problem for problem in received.problems if problem.is_error]
    assert "秘密" not in str(problem) and "7文字" in problem.found


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2025,a.csv,,B2,1,2,,課長,2026-02-01", "空欄にできません"),
        ("2099,a.csv,,B2,1,2,誤,課長,2026-02-01", "知らない値です"),
        ("2025,z.csv,,B2,1,2,誤,課長,2026-02-01", "知らない値です"),
        ("2025,a.csv,,2B,1,2,誤,課長,2026-02-01", "セルの書き方が違います"),
        ("2025,a.csv,,B2,1,1,誤,課長,2026-02-01", "訂正の前と後が同じです"),
        ("2025,a.csv,,B2,1,2,誤,課長,令和8年2月", "日付の書き方が違います"),
        ("2025,a.csv,,B2,1,除外,誤,課長,2026-02-01", "1行を除く訂正の書き方が違います"),
        ("2025,a.csv,,9行目,1,2,誤,課長,2026-02-01", "1行を除く訂正の書き方が違います"),
        ("2025,a.csv,,B2,1,2,誤,課長,2026-02-01\n2025,a.csv,,B2,1,3,誤,課長,2026-02-01", "同じセルの訂正が2回"),
    ],
)
def test_a_wrong_row_is_explained(tmp_path, row, words):
    path, problems = tmp_path / "corrections.csv", []
    path.write_text(HEADER + row + "\n", encoding="cp932")
    corrections(path, "surveys/s/corrections.csv", survey(ONE).waves, problems)
    assert [words in problem.what for problem in problems] == [True]


@pytest.mark.parametrize("cell", ["c3", "Ｃ３", " C 3 "])
def test_cells_and_days_are_read_as_people_write_them(tmp_path, cell):
    path, problems = tmp_path / "corrections.csv", []
    path.write_text(HEADER + f"2025,a.csv,,{cell},1,2,誤,課長,2026/2/1\n", encoding="utf-8")
    (read_in,) = corrections(path, "surveys/s/corrections.csv", survey(ONE).waves, problems)
    assert not problems and (read_in.cell, read_in.date) == ("C3", "2026-02-01")


@pytest.mark.parametrize("cell", ["C-3", "C", ""])
def test_a_malformed_cell_is_no_correction_to_apply(tmp_path, cell):
    """A row with a mistake once went on to the reading of the file and ended the run there."""
    path, problems = tmp_path / "corrections.csv", []
    path.write_text(HEADER + f"2025,a.csv,,{cell},ある,ない,誤,課長,2026-02-01\n", encoding="utf-8")
    assert corrections(path, "surveys/s/corrections.csv", survey(ONE).waves, problems) == () and problems


@pytest.mark.parametrize(
    ("found", "is_right"), [("", True), ("2026/1/15 9:00:31", True), ("2026-01-15 09:00:31", True), ("2", False)]
)
def test_a_row_without_a_number_is_left_out_by_its_time_or_its_place(tmp_path, found, is_right):
    definition = survey(ONE, layout="google_forms", file="a.xlsx", serial="")
    rows = [["タイムスタンプ", "問1"], ["2026-01-15 09:00:01", "ある"], ["2026-01-15 09:00:31", "ある"]]
    received = read(tmp_path, declared(definition, ("3行目", found, "除外"), sheet="Sheet"), book(*rows), "a.xlsx")
    assert errors(received) == ["訂正するセルの中身が、訂正の表と違います"] * (not is_right)
    assert len(received.responses) == 2 - is_right


def test_a_declared_correction_is_listed_and_kept_out_of_public(tmp_path, capsys):
    write_survey(tmp_path)
    row = f"{WAVE},回答.csv,,B2,ある,ない,記号の誤入力,市民協働課長,2026-02-10\n"
    (tmp_path / "surveys" / SURVEY / "corrections.csv").write_text(HEADER + row, encoding="utf-8")
    assert main(["check", "--root", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "訂正 1件" in printed and "2025 回答.csv B2: 記号の誤入力（市民協働課長、2026-02-10）" in printed
    assert main(["report", "--root", str(tmp_path)]) == 0
    reports = tmp_path / "reports" / SURVEY / WAVE
    sheet = openpyxl.load_workbook(reports / "internal/received.xlsx")["訂正"]
    assert [cell.value for cell in sheet[2]][3:8] == ["B2", "ある", "ない", "記号の誤入力", "市民協働課長"]
    for path in (reports / "public").rglob("*"):
        if path.is_file() and path.name != "tables.xlsx":
            assert "記号の誤入力".encode() not in path.read_bytes(), path
    assert not {"received.xlsx", "answers.xlsx"} & {path.name for path in (reports / "public").rglob("*")}
    made = definitions.load(tmp_path, SURVEY)
    assert ingest.read(made, tmp_path / "data/raw" / SURVEY).ledger["corrected"].tolist().count("B2") == 1
