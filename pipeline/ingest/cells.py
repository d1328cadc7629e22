"""Cells by column: every different text of a column once, and for each row which one stands there.

An answer is one of a few spellings a million times over. Whatever is asked of a cell is asked of
its spelling, once, and looked up for the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat

import numpy as np

from pipeline.matching import fold

#: How many texts are looked at together; more would only take room.
_AT_ONCE, _MOST_DIGITS = 10_000, 18


def small(codes: np.ndarray | Sequence[int], size: int) -> np.ndarray:
    """Return the codes, all below ``size``, in the smallest unsigned integers that hold them."""
    return np.asarray(codes).astype(np.min_scalar_type(max(size - 1, 0)), copy=False)


class Packed(Sequence[str]):
    """Many texts in one piece of memory; hardly any stands there twice."""

    def __init__(self, content: bytes, ends: np.ndarray):
        """content: the texts in UTF-8, one behind the other; ends: (n,) where each of them ends."""
        self._content, self._ends = content, ends

    @classmethod
    def of(cls, texts: Iterable[str]) -> Packed:
        """Return the texts packed."""
        parts = [text.encode("utf-8") for text in texts]
        return cls(b"".join(parts), np.cumsum([*map(len, parts)], dtype=np.int64))

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, place: int) -> str:
        start = self._ends[place - 1] if place else 0
        return self._content[start : self._ends[place]].decode("utf-8")

    def __iter__(self) -> Iterator[str]:
        start = 0
        for part in np.array_split(self._ends, len(self) // _AT_ONCE + 1):
            for end in part.tolist():
                yield self._content[start:end].decode("utf-8")
                start = end

    @property
    def is_ascii(self) -> bool:
        """Whether there is nothing but ASCII in any text."""
        return self._content.isascii()

    @cached_property
    def is_filled(self) -> np.ndarray:
        """(n,) bool: the texts of which something can be seen."""
        filled = np.ones(len(self), dtype=bool)
        for place in np.flatnonzero(self.numbers < 0).tolist():
            filled[place] = is_filled(self[place])
        return filled

    @cached_property
    def numbers(self) -> np.ndarray:
        """(n,) the texts as numbers; -1 for one that is no number as a program writes it (01 is none)."""
        numbers = np.full(len(self), -1, dtype=np.int64)
        if len(self._content) > _MOST_DIGITS * len(self):
            return numbers
        lengths = np.diff(self._ends, prepend=0)
        starts = self._ends - lengths
        octets = np.frombuffer(self._content, dtype=np.uint8) - np.uint8(ord("0"))
        others = np.concatenate([[0], np.cumsum(octets > 9, dtype=np.int32)])
        is_number = (lengths > 0) & (lengths <= _MOST_DIGITS) & (others[self._ends] == others[starts])
        is_number[is_number] = octets[starts[is_number]] > 0
        numbers[is_number] = 0
        for place in range(int(lengths[is_number].max(initial=0))):
            is_in = is_number & (lengths > place)
            numbers[is_in] = numbers[is_in] * 10 + octets[starts[is_in] + place]
        return numbers


@dataclass(frozen=True, eq=False)
class Column(Sequence[str]):
    """The cells of one column. ``codes``: (rows,) place of each row's text in ``texts``.

    A text may stand in ``texts`` more than once, and may belong to no row.
    """

    codes: np.ndarray
    texts: Sequence[str]

    @classmethod
    def of(cls, cells: Iterable[str]) -> Column:
        """Return the cells as a column."""
        places: dict[str, int] = {}
        codes = [places.setdefault(text, len(places)) for text in cells]
        return cls(small(codes, len(places)), tuple(places))

    @classmethod
    def constant(cls, text: str, rows: int) -> Column:
        """Return a column that holds the same text in every row."""
        return cls(np.zeros(rows, dtype=np.uint8), (text,))

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> str:
        return self.texts[self.codes[row]]

    def __iter__(self) -> Iterator[str]:
        return map(self.texts.__getitem__, self.codes.tolist())

    def where(self, test: Callable[[str], bool]) -> np.ndarray:
        """Return (rows,) bool: the rows whose text passes ``test``."""
        passed = np.fromiter(map(test, self.texts), dtype=bool, count=len(self.texts))
        # The common cases need no look at the rows.
        if passed.all() or not passed.any():
            return np.full(len(self), bool(passed.any()))
        return passed[self.codes]

    @property
    def is_filled(self) -> np.ndarray:
        """(rows,) bool: the rows in which something stands: spaces and what nobody sees are nothing."""
        # Kept for many texts only: for a few it is soon asked again, and a million rows take room.
        return self.texts.is_filled[self.codes] if isinstance(self.texts, Packed) else self.where(is_filled)

    @property
    def numbers(self) -> np.ndarray:
        """(rows,) numbers in a column in which hardly any text comes twice; -1 for another text."""
        return self.texts.numbers[self.codes] if isinstance(self.texts, Packed) else np.full(len(self), -1)

    @property
    def is_ascii(self) -> bool:
        """Whether there is nothing but ASCII in any text."""
        return self.texts.is_ascii if isinstance(self.texts, Packed) else all(map(str.isascii, self.texts))

    def where_key(self, test: Callable[[str], bool]) -> np.ndarray:
        """Return (rows,) bool: the rows whose key, folded tight, passes ``test``; a bare number must not."""

        def passes(text: str) -> bool:
            return test(key_of(text).replace(" ", ""))

        if not isinstance(self.texts, Packed):
            return self.where(passes)
        passed = np.zeros(len(self.texts), dtype=bool)
        for place in np.flatnonzero(self.texts.numbers < 0).tolist():
            passed[place] = passes(self.texts[place])
        return passed[self.codes]

    def mapped(self, change: Callable[[str], str], where: np.ndarray | None = None) -> Column:
        """Return the column with ``change`` made to each text, only in the rows ``where`` it is true."""
        changed = tuple(map(change, self.texts))
        if where is None or where.all():
            return Column(self.codes, changed)
        size = len(self.texts) + len(changed)
        codes = self.codes.astype(np.min_scalar_type(size))
        codes[where] += len(self.texts)
        return Column(codes, (*self.texts, *changed))

    def with_cell(self, row: int, text: str) -> Column:
        """Return the column with another text in one row."""
        codes = self.codes.astype(np.min_scalar_type(len(self.texts)))
        codes[row] = len(self.texts)
        return Column(codes, (*self.texts, text))


def is_filled(text: str) -> bool:
    """Return whether anything stands in a cell: spaces and what nobody sees are nothing."""
    return bool(text) and (text.isalnum() or bool(fold(text)))


def key_of(text: str) -> str:
    """Return ``fold(text)``; plain letters and digits, as in a million numbers, fold to themselves."""
    return text if text.isascii() and text.isalnum() else fold(text)


class Table(Sequence[tuple[str, ...]]):
    """Rows of text cells, kept by column; all rows are equally long."""

    def __init__(self, columns: Iterable[Column], height: int):
        self.columns, self.height = tuple(columns), height

    @classmethod
    def of(cls, rows: Sequence[tuple[str, ...]]) -> Table:
        """Return rows of equal length as a table."""
        return rows if isinstance(rows, Table) else cls(map(Column.of, zip(*rows, strict=True)), len(rows))

    def __len__(self) -> int:
        return self.height

    def __getitem__(self, row: int | slice) -> tuple:
        if isinstance(row, slice):
            return tuple(self[place] for place in range(*row.indices(self.height)))
        if not -self.height <= row < self.height:
            raise IndexError(row)
        return tuple(column[row] for column in self.columns)

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        return zip(*self.columns, strict=True) if self.columns else repeat((), self.height)

    def replaced(self, columns: Mapping[int, Column]) -> Table:
        """Return the table with other columns at the places named."""
        return Table((columns.get(place, old) for place, old in enumerate(self.columns)), self.height)


@dataclass(frozen=True)
class Row:
    """One physical row. ``reason`` says why it cannot be an answer ("" = it may be one)."""

    number: int
    cells: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Rows(Sequence[Row]):
    """All physical rows of a sheet: their cells, and for each why it cannot be an answer."""

    table: Table
    reasons: Column

    def __len__(self) -> int:
        return self.table.height

    def __getitem__(self, row: int) -> Row:
        return Row(row + 1, self.table[row], self.reasons[row])

    @cached_property
    def is_open(self) -> np.ndarray:
        """(rows,) bool: the rows that may be answers."""
        return self.reasons.where(lambda reason: not reason)

    @property
    def open_numbers(self) -> list[int]:
        """Numbers of the rows that may be answers."""
        return (np.flatnonzero(self.is_open) + 1).tolist()

    def replaced(self, columns: Mapping[int, Column]) -> Rows:
        """Return the rows with other cells in the columns named."""
        return Rows(self.table.replaced(columns), self.reasons)

    def closed(self, where: np.ndarray, reason: str) -> Rows:
        """Return the rows with ``reason`` where it is true; (rows,) bool."""
        return Rows(self.table, self.reasons.mapped(lambda _: reason, where)) if where.any() else self
