"""A sheet of the workbook on A4: print area, fitted to one page of width, or to two where one is too small.

The program that prints fits the width, because its letters are not those this was counted with.
"""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.worksheet import Worksheet

_A4 = 9
#: Printable width in pixels of the screen inside margins of half an inch.
_LANDSCAPE, _PORTRAIT = 1026, 698
_DIGIT, _CELL_EDGES = 8, 5
#: In percent: below this the letters are too small to read, and the sheet is printed in two parts.
SMALLEST_SCALE = 55


def set_paper(
    sheet: Worksheet, last_row: int, widths: Sequence[int], is_wide: bool = True, repeated: int = 0
) -> None:
    """Set A4 for a sheet whose columns have ``widths`` (half-width characters); rows flow over pages.

    repeated: the first columns that tell what a row is about; they stand on both parts of a sheet
    that is cut; 0 = never cut.
    """
    sheet.set_paper(_A4)
    if is_wide:
        sheet.set_landscape()
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.print_area(0, 0, last_row, len(widths) - 1)
    room, pixels = _LANDSCAPE if is_wide else _PORTRAIT, [_DIGIT * width + _CELL_EDGES for width in widths]
    if not repeated or 100 * room >= SMALLEST_SCALE * sum(pixels):
        sheet.fit_to_pages(1, 0)
        return
    sheet.fit_to_pages(2, 0)
    sheet.repeat_columns(0, repeated - 1)
    sheet.set_v_pagebreaks([_cut(pixels, repeated)])


def _cut(pixels: Sequence[int], repeated: int) -> int:
    """Return the column before which to cut so that both parts are about as wide."""
    return min(
        range(repeated + 1, len(pixels)),
        key=lambda cut: max(sum(pixels[:cut]), sum(pixels[:repeated]) + sum(pixels[cut:])),
    )
