"""Half-width and full-width characters, made one kind."""

from __future__ import annotations

import unicodedata


def plain_width(text: str) -> str:
    """Return ``text`` with half-width letters, digits and %, full-width kana, and no wide space."""
    return "".join(
        unicodedata.normalize("NFKC", run) if _is_odd_width(run[0]) else run for run in _runs(text)
    ).replace("\u3000", " ")


def _is_odd_width(character: str) -> bool:
    return ("！" <= character <= "｝" and (character.isalnum() or character == "％")) or (
        "｡" <= character <= "ﾟ"
    )


def _runs(text: str) -> list[str]:
    """Runs of equal width class: a voiced half-width kana is two characters, one sound."""
    runs: list[str] = []
    for character in text:
        if runs and _is_odd_width(runs[-1][-1]) == _is_odd_width(character):
            runs[-1] += character
        else:
            runs.append(character)
    return runs
