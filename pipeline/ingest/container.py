"""What kind of file this is, by its first bytes: a wrong kind is refused in one sentence."""

from __future__ import annotations

import io
import zipfile

from pipeline.ingest.nouns import Source
from pipeline.model import Problem

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SAVE_AS_XLSX = "Excelで開き、「Excelブック（.xlsx）」として保存し直してください。"
_SAVE_AS_CSV = "Excelで開き、「CSV UTF-8」として保存し直してください。"
#: Bounds of a workbook: inflated bytes, parts, how far one part may be packed.
MOST_BYTES, MOST_PARTS, MOST_PACKED = 200_000_000, 1_000, 100


def kind_of(content: bytes) -> str:
    """Return what the bytes are, in Japanese; "xlsx" and "text" are the two kinds that can be read."""
    start = content[:512].lstrip(b"\xef\xbb\xbf").lstrip().lower()
    if not content.strip():
        return "空のファイル"
    if content.startswith(_OLE):
        return "パスワード付きのブック" if _ENCRYPTED in content else "旧形式（.xls）のブック"
    if content.startswith(b"PK"):
        return _kind_of_zip(content)
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<style")):
        return "HTML（ウェブページ）"
    if start.startswith(b"<?xml"):
        return "XMLスプレッドシート"
    if start.startswith(b"%pdf"):
        return "PDF"
    return "text"


def _kind_of_zip(content: bytes) -> str:
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return "壊れたブック（途中で切れている）"
    if any(name.endswith("vbaProject.bin") for name in names):
        return "マクロ付きのブック（.xlsm）"
    if "xl/workbook.bin" in names:
        return "バイナリ形式（.xlsb）のブック"
    if "xl/workbook.xml" in names:
        return "xlsx"
    return "ODS形式の表" if "mimetype" in names else "ZIPファイル"


def refused(content: bytes, expected: str, source: Source) -> Problem | None:
    """Return why ``content`` is not read as ``expected`` ("xlsx" or "text"); None when it may be."""
    kind = kind_of(content)
    if kind == expected:
        return _too_large(content, source) if kind == "xlsx" else None
    shown = {"xlsx": "Excelブック（.xlsx）", "text": "CSV（文字のファイル）"}
    step = _SAVE_AS_XLSX if expected == "xlsx" else _SAVE_AS_CSV
    if kind == "パスワード付きのブック":
        step = f"パスワードを外してから、{step}"
    if kind.startswith(("空", "壊れた")):
        step = "もう一度、送り主から受け取り直してください。"
    return source.problem(
        "ファイルの種類が違うか、壊れています", step, found=shown.get(kind, kind), expected=shown[expected]
    )


def _too_large(content: bytes, source: Source) -> Problem | None:
    parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    size = sum(part.file_size for part in parts)
    packed = any(p.file_size > 100_000 and p.file_size > MOST_PACKED * max(p.compress_size, 1) for p in parts)
    if size <= MOST_BYTES and len(parts) <= MOST_PARTS and not packed:
        return None
    return source.problem(
        "ブックの中身が大きすぎて、安全に開けません",
        "必要なシートだけを新しいブックに値で貼り付けて、保存し直してください。",
        found=f"広げると{size // 1_000_000}MB、部品{len(parts)}個",
        expected=f"{MOST_BYTES // 1_000_000}MB以下",
    )
