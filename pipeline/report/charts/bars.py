"""横棒グラフ: options by size beside the last wave, or the headline item by group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.model import HIGH_BAND, INVALID, LOW_BAND, NO_ANSWER, Option, Question, Wave
from pipeline.report import palette, wording
from pipeline.report.charts.layout import (
    EDGE,
    SMALL_SIZE,
    VALUE_SIZE,
    Chart,
    Scale,
    Sheet,
    Swatch,
    label_column,
    label_lines,
    lines_height,
    percent_axis,
    round_top,
    write_label,
)
from pipeline.report.charts.lettering import text_width
from pipeline.report.charts.sheet import WIDTH, Box, Line, Words
from pipeline.report.charts.subject import (
    ALL_LABEL,
    Place,
    Subject,
    alt_text,
    counted_percent,
    percent_bounds,
    percent_label,
    sign_note,
    spoken_percent,
    wave_words,
)
from pipeline.report.charts.words import groups_sentence, last_sentence, listed, order_sentence
from pipeline.report.edition import Row
from pipeline.report.sentences import drawn_item

_BAR, _THIN_BAR = 16.0, 7.0


@dataclass(frozen=True)
class _Length:
    """One bar: from zero to ``low`` percent, open from there to ``high`` (equal where exact)."""

    low: float
    high: float
    words: str
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class _Row:
    """A label with its bar, the thinner bar of the last wave, or a sign in place of bars."""

    label: str
    base_text: str
    fill: str
    now: _Length | None
    before: _Length | None = None
    sign: str = ""

    @property
    def farthest(self) -> float:
        ends = [length.high for length in (self.now, self.before) if length]
        ends += [length.interval[1] for length in (self.now, self.before) if length and length.interval]
        return max(ends, default=0)


def options_chart(subject: Subject) -> Chart | None:
    """Return the options in the order of their table, 無回答 last; None where fewer than two are known."""
    edition, place = subject.edition, subject.here
    options = listed(subject)
    if sum(wording.is_known(subject.row(option.id, place)) for option in options) < 2:
        return None
    last = _comparable_wave(subject)
    rows = [_option_row(subject, option, last) for option in options]
    if (unusable := _unusable_row(subject, last)) is not None:
        rows.append(unusable)
    sheet = Sheet()
    sheet.heading(subject.question.heading, *_remarks(subject))
    swatches = [Swatch(wave_words(edition.wave, subject.base_text(place)), palette.NEWEST)]
    if last:
        words = wave_words(last, subject.base_text(Place(last.key)))
        swatches.append(Swatch(words, palette.PREVIOUS, palette.OUTLINE))
    sheet.key(swatches)
    _draw_rows(sheet, rows, round_top(row.farthest for row in rows))
    bases = [subject.base_text(Place(wave.key)) for wave in (edition.wave, last) if wave]
    sheet.notes([*_claim_notes(subject, rows), *_notes(rows, bases)])
    alt = alt_text(
        f"{subject.question.heading}の横棒グラフ。", order_sentence(subject), last_sentence(subject, last)
    )
    return sheet.chart(subject.question.id, "bar", subject.question.heading, alt)


def groups_chart(subject: Subject, banner: Question) -> Chart | None:
    """Return the headline item by group of ``banner``, the whole on top; None where nothing is known."""
    item = drawn_item(subject.edition, subject.question)
    found = [(label, place, subject.row(item, place)) for label, place in subject.group_places(banner.id)]
    found = [entry for entry in found if entry[2] is not None and entry[2]["status"] != "not_asked"]
    if not any(wording.is_known(row) for _, place, row in found if place != subject.here):
        return None
    rows = [
        _Row(
            label,
            subject.base_text(place),
            palette.TOTAL if place == subject.here else palette.GROUP,
            _length(row, has_interval=True),
            sign="" if wording.is_known(row) else percent_label(row),
        )
        for label, place, row in found
    ]
    label = subject.short_label(item)
    title = f"{subject.question.heading}：「{label}」（{banner.label}別）"
    sheet = Sheet()
    sheet.heading(title, subject.edition.wave.label, *_remarks(subject))
    _draw_rows(sheet, rows, round_top(row.farthest for row in rows))
    sheet.notes([f"細い線は{subject.confidence}%信頼区間です。", *_notes(rows, [r.base_text for r in rows])])
    whole = [
        f"{ALL_LABEL}では「{label}」が{spoken_percent(row)}です。"
        for _, place, row in found
        if place == subject.here and wording.is_known(row)
    ]
    wave = f"{subject.edition.wave.label}の"
    alt = alt_text(f"{wave}{title}の横棒グラフ。", *whole, groups_sentence(subject, banner))
    return sheet.chart(f"{subject.question.id}-{banner.id}", "cross", title, alt)


# ---- rows --------------------------------------------------------------------------------


def _comparable_wave(subject: Subject) -> Wave | None:
    """Return the last wave with a known option, unless a signed row breaks the comparison."""
    newest = subject.edition.wave.key
    for wave in subject.edition.waves[-2::-1]:
        known = (
            wording.is_known(subject.row(option.id, Place(wave.key))) for option in subject.question.options
        )
        if any(known):
            return None if subject.is_broken(wave.key, newest) else wave
    return None


def _option_row(subject: Subject, option: Option, last: Wave | None) -> _Row:
    row = subject.row(option.id, subject.here)
    is_apart = last and subject.is_broken(last.key, subject.edition.wave.key, option.id)
    before = subject.row(option.id, Place(last.key)) if last and not is_apart else None
    is_claimed = before is not None and subject.is_claimed(last.key, option.id)
    is_aside = option.is_other or (option.is_exclusive and subject.question.takes_many)
    return _Row(
        option.short_label,
        "",
        palette.REMAINDER if is_aside else palette.NEWEST,
        _length(row, has_interval=is_claimed),
        _length(before, has_interval=is_claimed),
        "" if wording.is_known(row) else wording.status_sign(row),
    )


def _unusable_row(subject: Subject, last: Wave | None) -> _Row | None:
    places = [subject.here, *([Place(last.key)] if last else [])]
    label = subject.unusable_label(places)
    if not label:
        return None
    lengths = [_unusable_length(subject, place) for place in places]
    sign = "" if lengths[0] else wording.NOT_ASKED
    return _Row(label, "", palette.REMAINDER, lengths[0], (*lengths, None)[1], sign)


def _unusable_length(subject: Subject, place: Place) -> _Length | None:
    rows = [row for row in (subject.row(state, place) for state in (NO_ANSWER, INVALID)) if row is not None]
    if not rows or not all(wording.is_exact(row) for row in rows):
        return None
    count, base = subject.unusable_count(place), int(rows[0]["base"])
    words = counted_percent(count, base)
    return _Length(100 * count / base, 100 * count / base, f"{words}%" if count else words)


def _length(row: Row | None, has_interval: bool = False) -> _Length | None:
    if not wording.is_known(row):
        return None
    has_interval = has_interval and wording.is_number(row["low"])
    return _Length(
        *percent_bounds(row), percent_label(row), (row["low"], row["high"]) if has_interval else None
    )


# ---- marks -------------------------------------------------------------------------------


def _draw_rows(sheet: Sheet, rows: list[_Row], highest: int) -> None:
    column = label_column((row.label, row.base_text) for row in rows)
    words = [length.words for row in rows for length in (row.now, row.before) if length]
    room = max((text_width(text, VALUE_SIZE) for text in words), default=0) + 12
    scale = Scale(EDGE + column + 10, WIDTH - EDGE - room, highest)
    top = sheet.y
    for row in rows:
        lines = label_lines(row.label, row.base_text, column)
        bars = _BAR + (_THIN_BAR + 2 if row.before else 0)
        height = max(bars + 12, lines_height(lines) + 8)
        middle = sheet.y + height / 2
        write_label(sheet, lines, EDGE + column, middle)
        _draw_lengths(sheet, row, scale, middle - bars / 2)
        sheet.y += height
    percent_axis(sheet, scale, top)


def _draw_lengths(sheet: Sheet, row: _Row, scale: Scale, top: float) -> None:
    if row.now is None:
        sheet.add(Words(scale.start + 8, top + _BAR / 2, row.sign, VALUE_SIZE, palette.MUTED_INK))
    else:
        end = _draw_length(sheet, row.now, scale, (top, _BAR), row.fill)
        sheet.add(
            Words(
                end + 6, top + _BAR / 2 - (1 if row.before else 0), row.now.words, VALUE_SIZE, has_halo=True
            )
        )
    if row.before is not None:
        below = top + _BAR + 2
        end = _draw_length(sheet, row.before, scale, (below, _THIN_BAR), palette.PREVIOUS)
        middle = below + _THIN_BAR / 2 + 1
        words = row.before.words
        sheet.add(Words(end + 6, middle, words, SMALL_SIZE - 1, palette.MUTED_INK, has_halo=True))


def _draw_length(sheet: Sheet, length: _Length, scale: Scale, band: tuple[float, float], fill: str) -> float:
    """Draw one bar in ``band`` = (top, height); return where its words may begin."""
    top, height = band
    edge = palette.outline_of(fill)
    if length.low > 0:
        sheet.add(Box(scale.start, top, scale.at(length.low) - scale.start, height, fill, edge))
    if length.high > length.low:
        start = scale.at(length.low)
        sheet.add(Box(start, top, scale.at(length.high) - start, height, palette.WHITE, palette.OUTLINE))
    if length.interval is None:
        return scale.at(length.high)
    start, end = (scale.at(bound) for bound in length.interval)
    middle = top + height / 2
    for line in (
        ((start, end), (middle, middle)),
        *(((x, x), (middle - 4, middle + 4)) for x in (start, end)),
    ):
        sheet.add(Line(*line, palette.INK, 1.2))
    return max(scale.at(length.high), end)


def _claim_notes(subject: Subject, rows: list[_Row]) -> Iterator[str]:
    if any(row.now and row.now.interval for row in rows):
        yield f"細い線は、前回から上昇または低下したといえる項目の{subject.confidence}%信頼区間です。"


def _notes(rows: list[_Row], bases: list[str]) -> Iterator[str]:
    for sign in (wording.WITHHELD, LOW_BAND, HIGH_BAND):
        if any(row.sign == sign for row in rows):
            yield sign_note(sign)
    if any(length.words == wording.ZERO for row in rows for length in (row.now, row.before) if length):
        yield sign_note(wording.ZERO)
    if any(base.endswith(wording.SMALL_BASE) for base in bases):
        yield sign_note(wording.SMALL_BASE)


# ---- words -------------------------------------------------------------------------------


def _remarks(subject: Subject) -> Iterator[str]:
    question = subject.question
    if question.limit:
        yield f"{question.limit}つまでの複数回答"
    elif question.takes_many and not question.is_free_text:
        yield "複数回答"
    yield "単位は%"
    yield subject.base_words
