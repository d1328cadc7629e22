"""themes.xlsx, which officers edit, and its sorted text twins, which programs and diffs read.

The twins stand beside it: ``themes.tsv`` and, in ``codebook/``, one file for each other sheet.
They are written from the workbook by an explicit command and compared with it before each use.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Mapping
from pathlib import Path
from zipfile import BadZipFile

from pipeline.coding.theme_sheets import SHEETS, Rows, Sheet, words_of
from pipeline.decoding import read_text
from pipeline.matching import fold, nearest
from pipeline.model import Problem

BOOK = "themes.xlsx"


def read_book(path: Path, place: str, problems: list[Problem]) -> dict[str, Rows]:
    """Return the rows of each sheet by its name, blank rows left out; cells as the twins hold them.

    Formulas, missing sheets and headers, and words that are not in the list are problems. A sheet
    without its headers is left out.
    """
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path)
    except (BadZipFile, InvalidFileException, KeyError, OSError, ValueError):
        step = "Excel で開き直して、xlsx 形式で保存してください。"
        problems.append(Problem("Excel ファイルとして読めません", file=place, next_step=step))
        return {}
    rows = {}
    for sheet in SHEETS:
        if sheet.name not in book.sheetnames:
            close = nearest(sheet.name, book.sheetnames)
            expected = f"シート「{sheet.name}」"
            problems.append(
                Problem(
                    "シートがありません",
                    file=place,
                    found=close,
                    expected=expected,
                    next_step="シートの名前を戻してください。",
                )
            )
            continue
        found = _sheet_rows(book[sheet.name], sheet, place, problems)
        if found is not None:
            rows[sheet.name] = found
    return rows


def _sheet_rows(found, sheet: Sheet, place: str, problems: list[Problem]) -> Rows | None:
    header = {fold(str(cell.value)): cell.column for cell in found[1] if cell.value is not None}
    missing = [title for _, title, _ in sheet.columns if title not in header]
    if missing:
        problems.append(
            Problem(
                "見出しがありません",
                file=place,
                sheet=sheet.name,
                cell="1行目",
                found="、".join(header),
                expected="、".join(missing),
                next_step="見出しの行を元に戻してください。",
            )
        )
        return None
    rows = []
    for number in range(2, found.max_row + 1):
        cells = {key: found.cell(number, header[title]) for key, title, _ in sheet.columns}
        texts = {key: _text(cell, sheet, place, problems) for key, cell in cells.items()}
        if any(texts.values()):
            rows.append(
                (number, {key: _word(key, texts[key], cells[key], sheet, place, problems) for key in texts})
            )
    return rows


def _text(cell, sheet: Sheet, place: str, problems: list[Problem]) -> str:
    value = cell.value
    if cell.data_type in ("f", "e"):
        what = "式やエラー値は使えません"
        step = "値だけを貼り付けてください。"
        problems.append(
            Problem(what, file=place, sheet=sheet.name, cell=cell.coordinate, expected="文字", next_step=step)
        )
        return ""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime | datetime.date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return re.sub(r"\r\n?", "\n", str(value)).strip()


def _word(key: str, text: str, cell, sheet: Sheet, place: str, problems: list[Problem]) -> str:
    words = words_of(key)
    if not words:
        return text
    if text.lower() not in words:
        written = [word for word, kept in words.items() if not word.isascii()]
        problems.append(
            Problem(
                "知らない値です",
                file=place,
                sheet=sheet.name,
                cell=cell.coordinate,
                found=text,
                expected="、".join(written),
                next_step="リストから選び直してください。",
            )
        )
    return words.get(text.lower(), text)


def twin_texts(rows: Mapping[str, Rows]) -> dict[str, str]:
    """Return path under the survey's folder → text of each twin, rows sorted, G2 before G10."""
    texts = {}
    for sheet in SHEETS:
        lines = sorted(([row[key] for key in sheet.keys] for _, row in rows[sheet.name]), key=_natural)
        text = io.StringIO()
        csv.writer(text, delimiter="\t", lineterminator="\n").writerows([sheet.keys, *lines])
        texts[sheet.twin] = text.getvalue()
    return texts


def _natural(cells: list[str]) -> list:
    return [[(int(p), "") if p.isdigit() else (-1, p) for p in re.split(r"(\d+)", cell)] for cell in cells]


def read_twins(folder: Path, place: str) -> dict[str, Rows]:
    """Return what ``read_book`` does, from the twins; a twin that is missing has no rows."""
    rows: dict[str, Rows] = {}
    for sheet in SHEETS:
        path = folder / sheet.twin
        text = read_text(path, f"{place}/{sheet.twin}") if path.exists() else ""
        lines = list(csv.DictReader(io.StringIO(text, newline=""), delimiter="\t"))
        rows[sheet.name] = [
            (number, {key: (line.get(key) or "").strip() for key in sheet.keys})
            for number, line in enumerate(lines, 2)
        ]
    return rows


def twin_problems(folder: Path, place: str, command: str) -> list[Problem]:
    """Return a problem for each twin that is not what themes.xlsx says now; [] without a workbook.

    folder: surveys/<id>; place: what messages call it; command: what writes the twins.
    """
    if not (folder / BOOK).exists():
        return []
    problems: list[Problem] = []
    rows = read_book(folder / BOOK, f"{place}/{BOOK}", problems)
    if problems:
        return problems
    stale = [name for name, text in twin_texts(rows).items() if current_twin(folder / name) != text]
    return [
        Problem(
            f"{BOOK} と中身が違います（{BOOK} を直したあと、写しが作り直されていません）",
            file=f"{place}/{name}",
            expected=f"{place}/{BOOK} と同じ中身",
            next_step=f"{command} を実行してください。",
        )
        for name in stale
    ]


def current_twin(path: Path) -> str:
    """Return what a twin says now; "" without one."""
    return path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n") if path.exists() else ""
