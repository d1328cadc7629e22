"""The quick ways of reading give what the slow ones give, cell by cell and flaw by flaw."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ingest import workbook
from pipeline.ingest.cells import Column, Packed
from pipeline.ingest.regular_text import regular_table
from pipeline.ingest.sheet_walk import walk
from pipeline.ingest.text_table import _delimiter

BOOKS = sorted(Path(__file__).parent.glob("exports/*/received/*.xlsx"))
#: What a cell of a text may hold: what matters to a reader, and what does not.
TEXTS = st.text(st.sampled_from('a1 ,"\n\r;\té能ソ～ｱ'), max_size=4)


def _shown(found):
    return [
        (name, grid if isinstance(grid, str) else (grid.name, tuple(grid.cells), grid.spans, grid.flaws, grid.is_hidden))
        for name, grid in found
    ]


def test_walked_books_are_what_the_library_reads():
    walked = 0
    # Broken books stop at the gate; past it one far cell would fill the memory of the library.
    for path in (book for book in BOOKS if "broken_" not in book.as_posix()):
        content = path.read_bytes()
        try:
            slow = workbook._read_by_library(content)
        except Exception:
            continue
        try:
            quick = workbook._read_walked(content)
        except ValueError:
            continue
        assert _shown(quick) == _shown(slow), path
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            walked += any(walk(archive.read(name)) for name in archive.namelist() if workbook._PART.fullmatch(name))
    assert walked >= 5


@given(st.lists(st.lists(TEXTS, min_size=3, max_size=3), min_size=2, max_size=6), st.booleans())
def test_what_is_regular_is_read_as_the_strict_reader_reads_it(rows, is_cp932):
    import csv

    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    encoded = text.getvalue().encode("cp932" if is_cp932 else "utf-8", "ignore")
    table = regular_table([encoded], _delimiter, 500, 1_000_000)
    if table is None:
        return
    decoded = encoded.decode("utf-8" if _is_utf8(encoded) else "cp932")
    wanted = list(csv.reader(io.StringIO(decoded, newline=""), delimiter=_delimiter(decoded), strict=True))
    while wanted and not any(cell.strip() for cell in wanted[-1]):
        wanted.pop()
    assert [list(row) for row in table] == [[cell.replace("\r\n", "\n") for cell in row] for row in wanted]


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_blocks_cut_anywhere_give_the_same_cells(size):
    rows = [["番号", "問1", "意見"], *([str(n), "そう思う", f'"あ,{n}\n""い"""'] for n in range(300))]
    content = "".join(",".join(row) + "\r\n" for row in rows).encode("cp932")
    parts = [content[start : start + size] for start in range(0, len(content), size)]
    table = regular_table(parts, _delimiter, 500, 1_000_000)
    assert table is not None and len(table) == 301
    assert table[300] == ("299", "そう思う", 'あ,299\n"い"')


@pytest.mark.parametrize(
    "text", ["a,b\n1\n", "a,b\n1,2,3\n", 'a,b\n1,x"y"\n', 'a,b\n1,"x"y\n', 'a,b\n1,"x\n', "a,b\n\n1,2\n", "a,b\r1,2\n", "a,b\n1,\0\n"]
)
def test_what_is_not_regular_is_left_to_the_strict_reader(text):
    assert regular_table([text.encode()], _delimiter, 500, 1_000_000) is None


def test_numbers_of_packed_texts_are_those_a_program_writes():
    texts = Packed.of(["1", "01", "", "12a", "987654321012345678", "0", "合計"])
    assert texts.numbers.tolist() == [1, -1, -1, -1, 987654321012345678, -1, -1]
    assert list(texts) == ["1", "01", "", "12a", "987654321012345678", "0", "合計"]
    assert Column.of(["a", "b", "a"]).codes.tolist() == [0, 1, 0]
