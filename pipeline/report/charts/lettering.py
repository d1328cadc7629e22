"""The font of every chart: widths of text, lines of long Japanese labels, missing glyphs.

The font file is found without importing its package, which would change global settings. System
fonts are never asked, so a chart looks the same on every machine.
"""

from __future__ import annotations

import importlib.util
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from pipeline.model import Problem, ProblemsFound
from pipeline.report.widths import plain_width

_FONT_PACKAGE = "matplotlib_fontja"
_FALLBACK = "DejaVu Sans"
_NOT_AT_START = frozenset(
    "、。，．・：；？！」』）〕】〉》”’ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々〜～…,.:;?!)]}%％"
)
_NOT_AT_END = frozenset("「『（〔【〈《“‘([{#$¥￥")
#: One more line costs more than any cut that is only awkward.
_LINE_COST = 6.0


@cache
def font_path() -> Path:
    """Return the Japanese TrueType file. Raises ProblemsFound when its package is not installed."""
    spec = importlib.util.find_spec(_FONT_PACKAGE)
    for folder in spec.submodule_search_locations if spec else ():
        for path in sorted(Path(folder).rglob("*.ttf")):
            return path
    raise ProblemsFound(
        [
            Problem(
                "図に使う日本語の書体がありません",
                expected="matplotlib-fontja（IPAexゴシックを含むパッケージ）",
                next_step="make report を実行すると、必要なものが自動で入ります。",
            )
        ]
    )


@cache
def families() -> tuple[str, str]:
    """Return the names of the Japanese font and of its fallback, known to matplotlib from now on."""
    from matplotlib.font_manager import fontManager

    name = _faces()[0].family_name
    if not any(entry.name == name for entry in fontManager.ttflist):
        fontManager.addfont(font_path())
    return name, _FALLBACK


@cache
def _faces() -> tuple:
    from matplotlib import get_data_path
    from matplotlib.ft2font import FT2Font

    fallback = Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    faces = FT2Font(str(font_path())), FT2Font(str(fallback))
    for face in faces:
        face.set_size(100, 72)
    return faces


@cache
def _advance(character: str) -> float | None:
    """Width of one character as a part of the font size; None when no font has it."""
    for face in _faces():
        if face.get_char_index(ord(character)):
            return face.load_char(ord(character)).linearHoriAdvance / 65536 / 100
    return None


def text_width(text: str, size: float) -> float:
    """Return the width of one line of ``text`` as it is drawn, in the unit of ``size``."""
    return size * sum(_advance(character) or 1.0 for character in plain_width(text))


def glyph_problems(labels: Iterable[str]) -> list[Problem]:
    """Return one problem per label that holds a character no chart font can draw."""
    problems = []
    for label in dict.fromkeys(labels):
        missing = [character for character in dict.fromkeys(label) if _advance(character) is None]
        if missing:
            names = "、".join(f"「{character}」（U+{ord(character):04X}）" for character in missing)
            problems.append(
                Problem(
                    "図の書体にない文字があります",
                    key=label,
                    found=names,
                    expected="IPAexゴシックにある文字",
                    next_step="調査ファイルの文言で、その文字を別の文字に替えてください。",
                )
            )
    return problems


def wrapped(text: str, size: float, width: float) -> tuple[str, ...]:
    """Return ``text`` as few lines no wider than ``width``, cut where a reader would pause.

    Pauses are after 、, before （, where kana end and a new word begins. An awkward cut costs less than
    one more line; a wrong one (inside a number, before 、 or after 「) costs more.
    """
    text = " ".join(plain_width(text).split())
    if text_width(text, size) <= width:
        return (text,)
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(text) + 1):
        choices = []
        for start in range(end - 1, -1, -1):
            line = text_width(text[start:end].strip(), size)
            if line > width and start < end - 1:
                break
            slack = 0.0 if end == len(text) else ((width - line) / width) ** 2
            choices.append((best[start][0] + _LINE_COST + slack + _awkwardness(text, start), start))
        best.append(min(choices))
    cuts = [len(text)]
    while cuts[-1]:
        cuts.append(best[cuts[-1]][1])
    cuts.reverse()
    return tuple(text[start:end].strip() for start, end in zip(cuts, cuts[1:], strict=False))


def _awkwardness(text: str, cut: int) -> float:
    """Cost of starting a line at ``cut``: 0 at a natural pause, 50 where a cut is an error."""
    if cut == 0:
        return 0.0
    # A bracket is better not torn, if there is another pause near.
    is_inside = text.count("（", 0, cut) > text.count("）", 0, cut)
    return _pause_cost(text[cut - 1], text[cut]) + (0.5 if is_inside else 0.0)


def _pause_cost(before: str, after: str) -> float:
    if after in _NOT_AT_START or before in _NOT_AT_END:
        return 50.0
    if before == " " or after == " " or before in "、。，」』）":
        return 0.0
    kinds = _script(before), _script(after)
    if "latin" in kinds and kinds[0] == kinds[1]:
        return 50.0
    if after in _NOT_AT_END or before == "・":
        return 0.1
    if kinds[0] == "hiragana" and kinds[1] != "hiragana":
        return 0.1
    if kinds[0] != kinds[1] and kinds[1] != "hiragana":
        return 0.6
    return 1.5 if kinds == ("hiragana", "hiragana") else 3.0


def _script(character: str) -> str:
    if character.isascii() and not character.isspace():
        return "latin"
    return unicodedata.name(character, "OTHER").split()[0].lower()
