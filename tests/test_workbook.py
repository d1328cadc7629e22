"""tables.xlsx, read back: sheets, real tables, numbers under formats, signs, charts, print setup."""

from __future__ import annotations

import re
import zipfile

import openpyxl
import pytest

from pipeline.numerals import percent_number
from pipeline.report import workbook
from tests import fakes

SHEETS = [
    "表紙",
    "目次",
    "単純集計",
    "クロス集計",
    "経年比較",
    "変化と判定",
    "区分の比較",
    "自由記述の分類",
    "注記",
    "グラフ",
    "グラフの値",
]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    workbook.write(fakes.edition(), folder)
    return folder / "tables.xlsx"


@pytest.fixture(scope="module")
def book(path):
    return openpyxl.load_workbook(path)


def rows_of(book, sheet, name):
    """Return the rows of a table as {header: cell}."""
    area = book[sheet][book[sheet].tables[name].ref]
    headers = [cell.value for cell in area[0]]
    return [dict(zip(headers, row, strict=True)) for row in area[1:]]


def one(rows, **wanted):
    found = [row for row in rows if all(row[header].value == value for header, value in wanted.items())]
    assert len(found) == 1, wanted
    return found[0]


def test_sheets_titles_and_where_it_opens(book):
    assert book.sheetnames == SHEETS
    assert book.active.title == "表紙" and book.active.sheet_view.selection[0].activeCell == "A1"
    for sheet in book:
        assert sheet["A1"].value and sheet.freeze_panes is None
        assert sheet.page_setup.paperSize == 9 and sheet.page_setup.fitToHeight == 0 and sheet.print_area
        assert not sheet.merged_cells.ranges and sheet.sheet_state == "visible"
    assert not book.properties.creator


def test_a_sheet_too_wide_for_a_page_is_cut_and_says_on_both_parts_what_a_row_is(book):
    sheet = book["変化と判定"]
    assert sheet.page_setup.fitToWidth == 2 and len(sheet.col_breaks.brk) == 1 and sheet.print_title_cols == "$A:$E"
    assert [cell.value for cell in sheet[5]][:5] == ["設問番号", "設問", "項目", "前の年度", "後の年度"]
    assert book["単純集計"].page_setup.fitToWidth in (None, 1)


def test_a_sign_among_words_stands_on_the_left_and_among_numbers_on_the_right(book):
    rows = {cell.value: cell.column for cell in book["変化と判定"][5]}
    for cells in book["変化と判定"].iter_rows(min_row=6):
        verdict, points = cells[rows["判定"] - 1], cells[rows["変化（ポイント）"] - 1]
        assert verdict.alignment.horizontal != "right"
        assert points.value != "…" or points.alignment.horizontal == "right"


def test_every_table_is_real_ascii_named_and_has_unique_headers(book):
    names = [table for sheet in book for table in sheet.tables]
    assert len(names) == len(set(names)) >= 8
    for sheet in book:
        for name, table in ((key, sheet.tables[key]) for key in sheet.tables):
            assert name.isascii() and table.autoFilter is None
            headers = [cell.value for cell in sheet[table.ref][0]]
            assert all(headers) and len(set(headers)) == len(headers)


def test_a_share_is_a_number_exactly_as_printed(book):
    rows = rows_of(book, "単純集計", "topline")
    row = one(rows, 設問="協働の経験", 選択肢="経験がある")
    cell = row["割合（%）"]
    assert cell.value == float(percent_number(190, 435)) == 43.7 and cell.number_format == "0.0"
    assert row["回答数（人）"].value == 190 and row["基数 n（人）"].value == 435
    assert one(rows, 設問="回答率")["95%信頼区間の下限（%）"].value is None


def test_no_cell_is_a_formula_or_a_number_as_text(book):
    for sheet in book:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            assert cell.data_type != "f"
            if cell.data_type == "s":
                assert not re.fullmatch(r"[-+]?\d+(\.\d+)?%?", cell.value), (sheet.title, cell.coordinate)


def test_signs_are_text_and_nobody_is_zero_shown_as_a_dash(book):
    rows = rows_of(book, "クロス集計", "cross_experience_age")
    withheld = one(rows, 年代="20歳代以下", 単位="%")
    assert withheld["経験がある"].value == "x" and withheld["n"].value == "x"
    other = one(rows_of(book, "単純集計", "topline"), 設問="経験がない理由", 選択肢="その他")
    assert other["回答数（人）"].value == 0 and other["回答数（人）"].number_format.endswith('"-"')
    trend = one(rows_of(book, "経年比較", "trend"), 項目="＜新設＞Ｗｅｂでの連絡")
    assert trend["令和3年度（%）"].value == "…" and trend["令和5年度（%）"].value == 8.3


def test_a_small_base_is_marked_in_its_own_column(book):
    rows = rows_of(book, "クロス集計", "cross_meaning_age")
    small = one(rows, 年代="40歳代以上", 単位="%")
    assert small["n"].value == 20 and small["備考"].value == "*"


def test_a_cross_holds_shares_and_then_people(book):
    rows = rows_of(book, "クロス集計", "cross_meaning_age")
    assert [row["単位"].value for row in rows] == ["%"] * 5 + ["人"] * 5
    assert rows[0]["年代"].value == "全体"
    assert one(rows, 年代="30歳代", 単位="人")["よく知っている"].value == 60


def test_changes_have_signs_reasons_and_ranges(book):
    rows = rows_of(book, "変化と判定", "changes")
    exact = one(rows, 項目="経験がある", 前の年度="令和3年度", 後の年度="令和5年度")
    assert exact["変化（ポイント）"].value == 4.7 and exact["変化（ポイント）"].number_format.startswith("+")
    assert exact["p値"].value == 0.1651 and exact["判定"].value == "偶然の範囲内の差"
    ranged = one(rows, 項目="知っている（計）", 前の年度="平成29年度", 後の年度="令和元年度")
    assert "〜" in ranged["変化（ポイント）"].value and ranged["前の割合（%）"].value == "75.1〜76.1"
    broken = one(rows, 項目="必要だと思う", 前の年度="令和3年度", 後の年度="令和5年度")
    assert broken["判定"].value == "比較できない" and "設問の文を変えたため" in broken["備考"].value


def test_contents_link_to_where_the_tables_stand(book):
    links = {cell.hyperlink.location for row in book["目次"].iter_rows() for cell in row if cell.hyperlink}
    assert len(links) > 8
    for link in links:
        sheet, cell = re.fullmatch(r"'(.+)'!(A\d+)", link).groups()
        assert book[sheet][cell].value


def test_charts_are_native_with_alternative_texts(path):
    with zipfile.ZipFile(path) as archive:
        drawing = archive.read("xl/drawings/drawing1.xml").decode()
        charts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/")]
    texts = re.findall(r'descr="([^"]*)"', drawing)
    assert len(texts) == len(charts) >= 6
    assert all(text.endswith("のとおりです。") and "グラフ。" in text for text in texts)
    assert any('grouping val="percentStacked"' in chart and "[&gt;=4]0.0;;" in chart for chart in charts)
    assert any("<c:lineChart>" in chart for chart in charts)


def test_a_line_stops_where_two_waves_cannot_be_compared(book):
    rows = rows_of(book, "グラフの値", "chart_necessity_years")
    before, after = "必要だと思う", "必要だと思う（設問変更後）"
    assert [row[before].value is None for row in rows] == [False, False, False, True]
    assert [row[after].value is None for row in rows] == [True, True, True, False]


def test_two_writings_are_the_same_bytes(path, tmp_path):
    workbook.write(fakes.edition(), tmp_path)
    assert (tmp_path / "tables.xlsx").read_bytes() == path.read_bytes()


def test_an_empty_state_is_in_no_table_as_on_the_page(book):
    rows = rows_of(book, "単純集計", "topline")
    invalid = [row["設問"].value for row in rows if row["選択肢"].value == "無効"]
    assert invalid == ["「協働」という言葉の意味の認知"]
    headers = [cell.value for cell in book["グラフの値"][book["グラフの値"].tables["chart_meaning"].ref][0]]
    assert headers[-1] == "無回答・無効"


def test_means_of_the_sample_are_numbers_with_their_unit(sample_reports):
    book = openpyxl.load_workbook(sample_reports / "reports/staff/2025/public/tables.xlsx")
    found = 0
    for sheet in book:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            assert not re.fullmatch(r"[+-]?\d+\.\d点|n=[\d,]+", str(cell.value)), (sheet.title, cell.coordinate)
            found += "点" in cell.number_format
    assert found >= 10


def test_every_series_of_a_chart_of_the_sample_has_numbers(sample_reports):
    sheet = openpyxl.load_workbook(sample_reports / "reports/staff/2025/public/tables.xlsx")["グラフの値"]
    assert len(sheet.tables) > 10
    for table in sheet.tables.values():
        header, *rows = sheet[table.ref]
        for place, head in enumerate(header[1:], start=1):
            assert any(row[place].value is not None for row in rows), (table.name, head.value)


@pytest.mark.parametrize(("level", "percent"), [(0.90, "90"), (0.975, "97.5")])
def test_the_level_of_intervals_is_the_surveys(level, percent, tmp_path):
    workbook.write(fakes.edition(confidence_level=level), tmp_path)
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    headers = [cell.value for cell in book["変化と判定"][book["変化と判定"].tables["changes"].ref][0]]
    headers += [cell.value for cell in book["単純集計"][book["単純集計"].tables["topline"].ref][0]]
    assert [header for header in headers if "信頼区間" in header] == [
        f"{percent}%信頼区間の{end}（{unit}）" for unit in ("ポイント", "%") for end in ("下限", "上限")
    ]
