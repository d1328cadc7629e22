"""The review workbook: what is decided on it is what is kept; what was not written by it is refused."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from pipeline import definitions
from pipeline.__main__ import main
from pipeline.coding import advice, audit_file, machine
from pipeline.coding.decisions import comment_key, read_decisions
from pipeline.coding.suggestion import Suggested, Suggestions
from tests.conftest import ROOT, copy_survey

WAVE = "2025"
BOOK, DECISIONS = "data/review/small/2025.xlsx", "surveys/small/coding/decisions.csv"
SECOND_BOOK, SECOND = "data/review/small/2025_second.xlsx", "surveys/small/coding/2025/second_coder.csv"
GOOD = (
    "専門的な知識を教えてもらえた",
    "市民の生の声を聞くことができた",
    "=SUM(1,2) のような式も文です",
    "+1人で来てくれた",
    "-（ハイフン）で始まる文",
    "@で始まる文",
    "一行目の文です\n二行目の文です",
    "専門的な知識を教えてもらえた",
    "00123",
    "参加者が増え、_x0041_という字も残る",
)
HARD = (
    "日程の調整に時間がかかった",
    "予算が足りなかった",
    "連絡がつかなかった",
    "専門的な知識を教えてもらえた",
)
SURVEY = """title = "小さな調査"
organisation = "みほん市"
is_sample = true

[[questions]]
id = "good"
label = "よかったこと"
kind = "text"
box = "good"
base = "with_content"
text = "よかったこと"

[[questions]]
id = "hard"
label = "たいへんだったこと"
kind = "text"
box = "hard"
base = "with_content"
text = "たいへんだったこと"
"""
WAVE_FILE = """label = "令和7年度"
fieldwork = { start = 2026-01-13, end = 2026-01-30 }
population = { total = 40 }

[wording]
good = "よかったこと"
hard = "たいへんだったこと"

[[files]]
file = "回答.csv"
layout = "csv"
mode = "Web"
serial = "受付番号"

[files.columns]
good = "よかった"
hard = "たいへん"
"""


def write_survey(root: Path, good=GOOD, hard=HARD) -> Path:
    folder = root / "surveys" / "small"
    (folder / "waves").mkdir(parents=True)
    (folder / "survey.toml").write_text(SURVEY, encoding="utf-8")
    (folder / "waves" / "2025.toml").write_text(WAVE_FILE, encoding="utf-8")
    shutil.copy(ROOT / "surveys" / "staff" / "themes.tsv", folder)
    rows = io.StringIO()
    writer = csv.writer(rows)
    writer.writerow(["受付番号", "よかった", "たいへん"])
    for number in range(max(len(good), len(hard))):
        cells = [answers[number] if number < len(answers) else "" for answers in (good, hard)]
        writer.writerow([number + 1, *cells])
    received = root / "data" / "raw" / "small" / WAVE
    received.mkdir(parents=True)
    (received / "回答.csv").write_text(rows.getvalue(), encoding="utf-8")
    return root


@pytest.fixture(autouse=True)
def _without_parts(monkeypatch):
    """The workbook is the same with and without the machine; only where it is looked at is it switched on."""
    monkeypatch.setattr(machine, "has_parts", lambda: False)


@pytest.fixture
def root(tmp_path):
    workspace = write_survey(tmp_path / "w")
    assert review(workspace) == 0
    return workspace


def review(root: Path, *more: str) -> int:
    return main(["review", "small", "--root", str(root), *more])


class Officer:
    """Opens the workbook, decides, saves: what a person does in Excel."""

    def __init__(self, root: Path, name: str = BOOK):
        self.path = root / name
        self.book = openpyxl.load_workbook(self.path)

    def sheet(self, name: str):
        return self.book[name]

    def columns(self, name: str = "よかったこと") -> dict[str, int]:
        return {cell.value: cell.column for cell in self.sheet(name)[4] if cell.value}

    def rows(self, name: str = "よかったこと") -> dict[str, int]:
        """Return 回答ID → row."""
        return {row[0].value: row[0].row for row in self.sheet(name).iter_rows(min_row=5) if row[0].value}

    def place(self, text: str, name: str = "よかったこと") -> int:
        question = "good" if name == "よかったこと" else "hard"
        return self.rows(name)[f"{question}-{comment_key(question, text)[:8]}"]

    def put(self, text: str, cells: dict[str, object], name: str = "よかったこと") -> Officer:
        for column, value in cells.items():
            cell = self.sheet(name).cell(self.place(text, name), self.columns(name)[column])
            cell.value = value
        return self

    def sign(self, name: str = "よかったこと", coder: object = "課長", day: object = "2026-02-20") -> Officer:
        sheet = self.sheet(name)
        for row in sheet.iter_rows(min_row=2, max_row=3):
            for cell in row:
                if cell.value == "この表の確認者":
                    sheet.cell(cell.row, cell.column + 1).value = coder
                if cell.value == "この表の日付":
                    sheet.cell(cell.row, cell.column + 1).value = day
        return self

    def save(self) -> None:
        self.book.save(self.path)


def decided(root: Path, name: str = DECISIONS) -> dict[tuple[str, str], tuple[str, ...]]:
    return dict(read_decisions(root / name, definitions.load(root, "small")))


def lines(root: Path, name: str = DECISIONS) -> list[str]:
    path = root / name
    return path.read_text(encoding="utf-8").splitlines()[1:] if path.exists() else []


def good(text: str) -> tuple[str, str]:
    return "good", comment_key("good", text)


def refused(root: Path, capsys) -> str:
    """Return what is said of a workbook that is refused; nothing is written and it stays as it was."""
    before, content = lines(root), (root / BOOK).read_bytes()
    capsys.readouterr()
    assert review(root) == 2
    assert lines(root) == before and (root / BOOK).read_bytes() == content
    return capsys.readouterr().out


def test_each_text_stands_there_once_as_it_was_written(root):
    officer = Officer(root)
    sheet, columns = officer.sheet("よかったこと"), officer.columns()
    shown = {}
    for row in officer.rows().values():
        cell = sheet.cell(row, columns["原文"])
        assert cell.data_type == "s" and cell.protection.locked
        shown[cell.value] = sheet.cell(row, columns["件数"]).value
    expected = {text.replace("_x0041_", "_x005F_x0041_") for text in GOOD}
    assert set(shown) <= expected | set(GOOD) and len(shown) == 9
    assert shown["専門的な知識を教えてもらえた"] == 2
    assert sheet.protection.sheet and not sheet.cell(5, columns["決定1"]).protection.locked
    names = {
        name: value.attr_text
        for name, value in officer.book.defined_names.items()
        if name.startswith("themes")
    }
    assert set(names) == {"themes_good", "themes_hard", "themes_both"}
    first = officer.book["主題一覧"]["A4"].value
    assert first == "G1 知識・発想" and "$A$4" in names["themes_good"]


def test_what_is_decided_is_kept_and_listed_and_the_same_twice_adds_nothing(root, capsys):
    officer = Officer(root)
    officer.put(
        GOOD[0], {"決定1": "G1 知識・発想", "決定2": "G3", "確認者": "担当A", "日付": date(2026, 2, 3)}
    )
    officer.put(GOOD[1], {"決定1": "G2 市民ニーズの把握", "メモ": "迷った"})
    officer.put(GOOD[6], {"無回答など": "X9 その他", "日付": "令和8年2月5日"})
    officer.sign().put(HARD[3], {"メモ": "あとで"}, "たいへんだったこと").save()
    content = officer.path.read_bytes()
    capsys.readouterr()
    assert review(root) == 0
    said = capsys.readouterr().out
    assert "新規3件、変更0件、取り消し0件" in said and "（未決定） → G1;G3  担当A 2026-02-03" in said
    assert decided(root) == {good(GOOD[0]): ("G1", "G3"), good(GOOD[1]): ("G2",), good(GOOD[6]): ("X9",)}
    rows = lines(root)
    assert (
        sum(",課長,2026-02-20," in row for row in rows) == 1 and sum("2026-02-05" in row for row in rows) == 1
    )
    assert not any(text in (root / DECISIONS).read_text("utf-8") for text in GOOD[:2])
    # The old file once more: nothing new in it, and what stands there is not undone.
    officer.path.write_bytes(content)
    assert review(root) == 0 and lines(root) == rows
    again = Officer(root)
    assert again.sheet("よかったこと").cell(again.place(GOOD[1]), again.columns()["メモ"]).value == "迷った"
    hard = "たいへんだったこと"
    assert again.sheet(hard).cell(again.place(HARD[3], hard), again.columns(hard)["メモ"]).value == "あとで"


def test_a_decision_can_be_changed_and_taken_back_and_the_file_only_grows(root, capsys):
    Officer(root).put(GOOD[0], {"決定1": "G1"}).put(GOOD[1], {"決定1": "G2"}).sign().save()
    assert review(root) == 0
    first = lines(root)
    Officer(root).put(GOOD[0], {"決定1": "G5"}).put(GOOD[1], {"決定1": None}).sign(coder="部長").save()
    capsys.readouterr()
    assert review(root) == 0
    assert "新規0件、変更1件、取り消し1件" in capsys.readouterr().out
    assert lines(root)[:2] == first and len(lines(root)) == 4
    assert decided(root) == {good(GOOD[0]): ("G5",)}


def test_every_problem_is_told_at_once_and_nothing_is_written(root, capsys):
    officer = Officer(root)
    sheet, columns = officer.sheet("よかったこと"), officer.columns()
    officer.put(GOOD[0], {"決定1": "H1 理解不足"})
    officer.put(GOOD[1], {"決定1": "自由に書かれた言葉です"})
    officer.put(GOOD[2], {"原文": "直した原文"})
    officer.put(GOOD[3], {"決定1": "G1", "無回答など": "X0 無回答・回答不能"})
    officer.put(GOOD[4], {"決定1": "G1", "確認者": None})
    officer.put(GOOD[5], {"決定2": "=G5"})
    officer.put(GOOD[8], {"決定1": "G2", "確認者": "担当A", "日付": "2月30日"})
    bottom = sheet.max_row + 1
    for column in range(1, sheet.max_column + 1):
        sheet.cell(bottom, column).value = sheet.cell(officer.place(GOOD[6]), column).value
    sheet.cell(bottom + 1, 1).value = "good-00000000"
    sheet.cell(bottom + 2, columns["決定1"]).value = "G1"
    officer.save()
    told = refused(root, capsys)
    for words in (
        "見つかったもの: 「H1」",
        "見つかったもの: 11文字",
        "変えてはいけない列（原文など）が変わっています",
        "無回答・問題なしと主題がいっしょに選ばれています",
        "決定した人が書かれていません",
        "計算式かエラー値が入っています",
        "日付がないか、書き方が違います",
        "同じ回答の行が2つあります",
        "この調査回の回答ではない行があります",
        "回答IDのない行があります",
    ):
        assert words in told, words
    assert "自由に書かれた" not in told and "直した原文" not in told


@pytest.mark.parametrize("hurt", ["deleted column", "renamed column", "deleted sheet", "other workbook"])
def test_a_workbook_that_lost_its_shape_is_refused(root, capsys, hurt):
    officer = Officer(root)
    officer.put(GOOD[0], {"決定1": "G1"}).sign()
    sheet = officer.sheet("よかったこと")
    if hurt == "deleted column":
        sheet.delete_cols(officer.columns()["決定2"])
    elif hurt == "renamed column":
        sheet.cell(4, officer.columns()["決定2"]).value = "決定（2）"
    elif hurt == "deleted sheet":
        del officer.book["たいへんだったこと"]
    else:
        for name in officer.book.sheetnames:
            officer.book[name]["A1"].value = "review other"
    officer.save()
    told = refused(root, capsys)
    expected = {
        "deleted column": "正しくは: 決定2",
        "renamed column": "似た見出し「決定（2）」",
        "deleted sheet": "シートがないか、左上の印が消えています",
        "other workbook": "この調査回の作業表ではありません",
    }
    assert expected[hurt] in told


def test_sorted_hidden_and_moved_rows_do_no_harm(root):
    officer = Officer(root)
    officer.put(GOOD[0], {"決定1": "G1"}).put(GOOD[3], {"決定1": "G4"}).sign()
    sheet = officer.sheet("よかったこと")
    kept = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)]
    for number, row in enumerate(sorted(kept, key=lambda cells: str(cells[3]), reverse=True), start=5):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(number, column)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
    sheet.row_dimensions[6].hidden = True
    sheet.move_range(f"A4:{sheet.cell(sheet.max_row, sheet.max_column).coordinate}", rows=2)
    officer.book.move_sheet("よかったこと", 2)
    sheet.title = "名前を変えたシート"
    officer.save()
    assert review(root) == 0
    assert decided(root) == {good(GOOD[0]): ("G1",), good(GOOD[3]): ("G4",)}


def test_the_round_trip_through_libreoffice(root, tmp_path):
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if not program:
        pytest.skip("LibreOffice がないため、LibreOffice で保存した作業表を試していません")
    officer = Officer(root)
    officer.put(GOOD[6], {"決定1": "G1", "日付": date(2026, 2, 3)}).put(GOOD[9], {"決定1": "G4"}).sign()
    officer.put(GOOD[2], {"決定1": "G3"}).save()
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [
        program,
        profile,
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        tmp_path / "saved",
    ]
    subprocess.run([*command, officer.path], check=True, capture_output=True, timeout=180)
    shutil.copy(tmp_path / "saved" / officer.path.name, officer.path)
    assert review(root) == 0
    expected = {GOOD[6]: ("G1",), GOOD[9]: ("G4",), GOOD[2]: ("G3",)}
    assert decided(root) == {good(text): codes for text, codes in expected.items()}
    assert sum("2026-02-03" in row for row in lines(root)) == 1


def test_an_open_workbook_stops(root, capsys):
    mark = root / "data/review/small/~$2025.xlsx"
    mark.write_bytes(b"")
    assert "開いているようです" in refused(root, capsys)


def test_the_second_coder_sees_no_machine_and_writes_a_file_of_her_own(root, capsys):
    Officer(root).put(GOOD[0], {"決定1": "G1"}).put(GOOD[1], {"決定1": "G2"}).sign().save()
    assert review(root) == 0 and review(root, "--second") == 0
    officer = Officer(root, SECOND_BOOK)
    assert not {"機械案1", "確信", "根拠"} & set(officer.columns())
    assert (
        officer.sheet("よかったこと").cell(officer.place(GOOD[0]), officer.columns()["決定1"]).value is None
    )
    officer.put(GOOD[0], {"決定1": "G1"}).put(GOOD[1], {"決定1": "G5"}).sign(coder="担当B").save()
    assert review(root, "--second") == 0
    assert decided(root, SECOND) == {good(GOOD[0]): ("G1",), good(GOOD[1]): ("G5",)}
    assert len(decided(root)) == 2
    assert review(root) == 0
    book = Officer(root).book
    told = [[cell.value for cell in row] for row in book["食い違い"].iter_rows(min_row=4)]
    assert [row[2:4] for row in told if row[0]][-1] == ["G2", "G5"]
    assert any("α" in row for row in book["2人の一致"].iter_rows(values_only=True))


def test_the_second_coder_is_somebody_else(root, capsys):
    Officer(root).put(GOOD[0], {"決定1": "G1"}).put(GOOD[1], {"決定1": "G2"}).sign(coder="鈴木 一郎").save()
    assert review(root) == 0 and review(root, "--second") == 0
    officer = Officer(root, SECOND_BOOK).put(GOOD[0], {"決定1": "G1"}).put(GOOD[1], {"決定1": "G2"})
    officer.put(GOOD[2], {"決定1": "G3"}).sign(coder="鈴木　一郎").save()
    capsys.readouterr()
    assert review(root, "--second") == 2 and lines(root, SECOND) == []
    said = capsys.readouterr().out
    assert said.count("1人目と同じ人が決めています") == 2
    officer.sign(coder="担当B").save()
    assert review(root, "--second") == 0 and len(lines(root, SECOND)) == 3
    # Who talked about it with the first coder may sign what came of it.
    Officer(root).put(GOOD[0], {"決定1": "G5"}).sign(coder="担当B").save()
    assert review(root) == 0


def test_decisions_of_a_theme_that_went_are_asked_again_and_only_those(root, monkeypatch):
    Officer(root).put(GOOD[0], {"決定1": "G1"}).put(GOOD[1], {"決定1": "G2"}).sign().save()
    assert review(root) == 0
    offered = tuple(t for t in definitions.load(root, "small").themes if t.code != "G1")
    monkeypatch.setattr(machine.Machine, "offered", property(lambda self: offered))
    assert review(root) == 0 and len(lines(root)) == 2
    officer = Officer(root)
    sheet, columns = officer.sheet("よかったこと"), officer.columns()
    parts = {row: sheet.cell(row, columns["区分"]).value for row in officer.rows().values()}
    assert [row for row, part in parts.items() if part == "主題の変更"] == [officer.place(GOOD[0])]
    assert sheet.cell(officer.place(GOOD[0]), columns["決定1"]).value is None
    assert sheet.cell(officer.place(GOOD[0]), columns["前の決定"]).value.startswith("G1（")
    officer.put(GOOD[0], {"決定1": "G3"}).sign().save()
    assert review(root) == 0
    assert decided(root) == {good(GOOD[0]): ("G3",), good(GOOD[1]): ("G2",)}


def test_few_answers_are_all_read_and_the_same_answers_give_the_same_bytes(root, capsys):
    content = (root / BOOK).read_bytes()
    capsys.readouterr()
    assert review(root) == 0
    assert "150件より少ないので、全部を読んで決めることをお勧めします" in capsys.readouterr().out
    assert (root / BOOK).read_bytes() == content


def test_nothing_to_sort_is_said(tmp_path, capsys):
    workspace = write_survey(tmp_path / "w", (), ("-",) * 3)
    wave = workspace / "surveys" / "small" / "waves" / "2025.toml"
    wave.write_text(WAVE_FILE.replace('mode = "Web"\n', 'mode = "Web"\nno_answer = ["-"]\n'), encoding="utf-8")
    assert review(workspace) == 2
    assert "分類する自由記述がありません" in capsys.readouterr().out


def suggested(codebook, box, answers, decided, *, question, earlier, seed):
    """A machine that is sure of every long answer and unsure of the others, and learns from nobody."""
    codes = codebook.codes(box)
    texts = list(dict.fromkeys(answers))
    chances = np.zeros((len(texts), len(codes)))
    chances[:, 0] = [0.9 if len(text) > 12 and "迷う" not in text else 0.55 for text in texts]
    offered = tuple(
        (Suggested(codes[0], row[0], "高" if row[0] > 0.8 else "低", "規則「声」（声）"),) for row in chances
    )
    keys = tuple(comment_key(question, text) for text in texts)
    places = np.array([texts.index(text) for text in answers], dtype=np.int64)
    doubts = np.where(chances[:, 0] > 0.8, 0.1, 0.9)
    return Suggestions(question, "m1", codes, places, keys, chances, offered, doubts, ("知らせ",))


@pytest.fixture
def with_machine(monkeypatch):
    monkeypatch.setattr(machine, "has_parts", lambda: True)
    monkeypatch.setattr(advice, "suggest", suggested)
    monkeypatch.setattr(advice, "installed_vectors", lambda: None)


def test_suggestions_stand_beside_the_text_the_unsure_first(tmp_path, with_machine, capsys):
    root = write_survey(tmp_path / "w")
    assert review(root) == 0
    assert "知らせ" in capsys.readouterr().out
    officer = Officer(root)
    sheet, columns = officer.sheet("よかったこと"), officer.columns()
    rows = sorted(officer.rows().values())
    sure = [sheet.cell(row, columns["確信"]).value for row in rows]
    assert sure == sorted(sure, key=lambda word: word == "高") and set(sure) == {"高", "低"}
    assert sheet.cell(rows[0], columns["機械案1"]).value == "G1 知識・発想（低）"
    assert sheet.cell(rows[0], columns["根拠"]).value == "G1: 規則「声」（声）"
    text = (root / "surveys/small/coding/2025/predictions.csv").read_text(encoding="utf-8")
    assert text.splitlines()[0] == "question,key,code,probability,certainty,reason,model"
    assert text.splitlines()[1:] == sorted(text.splitlines()[1:])
    assert not any(answer in text for answer in (*GOOD, *HARD))


def test_what_the_machine_said_before_the_decision_is_kept_and_compared(tmp_path, with_machine):
    root = write_survey(tmp_path / "w")
    assert review(root) == 0
    before = (root / "surveys/small/coding/2025/predictions.csv").read_text(encoding="utf-8")
    Officer(root).put(GOOD[0], {"決定1": "G1"}).put(GOOD[1], {"決定1": "G2"}).sign().save()
    assert review(root) == 0 and review(root, "--second") == 0
    assert (root / "surveys/small/coding/2025/predictions.csv").read_text(encoding="utf-8") == before
    Officer(root, SECOND_BOOK).put(GOOD[0], {"決定1": "G1"}).sign(coder="担当B").save()
    assert review(root, "--second") == 0 and review(root) == 0
    told = list(Officer(root).book["2人の一致"].iter_rows(values_only=True))
    answers = {row[0]: row[6] for row in told if row[1] == "全部の主題（まとめて）"}
    assert answers == {"1人目と2人目": 1, "機械と人（参考）": 2}


def test_short_texts_are_signed_once_as_a_list(tmp_path, with_machine):
    root = write_survey(
        tmp_path / "w",
        (*(f"とても長い文で書かれた文章のその{n}番目です" for n in range(8)), "特になし", "特にありません"),
    )
    assert review(root) == 0
    officer = Officer(root)
    sheet = officer.sheet("確認リスト")
    columns = {cell.value: cell.column for cell in sheet[4] if cell.value}
    listed = [row for row in sheet.iter_rows(min_row=5) if row[0].value]
    shown = {row[columns["原文"] - 1].value: row for row in listed}
    assert {"特になし", "特にありません"} <= set(shown)
    assert {row[columns["設問"] - 1].value for row in listed} <= {"よかったこと", "たいへんだったこと"}
    assert shown["特になし"][columns["無回答など"] - 1].value == "X0 無回答・回答不能"
    officer.save()
    assert review(root) == 0 and lines(root) == []
    Officer(root).sign("確認リスト").save()
    assert review(root) == 0
    assert decided(root) == {good("特になし"): ("X0",), good("特にありません"): ("X0",)}


def test_an_audit_is_drawn_once_when_enough_was_learnt(tmp_path, with_machine, monkeypatch):
    monkeypatch.setattr(advice, "READ_ALL", 3)
    monkeypatch.setattr(advice, "WISHED_AUDIT", 4)
    monkeypatch.setattr(advice, "freeze", partial(audit_file.freeze, size=4))
    root = write_survey(
        tmp_path / "w",
        [f"とても長い文で書かれた文章のその{n}番目です" for n in range(9)]
        + ["機械が迷うような長い長い文章でした"],
        ("長い文の回答です",),
    )
    audit = root / "surveys/small/coding/2025/audit.csv"
    assert review(root) == 0 and not audit.exists()
    officer = Officer(root)
    for number in range(3):
        officer.put(f"とても長い文で書かれた文章のその{number}番目です", {"決定1": "G1"})
    officer.sign().save()
    assert review(root) == 0
    drawn = audit.read_bytes()
    officer = Officer(root)
    sheet, columns = officer.sheet("よかったこと"), officer.columns()
    parts = [sheet.cell(row, columns["区分"]).value for row in sorted(officer.rows().values())]
    assert parts == ["抜き取り"] * 4 + ["要確認"] + ["未決定"] * 2 + ["決定済み"] * 3
    assert b"hard" not in drawn
    officer.put("機械が迷うような長い長い文章でした", {"決定1": "G2"}).sign().save()
    assert review(root) == 0 and audit.read_bytes() == drawn


@pytest.mark.slow
def test_the_real_machine_gives_the_same_workbook_twice(tmp_path, monkeypatch):
    pytest.importorskip("sudachipy")
    monkeypatch.setattr(machine, "has_parts", lambda: True)
    root = copy_survey("staff", tmp_path / "w")
    book = root / "data/review/staff/2025.xlsx"
    assert main(["review", "staff", "--root", str(root)]) == 0
    first = book.read_bytes()
    assert main(["review", "staff", "--root", str(root)]) == 0
    assert book.read_bytes() == first


def test_lines_that_quote_or_count_too_many_are_told(root, capsys):
    Officer(root).put(GOOD[0], {"決定1": "G1"}).sign().save()
    path = root / "surveys/small/coding/2025/lines.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = f"good,G1,{GOOD[0]},1,2,課長,2026-03-02\ngood,G1,新しい知識を得た,2,3,課長,2026-03-02\n"
    path.write_text(f"question,code,line,order,stands_for,approver,date\n{rows}", encoding="utf-8")
    capsys.readouterr()
    assert review(root) == 0
    said = capsys.readouterr().out
    assert "good G1 順番1" in said and "続けて14文字が同じ" in said and "順番2" not in said
    assert "見つかったもの: 3件" in said and "正しくは: 2件まで" in said
    assert GOOD[0] not in said


def test_a_line_that_names_somebody_is_told_by_review_and_check(root, with_machine, capsys):
    Officer(root).put(GOOD[0], {"決定1": "G1"}).sign().save()
    header = "question,code,line,order,stands_for,approver,date\n"
    path = root / "surveys/small/coding/2025/lines.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{header}good,G1,山田さんに助けられた,1,2,課長,2026-03-02\n", encoding="utf-8")
    (root / "surveys/small/names").mkdir()
    (root / "surveys/small/names/団体.xlsx").write_bytes(b"")
    capsys.readouterr()
    assert main(["check", "small", "--root", str(root)]) == 0
    assert "名前、住所のような言葉" in capsys.readouterr().out
    assert review(root) == 0
    said = capsys.readouterr().out
    assert "名前、住所のような言葉" in said and "名簿として読まないファイル" in said and "山田" not in said
    # Only the analyser knows that 山田 before a title is somebody.
    path.write_text(f"{header}good,G1,山田課長が来てくれた,1,2,課長,2026-03-02\n", encoding="utf-8")
    assert main(["check", "small", "--root", str(root)]) == 0
    assert "名前、住所のような言葉" not in capsys.readouterr().out
    assert review(root) == 0 and "名前、住所のような言葉" in capsys.readouterr().out
    path.write_text(f"{header}good,G1,090-1234-5678に電話した,1,2,課長,2026-03-02\n", encoding="utf-8")
    assert main(["check", "small", "--root", str(root)]) == 2
    assert "人につながる番号や宛先" in capsys.readouterr().out


SHEET = "自由記述（伏せたもの）"
NAMED = "山田太郎さんに090-1234-5678で相談できた"


def masked_sheet(root: Path) -> list[tuple]:
    assert main(["report", "--root", str(root)]) == 0
    book = openpyxl.load_workbook(root / "reports/small/2025/internal/received.xlsx")
    return list(book[SHEET].iter_rows(values_only=True))


def test_masked_texts_come_into_the_internal_workbook_and_nowhere_else(tmp_path, with_machine, capsys):
    root = write_survey(tmp_path / "w", (NAMED, *GOOD))
    head, *rows = masked_sheet(root)
    assert head == ("調査回", "設問", "伏せた文") and len(rows) == 1
    assert "まだ伏せていない文が15件" in rows[0][2] and "make review" in rows[0][2]
    assert review(root) == 0
    _, *rows = masked_sheet(root)
    assert len(rows) == 15 and {row[:2] for row in rows} == {("令和7年度", "よかったこと"), ("令和7年度", "たいへんだったこと")}
    texts = [text for _, _, text in rows]
    assert not any("山田" in text or "090" in text for text in texts)
    assert any("〔人名〕" in text and "〔電話〕" in text for text in texts)
    assert texts.count(GOOD[0]) == 3 and texts[:11] != [*texts[:1], *GOOD], "not in the order of the forms"
    order = [comment_key("good", text) for text in texts[:11] if "〔" not in text]
    assert order == sorted(order)
    for path in (root / "reports/small/2025/public").rglob("*.csv"):
        assert "相談できた" not in path.read_text(encoding="utf-8-sig"), path
    capsys.readouterr()
    assert main(["report", "--root", str(root)]) == 0
    assert "変わったものはありません" in capsys.readouterr().out


def test_an_answer_that_came_after_the_masking_is_counted_and_not_shown(tmp_path, with_machine):
    root = write_survey(tmp_path / "w")
    assert review(root) == 0
    received = root / "data/raw/small" / WAVE / "回答.csv"
    received.write_text(received.read_text(encoding="utf-8") + f"99,{NAMED},\n", encoding="utf-8")
    _, first, *rows = masked_sheet(root)
    assert "1件" in first[2] and len(rows) == 14 and not any("山田" in row[2] for row in rows)
    masked = root / "data/review/small" / WAVE / "masked.csv"
    masked.write_bytes("壊れた".encode("cp932"))
    _, *rows = masked_sheet(root)
    assert len(rows) == 1 and "15件" in rows[0][2]


def test_without_the_analyser_nothing_passes_for_masked(root):
    assert not (root / "data/review/small" / WAVE / "masked.csv").exists()
    _, *rows = masked_sheet(root)
    assert len(rows) == 1 and not any(text in str(rows) for text in (*GOOD, *HARD))
