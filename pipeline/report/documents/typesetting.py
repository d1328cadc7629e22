"""A document as tagged PDF (PDF/UA-1), set by typst with the font of the charts embedded."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from pipeline.report.documents.nouns import (
    LONG_TABLE,
    Chapter,
    Choices,
    Figure,
    Paper,
    PaperPart,
    WritingBox,
    with_leads,
)
from pipeline.report.documents.tables_on_paper import right_columns, shares
from pipeline.report.exhibits import Bullets, Heading, Sentence, Table
from pipeline.report.widths import plain_width

TEMPLATE = Path(__file__).parent.parent / "templates" / "document.typ"
STANDARD = "ua-1"
_PAGES = re.compile(rb"/Type\s*/Pages\s*/Count\s+(\d+)")


def pdf(paper: Paper, folder: Path, is_sheet: bool = False) -> bytes:
    """Return ``paper`` as PDF; ``folder`` holds charts/. No clock, no system font, no network."""
    import typst

    content = plain(paper) | {"is_sheet": is_sheet}
    return typst.compile(
        TEMPLATE.read_bytes(),
        root=str(folder),
        font_paths=[str(font_folder())],
        ignore_system_fonts=True,
        pdf_standards=STANDARD,
        sys_inputs={"paper": json.dumps(content, ensure_ascii=False)},
    )


def font_folder() -> Path:
    """Return the folder of the Japanese font; importing its package would change global settings."""
    spec = find_spec("matplotlib_fontja")
    return Path(spec.origin).parent / "fonts"


def page_count(content: bytes) -> int:
    """Return the number of pages of a PDF made here."""
    return max(int(count) for count in _PAGES.findall(content))


def plain(paper: Paper) -> dict:
    """Return the document as plain values for the template."""
    return {
        "full_title": plain_width(paper.full_title),
        "number": paper.number,
        "mark": paper.mark,
        "lead": [plain_width(line) for line in paper.lead],
        "has_cover": paper.has_cover,
        "size": paper.size,
        "chapters": [_chapter(chapter) for chapter in paper.chapters],
    }


def _chapter(chapter: Chapter) -> dict:
    is_form = any(isinstance(part, Choices | WritingBox) for part in chapter.parts)
    return {
        "heading": plain_width(chapter.heading),
        "level": chapter.level,
        "is_breakable": not is_form,
        "parts": [
            {**_part(part, chapter.level), "is_sticky": is_lead}
            for part, is_lead in with_leads(chapter.parts)
        ],
    }


def _part(part: PaperPart, level: int) -> Mapping[str, object]:
    match part:
        case Sentence():
            return {"kind": "sentence", "text": plain_width(part.text)}
        case Heading():
            return {"kind": "heading", "level": level + 1, "text": plain_width(part.text)}
        case Bullets():
            return {"kind": "bullets", "items": [plain_width(item.text) for item in part.items]}
        case Table():
            return _table(part)
        case Figure():
            return {"kind": "figure", "file": f"charts/{part.name}.svg", "alt": part.alt, "width": part.width}
        case Choices():
            return {"kind": "choices", "items": [plain_width(item) for item in part.items]}
        case WritingBox():
            return {"kind": "box", "label": part.label, "lines": part.lines}
    raise TypeError(type(part).__name__)


def _table(table: Table) -> dict:
    return {
        "kind": "table",
        "caption": plain_width(table.caption),
        "columns": [plain_width(column) for column in table.columns],
        "rows": [[plain_width(cell) for cell in row] for row in table.rows],
        "notes": [plain_width(note) for note in table.notes],
        "widths": shares(table),
        "right": right_columns(table),
        "is_breakable": len(table.rows) > LONG_TABLE,
    }
