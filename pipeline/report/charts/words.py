"""Sentences of alternative texts; what a page says too is said by ``sentences``."""

from __future__ import annotations

from pipeline.model import Option, Question, Wave
from pipeline.report import sentences, tables, wording
from pipeline.report.charts.subject import Place, Subject, spoken_percent, wave_words


def listed(subject: Subject) -> list[Option]:
    """Return the options of this wave in the order of the table beneath."""
    return [
        option
        for option in tables.reading_order(subject.edition, subject.question)
        if (row := subject.row(option.id, subject.here)) is not None and row["status"] != "not_asked"
    ]


def order_sentence(subject: Subject) -> str:
    """Say what is highest, as the page does; where a count is unknown only what is known, unranked."""
    wave = subject.edition.wave
    ranking = sentences.ranking_sentence(subject.edition, subject.question)
    if ranking is not None:
        return f"{wave.label}は、{ranking.text}"
    known = [
        f"「{option.label}」が{spoken_percent(row)}"
        for option in listed(subject)
        if wording.is_known(row := subject.row(option.id, subject.here))
    ]
    return f"{wave_words(wave, subject.base_text(subject.here))}は、{'、'.join(known)}です。" if known else ""


def last_sentence(subject: Subject, last: Wave | None) -> str:
    """Say the headline of the last wave that can be compared."""
    if last is None:
        return ""
    item = sentences.drawn_item(subject.edition, subject.question)
    row = subject.row(item, Place(last.key)) if item else None
    if item and subject.is_broken(last.key, subject.edition.wave.key, item):
        return ""
    if not wording.is_known(row):
        return ""
    return f"前回の{last.label}は、「{subject.question.measure_label(item)}」が{spoken_percent(row)}でした。"


def groups_sentence(subject: Subject, banner: Question) -> str:
    """Say the highest and lowest groups of ``banner``, as the page does."""
    spread = sentences.spread_sentence(subject.edition, subject.question, banner.id)
    return spread.text if spread is not None else ""
