"""The nouns of a results page: frozen values with their words, rendered once and late.

Every exhibit carries ``evidence``: the rows of estimates and changes it was made from, so
that a number on a page can be walked back to its row.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.report.edition import Row

Evidence = tuple[Row, ...]
#: The end of a picture's alternative text: where its numbers stand.
NUMBERS_FOLLOW = "数値は次の表のとおりです。"


@dataclass(frozen=True)
class Sentence:
    """One paragraph of plain text."""

    text: str
    evidence: Evidence = field(default=(), repr=False)


@dataclass(frozen=True)
class Heading:
    """A heading inside a block, one level below the block's own."""

    text: str


@dataclass(frozen=True)
class Bullets:
    """A list whose items are sentences."""

    items: tuple[Sentence, ...]

    @property
    def evidence(self) -> Evidence:
        return tuple(row for item in self.items for row in item.evidence)


@dataclass(frozen=True)
class Table:
    """Text cells ready to print; the first cell of a row is its header. ``notes`` follow it."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    evidence: Evidence = field(default=(), repr=False)


@dataclass(frozen=True)
class Picture:
    """A chart by its ASCII name (no suffix); ``width`` and ``height`` in CSS pixels."""

    name: str
    alt: str
    width: int
    height: int

    @property
    def evidence(self) -> Evidence:
        """Nothing: the numbers of a picture stand in the table that follows it."""
        return ()


Part = Sentence | Heading | Bullets | Table | Picture


@dataclass(frozen=True)
class Block:
    """One section of the page: ``id`` names it in ``[[id]]`` and in fragments/."""

    id: str
    heading: str
    parts: tuple[Part, ...]

    def of(self, noun: type) -> tuple:
        """Return the parts of one noun, in page order."""
        return tuple(part for part in self.parts if isinstance(part, noun))

    @property
    def evidence(self) -> Evidence:
        return tuple(row for part in self.parts if not isinstance(part, Heading) for row in part.evidence)
