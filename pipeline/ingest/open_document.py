"""An .ods file: how far the cells of each sheet reach, and what is hidden, merged, struck or not a value."""

from __future__ import annotations

import io
import zipfile
from xml.etree.ElementTree import Element, ParseError, iterparse

from pipeline.ingest.compound import BrokenBook, Facts
from pipeline.ingest.nouns import Flaw, Span

_NAMES = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TABLE, _STYLE, _OFFICE, _TEXT = (_NAMES % part for part in ("table", "style", "office", "text"))
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
#: Repeats of one cell that are looked at one by one; more are a background, not answers.
_MOST_REPEATS = 1_000
#: A text so long takes the room of one more cell; repeated, it must not fill the memory.
_LONG_TEXT = 1_000


def facts(content: bytes) -> list[Facts]:
    """Return what is to be known of each sheet, in order. Only behind the gate: no DOCTYPE, bounded size."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("content.xml") as part:
            return _Walk().sheets_of(part)
    except (ParseError, ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise BrokenBook from error


class _Walk:
    """The state of one walk: the sheet, row and column reached."""

    def __init__(self):
        self.sheets: list[Facts] = []
        self.struck: set[str] = set()
        self.not_shown: set[str] = set()
        self.row = self.column = self.column_defined = 0

    def sheets_of(self, part) -> list[Facts]:
        """Return the sheets of content.xml, read element by element."""
        is_inside = False
        for event, element in iterparse(part, events=("start", "end")):
            if event == "start":
                if element.tag == f"{_TABLE}table":
                    if is_inside:
                        raise BrokenBook
                    is_inside = True
                    self._begin_sheet(element)
                elif element.tag == f"{_TABLE}table-row":
                    self.column = 0
                continue
            if element.tag == f"{_STYLE}style":
                self._style(element)
            elif is_inside:
                self._end(element)
            if element.tag == f"{_TABLE}table":
                is_inside = False
            if element.tag in (f"{_TABLE}table-row", f"{_TABLE}table"):
                element.clear()
        return self.sheets

    def _style(self, style: Element) -> None:
        name = style.get(f"{_STYLE}name", "")
        for properties in style:
            through = properties.get(f"{_STYLE}text-line-through-style") or properties.get(
                f"{_STYLE}text-line-through-type"
            )
            if through not in (None, "none"):
                self.struck.add(name)
            if properties.get(f"{_TABLE}display") == "false":
                self.not_shown.add(name)

    def _begin_sheet(self, table: Element) -> None:
        is_hidden = table.get(f"{_TABLE}style-name", "") in self.not_shown
        self.sheets.append(Facts(table.get(f"{_TABLE}name", ""), is_hidden))
        self.row = self.column_defined = 0

    def _end(self, element: Element) -> None:
        sheet = self.sheets[-1]
        if element.tag in _CELLS:
            self._cell(sheet, element)
        elif element.tag == f"{_TABLE}table-column":
            count = _count(element, "number-columns-repeated")
            if element.get(f"{_TABLE}visibility") in ("collapse", "filter"):
                columns = range(self.column_defined, self.column_defined + min(count, _MOST_REPEATS))
                sheet.flaws += [Flaw(0, column, "hidden_column") for column in columns]
            self.column_defined += count
        elif element.tag == f"{_TABLE}table-row":
            self._row(sheet, element)

    def _row(self, sheet: Facts, element: Element) -> None:
        count = _count(element, "number-rows-repeated")
        if element.get(f"{_TABLE}visibility") in ("collapse", "filter"):
            sheet.flaws += [
                Flaw(self.row + n, None, "hidden") for n in range(1, min(count, _MOST_REPEATS) + 1)
            ]
        filled = (cell for cell in element if cell.tag in _CELLS and _is_filled(cell))
        if cells := sum(map(_weight, filled)):
            sheet.rows, sheet.cells = self.row + count, sheet.cells + cells * count
        self.row += count

    def _cell(self, sheet: Facts, cell: Element) -> None:
        count = _count(cell, "number-columns-repeated")
        right = _count(cell, "number-columns-spanned") - 1
        down = _count(cell, "number-rows-spanned") - 1
        row, column = self.row + 1, self.column
        self.column += count
        if right or down:
            sheet.spans.append(Span(row, column, row + down, column + right))
        kinds = []
        if cell.tag == _CELLS[0] and cell.get(f"{_TABLE}formula") is not None and not _is_filled(cell):
            # An empty text is a result; no type at all is a formula that nothing calculated.
            kinds += ["uncalculated"] if cell.get(f"{_OFFICE}value-type") is None else []
        if _is_filled(cell):
            sheet.columns = max(sheet.columns, self.column)
            words = _words(cell)
            if words.startswith(("#", "Err:")) and cell.get(f"{_TABLE}formula") is not None:
                kinds.append("error_value")
            inner = (child.get(f"{_TEXT}style-name", "") for child in cell.iter())
            if {cell.get(f"{_TABLE}style-name", ""), *inner} & self.struck:
                kinds.append("struck")
        places = range(column, column + min(count, _MOST_REPEATS))
        sheet.flaws += [Flaw(row, place, kind) for place in places for kind in kinds]


def _count(element: Element, name: str) -> int:
    """Return a repeat or span. Raises BrokenBook for one that no program writes."""
    count = int(element.get(f"{_TABLE}{name}", 1))
    if count < 1:
        raise BrokenBook
    return count


def _weight(cell: Element) -> int:
    """Return how many cells it stands for: repeats, and a very long text counts as several."""
    return _count(cell, "number-columns-repeated") * (1 + len(_words(cell)) // _LONG_TEXT)


def _words(cell: Element) -> str:
    return "".join("".join(paragraph.itertext()) for paragraph in cell.findall(f"{_TEXT}p"))


def _is_filled(cell: Element) -> bool:
    return cell.get(f"{_OFFICE}value-type") not in (None, "string") or bool(_words(cell))
