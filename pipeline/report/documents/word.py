"""A document as docx: real headings, tables with a repeated header row, pictures with alt texts.

python-docx writes the clock into the archive; the archive is packed again without it, so that the
same document is the same file.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.report.documents import word_body, word_styles
from pipeline.report.documents.nouns import Chapter, Choices, Figure, Paper, PaperPart, WritingBox, with_leads
from pipeline.report.exhibits import Bullets, Heading, Sentence, Table
from pipeline.report.widths import plain_width

if TYPE_CHECKING:
    from docx.document import Document

#: No clock: the same document gives the same bytes.
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001  (the file format has no time zone)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
#: Parts of the library's own template that say nothing of this document, and where others mention them.
_OF_THE_TEMPLATE = re.compile("thumbnail|customXml")
_MENTIONS = re.compile(rb'<(?:Relationship|Default|Override)[^>]*(?:thumbnail|"jpeg"|customXml)[^>]*/>')
_COMPANY = re.compile(rb"<(Company|Manager)>[^<]*</\1>")


def docx(paper: Paper, folder: Path, is_sheet: bool = False) -> bytes:
    """Return ``paper`` as docx; ``folder`` holds charts/. The author stays empty."""
    from docx import Document as new_document
    from docx.oxml import parse_xml

    document = new_document()
    word_styles.set_styles(document, paper.size, is_sheet)
    if paper.has_cover:
        word_styles.set_cover(document)
    word_styles.set_page(document, paper.mark, plain_width(paper.full_title))
    _set_properties(document, paper)
    figures: list[Figure] = []
    markup = "".join(_body(paper, figures))
    body = parse_xml(f'<w:body xmlns:w="{word_body.NAMESPACE}">{markup}</w:body>')
    last = document.element.body.sectPr
    for element in list(body):
        last.addprevious(element)
    _place_figures(document, figures, folder)
    return _packed(document)


def _set_properties(document: Document, paper: Paper) -> None:
    properties = document.core_properties
    properties.title, properties.language = plain_width(paper.full_title), "ja-JP"
    for name in ("author", "comments", "keywords", "subject", "category", "last_modified_by"):
        setattr(properties, name, "")
    properties.created = properties.modified = _CREATED
    properties.revision = 1


def _body(paper: Paper, figures: list[Figure]) -> Iterator[str]:
    yield word_body.paragraph(paper.full_title, "Title")
    for line in paper.lead:
        yield word_body.paragraph(line, "Subtitle" if paper.has_cover else "")
    if paper.has_cover:
        yield word_body.PAGE_BREAK
        yield word_body.contents("目次", paper.chapters)
        yield word_body.PAGE_BREAK
    for number, chapter in enumerate(paper.chapters):
        yield word_body.heading(chapter.heading, chapter.level, number)
        yield from _chapter(chapter, figures)


def _chapter(chapter: Chapter, figures: list[Figure]) -> Iterator[str]:
    is_form = any(isinstance(part, Choices | WritingBox) for part in chapter.parts)
    for part, is_lead in with_leads(chapter.parts):
        yield _part(part, chapter.level, figures, keep=is_lead or is_form)


def _part(part: PaperPart, level: int, figures: list[Figure], keep: bool) -> str:
    match part:
        case Sentence():
            return word_body.paragraph(part.text, keep=keep)
        case Heading():
            return word_body.heading(part.text, level + 1)
        case Bullets():
            return "".join(word_body.paragraph(item.text, "ListBullet") for item in part.items)
        case Table():
            return word_body.table(part)
        case Figure():
            figures.append(part)
            return word_body.paragraph("", "Figure")
        case Choices():
            last = len(part.items)
            return "".join(
                word_body.paragraph(f"{place}\t{item}", "Choice", keep=place < last)
                for place, item in enumerate(part.items, start=1)
            )
        case WritingBox():
            return word_body.box(part.label, part.lines)
    raise TypeError(type(part).__name__)


def _place_figures(document: Document, figures: list[Figure], folder: Path) -> None:
    """Put every chart with its alt text into the paragraph that waits for it."""
    from docx.shared import Mm

    waiting = [
        line for line in document.element.body.iterchildren() if getattr(line, "style", None) == "Figure"
    ]
    for number, (line, figure) in enumerate(zip(waiting, figures, strict=True), start=1):
        path = folder / "charts" / f"{figure.name}.png"
        inline = document.part.new_pic_inline(str(path), width=Mm(figure.width))
        inline.docPr.set("id", str(number))
        inline.docPr.set("name", figure.name)
        inline.docPr.set("descr", plain_width(figure.alt))
        line.add_r().append(_drawing(inline))


def _drawing(inline):
    from docx.oxml import OxmlElement

    drawing = OxmlElement("w:drawing")
    drawing.append(inline)
    return drawing


def _packed(document: Document) -> bytes:
    """Return the archive with every date fixed and without what the library's own template brings along."""
    written, packed = io.BytesIO(), io.BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            if _OF_THE_TEMPLATE.search(name):
                continue
            content = old.read(name)
            if name.endswith(".rels") or name == "[Content_Types].xml":
                content = _MENTIONS.sub(b"", content)
            if name == "docProps/app.xml":
                content = _COMPANY.sub(b"", content)
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return packed.getvalue()
