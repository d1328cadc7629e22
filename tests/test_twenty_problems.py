"""A workspace with more than twenty different problems: one run of check tells all of them."""

from __future__ import annotations

import re

import openpyxl
import pytest

from pipeline.__main__ import main
from tests.conftest import copy_survey

SURVEY = "surveys/staff"
RAW = "data/raw/staff"
#: What is done to the sample → what check must say of it, and the file it must name.
EXPECTED = {
    "a key nobody knows": ("知らない項目です", f"{SURVEY}/survey.toml"),
    "a mode nobody knows": ("使えない言葉です", f"{SURVEY}/waves/2025.toml"),
    "fieldwork backwards": ("調査期間の終わりが始まりより前です", f"{SURVEY}/waves/2019.toml"),
    "a file that is not there": ("受け取ったファイルがありません", f"{RAW}/2025/あとで届く.csv"),
    "a roster whose total is wrong": ("職員名簿の合計が区分の人数の和と合いません", f"{RAW}/2025/職員名簿_部局別人数.csv"),
    "a signature missing": (
        "前の調査回と違う設問なのに、比べてよいかどうかの署名がありません",
        f"{SURVEY}/comparability.csv",
    ),
    "a signature without a date": ("空欄にできません（署名の行です）", f"{SURVEY}/comparability.csv"),
    "a page of no wave": ("調査回のないページがあります", f"{SURVEY}/page/1999.md"),
    "a correction of an unknown file": ("知らない値です", f"{SURVEY}/corrections.csv"),
    "a correction that finds something else": ("訂正するセルの中身が、訂正の表と違います", f"{RAW}/2025/R7_入力表.xlsx"),
    "a correction outside": ("訂正するセルが表の外にあります", f"{RAW}/2025/R7_入力表.xlsx"),
    "a decision with an unknown code": ("主題にないコードです", f"{SURVEY}/coding/decisions.csv"),
    "a code that is no option": ("選択肢にない回答があります", f"{RAW}/2025/R7_入力表.xlsx"),
    "an answer without a number": ("番号のない行に回答があります", f"{RAW}/2025/R7_入力表.xlsx"),
    "a number twice": ("同じ番号の行が2つあります", f"{RAW}/2025/R7_入力表.xlsx"),
    "an error value": ("エラー値（#N/A など）のセルがあります", f"{RAW}/2025/R7_入力表.xlsx"),
    "a sheet nobody lists": ("読むか読まないか決まっていないシートがあります", f"{RAW}/2025/R7_入力表.xlsx"),
    "more answers than staff": ("回答数が対象者数より多い区分があります", f"{RAW}/2025"),
    "a header changed": ("設問の列の見出しがありません", f"{RAW}/2021/R3回答一覧.csv"),
    "a web page for a workbook": (
        "ファイルの種類が違うか、壊れています",
        f"{RAW}/2023/協働に関する職員アンケート(1-438).xlsx",
    ),
    "the file of another wave": ("同じ中身のファイルを2回受け取っています", f"{RAW}/2025/R1_職員アンケート入力.xlsx"),
    "a file nobody mentions": ("どこにも書かれていないファイルがあります（読んでいません）", f"{RAW}/2025/メモ.txt"),
    "an answer sent twice": (
        "60秒以内に同じ回答があります（重複の疑い。集計には入れています）",
        f"{RAW}/2025/R7_Web回答.csv",
    ),
}  # fmt: skip


def _change(path, *changes: tuple[str, str], encoding: str = "utf-8") -> None:
    text = path.read_bytes().decode(encoding)
    for old, new in changes:
        assert re.search(old, text), f"{path.name} does not hold {old}"
        text = re.sub(old, lambda found, new=new: found.expand(new), text, count=1)
    path.write_bytes(text.encode(encoding))


def _spoil_definitions(folder) -> None:
    _change(folder / "survey.toml", (r'organisation = ', 'organization = "みほん市"\norganisation = '))
    another = '[[files]]\nfile = "あとで届く.csv"\nlayout = "csv"\nmode = "Web"\n'
    copied = '[[files]]\nfile = "R1_職員アンケート入力.xlsx"\nlayout = "keyed_workbook"\nmode = "紙"\n'
    _change(folder / "waves/2025.toml", ('mode = "紙"', 'mode = "かみ"'), (r"\Z", f"\n{another}\n{copied}"))
    _change(folder / "waves/2019.toml", (r"end = \d{4}-\d\d-\d\d", "end = 2019-12-31"))
    _change(
        folder / "comparability.csv",
        (r"consult,2023,2025,[^\n]*\n", ""),
        (r"(partner,2019,2021,.*),\d{4}-\d\d-\d\d", r"\1,"),
    )
    (folder / "page/1999.md").write_text("# 昔のページ\n", encoding="utf-8")
    _change(folder / "coding/decisions.csv", (r"(?m)^(\w{64},\w+),\w+", r"\1,ZZ"))
    signed = "誤入力,市民協働課長,2026-02-10"
    rows = [
        f"2025,R7.xlsx,総務部,C9,1,2,{signed}",
        f"2025,R7_入力表.xlsx,市民生活部,C9,誤り,2,{signed}",
        f"2025,R7_入力表.xlsx,市民生活部,C900,1,2,{signed}",
    ]
    text = "\n".join(["wave,file,sheet,cell,found,corrected,reason,who,date", *rows])
    (folder / "corrections.csv").write_text(text, encoding="utf-8")


def _spoil_workbook(path) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book["企画財政部"]
    serial = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "No")
    first = next(
        row for row in range(serial.row + 1, sheet.max_row) if str(sheet.cell(row, serial.column).value or "").isdigit()
    )
    numbers = [sheet.cell(first + place, serial.column) for place in range(6)]
    for cell, column, value in ((numbers[0], 4, 7), (numbers[1], 3, "#N/A")):
        sheet.cell(cell.row, serial.column + column).value = value
    numbers[2].value = None
    numbers[4].value = numbers[3].value
    book.copy_worksheet(book["会計室"]).title = "会計室 (2)"
    book.save(path)


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory):
    workspace = copy_survey("staff", tmp_path_factory.mktemp("twenty"))
    raw = workspace / RAW
    _spoil_definitions(workspace / SURVEY)
    _spoil_workbook(raw / "2025/R7_入力表.xlsx")
    _change(raw / "2025/職員名簿_部局別人数.csv", (r"会計室,\d+", "会計室,3"), encoding="cp932")
    (raw / "2025/メモ.txt").write_text("x", encoding="utf-8")
    keyed = "R1_職員アンケート入力.xlsx"
    (raw / "2025" / keyed).write_bytes((raw / "2019" / keyed).read_bytes())
    _change(raw / "2021/R3回答一覧.csv", ("問4 必要性", "問4 必要だと思うか"), encoding="cp932")
    web = raw / "2025/R7_Web回答.csv"
    lines = web.read_bytes().splitlines(keepends=True)
    web.write_bytes(b"".join([*lines, b"9999," + lines[-1].partition(b",")[2]]))
    (raw / "2023/協働に関する職員アンケート(1-438).xlsx").write_text("<html></html>", encoding="utf-8")
    return workspace


def _problems(text: str) -> list[tuple[str, str]]:
    """Return (what, file) of each problem as printed."""
    return re.findall(r"(?m)^\[(?:エラー|注意)\] (.+)\n  ファイル: (\S+)", text)


def test_all_problems_are_told_in_one_run(spoiled, capsys):
    before = {path: path.read_bytes() for path in spoiled.rglob("*") if path.is_file()}
    assert main(["check", "--root", str(spoiled)]) == 2
    text = capsys.readouterr().out
    found = _problems(text)
    assert len(EXPECTED) >= 20 and len({what for what, _ in EXPECTED.values()}) >= 20
    assert {name: place for name, place in EXPECTED.items() if place not in found} == {}
    assert "Traceback" not in text and "プログラムの誤り" not in text
    assert {path: path.read_bytes() for path in spoiled.rglob("*") if path.is_file()} == before


def test_few_problems_are_only_echoes_of_others(spoiled, capsys):
    main(["check", "--root", str(spoiled)])
    errors = re.findall(r"(?m)^\[エラー\] (.+)$", capsys.readouterr().out)
    assert len(errors) <= len(EXPECTED) + 5, errors


def test_report_stops_before_anything_is_written(spoiled, capsys):
    assert main(["report", "--root", str(spoiled)]) == 2
    assert "何も書き込んでいません" in capsys.readouterr().out
    assert not (spoiled / "reports").exists() and not (spoiled / "data/processed").exists()
