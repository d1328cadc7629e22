"""Cover, contents and notes of the workbook: its words, from the page's outline and notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.report import wording
from pipeline.report.asking import answer_form, asked_whom
from pipeline.report.blocks import NOTES, OUTLINE, blocks
from pipeline.report.edition import Edition
from pipeline.report.exhibits import Block, Bullets, Heading
from pipeline.report.page import notice
from pipeline.report.sheets import Column, Grid, grid, questions


def title(edition: Edition) -> str:
    """Return the title of the workbook."""
    survey = edition.survey
    return f"{survey.organisation} {survey.title} {edition.wave.label} 集計表"


def cover_lines(edition: Edition) -> list[str]:
    """Return the lines under the title: the notice, then 調査の概要."""
    outline = _block(edition, OUTLINE)
    facts = [sentence.text for bullets in outline.of(Bullets) for sentence in bullets.items]
    return [notice(edition), "", outline.heading, *facts]


def contents_grid(entries: Sequence[tuple[str, str]]) -> Grid:
    """Return the table of contents of (sheet name, caption) pairs."""
    return grid("contents", "表と図の一覧", (Column("シート", 20), Column("表・図", 80)), entries)


def note_grids(edition: Edition) -> tuple[Grid, ...]:
    """Return the notes of the page as one table, and the list of questions."""
    columns = (Column("項目", 18), Column("内容", 90))
    notes = grid("notes", "数値の見方、記号と判定の意味", columns, _note_rows(_block(edition, NOTES)))
    return notes, _questions_grid(edition)


def _block(edition: Edition, name: str) -> Block:
    return next(block for block in blocks(edition) if block.id == name)


def _note_rows(block: Block) -> Iterator[tuple[str, str]]:
    """Yield (heading, sentence), the heading repeated on every row."""
    heading = block.heading
    for part in block.parts:
        if isinstance(part, Heading):
            heading = part.text
        elif isinstance(part, Bullets):
            yield from ((heading, sentence.text) for sentence in part.items)


def _questions_grid(edition: Edition) -> Grid:
    asked = [*questions(edition), *questions(edition, is_free_text=True)]
    rows = [
        (
            question.heading,
            f"{edition.wave.wording[question.id] or '（設問文の記録なし）'}（{answer_form(question)}。"
            f"{asked_whom(edition.survey, question)}。基数は{wording.BASE_WORDS[question.base]}）",
        )
        for question in asked
        if edition.wave.asks(question.id)
    ]
    caption = f"設問の一覧 {edition.wave.label}"
    return grid("questions", caption, (Column("設問", 18), Column("設問文、聞き方、聞いた相手", 90)), rows)
