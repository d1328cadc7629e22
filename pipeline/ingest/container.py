"""The gate: what kind of file this is, by its first bytes. A wrong kind is refused in one sentence."""

from __future__ import annotations

import io
import re
import zipfile

from pipeline.ingest import compound
from pipeline.ingest.content import Content, head
from pipeline.ingest.nouns import Source
from pipeline.ingest.packed_parts import MOST_BYTES, flaw_of_parts, too_large
from pipeline.model import Problem

XLSX, XLS, ODS, TEXT = (
    "Excelブック（.xlsx）",
    "Excel 97-2003 ブック（.xls）",
    "OpenDocumentの表（.ods）",
    "text",
)
#: What may be read as a workbook.
BOOKS = (XLSX, XLS, ODS)
_EMPTY, _BROKEN, _SCRAMBLED = "空のファイル", "壊れたブック（途中で切れている）", "読めない形のZIPファイル"
_LOCKED, _MACRO = "パスワード付きのブック", "マクロ付きのブック（.xlsm）"
_SAVE_AS_XLSX = "Excelで開き、「Excelブック（.xlsx）」として保存し直してください。"
_SAVE_AS_CSV = "Excelで開き、「CSV UTF-8」として保存し直してください。"
_RECEIVE_AGAIN = "もう一度、送り主から受け取り直してください。"
#: Kinds that Excel cannot turn into a table.
_NO_TABLE = (
    "PDF",
    "画像",
    "リッチテキスト（.rtf）",
    "XMLの文書",
    "Excelではない文書（Wordなど）",
    "表ではない文書（Wordなど）",
)
#: What a text that is no table begins with.
_STARTS = (
    (
        re.compile(rb"<\?xml[^>]*\?>.{0,400}(?:excel\.sheet|office:spreadsheet)", re.S),
        "XMLスプレッドシート（SpreadsheetML）",
    ),
    (
        re.compile(
            rb"(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)?<(?:!doctype html|html|head|body|meta|style|table|div)\b",
            re.S,
        ),
        "HTML（ウェブページ）",
    ),
    (re.compile(rb"<\?xml|<!doctype"), "XMLの文書"),
    (re.compile(rb"mime-version:"), "ウェブページの保存ファイル（.mht）"),
    (re.compile(rb"%pdf"), "PDF"),
    (re.compile(rb"\{\\rtf"), "リッチテキスト（.rtf）"),
    (re.compile(rb"\x89png|\xff\xd8\xff|gif8"), "画像"),
    (re.compile(rb"\x1f\x8b|7z\xbc\xaf|rar!"), "圧縮ファイル"),
)


def kind_of(content: Content) -> str:
    """Return what the bytes are: one of BOOKS or TEXT, or in Japanese what cannot be read."""
    content = head(content)
    if not content.strip(b" \t\r\n\0\xef\xbb\xbf\xfe\xff"):
        return _EMPTY
    if content.startswith(compound.MAGIC):
        return _kind_of_compound(content)
    if content.startswith(b"PK"):
        return _kind_of_zip(content)
    return next((kind for start, kind in _STARTS if start.match(_beginning(content))), TEXT)


def _beginning(content: bytes) -> bytes:
    """Return the first characters as lower-case bytes, whatever Unicode form they are in."""
    start = content[:2048].removeprefix(b"\xef\xbb\xbf")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = start.decode("utf-16", errors="ignore").encode("utf-8", errors="ignore")
    return start.lstrip().lower()


def _kind_of_compound(content: bytes) -> str:
    try:
        names = compound.stream_names(content)
        if "encryptedpackage" in names:
            return _LOCKED
        if any("vba_project" in name for name in names):
            return "マクロ付きのブック（.xls）"
        if "workbook" not in names:
            return "Excel 95以前のブック" if "book" in names else "Excelではない文書（Wordなど）"
        return _LOCKED if compound.is_locked(content) else XLS
    except compound.BrokenBook:
        return _BROKEN


def _kind_of_zip(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            mimetype = archive.read("mimetype")[:200] if "mimetype" in names else b""
    except zipfile.BadZipFile:
        return _BROKEN
    # The directory of a damaged archive fails in many ways inside the library.
    except Exception:
        return _SCRAMBLED
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return _MACRO
    if any(name.lower().startswith("xl/macrosheets/") for name in names):
        return "マクロシートのあるブック"
    if "xl/workbook.bin" in names:
        return "バイナリ形式（.xlsb）のブック"
    if "xl/workbook.xml" in names:
        return XLSX
    if mimetype.startswith(b"application/vnd.oasis.opendocument.spreadsheet") and "content.xml" in names:
        return _LOCKED_ODS if _is_locked_ods(content) else ODS
    if "word/document.xml" in names or b"opendocument" in mimetype:
        return "表ではない文書（Wordなど）"
    return "ZIPファイル"


_LOCKED_ODS = "パスワード付きの表（.ods）"


def _is_locked_ods(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return b"encryption-data" in archive.read("META-INF/manifest.xml")[:1_000_000]
    except Exception:
        return False


def refused(content: Content, accepted: tuple[str, ...], source: Source) -> Problem | None:
    """Return why ``content`` is not one of the ``accepted`` kinds, or not safe; None when it may be read."""
    kind = kind_of(content)
    if kind == XLS and len(content) > MOST_BYTES:
        return too_large(source, f"{len(content) // 1_000_000}MB", f"{MOST_BYTES // 1_000_000}MBまで")
    if kind in accepted:
        return flaw_of_parts(content, source) if kind in (XLSX, ODS) else None
    expected = "、".join("CSV（文字のファイル）" if name == TEXT else name for name in accepted)
    step = _SAVE_AS_XLSX if accepted[0] in BOOKS else _SAVE_AS_CSV
    if kind in (_LOCKED, _LOCKED_ODS):
        step = f"パスワードを外してから、{step}"
    elif kind in (_EMPTY, _BROKEN, _SCRAMBLED):
        step = _RECEIVE_AGAIN
    elif kind in ("ZIPファイル", "圧縮ファイル"):
        step = "展開（解凍）し、中のファイルを置いてください。"
    elif kind in (*BOOKS, TEXT):
        step = f"{source.definition} の layout を直すか、{step}"
    elif kind in _NO_TABLE:
        step = "回答のファイルをExcelブックかCSVで、送り主から受け取り直してください。"
    found = "CSV（文字のファイル）" if kind == TEXT else kind
    return source.problem("ファイルの種類が違うか、壊れています", step, found=found, expected=expected)
