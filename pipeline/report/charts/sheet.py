"""Marks of a chart in CSS pixels from the top left, and the one place that draws them.

Places are computed beforehand from the widths of the labels, so no layout pass is needed, nothing
moves between two runs, and a test can ask where everything is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO

from pipeline.model import ProblemsFound
from pipeline.report import palette
from pipeline.report.charts.lettering import families, glyph_problems

#: Width of every chart in CSS pixels; PNG files have twice as many.
WIDTH = 760
_PIXELS_PER_INCH = 96
_POINTS_PER_PIXEL = 72 / _PIXELS_PER_INCH
#: Half of the height of a digit, as a part of the font size: what centres a line of text.
_HALF_DIGIT = 0.36
_SETTINGS = {
    "svg.fonttype": "path",
    "svg.hashsalt": "pipeline-charts",
    "axes.unicode_minus": False,
    "text.usetex": False,
    "path.simplify": False,
    "path.sketch": None,
    "path.effects": [],
    "savefig.bbox": None,
    "savefig.facecolor": palette.WHITE,
    "savefig.edgecolor": palette.WHITE,
}


@dataclass(frozen=True)
class Words:
    """One line of text whose digits are centred on ``y``; ``align`` says which end is at ``x``.

    A halo is white paper under the words, where a line might cross them.
    """

    x: float
    y: float
    text: str
    size: float
    ink: str = palette.INK
    align: str = "left"
    has_halo: bool = False


@dataclass(frozen=True)
class Box:
    """A filled rectangle from its top left corner."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    edge: str = ""
    hatch: str = ""


@dataclass(frozen=True)
class Line:
    """A line through points; ``dashes`` are lengths on and off in pixels."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    ink: str
    width: float = 1.0
    dashes: tuple[float, ...] = ()
    is_behind: bool = False


@dataclass(frozen=True)
class Dot:
    """A round marker of ``size`` pixels; hollow when ``fill`` is white."""

    x: float
    y: float
    size: float
    ink: str
    fill: str


Mark = Words | Box | Line | Dot


def render(height: int, marks: Iterable[Mark]):
    """Return a matplotlib Figure of WIDTH × ``height`` CSS pixels.

    Raises ProblemsFound naming every label that holds a character no chart font has.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.transforms import Affine2D

    marks = tuple(marks)
    problems = glyph_problems(mark.text for mark in marks if isinstance(mark, Words))
    if problems:
        raise ProblemsFound(problems)
    with matplotlib.rc_context(_SETTINGS):
        # The hair above the size keeps the pixel count from being cut to one less.
        inches = ((WIDTH + 0.01) / _PIXELS_PER_INCH, (height + 0.01) / _PIXELS_PER_INCH)
        figure = Figure(figsize=inches, dpi=_PIXELS_PER_INCH, facecolor=palette.WHITE)
        FigureCanvasAgg(figure)
        place = Affine2D().scale(1 / WIDTH, -1 / height).translate(0, 1) + figure.transFigure
        for mark in marks:
            if isinstance(mark, Words):
                _write(figure, place, mark)
            else:
                figure.add_artist(_SHAPES[type(mark)](place, mark))
    return figure


def _write(figure, place, mark: Words) -> None:
    halo = {"facecolor": palette.WHITE, "edgecolor": "none", "boxstyle": "square,pad=0.12"}
    figure.text(
        mark.x,
        mark.y + _HALF_DIGIT * mark.size,
        mark.text,
        transform=place,
        fontfamily=list(families()),
        fontsize=mark.size * _POINTS_PER_PIXEL,
        color=mark.ink,
        ha=mark.align,
        va="baseline",
        parse_math=False,
        zorder=5,
        bbox=halo if mark.has_halo else None,
    )


def _box(place, mark: Box):
    from matplotlib.patches import Rectangle

    shape = Rectangle(
        (mark.x, mark.y),
        mark.width,
        mark.height,
        transform=place,
        facecolor=mark.fill,
        edgecolor=mark.edge or "none",
        linewidth=_POINTS_PER_PIXEL if mark.edge else 0,
        hatch=mark.hatch or None,
        zorder=2,
    )
    if mark.hatch:
        shape.set_hatchcolor(palette.WHITE)
        shape.set_hatch_linewidth(_POINTS_PER_PIXEL)
    return shape


def _line(place, mark: Line):
    from matplotlib.lines import Line2D

    style = (0, tuple(part / mark.width for part in mark.dashes)) if mark.dashes else "solid"
    return Line2D(
        mark.xs,
        mark.ys,
        transform=place,
        color=mark.ink,
        linewidth=mark.width * _POINTS_PER_PIXEL,
        linestyle=style,
        marker="",
        solid_capstyle="butt",
        dash_capstyle="butt",
        zorder=1 if mark.is_behind else 3,
    )


def _dot(place, mark: Dot):
    from matplotlib.lines import Line2D

    return Line2D(
        (mark.x,),
        (mark.y,),
        transform=place,
        linestyle="none",
        marker="o",
        markersize=mark.size * _POINTS_PER_PIXEL,
        markeredgewidth=2 * _POINTS_PER_PIXEL,
        markeredgecolor=mark.ink,
        markerfacecolor=mark.fill,
        zorder=4,
    )


_SHAPES = {Box: _box, Line: _line, Dot: _dot}


def picture(figure, target) -> None:
    """Write ``figure`` to a path or stream as PNG at twice its CSS size."""
    import matplotlib

    with matplotlib.rc_context(_SETTINGS):
        figure.savefig(target, format="png", dpi=2 * _PIXELS_PER_INCH, metadata={"Software": "pipeline"})


def drawing(figure) -> bytes:
    """Return ``figure`` as SVG with its letters as outlines, without the words that the writer notes beside them."""
    import matplotlib

    target = BytesIO()
    with matplotlib.rc_context(_SETTINGS):
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": "pipeline"})
    return re.sub(rb"[ \t]*<!--.*?-->\n?", b"", target.getvalue(), flags=re.S)
