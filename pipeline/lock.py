"""One run at a time: a lock that the operating system holds and lets go of when the process dies.

So there is no stale lock to judge by its age: a file left by a dead process is simply locked again.
The file says who holds it, for the message to the one who waits.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    import msvcrt

#: How long another run is waited for, and how often it is looked at, in seconds.
PATIENCE, GLANCE = 120.0, 0.2
#: Windows locks bytes, and locked ones cannot be read: the one locked lies behind the words.
_BYTE = 4096
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS)


class Held(Exception):
    """Another run held the lock all the time; the argument is what it wrote about itself."""


@contextmanager
def holding(path: Path, words: str, tell: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock ``path`` and leave ``words`` in it; ``tell`` is called once when there is a wait.

    Raises Held with the words of the holder when it does not let go.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _wait(handle, tell)
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, words.encode("utf-8"))
        try:
            yield
        finally:
            with suppress(OSError):
                os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _wait(handle: int, tell: Callable[[str], None]) -> None:
    for glance in range(int(PATIENCE / GLANCE) + 1):
        if _is_locked_now(handle):
            return
        os.lseek(handle, 0, os.SEEK_SET)
        holder = os.read(handle, _BYTE).decode("utf-8", "replace")
        if glance == 0:
            tell(holder)
        time.sleep(GLANCE)
    raise Held(holder)


def _is_locked_now(handle: int) -> bool:
    """Try to lock; True as well where the file system knows no locks, for then nobody could ever write."""
    try:
        if fcntl:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            os.lseek(handle, _BYTE, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    except OSError as refused:
        return refused.errno in _NO_LOCKS
    return True
