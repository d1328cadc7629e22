"""The parts of a zipped workbook, looked at before any reader opens it: names, sizes, declarations, cells."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator

from pipeline.ingest.nouns import Source
from pipeline.model import Problem

#: Bounds of a workbook: inflated bytes, parts, and how far a part above SMALL_PART may be packed.
MOST_BYTES, MOST_PARTS, MOST_PACKED, SMALL_PART = 200_000_000, 1_000, 100, 100_000
#: Bounds of all sheets together: elements of rows and cells, cells under merged ranges and links.
MOST_ROW_ELEMENTS, MOST_CELL_ELEMENTS, MOST_SPANNED = 100_000, 2_000_000, 200_000
_CHUNK, _OVERLAP = 1 << 20, 512
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
#: Elements whose range the reader walks cell by cell.
_RANGE = re.compile(rb"<(?:\w+:)?(?:mergeCell|hyperlink)\s[^>]*?\bref=\"([A-Z]+)(\d+):([A-Z]+)(\d+)\"")
_ENCODING = re.compile(rb"^<\?xml[^>]*\bencoding\s*=\s*[\"']([^\"']+)")
_SAFE_ENCODINGS = (b"utf-8", b"us-ascii", b"ascii")
_SHEET = re.compile(r"xl/(?:worksheets|chartsheets)/.*\.xml", re.IGNORECASE)
_PASTE = "必要なシートだけを新しいブックに値で貼り付けて、保存し直してください。"
_DECLARED = "ブックの中に外部の文を読み込む宣言（DOCTYPE）があり、安全に開けません"


def flaw_of_parts(content: bytes, source: Source) -> Problem | None:
    """Return why the archive is not safe or not whole; None when a reader may open it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _directory(archive.infolist(), source) or _parts(archive, source)
    # A damaged part fails in any of a dozen ways inside the library; for the officer it is one.
    except Exception:
        return broken(source)


def broken(source: Source) -> Problem:
    """Return the problem of a workbook that cannot be read to its end."""
    step = "Excelで開けるか確かめ、開ければ別の名前で保存し直し、開けなければ受け取り直してください。"
    return source.problem("ブックが壊れていて開けません", step, expected="Excelで開けるブック")


def too_large(source: Source, found: str, expected: str, **place: str) -> Problem:
    """Return the problem of a workbook that would not fit; ``found`` and ``expected`` say in what."""
    what = "ブックの中身が大きすぎて、安全に開けません"
    return source.problem(what, _PASTE, found=found, expected=expected, **place)


def too_wide(source: Source, **place: str) -> Problem:
    """Return the problem of ranges that cover more cells than a survey has."""
    return too_large(source, "広すぎるセルの結合かリンク", f"合わせて{MOST_SPANNED}セルまで", **place)


def _directory(parts: list[zipfile.ZipInfo], source: Source) -> Problem | None:
    names = [part.filename for part in parts]
    size = sum(part.file_size for part in parts)
    if size > MOST_BYTES or len(parts) > MOST_PARTS:
        found = f"広げると{size // 1_000_000}MB、部品{len(parts)}個"
        return too_large(source, found, f"{MOST_BYTES // 1_000_000}MB、部品{MOST_PARTS}個まで")
    if any(
        part.file_size > SMALL_PART and part.file_size > MOST_PACKED * max(part.compress_size, 1)
        for part in parts
    ):
        return too_large(source, "極端に圧縮された部品", f"圧縮は{MOST_PACKED}分の1まで")
    is_odd = any(
        name.startswith(("/", "\\")) or ":" in name or ".." in re.split(r"[/\\]", name) for name in names
    )
    if is_odd or len(set(names)) < len(names):
        what = "ブックの中に、外を指す名前や重なった名前の部品があります"
        return source.problem(what, _PASTE, found="Excelが作らない部品の名前", expected="Excelで作ったブック")
    return None


def _at_most(window: bytes, seen: int) -> tuple[int, int]:
    """Return how many elements of rows and of cells the piece may begin at most."""
    return window.count(b"<row") + window.count(b":row"), window.count(b"<c") + window.count(b":c")


def _exactly(window: bytes, seen: int) -> tuple[int, int]:
    """Return how many elements of rows and of cells end behind the first ``seen`` bytes."""
    rows, cells = (sum(match.end() > seen for match in kind.finditer(window)) for kind in (_ROW, _CELL))
    return rows, cells


def _parts(archive: zipfile.ZipFile, source: Source, counted: Callable = _at_most) -> Problem | None:
    """Read every part to its end, so that its checksum is checked, and count what it holds.

    Counting at most is quick; only what may be too much is counted exactly.
    """
    rows = cells = spanned = 0
    for part in archive.infolist():
        is_sheet = _SHEET.fullmatch(part.filename) is not None
        name = part.filename.lower()
        # Power Query keeps its own notes there, in UTF-16; no reader opens them.
        is_xml = name.endswith((".xml", ".rels", ".vml")) and not name.startswith("customxml/")
        for number, window in enumerate(_windows(archive, part)):
            if is_xml and (problem := _declaration(window, number == 0, source)):
                return problem
            if is_sheet:
                seen = _OVERLAP if number else 0
                more_rows, more_cells = counted(window, seen)
                rows, cells = rows + more_rows, cells + more_cells
                if b"mergeCell" in window or b"hyperlink" in window:
                    spanned += sum(_area(match) for match in _RANGE.finditer(window) if match.end() > seen)
            if spanned > MOST_SPANNED:
                return too_wide(source)
            if rows > MOST_ROW_ELEMENTS or cells > MOST_CELL_ELEMENTS:
                if counted is not _exactly:
                    return _parts(archive, source, _exactly)
                expected = f"{MOST_ROW_ELEMENTS}行、{MOST_CELL_ELEMENTS}セルまで"
                return too_large(source, "書式だけの行やセルを含めて多すぎる行かセル", expected)
    return None


def _windows(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the part in pieces, each but the first after the last _OVERLAP bytes of the one before.

    What ends in that overlap was seen before.
    """
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            yield tail + chunk
            tail = (b" " * _OVERLAP + tail + chunk)[-_OVERLAP:]


def _declaration(window: bytes, is_first: bool, source: Source) -> Problem | None:
    if b"<!DOCTYPE" in window or b"<!ENTITY" in window:
        return source.problem(_DECLARED, _PASTE, found="DOCTYPEの宣言", expected="Excelで作ったブック")
    encoding = _ENCODING.match(window.removeprefix(b"\xef\xbb\xbf")) if is_first else None
    # In another encoding the declarations and cells above would be invisible. Excel writes UTF-8 only.
    is_wide = is_first and (window.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in window[:64])
    if is_wide or (encoding and encoding[1].lower() not in _SAFE_ENCODINGS):
        what = "ブックの中の文字コードがUTF-8ではありません"
        return source.problem(what, _PASTE, found="UTF-8でない部品", expected="Excelで作ったブック")
    return None


def _area(match: re.Match) -> int:
    left, top, right, bottom = match.groups()
    width = abs(column_number(right) - column_number(left)) + 1
    return width * (abs(int(bottom) - int(top)) + 1)


def column_number(letters: bytes) -> int:
    """Return the place of a column from its letters: A → 0, AA → 26."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1
