"""Writes the cases that must be stopped, or be read without being fooled (see write_received.py)."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import xlsxwriter  # noqa: E402
import xlwt  # noqa: E402

from tests.books import ods_bytes, ods_cell, ods_row, xls_bytes, xlsx_parts, xlsx_text, zip_bytes  # noqa: E402
from tests.exports.write_received import HERE, MADE, received, workbook  # noqa: E402
from tests.exports.write_services import GOOGLE_COLUMNS, GOOGLE_HEAD, OPTIONS, case, entry, lines  # noqa: E402

ONE = 'experience = "問1"'
NUMBER = 'serial = "No"'
GOOD = [["No", "問1"], ["1", "ある"], ["2", "ない"]]
ROWS = (
    f'<row r="1">{xlsx_text("A1", "No")}{xlsx_text("B1", "問1")}</row>'
    f'<row r="2"><c r="A2"><v>1</v></c>{xlsx_text("B2", "ある")}</row>'
)


def one_file(name: str, file: str, content: bytes, layout: str = "keyed_workbook") -> None:
    """Write a case of one file that asks one question."""
    case(name, ("experience",), entry(file, layout, ONE, NUMBER))
    received(name, file, content)


def _with(parts: dict[str, str], **changes: str) -> dict[str, str]:
    return parts | {"xl/worksheets/sheet1.xml": changes["sheet"]} if changes else parts


def unsafe_parts() -> None:
    parts = xlsx_parts(ROWS)
    sheet = parts["xl/worksheets/sheet1.xml"]
    laughs = '<!DOCTYPE worksheet [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    head, rest = sheet.split("?>", 1)
    one_file("broken_doctype", "入力表.xlsx", zip_bytes(_with(parts, sheet=f"{head}?>{laughs}{rest}")))
    wide = sheet.replace("UTF-8", "UTF-16").encode("utf-16")
    one_file("broken_utf16_parts", "入力表.xlsx", zip_bytes(parts | {"xl/worksheets/sheet1.xml": wide}))
    one_file("broken_zip_bomb", "入力表.xlsx", zip_bytes(parts | {"xl/media/image1.bin": bytes(30_000_000)}))
    many = {f"xl/media/{n}": "" for n in range(1_000)}
    one_file("broken_many_parts", "入力表.xlsx", zip_bytes(parts | many))
    one_file("broken_part_names", "入力表.xlsx", zip_bytes(parts | {"../../evil.txt": "x"}))
    damaged = bytearray(zip_bytes(parts))
    damaged[damaged.index(b"sheet1.xml") + 40] ^= 0xFF
    one_file("broken_checksum", "入力表.xlsx", bytes(damaged))


def far_cells() -> None:
    far = f'{ROWS}<row r="1048576">{xlsx_text("XFD1048576", "x")}</row>'
    one_file("broken_far_cell_xlsx", "入力表.xlsx", zip_bytes(xlsx_parts(far)))
    merge = '<mergeCells count="1"><mergeCell ref="A5:XFD1048576"/></mergeCells>'
    one_file("broken_merged_sheet", "入力表.xlsx", zip_bytes(xlsx_parts(ROWS, merge)))
    styled = "".join(f'<row r="{n}"/>' for n in range(3, 100_010))
    one_file("broken_styled_rows", "入力表.xlsx", zip_bytes(xlsx_parts(ROWS + styled)))
    one_file(
        "broken_far_cell_xls",
        "入力表.xls",
        xls_bytes({"入力": GOOD}, lambda b: b.get_sheet(0).write(65_535, 255, "x")),
    )
    good = "".join(ods_row("".join(map(ods_cell, row))) for row in GOOD)
    gap = ods_row(
        '<table:table-cell table:number-columns-repeated="16384"/>', ' table:number-rows-repeated="1048572"'
    )
    last = ods_row('<table:table-cell table:number-columns-repeated="16383"/>' + ods_cell("x"))
    one_file("broken_far_cell_ods", "入力表.ods", ods_bytes({"入力": good + gap + last}))
    # Harmless: a format, not a value, in the last cell.
    empty = f'{ROWS}<row r="1048576"><c r="XFD1048576" s="0"/></row>'
    case("keyed_stray_format", ("experience",), entry("入力表.xlsx", "keyed_workbook", ONE, NUMBER, "紙"))
    received("keyed_stray_format", "入力表.xlsx", zip_bytes(xlsx_parts(empty)))


def wrong_kinds() -> None:
    name = "broken_kinds"
    web = '<!-- made -->\n<html xmlns="x"><table><tr><td>No</td></tr></table></html>'
    spreadsheet = '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>'
    files = {
        "ウェブ.xls": web.encode("utf-16"),
        "XML.xls": spreadsheet.encode(),
        "文書.xlsx": zip_bytes({"word/document.xml": "<x/>"}),
        "書庫.xlsx": zip_bytes({"入力表.csv": "No,問1\r\n"}),
        "紙.xlsx": b"%PDF-1.7\n",
        "保存.xls": b"MIME-Version: 1.0\r\n",
        "バイナリ.xlsx": zip_bytes({"xl/workbook.bin": "x"}),
        "マクロ.xls": zip_bytes(xlsx_parts(ROWS) | {"xl/vbaProject.bin": "x"}),
        "鍵.ods": zip_bytes(
            {
                "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
                "content.xml": "x",
                "META-INF/manifest.xml": "<manifest:encryption-data/>",
            }
        ),
        "CSVだった.xlsx": "No,問1\r\n1,ある\r\n".encode("cp932"),
    }
    case(name, ("experience",), *(entry(file, "keyed_workbook", ONE, NUMBER) for file in files))
    for file, content in files.items():
        received(name, file, content)


def cut_short() -> None:
    whole = {
        "途中.xls": xls_bytes({"入力": GOOD}),
        "途中.ods": ods_bytes({"入力": GOOD}),
        "途中.xlsx": zip_bytes(xlsx_parts(ROWS)),
    }
    text = {
        "引用の途中.csv": 'No,問1\r\n1,ある\r\n2,"な',
        "行の途中.csv": "No,問1\r\n1,ある\r\n2",
        "行の間.csv": "No,問1\r\n1,ある\r\n",
    }
    books = [entry(file, "keyed_workbook", ONE, NUMBER) for file in whole]
    case(
        "broken_cut_short",
        ("experience",),
        *books,
        *(entry(file, "csv", ONE, f"{NUMBER}\nanswers = 2") for file in text),
    )
    for file, content in whole.items():
        received("broken_cut_short", file, content[:-100])
    for file, content in text.items():
        received("broken_cut_short", file, content.encode("cp932"))


def marked_cells() -> None:
    """Struck-through cells, error values and hidden sheets in each kind of workbook."""
    name = "broken_marked_cells"
    files = ("入力表.xlsx", "入力表.xls", "入力表.ods")
    sheets = '[files.sheets]\n"入力" = {}\n"控え" = {}\n'
    case(name, ("experience",), *(entry(file, "keyed_workbook", ONE, NUMBER) + sheets for file in files))
    rows = [["No", "問1"], [1, "ある"], [2, "ない"], [3, "ある"], [4, "ない"]]
    with xlsxwriter.Workbook(HERE / name / "received" / files[0]) as book:
        book.set_properties({"created": MADE})
        struck, plain = book.add_format({"font_strikeout": True}), book.add_format({"bold": True})
        sheet = book.add_worksheet("入力")
        for r, row in enumerate(rows):
            sheet.write_row(r, 0, row)
        sheet.write(1, 1, "ある", struck)
        sheet.write_rich_string(2, 1, plain, "ない", struck, "ある")
        sheet.write_formula(3, 1, "=NA()", None, "#N/A")
        sheet.set_column(1, 1, None, None, {"hidden": True})
        book.add_worksheet("控え").hide()
    style = xlwt.easyxf("font: struck_out true")

    def mark(book: xlwt.Workbook) -> None:
        sheet = book.get_sheet(0)
        sheet.write(1, 1, "ある", style)
        sheet.row(3).set_cell_error(1, "#N/A!")
        sheet.col(1).hidden = True
        book.get_sheet(1).visibility = 1

    bare = [
        [None if (r, c) in {(1, 1), (3, 1)} else v for c, v in enumerate(row)] for r, row in enumerate(rows)
    ]
    received(name, files[1], xls_bytes({"入力": bare, "控え": [["No"]]}, mark))
    cells = [[ods_cell(value) for value in row] for row in rows]
    cells[1][1] = ods_cell("ある", ' table:style-name="struck"')
    cells[3][1] = ods_cell("#N/A", ' table:formula="of:=NA()"')
    cells[4][1] = '<table:table-cell table:formula="of:=[.B9]"/>'
    column = '<table:table-column/><table:table-column table:visibility="collapse"/>'
    body = column + "".join(ods_row("".join(row)) for row in cells)
    received(name, files[2], ods_bytes({"入力": body, "控え": [["No"]]}, hidden=("控え",)))


def merged_answers() -> None:
    rows = [["No", "問1"], [1, "ある"], [2, ""], [3, "=B2"]]
    case("broken_merged_answers", ("experience",), entry("入力表.xlsx", "keyed_workbook", ONE, NUMBER))
    workbook("broken_merged_answers", "入力表.xlsx", {"入力": (rows, ["B2:B3"])})


def wrong_layouts() -> None:
    name = "broken_layouts"
    google = [["タイムスタンプ", "問1"], ["2026/01/15 9:03:11", "ある"]]
    forms = [
        ["ID", "開始時刻", "完了時刻", "メール", "名前", "問1"],
        ["1", "2026/01/15 9:03", "2026/01/15 9:03", "", "", "ない"],
    ]
    lime = [["id", "submitdate", "lastpage", "問1"], ["1", "2026-01-15 09:03:11", "2", "ある"]]
    spread = [["No", "問1", *(f"問2[{option}]" for option in OPTIONS)], ["1", "ある", *("" for _ in OPTIONS)]]
    wrong = {
        "G.csv": (google, "csv", ONE),
        "M.csv": (forms, "google_forms", ONE),
        "L.csv": (lime, "csv", ONE),
        "普通.csv": (GOOD, "microsoft_forms", ONE),
    }
    text = [entry(file, layout, f"{columns}\n", NUMBER) for file, (_, layout, columns) in wrong.items()]
    case(name, ("experience",), *text)
    for file, (rows, _, _) in wrong.items():
        received(name, file, lines(rows))
    case(
        "broken_layout_spread",
        ("experience", "reason"),
        entry("列.csv", "csv", f'{ONE}\nreason = "問2"', NUMBER),
    )
    received("broken_layout_spread", "列.csv", lines(spread))


def wrong_services() -> None:
    edited = [GOOGLE_HEAD, ["2026/01/15 9:03:11", "", "総務部", "", "ある", "", "", "ない"]]
    edited += [["いつか", "", "総務部", "", "ある", "", "", ""]]
    asked = ("section", "tenure", "experience", "reason", "voice")
    case("broken_google_edited_twice", asked, entry("回答.csv", "google_forms", GOOGLE_COLUMNS))
    received("broken_google_edited_twice", "回答.csv", lines(edited))
    earlier = [["タイムスタンプ", "問1"], ["2024/01/15 9:03:11", "ある"], ["2024/01/16 9:03:11", "ない"]]
    case("broken_last_waves_file", ("experience",), entry("回答.csv", "google_forms", ONE))
    received("broken_last_waves_file", "回答.csv", lines(earlier))
    head = ["回答ID", *(f"理由[{option}]" for option in OPTIONS[:5]), "理由[特になし]", "予備"]
    head.insert(1, "問1")
    rows = [
        head,
        ["1", "ない", "○", "△", "-", "", "窓口がない", "", "x"],
        ["2", "", "", "", "", "", "", "", ""],
    ]
    columns = f'{ONE}\nreason = "理由"'
    text = entry("回答.csv", "option_columns", columns, 'serial = "回答ID"')
    case("broken_option_columns", ("experience", "reason"), text)
    columns_right = entry(
        "回答.csv", "option_columns", columns, 'serial = "回答ID"\nignore_columns = ["予備"]'
    )
    marks = [[text.replace("特になし", "特にない") for text in head], *rows[1:]]
    case("broken_option_marks", ("experience", "reason"), columns_right)
    received("broken_option_marks", "回答.csv", lines(marks))
    received("broken_option_columns", "回答.csv", lines(rows))


def wrong_texts() -> None:
    name = "broken_texts"
    texts = {
        "未定義.csv": b"No,\x96\xe21\r\n1,\x82\xa0\xa0\xfd\r\n",
        "EUC.csv": "No,問1\r\n1,ある\r\n2,ない\r\n".encode("euc_jp"),
        "途中のUTF16.csv": "No,問1\r\n1,ある\r\n".encode("utf-16")[:-1],
        "BOMなし.csv": "No,問1\r\n1,ある\r\n".encode("utf-16-le"),
        "同じ見出し.csv": "No,問1,問1\r\n1,ある,ない\r\n".encode("cp932"),
        "ずれ.csv": "No,問1\r\n1,ある,ない\r\n2\r\n".encode("cp932"),
        "引用符のあと.csv": 'No,問1\r\n1,"ある"い\r\n'.encode("cp932"),
        "空行だけ.csv": b"\r\n\r\n,,\r\n",
    }
    case(name, ("experience",), *(entry(file, "csv", ONE, NUMBER) for file in texts))
    for file, content in texts.items():
        received(name, file, content)
    # Read in full: user-defined characters, JIS, a wave dash from another system.
    good = {
        "外字.csv": "No,問1,意見\r\n1,ある,".encode("cp932") + b"\xf0\x40\x82\xb3\x82\xf1\r\n",
        "JIS.csv": "No,問1,意見\r\n2,ない,漢字です\r\n".encode("iso2022_jp"),
        "UTF16BE.txt": b"\xfe\xff" + "No\t問1\t意見\r\n3\tある\t5〜9年, です\r\n".encode("utf-16-be"),
    }
    columns = 'experience = "問1"\nvoice = "意見"'
    case("csv_other_codes", ("experience", "voice"), *(entry(file, "csv", columns, NUMBER) for file in good))
    for file, content in good.items():
        received("csv_other_codes", file, content)


if __name__ == "__main__":
    for write in (
        unsafe_parts,
        far_cells,
        wrong_kinds,
        cut_short,
        marked_cells,
        merged_answers,
        wrong_layouts,
        wrong_services,
        wrong_texts,
    ):
        write()
