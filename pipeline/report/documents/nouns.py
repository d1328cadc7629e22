"""The nouns of a document on paper: what stands in it, not how a program paints it.

A document holds the parts of the page (sentences, headings, lists, tables, pictures) and, for a
questionnaire, what is filled in by hand. Both painters, for PDF and for Word, read these only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.report.exhibits import Part, Sentence, Table

#: Width of the text of a page in millimetres: A4 without its margins.
TEXT_WIDTH = 174
#: A table of more rows may run over the end of a page; its header row is repeated.
LONG_TABLE = 22


@dataclass(frozen=True)
class Choices:
    """The numbered answers of a question, in the order of the form."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class WritingBox:
    """An empty frame to write in, ``lines`` lines high; ``label`` says what for."""

    label: str
    lines: int


@dataclass(frozen=True)
class Figure:
    """A picture of charts/ at a printed width in millimetres; ``height`` follows from the picture."""

    name: str
    alt: str
    width: float
    height: float


PaperPart = Part | Choices | WritingBox | Figure


@dataclass(frozen=True)
class Chapter:
    """A heading of ``level`` 1 or 2 and what stands under it; headings inside are one level below."""

    heading: str
    parts: tuple[PaperPart, ...]
    level: int = 1


@dataclass(frozen=True)
class Paper:
    """One document. ``name`` is its ASCII file name without suffix.

    number: 資料1 and the like; lead: lines under the title; mark: what the head of every page
    says; has_cover: title on a page of its own, with a table of contents; size: points of the text.
    """

    name: str
    number: str
    title: str
    mark: str
    lead: tuple[str, ...]
    chapters: tuple[Chapter, ...] = field(repr=False)
    has_cover: bool = False
    size: float = 10

    @property
    def full_title(self) -> str:
        return f"{self.number} {self.title}".strip()


def with_leads(parts: Sequence[PaperPart]) -> Iterator[tuple[PaperPart, bool]]:
    """Yield every part, and whether it is a sentence that must stay on the page of the table or picture after it."""
    for place, part in enumerate(parts, start=1):
        following = parts[place] if place < len(parts) else None
        yield part, isinstance(part, Sentence) and isinstance(following, Table | Figure)
