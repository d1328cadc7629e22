"""What all charts share: heading, key, row labels, scales and notes, laid from top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from io import BytesIO
from pathlib import Path

from pipeline.report import palette
from pipeline.report.charts.lettering import text_width, wrapped
from pipeline.report.charts.sheet import WIDTH, Box, Line, Mark, Words, drawing, picture, render
from pipeline.report.widths import plain_width

EDGE = 12
TITLE_SIZE, LABEL_SIZE, VALUE_SIZE, SMALL_SIZE = 15.0, 13.0, 12.0, 11.0
_LINE_HEIGHT = 1.35
#: Row labels take no more than this part of the sheet.
_WIDEST_LABEL = 230.0
_SWATCH = 12.0


@dataclass(frozen=True)
class Chart:
    """One chart: ``name`` is the file name without suffix, sizes are CSS pixels.

    ``marks`` is everything on it; ``draw`` makes a new matplotlib Figure of them.
    """

    name: str
    kind: str
    title: str
    alt: str
    width: int
    height: int
    marks: tuple[Mark, ...] = field(repr=False)

    @property
    def draw(self) -> Callable:
        """Return the function that makes the Figure; it raises ProblemsFound for a missing glyph."""
        return partial(render, self.height, self.marks)


def save(chart: Chart, folder: Path) -> tuple[Path, Path]:
    """Write ``folder/<name>.png`` (twice the CSS size) and ``.svg``; return both paths.

    Raises ProblemsFound, before anything is written, for a label with a missing glyph.
    """
    contents = _drawn(chart.height, chart.marks)
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / f"{chart.name}.png", folder / f"{chart.name}.svg"
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return paths


@lru_cache(maxsize=128)
def _drawn(height: int, marks: tuple[Mark, ...]) -> tuple[bytes, bytes]:
    """Return PNG and SVG; what both editions draw alike is drawn once."""
    figure, target = render(height, marks), BytesIO()
    picture(figure, target)
    return target.getvalue(), drawing(figure)


@dataclass(frozen=True)
class Swatch:
    """One entry of the key: the look of a mark and what it stands for."""

    label: str
    fill: str
    edge: str = ""
    hatch: str = ""


class Sheet:
    """Collects marks; ``y`` is the height used so far."""

    def __init__(self) -> None:
        self.marks: list[Mark] = []
        self.y = float(EDGE)

    def add(self, *marks: Mark) -> None:
        """Add marks; letters and digits are drawn in the width in which the page prints them."""
        self.marks.extend(
            replace(mark, text=plain_width(mark.text)) if isinstance(mark, Words) else mark for mark in marks
        )

    def paragraph(self, text: str, size: float, ink: str = palette.INK) -> None:
        """Write lines over the whole width below what is there."""
        for line in wrapped(text, size, WIDTH - 2 * EDGE):
            self.add(Words(EDGE, self.y + size * _LINE_HEIGHT / 2, line, size, ink))
            self.y += size * _LINE_HEIGHT

    def heading(self, title: str, *remarks: str) -> None:
        """Write the title and, smaller, the remarks that are not empty."""
        self.paragraph(title, TITLE_SIZE)
        self.y += 3
        if text := "、".join(remark for remark in remarks if remark):
            self.paragraph(text, VALUE_SIZE, palette.MUTED_INK)
        self.y += 8

    def key(self, swatches: Iterable[Swatch]) -> None:
        """Write the key from left to right in the order of the marks, over as many lines as needed."""
        x, height = float(EDGE), VALUE_SIZE * 1.6
        for swatch in swatches:
            lines = wrapped(swatch.label, VALUE_SIZE, WIDTH - 2 * EDGE - _SWATCH - 6)
            needed = _SWATCH + 6 + max(text_width(line, VALUE_SIZE) for line in lines)
            if x > EDGE and x + needed > WIDTH - EDGE:
                x, self.y = float(EDGE), self.y + height
            self.add(Box(x, self.y + (height - _SWATCH) / 2, _SWATCH, _SWATCH, *_look(swatch)))
            for index, line in enumerate(lines):
                self.y += height if index else 0
                self.add(Words(x + _SWATCH + 6, self.y + height / 2, line, VALUE_SIZE))
            x += needed + 18
        self.y += height + 8

    def notes(self, lines: Iterable[str]) -> None:
        """Write the notes below the plot."""
        lines = [line for line in dict.fromkeys(lines) if line]
        self.y += 4 if lines else 0
        for line in lines:
            self.paragraph(line, SMALL_SIZE, palette.MUTED_INK)

    def chart(self, name: str, kind: str, title: str, alt: str) -> Chart:
        """Return the finished chart, cut below the last mark."""
        return Chart(name, kind, plain_width(title), alt, WIDTH, round(self.y + EDGE), tuple(self.marks))


def _look(swatch: Swatch) -> tuple[str, str, str]:
    return swatch.fill, swatch.edge, swatch.hatch


@dataclass(frozen=True)
class Scale:
    """Percent → pixels, from zero at ``start`` to ``top`` percent at ``end``."""

    start: float
    end: float
    top: int = 100

    def at(self, percent: float) -> float:
        return self.start + (self.end - self.start) * percent / self.top

    @property
    def ticks(self) -> tuple[int, ...]:
        step = 20 if self.top > 50 else 10
        return tuple(range(0, self.top + 1, step))


def round_top(percents: Iterable[float]) -> int:
    """Return the first of 20, 30, 40, 50, 60, 80, 100 that holds every percentage."""
    highest = max(percents, default=0)
    return next((top for top in (20, 30, 40, 50, 60, 80) if highest <= top), 100)


def label_lines(label: str, base: str, width: float) -> tuple[str, ...]:
    """Return a row label with its n; n takes a line of its own where both do not fit in one."""
    whole = f"{label} (n={base})" if base else label
    if text_width(whole, LABEL_SIZE) <= width or not base:
        return wrapped(whole, LABEL_SIZE, width)
    return (*wrapped(label, LABEL_SIZE, width), f"(n={base})")


def label_column(labels: Iterable[tuple[str, str]]) -> float:
    """Return the width of a column that holds every (label, n), long ones wrapped."""
    labels = list(labels)
    lines = (line for label, base in labels for line in label_lines(label, base, _WIDEST_LABEL))
    return max(text_width(line, LABEL_SIZE) for line in lines)


def lines_height(lines: tuple[str, ...]) -> float:
    return len(lines) * LABEL_SIZE * _LINE_HEIGHT


def write_label(sheet: Sheet, lines: tuple[str, ...], right: float, middle: float) -> None:
    """Write a row label that ends at ``right``, its lines centred on ``middle``."""
    step = LABEL_SIZE * _LINE_HEIGHT
    first = middle - step * (len(lines) - 1) / 2
    for index, line in enumerate(lines):
        sheet.add(Words(right, first + index * step, line, LABEL_SIZE, align="right"))


def percent_axis(sheet: Sheet, scale: Scale, top: float) -> None:
    """Draw the grid from ``top`` to ``sheet.y`` and the percentages under it."""
    for tick in scale.ticks:
        x = scale.at(tick)
        ink = palette.OUTLINE if tick == 0 else palette.GRID
        sheet.add(Line((x, x), (top, sheet.y), ink, is_behind=True))
        words = f"{tick}%" if tick == scale.ticks[-1] else str(tick)
        sheet.add(Words(x, sheet.y + 10, words, SMALL_SIZE, palette.MUTED_INK, "center"))
    sheet.y += 20
