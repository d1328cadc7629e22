"""The sheet 自由記述の分類: themes with both denominators and their change, and the approved lines."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.model import Question
from pipeline.report import printed, themes, wording
from pipeline.report.edition import Edition, Row
from pipeline.report.of_asked import of_asked
from pipeline.report.sentences import comparison
from pipeline.report.sheets import (
    REMARKS,
    Cell,
    Column,
    Grid,
    base_cell,
    count_cell,
    grid,
    percent_cell,
    questions,
    remarks,
)
from pipeline.report.tables import items

#: The two tables stand under each other and share their first columns.
_ABOUT = (Column("設問番号", 9), Column("設問", 27), Column("内容", 40))
_WORDS_WIDTH = 54


def themes_grid(edition: Edition) -> Grid:
    """Return the coded free answers of this wave: people, share of those with content and of those asked, change."""
    unit = edition.survey.unit
    rows = []
    for question in questions(edition, is_free_text=True):
        meanings = {option.id: option.note for option in question.options}
        for item, label in items(edition, question, [edition.wave]):
            about = (question.number, question.label, label, meanings.get(item, ""))
            rows.append((*about, *_cells(edition, question, item)))
    columns = (
        *_ABOUT,
        Column("内容の説明", _WORDS_WIDTH),
        Column(f"回答数（{unit}）", 11),
        Column(f"基数 n（{unit}）", 11),
        Column("割合（%）", 10),
        Column(f"聞いた人 n（{unit}）", 11),
        Column("聞いた人に占める割合（%）", 13),
        Column("前回の割合（%）", 10),
        Column("変化（ポイント）", 10, is_change=True),
        Column("判定", 18),
        Column(REMARKS, 16),
    )
    caption = f"自由記述の分類 {edition.wave.label}（1人の回答が2つ以上の内容に入ることがある。割合、前回の割合、変化は、基数 n に対するもの）"
    return grid("themes", caption, columns, rows)


def _cells(edition: Edition, question: Question, item: str) -> Iterator[Cell]:
    """Yield the cells of one theme after its name."""
    compared = comparison(edition, question, item)
    now, change = compared.now, compared.change
    asked = of_asked(edition, question, now)
    yield from (count_cell(now), base_cell(now), percent_cell(now))
    yield from (base_cell(asked), percent_cell(asked), percent_cell(compared.before))
    points = printed.points(change) if change is not None else None
    yield wording.change_cell(change, compared.before, now) if points is None else points
    yield wording.verdict_word(change) if change is not None else wording.NOT_ASKED
    is_rounded = change is not None and wording.differs_from_printed(change, compared.before, now)
    notes = (
        wording.ROUNDED if is_rounded else "",
        remarks(now),
        wording.signed_reason(change) if change else "",
    )
    yield " ".join(note for note in notes if note)


def lines_grid(edition: Edition) -> Grid:
    """Return the approved lines under the themes of this wave, in the order of the page."""
    rows = [
        (question.number, question.label, label, themes.line_words(line), _answers_cell(line))
        for question in questions(edition, is_free_text=True)
        for item, label in items(edition, question, [edition.wave])
        for line in edition.lines_of(question.id, item)
    ]
    columns = (
        *_ABOUT,
        Column("要約した文", _WORDS_WIDTH),
        Column("その趣旨の回答（件）", 11),
    )
    caption = f"主な意見 {edition.wave.label}（寄せられた回答を担当者が要約した文）"
    return grid("lines", caption, columns, rows)


def _answers_cell(line: Row) -> Cell:
    """Return the number of answers, or words where it is not told."""
    return (
        int(line["stands_for"]) if line["stands_for"] >= themes.FEWEST_ANSWERS else themes.answers_words(line)
    )
