"""Sentences of alternative texts: what is highest, what the last wave said, which group stands out."""

from __future__ import annotations

from pipeline.model import Option, Wave
from pipeline.report import wording
from pipeline.report.charts.subject import Place, Subject, percent_bounds, spoken_percent, wave_words
from pipeline.report.sentences import headline_item


def ranked(subject: Subject) -> list[Option]:
    """Return the options of this wave by size; その他, then exclusive ones such as 特になし, last."""
    present = [
        option
        for option in subject.question.options
        if (row := subject.row(option.id, subject.here)) is not None and row["status"] != "not_asked"
    ]

    def place(option: Option) -> tuple[int, float]:
        row = subject.row(option.id, subject.here)
        last = 2 if option.is_exclusive and subject.question.takes_many else int(option.is_other)
        return last, -sum(percent_bounds(row)) if wording.is_known(row) else 1.0

    return sorted(present, key=place)


def order_sentence(subject: Subject) -> str:
    """Say the three largest; equal ones are named together."""
    usual = [option for option in ranked(subject) if not (option.is_other or option.is_exclusive)]
    places: dict[str, list[str]] = {}
    for option in usual:
        row = subject.row(option.id, subject.here)
        if wording.is_known(row) and row["count_high"]:
            places.setdefault(spoken_percent(row), []).append(f"「{option.label}」")
    named = [f"{'と'.join(labels)}が{percent}" for percent, labels in list(places.items())[:3]]
    wave = wave_words(subject.edition.wave, subject.base_text(subject.here))
    if not named:
        return ""
    after = f"で最も高く、次いで{'、'.join(named[1:])}" if named[1:] else ""
    return f"{wave}は、{named[0]}{after}{'の順' if len(named) > 2 else ''}です。"


def last_sentence(subject: Subject, last: Wave | None) -> str:
    """Say the headline of the last wave that can be compared."""
    if last is None:
        return ""
    item = headline_item(subject.edition, subject.question)
    row = subject.row(item, Place(last.key)) if item else None
    if not wording.is_known(row):
        return ""
    return f"前回の{last.label}は、「{subject.question.measure_label(item)}」が{spoken_percent(row)}でした。"


def spread_sentence(subject: Subject, found: list[tuple[str, Place]]) -> str:
    """Say the highest and lowest group on the headline; small bases and withheld groups stay out."""
    item = headline_item(subject.edition, subject.question)
    rows = [(label, subject.row(item, place)) for label, place in found]
    known = [(label, row) for label, row in rows if wording.is_exact(row) and row["is_small_base"] != "true"]
    if len(known) < 2:
        return ""
    ordered = sorted(known, key=lambda pair: pair[1]["count"] / pair[1]["base"])
    (low_label, low), (high_label, high) = ordered[0], ordered[-1]
    if spoken_percent(low) == spoken_percent(high):
        return ""
    return (
        f"「{subject.question.measure_label(item)}」は、{high_label}が{spoken_percent(high)}で最も高く、"
        f"{low_label}が{spoken_percent(low)}で最も低くなっています。"
    )
