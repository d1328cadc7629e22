"""CPU seconds of reading received files, labels to codes, beside pandas in the same run.

Run: python benchmarks/ingest_speed.py [rows of the workbook] [rows of the csv]. It prints and judges nothing.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import xlsxwriter

ROOT = Path(__file__).parent.parent
QUESTIONS, OPTIONS = 78, ("とてもそう思う", "そう思う", "どちらともいえない", "そう思わない")
PEER = "import pandas, sys; pandas.read_{kind}(sys.argv[1], {options})"
OURS = """
import sys
from pathlib import Path
from pipeline import definitions, ingest
root = Path(sys.argv[1])
received = ingest.read(definitions.load(root, "speed"), root / "data" / "raw" / "speed")
assert not any(problem.is_error for problem in received.problems), received.problems[0]
assert len(received.responses) == int(sys.argv[2]), len(received.responses)
"""


def workspace(root: Path, rows: int, layout: str) -> Path:
    """Write a survey of 78 single answers with one received file; return the file."""
    survey, raw = root / "surveys" / "speed", root / "data" / "raw" / "speed" / "2025"
    (survey / "waves").mkdir(parents=True)
    raw.mkdir(parents=True)
    options = ", ".join(f'{{ id = "o{n}", label = "{label}" }}' for n, label in enumerate(OPTIONS))
    questions = "".join(
        f'[[questions]]\nid = "q{n}"\nlabel = "設問{n}"\nkind = "single"\noptions = [{options}]\n' for n in range(QUESTIONS)
    )
    (survey / "survey.toml").write_text(f'title = "速さ"\norganisation = "みほん市"\n{questions}', encoding="utf-8")
    name = "answers.csv" if layout == "csv" else "answers.xlsx"
    wording = "".join(f'q{n} = "設問{n}"\n' for n in range(QUESTIONS))
    wave = (
        f'label = "令和7年度"\n[population]\ntotal = {rows}\n[wording]\n{wording}[[files]]\nfile = "{name}"\n'
        f'layout = "{layout}"\nmode = "Web"\nserial = "No"\nignore_columns = ["備考"]\n[files.columns]\n{wording}'
    )
    (survey / "waves" / "2025.toml").write_text(wave, encoding="utf-8")
    draw = random.Random(1)
    head = ["No", *(f"設問{n}" for n in range(QUESTIONS)), "備考"]
    body = ([str(n), *draw.choices(OPTIONS, k=QUESTIONS), ""] for n in range(1, rows + 1))
    if layout == "csv":
        with (raw / name).open("w", encoding="cp932", newline="") as file:
            file.writelines(",".join(line) + "\r\n" for line in (head, *body))
        return raw / name
    book = xlsxwriter.Workbook(str(raw / name), {"constant_memory": True})
    sheet = book.add_worksheet("回答")
    for row, cells in enumerate((head, *body)):
        sheet.write_row(row, 0, cells)
    book.close()
    return raw / name


def cpu(program: str, *words: str) -> tuple[float, int]:
    """Return (user + system seconds, peak MB of all children so far) of a Python program."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program, *words], cwd=ROOT, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, after.ru_maxrss // 1024


def main(words: list[str]) -> None:
    sizes = [int(word) for word in words] + [10_000, 10_000][len(words) :]
    for layout, rows, options in (
        ("keyed_workbook", sizes[0], "engine='openpyxl'"),
        ("csv", sizes[1], "encoding='cp932'"),
    ):
        with tempfile.TemporaryDirectory() as folder:
            file = workspace(Path(folder), rows, layout)
            ours, peak = cpu(OURS, folder, str(rows))
            peer, _ = cpu(PEER.format(kind="csv" if layout == "csv" else "excel", options=options), str(file))
        print(f"{layout}, {rows} x {QUESTIONS + 2}: ours {ours:.1f} s ({peak} MB), pandas {peer:.1f} s, ratio {peer / ours:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
