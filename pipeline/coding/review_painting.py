"""The review workbook 分類の作業表 as bytes: the same rows give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache, partial
from math import ceil
from unicodedata import east_asian_width

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
    Listing,
    Row,
    Sheet,
    check_sum,
    choice_label,
    columns,
    shown_codes,
)

FONT = "游ゴシック"
#: No clock: the same rows give the same bytes.
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001  (the file format has no time zone)
GUIDE_SHEET, THEMES_SHEET = "読み方", "主題一覧"
_A4, _HEADER_ROW = 9, 3
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
#: What a person may do on a protected sheet; there is no password.
_ALLOWED = {"format_columns": True, "format_rows": True, "autofilter": True}

_LINE, _GUIDE_WIDTH = 14, 88

Look = Callable[..., Format]


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
    _paint_guide(guide, look, title, book)
    for sheet in book.sheets:
        worksheet = workbook.add_worksheet(sheet.name)
        _paint_sheet(worksheet, look, title, book, sheet)
        _set_page(worksheet, f"{title}　{sheet.name}")
    _paint_themes(workbook, look, title, book)
    for listing in book.listings:
        worksheet = workbook.add_worksheet(listing.name)
        _paint_listing(worksheet, look, listing)
        _set_page(worksheet, f"{title}　{listing.name}")
    guide.activate()
    workbook.close()
    return content.getvalue()


def _format(workbook: xlsxwriter.Workbook, **properties) -> Format:
    return workbook.add_format({"valign": "top"} | properties)


def _height(cells: Iterable[tuple[str, float]]) -> float:
    """Return the height a row needs: ``cells`` are texts and the widths of their columns.

    Set by hand: not every program finds the height of wrapped text by itself when it opens a file.
    """
    most = max((sum(_lines(line, width) for line in text.split("\n")) for text, width in cells), default=1)
    return min(_LINE * most + 4, 400)


def _lines(text: str, width: float) -> int:
    size = sum(2 if east_asian_width(letter) in "FWA" else 1 for letter in text)
    return max(1, ceil(size * 1.04 / max(width - 1, 1)))


def _header(look: Look, is_unlocked: bool = False) -> Format:
    colour = "#FFE699" if is_unlocked else "#DDEBF7"
    return look(
        border=1, bg_color=colour, bold=True, text_wrap=True, align="center", valign="vcenter", font_size=9
    )


def _text(look: Look, **more) -> Format:
    # A text that begins with = + - @ stays one even when its cell is opened.
    return look(
        **{"border": 1, "border_color": "#BFBFBF", "text_wrap": True, "num_format": "@", "quote_prefix": True}
        | more
    )


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
        worksheet.write_string(_HEADER_ROW, place, name, _header(look, name in _UNLOCKED))
        worksheet.set_column(place, place, _WIDTHS[name], None, {"hidden": name == CHECK})
    worksheet.set_row(_HEADER_ROW, 24)
    for number, row in enumerate(sheet.rows, start=_HEADER_ROW + 1):
        _paint_row(worksheet, look, number, places, _cells(row, book, QUESTION in names))
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
    worksheet.protect("", _ALLOWED)


def _paint_row(
    worksheet: Worksheet, look: Look, number: int, places: dict[str, int], cells: dict[str, str]
) -> None:
    # Small letters need less room.
    widths = {name: _WIDTHS[name] * (1.3 if name in _SMALL else 1) for name in places if name != CHECK}
    worksheet.set_row(number, _height((cells[name], width) for name, width in widths.items()))
    for name, place in places.items():
        if name == COUNT:
            worksheet.write_number(number, place, int(cells[COUNT]), look(border=1, border_color="#BFBFBF"))
            continue
        shape = {"num_format": _DAY_FORMAT} if name == DAY else {}
        if name in _UNLOCKED:
            shape |= {"locked": False, "quote_prefix": False}
        elif name in _SMALL:
            shape |= {"font_size": 8, "font_color": "#595959"}
        if cells[name]:
            worksheet.write_string(number, place, cells[name], _text(look, **shape))
        else:
            worksheet.write_blank(number, place, None, _text(look, **shape))


def _cells(row: Row, book: Book, has_question: bool) -> dict[str, str]:
    """Return the row as the text of its cells, the check over the locked ones included."""
    labels = {theme.code: choice_label(theme) for theme in book.survey.themes}
    common = {theme.code for theme in book.themes_of("both")}
    machine = [f"{labels.get(s.code, s.code)}（{s.band}）" for s in row.suggestions]
    reasons = [f"{s.code}: {s.reason}" for s in row.suggestions if s.reason]
    cells = {ID: row.text.id, PART: row.part_shown, COUNT: str(row.text.count), TEXT: row.text.shown}
    if has_question:
        cells[QUESTION] = book.survey.question(row.text.question).label
    if book.has_machine:
        cells |= {f"機械案{n + 1}": machine[n] if n < len(machine) else "" for n in range(3)}
        cells |= {"確信": row.suggestions[0].band if row.suggestions else "", "根拠": "\n".join(reasons)}
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
    for number, row in enumerate(sheet.rows, start=_HEADER_ROW + 1):
        themes = {"validate": "list", "source": f"=themes_{boxes[row.text.question]}", **wrong}
        worksheet.data_validation(number, places[CHOICES[0]], number, places[CHOICES[-1]], themes)
    if sheet.rows:
        others = {"validate": "list", "source": "=themes_both", **wrong}
        last = _HEADER_ROW + len(sheet.rows)
        worksheet.data_validation(_HEADER_ROW + 1, places[OTHER_CHOICE], last, places[OTHER_CHOICE], others)


def _paint_themes(workbook: xlsxwriter.Workbook, look: Look, title: str, book: Book) -> None:
    """Paint 主題一覧 and name the choices of each side, which the drop-downs show."""
    worksheet = workbook.add_worksheet(THEMES_SHEET)
    heads = (("選ぶ言葉", 26), ("定義", 54), ("含む", 40), ("含まない（境目）", 40), ("公表名", 34))
    worksheet.write_string(0, 0, f"主題一覧（第{book.theme_version}版）", look(bold=True, font_size=12))
    for place, (head, width) in enumerate(heads):
        worksheet.write_string(2, place, head, _header(look))
        worksheet.set_column(place, place, width)
    row = 3
    for box in ("good", "hard", "both"):
        start = row
        for theme in book.themes_of(box):
            more = (getattr(theme, name, "") for name in ("includes", "excludes"))
            cells = (choice_label(theme), theme.definition, *more, theme.public_name)
            worksheet.set_row(row, _height(zip(cells, (width for _, width in heads), strict=True)))
            for place, cell in enumerate(cells):
                worksheet.write_string(row, place, cell, _text(look, bold=place == 0))
            row += 1
        # A side without themes still needs something to point at.
        last = max(row - 1, start)
        workbook.define_name(f"themes_{box}", f"='{THEMES_SHEET}'!$A${start + 1}:$A${last + 1}")
        row += row == start
    worksheet.freeze_panes(3, 1)
    worksheet.protect("", _ALLOWED)
    _set_page(worksheet, f"{title}　{THEMES_SHEET}")


def _paint_listing(worksheet: Worksheet, look: Look, listing: Listing) -> None:
    worksheet.write_string(0, 0, listing.name, look(bold=True, font_size=12))
    for row, line in enumerate(listing.words, start=1):
        worksheet.write_string(row, 0, line)
    top = len(listing.words) + 2
    for place, (head, width) in enumerate(listing.columns):
        worksheet.write_string(top, place, head, _header(look))
        worksheet.set_column(place, place, width)
    for row, cells in enumerate(listing.rows, start=top + 1):
        widths = (width for _, width in listing.columns)
        worksheet.set_row(row, _height((str(cell), width) for cell, width in zip(cells, widths, strict=True)))
        for place, cell in enumerate(cells):
            if isinstance(cell, str):
                worksheet.write_string(row, place, cell, _text(look))
            elif cell is None:
                worksheet.write_blank(row, place, None, _text(look))
            else:
                shape = {"num_format": "0.00" if isinstance(cell, float) else "#,##0", "quote_prefix": False}
                worksheet.write_number(row, place, cell, _text(look, **shape))
    worksheet.freeze_panes(top + 1, 0)
    worksheet.protect("", _ALLOWED)


def _paint_guide(worksheet: Worksheet, look: Look, title: str, book: Book) -> None:
    worksheet.set_column(0, 0, _GUIDE_WIDTH)
    worksheet.write_string(0, 0, f"{title}　作業のしかた", look(bold=True, font_size=14))
    for row, line in enumerate(book.guide, start=2):
        is_heading = line.startswith("■")
        shape = look(bold=True, font_size=12) if is_heading else look(text_wrap=True, font_size=11)
        worksheet.write_string(row, 0, line, shape)
        worksheet.set_row(row, _height([(line, _GUIDE_WIDTH * 0.9)]) + 2)
    worksheet.hide_gridlines(2)
    worksheet.protect("", _ALLOWED)
    _set_page(worksheet, title, is_wide=False)


def _set_page(worksheet: Worksheet, footer: str, is_wide: bool = True) -> None:
    worksheet.set_paper(_A4)
    if is_wide:
        worksheet.set_landscape()
    worksheet.fit_to_pages(1, 0)
    worksheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    worksheet.set_footer(f"&L{footer.replace('&', '&&')}&R&P / &N")
