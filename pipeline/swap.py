"""Whole-folder replacement: readers see the old set or the new set, never a mix.

Layout beside the target folder ``T``: ``.T.new`` is being built, ``.T.old`` is the set
being replaced. A crash leaves one of three states, each of which ``recover`` ends:

* only ``.T.new``            the build did not finish → thrown away;
* ``.T.old`` without ``T``   crashed between the two renames → the finished new set goes in;
* ``.T.old`` beside ``T``    swapped, not tidied → the old set is thrown away.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _beside(target: Path, suffix: str) -> Path:
    return target.with_name(f".{target.name}.{suffix}")


def recover(target: Path) -> bool:
    """Finish or undo an interrupted swap of ``target``; return True when there was one."""
    new, old = _beside(target, "new"), _beside(target, "old")
    if not new.exists() and not old.exists():
        return False
    if old.exists() and not target.exists():
        (new if new.exists() else old).rename(target)
    for leftover in (new, old):
        if leftover.exists():
            shutil.rmtree(leftover)
    return True


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield an empty folder to build in; on success it takes the place of ``target``.

    When the body raises, the half-built folder is removed and ``target`` stays as it was.
    """
    recover(target)
    new, old = _beside(target, "new"), _beside(target, "old")
    new.mkdir(parents=True)
    try:
        yield new
    except BaseException:
        shutil.rmtree(new)
        raise
    if target.exists():
        target.rename(old)
    new.rename(target)
    if old.exists():
        shutil.rmtree(old)
