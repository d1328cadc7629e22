"""折れ線グラフ: the headline item over the waves, with its interval, its gaps and its breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from pipeline.model import Wave
from pipeline.report import palette, predicted, wording
from pipeline.report.charts.layout import (
    EDGE,
    LABEL_SIZE,
    SMALL_SIZE,
    VALUE_SIZE,
    Chart,
    Scale,
    Sheet,
    round_top,
)
from pipeline.report.charts.lettering import text_width, wrapped
from pipeline.report.charts.sheet import WIDTH, Box, Dot, Line, Words
from pipeline.report.charts.subject import (
    BREAK_WORDS,
    Place,
    Subject,
    alt_text,
    percent_bounds,
    percent_label,
    sign_note,
    spoken_percent,
)
from pipeline.report.edition import Row
from pipeline.report.sentences import drawn_item

_PLOT = 210.0
#: Room above the scale for the words over the highest point, and for the words of a break.
_HEADROOM, _BREAK_ROOM = 22.0, 20.0
_DOT = 9.0
_LINE = 15.0


@dataclass(frozen=True)
class _Column:
    """One wave: its place from left to right, and its row where it has one."""

    wave: Wave
    x: float
    row: Row | None
    base_text: str

    @property
    def is_known(self) -> bool:
        return wording.is_known(self.row)

    @property
    def middle(self) -> float:
        return sum(percent_bounds(self.row)) / 2

    @property
    def is_exact(self) -> bool:
        return wording.is_exact(self.row)

    @property
    def interval(self) -> tuple[float, float] | None:
        if not wording.is_number(self.row["low"]):
            return None
        return self.row["low"], self.row["high"]

    @property
    def highest(self) -> float:
        return max(percent_bounds(self.row)[1], self.interval[1] if self.interval else 0)


def waves_chart(subject: Subject) -> Chart | None:
    """Return the headline item over every wave; None for fewer than three values.

    Two are enough where nothing but publications is known, for there no other chart may exist, and where
    a change between them is claimed, for a claim is shown with its intervals.
    """
    item = drawn_item(subject.edition, subject.question)
    if not item:
        return None
    left = EDGE + text_width("100%", SMALL_SIZE) + 10
    columns = _columns(subject, item, left)
    known = [column for column in columns if column.is_known]
    earlier = [column.wave.key for column in known if column.wave != subject.edition.wave]
    is_claimed = bool(earlier) and subject.is_claimed(earlier[-1], item)
    needed = 2 if is_claimed or all(wave.is_published_only for wave in subject.edition.waves) else 3
    if len(known) < needed:
        return None
    breaks = [pair for pair in pairwise(known) if subject.is_broken(pair[0].wave.key, pair[1].wave.key, item)]
    label = subject.short_label(item)
    title = f"{subject.question.heading}：「{label}」の推移"
    sheet = Sheet()
    sheet.heading(title, "単位は%", subject.base_words)
    top = round_top(column.highest for column in known)
    free = (top - max(column.highest for column in known)) * _PLOT / top
    headroom = max(8.0, _HEADROOM - free)
    sheet.y += (_BREAK_ROOM if breaks else 0) + headroom
    # The scale runs upwards, so it starts at the lower edge of the plot.
    scale = Scale(sheet.y + _PLOT, sheet.y, top)
    _draw_grid(sheet, scale, left)
    _draw_joins(sheet, scale, columns, known, breaks)
    for pair in breaks:
        _draw_break(sheet, scale, (pair[0].x + pair[1].x) / 2, headroom)
    width = columns[1].x - columns[0].x
    for column in columns:
        _draw_column(sheet, scale, column, width - 6)
    sheet.y = scale.start + 6
    _write_waves(sheet, columns, width - 6)
    sheet.notes(_notes(subject, columns, known))
    values = "、".join(f"{column.wave.label}が{spoken_percent(column.row)}" for column in known)
    alt = alt_text(
        f"{subject.question.heading}の折れ線グラフ。「{label}」は、{values}です。",
        *(
            f"{old.wave.label}と{new.wave.label}の間で設問が変わったため、線を切っています。"
            for old, new in breaks
        ),
    )
    return sheet.chart(f"{subject.question.id}-series", "series", title, alt)


def _columns(subject: Subject, item: str, left: float) -> list[_Column]:
    waves = subject.edition.waves
    width = (WIDTH - EDGE - left) / len(waves)
    columns = []
    for index, wave in enumerate(waves):
        place = Place(wave.key)
        row = subject.row(item, place)
        base = wording.base_cell(row) if row is not None and row["status"] != "not_asked" else ""
        columns.append(_Column(wave, left + (index + 0.5) * width, row, base))
    return columns


# ---- marks -------------------------------------------------------------------------------


def _draw_grid(sheet: Sheet, scale: Scale, left: float) -> None:
    for tick in scale.ticks:
        y = scale.at(tick)
        ink = palette.OUTLINE if tick == 0 else palette.GRID
        sheet.add(Line((left, WIDTH - EDGE), (y, y), ink, is_behind=True))
        words = f"{tick}%" if tick == scale.top else str(tick)
        sheet.add(Words(left - 8, y, words, SMALL_SIZE, palette.MUTED_INK, "right"))


def _draw_joins(
    sheet: Sheet, scale: Scale, columns: list[_Column], known: list[_Column], breaks: list
) -> None:
    """Join neighbouring values; dotted where a wave between has none, not at all over a break."""
    places = {column.wave.key: index for index, column in enumerate(columns)}
    for pair in pairwise(known):
        if pair in breaks:
            continue
        old, new = pair
        is_next = places[new.wave.key] - places[old.wave.key] == 1
        ys = scale.at(old.middle), scale.at(new.middle)
        sheet.add(Line((old.x, new.x), ys, palette.NEWEST, 2, () if is_next else (2, 4)))


def _draw_break(sheet: Sheet, scale: Scale, x: float, headroom: float) -> None:
    top = scale.end - headroom - _BREAK_ROOM
    sheet.add(
        Words(x, top + _BREAK_ROOM / 2, BREAK_WORDS, SMALL_SIZE, palette.MUTED_INK, "center"),
        Line((x, x), (top + _BREAK_ROOM, scale.start), palette.OUTLINE, 1.2, (5, 4)),
    )


def _draw_column(sheet: Sheet, scale: Scale, column: _Column, width: float) -> None:
    if not column.is_known:
        lines = wrapped(_missing_words(column), SMALL_SIZE, width)
        for index, line in enumerate(lines):
            y = scale.start - 12 - (len(lines) - 1 - index) * _LINE
            sheet.add(Words(column.x, y, line, SMALL_SIZE, palette.MUTED_INK, "center"))
        return
    if column.interval:
        _draw_interval(sheet, scale, column)
    if not column.is_exact:
        low, high = (scale.at(bound) for bound in percent_bounds(column.row))
        sheet.add(Box(column.x - 4, high, 8, low - high, palette.PREVIOUS, palette.OUTLINE))
    fill = palette.NEWEST if column.is_exact else palette.WHITE
    sheet.add(Dot(column.x, scale.at(column.middle), _DOT, palette.NEWEST, fill))
    top = min(scale.at(column.highest), scale.at(column.middle) - _DOT / 2)
    lines = wrapped(percent_label(column.row), VALUE_SIZE, width)
    for index, line in enumerate(lines):
        y = top - 11 - (len(lines) - 1 - index) * _LINE
        sheet.add(Words(column.x, y, line, VALUE_SIZE, palette.INK, "center", has_halo=True))


def _draw_interval(sheet: Sheet, scale: Scale, column: _Column) -> None:
    low, high = (scale.at(bound) for bound in column.interval)
    sheet.add(Line((column.x, column.x), (low, high), palette.MUTED_INK, 1.2))
    for y in (low, high):
        sheet.add(Line((column.x - 5, column.x + 5), (y, y), palette.MUTED_INK, 1.2))


def _missing_words(column: _Column) -> str:
    """Say why the column is empty: withheld, not printed in a publication, or not asked."""
    if column.row is not None and column.row["status"] == "withheld":
        return wording.WITHHELD
    if predicted.is_predicted(column.row):
        return predicted.SIGN
    return "公表値なし" if column.wave.is_published_only else "設問なし"


def _write_waves(sheet: Sheet, columns: list[_Column], width: float) -> None:
    stacks = []
    for column in columns:
        label = [(line, LABEL_SIZE) for line in wrapped(column.wave.label, LABEL_SIZE, width)]
        base = [(f"n={column.base_text}", SMALL_SIZE)] if column.base_text else []
        stacks.append([*label, *base])
    for column, stack in zip(columns, stacks, strict=True):
        for index, (line, size) in enumerate(stack):
            ink = palette.INK if size == LABEL_SIZE else palette.MUTED_INK
            sheet.add(Words(column.x, sheet.y + 9 + index * 17, line, size, ink, "center"))
    sheet.y += 17 * max(len(stack) for stack in stacks) + 4


def _notes(subject: Subject, columns: list[_Column], known: list[_Column]) -> Iterator[str]:
    if any(column.interval for column in known):
        yield f"縦の細い線は{subject.confidence}%信頼区間です。"
    if not all(column.is_exact for column in known):
        yield "白い丸は、公表値の丸めのため1つに定まらない値で、ありうる範囲の中央に置いています。"
    if _has_gap(columns):
        yield "点線は、間の年度に値がないことを表します。"
    if any(column.row is not None and column.row["status"] == "withheld" for column in columns):
        yield sign_note(wording.WITHHELD)
    if any(column.base_text.endswith(wording.SMALL_BASE) for column in known):
        yield sign_note(wording.SMALL_BASE)


def _has_gap(columns: list[_Column]) -> bool:
    places = [index for index, column in enumerate(columns) if column.is_known]
    return any(new - old > 1 for old, new in pairwise(places))
