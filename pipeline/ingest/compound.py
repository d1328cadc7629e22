"""An .xls file (compound file with BIFF8 records): is it whole, and what must be known before it is read.

Values are not read here. Walked over, record by record: how far the cells reach, what is hidden,
merged, struck through or an error value. See [MS-CFB] and [MS-XLS] for the structures.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.ingest.nouns import Flaw, Span

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FREE, _LAST_SECTOR = 0xFFFFFFFF, 0xFFFFFFFA
_FILEPASS, _SHEET, _BEGIN, _MERGED, _ROW, _FONT, _XF, _COLUMNS = (
    0x2F,
    0x85,
    0x809,
    0xE5,
    0x208,
    0x31,
    0xE0,
    0x7D,
)
_ERROR, _FORMULA, _MANY_NUMBERS = 0x205, 0x06, 0xBD
#: Records of one cell that holds a value: row, column and format stand first.
_CELLS = {0x06, 0xFD, 0x204, 0x203, 0x27E, 0x205, 0xD6}


class BrokenBook(Exception):
    """The file ends early or its structure contradicts itself."""


@dataclass
class Facts:
    """What a walk saw of one sheet; rows from 1, columns from 0. ``rows``, ``columns``: reach of values."""

    name: str
    is_hidden: bool = False
    rows: int = 0
    columns: int = 0
    cells: int = 0
    spans: list[Span] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)


def stream_names(content: bytes) -> set[str]:
    """Return the lower-case names in the directory. Raises BrokenBook when the file is not whole."""
    return {name.lower() for name, _, _ in _Compound(content).entries}


def is_locked(content: bytes) -> bool:
    """Return whether the workbook stream is encrypted."""
    return any(kind == _FILEPASS for kind, _, _ in _records(_Compound(content).workbook()))


def facts(content: bytes) -> list[Facts]:
    """Return what is to be known of each sheet, in order. Raises BrokenBook."""
    stream = _Compound(content).workbook()
    try:
        return _facts(stream)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise BrokenBook from error


class _Compound:
    """The container: sectors chained by a table."""

    def __init__(self, content: bytes):
        self.content = content
        try:
            self._open()
        except (struct.error, IndexError, UnicodeDecodeError) as error:
            raise BrokenBook from error

    def _open(self) -> None:
        shift, mini = struct.unpack_from("<HH", self.content, 30)
        if shift not in (9, 12) or mini != 6:
            raise BrokenBook
        self.size = 1 << shift
        tables, directory = (
            struct.unpack_from("<I", self.content, 44)[0],
            struct.unpack_from("<I", self.content, 48)[0],
        )
        self.cutoff = struct.unpack_from("<I", self.content, 56)[0]
        self.table: list[int] = []
        for sector in self._table_sectors(tables):
            self.table += struct.unpack(f"<{self.size // 4}I", self._sector(sector))
        used = max((place for place, entry in enumerate(self.table) if entry != _FREE), default=-1)
        if used < 0 or (used + 2) * self.size > len(self.content):
            raise BrokenBook
        self.entries = list(self._directory(directory))
        self.root = next(
            ((start, size) for name, start, size in self.entries if name == "Root Entry"), (0, 0)
        )

    def _sector(self, number: int) -> bytes:
        place = (number + 1) * self.size
        found = self.content[place : place + self.size]
        if number >= _LAST_SECTOR or len(found) < self.size:
            raise BrokenBook
        return found

    def _table_sectors(self, count: int) -> list[int]:
        if count * self.size > len(self.content):
            raise BrokenBook
        found = list(struct.unpack_from("<109I", self.content, 76))
        following = struct.unpack_from("<I", self.content, 68)[0]
        while len(found) < count and following < _LAST_SECTOR:
            *more, following = struct.unpack(f"<{self.size // 4}I", self._sector(following))
            found += more
        return found[:count]

    def _chain(self, start: int) -> bytes:
        parts, seen = [], 0
        while start < _LAST_SECTOR:
            parts.append(self._sector(start))
            start = self.table[start]
            seen += 1
            if seen > len(self.table):
                raise BrokenBook
        return b"".join(parts)

    def _directory(self, start: int) -> Iterator[tuple[str, int, int]]:
        content = self._chain(start)
        for place in range(0, len(content) - 127, 128):
            length = min(struct.unpack_from("<H", content, place + 64)[0], 64)
            name = content[place : place + max(length - 2, 0)].decode("utf-16-le")
            if name:
                yield name, *struct.unpack_from("<II", content, place + 116)

    def workbook(self) -> bytes:
        """Return the workbook stream."""
        entry = next((e for e in self.entries if e[0].lower() == "workbook"), None)
        if entry is None:
            raise BrokenBook
        _, start, size = entry
        found = self._chain(start) if size >= self.cutoff else self._small(start, size)
        if len(found) < size:
            raise BrokenBook
        return found[:size]

    def _small(self, start: int, size: int) -> bytes:
        """Return a short stream: its 64-byte pieces lie in the root stream."""
        try:
            table = self._chain(struct.unpack_from("<I", self.content, 60)[0])
            links = struct.unpack(f"<{len(table) // 4}I", table)
            whole, parts = self._chain(self.root[0]), []
            while start < _LAST_SECTOR and len(parts) * 64 < size:
                parts.append(whole[start * 64 : start * 64 + 64])
                start = links[start]
        except (struct.error, IndexError) as error:
            raise BrokenBook from error
        return b"".join(parts)


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield (kind, place, body) of each record."""
    place = 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        if kind == 0 and length == 0:
            return
        body = stream[place + 4 : place + 4 + length]
        if len(body) < length:
            raise BrokenBook
        yield kind, place, body
        place += 4 + length


def _facts(stream: bytes) -> list[Facts]:
    sheets: dict[int, Facts] = {}
    fonts: list[bool] = []
    formats: list[bool] = []
    current: Facts | None = None
    for kind, place, body in _records(stream):
        if kind == _BEGIN:
            current = sheets.get(place)
        elif kind == _SHEET:
            begin, state = struct.unpack_from("<IB", body)
            width = 2 if body[7] & 1 else 1
            name = body[8 : 8 + body[6] * width].decode("utf-16-le" if width == 2 else "latin-1")
            sheets[begin] = Facts(name, is_hidden=bool(state & 3))
        elif kind == _FONT:
            fonts.append(bool(struct.unpack_from("<H", body, 2)[0] & 8))
        elif kind == _XF:
            # Font number 4 does not exist; those above it count one less.
            font = struct.unpack_from("<H", body)[0]
            font -= font > 4
            formats.append(font < len(fonts) and fonts[font])
        elif current is not None:
            _note(current, kind, body, formats)
    return list(sheets.values())


def _note(sheet: Facts, kind: int, body: bytes, struck: list[bool]) -> None:
    if kind in _CELLS or kind == _MANY_NUMBERS:
        row, column, style = struct.unpack_from("<HHH", body)
        last = struct.unpack_from("<H", body, len(body) - 2)[0] if kind == _MANY_NUMBERS else column
        sheet.rows, sheet.columns = max(sheet.rows, row + 1), max(sheet.columns, last + 1)
        sheet.cells += last - column + 1
        is_error = (kind == _ERROR and body[7]) or (
            kind == _FORMULA and body[6] == 2 and body[12:14] == b"\xff\xff"
        )
        if is_error:
            sheet.flaws.append(Flaw(row + 1, column, "error_value"))
        if style < len(struck) and struck[style]:
            sheet.flaws.append(Flaw(row + 1, column, "struck"))
    elif kind == _ROW and struct.unpack_from("<I", body, 12)[0] & 0x20:
        sheet.flaws.append(Flaw(struct.unpack_from("<H", body)[0] + 1, None, "hidden"))
    elif kind == _COLUMNS and struct.unpack_from("<H", body, 8)[0] & 1:
        first, last = struct.unpack_from("<HH", body)
        sheet.flaws += [Flaw(0, column, "hidden_column") for column in range(first, min(last, 255) + 1)]
    elif kind == _MERGED:
        for n in range(struct.unpack_from("<H", body)[0]):
            top, bottom, left, right = struct.unpack_from("<4H", body, 2 + n * 8)
            sheet.spans.append(Span(top + 1, left, bottom + 1, right))
