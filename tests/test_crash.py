"""The real commands, interrupted in every way: the old set or the new set, a sentence, and exit code 2."""

from __future__ import annotations

import errno
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from pipeline import ingest, lock, swap
from pipeline.__main__ import main
from pipeline.hall import report as report_verb
from pipeline.obstacles import explained, obstacle
from pipeline.workspace import Workspace
from tests.conftest import ROOT
from tests.small_survey import RECEIVED, SURVEY, WAVE, files, leftovers, outputs, receive, write_survey

KILLS = 50
WITHOUT_ROOT_POWERS = "-dac_override,-dac_read_search"


@pytest.fixture
def workspace(tmp_path):
    """A reported workspace that has received another file since."""
    root = write_survey(tmp_path / "workspace")
    assert main(["report", "--root", str(root)]) == 0
    receive(root, 12)
    return root


def _command(root: Path, verb: str = "report") -> list[str]:
    return [sys.executable, "-m", "pipeline", verb, "--root", str(root)]


def _run(root: Path, verb: str = "report", before: tuple[str, ...] = (), **named) -> subprocess.CompletedProcess:
    words = [*before, *_command(root, verb)]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False, **named)


def _assert_explained(printed: str, *words: str) -> None:
    assert "[エラー]" in printed and "直し方" in printed
    assert "プログラムの誤り" not in printed and "Traceback" not in printed
    for word in words:
        assert word in printed, printed


@pytest.fixture(scope="module")
def both_sets(tmp_path_factory):
    """What a run makes of seven and of twelve people who say yes."""
    made = {}
    for yes in (7, 12):
        root = write_survey(tmp_path_factory.mktemp(f"yes{yes}"))
        receive(root, yes)
        assert main(["report", "--root", str(root)]) == 0
        made[yes] = outputs(root)
    return made


# ---- killed ------------------------------------------------------------------------------------


def _complete(root: Path) -> dict[str, bytes]:
    """Return the reports as they lie there, or, between the two renames, the old set aside beside a new one."""
    place = root / "reports" / SURVEY
    return files(place / WAVE) if (place / WAVE).exists() else files(place / f".{WAVE}.old")


@pytest.fixture
def quick_folder(tmp_path):
    """A folder in memory where there is one: a killed process leaves the same there, and a hundred runs wait for no disk."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.slow
def test_killed_at_fifty_random_moments(quick_folder, both_sets):
    """Each kill hits a process of its own that runs the report command; each is followed by a whole run."""
    root = write_survey(quick_folder)
    runs = subprocess.Popen(
        [sys.executable, "-m", "tests.warm_runs", str(root)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip

    def run(killed_after: float | str = "") -> int:
        runs.stdin.write(f"{killed_after}\n")
        runs.stdin.flush()
        return int(runs.stdout.readline())

    with runs:
        while runs.stdout.readline() != "warm\n":
            pass
        assert run() == 0
        chance, killed, old, longest = random.Random(1), 0, 7, 0.2
        for _ in range(KILLS):
            new = 19 - old
            receive(root, new)
            killed += run(chance.uniform(0, longest)) == -signal.SIGKILL
            assert _complete(root) in (both_sets[old][0], both_sets[new][0])
            started = time.monotonic()
            assert run() == 0
            longest = max(0.05, time.monotonic() - started)
            assert outputs(root) == both_sets[new]
            assert leftovers(root) == []
            old = new
        runs.stdin.close()
    assert killed > KILLS / 2


def test_the_whole_command_killed_and_run_again(workspace, both_sets):
    """The command as it is typed, imports and all, killed while it builds."""
    running = subprocess.Popen(_command(workspace), cwd=ROOT, stdout=subprocess.DEVNULL)
    while running.poll() is None and not list((workspace / "reports" / SURVEY).glob(".*.new/public")):
        time.sleep(0.002)
    running.kill()
    assert running.wait() == -signal.SIGKILL
    assert leftovers(workspace)
    assert _complete(workspace) == both_sets[7][0]
    done = _run(workspace)
    assert done.returncode == 0 and "中断していた書き込みを片付けました" in done.stdout
    assert outputs(workspace) == both_sets[12] and leftovers(workspace) == []


def test_what_an_interrupted_run_of_another_wave_left_is_tidied_as_well(workspace):
    reports = workspace / "reports" / SURVEY
    (reports / ".2023.old").mkdir()
    (reports / WAVE / ".notebooks.new").mkdir()
    assert main(["report", "--root", str(workspace)]) == 0
    assert (reports / "2023").is_dir() and leftovers(workspace) == []


def test_a_set_comes_back_even_when_nothing_can_be_built(workspace, both_sets):
    reports = workspace / "reports" / SURVEY
    (reports / WAVE).rename(reports / f".{WAVE}.old")
    (workspace / RECEIVED).write_text("壊れた\n", encoding="utf-8")
    assert main(["report", "--root", str(workspace)]) == 2
    assert outputs(workspace) == both_sets[7]


def test_ctrl_c_is_a_sentence(workspace, both_sets, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(report_verb, "_write", interrupted)
    assert main(["report", "--root", str(workspace)]) == 2
    assert "途中で止めました" in capsys.readouterr().out
    assert outputs(workspace) == both_sets[7] and leftovers(workspace) == []


# ---- the disk -----------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path):
    """A disk of its own whose size the test chooses. Only an administrator of Linux can have one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("NOT TESTED on a really full disk: mounting a tmpfs needs root (the size limit below is tested)")

    def resize(kilobytes: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={kilobytes}k", str(disk)], check=True)

    yield disk, resize
    subprocess.run(["umount", str(disk)], check=True)


def test_no_space_left(small_disk, both_sets, capsys):
    disk, resize = small_disk
    root = write_survey(disk / "workspace")
    assert main(["report", "--root", str(root)]) == 0
    receive(root, 12)
    usage = shutil.disk_usage(disk)
    for free in (0, 8, 40, 100, 200, 400):
        resize(usage.used // 1024 + free)
        capsys.readouterr()
        assert main(["report", "--root", str(root)]) == 2, free
        _assert_explained(capsys.readouterr().out, "空き容量")
        assert outputs(root) == both_sets[7] and leftovers(root) == []
        assert main(["check", "--root", str(root)]) == 0
    resize(64 * 1024)
    assert main(["report", "--root", str(root)]) == 0
    assert outputs(root) == both_sets[12]


@pytest.mark.parametrize("limit", [100, 4_000, 30_000])
def test_a_file_that_may_not_grow(workspace, both_sets, limit):
    done = _run(workspace, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    assert done.returncode == 2
    _assert_explained(done.stdout, "空き容量")
    assert done.stderr == ""
    assert outputs(workspace) == both_sets[7] and leftovers(workspace) == []


@pytest.fixture
def plain_person(tmp_path_factory):
    """Return the words that make a command obey permissions, also when the tests are run by root."""
    if os.geteuid():
        return ()
    if not shutil.which("setpriv"):
        pytest.skip("NOT TESTED without permissions: run by root, who has them all, and there is no setpriv")
    return ("setpriv", f"--bounding-set={WITHOUT_ROOT_POWERS}", f"--inh-caps={WITHOUT_ROOT_POWERS}")


@pytest.mark.parametrize("place", ["reports/small", "data/processed", "data/processed/.lock"])
def test_a_read_only_place(workspace, both_sets, plain_person, place):
    (workspace / place).chmod(0o555 if (workspace / place).is_dir() else 0o444)
    done = _run(workspace, before=plain_person)
    (workspace / place).chmod(0o755)
    assert done.returncode == 2
    _assert_explained(done.stdout, "権限", place)
    assert outputs(workspace) == both_sets[7] and leftovers(workspace) == []
    assert main(["report", "--root", str(workspace)]) == 0
    assert outputs(workspace) == both_sets[12]


@pytest.mark.parametrize("verb", ["report", "check"])
@pytest.mark.parametrize("place", [RECEIVED, f"data/raw/{SURVEY}", f"surveys/{SURVEY}/survey.toml"])
def test_what_may_not_be_read(workspace, both_sets, plain_person, verb, place):
    (workspace / place).chmod(0)
    done = _run(workspace, verb, before=plain_person)
    (workspace / place).chmod(0o755)
    assert done.returncode == 2
    _assert_explained(done.stdout, place)
    assert outputs(workspace) == both_sets[7]


def test_nothing_to_do_needs_no_right_to_write(workspace, plain_person):
    assert main(["report", "--root", str(workspace)]) == 0
    for place in ("reports/small", "data/processed"):
        (workspace / place).chmod(0o555)
    assert _run(workspace, before=plain_person).returncode == 0
    for place in ("reports/small", "data/processed"):
        (workspace / place).chmod(0o755)


# ---- open elsewhere --------------------------------------------------------------------------------


def test_reports_open_in_excel(workspace, both_sets, monkeypatch, capsys):
    real = Path.rename

    def denied(source, destination):
        if source.name == WAVE:
            raise PermissionError(errno.EACCES, "denied", str(source))
        return real(source, destination)

    monkeypatch.setattr(Path, "rename", denied)
    monkeypatch.setattr(swap.time, "sleep", lambda _: None)
    owner_file = workspace / "reports" / SURVEY / WAVE / "public" / "~$tables.xlsx"
    owner_file.write_bytes(b"")
    assert main(["report", "--root", str(workspace)]) == 2
    _assert_explained(capsys.readouterr().out, "Excel", "public/tables.xlsx", f"reports/{SURVEY}/{WAVE}")
    owner_file.unlink()
    assert outputs(workspace) == both_sets[7] and leftovers(workspace) == []
    monkeypatch.setattr(Path, "rename", real)
    assert main(["report", "--root", str(workspace)]) == 0
    assert outputs(workspace) == both_sets[12]


# ---- two at once ------------------------------------------------------------------------------------


def test_two_runs_at_once(workspace, both_sets):
    both = [subprocess.Popen(_command(workspace), cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8") for _ in range(2)]
    printed = "".join(run.communicate()[0] for run in both)
    assert [run.returncode for run in both] == [0, 0], printed
    assert outputs(workspace) == both_sets[12] and leftovers(workspace) == []
    assert (workspace / "data/processed/.lock").read_bytes() == b""


@pytest.fixture
def held(workspace, monkeypatch):
    """Another run holds the lock of the workspace."""
    monkeypatch.setattr(lock, "PATIENCE", 0.5)
    with lock.holding(Workspace(workspace).lock, "PC のプロセス 1234（10:32 に開始）", print):
        yield


@pytest.mark.usefixtures("held")
def test_a_run_that_does_not_end_is_named(workspace, both_sets, capsys):
    assert main(["report", "--root", str(workspace)]) == 2
    printed = capsys.readouterr().out
    _assert_explained(printed, "プロセス 1234（10:32 に開始）", "data/processed/.lock")
    assert "待っています" in printed
    assert outputs(workspace) == both_sets[7]
    assert main(["check", "--root", str(workspace)]) == 0


def test_what_a_run_that_was_waited_for_has_made_is_not_made_again(workspace, both_sets, monkeypatch, capsys):
    real = report_verb.alone

    def other_run_first(place):
        monkeypatch.setattr(report_verb, "alone", real)
        assert main(["report", "--root", str(workspace)]) == 0
        return real(place)

    monkeypatch.setattr(report_verb, "alone", other_run_first)
    assert main(["report", "--root", str(workspace)]) == 0
    assert "ほかの実行が作り終えています" in capsys.readouterr().out
    assert outputs(workspace) == both_sets[12]


def test_the_lock_of_a_dead_run_is_taken_over(workspace, both_sets):
    program = (
        "import sys, time; from pathlib import Path; from pipeline import lock\n"
        "with lock.holding(Path(sys.argv[1]), 'プロセス 1', print): print('held', flush=True); time.sleep(600)"
    )
    path = workspace / "data/processed/.lock"
    holder = subprocess.Popen([sys.executable, "-c", program, str(path)], cwd=ROOT, stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"held\n"
    assert not lock._is_locked_now(os.open(path, os.O_RDWR))
    holder.kill()
    holder.communicate()
    assert path.read_text(encoding="utf-8") == "プロセス 1"
    done = _run(workspace)
    assert done.returncode == 0 and "待っています" not in done.stdout
    assert outputs(workspace) == both_sets[12]


def test_the_lock_of_windows(tmp_path, monkeypatch):
    """Windows locks a byte behind the words, so that the words can be read by the one who waits."""
    locked = []

    class Msvcrt:
        LK_NBLCK = 2

        @staticmethod
        def locking(handle, mode, count):
            if locked:
                raise PermissionError(errno.EACCES, "locked")
            locked.append((os.lseek(handle, 0, os.SEEK_CUR), mode, count))

    monkeypatch.setattr(lock, "fcntl", None)
    monkeypatch.setattr(lock, "msvcrt", Msvcrt, raising=False)
    monkeypatch.setattr(lock, "PATIENCE", 0.2)
    heard = []
    path = tmp_path / ".lock"
    with lock.holding(path, "最初", heard.append):
        assert path.read_text(encoding="utf-8") == "最初"
        with pytest.raises(lock.Held, match="最初"), lock.holding(path, "次", heard.append):
            pass
    assert locked == [(4096, 2, 1)] and heard == ["最初"]


def test_where_nothing_can_be_locked_people_can_still_work(tmp_path, monkeypatch):
    class Fcntl:
        LOCK_EX = LOCK_NB = 0

        @staticmethod
        def flock(*_):
            raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(lock, "fcntl", Fcntl)
    with lock.holding(tmp_path / ".lock", "1", print):
        pass


# ---- inputs that change -------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["report", "check"])
def test_a_file_received_anew_while_it_is_read(workspace, both_sets, monkeypatch, capsys, verb):
    real = ingest.read

    def slow_read(*arguments):
        received = real(*arguments)
        receive(workspace, 3)
        return received

    monkeypatch.setattr(ingest, "read", slow_read)
    assert main([verb, "--root", str(workspace)]) == 2
    _assert_explained(capsys.readouterr().out, "読んでいる間に", RECEIVED)
    assert outputs(workspace) == both_sets[7] and leftovers(workspace) == []


@pytest.mark.parametrize("moment", ["before the definitions are read", "while the reports are written"])
def test_a_definition_saved_during_the_run(workspace, both_sets, monkeypatch, capsys, moment):
    name = "chosen_surveys" if moment.startswith("before") else "_write"
    real = getattr(report_verb, name)

    def slowly(*arguments):
        page = workspace / "surveys" / SURVEY / "page" / f"{WAVE}.md"
        page.parent.mkdir()
        page.write_text("# 題\n", encoding="utf-8")
        return real(*arguments)

    monkeypatch.setattr(report_verb, name, slowly)
    assert main(["report", "--root", str(workspace)]) == 2
    _assert_explained(capsys.readouterr().out, "読んでいる間に", f"surveys/{SURVEY}/page/{WAVE}.md")
    assert outputs(workspace) == both_sets[7] and leftovers(workspace) == []


def test_a_program_updated_during_the_run(workspace, both_sets, monkeypatch, capsys):
    hashes = iter(["before", *["after"] * 9])
    monkeypatch.setattr("pipeline.workspace.code_hash", lambda: next(hashes))
    assert main(["report", "--root", str(workspace)]) == 2
    _assert_explained(capsys.readouterr().out, "読んでいる間に", "pipeline")
    assert outputs(workspace) == both_sets[7]


# ---- data that lie elsewhere ----------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["data", "data/raw/small", "data/raw/small/2025", "data/processed", "reports", "reports/small/2025"])
def test_linked_folders(workspace, both_sets, tmp_path, place):
    (workspace / place).rename(tmp_path / "elsewhere")
    (workspace / place).symlink_to(tmp_path / "elsewhere")
    for yes in (7, 12):
        receive(workspace, yes)
        assert main(["report", "--root", str(workspace)]) == 0
        assert outputs(workspace) == both_sets[yes] and leftovers(workspace) == []
    assert (workspace / place).is_symlink()


def test_links_that_lead_back_end(workspace, both_sets):
    raw = workspace / "data" / "raw" / SURVEY / WAVE
    (raw / "loop").symlink_to(raw.parent)
    assert set(Workspace(workspace).sources(SURVEY).inputs) == {RECEIVED}
    assert main(["report", "--root", str(workspace)]) == 0
    assert outputs(workspace) == both_sets[12]


@pytest.mark.parametrize("place", ["data", "reports", "data/processed", "reports/small/2025"])
def test_a_link_that_leads_nowhere(workspace, tmp_path, capsys, place):
    shutil.move(workspace / place, tmp_path / "taken away")
    (workspace / place).symlink_to(tmp_path / "not connected")
    assert main(["report", "--root", str(workspace)]) == 2
    _assert_explained(capsys.readouterr().out, "ありません", place)
    assert not (tmp_path / "not connected").exists()


def test_no_data_folder(workspace, capsys):
    shutil.rmtree(workspace / "data")
    for verb in ("check", "report"):
        assert main([verb, "--root", str(workspace)]) == 2
        _assert_explained(capsys.readouterr().out, RECEIVED)
    assert not (workspace / "data").exists()


@pytest.mark.parametrize("place", ["reports", "reports/small", "reports/small/2025", "data/processed", "data/processed/small"])
def test_a_file_where_a_folder_should_be(workspace, capsys, place):
    shutil.rmtree(workspace / place)
    (workspace / place).write_text("取り違え", encoding="utf-8")
    assert main(["report", "--root", str(workspace)]) == 2
    _assert_explained(capsys.readouterr().out, place)
    assert (workspace / place).read_text(encoding="utf-8") == "取り違え"


# ---- every refusal of the operating system ---------------------------------------------------------------


@pytest.mark.parametrize("verb", ["report", "check"])
@pytest.mark.parametrize("code", ["ENOSPC", "EACCES", "EROFS", "EIO", "ENOENT", "ENAMETOOLONG", "EBUSY", "ENOTDIR", "EMFILE", "ESTALE"])
def test_every_refusal_is_a_sentence(workspace, monkeypatch, capsys, verb, code):
    def refused(*_):
        raise OSError(getattr(errno, code), "inner words", str(workspace / RECEIVED))

    monkeypatch.setattr(ingest, "read", refused)
    assert main([verb, "--root", str(workspace)]) == 2
    printed = capsys.readouterr().out
    _assert_explained(printed, f"ファイル: {RECEIVED}", "もう一度")
    assert "inner words" not in printed
    printed.encode("cp932")


@pytest.mark.parametrize(
    ("winerror", "words"),
    [(112, "空き容量"), (39, "空き容量"), (32, "Excel"), (33, "Excel"), (5, "権限"), (206, "長すぎ"), (53, "ネットワーク"), (19, "読み取り専用")],
)
def test_refusals_of_windows(winerror, words):
    error = OSError(errno.EACCES, "refused", "x")
    error.winerror = winerror
    assert words in explained(error, Path("/")).what


def test_a_path_too_long_for_windows_is_not_called_missing(tmp_path):
    error = FileNotFoundError(errno.ENOENT, "missing", str(tmp_path / ("長" * 250)))
    assert "ありません" in explained(error, tmp_path).what
    error.winerror = 3
    assert "長すぎ" in explained(error, tmp_path).what


def test_only_refusals_are_explained_as_such():
    assert obstacle(ValueError("x")) is None
    refusal = OSError(errno.ENOSPC, "full")
    assert obstacle(refusal) is refusal and obstacle(ValueError(refusal)) is refusal


def test_messages_speak_of_places_that_people_know(tmp_path):
    error = PermissionError(errno.EACCES, "denied", str(tmp_path / "reports/staff/.2025.new/public/tables.xlsx"))
    assert explained(error, tmp_path).file == "reports/staff/2025/public/tables.xlsx"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_log_on_a_full_disk(workspace):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(_command(workspace), cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, encoding="utf-8", check=False)
    assert done.returncode == 2
    _assert_explained(done.stderr, "空き容量")


def test_notebooks_are_not_put_beside_reports_of_another_build(workspace, capsys):
    assert main(["notebooks", "--root", str(workspace)]) == 2
    _assert_explained(capsys.readouterr().out, "python -m pipeline report small")


def test_notebooks_are_swapped_as_well(workspace, monkeypatch, capsys):
    assert main(["report", "--root", str(workspace)]) == 0

    def execute(notebook, survey, wave, root, out):
        out.write_text("新", encoding="utf-8")
        if is_full:
            raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("pipeline.report.notebooks.execute", execute)
    place = workspace / "reports" / SURVEY / WAVE / "notebooks"
    is_full = False
    assert main(["notebooks", "--root", str(workspace)]) == 0
    first = files(place)
    assert first and leftovers(workspace) == []
    is_full = True
    capsys.readouterr()
    assert main(["notebooks", "--root", str(workspace)]) == 2
    _assert_explained(capsys.readouterr().out, "空き容量")
    assert files(place) == first and leftovers(workspace) == []


def test_names_of_files_aside_fit_a_cp932_console(workspace):
    assert re.fullmatch(r"[ -~]+", Workspace(workspace).lock.name)
