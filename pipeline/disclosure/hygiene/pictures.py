"""Checks of PNG and PDF: what they say beside the picture."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from pipeline.disclosure.hygiene import plain

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
    rb"/Encrypt\b": "暗号化されていて、中を確かめられません",
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
    whole = _words(content)
    for what, _, step in plain.traces(whole):
        yield what, "", step
    for pattern, what in _PDF_PARTS.items():
        if re.search(pattern, whole):
            yield what, "", ""
    for match in re.finditer(rb"/Author\s*(\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f\s]*>)", whole):
        if match[1].strip(b"()<> \r\n") not in (b"", b"FEFF", b"feff"):
            yield "作成者の名前が入っています", "", "文書の情報から作成者を消してください。"
    if re.search(rb"<dc:creator>(?!\s*(?:<rdf:Seq>\s*)?(?:</|<rdf:li>\s*</))", whole):
        yield "作成者の名前が入っています", "", "文書の情報から作成者を消してください。"


def _words(content: bytes) -> bytes:
    """Return everything but pictures, fonts and drawings: the bytes of those may spell anything by chance."""
    kept, end = [], 0
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        kept.append(content[end : match.start()])
        end = match.end()
        description = kept[-1][kept[-1].rfind(b" obj") :]
        if b"/ObjStm" in description or b"/Metadata" in description:
            kept.append(_unpacked(match[1]))
    kept.append(content[end:])
    # A name may be written in numbers: /J#61vaScript.
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda match: bytes([int(match[1], 16)]), b"\n".join(kept))


def _unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(stream, 50_000_000)
    except zlib.error:
        return stream
