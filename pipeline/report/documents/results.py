"""資料2 結果: every block of the edition, whether or not the page shows it, and the methods in short."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.report import methods
from pipeline.report.blocks import questions_on_page
from pipeline.report.documents.nouns import TEXT_WIDTH, Chapter, Figure, Paper, PaperPart
from pipeline.report.documents.tables_on_paper import fitting
from pipeline.report.edition import Edition
from pipeline.report.exhibits import Block, Part, Picture, Sentence, Table
from pipeline.report.outline import period
from pipeline.report.widths import plain_width


def results(edition: Edition, blocks: Sequence[Block], notice: str, mark: str) -> Paper:
    """Return the whole results: cover, contents, ``blocks`` in their order, how the numbers were made."""
    survey, wave = edition.survey, edition.wave
    crosses = {f"{question}-{cross.banner}" for cross in survey.crosses for question in cross.questions}
    chapters = [
        Chapter(plain_width(block.heading), paper_parts(block.parts), 2 if block.id in crosses else 1)
        for block in blocks
    ]
    chapters.append(Chapter("数値の作り方（要約）", tuple(_methods(edition))))
    fieldwork = period(wave)
    lead = [survey.organisation, *([f"調査期間：{fieldwork}"] if fieldwork else []), notice]
    title = f"{wave.label} {survey.title} 結果"
    return Paper("results", "資料2", title, mark, tuple(lead), tuple(chapters), has_cover=True)


def paper_parts(parts: Sequence[Part]) -> tuple[PaperPart, ...]:
    """Return the parts of a page as they fit on paper: tables cut to its width, pictures as wide as the text."""
    made: list[PaperPart] = []
    for part in parts:
        if isinstance(part, Table):
            made += fitting(part)
        elif isinstance(part, Picture):
            made.append(figure(part))
        else:
            made.append(part)
    return tuple(made)


def figure(picture: Picture, width: float = TEXT_WIDTH) -> Figure:
    """Return ``picture`` at a printed width in millimetres."""
    return Figure(picture.name, picture.alt, width, width * picture.height / picture.width)


def _methods(edition: Edition) -> Iterator[PaperPart]:
    """Yield how questions were asked and counted, what was summed, merged, and signed by whom."""
    yield Sentence("くわしい作り方（計算式、判定、秘匿、記号）は、methods.html（数値の作り方）にあります。")
    labels = {wave.key: wave.label for wave in edition.waves}
    asked = [methods.question_cells(edition, question) for question in questions_on_page(edition)]
    tables = (
        ("設問ごとの聞き方と基数", ("設問", "聞き方", "聞いた相手", "基数"), asked),
        ("計の内訳", ("設問", "計", "合わせた選択肢"), methods.nets(edition)),
        ("合わせて集計した区分", ("設問", "属性", "合わせた区分"), methods.merged(edition)),
        (
            "比較についての記録",
            ("設問", "比べる年度", "段階", "理由", "決めた人（日付）"),
            methods.signed(edition, labels),
        ),
    )
    for caption, columns, rows in tables:
        if found := tuple(tuple(map(str, row)) for row in rows):
            yield from fitting(Table(caption, columns, found))
