"""Checks of PNG and PDF: what they say beside the picture."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

Finding = tuple[str, str, str]
_PNG = b"\x89PNG\r\n\x1a\n"
#: Chunks of the picture itself.
_PICTURE_CHUNKS = {
    b"IHDR",
    b"PLTE",
    b"IDAT",
    b"IEND",
    b"tRNS",
    b"gAMA",
    b"sRGB",
    b"cHRM",
    b"pHYs",
    b"sBIT",
    b"bKGD",
}
_SOFTWARE = b"Software\0"
_PDF_PARTS = {
    rb"/JavaScript\b|/JS\b": "スクリプトがあります",
    rb"/EmbeddedFiles?\b": "ファイルが埋め込まれています",
    rb"/Launch\b": "プログラムを起動するリンクがあります",
    rb"/Subtype\s*/(?:Text|FreeText|Popup|Stamp|FileAttachment)\b": "注釈（コメント）があります",
    rb"/OCGs\b": "表示を切り替える層（レイヤー）があります",
}


def png(content: bytes) -> Iterator[Finding]:
    """Find text, times and camera data beside the picture; the name of the drawing program may stay."""
    if not content.startswith(_PNG):
        yield "PNG の画像ではありません", "", ""
        return
    place = len(_PNG)
    while place + 8 <= len(content):
        size, kind = int.from_bytes(content[place : place + 4], "big"), content[place + 4 : place + 8]
        chunk = content[place + 8 : place + 8 + size]
        if kind not in _PICTURE_CHUNKS and not (kind == b"tEXt" and chunk.startswith(_SOFTWARE)):
            yield (
                f"画像のほかの情報（{kind.decode('ascii', 'replace')}）が入っています",
                f"{place}バイト目",
                "",
            )
        place += size + 12
        if kind == b"IEND":
            break
    if place != len(content):
        yield "画像の終わりのうしろに、ほかのデータがあります", f"{place}バイト目", ""


def pdf(content: bytes) -> Iterator[Finding]:
    """Find authors, scripts, attachments, comments and layers."""
    if not content.startswith(b"%PDF-"):
        yield "PDF ではありません", "", ""
        return
    whole = content + b"\n".join(_streams(content))
    for pattern, what in _PDF_PARTS.items():
        if re.search(pattern, whole):
            yield what, "", ""
    for match in re.finditer(rb"/Author\s*(\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f\s]*>)", whole):
        if match[1].strip(b"()<> \r\n") not in (b"", b"FEFF", b"feff"):
            yield "作成者の名前が入っています", "", "文書の情報から作成者を消してください。"
    if re.search(rb"<dc:creator>(?!\s*(?:<rdf:Seq>\s*)?(?:</|<rdf:li>\s*</))", whole):
        yield "作成者の名前が入っています", "", "文書の情報から作成者を消してください。"


def _streams(content: bytes) -> Iterator[bytes]:
    """Yield what can be unpacked of the streams; pictures and fonts hold no words."""
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        try:
            yield zlib.decompressobj().decompress(match[1], 50_000_000)
        except zlib.error:
            continue
