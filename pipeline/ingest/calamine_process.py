"""Run as a process of its own: a workbook on standard input, its cells as JSON on standard output."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime, time
from io import BytesIO

MOST_MEMORY_BYTES = 2 << 30


def _text(value: object) -> str:
    """Return a date or time in ISO form, as the other readers write it."""
    if isinstance(value, datetime):
        day = value.isoformat(sep=" ", timespec="seconds")
        return day.removesuffix(" 00:00:00")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _limit_memory() -> None:
    try:
        import resource
    # Windows has no such limit; there the bounds checked before must do.
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))


def tables(content: bytes) -> list[tuple[str, list[list]]]:
    """Return (sheet name, rows from A1 on) of each sheet."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return [
        (name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names
    ]


if __name__ == "__main__":
    _limit_memory()
    rows = json.dumps(tables(sys.stdin.buffer.read()), default=_text, ensure_ascii=True)
    sys.stdout.write(rows)
