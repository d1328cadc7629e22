"""Whole-folder replacement: readers see the old set or the new set, never a mix.

Beside a target folder ``T`` lie ``.T.new``, being built or being thrown away, and ``.T.old``, the
complete set being replaced. A crash leaves one of these states, each of which ``recover`` ends:

* ``.T.new`` without ``.T.old``   the build did not finish, or the old set was being thrown away → thrown away;
* ``.T.old`` without ``T``        crashed between the two renames → the finished new set goes in;
* ``.T.old`` beside ``T``         swapped, not tidied → the old set is thrown away.

What takes the place of something is on the disk before the place is cleared, so this holds for a
power cut as well. Only one run at a time may work on a target (``lock.py``).
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

#: Seconds between attempts on a folder that is in use: a virus scanner lets go of it, Excel does not.
PAUSES = (0.1, 0.2, 0.4, 0.8, 1.0)
_ASIDE = re.compile(r"\.(.+)\.(?:new|old)")
#: What file systems say that keep no directories to flush.
_NO_FLUSH = (errno.EINVAL, errno.EBADF, errno.ENOTSUP)


class FolderInUse(PermissionError):
    """A folder of a set could not be moved: a program has it, or a file in it, open. ``filename`` is the folder."""


def place_of(path: Path) -> Path:
    """Return the path, for a message, as it will be called once the sets aside are in their places."""
    return Path(*(_ASIDE.fullmatch(part)[1] if _ASIDE.fullmatch(part) else part for part in path.parts))


def unfinished(folder: Path) -> list[Path]:
    """Return the targets directly in ``folder`` whose swap was interrupted or is under way."""
    asides = (_ASIDE.fullmatch(path.name) for path in folder.glob(".*"))
    return sorted({folder / aside[1] for aside in asides if aside})


def recover(target: Path) -> bool:
    """Finish or undo an interrupted swap of ``target``; return True when there was one."""
    target = _real(target)
    new, old = _aside(target)
    if not new.exists() and not old.exists():
        return False
    if old.exists() and not target.exists():
        _rename(new if new.exists() else old, target)
        _flush(target.parent)
    _patiently(_throw_away, target)
    return True


@contextmanager
def replacing(*targets: Path) -> Iterator[list[Path]]:
    """Yield one empty folder per target to build in; on success they take the places of the targets.

    When the body or the swap fails, what was built is removed and every target stays as it was.
    The last target is without a folder for the shortest moment, so it is the one that people read.
    """
    places = [_real(target) for target in targets]
    for target in places:
        recover(target)
    built = [_aside(target)[0] for target in places]
    try:
        for folder in built:
            folder.mkdir(parents=True)
        yield built
        for folder in built:
            for path in (*folder.rglob("*"), folder):
                _flush(path)
        _swap(places)
    except BaseException:
        for target in places:
            new, old = _aside(target)
            # Beside .T.old a half-removed .T.new would pass for a finished one.
            if not old.exists():
                shutil.rmtree(new, ignore_errors=True)
        raise
    for target in places:
        try:
            _throw_away(target)
        except OSError:  # the new set is in place; the next command tidies up
            continue


def _aside(target: Path) -> tuple[Path, Path]:
    """Return where the new and the old set of ``target`` lie."""
    return target.with_name(f".{target.name}.new"), target.with_name(f".{target.name}.old")


def _real(target: Path) -> Path:
    """Return where ``target`` lies: a linked folder is replaced at its own place, and the link stays.

    Raises OSError for a link that leads nowhere: making its destination would write to the place
    where a drive is not connected.
    """
    for path in (target, *target.parents):
        if path.is_symlink() and not path.exists():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    if target.exists() and not target.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(target))
    return target.resolve() if target.is_symlink() else target


def _swap(targets: list[Path]) -> None:
    """Exchange all sets, or none of them."""
    try:
        for target in targets:
            if target.exists():
                _rename(target, _aside(target)[1])
        for target in reversed(targets):
            _rename(_aside(target)[0], target)
    except BaseException:
        for target in targets:
            new, old = _aside(target)
            if old.exists():
                if target.exists():
                    _rename(target, new)
                _rename(old, target)
        raise
    for target in targets:
        _flush(target.parent)


def _throw_away(target: Path) -> None:
    new, old = _aside(target)
    if new.exists():
        shutil.rmtree(new)
    if old.exists():
        # Under this name it is never taken for a complete set while files disappear from it.
        old.rename(new)
        shutil.rmtree(new)


def _rename(source: Path, destination: Path) -> None:
    _patiently(source.rename, destination)


def _patiently(action: Callable[[Path], object], path: Path) -> None:
    """Do ``action`` on ``path``, again for 2.5 seconds while permission is denied."""
    for pause in (*PAUSES, None):
        try:
            action(path)
            return
        except PermissionError as denied:
            if pause is None:
                aside = _ASIDE.fullmatch(path.name)
                folder = path.with_name(aside[1]) if aside else path
                raise FolderInUse(denied.errno, denied.strerror, str(folder)) from denied
            time.sleep(pause)


def _flush(path: Path) -> None:
    """Wait until ``path`` is on the disk. Windows keeps directories by itself and cannot be asked to."""
    is_folder = path.is_dir()
    if is_folder and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if is_folder else os.O_RDWR)
    try:
        os.fsync(handle)
    except OSError as refused:
        if not is_folder or refused.errno not in _NO_FLUSH:
            raise
    finally:
        os.close(handle)
