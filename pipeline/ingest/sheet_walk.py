"""The cells of a worksheet part as Excel and its kin write them, found by looking at whole blocks of bytes.

Only the plain form is known: rows and cells in ascending order, every cell with its place, values
without formulas, no text between the elements. Of anything else the walk says nothing, and the
sheet is read element by element. What a cell holds is not judged here: each different cell is
handed out once, as its own piece of XML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

#: Bytes that are looked at together: they stay in the processor's own memory.
_BLOCK = 1 << 18
#: Kinds of tags, by the two bytes after "<"; the last two are such that end themselves.
_CELL, _VALUE, _INLINE, _TEXT, _ROW, _CELL_END, _VALUE_END, _INLINE_END, _TEXT_END, _ROW_END = range(1, 11)
_EMPTY_CELL, _EMPTY_ROW = 11, 12
_TAGS = {
    b"c ": _CELL,
    b"v>": _VALUE,
    b"is": _INLINE,
    b"t>": _TEXT,
    b"t ": _TEXT,
    b"ro": _ROW,
    b"/c": _CELL_END,
    b"/v": _VALUE_END,
    b"/i": _INLINE_END,
    b"/t": _TEXT_END,
    b"/r": _ROW_END,
}
#: What may follow what; a sheet begins behind a row.
_FOLLOWS = {
    _CELL: (_VALUE, _INLINE, _CELL_END),
    _VALUE: (_VALUE_END,),
    _VALUE_END: (_CELL_END,),
    _INLINE: (_TEXT,),
    _TEXT: (_TEXT_END,),
    _TEXT_END: (_INLINE_END,),
    _INLINE_END: (_CELL_END,),
    _CELL_END: (_CELL, _EMPTY_CELL, _ROW_END),
    _EMPTY_CELL: (_CELL, _EMPTY_CELL, _ROW_END),
    _ROW: (_CELL, _EMPTY_CELL, _ROW_END),
    _ROW_END: (_ROW, _EMPTY_ROW),
    _EMPTY_ROW: (_ROW, _EMPTY_ROW),
}
#: Kind of an end or of a tag without attributes → its length.
_LENGTHS = {_INLINE: 4, _CELL_END: 4, _VALUE_END: 4, _INLINE_END: 5, _TEXT_END: 4, _ROW_END: 6}
_KIND = np.zeros(1 << 16, dtype=np.uint8)
for _tag, _kind in _TAGS.items():
    _KIND[int.from_bytes(_tag, "little")] = _kind
_MAY_FOLLOW = np.zeros(256, dtype=bool)
for _first, _seconds in _FOLLOWS.items():
    _MAY_FOLLOW[[_first * 16 + second for second in _seconds]] = True
#: 0 for any length up to ">", _TEXT_LENGTH where text follows up to the next tag.
_LENGTH, _TEXT_LENGTH = np.zeros(16, dtype=np.uint8), 255
_LENGTH[list(_LENGTHS)] = list(_LENGTHS.values())
_LENGTH[[_VALUE, _TEXT]] = _TEXT_LENGTH
#: Keeps the first n bytes of a word.
_FIRST = np.array([(1 << 8 * n) - 1 for n in range(9)], dtype=np.uint64)
_DATA = re.compile(rb"<sheetData>(.*)</sheetData>", re.DOTALL)
NAMESPACE = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_ROW_TAG = re.compile(
    rb'<row r="([1-9]\d{0,6})"((?: (?:spans|s|ht|[a-zA-Z0-9]+:dyDescent|customFormat|customHeight|hidden|collapsed'
    rb'|outlineLevel|thickTop|thickBot|ph)="(?:[\d.: ]*|true|false)")*)/?>'
)
_TAIL = re.compile(rb'(?: s="(\d{1,5})")?(?: t="[a-zA-Z]{1,9}")?/?')
_PLAIN_TEXT = (b"<t>", b'<t xml:space="preserve">')
_MOST_TAILS, _LONG = 127, np.uint64(1 << 63)


class _Unknown(Exception):
    """A form that this walk does not know."""


@dataclass(frozen=True, eq=False)
class Walked:
    """The cells of a sheet. rows (from 1), columns (from 0), codes: of each cell; (cells,) whole numbers.

    elements: (attributes but the place, what is inside) of the different cells, as XML, one per code;
    styles: the number of each one's style. shell: the part with its cells taken out and only the hidden rows left.
    """

    rows: np.ndarray
    columns: np.ndarray
    codes: np.ndarray
    elements: list[tuple[bytes, bytes]]
    styles: list[int]
    shell: bytes


def walk(xml: bytes) -> Walked | None:
    """Return the cells of a worksheet part, None where it is not of the plain form."""
    data = _DATA.search(xml)
    # A link gives its cell a text, a formula has no value of its own.
    is_plain = data and NAMESPACE in xml[: data.start()] and b"<hyperlink" not in xml[data.end() :]
    if not is_plain or b"\0" in xml or b"<!" in xml:
        return None
    try:
        return _Walk(xml, data.start(1), data.end(1)).walked()
    except _Unknown:
        return None


class _Walk:
    """The state of one walk: what was found in the blocks so far."""

    def __init__(self, xml: bytes, start: int, end: int):
        self.xml, self.start, self.end = xml, start, end
        padded = np.frombuffer(xml[start:end] + b"\0" * 16, dtype=np.uint8)
        self.octets = padded
        #: The eight bytes from each place on, as one number.
        self.words = np.ndarray(len(padded) - 7, dtype="<u8", buffer=padded, strides=(1,))
        self.pairs = np.ndarray(len(padded) - 1, dtype="<u2", buffer=padded, strides=(1,))
        self.tails: dict[bytes, int] = {}
        self.longs: dict[bytes, int] = {}
        self.hidden: list[bytes] = []
        self.last_row = 0

    def walked(self) -> Walked:
        parts = [self._block(begin, end) for begin, end in self._blocks()]
        if not parts:
            nothing = np.zeros(0, dtype=np.int64)
            return Walked(nothing, nothing, nothing, [], [], self.xml)
        rows, columns, keys, tails, starts, ends = map(np.concatenate, zip(*parts, strict=True))
        if not (np.diff(rows * (1 << 15) + columns) > 0).all():
            raise _Unknown
        codes, _ = pd.factorize(keys)
        first = np.flatnonzero(np.diff(np.maximum.accumulate(codes), prepend=-1) > 0)
        names = list(self.tails)
        own = [names[tail].removesuffix(b"/") for tail in tails[first].tolist()]
        places = zip(own, starts[first].tolist(), ends[first].tolist(), strict=True)
        elements = [(tail, self.xml[self.start + start : self.start + end]) for tail, start, end in places]
        styles = [int(_TAIL.fullmatch(tail)[1] or 0) for tail in own]
        shell = self.xml[: self.start] + b"".join(self.hidden) + self.xml[self.end :]
        return Walked(rows, columns, codes, elements, styles, shell)

    def _blocks(self) -> Iterator[tuple[int, int]]:
        """Yield where blocks of whole rows begin and end."""
        begin, size = 0, self.end - self.start
        while begin < size:
            end = size
            if size - begin > _BLOCK:
                end = (
                    self.xml.rfind(b"</row>", self.start + begin, self.start + begin + _BLOCK)
                    - self.start
                    + 6
                )
                if end <= begin:
                    raise _Unknown
            yield begin, end
            begin = end

    def _block(self, begin: int, end: int) -> tuple[np.ndarray, ...]:
        """Return rows, columns, keys, tails, and the begin and end of what is inside, of each cell."""
        tags, following, kinds = self._tags(begin, end)
        places = np.flatnonzero((kinds == _CELL) | (kinds == _EMPTY_CELL))
        is_row = (kinds == _ROW) | (kinds == _EMPTY_ROW)
        numbers = self._rows(tags[is_row], following[is_row])
        row_of = np.cumsum(is_row)[places] - 1
        cells, closes = tags[places], following[places] - 1
        columns, tail_starts = self._columns(cells, row_of, numbers)
        tails = self._tails(tail_starts, closes - tail_starts)
        # The next tag but one of the value is the end of the cell, if there is a value.
        has_value = kinds[np.minimum(places + 1, len(kinds) - 1)] == _VALUE
        has_inline = kinds[np.minimum(places + 1, len(kinds) - 1)] == _INLINE
        last = places + np.where(has_value, 3, np.where(has_inline, 5, 0))
        starts = closes + 1
        ends = np.where(has_value | has_inline, tags[np.minimum(last, len(tags) - 1)], starts)
        keys = np.zeros(len(places), dtype=np.uint64)
        lengths = np.where(has_value, ends - starts - 7, 0)
        is_short = lengths < 8
        keys[is_short] = self.words[starts[is_short] + 3] & _FIRST[lengths[is_short]]
        keys |= tails.astype(np.uint64) << np.uint64(56)
        keys[~has_value & ~has_inline] = np.uint64(0)
        is_long = has_inline | (lengths > 7)
        keys[is_long] = self._longs(starts[is_long], ends[is_long], tails[is_long])
        return numbers[row_of] if len(numbers) else row_of, columns, keys, tails, starts, ends

    def _tags(self, begin: int, end: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return where each tag begins, where the next one does, and their kinds, all of which are known."""
        octets = self.octets
        tags = np.flatnonzero(octets[begin:end] == ord("<")) + begin
        following = np.append(tags[1:], end)
        kinds = _KIND[self.pairs[tags + 1]]
        for kind, ended in ((_CELL, _EMPTY_CELL), (_ROW, _EMPTY_ROW)):
            own = np.flatnonzero(kinds == kind)
            kinds[own[octets[following[own] - 2] == ord("/")]] = ended
        lengths = _LENGTH[kinds]
        is_text = lengths == _TEXT_LENGTH
        is_right = (
            len(tags)
            and tags[0] == begin
            and kinds[-1] in (_ROW_END, _EMPTY_ROW)
            and _MAY_FOLLOW[np.append(np.uint8(_ROW_END), kinds[:-1]) * np.uint8(16) + kinds].all()
            and (is_text | (octets[following - 1] == ord(">"))).all()
            and (is_text | (lengths == 0) | (following - tags == lengths)).all()
        )
        if not is_right:
            raise _Unknown
        return tags, following, kinds

    def _rows(self, tags: np.ndarray, following: np.ndarray) -> np.ndarray:
        """Return the numbers of the rows; keeps the tags of hidden ones."""
        numbers = []
        for tag, after in zip((tags + self.start).tolist(), (following + self.start).tolist(), strict=True):
            match = _ROW_TAG.fullmatch(self.xml, tag, after)
            if match is None or int(match[1]) <= self.last_row:
                raise _Unknown
            self.last_row = int(match[1])
            numbers.append(self.last_row)
            if b"hidden" in match[2]:
                self.hidden.append(b'<row r="' + match[1] + b'"' + match[2] + b"/>")
        return np.array(numbers, dtype=np.int64)

    def _columns(self, cells: np.ndarray, row_of: np.ndarray, numbers: np.ndarray):
        """Return (columns of the cells, where the rest of each tag begins)."""
        if not (self.words[cells] & _FIRST[6] == int.from_bytes(b'<c r="', "little")).all():
            raise _Unknown
        words = self.words[cells + 6]
        letters = [
            (words >> np.uint64(8 * place) & np.uint64(255)).astype(np.int64) - 64 for place in range(3)
        ]
        is_letter = [(letter >= 1) & (letter <= 26) for letter in letters]
        count = 1 + is_letter[1] + (is_letter[1] & is_letter[2])
        columns = letters[0]
        for place in (1, 2):
            columns = np.where(count > place, columns * 26 + letters[place], columns)
        texts = [str(number) for number in numbers.tolist()]
        digits = np.array([int.from_bytes(text.encode(), "little") for text in texts], dtype=np.uint64)
        sizes = np.array([len(text) for text in texts], dtype=np.int64)
        size = sizes[row_of] if len(cells) else np.zeros(0, dtype=np.int64)
        written = self.words[cells + 6 + count] & _FIRST[size]
        ends = cells + 6 + count + size
        is_right = is_letter[0].all() and (not len(cells) or (written == digits[row_of]).all())
        if not is_right or (self.octets[ends] != ord('"')).any():
            raise _Unknown
        return columns - 1, ends + 1

    def _tails(self, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Return for each cell which of the ``tails`` it has: its attributes behind its place."""
        if not len(starts):
            return np.zeros(0, dtype=np.int64)
        if lengths.min() < 0 or lengths.max() > 32:
            raise _Unknown
        mixed = lengths
        for place in range(0, int(lengths.max()), 8):
            part = self.words[starts + place] & _FIRST[np.clip(lengths - place, 0, 8)]
            codes, found = pd.factorize(part)
            mixed = pd.factorize(mixed * len(found) + codes)[0]
        codes, first = np.unique(mixed, return_index=True)
        known = np.zeros(len(codes) and int(codes[-1]) + 1, dtype=np.int64)
        for code, cell in zip(codes.tolist(), first.tolist(), strict=True):
            begin = self.start + int(starts[cell])
            tail = self.xml[begin : begin + int(lengths[cell])]
            if not _TAIL.fullmatch(tail):
                raise _Unknown
            known[code] = self.tails.setdefault(tail, len(self.tails))
        if len(self.tails) > _MOST_TAILS:
            raise _Unknown
        return known[mixed]

    def _longs(self, starts: np.ndarray, ends: np.ndarray, tails: np.ndarray) -> np.ndarray:
        """Return keys of what is too long for a word: a number for each different text."""
        keys = np.zeros(len(starts), dtype=np.uint64)
        places = zip(
            (starts + self.start).tolist(), (ends + self.start).tolist(), tails.tolist(), strict=True
        )
        for number, (start, end, tail) in enumerate(places):
            inside = self.xml[start:end]
            if inside.startswith(b"<is>") and not inside.startswith(_PLAIN_TEXT, 4):
                raise _Unknown
            keys[number] = self.longs.setdefault((inside, tail), len(self.longs))
        return keys | _LONG
