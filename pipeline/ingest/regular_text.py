"""A text table in which every record is regular → its columns, block by block in little memory.

Regular is: one width, quotes only around whole cells, line ends that are line ends. Every byte is
looked at for that before a reader splits it. Anything else is left to the reader of text_table,
which says what is wrong with it; both give the same cells.

Cells are split as bytes: no byte of a character of UTF-8 or cp932 is a delimiter, a quote or a line
end. So every spelling is decoded once, and the decoding of all of them is that of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, pairwise

import numpy as np
import pandas as pd

from pipeline.decoding import HALF_WIDTH_KANA, MOST_HALF_WIDTH_SHARE, UNDEFINED
from pipeline.ingest.cells import Column, Packed, Table, small

#: A record longer than this is not regular.
_LONGEST_RECORD = 1 << 24
#: No number, no truth value, no date.
_TEXT = "~text~"
#: A column with more spellings than this, and one in so many rows, holds hardly any text twice.
_MANY, _OFTEN = 2_000, 8
_BOM, _LINE_FEED, _RETURN, _QUOTE = b"\xef\xbb\xbf", ord("\n"), ord("\r"), ord('"')
_NON_ASCII = re.compile("[^\x00-\x7f]")


class _Irregular(Exception):
    """Something that only the strict reader can judge."""


def regular_table(
    content: Iterable[bytes], delimiter_of: Callable[[str], str], most_columns: int, longest_cell: int
) -> Table | None:
    """Return the cells of a regular text table, None where it is not one.

    delimiter_of: tells the delimiter from the first lines.
    """
    try:
        return _table(iter(content), delimiter_of, most_columns, longest_cell)
    except _Irregular:
        return None


def _table(
    content: Iterator[bytes], delimiter_of: Callable[[str], str], most_columns: int, longest_cell: int
) -> Table:
    first = next(content, b"")
    while len(first) < 400_000 and (more := next(content, b"")):
        first += more
    has_bom = first.startswith(_BOM)
    first = first.removeprefix(_BOM)
    start, codec = _start(first)
    delimiter = delimiter_of(start)
    records = _Records(chain([first], content), delimiter.encode("ascii")[0], most_columns)
    columns: list[_Gathered] = []
    for block in records:
        columns = columns or [_Gathered() for _ in range(records.width)]
        for column, cells in zip(columns, _split(block, records.width, delimiter), strict=True):
            column.add(cells)
    if not columns:
        raise _Irregular
    is_utf8 = all(column.is_utf8 for column in columns)
    if not is_utf8 and (has_bom or codec == "utf-8" and not start.isascii()):
        # Either no text at all, or the delimiter was looked for in the wrong letters.
        raise _Irregular
    if is_utf8 and codec != "utf-8":
        raise _Irregular
    made = [column.column("utf-8" if is_utf8 else "cp932", longest_cell) for column in columns]
    if not is_utf8 and _may_be_mistaken(made):
        raise _Irregular
    return _trimmed(made)


def _start(first: bytes) -> tuple[str, str]:
    """Return the first lines and the code they are in, as far as they tell."""
    lines = first[: first.rfind(b"\n") + 1]
    for codec in ("utf-8", "cp932"):
        try:
            return lines.decode(codec), codec
        except UnicodeDecodeError:
            continue
    raise _Irregular


class _Records:
    """Blocks of whole records, each looked at. Raises _Irregular at the first one that is not regular."""

    def __init__(self, content: Iterator[bytes], delimiter: int, most_columns: int):
        self._content, self._delimiter, self._most_columns = content, delimiter, most_columns
        self.width = 0

    def __iter__(self) -> Iterator[bytes]:
        rest = b""
        for more in self._content:
            block = rest + more
            end = self._end_of_records(block)
            if end:
                yield block[:end]
            rest = block[end:]
            if len(rest) > _LONGEST_RECORD:
                raise _Irregular
        if rest:
            # The last record has no line end.
            rest += b"\n"
            if self._end_of_records(rest) < len(rest):
                raise _Irregular
            yield rest

    def _end_of_records(self, block: bytes) -> int:
        """Return where the last whole record ends, 0 when there is none."""
        octets = np.frombuffer(block, dtype=np.uint8)
        marks = np.flatnonzero((octets == self._delimiter) | (octets == _LINE_FEED))
        lines = marks[octets[marks] == _LINE_FEED]
        # A return at the very end may be half of a line end.
        returns = np.count_nonzero(octets == _RETURN) - block.endswith(b"\r")
        if b"\0" in block or b"\x1b" in block or returns != np.count_nonzero(octets[lines - 1] == _RETURN):
            raise _Irregular
        if b'"' in block:
            marks = self._outside(octets, marks)
        ends = np.flatnonzero(octets[marks] == _LINE_FEED)
        if not len(ends):
            return 0
        if not self.width:
            self.width = int(ends[0]) + 1
            if not 1 < self.width <= self._most_columns:
                raise _Irregular
        if ends[0] + 1 != self.width or (np.diff(ends) != self.width).any():
            raise _Irregular
        return int(marks[ends[-1]]) + 1

    def _outside(self, octets: np.ndarray, marks: np.ndarray) -> np.ndarray:
        """Return the marks outside quotes; every quote must stand at an end of its cell, or be doubled."""
        quotes = np.flatnonzero(octets == _QUOTE)
        opening, closing = quotes[::2], quotes[1::2]
        before = octets[opening - 1]
        is_start = (opening == 0) | (before == self._delimiter) | (before == _LINE_FEED) | (before == _QUOTE)
        # What stands behind the last byte is seen with the next block.
        after = octets[np.minimum(closing + 1, len(octets) - 1)]
        is_end = (after == self._delimiter) | (after == _LINE_FEED) | (after == _RETURN) | (after == _QUOTE)
        if not (is_start.all() and (is_end | (closing + 1 == len(octets))).all()):
            raise _Irregular
        return marks[np.searchsorted(quotes, marks) % 2 == 0]


class _Handle:
    """A block as a file that pandas takes for a text, whose bytes it then does not decode."""

    mode = "r"

    def __init__(self, block: bytes):
        self._block = block

    def read(self, size: int = -1) -> bytes:
        """Return the whole block, then nothing. ``size`` is only a wish."""
        block, self._block = self._block, b""
        return block

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.read, b"")


def _split(block: bytes, width: int, delimiter: str) -> list[pd.Categorical]:
    """Return the cells of a block by column; bytes that UTF-8 does not know are escaped.

    The first row is ours, a text in every column: a column of numbers alone would become numbers.
    """
    first = delimiter.join([_TEXT] * width).encode("ascii") + b"\n"
    part = pd.read_csv(
        _Handle(first + block),
        sep=delimiter,
        header=None,
        names=range(width),
        index_col=False,
        dtype="category",
        na_filter=False,
        skip_blank_lines=False,
        encoding="utf-8",
        encoding_errors="surrogateescape",
        engine="c",
        low_memory=False,
    )
    return [part.iloc[1:, place].array for place in range(width)]


class _Gathered:
    """One column, part by part: codes of spellings, or the texts themselves when hardly any comes twice."""

    def __init__(self):
        self._places: dict[str, int] = {}
        #: In one growing piece each: a thousand small ones would leave the memory full of holes.
        self._codes, self._type = bytearray(), np.dtype(np.uint8)
        self._content, self._lengths = bytearray(), bytearray()
        self._is_packed_utf8 = True

    @property
    def is_utf8(self) -> bool:
        """Whether every text so far is UTF-8."""
        return self._is_packed_utf8 and all(_is_utf8(_octets(text)) for text in self._places)

    def add(self, part: pd.Categorical) -> None:
        spellings = part.categories.tolist()
        if self._lengths:
            self._pack([spellings[code] for code in part.codes.tolist()])
            return
        known = self._places
        places = np.array([known.setdefault(text, len(known)) for text in spellings])
        if small([], len(known)).dtype != self._type:
            wider = np.frombuffer(self._codes, dtype=self._type).astype(small([], len(known)).dtype)
            self._codes, self._type = bytearray(wider.tobytes()), wider.dtype
        self._codes += places.astype(self._type)[part.codes].tobytes()
        if len(known) > _MANY and len(known) * _OFTEN > len(self._codes) // self._type.itemsize:
            texts = list(known)
            self._pack([texts[code] for code in np.frombuffer(self._codes, dtype=self._type).tolist()])
            self._places, self._codes = {}, bytearray()

    def _pack(self, texts: list[str]) -> None:
        content = "".join(texts)
        if not content.isascii():
            texts = [_octets(text) for text in texts]
        self._content += (added := _octets(content))
        self._lengths += np.fromiter(map(len, texts), dtype=np.int32, count=len(texts)).tobytes()
        self._is_packed_utf8 = self._is_packed_utf8 and _is_utf8(added)

    def column(self, codec: str, longest: int) -> Column:
        """Return the column decoded. Raises _Irregular where it cannot be, or a cell is too long."""
        if self._lengths:
            return self._packed_column(codec, longest)
        texts = tuple(_decoded(_octets(text), codec) for text in self._places)
        if any(len(text) > longest for text in texts):
            raise _Irregular
        return Column(np.frombuffer(self._codes, dtype=self._type), texts)

    def _packed_column(self, codec: str, longest: int) -> Column:
        content, lengths = bytes(self._content), np.frombuffer(self._lengths, dtype=np.int32)
        if lengths.max() > longest:
            raise _Irregular
        ends = np.cumsum(lengths, dtype=np.int64)
        texts = Packed(content, ends)
        if b"\r" in content or not content.isascii() and codec != "utf-8":
            places = pairwise([0, *ends.tolist()])
            texts = Packed.of(_decoded(content[start:end], codec) for start, end in places)
        return Column(np.arange(len(texts), dtype=np.uint32), texts)


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decoded(octets: bytes, codec: str) -> str:
    try:
        return octets.decode(codec).replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise _Irregular from error


def _may_be_mistaken(columns: list[Column]) -> bool:
    """Return whether what was decoded as cp932 may be something else: undefined bytes, much half-width kana."""
    suspects = [column for column in columns if not column.is_ascii]
    if any(any(map(UNDEFINED.search, column.texts)) for column in suspects):
        return True
    if not any(any(map(HALF_WIDTH_KANA.search, column.texts)) for column in suspects):
        return False
    kana = wide = 0
    for column in suspects:
        counts = np.bincount(column.codes, minlength=len(column.texts)).tolist()
        for text, count in zip(column.texts, counts, strict=True):
            wide += count * len(_NON_ASCII.findall(text))
            kana += count * len(HALF_WIDTH_KANA.findall(text))
    return kana > wide * MOST_HALF_WIDTH_SHARE


def _trimmed(columns: list[Column]) -> Table:
    """Return the table without the blank rows at its end."""
    height = len(columns[0])
    while height and not any(column[height - 1].strip() for column in columns):
        height -= 1
    return Table((Column(column.codes[:height], column.texts) for column in columns), height)
