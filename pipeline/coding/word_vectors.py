"""Word vectors of Japanese (chiVe, 300 dimensions), read from the installed ``ja_ginza`` wheel if it is there.

The wheel is optional and is never imported: importing it would load spaCy. Its ``vectors`` is a plain
array file; its ``key2row`` is a msgpack map {MurmurHash64A(word in UTF-8, seed 1): row}. Only the few
kinds of msgpack numbers that such a map holds are read here.
"""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PACKAGE = "ja_ginza"
_MULTIPLIER, _SHIFT, _MASK = 0xC6A4A7935BD1E995, 47, 0xFFFFFFFFFFFFFFFF
#: msgpack's first byte of an unsigned number → bytes that follow.
_WIDTHS = {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8}
MAP32 = 0xDF


def murmur_hash(word: bytes, seed: int = 1) -> int:
    """Return MurmurHash64A (Austin Appleby, public domain) of the bytes as an unsigned 64-bit number."""
    value = (seed ^ (len(word) * _MULTIPLIER)) & _MASK
    whole = len(word) - len(word) % 8
    for start in range(0, whole, 8):
        part = int.from_bytes(word[start : start + 8], "little") * _MULTIPLIER & _MASK
        part = (part ^ part >> _SHIFT) * _MULTIPLIER & _MASK
        value = (value ^ part) * _MULTIPLIER & _MASK
    if whole < len(word):
        value = (value ^ int.from_bytes(word[whole:], "little")) * _MULTIPLIER & _MASK
    value = (value ^ value >> _SHIFT) * _MULTIPLIER & _MASK
    return value ^ value >> _SHIFT


def read_rows(packed: bytes) -> dict[int, int]:
    """Return {hash: row} of a msgpack map of unsigned numbers; ValueError if it is anything else."""
    if packed[:1] != bytes([MAP32]):
        raise ValueError("not a msgpack map32")
    place, numbers = 5, []
    append, widths = numbers.append, _WIDTHS
    for _ in range(2 * int.from_bytes(packed[1:5], "big")):
        first = packed[place]
        place += 1
        if first < 0x80:
            append(first)
        else:
            width = widths.get(first)
            if width is None:
                raise ValueError("not an unsigned number")
            append(int.from_bytes(packed[place : place + width], "big"))
            place += width
    return dict(zip(numbers[::2], numbers[1::2], strict=True))


@dataclass(frozen=True)
class WordVectors:
    """Unit vectors (rows, 300) and the row of each word's hash; ``name`` goes into the model's version."""

    name: str
    table: np.ndarray
    rows: dict[int, int]

    def row(self, word: str) -> int:
        """Return the row of a word, or −1."""
        return self.rows.get(murmur_hash(word.encode()), -1)

    def row_of_any(self, words: Sequence[str]) -> int:
        """Return the row of the first of several spellings that has one, or −1."""
        return next((row for row in map(self.row, words) if row >= 0), -1)


def _folder() -> Path | None:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        return None
    return next(iter(sorted(Path(found.submodule_search_locations[0]).glob("*/vocab"))), None)


@functools.cache
def installed_vectors() -> WordVectors | None:
    """Return the vectors of the installed wheel, or None: without them everything works, less well."""
    folder = _folder()
    if folder is None:
        return None
    try:
        table = np.load(folder / "vectors", allow_pickle=False).astype(np.float32)
        rows = read_rows((folder / "key2row").read_bytes())
        version = importlib.metadata.version(PACKAGE.replace("_", "-"))
    except (OSError, ValueError, IndexError, importlib.metadata.PackageNotFoundError):
        return None
    lengths = np.linalg.norm(table, axis=1, keepdims=True)
    return WordVectors(f"chive-{version}", table / np.maximum(lengths, 1e-12), rows)
