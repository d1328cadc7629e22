"""The workbook of themes as it is first written; from then on it belongs to the officers."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

import xlsxwriter

from pipeline.coding.theme_sheets import SHEETS, Rows, Sheet, words_of

#: No clock: the same rows are the same bytes.
_CREATED = datetime.datetime(2000, 1, 1)  # noqa: DTZ001 -- the workbook knows no zones
_SPARE_ROWS = 500
_NOTES = {
    "code": "コードは消さず、別の主題に使い回しません。",
    "rule": '& は両方、| はどちらか（先に結び付きます）、"…" はその文字のまま、! は出てはいけない語。1つの文の中で見ます。',
    "until": "この版まで使った主題です。統合先に行き先のコードを書きます（2つ以上は + でつなぐ）。",
    "is_true": "○＝この主題の文、×＝この主題ではない文",
}


def write_book(path: Path, rows: Mapping[str, Rows]) -> None:
    """Write themes.xlsx with all its sheets: every cell text, drop-downs for the closed words."""
    with xlsxwriter.Workbook(
        path, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        book.set_properties({"created": _CREATED})
        looks = {
            "head": book.add_format(
                {"bold": True, "bg_color": "#DDEBF7", "border": 1, "text_wrap": True, "valign": "vcenter"}
            ),
            "cell": book.add_format(
                {
                    "num_format": "@",
                    "text_wrap": True,
                    "valign": "top",
                    "border": 1,
                    "border_color": "#BFBFBF",
                }
            ),
        }
        for sheet in SHEETS:
            _write_sheet(book.add_worksheet(sheet.name), sheet, rows.get(sheet.name, ()), looks)


def _write_sheet(target, sheet: Sheet, rows: Rows, looks) -> None:
    target.freeze_panes(1, 1)
    for column, (key, title, width) in enumerate(sheet.columns):
        target.set_column(column, column, width, looks["cell"])
        target.write_string(0, column, title, looks["head"])
        if key in _NOTES:
            target.write_comment(0, column, _NOTES[key], {"author": "", "x_scale": 2})
        words = {kept: word for word, kept in reversed(words_of(key).items()) if word and not word.isascii()}
        for row, (_, cells) in enumerate(rows, start=1):
            target.write_string(row, column, words.get(cells[key], cells[key]), looks["cell"])
        if words:
            target.data_validation(
                1,
                column,
                len(rows) + _SPARE_ROWS,
                column,
                {"validate": "list", "source": list(words.values())[::-1]},
            )
    target.autofilter(0, 0, max(len(rows), 1), len(sheet.columns) - 1)
