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
#: What may be told of a cell that should be a code: with columns mixed up it is an answer.
_CODE = re.compile(r"[A-Za-z]{1,2}[0-9]{1,3}")


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
    header, *rows = _cells(read_text(path, place))
    if not set(COLUMNS) <= set(header):
        # Without a header the first row is an answer: only what it should say is told.
        known = "、".join(column for column in COLUMNS if column in header) or "なし"
        found = f"{len(header)}列（読めた見出し: {known}）"
        step = "1行目を見出しにして、タブ区切りで保存してください。"
        raise ProblemsFound([Problem("見出しが違います", place, "", "", "", found, "、".join(COLUMNS), step)])
    problems: list[Problem] = []
    answers = []
    for line, cells in enumerate(rows, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            problems.append(_ragged(place, line, len(cells), len(header)))
            continue
        name, box, labels, text = (cells[header.index(column)] for column in COLUMNS)
        codes = frozenset(code.strip() for code in labels.split(";") if code.strip())
        problems += _problems(place, line, box.strip(), codes, codebook)
        answers.append(Labelled(name, box.strip(), codes, text))
    if problems:
        raise ProblemsFound(problems)
    if not answers:
        raise ProblemsFound([Problem("回答が1行もありません", file=place)])
    return tuple(answers)


def _cells(text: str) -> list[list[str]]:
    """Return the cells, the first row's at least. A quotation mark is one of spreadsheets where its cell is quoted
    as a whole, else the answer's own: one that never closes must not swallow the answers after it.

    Cells with line ends or tabs are read only where every row then has the width of the first.
    """
    lines = text.replace("\r\n", "\n").strip("\n").split("\n")
    plain = [[_unquoted(cell) for cell in line.split("\t")] for line in lines]
    if _is_even(plain):
        return plain
    try:
        quoted = list(csv.reader(io.StringIO(text, newline=""), delimiter="\t", strict=True))
    except csv.Error:
        return plain
    return quoted if _is_even(quoted) else plain


def _unquoted(cell: str) -> str:
    return cell[1:-1].replace('""', '"') if _QUOTED.fullmatch(cell) else cell


def _is_even(rows: list[list[str]]) -> bool:
    return len({len(row) for row in rows if any(cell.strip() for cell in row)}) == 1


def _ragged(place: str, line: int, found: int, expected: int) -> Problem:
    what, step = "列の数が見出しと違います", "列の区切り（タブ）を直してください。空欄の列にも区切りが要ります。"
    return Problem(what, place, "", f"{line}行目", "", f"{found}列", f"{expected}列", step)


def _problems(place: str, line: int, box: str, codes: frozenset[str], codebook: Codebook) -> list[Problem]:
    if box not in POLARITIES:
        what, found = "設問の側がありません", f"{len(box)}文字"
        return [Problem(what, place, cell=f"{line}行目", found=found, expected="good か hard")]
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
                found=code if _CODE.fullmatch(code) else f"{len(code)}文字",
                expected="、".join(known),
                next_step=step,
            )
        )
    return problems
