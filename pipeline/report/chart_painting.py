"""SheetCharts painted as native Excel charts with alternative texts."""

from __future__ import annotations

from math import ceil

import xlsxwriter
from xlsxwriter.chart import Chart
from xlsxwriter.worksheet import Worksheet

from pipeline.report import palette, wording
from pipeline.report.sheet_charts import VALUES_SHEET, Series, SheetChart

#: Columns of the default width that a chart covers: the width of an A4 page.
COLUMNS = 11
#: Half-width characters of a column whose width nobody set.
COLUMN_WIDTH = 8
_WIDTH = 700
_ROW_HEIGHT = 20
_LOWEST, _HIGHEST = 260, 460
#: A share under 4 % is too narrow for its number.
_BAND_LABEL = "[>=4]0.0;;"
_TYPES = {
    "band": {"type": "bar", "subtype": "percent_stacked"},
    "bar": {"type": "bar"},
    "line": {"type": "line"},
}


def insert(book: xlsxwriter.Workbook, sheet: Worksheet, row: int, chart: SheetChart, start: int) -> int:
    """Draw ``chart`` at ``row`` from its table, whose header stands in row ``start``; return the row after it."""
    drawn = book.add_chart(_TYPES[chart.kind])
    for place, series in enumerate(chart.series, start=1):
        drawn.add_series(_series(chart, place, series, start))
    _set_axes(drawn, chart)
    drawn.set_title({"name": chart.title, "name_font": {"size": 12, "bold": True}, "overlay": False})
    drawn.set_legend({"position": "top"} if len(chart.series) > 1 else {"none": True})
    drawn.show_blanks_as("gap")
    height = _height(chart)
    drawn.set_size({"width": _WIDTH, "height": height})
    sheet.insert_chart(row, 0, drawn, {"description": chart.alt, "object_position": 2})
    return row + ceil(height / _ROW_HEIGHT)


def _height(chart: SheetChart) -> int:
    if chart.kind == "line":
        return 300
    bars = len(chart.values.rows) * (len(chart.series) if chart.kind == "bar" else 1.6)
    return int(min(_HIGHEST, max(_LOWEST, 110 + 24 * bars)))


def _series(chart: SheetChart, place: int, series: Series, start: int) -> dict:
    first, last = start + 1, start + len(chart.values.rows)
    made = {
        "name": [VALUES_SHEET, start, place],
        "categories": [VALUES_SHEET, first, 0, last, 0],
        "values": [VALUES_SHEET, first, place, last, place],
    }
    if chart.kind == "line":
        return made | _line_look(series)
    outline = palette.outline_of(series.fill) or palette.WHITE
    # A whole number 0 is nobody, which is written otherwise than a share below the unit.
    cells = [row[place] for row in chart.values.rows]
    nobody = [{"value": wording.ZERO} if cell == 0 and isinstance(cell, int) else None for cell in cells]
    label = {"value": True, "num_format": "0.0", "custom": nobody}
    if chart.kind == "band":
        font = {"color": palette.text_on(series.fill)}
        label = {"value": True, "num_format": _BAND_LABEL, "position": "center", "font": font}
    return (
        made
        | {
            "fill": {"color": series.fill},
            "border": {"color": outline, "width": 0.75},
            "gap": 50,
            "data_labels": label,
        }
        | ({"overlap": 100} if chart.kind == "band" else {})
    )


def _line_look(series: Series) -> dict:
    if not series.has_line:
        colour = {"color": series.fill}
        marker = {"type": "long_dash", "size": 9, "border": colour, "fill": colour}
        return {"line": {"none": True}, "marker": marker}
    colour = {"color": series.fill}
    return {
        "line": {**colour, "width": 2.25},
        "marker": {"type": "circle", "size": 7, "border": colour, "fill": colour},
        "data_labels": {"value": True, "num_format": "0.0", "position": "above"},
    }


def _set_axes(drawn: Chart, chart: SheetChart) -> None:
    """Bars start at zero and read from the top; the value axis of bars is in their labels."""
    if chart.kind == "line":
        drawn.set_x_axis({"text_axis": True})
        drawn.set_y_axis({"min": 0, "max": 100, "num_format": "0", "major_gridlines": _grid()})
        return
    drawn.set_y_axis({"reverse": True, "major_tick_mark": "none"})
    drawn.set_x_axis({"min": 0, "num_format": "0", "major_gridlines": _grid(), "label_position": "none"})


def _grid() -> dict:
    return {"visible": True, "line": {"color": palette.GRID, "width": 0.5}}
