"""One line per step with counts and seconds for a person who waits at a terminal; silence otherwise."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def step(name: str) -> Iterator[Callable[[str], None]]:
    """Tell on the terminal what is done and how long it took; the block may say how much it was.

    Nothing is told where nobody watches (a file, a pipe, a scheduled run), nor of a step that failed.
    """
    counts: list[str] = []
    started = time.perf_counter()
    yield counts.append
    if sys.stderr.isatty():
        seconds = time.perf_counter() - started
        words = f"（{'、'.join(counts)}）" if counts else ""
        print(f"  {name}{words} {seconds:.1f}秒", file=sys.stderr, flush=True)
