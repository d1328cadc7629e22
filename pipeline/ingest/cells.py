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
        for end in self._ends.tolist():
            yield self._content[start:end].decode("utf-8")
            start = end


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

    def looked_up(self, value: Callable[[str], int]) -> np.ndarray:
        """Return (rows,) whole numbers below 256: what ``value`` says of each row's text."""
        return np.fromiter(map(value, self.texts), dtype=np.uint8, count=len(self.texts))[self.codes]

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
