"""Damages received files of every reader and looks at what becomes of them: no crash, no hang, no silent loss.

``python tests/fuzz_received.py --seconds 60`` runs in a process of its own that is watched;
``tests/test_fuzz.py`` runs a fixed number of damages. A failure names the seed file and the number
that makes the same damage again: ``python tests/fuzz_received.py --again keyed.xls 1234``.

A cut workbook must be refused whatever the wave file says. A cut text must be refused, or said to have
no line end after its last row; between two rows the bytes tell nothing, so the wave file of this test
gives the number of answers. Two cuts stay untold: one that takes line ends only (nothing is lost), and
one inside the very last cell of a Google CSV, which Google itself ends without a line end.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import random
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipeline import ingest  # noqa: E402
from pipeline.model import Option, Question, ReceivedFile, Survey, Wave, frozen_mapping  # noqa: E402
from tests.books import ods_bytes, xls_bytes, xlsx_parts, xlsx_text, zip_bytes  # noqa: E402

#: No damaged file of this size may take longer, on a busy machine.
LONGEST_SECONDS = 60
BOOKS = (".xlsx", ".xls", ".ods")
ONE = Question("one", "経験", "single", options=(Option("yes", "ある"), Option("no", "ない")))
MANY = Question("many", "理由", "multiple", options=(Option("time", "時間"), Option("people", "人手")))
FREE = Question("free", "意見", "text")
ROWS = [["No", "問1", "問2", "意見"]] + [
    [
        str(n),
        ("ある", "ない", "")[n % 3],
        ("時間", "人手", "時間;人手", "")[n % 4],
        ("", "よい経験、でした", "多い")[n % 3] or "終",
    ]
    for n in range(1, 13)
]
COLUMNS = frozen_mapping({"one": "問1", "many": "問2", "free": "意見"})


def _text(rows: list[list[str]], encoding: str, delimiter: str = ",") -> bytes:
    return "".join(delimiter.join(row) + "\r\n" for row in rows).encode(encoding)


def _under(first: list[str], times: str, rows: list[list[str]]) -> list[list[str]]:
    return [[*first, *rows[0][1:]], *([row[0], *[times] * (len(first) - 1), *row[1:]] for row in rows[1:])]


def _xlsx(rows: list[list[str]]) -> bytes:
    data = "".join(
        f'<row r="{r}">{"".join(xlsx_text(f"{chr(65 + c)}{r}", text) for c, text in enumerate(row))}</row>'
        for r, row in enumerate(rows, start=1)
    )
    return zip_bytes(xlsx_parts(data))


def _seeds() -> dict[str, tuple[str, bytes]]:
    """Return file name → (layout, whole bytes)."""
    time_and_rows = [
        ["タイムスタンプ", *ROWS[0][1:]],
        *(["2026/01/15 9:03:11", *row[1:]] for row in ROWS[1:]),
    ]
    forms = _under(["ID", "開始時刻", "完了時刻"], "2026-01-15 09:03:11", ROWS)
    ticks = [["No", "問1", "問2[時間]", "問2[人手]", "意見"]]
    ticks += [
        [row[0], row[1], "1" * ("時間" in row[2]), "1" * ("人手" in row[2]), row[3]] for row in ROWS[1:]
    ]
    return {
        "utf8.csv": ("csv", _text(ROWS, "utf-8")),
        "cp932.csv": ("csv", _text(ROWS, "cp932")),
        "utf16.txt": ("csv", _text(ROWS, "utf-16", "\t")),
        "google.csv": (
            "google_forms",
            _text(time_and_rows, "utf-8").removesuffix(b"\r\n").replace(b";", b"/"),
        ),
        "google.xlsx": (
            "google_forms",
            _xlsx([[text.replace(";", ", ") for text in row] for row in time_and_rows]),
        ),
        "forms.xlsx": ("microsoft_forms", _xlsx(forms)),
        "options.csv": ("option_columns", _text(ticks, "utf-8-sig", ";")),
        "keyed.xlsx": ("keyed_workbook", _xlsx(ROWS)),
        "keyed.xls": ("keyed_workbook", xls_bytes({"入力": ROWS})),
        "keyed.ods": ("keyed_workbook", ods_bytes({"入力": ROWS})),
    }


SEEDS = _seeds()
TOKENS = (
    b"\0", b'"', b"\r", b"\n", b",", b"\xff\xfe", b"\x1b$B", b"<!DOCTYPE x [", b"&#0;", b"-1", b"99999999999", b"]]>",
    b'number-rows-repeated="1048576"', b' table:number-columns-spanned="99999999"', b' table:number-rows-repeated="-5"', b'<c r="XFD1048576"><v>1</v></c>', b"\xff" * 8, b"\x80", b"1e999", b"</row>",
)  # fmt: skip


def read(name: str, content: bytes, has_count: bool = False) -> ingest.Received:
    """Return what is read of the file ``name`` when it holds ``content``."""
    layout, _ = SEEDS[name]
    serial = {"google_forms": "", "microsoft_forms": "ID"}.get(layout, "No")
    labels = frozen_mapping({"many": frozen_mapping({"時間/人手": "time"})})
    answers = len(ROWS) - 1 if has_count else None
    file = ReceivedFile(name, layout, "Web", serial=serial, columns=COLUMNS, labels=labels, answers=answers)
    wording = frozen_mapping({"one": "", "many": "", "free": ""})
    wave = Wave("2025", "令和7年度", wording=wording, files=(file,))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "2025").mkdir()
        (Path(folder) / "2025" / name).write_bytes(content)
        return ingest.read(Survey("s", "題", "市", (ONE, MANY, FREE), (wave,)), Path(folder))


# ---- damages ----


def _spot(chance: random.Random, content: bytes) -> int:
    return chance.randrange(max(len(content), 1))


def cut(chance: random.Random, content: bytes) -> bytes:
    return content[: _spot(chance, content)]


def flip(chance: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        changed[_spot(chance, content)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def overwrite(chance: random.Random, content: bytes) -> bytes:
    place, token = _spot(chance, content), chance.choice(TOKENS)
    return content[:place] + token + content[place + len(token) :]


def insert(chance: random.Random, content: bytes) -> bytes:
    place = _spot(chance, content)
    return content[:place] + chance.choice(TOKENS) + content[place:]


def drop(chance: random.Random, content: bytes) -> bytes:
    place = _spot(chance, content)
    return content[:place] + content[place + chance.choice((1, 2, 16, 512)) :]


def repeat(chance: random.Random, content: bytes) -> bytes:
    place, length = _spot(chance, content), chance.choice((1, 16, 512))
    return content[: place + length] + content[place:]


def inside(chance: random.Random, content: bytes) -> bytes:
    """Damage one part of a zipped workbook and pack it again, so that the checksum is right."""
    if not content.startswith(b"PK"):
        return overwrite(chance, content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(sorted(parts))
    parts[name] = chance.choice((cut, flip, overwrite, insert, drop, repeat))(chance, parts[name])
    return zip_bytes(parts)


DAMAGES: tuple[Callable, ...] = (cut, cut, flip, overwrite, insert, drop, repeat, inside, inside)


def damaged(name: str, number: int) -> tuple[str, bytes]:
    """Return (kind of damage, bytes); the same for the same number."""
    chance = random.Random(f"{name} {number}")
    damage = chance.choice(DAMAGES)
    return damage.__name__, damage(chance, SEEDS[name][1])


def complaint(name: str, number: int) -> str:
    """Return what is wrong with how a damaged file was read, "" when nothing is."""
    kind, content = damaged(name, number)
    try:
        received = read(name, content, has_count=kind == "cut" and not name.endswith(BOOKS))
    # Whatever comes out of a reader is the finding.
    except BaseException:
        return traceback.format_exc()
    counts = received.ledger["status"].value_counts()
    if counts.get("accepted", 0) != len(received.responses):
        return "the ledger does not account for the rows"
    if kind == "cut" and not received.problems and not _is_harmless(name, content):
        return f"cut after {len(content)} bytes and accepted without a word"
    if kind == "cut" and name.endswith(BOOKS):
        return "" if any(problem.is_error for problem in received.problems) else "a cut workbook was accepted"
    return ""


def _is_harmless(name: str, content: bytes) -> bool:
    whole = SEEDS[name][1]
    ends = b"\r\n\0"
    if content.rstrip(ends) == whole.rstrip(ends):
        return True
    # Google ends its file without a line end: a cut in the last cell leaves a whole row.
    return name == "google.csv" and len(content) > whole.rindex(b",")


# ---- watched run ----


def _work(pipe) -> None:
    while (job := pipe.recv()) is not None:
        pipe.send(complaint(*job))


def _started():
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    worker = context.Process(target=_work, args=(there,), daemon=True)
    worker.start()
    there.close()
    return worker, here


def _outcome(pipe, job: tuple[str, int]) -> str:
    try:
        pipe.send(job)
        return pipe.recv() if pipe.poll(LONGEST_SECONDS) else f"longer than {LONGEST_SECONDS} s"
    except (EOFError, OSError):
        return "the process was killed"


def watch(seconds: float, first: int) -> list[str]:
    """Return the failures found in ``seconds``; the reading process is restarted when it dies or hangs."""
    failures, number, end = [], first, time.monotonic() + seconds
    worker, pipe = _started()
    while time.monotonic() < end:
        name = sorted(SEEDS)[number % len(SEEDS)]
        if found := _outcome(pipe, (name, number)):
            failures.append(f"{name} {number} ({damaged(name, number)[0]}): {found}")
            worker.kill()
            worker, pipe = _started()
        number += 1
    worker.kill()
    print(f"{number - first} damaged files, {len(failures)} failures")
    return failures


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--first", type=int, default=0, help="number of the first damage")
    options.add_argument("--again", nargs=2, metavar=("FILE", "NUMBER"))
    chosen = options.parse_args()
    if chosen.again:
        print(complaint(chosen.again[0], int(chosen.again[1])) or "nothing wrong")
        return 0
    failures = watch(chosen.seconds, chosen.first)
    print("\n".join(failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
