"""Styles and page of a docx: Japanese fonts, sizes, exact heights of lines, A4, head and foot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.report.documents.nouns import TEXT_WIDTH
from pipeline.report.documents.word_body import NAMESPACE, page_number, run

if TYPE_CHECKING:
    from docx.document import Document

FONT = "游ゴシック"
_SMALL = 0.85
_HEADING_SIZES = {1: 1.4, 2: 1.15, 3: 1.05}
_SHEET_HEADING_SIZES = {1: 1.15, 2: 1.1, 3: 1.05}
_LINE, _SHEET_LINE = 1.5, 1.35
_INK = (0x1A, 0x1A, 0x1A)
#: Styles that the library's template does not hold.
_OWN = ("Figure", "Choice", "Cell", "Note", "Contents1", "Contents2")
#: Left edge and first line of a paragraph in millimetres.
_INDENTS = {"Choice": (12, -7), "List Bullet": (4, -4), "Note": (3, -3), "Contents2": (6, 0)}


def set_styles(document: Document, size: float, is_sheet: bool) -> None:
    """Set fonts, sizes and distances of every style in use.

    Lines have an exact height: Japanese fonts ask for tall ones, and one sheet would become two.
    """
    from docx.enum.text import WD_LINE_SPACING
    from docx.shared import Mm, Pt, RGBColor

    for name in _OWN:
        document.styles.add_style(name, 1).base_style = document.styles["Normal"]
    line = _SHEET_LINE if is_sheet else _LINE
    for name, points in _sizes(size, is_sheet).items():
        style = document.styles[name]
        _set_fonts(style.element.get_or_add_rPr())
        style.font.size, style.font.color.rgb = Pt(points), RGBColor(*_INK)
        style.font.italic, style.font.bold = False, name.startswith(("Heading", "Title"))
        form = style.paragraph_format
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(points * line)
        form.space_before = form.space_after = Pt(0 if is_sheet or name == "Cell" else 2)
        if name in _INDENTS:
            form.left_indent, form.first_line_indent = map(Mm, _INDENTS[name])
    for level in _HEADING_SIZES:
        form = document.styles[f"Heading {level}"].paragraph_format
        form.space_before, form.space_after = Pt(size * (0.5 if is_sheet else 1.4)), Pt(2 if is_sheet else 4)
        form.keep_with_next = True
    # A picture is as high as it is.
    document.styles["Figure"].paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    _remove(document.styles["Title"].element.pPr, "w:pBdr")
    document.styles["Choice"].paragraph_format.tab_stops.add_tab_stop(Mm(_INDENTS["Choice"][0]))
    for language in document.styles.element.iter(_name("w:lang")):
        for kind in ("val", "eastAsia"):
            language.set(_name(f"w:{kind}"), "ja-JP")


def _sizes(size: float, is_sheet: bool) -> dict[str, float]:
    """Return the size of every style in points."""
    headings = _SHEET_HEADING_SIZES if is_sheet else _HEADING_SIZES
    return (
        {"Normal": size, "List Bullet": size, "Title": 15 if is_sheet else 14, "Subtitle": size * 1.1}
        | {name: size for name in ("Choice", "Contents1", "Contents2")}
        | {name: size * _SMALL for name in ("Caption", "Cell", "Note")}
        | {"Header": 8, "Footer": 8}
        | {f"Heading {level}": size * times for level, times in headings.items()}
    )


def _set_fonts(properties) -> None:
    fonts = properties.get_or_add_rFonts()
    fonts.attrib.clear()
    for kind in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(_name(f"w:{kind}"), FONT)


def set_cover(document: Document) -> None:
    """Set title and lines of a cover in the middle of their page."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm, Pt

    document.styles["Title"].font.size = Pt(18)
    for name, above in (("Title", 70), ("Subtitle", 4)):
        form = document.styles[name].paragraph_format
        form.alignment, form.space_before = WD_ALIGN_PARAGRAPH.CENTER, Mm(above)
    document.styles["Title"].paragraph_format.space_after = Mm(12)


def set_page(document: Document, mark: str, title: str) -> None:
    """Set A4, the margins, the head with the mark and the title, and page numbers."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
    from docx.oxml import parse_xml
    from docx.shared import Mm

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm((210 - TEXT_WIDTH) / 2)
    section.top_margin, section.bottom_margin = Mm(17), Mm(15)
    section.header_distance, section.footer_distance = Mm(8), Mm(7)
    head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
    # The style of the library's template has stops of its own, for another width of paper.
    _remove(head.style.element.pPr, "w:tabs")
    head.paragraph_format.tab_stops.add_tab_stop(Mm(TEXT_WIDTH), WD_TAB_ALIGNMENT.RIGHT)
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for line, runs in ((head, run(f"{mark}\t{title}")), (foot, page_number())):
        for element in parse_xml(f'<w:p xmlns:w="{NAMESPACE}">{runs}</w:p>'):
            line._p.append(element)


def _remove(properties, tag: str) -> None:
    found = properties.find(_name(tag))
    if found is not None:
        properties.remove(found)


def _name(prefixed: str) -> str:
    from docx.oxml.ns import qn

    return qn(prefixed)
