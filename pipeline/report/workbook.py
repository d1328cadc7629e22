"""tables.xlsx: the tables and charts of an edition for people who work in Excel.

Every table is a real Excel table with one header row; numbers are numbers under a number
format. Crosses are laid out one table per question and attribute under each other, groups
down and options across: a cross is read in two directions, and questions have different
options. The long form of the same numbers is opendata/estimates.csv.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from math import ceil
from pathlib import Path
from unicodedata import east_asian_width

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipeline.report import chart_painting, wording
from pipeline.report.answered import answered_grid
from pipeline.report.edition import Edition
from pipeline.report.front_matter import contents_grid, cover_lines, note_grids, title
from pipeline.report.sheet_changes import PAIR_COLUMNS, change_grid, trend_grid
from pipeline.report.sheet_charts import VALUES_SHEET, SheetChart, sheet_charts
from pipeline.report.sheet_inference import contrast_grids, slope_grid
from pipeline.report.sheet_paper import set_paper
from pipeline.report.sheet_silent import silent_sheets
from pipeline.report.sheet_themes import lines_grid, themes_grid
from pipeline.report.sheets import REMARKS, Cell, Column, Grid, Score, cross_grids, topline_grid
from pipeline.report.templating import is_word

FILE = "tables.xlsx"
FONT = "游ゴシック"
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
#: No clock: the same tables give the same bytes.
CREATED = datetime(2000, 1, 1)  # noqa: DTZ001  (the file format has no time zone)
_LINE_HEIGHT = 18
_COVER_WIDTH = 90
_NARROWEST = 7
_SHORT_HEADER = 14
_COUNT = '#,##0;-#,##0;"-"'
_SMALLEST_P = Decimal("0.0001")


@dataclass(frozen=True)
class Sheet:
    """One sheet of tables. ``parts`` are printed from a new page each; ``about`` columns stand on both
    halves of a sheet too wide for a page.
    """

    name: str
    lead: str
    parts: tuple[tuple[Grid, ...], ...]
    charts: tuple[SheetChart, ...] = ()
    about: int = 0

    @property
    def grids(self) -> tuple[Grid, ...]:
        return tuple(grid for part in self.parts for grid in part)


@dataclass(frozen=True)
class Paper:
    """The open workbook with its formats; ``rows`` notes where each table and chart starts."""

    book: xlsxwriter.Workbook
    look: Callable[..., Format]
    rows: dict[str, int] = field(default_factory=dict)


def write(edition: Edition, folder: Path) -> None:
    """Write tables.xlsx into ``folder``; the same tables give the same bytes."""
    sheets = list(_sheets(edition))
    # A fresh font each time: XlsxWriter writes into the mapping it is given.
    font = {"font_name": FONT, "font_size": 11}
    # Built in memory: a disk that fills up must leave no half-open file behind.
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {**OPTIONS, "default_format_properties": font})
    book.set_properties({"title": title(edition), "created": CREATED})
    paper = Paper(book, cache(lambda **properties: book.add_format(properties)))
    cover, contents = book.add_worksheet("表紙"), book.add_worksheet("目次")
    painted = [(sheet, book.add_worksheet(sheet.name)) for sheet in sheets]
    _paint_cover(paper, cover, edition)
    # Charts after tables, contents last: each points at rows that must be known.
    for sheet, worksheet in sorted(painted, key=lambda pair: bool(pair[0].charts)):
        _paint_sheet(paper, worksheet, sheet)
    _paint_contents(paper, contents, sheets)
    book.close()
    (folder / FILE).write_bytes(content.getvalue())


def _sheets(edition: Edition) -> Iterator[Sheet]:
    """Yield the sheets after 表紙 and 目次, in order; one without rows is left out."""
    yield Sheet("単純集計", "この調査回の、設問ごとの人数と割合です。", ((topline_grid(edition),),))
    crosses: dict[str, list[Grid]] = {}
    for grid in cross_grids(edition):
        crosses.setdefault(grid.caption.split(" × ")[0], []).append(grid)
    if crosses:
        lead = "属性別の集計です。表は設問と属性ごとに1つです。縦長の形は、オープンデータの estimates.csv にあります。"
        yield Sheet("クロス集計", lead, tuple(tuple(grids) for grids in crosses.values()))
    slopes = slope_grid(edition)
    answered = answered_grid(edition)
    trends = ((trend_grid(edition),), *([(answered,)] if answered else []), *([(slopes,)] if slopes.rows else []))
    yield Sheet("経年比較", "これまでの調査との比較です。差と判定は、次のシートにあります。", trends)
    lead = "2つの年度の差と、その差が偶然の範囲かどうかの判定です。印刷では左右に分かれます。"
    yield Sheet("変化と判定", lead, ((change_grid(edition),),), about=PAIR_COLUMNS)
    contrasts = tuple((grid,) for grid in contrast_grids(edition))
    if contrasts:
        lead = "属性の区分と、その区分を除いたほかの人全員との比較です。検定する項目だけを載せています。"
        yield Sheet("区分の比較", lead, contrasts)
    for name, lead, parts in silent_sheets(edition):
        yield Sheet(name, lead, parts)
    coded = tuple(table for table in (themes_grid(edition), lines_grid(edition)) if table.rows)
    if coded:
        lead = "自由に書かれた回答を、担当者が読んで内容ごとに分けた結果です。"
        yield Sheet("自由記述の分類", lead, (coded,))
    yield Sheet("注記", "数値の見方、記号と判定の意味、設問の一覧です。", (note_grids(edition),))
    charts = tuple(sheet_charts(edition))
    if charts:
        yield Sheet("グラフ", f"Excelのグラフです。値はシート「{VALUES_SHEET}」にあります。", (), charts)
        yield Sheet(
            VALUES_SHEET, "シート「グラフ」の元の値です。", (tuple(chart.values for chart in charts),)
        )


# ---- sheets ------------------------------------------------------------------------------


def _paint_cover(paper: Paper, sheet: Worksheet, edition: Edition) -> None:
    sheet.set_column(0, 0, _COVER_WIDTH)
    sheet.write_string(0, 0, title(edition), paper.look(bold=True, font_size=18, text_wrap=True))
    lines = cover_lines(edition)
    for row, line in enumerate(lines, start=1):
        sheet.set_row(row, _LINE_HEIGHT * _lines(line, _COVER_WIDTH) + 3)
        sheet.write_string(row, 0, line, paper.look(text_wrap=True, valign="top"))
    set_paper(sheet, len(lines), [_COVER_WIDTH], is_wide=False)


def _paint_contents(paper: Paper, sheet: Worksheet, sheets: Sequence[Sheet]) -> None:
    entries = [(part.name, thing) for part in sheets for thing in (*part.grids, *part.charts)]
    grid = contents_grid([(name, _caption(thing)) for name, thing in entries])
    sheet.write_string(0, 0, "目次", paper.look(bold=True, font_size=14))
    sheet.write_string(1, 0, "シートの名前から、その表や図へ移れます。")
    _paint_grid(paper, sheet, 3, grid)
    for row, (name, thing) in enumerate(entries, start=5):
        place = f"internal:'{name}'!A{paper.rows[_key(thing)] + 1}"
        sheet.write_url(row, 0, place, paper.look(**_BODY, font_color="#0017C1", underline=1), name)
    widths = _set_sizes(sheet, [(4, grid)])
    set_paper(sheet, 4 + len(entries), widths, is_wide=False)


def _caption(thing: Grid | SheetChart) -> str:
    return thing.caption if isinstance(thing, Grid) else thing.title


def _key(thing: Grid | SheetChart) -> str:
    return thing.name if isinstance(thing, Grid) else f"drawn {thing.values.name}"


def _paint_sheet(paper: Paper, worksheet: Worksheet, sheet: Sheet) -> None:
    worksheet.write_string(0, 0, sheet.name, paper.look(bold=True, font_size=14))
    number = f"表は{len(sheet.grids)}個あります。" if len(sheet.grids) > 1 else ""
    worksheet.write_string(1, 0, sheet.lead + number)
    if sheet.charts:
        _paint_charts(paper, worksheet, sheet.charts)
        return
    row, breaks, placed = 3, [], []
    for part in sheet.parts:
        breaks.append(row)
        for grid in part:
            paper.rows[grid.name] = row
            placed.append((row + 1, grid))
            row = _paint_grid(paper, worksheet, row, grid) + 2
    if len(sheet.grids) == 1:
        worksheet.repeat_rows(4)
    worksheet.set_h_pagebreaks(breaks[1:])
    set_paper(worksheet, row - 2, _set_sizes(worksheet, placed), repeated=sheet.about)


def _paint_charts(paper: Paper, sheet: Worksheet, charts: Sequence[SheetChart]) -> None:
    row, breaks = 3, []
    for place, chart in enumerate(charts):
        if place and chart.question != charts[place - 1].question:
            breaks.append(row)
        paper.rows[_key(chart)] = row
        sheet.write_string(row, 0, f"図{place + 1} {chart.title}", paper.look(bold=True))
        row = chart_painting.insert(paper.book, sheet, row + 1, chart, paper.rows[chart.values.name] + 1) + 1
    sheet.set_h_pagebreaks(breaks)
    set_paper(sheet, row, [chart_painting.COLUMN_WIDTH] * chart_painting.COLUMNS, is_wide=False)


def _set_sizes(sheet: Worksheet, placed: Sequence[tuple[int, Grid]]) -> list[int]:
    """Set widths of columns and heights of rows for tables with the row of their headers; return the widths.

    Heights are set, not left to the program that opens the file: not every one adapts them.
    """
    widths: dict[int, int] = {}
    for _, grid in placed:
        for place, column in enumerate(grid.columns):
            widths[place] = max(widths.get(place, 0), _needed(column, [row[place] for row in grid.rows]))
    for place, width in widths.items():
        sheet.set_column(place, place, width)
    for first, grid in placed:
        headers = tuple(column.header for column in grid.columns)
        for row, cells in enumerate((headers, *grid.rows), start=first):
            lines = max(_lines(cell, widths[place]) for place, cell in enumerate(cells))
            sheet.set_row(row, _LINE_HEIGHT * lines + 3)
    return list(widths.values())


def _needed(column: Column, cells: Sequence[Cell]) -> int:
    """Return the width that fits every cell on one line and the header on two, within the column's most."""
    longest = max((_length(cell) for cell in cells), default=0)
    header = _length(column.header)
    return min(
        column.width, max(_NARROWEST, longest + 2, header + 2 if header <= _SHORT_HEADER else header // 2 + 4)
    )


def _length(cell: Cell) -> int:
    """Return the width of a cell in half-width digits; a Japanese character is 15 pixels, a digit 8."""
    if not isinstance(cell, str):
        return len(f"{cell:,}") + 1
    return ceil(sum(15 if east_asian_width(character) in "WFA" else 8 for character in cell) / 8)


def _lines(cell: Cell, width: int) -> int:
    """Return how many lines a text takes; a number takes one."""
    return max(1, -(-_length(cell) // (width - 1))) if isinstance(cell, str) else 1


# ---- tables ------------------------------------------------------------------------------

_BODY = {"border": 1, "border_color": "#949494", "valign": "top", "text_wrap": True}
_HEAD = {"border": 1, "border_color": "#949494", "valign": "vcenter", "text_wrap": True, "bold": True}


def _paint_grid(paper: Paper, sheet: Worksheet, row: int, grid: Grid) -> int:
    """Write caption, header and rows from ``row`` on; return the last row."""
    sheet.write_string(row, 0, grid.caption, paper.look(bold=True))
    first, last = row + 1, row + 1 + max(1, len(grid.rows))
    head = paper.look(**_HEAD)
    columns = [{"header": column.header, "header_format": head} for column in grid.columns]
    options = {"name": grid.name, "columns": columns, "autofilter": False, "style": None}
    sheet.add_table(first, 0, last, len(columns) - 1, options)
    reads = [_has_words(grid, place) for place in range(len(columns))]
    for at, cells in enumerate(grid.rows, start=first + 1):
        for place, cell in enumerate(cells):
            _paint_cell(paper, sheet, (at, place), cell, grid.columns[place], reads[place])
    return last


def _has_words(grid: Grid, place: int) -> bool:
    """Return whether a column is read from the left: what a row is about, words such as 判定, remarks."""
    cells = (row[place] for row in grid.rows)
    is_about = not place or grid.columns[place].header == REMARKS
    return is_about or any(isinstance(cell, str) and is_word(cell) for cell in cells)


def _paint_cell(
    paper: Paper, sheet: Worksheet, at: tuple[int, int], cell: Cell, column: Column, has_words: bool
) -> None:
    if cell == "" and isinstance(cell, str):
        sheet.write_blank(*at, None, paper.look(**_BODY))
    elif isinstance(cell, str):
        align = {} if has_words or not _is_sign(cell) else {"align": "right"}
        sheet.write_string(*at, cell, paper.look(**_BODY, **align))
    else:
        form = paper.look(**_BODY, num_format=number_format(cell, column))
        sheet.write_number(*at, float(cell) if isinstance(cell, Decimal) else cell, form)


def _is_sign(cell: str) -> bool:
    """True for what stands in place of a number: a sign or a range."""
    return cell in (wording.WITHHELD, wording.NOT_ASKED, wording.ZERO) or wording.RANGE in cell


def number_format(cell: int | Decimal, column: Column) -> str:
    """Return the number format of a cell: people, shares to their decimals, signed changes, p-values."""
    if isinstance(cell, int):
        return _COUNT
    if column.header.startswith("p値"):
        is_tiny = cell < _SMALLEST_P
        return f'"{wording.p_text_or_floor(cell)}"' if is_tiny else "0." + "0" * -cell.as_tuple().exponent
    decimals = -cell.as_tuple().exponent
    shown = "0." + "0" * decimals if decimals else "0"
    shown += '"点"' if isinstance(cell, Score) else ""
    return f"+{shown};-{shown};{shown}" if column.is_change else shown
