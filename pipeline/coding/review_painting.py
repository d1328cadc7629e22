"""The review workbook 分類の作業表 as bytes: the same rows give the same bytes."""

from __future__ import annotations

import io
from datetime import datetime
from functools import cache, partial
from itertools import groupby

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipeline.coding.review import (
    CHECK,
    CHOICES,
    CODER,
    COUNT,
    DAY,
    ID,
    MEMO,
    OTHER_CHOICE,
    PART,
    PRIOR,
    QUESTION,
    SECOND,
    SHEET_CODER,
    SHEET_DAY,
    TEXT,
    Book,
    Row,
    Sheet,
    check_sum,
    choice_label,
    columns,
    shown_codes,
)
from pipeline.coding.review_paper import (
    ALLOWED,
    Look,
    header_look,
    height,
    paint_guide,
    paint_listing,
    paint_themes,
    set_page,
    text_look,
)

FONT = "游ゴシック"
#: No clock: the same rows give the same bytes.
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001  (the file format has no time zone)
GUIDE_SHEET = "読み方"
_HEADER_ROW = 3
_WIDTHS = {
    ID: 12,
    PART: 9,
    QUESTION: 12,
    COUNT: 5,
    TEXT: 46,
    "機械案1": 15,
    "機械案2": 15,
    "機械案3": 15,
    "確信": 5.5,
    "根拠": 30,
    **dict.fromkeys(CHOICES, 18),
    OTHER_CHOICE: 20,
    MEMO: 18,
    CODER: 11,
    DAY: 12,
    PRIOR: 26,
    CHECK: 11,
}
_SMALL = ("根拠", PRIOR, CHECK, PART, QUESTION, ID)
_UNLOCKED = (*CHOICES, OTHER_CHOICE, MEMO, CODER, DAY)
_DAY_FORMAT = "yyyy-mm-dd"


def review_workbook(book: Book) -> bytes:
    """Return the workbook: 読み方, a sheet per question, 確認リスト, 主題一覧 and what is only read."""
    content = io.BytesIO()
    # A fresh font each time: XlsxWriter writes into the mapping it is given.
    font = {"font_name": FONT, "font_size": 10}
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    workbook = xlsxwriter.Workbook(content, {**options, "default_format_properties": font})
    wave = book.survey.wave(book.wave)
    title = f"{wave.label} {book.survey.title} 自由記述の分類" + ("（2人目）" if book.kind == SECOND else "")
    workbook.set_properties({"title": title, "created": _CREATED})
    look = cache(partial(_format, workbook))
    guide = workbook.add_worksheet(GUIDE_SHEET)
    paint_guide(guide, look, title, book)
    for sheet in book.sheets:
        worksheet = workbook.add_worksheet(sheet.name)
        _paint_sheet(worksheet, look, title, book, sheet)
        set_page(worksheet, f"{title}　{sheet.name}")
    paint_themes(workbook, look, title, book)
    for listing in book.listings:
        worksheet = workbook.add_worksheet(listing.name)
        paint_listing(worksheet, look, listing)
        set_page(worksheet, f"{title}　{listing.name}")
    guide.activate()
    workbook.close()
    return content.getvalue()


def _format(workbook: xlsxwriter.Workbook, **properties) -> Format:
    return workbook.add_format({"valign": "top"} | properties)


def _paint_sheet(worksheet: Worksheet, look: Look, title: str, book: Book, sheet: Sheet) -> None:
    names = columns(book.has_machine, has_question=not sheet.question)
    places = {name: place for place, name in enumerate(names)}
    last = _HEADER_ROW + max(len(sheet.rows), 1)
    worksheet.write_string(0, 0, book.mark(sheet), look(font_size=6, font_color="#A6A6A6"))
    worksheet.write_string(0, places[TEXT], f"{title}　{sheet.name}", look(bold=True, font_size=12))
    for row, label in ((1, SHEET_CODER), (2, SHEET_DAY)):
        worksheet.write_string(row, places[TEXT], label, look(align="right", valign="vcenter", bold=True))
        shape = {"num_format": _DAY_FORMAT} if label == SHEET_DAY else {"num_format": "@"}
        cell = look(border=1, bg_color="#FFF2CC", locked=False, align="left", **shape)
        worksheet.write_blank(row, places[TEXT] + 1, None, cell)
        worksheet.set_row(row, 20)
    for name, place in places.items():
        worksheet.write_string(_HEADER_ROW, place, name, header_look(look, name in _UNLOCKED))
        worksheet.set_column(place, place, _WIDTHS[name], None, {"hidden": name == CHECK})
    worksheet.set_row(_HEADER_ROW, 24)
    looks = _column_looks(look, names)
    for number, row in enumerate(sheet.rows, start=_HEADER_ROW + 1):
        _paint_row(worksheet, looks, number, _cells(row, book, QUESTION in names))
    _validate(worksheet, book, sheet, places)
    first, final = places[CHOICES[0]], places[OTHER_CHOICE]
    letters = [xlsxwriter.utility.xl_col_to_name(place) for place in (first, final)]
    begun = f"=COUNTA(${letters[0]}{_HEADER_ROW + 2}:${letters[1]}{_HEADER_ROW + 2})>0"
    done = {"type": "formula", "criteria": begun, "format": look(bg_color="#E2EFDA")}
    worksheet.conditional_format(_HEADER_ROW + 1, 0, last, final, done)
    worksheet.autofilter(_HEADER_ROW, 0, last, len(names) - 1)
    worksheet.freeze_panes(_HEADER_ROW + 1, places[TEXT] + 1)
    worksheet.set_zoom(85)
    worksheet.repeat_rows(_HEADER_ROW)
    worksheet.protect("", ALLOWED)


def _column_looks(look: Look, names: tuple[str, ...]) -> dict[str, Format]:
    """Return the look of the cells of each column."""
    looks = {}
    for name in names:
        shape = {"num_format": _DAY_FORMAT} if name == DAY else {}
        if name in _UNLOCKED:
            shape |= {"locked": False, "quote_prefix": False}
        elif name in _SMALL:
            shape |= {"font_size": 8, "font_color": "#595959"}
        looks[name] = text_look(look, **shape)
    return looks | {COUNT: look(border=1, border_color="#BFBFBF")}


def _paint_row(worksheet: Worksheet, looks: dict[str, Format], number: int, cells: dict[str, str]) -> None:
    # Small letters need less room, across and down.
    plain = height((cells[name], _WIDTHS[name]) for name in looks if name not in _SMALL)
    small = height((cells[name], _WIDTHS[name] * 1.3) for name in _SMALL if name in looks and name != CHECK)
    worksheet.set_row(number, max(plain, small * 0.8))
    for place, (name, look) in enumerate(looks.items()):
        if name == COUNT:
            worksheet.write_number(number, place, int(cells[COUNT]), look)
        elif cells[name]:
            worksheet.write_string(number, place, cells[name], look)
        else:
            worksheet.write_blank(number, place, None, look)


def _cells(row: Row, book: Book, has_question: bool) -> dict[str, str]:
    """Return the row as the text of its cells, the check over the locked ones included."""
    labels = {theme.code: choice_label(theme) for theme in book.survey.themes}
    common = {theme.code for theme in book.themes_of("both")}
    machine = [f"{labels.get(s.code, s.code)}（{s.certainty}）" for s in row.suggestions]
    reasons = [f"{s.code}: {s.reason}" for s in row.suggestions if s.reason]
    cells = {ID: row.text.id, PART: row.part_shown, COUNT: str(row.text.count), TEXT: row.text.shown}
    if has_question:
        cells[QUESTION] = book.survey.question(row.text.question).label
    if book.has_machine:
        cells |= {f"機械案{n + 1}": machine[n] if n < len(machine) else "" for n in range(3)}
        cells |= {"確信": row.suggestions[0].certainty if row.suggestions else "", "根拠": "\n".join(reasons)}
    cells[PRIOR] = prior_text(row)
    chosen = shown_codes(row.chosen, book.survey.themes)
    own = [labels[code] for code in chosen if code not in common]
    cells |= {name: own[n] if n < len(own) else "" for n, name in enumerate(CHOICES)}
    cells[OTHER_CHOICE] = next((labels[code] for code in chosen if code in common), "")
    cells |= {MEMO: row.carried.memo, CODER: row.carried.coder, DAY: row.carried.date}
    cells[CHECK] = check_sum(cells)
    return cells


def prior_text(row: Row) -> str:
    """Return what was decided before, as the cell 前の決定 says it: codes first, then who and when."""
    if not row.prior:
        return ""
    return f"{';'.join(row.prior.codes)}（{row.prior.coder} {row.prior.date}）"


def _validate(worksheet: Worksheet, book: Book, sheet: Sheet, places: dict[str, int]) -> None:
    """Put the drop-downs on; on 確認リスト each row offers the themes of its own question."""
    boxes = {question.id: question.box for question in book.survey.questions}
    wrong = {
        "error_title": "一覧にない値です",
        "error_message": "一覧から選んでください。一覧は「主題一覧」のシートにあります。",
    }
    # One drop-down per run of rows: a sheet holds only so many of them.
    number = _HEADER_ROW + 1
    for question, run in groupby(sheet.rows, key=lambda row: row.text.question):
        themes = {"validate": "list", "source": f"=themes_{boxes[question]}", **wrong}
        last = number + len(list(run)) - 1
        worksheet.data_validation(number, places[CHOICES[0]], last, places[CHOICES[-1]], themes)
        number = last + 1
    if sheet.rows:
        others = {"validate": "list", "source": "=themes_both", **wrong}
        last = _HEADER_ROW + len(sheet.rows)
        worksheet.data_validation(_HEADER_ROW + 1, places[OTHER_CHOICE], last, places[OTHER_CHOICE], others)
