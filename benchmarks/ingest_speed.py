"""CPU seconds and memory of reading received files, labels to codes, beside pandas in the same run.

Run: python benchmarks/ingest_speed.py [--rows N] [--csv-rows N]. Fails when a goal is missed by far.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

ROOT = Path(__file__).parent.parent
OPTIONS = ("とてもそう思う", "そう思う", "どちらともいえない", "そう思わない")
#: Goals of a quiet machine, and how far from them the run fails: other work disturbs the caches.
LEAST_TIMES_FASTER, MOST_TIMES_AS_LONG, MOST_MEGABYTES = 7.0, 1.5, 400
FAILS_BELOW, FAILS_ABOVE = 5.0, 2.0
ROUNDS = 3
PEER = """
import sys, pandas
{start}
pandas.read_{kind}(sys.argv[1], {options})
{end}
"""
OURS = """
import sys
from pathlib import Path
from pipeline import definitions, ingest
root = Path(sys.argv[1])
{start}
received = ingest.read(definitions.load(root, "speed"), root / "data" / "raw" / "speed")
{end}
assert not any(problem.is_error for problem in received.problems), received.problems[0]
assert len(received.responses) == int(sys.argv[2]), len(received.responses)
"""
#: Seconds of the processor for reading and for all, and the most memory, which exec starts anew.
START = "import time; started = time.process_time()"
END = """
ended = time.process_time()
try:
    status = open("/proc/self/status").read()
    peak = int(status.split("VmHWM:")[1].split()[0]) // 1024
except OSError:
    peak = 0
print(ended - started, ended, peak)
"""


@dataclass(frozen=True)
class Cost:
    """CPU seconds of reading alone and of the whole process, imports included; peak megabytes."""

    reading: float
    whole: float
    megabytes: int


def workspace(root: Path, rows: int, width: int, layout: str) -> Path:
    """Write a survey of single answers, half labels and half codes, with one received file; return the file."""
    survey, raw = root / "surveys" / "speed", root / "data" / "raw" / "speed" / "2025"
    (survey / "waves").mkdir(parents=True)
    raw.mkdir(parents=True)
    options = ", ".join(f'{{ id = "o{n}", label = "{label}" }}' for n, label in enumerate(OPTIONS))
    questions = "".join(
        f'[[questions]]\nid = "q{n}"\nlabel = "設問{n}"\nkind = "single"\noptions = [{options}]\n'
        for n in range(width - 2)
    )
    (survey / "survey.toml").write_text(
        f'title = "速さ"\norganisation = "みほん市"\n{questions}', encoding="utf-8"
    )
    name = "answers.csv" if layout == "csv" else "answers.xlsx"
    wording = "".join(f'q{n} = "設問{n}"\n' for n in range(width - 2))
    wave = (
        f'label = "令和7年度"\n[population]\ntotal = {rows}\n[wording]\n{wording}[[files]]\nfile = "{name}"\n'
        f'layout = "{layout}"\nmode = "Web"\nserial = "No"\nhas_codes = true\nignore_columns = ["備考"]\n[files.columns]\n{wording}'
    )
    (survey / "waves" / "2025.toml").write_text(wave, encoding="utf-8")
    draw = random.Random(1)
    head = ["No", *(f"設問{n}" for n in range(width - 2)), "備考"]
    marks = (OPTIONS, tuple(range(1, len(OPTIONS) + 1)))
    body = (
        [n, *(marks[column % 2][draw.randrange(len(OPTIONS))] for column in range(width - 2)), ""]
        for n in range(1, rows + 1)
    )
    if layout == "csv":
        with (raw / name).open("w", encoding="cp932", newline="") as file:
            file.writelines(",".join(map(str, line)) + "\r\n" for line in (head, *body))
        return raw / name
    # With shared strings, as Excel writes them.
    book = xlsxwriter.Workbook(str(raw / name))
    sheet = book.add_worksheet("回答")
    for row, cells in enumerate((head, *body)):
        sheet.write_row(row, 0, cells)
    book.close()
    return raw / name


def cost(program: str, *words: str) -> Cost:
    """Return what a Python program costs in a process of its own."""
    command = [sys.executable, "-c", program, *words]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    reading, whole, megabytes = done.stdout.split()
    return Cost(float(reading), float(whole), int(megabytes))


def measured(layout: str, rows: int, width: int, kind: str, options: str) -> tuple[Cost, Cost]:
    """Return what reading costs here and with pandas: in turns, each time the least of all rounds."""
    peer = PEER.format(kind=kind, options=options, start=START, end=END)
    with tempfile.TemporaryDirectory() as folder:
        file = workspace(Path(folder), rows, width, layout)
        rounds = [
            (cost(OURS.format(start=START, end=END), folder, str(rows)), cost(peer, str(file)))
            for _ in range(ROUNDS)
        ]
    for name, costs in zip(("here", "pandas"), zip(*rounds, strict=True), strict=True):
        for one in costs:
            print(
                f"  {name}: reading {one.reading:.2f} s, whole process {one.whole:.2f} s, {one.megabytes} MB"
            )
    return tuple(
        Cost(min(c.reading for c in costs), min(c.whole for c in costs), max(c.megabytes for c in costs))
        for costs in zip(*rounds, strict=True)
    )


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rows", type=int, default=10_000, help="rows of the workbook")
    words.add_argument("--csv-rows", type=int, default=1_000_000, help="rows of the text")
    sizes = words.parse_args()
    print(f"xlsx, {sizes.rows} x 80")
    ours, peer = measured("keyed_workbook", sizes.rows, 80, "excel", "engine='openpyxl'")
    faster = peer.reading / ours.reading
    print(
        f"  {faster:.1f} times faster than pandas + openpyxl ({peer.whole / ours.whole:.1f} with start and imports;"
    )
    print(f"  goal {LEAST_TIMES_FASTER:.0f}), {ours.megabytes} MB at most")
    print(f"csv in cp932, {sizes.csv_rows} x 60")
    ours, peer = measured("csv", sizes.csv_rows, 60, "csv", "encoding='cp932'")
    longer = ours.reading / peer.reading
    print(f"  {longer:.2f} times as long as pandas ({ours.whole / peer.whole:.2f} with start and imports;")
    print(f"  goal {MOST_TIMES_AS_LONG}), {ours.megabytes} MB at most (goal {MOST_MEGABYTES})")
    is_missed = faster < FAILS_BELOW or longer > FAILS_ABOVE or ours.megabytes > MOST_MEGABYTES
    return 1 if is_missed else 0


if __name__ == "__main__":
    sys.exit(main())
