"""The body of a docx as markup: paragraphs, lists, tables with a header row, boxes, contents.

The markup is written as text and read once: through the calls of python-docx a table costs a
hundred times as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from pipeline.report.documents.nouns import LONG_TABLE, TEXT_WIDTH, Chapter
from pipeline.report.documents.tables_on_paper import right_columns, shares
from pipeline.report.exhibits import Table
from pipeline.report.widths import plain_width

#: Twentieths of a point in a millimetre: the unit of lengths in the format.
_TWIPS = 1440 / 25.4
_BOX_LINE = 8
_FILL = "F2F2F2"
NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PAGE_BREAK = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'


def paragraph(text: str, style: str = "", keep: bool = False, align: str = "", inner: str = "") -> str:
    """Return one paragraph; ``keep`` holds it on the page of what follows; ``inner`` replaces the words."""
    form = f'<w:pStyle w:val="{style}"/>' if style else ""
    form += "<w:keepNext/>" if keep else ""
    form += f'<w:jc w:val="{align}"/>' if align else ""
    return f"<w:p><w:pPr>{form}</w:pPr>{inner or run(text)}</w:p>"


def run(text: str) -> str:
    """Return words in the style of their paragraph; a tab is a tab."""
    cut = escape(plain_width(text)).split("\t")
    return "<w:r>" + "<w:tab/>".join(f'<w:t xml:space="preserve">{piece}</w:t>' for piece in cut) + "</w:r>"


def table(made: Table) -> str:
    """Return caption, table and notes: the header row is repeated, no row is cut by the end of a page."""
    widths = [round(TEXT_WIDTH * share * _TWIPS) for share in shares(made)]
    is_right, is_short = right_columns(made), len(made.rows) <= LONG_TABLE
    rows = [
        _row(made.columns, widths, ["center"] * len(widths), is_header=True, keep=True),
        *(
            _row(
                row,
                widths,
                ["right" if at else "" for at in is_right],
                keep=is_short and row is not made.rows[-1],
            )
            for row in made.rows
        ),
    ]
    notes = "".join(paragraph(note, "Note") for note in made.notes) or paragraph("", "Note")
    return paragraph(made.caption, "Caption", keep=True) + _grid(made.caption, widths, rows) + notes


def box(label: str, lines: int) -> str:
    """Return an empty frame to write in."""
    width = round(TEXT_WIDTH * _TWIPS)
    height = f'<w:trHeight w:val="{round(_BOX_LINE * lines * _TWIPS)}" w:hRule="atLeast"/>'
    row = f"<w:tr><w:trPr><w:cantSplit/>{height}</w:trPr>{_cell(label, width, '', '')}</w:tr>"
    return _grid(label, [width], [row]) + paragraph("", "Note")


def _grid(caption: str, widths: Sequence[int], rows: Sequence[str]) -> str:
    properties = (
        f'<w:tblStyle w:val="TableGrid"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar>'
        '<w:tblLook w:val="04A0" w:firstRow="1" w:lastRow="0" w:firstColumn="1" w:lastColumn="0"'
        f' w:noHBand="1" w:noVBand="1"/><w:tblCaption w:val={quoteattr(plain_width(caption))}/>'
    )
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return f"<w:tbl><w:tblPr>{properties}</w:tblPr><w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"


def _row(
    cells: Sequence[str],
    widths: Sequence[int],
    aligns: Sequence[str],
    is_header: bool = False,
    keep: bool = False,
) -> str:
    fill = f'<w:shd w:val="clear" w:color="auto" w:fill="{_FILL}"/>' if is_header else ""
    form = "<w:cantSplit/>" + ("<w:tblHeader/>" if is_header else "")
    painted = (
        _cell(cell, width, align, fill, keep)
        for cell, width, align in zip(cells, widths, aligns, strict=True)
    )
    return f"<w:tr><w:trPr>{form}</w:trPr>{''.join(painted)}</w:tr>"


def _cell(text: str, width: int, align: str, fill: str, keep: bool = False) -> str:
    words = paragraph(text, "Cell", keep, align)
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{fill}</w:tcPr>{words}</w:tc>'


# ---- headings and contents ---------------------------------------------------------------


def heading(text: str, level: int, number: int | None = None) -> str:
    """Return a heading; one with a number is a goal of the contents."""
    mark = ""
    if number is not None:
        mark = f'<w:bookmarkStart w:id="{number}" w:name="chapter{number}"/><w:bookmarkEnd w:id="{number}"/>'
    return paragraph("", f"Heading{level}", inner=mark + run(text))


def contents(title: str, chapters: Sequence[Chapter]) -> str:
    """Return a contents field that already holds a link to every chapter.

    Word fills in page numbers when a person asks it to; until then the list is right without them.
    """
    begin = _mark("begin") + instruction('TOC \\o "1-2" \\h \\n \\z') + _mark("separate")
    lines = [paragraph(title, "Subtitle")]
    for number, chapter in enumerate(chapters):
        link = f'<w:hyperlink w:anchor="chapter{number}" w:history="1">{run(chapter.heading)}</w:hyperlink>'
        before = begin if number == 0 else ""
        after = _mark("end") if number == len(chapters) - 1 else ""
        lines.append(paragraph("", f"Contents{chapter.level}", inner=before + link + after))
    return "".join(lines)


def page_number() -> str:
    """Return the runs of a field that shows the number of the page."""
    return _mark("begin") + instruction("PAGE") + _mark("separate") + run("1") + _mark("end")


def instruction(text: str) -> str:
    return f'<w:r><w:instrText xml:space="preserve"> {escape(text)} </w:instrText></w:r>'


def _mark(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'
