"""Bytes to text by a fixed ladder. Never guesses: what no rung decodes is refused."""

from __future__ import annotations

from pathlib import Path

from pipeline.model import Problem, ProblemsFound


def decode(content: bytes, name: str) -> str:
    """Return the text of ``content``: BOM, ISO-2022-JP, strict UTF-8, strict cp932.

    Raises ProblemsFound when no rung fits; ``name`` is what the message calls the file.
    """
    for codec in _candidates(content):
        try:
            return content.decode(codec)
        except UnicodeDecodeError:
            continue
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


def read_text(path: Path, name: str = "") -> str:
    """Return the text of the file at ``path`` with line ends as a bare line feed."""
    return decode(path.read_bytes(), name or path.name).replace("\r\n", "\n").replace("\r", "\n")
