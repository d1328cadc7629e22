"""概要: one sheet of A4. Response, 主な結果, small tables and charts, how to read it, contact.

What is chosen is chosen by verdict: rises and falls are told in full, everything else stands in
the table of the headline items. Where the sheet is full, charts go first, then the rows of
earlier response rates; the table of the headline items is only cut when nothing else is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape

from pipeline.report import sentences, wording
from pipeline.report.blocks import FINDINGS, NOTES, OUTLINE, questions_on_page
from pipeline.report.documents.nouns import Chapter, Paper, PaperPart
from pipeline.report.documents.results import figure
from pipeline.report.edition import Edition
from pipeline.report.exhibits import NUMBERS_FOLLOW, Block, Bullets, Heading, Picture, Sentence, Table
from pipeline.report.page import Page

NAME = "summary"
_TEXT_SIZE, _SMALL_SIZE = 9, 8
#: Printed width of a chart on the sheet in millimetres: its letters stay above 6 points.
_CHART_WIDTH = 122
_READING_NOTES = 5
_EARLIER_WAVES = 4
_CONTACT = "問い合わせ"
_NUMBERS_ELSEWHERE = "数値は資料2の表のとおりです。"
_LEFT_OUT = "ほかの項目は、資料2にあります。"
_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Amount:
    """How much of each thing stands on the sheet; ``items`` None = every headline item."""

    charts: int
    told: int
    waves: int
    notes: int
    items: int | None = None
    size: float = _TEXT_SIZE


#: From the fullest sheet to the barest; the first that fits one page is taken.
AMOUNTS = (
    Amount(2, 4, _EARLIER_WAVES, _READING_NOTES),
    Amount(2, 3, 3, 3, size=_SMALL_SIZE),
    Amount(1, 4, _EARLIER_WAVES, _READING_NOTES),
    Amount(1, 3, 3, 3, size=_SMALL_SIZE),
    Amount(0, 4, _EARLIER_WAVES, _READING_NOTES, size=_SMALL_SIZE),
    Amount(0, 2, 2, 3, size=_SMALL_SIZE),
    *(Amount(0, 2, 2, 3, items, _SMALL_SIZE) for items in (20, 10, 5)),
    Amount(0, 0, 1, 1, 5, _SMALL_SIZE),
)


def summary(edition: Edition, page: Page, mark: str, amount: Amount) -> Paper:
    """Return the sheet with ``amount`` on it."""
    by_name = {block.id: block for block in page.blocks}
    chapters = [
        Chapter(by_name[OUTLINE].heading, tuple(_response(by_name[OUTLINE], amount))),
        Chapter(by_name[FINDINGS].heading, tuple(_findings(edition, by_name[FINDINGS], amount))),
    ]
    pictures = _pictures(edition, by_name)[: amount.charts]
    if pictures:
        chapters.append(Chapter("主な図", tuple(figure(picture, _CHART_WIDTH) for picture in pictures)))
    chapters.append(Chapter("数値の見方", (_reading(by_name[NOTES], amount),)))
    if contact := _contact(page):
        chapters.append(Chapter("お問い合わせ", tuple(map(Sentence, contact))))
    title = f"{edition.wave.label} {edition.survey.title} 結果の概要"
    lead = (edition.survey.organisation, *([edition.survey.notice] if edition.survey.notice else []))
    return Paper(NAME, "", title, mark, lead, tuple(chapters), size=amount.size)


def _response(block: Block, amount: Amount) -> Iterator[PaperPart]:
    yield from block.of(Bullets)
    yield from (replace(table, rows=table.rows[: amount.waves]) for table in block.of(Table))


def _findings(edition: Edition, block: Block, amount: Amount) -> Iterator[PaperPart]:
    """Yield the counts by verdict, the rises and falls in full, and every headline item in a table."""
    yield from block.of(Sentence)
    heading, left = "", amount.told
    moved = _headings_of_moved(block)
    for part in block.parts:
        if isinstance(part, Heading):
            heading = part.text
        elif isinstance(part, Bullets) and heading in moved and left > 0:
            yield Sentence(heading)
            yield Bullets(part.items[:left])
            left -= len(part.items)
    table = headline_table(edition)
    if table is None:
        return
    if amount.items is not None and amount.items < len(table.rows):
        yield replace(table, rows=table.rows[: amount.items])
        yield Sentence(_LEFT_OUT)
    else:
        yield table


def _headings_of_moved(block: Block) -> set[str]:
    """Return the headings under which every item rose or fell."""
    found, heading = set(), ""
    for part in block.parts:
        if isinstance(part, Heading):
            heading = part.text
        elif isinstance(part, Bullets) and any(
            row.get("verdict") in ("up", "down") for item in part.items for row in item.evidence
        ):
            found.add(heading)
    return found


def headline_table(edition: Edition) -> Table | None:
    """Return the headline item of every question, now and last time; None without any."""
    rows, evidence = [], []
    for question in questions_on_page(edition):
        item = sentences.headline_item(edition, question)
        if not item:
            continue
        compared = sentences.comparison(edition, question, item)
        now, before, change = compared.now, compared.before, compared.change
        evidence += compared.evidence
        rows.append(
            (
                f"{question.heading}「{compared.label}」",
                wording.base_cell(now),
                wording.percent_cell(now),
                wording.percent_cell(before) if compared.last_wave else wording.NOT_ASKED,
                wording.change_cell(change, before, now),
                wording.verdict_word(change) if change is not None else wording.NOT_ASKED,
            )
        )
    if not rows:
        return None
    columns = ("項目", "n（人）", f"{edition.wave.label}（%）", "前回（%）", "変化（ポイント）", "判定")
    return Table(f"主な項目の一覧（{edition.wave.label}と前回）", columns, tuple(rows), (), tuple(evidence))


def _pictures(edition: Edition, blocks: dict[str, Block]) -> list[Picture]:
    """Return the first chart of each question, one that rose and one that fell before all others."""
    order: dict[str, list[Picture]] = {"up": [], "down": [], "": []}
    for question in questions_on_page(edition):
        drawn = blocks[question.id].of(Picture) if question.id in blocks else ()
        item = sentences.headline_item(edition, question)
        verdict = sentences.comparison(edition, question, item).verdict if item else ""
        if drawn:
            alt = drawn[0].alt.replace(NUMBERS_FOLLOW, _NUMBERS_ELSEWHERE)
            order[verdict if verdict in order else ""].append(replace(drawn[0], alt=alt))
    up, down, rest = order.values()
    return [*up[:1], *down[:1], *up[1:], *down[1:], *rest]


def _reading(block: Block, amount: Amount) -> Bullets:
    """Return the first notes of the page: how figures are to be read."""
    return Bullets(block.of(Bullets)[0].items[: amount.notes])


def _contact(page: Page) -> list[str]:
    """Return the lines of the officer's section about where to ask; [] where the page has none."""
    for section in page.sections:
        if _CONTACT in section.heading and section.block is None:
            text = _TAG.sub("", str(section.words).replace("<br>", "\n").replace("</p>", "\n"))
            return [line.strip() for line in unescape(text).splitlines() if line.strip()]
    return []
