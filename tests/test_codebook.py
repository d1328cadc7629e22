"""themes.xlsx: what officers may edit, its twins, and what the rules of the sample are worth."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from pipeline import definitions
from pipeline.__main__ import main
from pipeline.coding.codebook import read_codebook
from pipeline.coding.lint import ELSEWHERE, NEVER, ONE_CHARACTER, example_findings, rule_findings
from pipeline.coding.rules import parse
from pipeline.coding.theme_book import write_book
from pipeline.coding.tokens import sentences
from pipeline.coding.twin_writing import write_twins
from pipeline.coding.twins import BOOK, SHEETS, read_twins, twin_problems, twin_texts
from pipeline.definitions import known_figures
from pipeline.model import Problem, ProblemsFound
from tests.conftest import ROOT
from tests.samples.staff_themes import write_themes

STAFF = ROOT / "surveys/staff"
PLACE = "surveys/staff"


@pytest.fixture
def folder(tmp_path) -> Path:
    target = tmp_path / "surveys" / "staff"
    shutil.copytree(STAFF, target)
    return target


def edit(folder: Path, sheet: str, cell: str, value) -> None:
    book = openpyxl.load_workbook(folder / BOOK)
    book[sheet][cell] = value
    book.save(folder / BOOK)


def append(folder: Path, sheet: str, *row: str) -> None:
    book = openpyxl.load_workbook(folder / BOOK)
    book[sheet].append(row)
    book.save(folder / BOOK)


def problems(folder: Path) -> list[Problem]:
    with pytest.raises(ProblemsFound) as raised:
        read_codebook(folder / BOOK, PLACE)
    return list(raised.value.problems)


def test_the_committed_workbook_is_the_one_the_script_writes(folder):
    write_themes(folder)
    for name in (BOOK, *(sheet.twin for sheet in SHEETS)):
        assert (folder / name).read_bytes() == (STAFF / name).read_bytes(), name


def test_workbook_and_twins_hold_the_same_codebook():
    book, twins = read_codebook(STAFF / BOOK, PLACE), read_codebook(STAFF / "themes.tsv", PLACE)
    assert book == twins
    assert book.themes == definitions.load(ROOT, "staff").themes
    assert twin_problems(STAFF, PLACE, "x") == []


def test_every_theme_has_rules_and_examples():
    codebook = read_codebook(STAFF / "themes.tsv")
    for code in (*codebook.codes("good"), *codebook.codes("hard")):
        assert sum(example.code == code and example.is_true for example in codebook.examples) >= 15
        assert any(rule.code == code and rule.is_active for rule in codebook.rules)
    assert [theme.code for theme in codebook.offered("good")][-3:] == ["X0", "X1", "X9"]


def test_a_workbook_saved_again_reads_the_same(folder):
    openpyxl.load_workbook(folder / BOOK).save(folder / BOOK)
    assert twin_problems(folder, PLACE, "x") == []


@pytest.mark.slow
def test_a_workbook_saved_by_libreoffice_reads_the_same(folder, tmp_path):
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if not office:
        pytest.skip("LibreOffice (soffice) がないため、保存し直した themes.xlsx の試験をしていません")
    command = [office, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to"]
    command += ["xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "out"), str(folder / BOOK)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    shutil.copy(tmp_path / "out" / BOOK, folder / BOOK)
    assert twin_problems(folder, PLACE, "x") == []


def test_a_stale_twin_stops_and_names_the_command(nagaokakyo_workspace, capsys):
    folder = nagaokakyo_workspace / "surveys" / "nagaokakyo"
    for sheet in SHEETS:
        (folder / sheet.twin).parent.mkdir(exist_ok=True)
        shutil.copy(STAFF / sheet.twin, folder / sheet.twin)
    write_themes(folder)
    append(folder, "例文", "G1", "新しく書いた文", "○")
    found = twin_problems(folder, "surveys/nagaokakyo", "python -m pipeline review nagaokakyo")
    assert [problem.file for problem in found] == ["surveys/nagaokakyo/codebook/examples.tsv"]
    assert main(["check", "nagaokakyo", "--root", str(nagaokakyo_workspace)]) == 2
    assert "python -m pipeline review nagaokakyo" in "".join(capsys.readouterr())
    assert write_twins(folder, PLACE) == ("codebook/examples.tsv",)
    assert twin_problems(folder, PLACE, "x") == [] and write_twins(folder, PLACE) == ()


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "what", "where"),
    [
        ("規則", "B2", "専門 知識", "語と語の間に記号がありません", "B2・1行目の4文字目"),
        ("規則", "A2", "G77", "主題にないコードです", "A2"),
        ("規則", "C2", "たぶん", "知らない値です", "C2"),
        ("規則", "B3", "=1+1", "式やエラー値は使えません", "B3"),
        ("例文", "A2", "Z1", "主題にないコードです", "A2"),
        ("主題", "A3", "G1", "同じコードが2回以上あります", "A2"),
        ("主題", "B2", "よいこと", "知らない値です", "B2"),
        ("主題", "C2", "", "空欄にできません", "C2"),
        ("主題", "K2", "二", "版の番号は1から始まる整数です", "K2"),
        ("主題", "L2", "G77", "統合先のコードがありません", "L2"),
        ("主題", "L2", "G2", "統合先があるのに廃止版がありません", "K2"),
        ("版", "A2", "初版", "版の番号は1から始まる整数です", "A2"),
        ("主題", "D1", "公表する名前", "見出しがありません", "1行目"),
    ],
)
def test_every_mistake_names_its_cell(folder, sheet, cell, value, what, where):
    edit(folder, sheet, cell, value)
    assert (what, sheet, where) in [(p.what, p.sheet, p.cell) for p in problems(folder)]


def test_all_mistakes_are_told_at_once(folder):
    edit(folder, "規則", "B2", "専門 &")
    edit(folder, "規則", "B3", "=1+1")
    edit(folder, "規則", "C2", "たぶん")
    edit(folder, "例文", "A2", "Z1")
    edit(folder, "主題", "B2", "よいこと")
    places = sorted((problem.sheet, problem.cell) for problem in problems(folder))
    assert places == [
        ("主題", "B2"), ("例文", "A2"), ("規則", "B2・1行目の4文字目"), ("規則", "B3"), ("規則", "C2"),
    ]  # fmt: skip


def test_a_workbook_with_mistakes_writes_no_twin_and_its_own_cells_are_named(nagaokakyo_workspace, capsys):
    folder = nagaokakyo_workspace / "surveys" / "nagaokakyo"
    (folder / "codebook").mkdir()
    for name in (BOOK, *(sheet.twin for sheet in SHEETS)):
        shutil.copy(STAFF / name, folder / name)
    (folder / "codebook" / "rules.txt").write_text("＊知識・発想\n専門 知識\n", encoding="utf-8")
    append(folder, "規則", "H8", "(専門 & 知識", "○")
    row = openpyxl.load_workbook(folder / BOOK)["規則"].max_row
    edit(folder, "主題", "D6", None)
    book = openpyxl.load_workbook(folder / BOOK)
    book["主題"].delete_rows(2)
    book.save(folder / BOOK)
    before = {sheet.twin: (folder / sheet.twin).read_bytes() for sheet in SHEETS}
    assert main(["review", "nagaokakyo", "--root", str(nagaokakyo_workspace)]) == 2
    said = "".join(capsys.readouterr())
    for words in (f"B{row}・1行目の1文字目", "シート: 主題  セル: D5", "コードの行がなくなりました", "rules.txt"):
        assert words in said, words
    assert "themes.tsv" not in said and "主題にないコード" not in said and "写しを書き直しました" not in said
    assert before == {sheet.twin: (folder / sheet.twin).read_bytes() for sheet in SHEETS}


def test_without_a_workbook_the_lines_of_the_twins_are_named(folder):
    (folder / BOOK).unlink()
    twin = folder / "codebook" / "rules.tsv"
    twin.write_text(twin.read_text(encoding="utf-8") + "G1\t(専門\tyes\t\n", encoding="utf-8")
    with pytest.raises(ProblemsFound) as raised:
        read_codebook(folder / "themes.tsv", PLACE)
    line = len(twin.read_text(encoding="utf-8").splitlines())
    assert [(p.file, p.cell) for p in raised.value.problems] == [
        (f"{PLACE}/codebook/rules.tsv", f"{line}行目のrule・1行目の1文字目")
    ]


def test_a_missing_sheet_and_a_broken_file_are_refused(folder):
    book = openpyxl.load_workbook(folder / BOOK)
    book["別表記"].title = "別表記2"
    book.save(folder / BOOK)
    assert [problem.found for problem in problems(folder)] == ["別表記2"]
    (folder / BOOK).write_bytes(b"PK\x03\x04broken")
    assert problems(folder)[0].what == "Excel ファイルとして読めません"
    assert twin_problems(folder, PLACE, "x")[0].file == "surveys/staff/themes.xlsx"


def test_a_code_is_never_lost_nor_used_again(folder):
    book = openpyxl.load_workbook(folder / BOOK)
    book["主題"].delete_rows(2)
    book.save(folder / BOOK)
    with pytest.raises(ProblemsFound) as raised:
        write_twins(folder, PLACE)
    assert [(problem.what, problem.key) for problem in raised.value.problems] == [("コードの行がなくなりました", "G1")]


def test_a_retired_theme_keeps_its_code_and_names_where_it_went(folder):
    append(folder, "版", "2", "2026-01-15", "知識とニーズを合わせた", "担当B")
    append(folder, "主題", "G8", "よかったこと", "学び", "新しく学べた", "知識とニーズ", *[""] * 4, "2")
    edit(folder, "主題", "K2", "1")
    edit(folder, "主題", "L2", "G8")
    write_twins(folder, PLACE)
    codebook = read_codebook(folder / "themes.tsv")
    retired = next(theme for theme in codebook.themes if theme.code == "G1")
    assert codebook.version == "2" and retired.merged_into == ("G8",) and retired.is_offered("1")
    assert "G8" in codebook.codes("good") and "G1" not in codebook.codes("good")
    assert retired in known_figures.themes(folder / "themes.tsv", "themes.tsv", [])
    edit(folder, "主題", "K2", None)
    edit(folder, "主題", "L2", None)
    edit(folder, "主題", "C2", "まったく別の主題")
    with pytest.raises(ProblemsFound) as raised:
        write_twins(folder, PLACE)
    assert raised.value.problems[0].what == "廃止したコードを別の主題に使っています"


def test_twins_are_sorted_with_numbers_as_numbers(tmp_path):
    rows = {sheet.name: [] for sheet in SHEETS}
    keys = SHEETS[1].keys
    rows["主題"] = [(2, dict.fromkeys(keys, "") | {"code": code}) for code in ("G10", "X0", "G2")]
    assert [line.split("\t")[0] for line in twin_texts(rows)["themes.tsv"].splitlines()] == ["code", "G2", "G10", "X0"]
    write_book(tmp_path / BOOK, rows)
    assert openpyxl.load_workbook(tmp_path / BOOK).sheetnames == [sheet.name for sheet in SHEETS]
    assert all(found == [] for found in read_twins(tmp_path, "x").values())


def test_words_that_look_like_formulas_stay_words(tmp_path):
    rows = {sheet.name: [] for sheet in SHEETS}
    rows["例文"] = [(2, {"code": "G1", "text": "=1+1", "is_true": "yes"}), (3, {"code": "G1", "text": "1行目\n2行目", "is_true": "no"})]
    write_book(tmp_path / BOOK, rows)
    book = openpyxl.load_workbook(tmp_path / BOOK)
    assert [cell.value for cell in book["例文"]["B"]] == ["文", "=1+1", "1行目\n2行目"]
    assert [cell.value for cell in book["例文"]["C"]] == ["真偽", "○", "×"]


def test_rules_are_judged_by_what_people_decided():
    codebook = read_codebook(STAFF / "themes.tsv")
    rules = (parse("専門", "G1"), parse("知識", "G2"), parse("宇宙船", "G1"), parse("市 | 役所", "G3"))
    codebook = type(codebook)(codebook.version, codebook.themes, rules)
    answers = ["専門の知識", "専門の方", "専門職と組んだ", "市の仕事"]
    decided = [frozenset({"G1"}), frozenset({"G4"}), None, frozenset()]
    findings = rule_findings(codebook, "good", answers, decided)
    assert [(f.hits, f.reviewed, f.right, f.precision) for f in findings] == [
        (3, 2, 1, 0.5), (1, 1, 0, 0.0), (0, 0, 0, None), (1, 1, 0, 0.0),
    ]  # fmt: skip
    assert findings[1].notes == (ELSEWHERE,) and findings[2].notes == (NEVER,)
    assert findings[3].notes == (f"{ONE_CHARACTER}（市）",)


@pytest.mark.parametrize("box", ["good", "hard"])
def test_few_rules_of_the_sample_fire_only_under_another_theme(box):
    findings = example_findings(read_codebook(STAFF / "themes.tsv"), box)
    assert sum(ELSEWHERE in finding.notes for finding in findings) <= len(findings) * 0.1


def test_the_rules_find_most_examples_and_little_else():
    """A guard against broken matching, no measure: rules and examples were written by the same hand."""
    codebook = read_codebook(STAFF / "themes.tsv")
    right = found = true = 0
    for example in codebook.examples:
        box = next(theme.box for theme in codebook.themes if theme.code == example.code)
        codes = set(codebook.rule_set(box).hits(sentences(example.text, codebook.aliases)))
        true += example.is_true
        if example.is_true:
            found += len(codes)
            right += example.code in codes
    assert right / true >= 0.85 and right / found >= 0.8
