"""The gate before any reader, and what a walk over foreign workbooks sees."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from pipeline.decoding import decode
from pipeline.ingest import compound, foreign_book
from pipeline.ingest.compound import BrokenBook
from pipeline.ingest.container import ODS, TEXT, XLS, XLSX, kind_of
from pipeline.ingest.nouns import Flaw, Span
from pipeline.ingest.option_headers import code_of, split_header
from pipeline.ingest.text_table import _delimiter
from pipeline.model import ProblemsFound
from tests.books import (
    ods_bytes,
    ods_cell,
    ods_row,
    renamed_stream,
    xls_bytes,
    xlsx_parts,
    xlsx_text,
    zip_bytes,
)
from tests.test_ingest_exports import read_case
from tests.test_ingest_rules import ONE, errors, read, survey

GOOD = [["No", "問1"], [1, "ある"]]
KEYED = {"layout": "keyed_workbook"}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (xls_bytes({"s": GOOD}), XLS),
        (ods_bytes({"s": GOOD}), ODS),
        (zip_bytes(xlsx_parts("")), XLSX),
        ("No,問1\n".encode("utf-16"), TEXT),
        (b"<3 years,1\n", TEXT),
        (renamed_stream("EncryptedPackage"), "パスワード付きのブック"),
        (renamed_stream("_VBA_PROJECT_CUR"), "マクロ付きのブック（.xls）"),
        (renamed_stream("Book"), "Excel 95以前のブック"),
        (b"\xef\xbb\xbf \r\n", "空のファイル"),
        (b"\xef\xbb\xbf<html>", "HTML（ウェブページ）"),
        (b"\x89PNG\r\n", "画像"),
    ],
)
def test_kinds_are_told_by_content(content, kind):
    assert kind_of(content) == kind


def test_an_encrypted_xls_is_named_so():
    # The first record after the beginning is made the one that announces encryption.
    content = bytearray(xls_bytes({"s": GOOD}))
    place = content.index(b"\x42\x00\x02\x00")
    content[place : place + 2] = b"\x2f\x00"
    assert kind_of(bytes(content)) == "パスワード付きのブック"


def test_an_xls_is_whole_or_refused_at_every_length():
    content = xls_bytes({"s": GOOD})
    assert compound.facts(content)
    for length in range(8, len(content), 61):
        with pytest.raises(BrokenBook):
            compound.facts(content[:length])


def test_the_walk_over_an_xls_sees_what_the_reader_does_not_tell():
    def change(book):
        sheet = book.get_sheet(0)
        sheet.row(2).hidden = True
        sheet.col(1).hidden = True
        sheet.row(4).set_cell_error(1, "#DIV/0!")
        sheet.write_merge(5, 6, 0, 1, "x")

    (facts,) = compound.facts(xls_bytes({"入力": GOOD}, change))
    assert (facts.name, facts.rows, facts.columns, facts.spans) == ("入力", 6, 2, [Span(6, 0, 7, 1)])
    assert set(facts.flaws) == {
        Flaw(3, None, "hidden"),
        Flaw(0, 1, "hidden_column"),
        Flaw(5, 1, "error_value"),
    }


@pytest.mark.parametrize(
    "case",
    [
        "broken_far_cell_xlsx",
        "broken_far_cell_xls",
        "broken_far_cell_ods",
        "broken_zip_bomb",
        "broken_merged_sheet",
    ],
)
def test_bombs_are_refused_before_they_go_off(case, tmp_path):
    tracemalloc.start()
    start = time.monotonic()
    found = [problem.what for problem in read_case(case, tmp_path).problems]
    seconds, (_, peak) = time.monotonic() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found in (["シートが大きすぎます"], ["ブックの中身が大きすぎて、安全に開けません"])
    assert seconds < 10 and peak < 50_000_000


def test_more_cells_than_a_survey_has_are_counted_before_reading(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.ingest.packed_parts.MOST_CELL_ELEMENTS", 20)
    rows = "".join(
        f'<row r="{n}">{xlsx_text(f"A{n}", "No")}{xlsx_text(f"B{n}", "x")}</row>' for n in range(1, 12)
    )
    content = zip_bytes(xlsx_parts(rows))
    found = errors(read(tmp_path, survey(ONE, file="a.xlsx", **KEYED), content, "a.xlsx"))
    assert found == ["ブックの中身が大きすぎて、安全に開けません"]


def test_elements_across_two_pieces_are_counted_once(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.ingest.packed_parts._CHUNK", 700)
    rows = "".join(f'<row r="{n}">{xlsx_text(f"A{n}", "No")}</row>' for n in range(1, 101))
    content = zip_bytes(xlsx_parts(rows))
    for limit, is_refused in ((99, True), (100, False)):
        monkeypatch.setattr("pipeline.ingest.packed_parts.MOST_CELL_ELEMENTS", limit)
        found = errors(read(tmp_path, survey(ONE, file="a.xlsx", **KEYED), content, "a.xlsx"))
        assert ("ブックの中身が大きすぎて、安全に開けません" in found) == is_refused


def test_notes_of_power_query_are_no_reason_to_refuse(tmp_path):
    rows = f'<row r="1">{xlsx_text("A1", "No")}{xlsx_text("B1", "問1")}</row><row r="2">{xlsx_text("A2", "1")}{xlsx_text("B2", "ある")}</row>'
    content = zip_bytes(
        xlsx_parts(rows)
        | {"customXml/item1.xml": '<?xml version="1.0" encoding="utf-16"?><x/>'.encode("utf-16")}
    )
    assert not errors(read(tmp_path, survey(ONE, file="a.xlsx", **KEYED), content, "a.xlsx"))


def test_repeated_cells_of_an_ods_are_bounded(tmp_path):
    row = ods_row(
        ods_cell("x", ' table:number-columns-repeated="400"'), ' table:number-rows-repeated="40000"'
    )
    found = read(tmp_path, survey(ONE, file="a.ods", **KEYED), ods_bytes({"s": row}), "a.ods")
    assert errors(found) == ["ブックの中身が大きすぎて、安全に開けません"]


@pytest.mark.parametrize(
    ("attributes", "what"),
    [
        ('number-columns-spanned="99999999999"', "ブックの中身が大きすぎて、安全に開けません"),
        ('number-columns-repeated="-3"', "ブックが壊れていて開けません"),
        ('number-columns-repeated="ten"', "ブックが壊れていて開けません"),
    ],
)
def test_odd_spans_of_an_ods_end_quickly(tmp_path, attributes, what):
    content = ods_bytes({"s": ods_row(ods_cell("No", f" table:{attributes}"))})
    assert errors(read(tmp_path, survey(ONE, file="a.ods", **KEYED), content, "a.ods")) == [what]


@pytest.mark.parametrize(
    "script", ["import os; os.abort()", "raise SystemExit(3)", "print('x')", "while True: pass"]
)
def test_a_reader_that_dies_or_hangs_is_a_broken_book(tmp_path, monkeypatch, script):
    (tmp_path / "reader.py").write_text(script, encoding="utf-8")
    monkeypatch.setattr(foreign_book, "_READER", tmp_path / "reader.py")
    monkeypatch.setattr(foreign_book, "LONGEST_SECONDS", 1)
    received = read(tmp_path, survey(ONE, file="a.xls", **KEYED), xls_bytes({"s": GOOD}), "a.xls")
    assert errors(received) == ["ブックが壊れていて開けません"]


# ---- the layout ----


@pytest.mark.parametrize(
    ("layout", "content", "is_refused"),
    [
        ("google_forms", "No,タイムスタンプ,問1\n1,2026/01/15 9:00:00,ある\n", False),
        ("csv", "No,タイムスタンプ,問1\n1,2026/01/15 9:00:00,ある\n", False),
        ("csv", "タイムスタンプ,No,問1\n2026/01/15 9:00:00,1,ある\n", True),
        ("google_forms", "No,問1\n1,ある\n", True),
        ("microsoft_forms", "No,問1\n1,ある\n", True),
        ("option_columns", "No,問1\n1,ある\n", False),
    ],
)
def test_a_layout_that_the_headers_deny_is_refused(tmp_path, layout, content, is_refused):
    ignored = () if layout == "google_forms" else ("タイムスタンプ",)
    found = errors(read(tmp_path, survey(ONE, layout=layout, ignore_columns=ignored), content))
    assert found == (["layout と、ファイルの中身が違います"] if is_refused else [])


# ---- text ----


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932", "iso2022_jp"])
def test_the_ladder_reads_what_cities_export(encoding):
    text = (
        "部局,回答\r\n総務部,ある\r\nカタカナ,ｱｲｳ" if encoding != "iso2022_jp" else "部局,回答\r\n総務部,ある"
    )
    assert decode(text.encode(encoding), "a.csv") == text


@pytest.mark.parametrize(
    "content", ["総務部,ある\n".encode("euc_jp"), b"\x91\x8d\xa0", b"\x91\x8d\xfd", b"\x91\x8d\x80", b"\x81"]
)
def test_bytes_of_no_known_code_are_refused(content):
    with pytest.raises(ProblemsFound):
        decode(content, "a.csv")


def test_half_width_kana_alone_is_still_cp932():
    assert decode("ｿｳﾑ部,ｱﾙ,人".encode("cp932"), "a.csv") == "ｿｳﾑ部,ｱﾙ,人"


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ('題\nNo,"a;b;c;d"\n', ","),
        ("No\t問1,2\t問2\n", "\t"),
        ('"a\n,,,";b;c\n', ";"),
        ("No\n", ","),
        ("No;問1,2,3;意\n1;ある;い\n2;ない;い\n", ";"),
        ("No,意\n1,a;b\n2,c;d\n", ","),
    ],
)
def test_the_separator_is_the_one_outside_quotes(text, delimiter):
    assert _delimiter(text) == delimiter


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("ない理由[忙しい]", ("ない理由", "忙しい")),
        ("ない理由 [忙しい]", ("ない理由", "忙しい")),
        ("ない理由＿忙しい", ("ない理由", "忙しい")),
        ("【ない理由】忙しい", ("ない理由", "忙しい")),
        ("Q3[SQ001]", ("Q3", "SQ001")),
        ("Q3_1", ("Q3", "1")),
        ("Q3_1_2", ("Q3_1", "2")),
        ("問3－1", ("問3", "1")),
        ("Q31", None),
        ("Q3", None),
        ("ない理由の補足", None),
    ],
)
def test_headers_of_one_column_per_option(header, found):
    assert split_header(header, ("ない理由", "Q3", "Q3_1", "問3")) == found


@pytest.mark.parametrize(
    ("part", "code"), [("SQ001", "1"), ("A2", "2"), ("12", "12"), ("忙しい", ""), ("0", ""), ("2024", "")]
)
def test_codes_of_options(part, code):
    assert code_of(part) == code
