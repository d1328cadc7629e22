"""Bytes to text by a fixed ladder. Never guesses: what no rung decodes is refused."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.model import Problem, ProblemsFound

#: What Python's cp932 makes of bytes that the code page leaves undefined.
UNDEFINED = re.compile("[\x80-\xa0\uf8f0-\uf8ff]")
HALF_WIDTH_KANA = re.compile("[\uff61-\uff9f]")
#: Read as cp932, EUC-JP is mostly half-width kana; no table of answers is.
MOST_HALF_WIDTH_SHARE = 0.3


def decode(content: bytes, name: str) -> str:
    """Return the text of ``content``: BOM, ISO-2022-JP, strict UTF-8, strict cp932.

    Raises ProblemsFound when no rung fits; ``name`` is what the message calls the file.
    """
    for codec in _candidates(content):
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        if codec != "cp932" or not _is_mistaken(text, content):
            return text
    raise ProblemsFound(
        [
            Problem(
                "文字コードを判別できません",
                file=name,
                found=f"{len(content)}バイト、UTF-8でもcp932（Shift_JIS）でもない",
                expected="UTF-8 または cp932（Shift_JIS）",
                next_step="Excelなどで開き、「CSV UTF-8」形式で保存し直してください。",
            )
        ]
    )


def _candidates(content: bytes) -> tuple[str, ...]:
    if content.startswith(b"\xef\xbb\xbf"):
        return ("utf-8-sig",)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    if b"\x1b$" in content:
        return ("iso2022_jp",)
    return ("utf-8", "cp932")


def _is_mistaken(text: str, content: bytes) -> bool:
    """Return whether cp932 decoded what is not cp932: undefined bytes, or text in EUC-JP."""
    if UNDEFINED.search(text):
        return True
    wide = len(text) - len(text.encode("ascii", "ignore"))
    if len(HALF_WIDTH_KANA.findall(text)) <= wide * MOST_HALF_WIDTH_SHARE:
        return False
    try:
        content.decode("euc_jp")
    except UnicodeDecodeError:
        return False
    return True


def read_text(path: Path, name: str = "") -> str:
    """Return the text of the file at ``path`` with line ends as a bare line feed."""
    return decode(path.read_bytes(), name or path.name).replace("\r\n", "\n").replace("\r", "\n")
