"""Looks of the review workbook, and the sheets of it that are only read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import ceil
from unicodedata import east_asian_width

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipeline.coding.review import Book, Listing, choice_label

THEMES_SHEET = "主題一覧"
_A4, _LINE, _GUIDE_WIDTH = 9, 14, 88
#: What a person may do on a protected sheet; there is no password.
ALLOWED = {"format_columns": True, "format_rows": True, "autofilter": True}

Look = Callable[..., Format]


def height(cells: Iterable[tuple[str, float]]) -> float:
    """Return the height a row needs: ``cells`` are texts and the widths of their columns.

    Set by hand: not every program finds the height of wrapped text by itself when it opens a file.
    """
    most = max((sum(_lines(line, width) for line in text.split("\n")) for text, width in cells), default=1)
    return min(_LINE * most + 4, 400)


def _lines(text: str, width: float) -> int:
    size = sum(2 if east_asian_width(letter) in "FWA" else 1 for letter in text)
    return max(1, ceil(size * 1.04 / max(width - 1, 1)))


def header_look(look: Look, is_unlocked: bool = False) -> Format:
    """Return the look of a header: yellow over what a person fills in."""
    colour = "#FFE699" if is_unlocked else "#DDEBF7"
    return look(
        border=1, bg_color=colour, bold=True, text_wrap=True, align="center", valign="vcenter", font_size=9
    )


def text_look(look: Look, **more) -> Format:
    """Return the look of a cell of text, with ``more`` properties."""
    # A text that begins with = + - @ stays one even when its cell is opened.
    return look(
        **{"border": 1, "border_color": "#BFBFBF", "text_wrap": True, "num_format": "@", "quote_prefix": True}
        | more
    )


def set_page(worksheet: Worksheet, footer: str, is_wide: bool = True) -> None:
    """Set A4 paper, one page wide, with the name and the page number below."""
    worksheet.set_paper(_A4)
    if is_wide:
        worksheet.set_landscape()
    worksheet.fit_to_pages(1, 0)
    worksheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    worksheet.set_footer(f"&L{footer.replace('&', '&&')}&R&P / &N")


def paint_themes(workbook: xlsxwriter.Workbook, look: Look, title: str, book: Book) -> None:
    """Paint 主題一覧 and name the choices of each side, which the drop-downs show."""
    worksheet = workbook.add_worksheet(THEMES_SHEET)
    heads = (("選ぶ言葉", 26), ("定義", 54), ("含む", 40), ("含まない（境目）", 40), ("公表名", 34))
    worksheet.write_string(0, 0, f"主題一覧（第{book.theme_version}版）", look(bold=True, font_size=12))
    for place, (head, width) in enumerate(heads):
        worksheet.write_string(2, place, head, header_look(look))
        worksheet.set_column(place, place, width)
    row = 3
    for box in ("good", "hard", "both"):
        start = row
        for theme in book.themes_of(box):
            more = (getattr(theme, name, "") for name in ("includes", "excludes"))
            cells = (choice_label(theme), theme.definition, *more, theme.public_name)
            worksheet.set_row(row, height(zip(cells, (width for _, width in heads), strict=True)))
            for place, cell in enumerate(cells):
                worksheet.write_string(row, place, cell, text_look(look, bold=place == 0))
            row += 1
        # A side without themes still needs something to point at.
        last = max(row - 1, start)
        workbook.define_name(f"themes_{box}", f"='{THEMES_SHEET}'!$A${start + 1}:$A${last + 1}")
        row += row == start
    worksheet.freeze_panes(3, 1)
    worksheet.protect("", ALLOWED)
    set_page(worksheet, f"{title}　{THEMES_SHEET}")


def paint_listing(worksheet: Worksheet, look: Look, listing: Listing) -> None:
    """Paint a sheet that is only read: its words, then its table."""
    worksheet.write_string(0, 0, listing.name, look(bold=True, font_size=12))
    for row, line in enumerate(listing.words, start=1):
        worksheet.write_string(row, 0, line)
    top = len(listing.words) + 2
    for place, (head, width) in enumerate(listing.columns):
        worksheet.write_string(top, place, head, header_look(look))
        worksheet.set_column(place, place, width)
    for row, cells in enumerate(listing.rows, start=top + 1):
        widths = (width for _, width in listing.columns)
        worksheet.set_row(row, height((str(cell), width) for cell, width in zip(cells, widths, strict=True)))
        for place, cell in enumerate(cells):
            if isinstance(cell, str):
                worksheet.write_string(row, place, cell, text_look(look))
            elif cell is None:
                worksheet.write_blank(row, place, None, text_look(look))
            else:
                shape = {"num_format": "0.00" if isinstance(cell, float) else "#,##0", "quote_prefix": False}
                worksheet.write_number(row, place, cell, text_look(look, **shape))
    worksheet.freeze_panes(top + 1, 0)
    worksheet.protect("", ALLOWED)


def paint_guide(worksheet: Worksheet, look: Look, title: str, book: Book) -> None:
    """Paint 読み方, line by line."""
    worksheet.set_column(0, 0, _GUIDE_WIDTH)
    worksheet.write_string(0, 0, f"{title}　作業のしかた", look(bold=True, font_size=14))
    for row, line in enumerate(book.guide, start=2):
        is_heading = line.startswith("■")
        shape = look(bold=True, font_size=12) if is_heading else look(text_wrap=True, font_size=11)
        worksheet.write_string(row, 0, line, shape)
        worksheet.set_row(row, height([(line, _GUIDE_WIDTH * 0.9)]) + 2)
    worksheet.hide_gridlines(2)
    worksheet.protect("", ALLOWED)
    set_page(worksheet, title, is_wide=False)
