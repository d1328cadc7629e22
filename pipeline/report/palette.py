"""Colours of the report room and their contrast, by computation. Standard library only.

The values are those of the Digital Agency's dashboard palette (デジタル庁 ダッシュボードデザインの
実践ガイドブック): blue for answers, grey for no answer.
"""

from __future__ import annotations

from collections.abc import Sequence

WHITE = "#FFFFFF"
INK = "#1A1A1A"
MUTED_INK = "#4D4D4D"
OUTLINE = "#767676"
GRID = "#CCCCCC"
NO_ANSWER = "#CCCCCC"
OUTSIDE_SCALE = "#F2F2F2"
NEWEST = "#3460FB"
PREVIOUS = "#D9E6FF"
REMAINDER = "#767676"
#: Bars that carry a dark interval line.
GROUP = "#7096F8"
TOTAL = "#999999"

#: Steps of an ordered scale from its first option to its last, by number of options. The lightest
#: step stays lighter than the grey of 無回答, so that the two ends differ without colour.
_RAMPS: dict[int, tuple[str, ...]] = {
    1: ("#0017C1",),
    2: ("#0017C1", "#C5D7FB"),
    3: ("#0017C1", "#7096F8", "#E8F1FE"),
    4: ("#0017C1", "#3460FB", "#7096F8", "#E8F1FE"),
    5: ("#0017C1", "#3460FB", "#7096F8", "#C5D7FB", "#E8F1FE"),
    6: ("#000071", "#0017C1", "#3460FB", "#7096F8", "#C5D7FB", "#E8F1FE"),
    7: ("#000071", "#0017C1", "#3460FB", "#7096F8", "#9DB7F9", "#C5D7FB", "#E8F1FE"),
}
_STOPS = _RAMPS[7]


def ramp(steps: int) -> tuple[str, ...]:
    """Return ``steps`` colours from dark to pale; more than seven are mixed between the seven."""
    if steps in _RAMPS:
        return _RAMPS[steps]
    return tuple(_mixed(index * (len(_STOPS) - 1) / (steps - 1)) for index in range(steps))


def scale_fills(is_beside: Sequence[bool]) -> list[str]:
    """Return a colour per answer: dark to pale along the scale, near white for one that lies beside it."""
    steps = iter(ramp(max(1, sum(not beside for beside in is_beside))))
    return [OUTSIDE_SCALE if beside else next(steps) for beside in is_beside]


def _mixed(place: float) -> str:
    low = min(int(place), len(_STOPS) - 2)
    pairs = zip(_channels(_STOPS[low]), _channels(_STOPS[low + 1]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * (place - low)):02X}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """Return the relative luminance (0–1) of ``#RRGGBB`` (WCAG 2)."""
    linear = []
    for channel in _channels(colour):
        part = channel / 255
        linear.append(part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4)
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio (1–21) of two colours (WCAG 2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def text_on(fill: str) -> str:
    """Return the colour of text on ``fill``: white or near black, whichever reads better."""
    return max((INK, WHITE), key=lambda ink: contrast(ink, fill))


def outline_of(fill: str) -> str:
    """Return the outline that ``fill`` needs on white, or "" when it stands out by itself."""
    return OUTLINE if contrast(fill, WHITE) < 3 else ""
