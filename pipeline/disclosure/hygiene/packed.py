"""Checks of workbooks and documents (zipped XML): hidden, calculated, linked and personal parts."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

from pipeline.disclosure.hygiene import pictures, plain

Finding = tuple[str, str, str]
#: Parts that have no place in a published file, by a piece of their name.
_PARTS = {
    "vbaProject": "マクロがあります",
    "/comments": "コメントがあります",
    "threadedComment": "コメントがあります",
    "/persons/": "コメントを書いた人の名前があります",
    "externalLink": "ほかのファイルへのリンクがあります",
    "/embeddings/": "ほかのファイルが埋め込まれています",
    "pivotCache": "ピボットテーブルの元データがあります",
    "connections.xml": "外部データへの接続があります",
    "customXml": "作成したソフトの独自データがあります",
    "printerSettings": "プリンターの設定があります",
    "docProps/custom": "独自の文書情報があります",
}
_PEOPLE = ("creator", "lastModifiedBy", "Company", "Manager")
#: Properties that a program or a person fills with remarks; a title is what the file is called.
_REMARKS = ("description", "keywords", "subject", "category", "contentStatus", "HyperlinkBase")
_BROKEN, _COMMENTED = "（壊れたファイル）", "（書き込みのあるファイル）"
#: More than a results workbook ever needs.
_LARGEST_PART = 100_000_000
_SHEET = {
    r"<(?:\w+:)?row\b[^>]*\b(?:hidden=[\"'](?:1|true)|ht=[\"']0(?:\.\d+)?)[\"']": "隠れた行があります",
    r"<(?:\w+:)?sheetFormatPr\b[^>]*\bzeroHeight=[\"'](?:1|true)[\"']": "隠れた行があります",
    r"<(?:\w+:)?col\b[^>]*\b(?:hidden=[\"'](?:1|true)|width=[\"']0(?:\.\d+)?)[\"']": "隠れた列があります",
    r"<(?:\w+:)?f[\s>/]": "計算式があります",
}
#: Sections of a number format that hold nothing but quotation marks.
_NOTHING = r"(?:&quot;&quot;|\"\")?"
_STYLES = {
    rf"formatCode=(?:\"{_NOTHING};{_NOTHING}(?:;{_NOTHING})*\"|'{_NOTHING};{_NOTHING}(?:;{_NOTHING})*')": "数値を見えなくする書式があります"
}
_NAMES = {r"<(?:\w+:)?definedName\b[^>]*\bhidden=[\"'](?:1|true)[\"']": "隠れた名前の定義があります"}
_DOCUMENT = {
    r"<w:(?:ins|del|moveFrom|moveTo)\s": "変更履歴があります",
    r"<w:(?:vanish|specVanish|webHidden)(?:\s+w:val=\"(?:1|true|on)\")?\s*/?>": "隠し文字があります",
    r"<w:(?:fldSimple|instrText)\b(?![^<]*(?:PAGE|NUMPAGES|TOC|SEQ|REF))": "フィールド（差し込み）があります",
}


def workbook(content: bytes) -> Iterator[Finding]:
    """Find hidden sheets, rows and columns, formulas, links, comments and names of people."""
    yield from _media(content)
    for name, text in _parts(content):
        yield from _common(name, text)
        if name == "xl/workbook.xml":
            for _ in re.finditer(r"<(?:\w+:)?sheet\b[^>]*\bstate=[\"'](?:hidden|veryHidden)[\"']", text):
                yield "隠れたシートがあります", name, "シートを表示するか、削除してください。"
            yield from _matches(name, text, _NAMES)
        if name == "xl/styles.xml":
            yield from _matches(name, text, _STYLES)
        # A sheet may have any name; which part it is stands in another one.
        if re.match(r"xl/worksheets/[^/]+\.xml$", name, re.IGNORECASE):
            yield from _matches(name, text, _SHEET)


def document(content: bytes) -> Iterator[Finding]:
    """Find tracked changes, hidden words, fields, links, comments and names of people."""
    yield from _media(content)
    for name, text in _parts(content):
        yield from _common(name, text)
        if name.startswith("word/") and name.endswith(".xml"):
            yield from _matches(name, text, _DOCUMENT)


def _parts(content: bytes) -> Iterator[tuple[str, str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if archive.comment:
                yield _COMMENTED, ""
            for part in archive.infolist():
                is_text = part.filename.endswith((".xml", ".rels")) and part.file_size < _LARGEST_PART
                yield part.filename, _xml(archive.read(part)) if is_text else ""
    except (zipfile.BadZipFile, OSError, RuntimeError, EOFError):
        yield _BROKEN, ""


def _xml(content: bytes) -> str:
    """Return the text of a part: UTF-8, or UTF-16, which XML allows as well."""
    is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    return content.decode("utf-16" if is_wide else "utf-8-sig", "replace")


def _media(content: bytes) -> Iterator[Finding]:
    """Find what the pictures inside say beside themselves; a photograph may name its place and camera."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for part in archive.infolist():
            if "/media/" in part.filename and part.file_size < _LARGEST_PART:
                if not part.filename.endswith(".png"):
                    yield "PNG でない画像が入っています（撮影の情報を確かめられません）", part.filename, ""
                    continue
                for what, _, step in pictures.png(archive.read(part)):
                    yield what, part.filename, step


def _common(name: str, text: str) -> Iterator[Finding]:
    if name == _COMMENTED:
        yield "ファイル全体に書き込み（画面に出ない文）があります", "", ""
    if name == _BROKEN:
        yield (
            "ファイルが壊れているか、パスワードがかかっています",
            "",
            "作り直したファイルと取り替えてください。",
        )
    for piece, what in _PARTS.items():
        if piece in name:
            yield what, name, ""
    for what, _, step in plain.traces(text.encode()):
        yield what, name, step
    if name.startswith("docProps/"):
        for tag in (*_PEOPLE, *_REMARKS):
            if re.search(rf"<(?:\w+:)?{tag}\b[^>]*(?<!/)>[^<]*[^<\s]", text):
                field = "人や組織の名前の欄" if tag in _PEOPLE else "文書の説明などの欄"
                yield f"{field}（{tag}）に文字が入っています", name, "文書のプロパティから消してください。"
    if name.endswith(".rels") and re.search(r'TargetMode="External"', text):
        yield "ファイルの外へのリンクがあります", name, ""


def _matches(name: str, text: str, patterns: dict[str, str]) -> Iterator[Finding]:
    for pattern, what in patterns.items():
        if re.search(pattern, text):
            yield what, name, ""
