"""The content of a received file: its bytes, or for a very large text the file itself, read in blocks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: A text larger than this is never held in memory as a whole.
LARGEST_IN_MEMORY = 32 << 20
_BLOCK, _ENDS = 8 << 20, 1 << 16


@dataclass(frozen=True)
class LargeText:
    """A text file too large for the memory: its path, its first and its last bytes."""

    path: Path
    head: bytes
    tail: bytes


Content = bytes | LargeText


def content_of(path: Path) -> Content:
    """Return what the file holds. Raises OSError. Only what may be a text is left on the disk."""
    size = path.stat().st_size
    if size <= LARGEST_IN_MEMORY:
        return path.read_bytes()
    with path.open("rb") as file:
        head = file.read(_ENDS)
        file.seek(size - _ENDS)
        tail = file.read(_ENDS)
    # Workbooks and archives are bounded by their own reader; a head of blanks tells nothing.
    is_binary = head.startswith((b"PK", b"\xd0\xcf\x11\xe0")) or not head.strip(
        b" \t\r\n\0\xef\xbb\xbf\xfe\xff"
    )
    return path.read_bytes() if is_binary else LargeText(path, head, tail)


def blocks(content: Content) -> Iterator[bytes]:
    """Yield the bytes in pieces."""
    if isinstance(content, LargeText):
        with content.path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block
        return
    for start in range(0, len(content), _BLOCK):
        yield content[start : start + _BLOCK]


def whole(content: Content) -> bytes:
    """Return all bytes at once."""
    return content.path.read_bytes() if isinstance(content, LargeText) else content


def head(content: Content) -> bytes:
    """Return the first bytes: enough to tell what kind of file it is."""
    return content.head if isinstance(content, LargeText) else content


def tail(content: Content) -> bytes:
    """Return the last bytes."""
    return content.tail if isinstance(content, LargeText) else content


def sha256(content: Content) -> str:
    """Return the hash of all bytes."""
    digest = hashlib.sha256()
    for block in blocks(content):
        digest.update(block)
    return digest.hexdigest()
