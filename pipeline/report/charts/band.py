"""帯グラフ: the shares of an ordered scale as one bar of 100 % per wave or per group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.model import Option, Question
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
    write_label,
)
from pipeline.report.charts.lettering import text_width
from pipeline.report.charts.sheet import WIDTH, Box, Line, Words
from pipeline.report.charts.subject import (
    BREAK_WORDS,
    Place,
    Subject,
    alt_text,
    counted_percent,
    sign_note,
    spoken_percent,
    wave_words,
)
from pipeline.report.charts.words import groups_sentence
from pipeline.report.sentences import drawn_item

_BAR = 26.0
_ROW = 37.0
_BREAK = 26.0
_GAP = 0.75
#: Segments from this percentage on carry their number.
_SMALLEST_PRINTED = 4
_HATCH = "////"


@dataclass(frozen=True)
class _Row:
    """One bar: people per segment in the order of the key; no counts where withheld."""

    label: str
    base_text: str
    counts: tuple[int, ...] = ()
    has_break_above: bool = False

    @property
    def base(self) -> int:
        return sum(self.counts)


def waves_chart(subject: Subject) -> Chart | None:
    """Return one bar per wave that is wholly known, newest on top; None where this wave is not."""
    waves = [wave for wave in subject.edition.waves[::-1] if _is_drawn(subject, Place(wave.key))]
    if not waves or waves[0].key != subject.edition.wave.key or subject.is_withheld(subject.here):
        return None
    places = [Place(wave.key) for wave in waves]
    options, unusable = _key(subject, places)
    breaks = {newer.key for newer, older in pairwise(waves) if subject.is_restructured(older.key, newer.key)}
    broken_above = {older.key for newer, older in pairwise(waves) if newer.key in breaks}
    rows = [
        _row(subject, options, unusable, place, wave.label, wave.key in broken_above)
        for wave, place in zip(waves, places, strict=True)
    ]
    alt = alt_text(
        f"{subject.question.heading}の帯グラフ。",
        _shares_sentence(subject, options, unusable, wave_words(waves[0], subject.base_text(places[0]))),
        _earlier_sentence(subject, places[1:]),
        *_break_sentences(subject, breaks),
    )
    sheet = _drawn(subject.question.heading, ("単位は%", subject.base_words), options, unusable, rows)
    return sheet.chart(subject.question.id, "band", subject.question.heading, alt)


def groups_chart(subject: Subject, banner: Question) -> Chart | None:
    """Return one bar per group of ``banner`` now, the whole on top; None where nothing can be drawn."""
    found = [pair for pair in subject.group_places(banner.id) if _is_drawn(subject, pair[1])]
    drawn = [place for _, place in found if not subject.is_withheld(place)]
    if len(found) < 2 or not any(place != subject.here for place in drawn):
        return None
    options, unusable = _key(subject, drawn)
    rows = [_row(subject, options, unusable, place, label) for label, place in found]
    title = f"{subject.question.heading}（{banner.label}別）"
    wave = subject.edition.wave
    alt = alt_text(
        f"{title}の帯グラフ。",
        _shares_sentence(subject, options, unusable, f"{wave.label}の全体") if found[0][1] in drawn else "",
        groups_sentence(subject, banner),
    )
    sheet = _drawn(title, (wave.label, "単位は%", subject.base_words), options, unusable, rows)
    return sheet.chart(f"{subject.question.id}-{banner.id}", "cross", title, alt)


def _is_drawn(subject: Subject, place: Place) -> bool:
    """True when the place is withheld as such, or its known segments make up the whole."""
    rows = subject.rows(place)
    if not rows or subject.is_withheld(place):
        return bool(rows)
    offered = {option.id for option in subject.question.offered(place.wave)}
    present = {row["option"] for row in rows}
    return (
        offered <= present
        and all(wording.is_exact(row) for row in rows)
        and sum(row["count"] for row in rows) == rows[0]["base"]
    )


def _key(subject: Subject, places: Sequence[Place]) -> tuple[list[Option], str]:
    """Return the options drawn at any place in survey order, and the label of the grey end."""
    return subject.known_options(places), subject.unusable_label(list(places))


def _row(
    subject: Subject, options: list[Option], unusable: str, place: Place, label: str, has_break: bool = False
) -> _Row:
    base = subject.base_text(place)
    if subject.is_withheld(place):
        return _Row(label, base, (), has_break)
    found = (subject.row(option.id, place) for option in options)
    counts = [int(row["count"]) if wording.is_exact(row) else 0 for row in found]
    if unusable:
        counts.append(subject.unusable_count(place))
    return _Row(label, base, tuple(counts), has_break)


# ---- marks -------------------------------------------------------------------------------


def _drawn(
    title: str, remarks: tuple[str, ...], options: list[Option], unusable: str, rows: list[_Row]
) -> Sheet:
    swatches = [*_swatches(options)]
    if unusable:
        swatches.append(Swatch(unusable, palette.NO_ANSWER, palette.OUTLINE, _HATCH))
    sheet = Sheet()
    sheet.heading(title, *remarks)
    sheet.key(swatches)
    column = label_column((row.label, row.base_text) for row in rows)
    scale = Scale(EDGE + column + 10, WIDTH - EDGE - 16)
    top = sheet.y
    for row in rows:
        if row.has_break_above:
            _draw_break(sheet)
        _draw_row(sheet, row, swatches, scale, column)
    percent_axis(sheet, scale, top)
    sheet.notes(_notes(rows))
    return sheet


def _swatches(options: list[Option]) -> Iterator[Swatch]:
    fills = palette.scale_fills([option.is_other for option in options])
    for option, fill in zip(options, fills, strict=True):
        yield Swatch(option.short_label, fill, palette.outline_of(fill))


def _draw_row(sheet: Sheet, row: _Row, swatches: list[Swatch], scale: Scale, column: float) -> None:
    lines = label_lines(row.label, row.base_text, column)
    height = max(_ROW, lines_height(lines) + 8)
    middle = sheet.y + height / 2
    write_label(sheet, lines, EDGE + column, middle)
    if not row.counts:
        sheet.add(Words(scale.start + 8, middle, wording.WITHHELD, VALUE_SIZE, palette.MUTED_INK))
    before = 0
    for count, swatch in zip(row.counts, swatches, strict=False):
        if count:
            _draw_segment(sheet, swatch, scale, middle, (before, count, row.base))
        before += count
    sheet.y += height


def _draw_segment(
    sheet: Sheet, swatch: Swatch, scale: Scale, middle: float, people: tuple[int, int, int]
) -> None:
    """Draw one segment for ``people`` = (before it, in it, in the whole bar)."""
    before, count, base = people
    start, end = scale.at(100 * before / base), scale.at(100 * (before + count) / base)
    gap = min(_GAP, (end - start) / 4)
    sheet.add(
        Box(
            start + gap,
            middle - _BAR / 2,
            end - start - 2 * gap,
            _BAR,
            swatch.fill,
            swatch.edge,
            swatch.hatch,
        )
    )
    if 100 * count >= _SMALLEST_PRINTED * base:
        words = counted_percent(count, base)
        size = VALUE_SIZE if text_width(words, VALUE_SIZE) + 4 <= end - start else SMALL_SIZE
        sheet.add(
            Words(
                (start + end) / 2,
                middle,
                words,
                size,
                palette.text_on(swatch.fill),
                "center",
            )
        )


def _draw_break(sheet: Sheet) -> None:
    """Part the bars above from those below: a signed break must not read as a change."""
    middle = sheet.y + _BREAK / 2
    words = f"{BREAK_WORDS}（この線の上と下は比べられません）"
    end = EDGE + text_width(words, SMALL_SIZE) + 8
    sheet.add(Words(EDGE, middle, words, SMALL_SIZE, palette.MUTED_INK, has_halo=True))
    sheet.add(Line((end, WIDTH - EDGE), (middle, middle), palette.OUTLINE, 1.2, (5, 4)))
    sheet.y += _BREAK


def _notes(rows: list[_Row]) -> Iterator[str]:
    if any(not row.counts for row in rows):
        yield sign_note(wording.WITHHELD)
    if any(row.base_text.endswith(wording.SMALL_BASE) for row in rows):
        yield sign_note(wording.SMALL_BASE)


# ---- words -------------------------------------------------------------------------------


def _shares_sentence(subject: Subject, options: list[Option], unusable: str, whom: str) -> str:
    place = subject.here
    shares = [
        f"「{option.label}」が{spoken_percent(row)}"
        for option in options
        if wording.is_exact(row := subject.row(option.id, place))
    ]
    if unusable:
        rows = subject.rows(place)
        count, base = subject.unusable_count(place), int(rows[0]["base"])
        shares.append(f"{unusable}が{counted_percent(count, base).replace(wording.ZERO, '0.0')}%")
    return f"{whom}は、{'、'.join(shares)}です。"


def _earlier_sentence(subject: Subject, places: list[Place]) -> str:
    """Say the headline of this wave and of the earlier bars."""
    item = drawn_item(subject.edition, subject.question)
    places = [place for place in (subject.here, *places) if wording.is_known(subject.row(item, place))]
    if len(places) < 2:
        return ""
    labels = {wave.key: wave.label for wave in subject.edition.waves}
    values = [f"{labels[place.wave]}が{spoken_percent(subject.row(item, place))}" for place in places]
    return f"「{subject.question.measure_label(item)}」は、{'、'.join(values)}です。"


def _break_sentences(subject: Subject, breaks: set[str]) -> Iterator[str]:
    for wave in subject.edition.waves:
        if wave.key in breaks:
            yield f"{wave.label}に設問が変わったため、それより前とは比べられません。"
