"""Headers that name a question and one of its options: ``設問[選択肢]``, ``【設問】選択肢``, ``Q3_1`` …"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.matching import fold_tight

_CLOSING = {"[": "]", "(": ")"}


def split_header(header: str, stems: Iterable[str]) -> tuple[str, str] | None:
    """Return (stem, option part) of ``header``; the longest of the folded ``stems`` wins.

    None when the header is no option column of any of them.
    """
    key = fold_tight(header)
    found = [(stem, part) for stem in stems if stem and (part := _part(key, stem))]
    return max(found, key=lambda pair: len(pair[0]), default=None)


def _part(key: str, stem: str) -> str:
    for front in (f"【{stem}】", f"[{stem}]"):
        if key.startswith(front):
            return key.removeprefix(front)
    rest = key.removeprefix(stem) if key.startswith(stem) else ""
    if rest[:1] in _CLOSING and rest.endswith(_CLOSING[rest[0]]):
        return rest[1:-1]
    return rest[1:] if rest[:1] in ("_", "-") else ""


def code_of(part: str) -> str:
    """Return the number of an option part such as ``SQ001`` or ``1``, "" when it is none."""
    match = re.fullmatch(r"(?:SQ|A)?0*([1-9]\d?)", part, re.IGNORECASE)
    return match[1] if match else ""
