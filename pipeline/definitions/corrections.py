"""corrections.csv: known errors in received files, each declared with what stands there and who decided."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from pipeline.definitions.csv_table import read_rows
from pipeline.definitions.known_figures import Table
from pipeline.matching import fold_tight
from pipeline.model import Correction, Problem, Wave

COLUMNS = ("wave", "file", "sheet", "cell", "found", "corrected", "reason", "who", "date")
_SIGNED = ("wave", "file", "cell", "reason", "who", "date")
_CELL = re.compile(r"[A-Z]{1,3}[1-9][0-9]*|[1-9][0-9]*行目")
_LEFT_OUT = "除外"


def corrections(
    path: Path, name: str, waves: tuple[Wave, ...], problems: list[Problem]
) -> tuple[Correction, ...]:
    """Return the declared corrections in file order; () when the survey has none. A row with a mistake is left out.

    Whether the received file holds what was found is seen when it is read.
    """
    table, found = Table(name, problems), []
    files = {wave.key: [_name(received.file) for received in wave.files] for wave in waves if wave.files}
    for line, row in read_rows(path, name, COLUMNS, problems, is_published=False):
        before = len(problems)
        row["cell"] = fold_tight(row["cell"]).upper()
        table.day(line, row)
        for key in _SIGNED:
            if not row[key]:
                table.note(
                    line, "空欄にできません（訂正の行です）", key, "", "場所・理由・決めた人・日付のすべて"
                )
        row["file"] = _name(row["file"])
        if row["wave"] and table.one_of(line, "wave", row["wave"], files) and row["file"]:
            table.one_of(line, "file", row["file"], files[row["wave"]])
        if row["cell"] and not _CELL.fullmatch(row["cell"]):
            table.note(
                line,
                "セルの書き方が違います",
                "cell",
                row["cell"],
                "E12（列の文字と行の番号）か、1行を除くときは 12行目",
            )
        if row["cell"].endswith("行目") != (row["corrected"] == _LEFT_OUT):
            what, allowed = "1行を除く訂正の書き方が違います", f"cell に 12行目、corrected に {_LEFT_OUT}"
            table.note(line, what, "corrected", row["cell"], allowed)
        if row["found"] == row["corrected"]:
            table.note(line, "訂正の前と後が同じです", "corrected", "", "found と違う値")
        correction = Correction(**row)
        place = (correction.wave, correction.file, correction.sheet, correction.cell)
        if place in {(c.wave, c.file, c.sheet, c.cell) for c in found}:
            table.note(line, "同じセルの訂正が2回以上あります", "cell", row["cell"], "1つのセルに1行だけ")
        if len(problems) == before:
            found.append(correction)
    return tuple(found)


def _name(text: str) -> str:
    # Some systems store か + ゛ where the wave file has が.
    return unicodedata.normalize("NFC", text)
