"""Writes the received files of the cases in this folder: run it after changing it, then look at the diff.

Everything in the files is made up. Seeds and clocks are not used: the same bytes every time.
"""

from __future__ import annotations

import csv
import datetime
import io
import sys
import zipfile
from pathlib import Path

import xlsxwriter

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.books import renamed_stream  # noqa: E402

HERE = Path(__file__).parent
MADE = datetime.datetime(2026, 2, 2, 9, tzinfo=datetime.UTC)


def workbook(case: str, name: str, sheets: dict) -> Path:
    """Write sheets: name → (rows, merged ranges); a text that starts with "=" is a formula without a value."""
    path = HERE / case / "received" / name
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": MADE})
        day = book.add_format({"num_format": "yyyy/m/d"})
        for title, (rows, merges) in sheets.items():
            sheet = book.add_worksheet(title)
            for cells in merges:
                first, _, _ = cells.partition(":")
                column, row = ord(first[0]) - 65, int(first[1:]) - 1
                sheet.merge_range(cells, rows[row][column] or "")
            for r, row in enumerate(rows):
                for c, value in enumerate(row):
                    if isinstance(value, str) and value.startswith("="):
                        sheet.write_formula(r, c, value, None, 3)
                    elif isinstance(value, datetime.date):
                        sheet.write_datetime(r, c, value, day)
                    elif value not in (None, ""):
                        sheet.write(r, c, value)
    return path


def table(case: str, name: str, rows: list[list[str]], encoding: str) -> None:
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\r\n").writerows(rows)
    received(case, name, lines.getvalue().encode(encoding))


def received(case: str, name: str, content: bytes) -> None:
    (HERE / case / "received" / name).write_bytes(content)


KEYED_HEADER = [
    ["令和7年度 協働アンケート 入力表"],
    [],
    [None, "属性", "問1", "問2 理由\n（3つまで）", None, None, None, None, None, None, "問3 意見", "備考"],
    [
        "No",
        "勤続",
        "経験",
        "担当に、機会がない",
        "知識,経験が\n足りない",
        3,
        4,
        "その他",
        "その他の内容",
        6,
        None,
        None,
    ],
]
KEYED_MERGES = ["A1:F1", "D3:J3", "K3:K4", "L3:L4"]


def keyed_sections() -> None:
    general = [
        *KEYED_HEADER,
        [1, 1, 2, "○", None, "〇", None, None, None, None, None, None],
        [2, "２", 1, None, None, None, None, None, None, None, "話ができた。\nまた会いたい。", None],
        [3, 3, "1,2", None, None, None, None, None, None, None, None, "2つに○"],
        ["４", 99, 2, 1, "１", "レ", "✓", None, None, None, None, "4つに○"],
        [],
        [5, "無回答", 2, None, None, None, None, "●", "窓口にいるから", None, 99, None],
        [6, 1, 2, "◯", None, None, None, None, None, "○", None, "特にないと両方"],
        [6.0, 1, 2, "○", None, None, None, None, None, "〇", None, "特にないと両方"],
        [7, 88, 99, "-", "-", "-", "-", "-", None, "-", "無回答", None],
        [8, 2, 2, 0, 0, 0, 0, 0, None, "○", None, None],
        [9],
        ["合計", None, None, 4, 1, 2, 1, 1, None, 3, "=COUNTA(K5:K14)", None],
        [],
        ["※ 99は無回答、88は判読不能"],
    ]
    children = [
        *KEYED_HEADER,
        [1, 2, 1, "-", "-", "-", "-", "-", None, "-", "-", None],
        [2, 2, 1, None, None, "○", None, None, None, None, None, None],
        [3, "20年以上", "覚えていない、わからない", None, None, None, None, None, None, None, None, None],
        ["合計", None, None, 0, 0, 1, 0, 0, None, 0, None, None],
    ]
    summary = [["部局", "回収"], ["総務部", 8]]
    sheets = {
        "総務部": (general, KEYED_MERGES),
        "集計": (summary, []),
        "こども未来部": (children, KEYED_MERGES),
    }
    workbook("keyed_sections", "入力表.xlsx", sheets | {"Sheet4": ([], [])})


def keyed_one_cell() -> None:
    day = datetime.date(2026, 1, 20)
    rows = [
        ["整理番号", "部局", "勤続", "問1", "問2", "問3", "問4", "入力日"],
        ["A-1", "総務部", 1, 2, "1,4", 1, "5月から始めた", day],
        ["A-2", "こども", 2, 2, "１、２、３、４", 9, None, day],
        ["A-3", " 総務部　", 9, 2, "忙しい\n担当に、機会がない", None, None, day],
        ["A-4", "こども未来部", "10～19年", 9, 3, None, None, day],
        ["A-5", "こども未来部", "10〜19年", 2, "4", 9, "_x000D_\n二行目", day],
        ["A-6", None, None, 2, "4", "1・2", None, day],
        ["整理番号", "部局", "勤続", "問1", "問2", "問3", "問4", "入力日"],
        ["A-7", "総務部", 3, 1, None, 2, 20260115, day],
    ]
    workbook("keyed_one_cell", "全庁.xlsx", {"入力": (rows, [])})


def forms() -> None:
    # A workbook knows no time zones.
    start = datetime.datetime(2026, 1, 15, 9, 1)  # noqa: DTZ001
    head = [
        "ID",
        "開始時刻",
        "完了時刻",
        "メール",
        "名前",
        "部局",
        "勤続年数",
        "協働したことがありますか。",
        "ない理由",
        "ご意見\u00a0",
    ]
    who = "anonymous"
    answers = [
        ["総務部", "5〜9年", "ない", "担当に、機会がない;知識,経験が足りない;", None],
        ["こども未来部", "10～19年", "ある", None, "楽しかった"],
        ["総務部", "20年以上", "ない", "異動したばかりで、まだ何も;忙しい;", None],
        ["こども未来部", None, "覚えていない、わからない", None, None],
        ["総務部", "20年以上", "ない", "特にない;", None],
        ["総務部", "20年以上", None, None, None],
    ]
    rows = [[n, start, start, who, "みほん花子", *cells] for n, cells in enumerate(answers, start=1)]
    workbook("forms", "アンケート(1-6).xlsx", {"Sheet1": ([head, *rows], [])})


def csvs() -> None:
    head = ["受付番号", "登録日時", "部局", "勤続年数", "問1 経験", "問2 理由（複数回答）", "問3 ご意見"]
    table(
        "csv_cp932",
        "回答一覧.csv",
        [
            head,
            [
                "0001",
                "2026/1/15 9:03",
                "総務部",
                "①5～9年",
                "ない",
                "担当に、機会がない、知識,経験が足りない",
                "",
            ],
            [
                "0002",
                "2026/1/15 9:05",
                "総務部",
                "②10～19年",
                "ある",
                "－",
                "㈱みほんと、髙橋さんに\r\n助けられた",
            ],
            ["0003", "2026/1/15 9:06", "こども未来部", "無回答", "ない", "無回答", "－"],
            ["0004", "2026/1/15 9:08", "総務部", "③20年以上", "ない", "忙しい, その他", ""],
            ["0004", "2026/1/15 9:08", "総務部", "③20年以上", "ない", "忙しい, その他", ""],
            ["０００５", "2026/1/15 9:09", "総務部", "③20年以上", "ある", "忙しい", ""],
        ],
        "cp932",
    )
    table(
        "csv_titles_and_two_headers",
        "集計システム出力.csv",
        [
            ["アンケート集計システム", "", "", "", "", "", "", "", ""],
            ["", "", "", "", "", "", "", "", ""],
            ["", "", "", "理由", "", "", "", "", ""],
            [
                "番号",
                "部局",
                "経験",
                "担当に、機会がない",
                "知識，経験が足りない",
                "忙しい",
                "相手がいない",
                "その他",
                "特にない",
            ],
            ["1", "1", "2", "1", "", "", "1", "", ""],
            ["2", "2", "1", "", "", "", "", "", ""],
            ["3", "2", "2", "0", "0", "0", "0", "0", "0"],
            ["計", "", "", "1", "0", "0", "1", "0", "0"],
        ],
        "utf-8",
    )
    table(
        "csv_typed_other",
        "Web回答.csv",
        [
            ["回答日時", "協働したことがありますか。", "ない理由", "ご意見"],
            ["2026/01/15 9:03:11", "ない", "担当に、機会がない, 忙しい", "注意点が多い"],
            ["2026/01/15 9:04:11", "ない", "知識,経験が足りない, 異動したばかり", ""],
            ["2026/01/15 9:05:11", "ある", "", '「よい」と、"思う"'],
        ],
        "utf-16",
    )
    rows = [["No", "部局", "問1", "意見"], [1, "総務部", 1, None], [2, "こども未来部", 99, "紙の意見"]]
    workbook("paper_and_web", "紙.xlsx", {"入力": (rows, [])})
    online = [
        ["受付番号", "部局", "問1", "意見"],
        ["1", "総務部", "ない", "Webの意見"],
        ["2", "", "覚えていない、わからない", ""],
    ]
    table("paper_and_web", "Web.csv", online, "utf-8-sig")


def broken() -> None:
    general = [
        *KEYED_HEADER,
        [1, 7, 2, "○", None, "△", None, None, None, None, None, None],
        [2, 7, "やった", None, None, None, None, None, None, None, None, None],
        [3, 7, "ある", None, None, None, None, None, None, None, None, None],
        [3, 1, "ない", None, None, None, None, None, None, None, None, None],
        [None, 1, 2, "○", None, None, None, None, None, None, None, None],
        ["平均", 2, 1, None, None, None, None, None, None, None, None, None],
        [4, "2026-01-02", 2, "-", None, "○", None, None, None, None, "秘密の意見は出さない", None],
        [5, 1, 2, "-", "-", "-", "-", "-", None, "-", None, None],
    ]
    children = [[cell for c, cell in enumerate(row) if c != 6] for row in KEYED_HEADER]
    children[3][1], children[2][9] = "勤続年", "問3 ご意見"
    general.append([6, 3, "よい", "○", "○", None, None, None, None, None, None, None])
    children += [[1, 1, 1], [2, 2, 2]]
    path_sheets = {
        "総務部": (general, KEYED_MERGES),
        "こども未来部": (children, ["D3:I3"]),
        "福祉部": ([["No"], [1]], []),
    }
    workbook("broken_keyed", "入力表.xlsx", path_sheets)
    head = ["受付番号", "登録日時", "部局", "勤続年数", "問1 経験", "問2 理由(複数)", "問3 ご意見", "職名"]
    table(
        "broken_csv",
        "回答一覧.csv",
        [
            head,
            ["0001", "2026/1/15 9:03", "総務部", "④30年以上", "ない", "忙しい", "あ" * 50, "主事"],
            ["0002", "2026/1/15 9:05", "総務課", "②10～19年", "ある"],
            ["0003", "2026/1/15 9:06", "旧部局", "④30年以上", "な い", "－", "－", ""],
            ["0004", "2026/1/15 9:06", "総務部", "無回答", "－", "－", "－", ""],
        ],
        "cp932",
    )
    received("broken_csv", "回答一覧（旧）.csv", b"a,b\r\n")


def _without_values(path: Path) -> None:
    """Take the calculated values out, as a program that does not calculate leaves them."""
    with zipfile.ZipFile(path) as book:
        parts = [(info, book.read(info)) for info in book.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for info, content in parts:
            book.writestr(info, content.replace(b"</f><v>3</v>", b"</f>"))


def broken_files() -> None:
    case, good = "broken_files", [["No", "問1"], [1, "ある"]]
    whole = workbook(case, "途中まで.xlsx", {"入力": (good, [])}).read_bytes()
    received(case, "途中まで.xlsx", whole[: len(whole) // 2])
    received(case, "旧形式.xlsx", renamed_stream("WordDocument"))
    received(case, "パスワード.xlsx", renamed_stream("EncryptedPackage"))
    place = whole.index(b"xl/worksheets/sheet1.xml") + 60
    received(case, "中身が壊れた.xlsx", whole[:place] + b"\xff" * 40 + whole[place + 40 :])
    received(case, "ウェブページ.xlsx", b"<html><table><tr><td>No</td></tr></table></html>")
    received(case, "空.csv", b"")
    received(case, "引用符.csv", 'No,問1\r\n1,"ある\r\n2,ない\r\n'.encode())
    received(case, "NUL.csv", "No,問1\r\n1,あ\0る\r\n".encode())
    received(case, "文字コード.csv", b"No,\x81\r\n1,\xff\xfd\xa0\r\n")
    received(case, "ブックだった.csv", whole)
    _without_values(workbook(case, "数式だけ.xlsx", {"入力": ([["No", "問1"], [1, "=B9"]], [])}))
    received(case, "正しい.csv", "No,問1\r\n1,ある\r\n".encode())
    received(case, "正しいの写し.csv", "No,問1\r\n1,ある\r\n".encode())
    macro = whole.replace(b"docProps/core.xml", b"xl/vbaProject.bin")
    received(case, "マクロ.xlsx", macro)


if __name__ == "__main__":
    for write in (keyed_sections, keyed_one_cell, forms, csvs, broken, broken_files):
        write()
