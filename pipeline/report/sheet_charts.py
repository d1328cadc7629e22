"""Native charts of the workbook: what is drawn, from which small table, with which words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.model import INVALID, NO_ANSWER, Question, Wave
from pipeline.numerals import percent_number
from pipeline.report import palette, printed, sentences, wording
from pipeline.report.blocks import questions_on_page
from pipeline.report.charts.subject import BREAK_WORDS, Place, Subject
from pipeline.report.edition import Edition
from pipeline.report.sheets import Cell, Column, Grid, grid, percent_cell
from pipeline.report.tables import reading_order

VALUES_SHEET = "グラフの値"
_KIND_WORDS = {"band": "帯グラフ", "bar": "横棒グラフ", "line": "折れ線グラフ"}
_CATEGORY = Column("年度", 30)


@dataclass(frozen=True)
class Series:
    """How one column of the chart's table is drawn."""

    fill: str
    has_line: bool = True


@dataclass(frozen=True)
class SheetChart:
    """A chart whose series are the columns of ``values`` after the first, categories the first.

    kind: band (bars filled to 100 %), bar, line; question: its id.
    """

    kind: str
    question: str
    title: str
    alt: str
    values: Grid
    series: tuple[Series, ...]


def sheet_charts(edition: Edition) -> Iterator[SheetChart]:
    """Yield the charts of every question of this wave: its answers, then its headline over the waves."""
    for question in questions_on_page(edition):
        made = _band(edition, question) if question.chart == "band" else _bar(edition, question)
        yield from (chart for chart in (made, _line(edition, question)) if chart is not None)


def _alt(kind: str, *spoken: sentences.Sentence | None) -> str:
    said = "".join(sentence.text for sentence in spoken if sentence is not None)
    return f"{_KIND_WORDS[kind]}。{said}数値はシート「{VALUES_SHEET}」の表のとおりです。"


def _number(cell: Cell) -> Cell:
    """Return the cell if it is a number: a text cell would be drawn as 0."""
    return "" if isinstance(cell, str) else cell


# ---- answers -----------------------------------------------------------------------------


def _band(edition: Edition, question: Question) -> SheetChart | None:
    """Return one bar per wave whose every answer is known, newest on top."""
    subject = Subject(edition, question)
    waves = [wave for wave in edition.waves_asking(question.id)[::-1] if _is_whole(edition, question, wave)]
    if not waves or waves[0] != edition.wave:
        return None
    places = [Place(wave.key) for wave in waves]
    options, grey_end = subject.known_options(places), subject.unusable_label(places)
    rows = []
    for wave, place in zip(waves, places, strict=True):
        cells = [_number(percent_cell(subject.row(option.id, place))) for option in options]
        if grey_end:
            base = next(int(row["base"]) for row in subject.rows(place) if wording.is_exact(row))
            cells.append(percent_number(subject.unusable_count(place), base))
        rows.append((_band_label(subject, wave), *cells))
    fills = palette.scale_fills([option.is_other for option in options])
    labels = [option.label for option in options]
    if grey_end:
        fills, labels = [*fills, palette.NO_ANSWER], [*labels, grey_end]
    series = tuple(Series(fill) for fill in fills)
    title = f"{question.heading}（%）"
    values = grid(
        f"chart_{question.id}", title, (_CATEGORY, *(Column(label, 14) for label in labels)), rows
    )
    alt = _alt("band", sentences.ranking_sentence(edition, question))
    return SheetChart("band", question.id, title, alt, values, series)


def _is_whole(edition: Edition, question: Question, wave: Wave) -> bool:
    rows = [edition.estimate(question.id, option.id, wave.key) for option in question.offered(wave.key)]
    states = [edition.estimate(question.id, state, wave.key) for state in (NO_ANSWER, INVALID)]
    return all(wording.is_exact(row) for row in rows) and any(wording.is_exact(row) for row in states)


def _band_label(subject: Subject, wave: Wave) -> str:
    newest = subject.edition.wave.key
    is_apart = wave.key != newest and subject.is_restructured(wave.key, newest)
    n = subject.base_text(Place(wave.key))
    return f"{wave.label}（n={n}{f'、{BREAK_WORDS}前' if is_apart else ''}）"


def _bar(edition: Edition, question: Question) -> SheetChart | None:
    """Return a bar per answer of this wave, and of the last one where the two may be compared."""
    subject = Subject(edition, question)
    last = edition.previous(question.id)
    waves = [edition.wave]
    if last is not None and not subject.is_broken(last.key, edition.wave.key):
        waves.append(last)
    entries = [(option.id, option.label) for option in reading_order(edition, question)]
    entries += [(state, question.measure_label(state)) for state in (NO_ANSWER, INVALID)]
    rows = []
    for item, label in entries:
        is_apart = len(waves) > 1 and subject.is_broken(waves[1].key, edition.wave.key, item)
        known = waves[:1] if is_apart else waves
        found = [edition.estimate(question.id, item, wave.key) for wave in known] + [None] * (len(waves) - len(known))
        is_state = item in (NO_ANSWER, INVALID)
        if wording.is_exact(found[0]) and (found[0]["count"] or not is_state):
            rows.append((label, *(_number(percent_cell(row)) for row in found)))
    if not rows:
        return None
    columns = (Column("選択肢", 30), *(Column(_band_label(subject, wave), 14) for wave in waves))
    title = f"{question.heading}（%）"
    series = (Series(palette.NEWEST), Series(palette.PREVIOUS))[: len(waves)]
    alt = _alt("bar", sentences.ranking_sentence(edition, question))
    return SheetChart(
        "bar", question.id, title, alt, grid(f"chart_{question.id}", title, columns, rows), series
    )


# ---- the years ---------------------------------------------------------------------------


def _line(edition: Edition, question: Question) -> SheetChart | None:
    """Return the headline over the waves; the line stops where two waves cannot be compared.

    Each stretch of comparable waves is a column of its own, so the break is drawn by any
    program. A wave whose share is only known within a range has two dashes and no point.
    """
    item = sentences.drawn_item(edition, question)
    waves = edition.waves_asking(question.id)
    rows = {wave.key: edition.estimate(question.id, item, wave.key) for wave in waves} if item else {}
    known = [wave for wave in waves if wording.is_known(rows.get(wave.key))]
    if len(known) < 2:
        return None
    subject = Subject(edition, question)
    stretches = list(_stretches(subject, known, item))
    name = question.measure_label(item)
    columns = [_CATEGORY]
    columns += [
        Column(name if place == 0 else f"{name}（{BREAK_WORDS}後）", 16) for place in range(len(stretches))
    ]
    series = [Series(palette.NEWEST) for _ in stretches]
    cells = [
        [_number(percent_cell(rows[wave.key])) if wave in stretch else "" for stretch in stretches]
        for wave in known
    ]
    if any(not wording.is_exact(rows[wave.key]) for wave in known):
        columns += [Column(f"ありうる範囲の{end}", 14) for end in ("下限", "上限")]
        series += [Series(palette.OUTLINE, has_line=False)] * 2
        for wave, row in zip(known, cells, strict=True):
            row.extend(_range_ends(rows[wave.key]))
    title = f"{question.heading}「{name}」の推移（%）"
    labels = [f"{wave.label}（n={wording.base_cell(rows[wave.key])}）" for wave in known]
    body = [(label, *row) for label, row in zip(labels, cells, strict=True)]
    values = grid(f"chart_{question.id}_years", title, columns, body)
    spoken = sentences.change_sentence(sentences.comparison(edition, question, item))
    return SheetChart("line", question.id, title, _alt("line", spoken), values, tuple(series))


def _stretches(subject: Subject, waves: Iterable[Wave], item: str) -> Iterator[list[Wave]]:
    stretch: list[Wave] = []
    for wave in waves:
        if stretch and subject.is_broken(stretch[-1].key, wave.key, item):
            yield stretch
            stretch = []
        stretch.append(wave)
    yield stretch


def _range_ends(row) -> tuple[Cell, Cell]:
    if wording.is_exact(row):
        return "", ""
    base = int(row["base"])
    return tuple(printed.percent_number(int(row[side]), base) for side in ("count_low", "count_high"))
