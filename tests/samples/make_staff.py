"""Write the received files and coding decisions of the fictional みほん市 sample survey.

    python tests/samples/make_staff.py --root DIR

writes DIR/data/raw/staff/**, the decisions and the second coder's codes below
DIR/surveys/staff/coding, and DIR/tests/coding/sample_answers.tsv (all comments with their
codes, to try the coding on; fictional like everything here), the same bytes every time. The definitions (labels, headers, file names) are read from surveys/staff of this
repository; the answers come from staff_plan and staff_people; the comments from texts/.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import staff_keyed
import staff_online
import staff_people as made
import staff_plan as plan

DECISION_COLUMNS = ("key", "question", "codes", "coder", "date", "theme_version")
LABELLED_COLUMNS = ("id", "polarity", "labels", "text")
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def write_all(root: Path) -> None:
    """Write everything the sample survey ``staff`` has received, below ``root``."""
    folders = {wave: root / "data/raw/staff" / wave for wave in made.WAVES}
    for wave, folder in folders.items():
        folder.mkdir(parents=True, exist_ok=True)
        write_roster(wave, folder)
    staff_keyed.write_workbook("2019", folders["2019"])
    staff_online.write_2021(folders["2021"])
    staff_online.write_2023(folders["2023"])
    staff_keyed.write_workbook("2025", folders["2025"])
    staff_online.write_2025(folders["2025"])
    coding = root / "surveys/staff/coding"
    write_decisions(coding / "decisions.csv")
    for wave in plan.CODED_TWICE:
        write_second_codes(wave, coding / wave / "second_coder.csv")
    write_labelled(root / "tests/coding/sample_answers.tsv")


def write_roster(wave: str, folder: Path) -> None:
    """Write the headcounts per section with their total row, as the personnel section sends them."""
    roster = made.wave_file(wave)["population"]["roster"]
    names = made.labels("section")
    rows = [(names[section], str(staff)) for section, (staff, _) in plan.ROSTERS[wave].items()]
    if wave == "2021":
        rows[4] = (rows[4][0], rows[4][1].translate(WIDE))
    total = sum(staff for staff, _ in plan.ROSTERS[wave].values())
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([(roster["group_column"], roster["count_column"]), *rows, ("合計", str(total))])
    encoding = "utf-8-sig" if wave == "2023" else "cp932"
    (folder / roster["file"]).write_bytes(text.getvalue().encode(encoding))


def decision_key(question: str, text: str) -> str:
    """Return the key under which the decision about a comment is filed; it gives no word away."""
    stripped = unicodedata.normalize("NFKC", text).strip()
    return hashlib.sha256(f"{question}\n{stripped}".encode()).hexdigest()


def write_decisions(path: Path) -> None:
    """Write one row per different comment, in the order the waves were coded."""
    rows: dict[str, tuple[str, ...]] = {}
    for wave in made.WAVES:
        date, coder = plan.CODED[wave]
        for question, comment in _comments(wave):
            key = decision_key(question, comment.text)
            row = (key, question, ";".join(comment.codes), coder, date, plan.THEME_VERSION)
            assert rows.setdefault(key, row)[2] == row[2], f"coded twice, differently: {comment.text}"
    _write_codes(path, rows.values())


def write_second_codes(wave: str, path: Path) -> None:
    """Write what the second coder decided about a part of the comments, in an order that tells nothing."""
    date, coder = plan.CODED_TWICE[wave]
    rows = {
        (
            decision_key(question, comment.text),
            question,
            ";".join(comment.second),
            coder,
            date,
            plan.THEME_VERSION,
        )
        for question, comment in _comments(wave)
        if comment.second
    }
    _write_codes(path, sorted(rows, key=lambda row: (row[1], row[0])))


def write_labelled(path: Path) -> None:
    """Write every comment once with its codes, one a line, as a labelled file for ``eval-coding``."""
    rows: dict[str, tuple[str, ...]] = {}
    for wave in made.WAVES:
        for question, comment in _comments(wave):
            key = decision_key(question, comment.text)
            place = f"fictional-{wave}-{len(rows) + 1:03d}"
            rows.setdefault(key, (place, question, ";".join(comment.codes), comment.text.replace("\n", " ")))
    lines = ["\t".join(cells) for cells in (LABELLED_COLUMNS, *rows.values())]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("\n".join([*lines, ""]).encode())


def _comments(wave: str) -> Iterator[tuple[str, made.Comment]]:
    """Yield (question, comment) of a wave: what was good first."""
    for question in ("good", "hard"):
        yield from ((question, comment) for comment in made.comments(question) if comment.wave == wave)


def _write_codes(path: Path, rows: Iterable[tuple[str, ...]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([DECISION_COLUMNS, *rows])
    path.write_bytes(text.getvalue().encode("utf-8"))


def main() -> None:
    parser = argparse.ArgumentParser(description="みほん市（架空）の見本データを作ります")
    parser.add_argument("--root", type=Path, default=made.REPOSITORY, help="書き出し先のフォルダ")
    write_all(parser.parse_args().root)


if __name__ == "__main__":
    main()
