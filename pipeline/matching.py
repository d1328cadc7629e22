"""Labels by what they look like: folded for comparison, or the start of a formula. What is stored is never folded."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), None)
_CIRCLES = dict.fromkeys(map(ord, "◯〇⚪◦"), "○") | dict.fromkeys(map(ord, "⚫⬤"), "●")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－"), "-")
_WAVES = dict.fromkeys(map(ord, "〜～∼˜"), "~")
_OTHERS = {ord("‖"): "∥", ord("￠"): "¢", ord("￡"): "£", ord("￢"): "¬", ord("・"): "･"}
_NEGATIVE = re.compile(r"-[\d,.]*%?")
#: Japanese spreadsheets read the wide signs as the narrow ones.
_FORMULA_STARTS = ("=", "+", "@", "\t", "\r", "＝", "＋", "＠")
_FOLD = _ZERO_WIDTH | _CIRCLES | _DASHES | _WAVES | _OTHERS


# The same few labels and codes come thousands of times in a file.
@lru_cache(maxsize=1 << 14)
def fold(text: str) -> str:
    """Return the matching key of ``text``: NFKC, one kind of dash, wave and circle, no
    zero-width characters, spaces collapsed. ``ー`` (long vowel) is left alone.
    """
    folded = unicodedata.normalize("NFKC", text.translate(_FOLD)).translate(_FOLD)
    return re.sub(r"\s+", " ", folded).strip()


@lru_cache(maxsize=1 << 14)
def fold_tight(text: str) -> str:
    """Return ``fold(text)`` without any space: for headers broken over lines."""
    return fold(text).replace(" ", "")


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet would calculate ``text`` as it opens a CSV; a sign alone or a number is none."""
    is_command = text.startswith("-") and not _NEGATIVE.fullmatch(text)
    return text.startswith(_FORMULA_STARTS) or is_command


def nearest(text: str, choices: Iterable[str], cutoff: float = 0.5) -> str:
    """Return the choice most like ``text``, or "" when none is alike."""
    by_key = {fold(choice): choice for choice in choices}
    close = difflib.get_close_matches(fold(text), list(by_key), n=1, cutoff=cutoff)
    return by_key[close[0]] if close else ""
