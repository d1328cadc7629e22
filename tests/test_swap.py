"""Sets are replaced whole: whatever interrupts a swap, what lies there is the old set or the new set."""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import sys
from pathlib import Path

import pytest

from pipeline import swap
from pipeline.swap import FolderInUse, recover, replacing, unfinished


def _write(folder, text):
    (folder / "page.html").write_text(text, encoding="utf-8")


def _read(folder):
    return (folder / "page.html").read_text(encoding="utf-8")


def _replace(text, *targets):
    with replacing(*targets) as folders:
        for folder in folders:
            _write(folder, text)


def test_the_new_set_takes_the_place_of_the_old(tmp_path):
    target = tmp_path / "2025"
    for text in ("old", "new"):
        _replace(text, target)
    assert _read(target) == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["2025"]


def test_a_failed_build_leaves_the_old_set(tmp_path):
    target = tmp_path / "2025"
    _replace("old", target)
    with pytest.raises(RuntimeError), replacing(target) as (folder,):
        _write(folder, "half")
        raise RuntimeError
    assert _read(target) == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["2025"]


@pytest.mark.parametrize(
    ("present", "left"),
    [
        ({"2025": "old", ".2025.new": "half"}, "old"),
        ({".2025.old": "old", ".2025.new": "new"}, "new"),
        ({"2025": "new", ".2025.old": "old"}, "new"),
        ({"2025": "new", ".2025.new": "half of the old"}, "new"),
        ({".2025.old": "old"}, "old"),
        ({".2025.new": "half of the first"}, None),
    ],
)
def test_an_interrupted_swap_is_finished_or_undone(tmp_path, present, left):
    for name, text in present.items():
        (tmp_path / name).mkdir()
        _write(tmp_path / name, text)
    assert unfinished(tmp_path) == [tmp_path / "2025"]
    assert recover(tmp_path / "2025")
    if left:
        assert _read(tmp_path / "2025") == left
    assert [path.name for path in tmp_path.iterdir()] == ["2025"] * bool(left)
    assert not recover(tmp_path / "2025")
    assert unfinished(tmp_path) == []


# ---- killed at every step ---------------------------------------------------------------

_TEXTS = {"old": {"a.txt": "old", "b/c.txt": "old"}, "new": {"a.txt": "new", "d.txt": "new", "e/f.txt": "new"}}


def _set(folder: Path, name: str) -> None:
    for path, text in _TEXTS[name].items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def _found(folder: Path) -> str:
    """Return which complete set lies in ``folder``; "" when there is none."""
    texts = {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in folder.rglob("*") if p.is_file()}
    return next((name for name, wanted in _TEXTS.items() if texts == wanted), "")


def _killed_before_step(number: int, action) -> bool:
    """Do ``action`` in a process of its own that kills itself before its n-th step on the disk."""
    process = os.fork()
    if process:
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGKILL
    steps = 0

    def count(event: str, _: tuple) -> None:
        nonlocal steps
        if event in ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "open"):
            steps += 1
            if steps == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    action()
    os._exit(0)


def _build(targets: list[Path]) -> None:
    with replacing(*targets) as folders:
        for folder in folders:
            _set(folder, "new")


def _recover_all(targets: list[Path]) -> None:
    for target in targets:
        recover(target)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_killed_before_every_step_and_again_while_tidying_up(tmp_path):
    outcomes = set()
    for number in range(1, 200):
        root = tmp_path / str(number)
        targets = [root / "processed" / "staff", root / "reports" / "2025"]
        for target in targets:
            _set(target, "old")
        was_killed = _killed_before_step(number, lambda targets=targets: _build(targets))
        for target in targets:
            new, old = swap._aside(target)
            # Without a set in place, both complete ones lie beside it.
            assert _found(target) or (_found(new), _found(old)) == ("new", "old"), number
        again = 0
        while True:
            again += 1
            copy = tmp_path / f"{number}-{again}"
            shutil.copytree(root, copy)
            copies = [copy / target.relative_to(root) for target in targets]
            was_killed_again = _killed_before_step(again, lambda copies=copies: _recover_all(copies))
            _recover_all(copies)
            assert all(map(_found, copies)), (number, again)
            assert [unfinished(target.parent) for target in copies] == [[], []]
            shutil.rmtree(copy)
            if not was_killed_again:
                break
        _recover_all(targets)
        outcomes.add(tuple(map(_found, targets)))
        if not was_killed:
            break
    assert not was_killed
    assert {("old", "old"), ("new", "new")} <= outcomes


# ---- what the disk must hold, and when ----------------------------------------------------


def test_the_new_set_is_on_the_disk_before_the_old_one_goes(tmp_path, monkeypatch):
    target = tmp_path / "2025"
    _replace("old", target)
    events = []
    real_open, real_rename = os.open, Path.rename
    names = {}

    def opened(path, *rest, **named):
        handle = real_open(path, *rest, **named)
        names[handle] = Path(path).name
        return handle

    monkeypatch.setattr(swap.os, "open", opened)
    monkeypatch.setattr(swap.os, "fsync", lambda handle: events.append(f"flush {names[handle]}"))
    monkeypatch.setattr(Path, "rename", lambda a, b: events.append(f"{a.name} > {b.name}") or real_rename(a, b))
    _replace("new", target)
    assert events == [
        "flush page.html",
        "flush .2025.new",
        "2025 > .2025.old",
        ".2025.new > 2025",
        f"flush {tmp_path.name}",
        ".2025.old > .2025.new",
    ]


def test_what_people_read_is_away_for_two_renames_only(tmp_path, monkeypatch):
    targets = (tmp_path / "processed", tmp_path / "reports")
    _replace("old", *targets)
    real, renames = Path.rename, []
    monkeypatch.setattr(Path, "rename", lambda a, b: renames.append(a.name) or real(a, b))
    _replace("new", *targets)
    assert renames[:4] == ["processed", "reports", ".reports.new", ".processed.new"]


def test_a_file_system_that_keeps_no_directories_to_flush_will_do(tmp_path, monkeypatch):
    real = os.fsync

    def fussy(handle):
        if os.path.isdir(f"/proc/self/fd/{handle}"):  # noqa: PTH112
            raise OSError(errno.EINVAL, "not a file")
        real(handle)

    monkeypatch.setattr(swap.os, "fsync", fussy)
    _replace("new", tmp_path / "2025")
    assert _read(tmp_path / "2025") == "new"


# ---- a folder in use -------------------------------------------------------------------------


@pytest.fixture
def denials(monkeypatch):
    """Renames of named folders are denied as often as their number says; pauses are noted, not made."""
    left, pauses = {}, []
    real = Path.rename

    def rename(source, destination):
        if left.get(source.name, 0):
            left[source.name] -= 1
            raise PermissionError(errno.EACCES, "denied", str(source))
        return real(source, destination)

    monkeypatch.setattr(Path, "rename", rename)
    monkeypatch.setattr(swap.time, "sleep", pauses.append)
    return left, pauses


def test_a_folder_in_use_for_a_moment_is_waited_for(tmp_path, denials):
    _replace("old", tmp_path / "2025")
    denials[0]["2025"] = len(swap.PAUSES)
    _replace("new", tmp_path / "2025")
    assert _read(tmp_path / "2025") == "new"
    assert denials[1] == list(swap.PAUSES)
    assert 2 <= sum(denials[1]) <= 3


@pytest.mark.parametrize("used", ["staff", "2025", ".2025.new", ".staff.new"])
def test_a_folder_in_use_for_good_leaves_every_set_as_it_was(tmp_path, denials, used):
    targets = (tmp_path / "processed" / "staff", tmp_path / "reports" / "2025")
    _replace("old", *targets)
    denials[0][used] = len(swap.PAUSES) + 1
    with pytest.raises(FolderInUse) as raised:
        _replace("new", *targets)
    assert Path(raised.value.filename).name == used.strip(".").removesuffix(".new")
    assert [_read(target) for target in targets] == ["old", "old"]
    assert [unfinished(target.parent) for target in targets] == [[], []]


def test_when_even_putting_back_is_denied_both_complete_sets_lie_there(tmp_path, denials):
    target = tmp_path / "2025"
    _set(target, "old")
    denials[0].update({".2025.new": 99, ".2025.old": 99})
    with pytest.raises(FolderInUse):
        _build([target])
    assert [_found(path) for path in swap._aside(target)] == ["new", "old"]
    denials[0].clear()
    assert recover(target)
    assert _found(target) == "new" and unfinished(tmp_path) == []


def test_an_old_set_that_cannot_be_thrown_away_yet_does_not_fail_the_run(tmp_path, monkeypatch):
    target = tmp_path / "2025"
    _replace("old", target)
    real = shutil.rmtree

    def denied(path, **named):
        raise PermissionError(errno.EACCES, "denied", str(path))

    monkeypatch.setattr(swap.shutil, "rmtree", denied)
    _replace("new", target)
    assert _read(target) == "new" and unfinished(tmp_path) == [target]
    monkeypatch.setattr(swap.shutil, "rmtree", real)
    assert recover(target)
    assert _read(target) == "new" and unfinished(tmp_path) == []


# ---- links and names ---------------------------------------------------------------------------


def test_a_linked_folder_is_replaced_where_it_lies(tmp_path):
    far = tmp_path / "far" / "2025"
    far.mkdir(parents=True)
    (tmp_path / "near").mkdir()
    link = tmp_path / "near" / "2025"
    link.symlink_to(far)
    for text in ("old", "new"):
        _replace(text, link)
    assert link.is_symlink() and _read(far) == "new"
    assert [p.name for p in far.parent.iterdir()] == [p.name for p in link.parent.iterdir()] == ["2025"]


def test_nothing_is_made_where_a_link_leads_nowhere(tmp_path):
    (tmp_path / "reports").symlink_to(tmp_path / "not" / "connected")
    with pytest.raises(FileNotFoundError):
        _replace("new", tmp_path / "reports" / "2025")
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]


def test_a_file_in_the_place_of_a_set_is_left_alone(tmp_path):
    _write(tmp_path, "mine")
    with pytest.raises(NotADirectoryError):
        _replace("new", tmp_path / "page.html")
    assert _read(tmp_path) == "mine"


@pytest.mark.parametrize("name", ["2025", "2025-2", "staff", "con"])
def test_names_aside_are_names_that_windows_allows(tmp_path, name):
    for path in swap._aside(tmp_path / name):
        assert not re.search(r'[<>:"/\\|?*\x00-\x1f]|[. ]$', path.name)
        assert path.name.split(".")[0].upper() not in ("CON", "PRN", "AUX", "NUL")
        assert len(path.name) <= len(name) + 5
