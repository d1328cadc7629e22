"""Small CSV tables that officers edit: rows as dictionaries with their line numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from pipeline.decoding import read_text
from pipeline.definitions.toml_section import FORMULA, NEXT_STEP
from pipeline.matching import is_formula, nearest
from pipeline.model import Problem, ProblemsFound

CsvRow = tuple[int, dict[str, str]]


def read_rows(
    path: Path,
    name: str,
    columns: Sequence[str],
    problems: list[Problem],
    delimiter: str = ",",
    optional: Sequence[str] = (),
    is_published: bool = True,
) -> list[CsvRow]:
    """Return (line number, row) of every non-blank row; [] when the file does not exist.

    Header cells must be exactly ``columns``, in any order; ``optional`` ones may be missing and are
    then no key of the row. Cells are stripped. is_published: its words reach published tables, so that
    one which a spreadsheet would calculate is a problem.
    """
    if not path.exists():
        return []
    try:
        lines = list(csv.reader(io.StringIO(read_text(path, name)), delimiter=delimiter, strict=True))
    except ProblemsFound as unreadable:
        problems.extend(unreadable.problems)
        return []
    except csv.Error:
        problems.append(_broken(name, "", '引用符（"）が閉じていない行があります', ""))
        return []
    header = [cell.strip() for cell in lines[0]] if lines else []
    if not _is_header_right([cell for cell in header if cell not in optional], columns, name, problems):
        return []
    rows = []
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            problems.append(
                _broken(
                    name, f"{number}行目", "列の数が見出しと違います", f"{len(cells)}列", f"{len(header)}列"
                )
            )
            continue
        row = {key: cell.strip() for key, cell in zip(header, cells, strict=True)}
        if is_published:
            problems.extend(
                _broken(name, f"{number}行目", FORMULA[0], cell, FORMULA[1], key)
                for key, cell in row.items()
                if is_formula(cell)
            )
        rows.append((number, row))
    return rows


def _is_header_right(header: list[str], columns: Sequence[str], name: str, problems: list) -> bool:
    missing = [column for column in columns if column not in header]
    surplus = [column for column in header if column not in columns]
    for column in missing:
        close = nearest(column, surplus)
        found = f"似た見出し「{close}」" if close else "（なし）"
        problems.append(_broken(name, "1行目", "必要な列がありません", found, column))
    for column in surplus:
        if not missing:
            problems.append(_broken(name, "1行目", "知らない列があります", column, "、".join(columns)))
    return not missing and not surplus


def _broken(name: str, cell: str, what: str, found: str, expected: str = "", key: str = "") -> Problem:
    return Problem(what, file=name, cell=cell, key=key, found=found, expected=expected, next_step=NEXT_STEP)
