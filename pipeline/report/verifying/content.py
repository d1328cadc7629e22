"""HTML of any origin → its sentences and tables: what is left of a page when styles and menus do not count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from pipeline.matching import fold_tight

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "caption",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "title",
        "tr",
        "ul",
    ]
)
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_UNSEEN = frozenset(
    ["script", "style", "noscript", "template", "svg", "button", "textarea", "select", "nav"]
)
#: What index.html puts around the page for the officer: elements that end, of this class.
_TOOLS, _TOOL_TAGS = ("class", "tools"), ("aside", "div", "p")
_SENTENCE = re.compile(r"[^。｡]*[。｡]|[^。｡]+")


@dataclass(frozen=True)
class Passage:
    """One sentence, heading, caption or sentence of an alternative text, and the heading it stands under."""

    text: str
    section: str = ""
    is_heading: bool = False
    #: Of the page that was published: false for what need not stand in a saved copy (the title, 【案】).
    is_needed: bool = True

    @property
    def key(self) -> str:
        """What must be equal for two passages to be the same: no widths, spaces or kinds of dash."""
        return fold_tight(self.text)


@dataclass(frozen=True)
class Grid:
    """A table: its rows of cells as text, the header first; ``caption`` is "" where the tag is gone."""

    caption: str
    rows: tuple[tuple[str, ...], ...]
    section: str = ""
    #: How many passages of the page come before the table.
    at: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        return self.rows[0] if self.rows else ()


@dataclass(frozen=True)
class Content:
    """The passages and the tables of a page, in its order."""

    passages: tuple[Passage, ...]
    grids: tuple[Grid, ...]


def content(html: str) -> Content:
    """Return what a reader of ``html`` is told, in page order; scripts, styles, menus and buttons apart."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_passage()
    return Content(tuple(reader.passages), tuple(reader.grids))


@dataclass
class _OpenTable:
    """A table that is being read; ``cell`` and ``caption`` are None outside of one."""

    at: int
    caption: str = ""
    rows: list[list[str]] = field(default_factory=list)
    cell: list[str] | None = None
    in_caption: bool = False
    is_layout: bool = False

    def end_cell(self) -> None:
        if self.cell is not None and not self.is_layout:
            self.rows[-1].append(_plain("".join(self.cell)))
        self.cell = None


class _Reader(HTMLParser):
    """Collects passages and tables. A table that holds a heading or a table is there for looks only."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.passages: list[Passage] = []
        self.grids: list[Grid] = []
        self._text: list[str] = []
        self._tables: list[_OpenTable] = []
        self._unseen = ""
        self._heading = ""
        self._section = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._unseen:
            return
        if tag in _UNSEEN or (tag in _TOOL_TAGS and _TOOLS in attrs):
            self._unseen = tag
        elif tag == "img":
            self._passages_of(next((value or "" for name, value in attrs if name == "alt"), ""))
        elif tag in _BLOCKS:
            self._start_block(tag)

    def _start_block(self, tag: str) -> None:
        if tag in _HEADINGS or tag == "table":
            self._become_layout()
        table = self._table
        if table is None or table.is_layout:
            self.end_passage()
        if tag in _HEADINGS:
            self._heading = tag
        elif tag == "table":
            self._tables.append(_OpenTable(len(self.passages)))
        elif table is not None:
            self._start_in_table(table, tag)

    def _start_in_table(self, table: _OpenTable, tag: str) -> None:
        if tag == "caption":
            table.in_caption = True
        elif tag == "tr":
            table.end_cell()
            table.rows.append([])
        elif tag in ("td", "th"):
            table.end_cell()
            table.rows = table.rows or [[]]
            table.cell = []

    def handle_endtag(self, tag: str) -> None:
        if self._unseen:
            self._unseen = "" if tag == self._unseen else self._unseen
            return
        if tag not in _BLOCKS:
            return
        table = self._table
        if table is None or table.is_layout:
            self.end_passage()
        if tag in _HEADINGS:
            self._heading = ""
        elif table is not None:
            self._end_in_table(table, tag)

    def _end_in_table(self, table: _OpenTable, tag: str) -> None:
        if tag == "caption":
            table.in_caption = False
            self._passages_of(table.caption)
        elif tag in ("td", "th", "tr"):
            table.end_cell()
        elif tag == "table":
            table.end_cell()
            self._tables.pop()
            rows = tuple(tuple(row) for row in table.rows if any(row))
            if rows and not table.is_layout:
                self.grids.append(Grid(_plain(table.caption), rows, self._section, table.at))

    def handle_data(self, data: str) -> None:
        table = self._table
        if self._unseen:
            return
        if table is None or table.is_layout:
            self._text.append(data)
        elif table.in_caption:
            table.caption += data
        elif table.cell is not None:
            table.cell.append(data)
        elif data.strip():
            self._text.append(data)

    def end_passage(self) -> None:
        """Close the run of text that is being read."""
        text, self._text = "".join(self._text), []
        self._passages_of(text)

    def _passages_of(self, text: str) -> None:
        is_heading = bool(self._heading)
        if is_heading and _plain(text):
            self._section = _plain(text)
        for sentence in sentences(text):
            self.passages.append(Passage(sentence, self._section, is_heading))

    def _become_layout(self) -> None:
        """Give back what the open cells hold: the page itself lies in this table."""
        for table in self._tables:
            if not table.is_layout:
                table.is_layout = True
                held = [cell for row in table.rows for cell in row] + ["".join(table.cell or ())]
                for text in held:
                    self._passages_of(text)

    @property
    def _table(self) -> _OpenTable | None:
        return self._tables[-1] if self._tables else None


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a run of text, each ending in a full stop where it has one."""
    for piece in _SENTENCE.findall(_plain(text)):
        if piece.strip():
            yield piece.strip()


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
