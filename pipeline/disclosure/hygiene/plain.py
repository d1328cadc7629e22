"""Checks of text: traces of machines in any file, cells of CSV that a spreadsheet would calculate."""

from __future__ import annotations

import csv as reader
import io
import re
from collections.abc import Iterator

from pipeline.matching import is_formula

#: Folders of somebody's machine. In UTF-16 text zero bytes stand between the letters.
_PATHS = re.compile(
    rb"(?<![A-Za-z])[A-Za-z]:\\[A-Za-z0-9\x80-\xff]|\\\\[A-Za-z0-9_.\x80-\xff-]+\\[A-Za-z0-9$_\x80-\xff-]+"
    rb"|(?<![A-Za-z0-9.])/(?:home|Users|mnt|media|srv|Volumes|work)/[A-Za-z0-9\x80-\xff]|/root/|/tmp/|file:///"
)
_PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PAR1")


def traces(content: bytes) -> Iterator[tuple[str, str, str]]:
    """Find folders of a machine in the bytes of a file that is not packed."""
    for text in (content, content.replace(b"\0", b"")):
        if match := _PATHS.search(text):
            yield "コンピューター内の場所（フォルダー名）が書かれています", f"{match.start()}バイト目", ""
            return


def stored(content: bytes) -> Iterator[tuple[str, str, str]]:
    """Find a program's stored objects, whatever the file is called."""
    if content.startswith(_PICKLES):
        yield "プログラムの内部データが入っています", "", ""


def text(content: bytes) -> Iterator[tuple[str, str, str]]:
    """Find bytes that are no UTF-8 text."""
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield "UTF-8 の文字として読めません", f"{error.start}バイト目", "文字コードを UTF-8 にしてください。"


def csv(content: bytes) -> Iterator[tuple[str, str, str]]:
    """Find cells that a spreadsheet would calculate."""
    problems = list(text(content))
    yield from problems
    if problems:
        return
    for line, cells in enumerate(
        reader.reader(io.StringIO(content.decode("utf-8-sig"), newline="")), start=1
    ):
        for column, cell in enumerate(cells, start=1):
            if is_formula(cell):
                yield "計算式として読まれる文字で始まっています", f"{line}行目 {column}列目", ""
