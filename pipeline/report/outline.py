"""調査の概要: who was asked, how, when, and how many answered."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.model import RESPONSE, RETURNS_OPTION, Wave
from pipeline.numerals import count_text, date_text, points_number
from pipeline.report import sentences, wording
from pipeline.report.edition import Edition, Row
from pipeline.report.exhibits import Bullets, Part, Sentence, Table


def outline(edition: Edition) -> Iterator[Part]:
    """Yield the facts of the fielding and the response rates of all waves; what is unknown is left out."""
    wave = edition.wave
    facts = [
        ("調査対象", _target(edition)),
        ("調査方法", wave.method),
        ("調査期間", period(wave)),
    ]
    items = [Sentence(f"{name}：{fact}") for name, fact in facts if fact]
    items += _returns_items(edition)
    if items:
        yield Bullets(tuple(items))
    rate = returns_sentence(edition)
    if rate is not None:
        yield rate
    table = _returns_table(edition)
    if table is not None:
        yield Sentence("次の表は、調査ごとの回答率（%）です。対象者数（人）と回答数（人）も示します。")
        yield table


def returns_sentence(edition: Edition) -> Sentence | None:
    """Return the response rate of this wave with the last one in brackets. A rate has no verdict."""
    now = edition.returns()
    if not wording.is_exact(now):
        return None
    text = f"回答率は{sentences.share_words(now)}"
    last = edition.previous(RESPONSE)
    before = edition.estimate(RESPONSE, RETURNS_OPTION, last.key) if last else None
    if not wording.is_exact(before):
        return Sentence(f"{text}でした。", (now,))
    earlier = f"前回（{last.label}{wording.percent_words(before)}）"
    amount = points_number(*(int(row[column]) for row in (before, now) for column in ("count", "base")))
    if not amount:
        return Sentence(f"{text}で、{earlier}と同じ割合でした。", (now, before))
    is_rounded = wording.printed_percent(now) - wording.printed_percent(before) != amount
    size = f"{abs(amount)}ポイント{f'（{sentences.ROUNDED_WORDS}）' if is_rounded else ''}"
    move = f"{'高く' if amount > 0 else '低く'}なりました"
    return Sentence(f"{text}で、{earlier}から{size}{move}。", (now, before))


def _returns_items(edition: Edition) -> Iterator[Sentence]:
    """Yield 対象者数, 回答数, 回答率 with the last wave's value in brackets."""
    now = edition.returns()
    if not wording.is_exact(now):
        return
    last = edition.previous(RESPONSE)
    before = edition.estimate(RESPONSE, RETURNS_OPTION, last.key) if last else None

    def people(row: Row) -> str:
        return f"{count_text(int(row['base']))}人"

    def answers(row: Row) -> str:
        return f"{wording.count_cell(row)}人"

    for name, words in (("対象者数", people), ("回答数", answers), ("回答率", wording.percent_words)):
        if wording.is_exact(before):
            yield Sentence(f"{name}：{words(now)}（前回の{last.label}は{words(before)}）", (now, before))
        else:
            yield Sentence(f"{name}：{words(now)}", (now,))


def _target(edition: Edition) -> str:
    wave = edition.wave
    if not wave.scope:
        return ""
    population = wave.population
    remarks = []
    if population is not None and population.date is not None:
        remarks.append(f"{date_text(population.date)}現在")
    if population is not None and population.exclusions:
        remarks.append(population.exclusions)
    return wave.scope + (f"（{'、'.join(remarks)}）" if remarks else "")


def period(wave: Wave) -> str:
    """Return the days of the fielding, "" where they are not known."""
    if wave.fieldwork_start is None or wave.fieldwork_end is None:
        return ""
    return f"{date_text(wave.fieldwork_start)}から{date_text(wave.fieldwork_end)}まで"


def _returns_table(edition: Edition) -> Table | None:
    found = [
        (wave, row)
        for wave in edition.waves[::-1]
        if wording.is_exact(row := edition.estimate(RESPONSE, RETURNS_OPTION, wave.key))
    ]
    if not found:
        return None
    rows = tuple(
        (wave.label, count_text(int(row["base"])), wording.count_cell(row), wording.percent_cell(row))
        for wave, row in found
    )
    return Table(
        caption="調査ごとの回答率（対象者数と回答数は人、回答率は%）",
        columns=("年度", "対象者数（人）", "回答数（人）", "回答率（%）"),
        rows=rows,
        evidence=tuple(row for _, row in found),
    )
