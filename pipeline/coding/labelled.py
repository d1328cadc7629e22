"""A labelled file: answers that a person has coded, to measure the coding with.

Columns (tab-separated, UTF-8 or cp932): id, polarity (good or hard), labels (codes separated by ``;``, empty = no theme), text.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.coding.codebook import Codebook
from pipeline.decoding import read_text
from pipeline.matching import nearest
from pipeline.model import Problem, ProblemsFound

COLUMNS = ("id", "polarity", "labels", "text")
POLARITIES = ("good", "hard")
#: A cell as a spreadsheet quotes it: quotation marks inside are doubled.
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


@dataclass(frozen=True)
class Labelled:
    """One coded answer."""

    id: str
    box: str
    codes: frozenset[str]
    text: str


def read_labelled(path: Path, codebook: Codebook) -> tuple[Labelled, ...]:
    """Return the answers of a labelled file. Raises ProblemsFound with every bad line; never its words."""
    place = path.name
    if not path.is_file():
        raise ProblemsFound(
            [Problem("ファイルがありません", file=str(path), next_step="名前と場所を確かめてください。")]
        )
    rows = _cells(read_text(path, place))
    if not rows or not set(COLUMNS) <= set(rows[0]):
        found = "、".join(rows[0][:8]) if rows and len(rows[0]) > 1 else "（タブ区切りの見出しがありません）"
        raise ProblemsFound(
            [Problem("見出しが違います", file=place, found=found, expected="、".join(COLUMNS))]
        )
    places = [rows[0].index(column) for column in COLUMNS]
    problems: list[Problem] = []
    answers = []
    for line, cells in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        cells = cells + [""] * (len(rows[0]) - len(cells))
        name, box, labels, text = (cells[i] for i in places)
        codes = frozenset(code.strip() for code in labels.split(";") if code.strip())
        problems += _problems(place, line, box.strip(), codes, codebook)
        answers.append(Labelled(name, box.strip(), codes, text))
    if problems:
        raise ProblemsFound(problems)
    if not answers:
        raise ProblemsFound([Problem("回答が1行もありません", file=place)])
    return tuple(answers)


def _cells(text: str) -> list[list[str]]:
    """Return the cells; quotation marks that answers begin with are theirs as long as every line is whole."""
    rows = [line.split("\t") for line in text.replace("\r\n", "\n").strip("\n").split("\n")]
    if len({len(row) for row in rows}) == 1 and not any(
        _QUOTED.fullmatch(cell) for row in rows for cell in row
    ):
        return rows
    return list(csv.reader(io.StringIO(text), delimiter="\t"))


def _problems(place: str, line: int, box: str, codes: frozenset[str], codebook: Codebook) -> list[Problem]:
    if box not in POLARITIES:
        return [
            Problem("設問の側がありません", place, cell=f"{line}行目", found=box, expected="good か hard")
        ]
    known = [theme.code for theme in codebook.themes]
    problems = []
    for code in sorted(codes - set(known)):
        close = nearest(code, known)
        step = f"「{close}」の間違いではありませんか。" if close else "主題の表と見比べてください。"
        problems.append(
            Problem(
                "主題にないコードです",
                place,
                cell=f"{line}行目",
                found=code,
                expected="、".join(known),
                next_step=step,
            )
        )
    return problems
