"""masked.csv: the answers of one wave with names masked. ``review`` writes it; ``report``, which has no
analyser, shows it in the internal workbook.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

import pandas as pd

from pipeline.coding.decisions import comment_key

COLUMNS = ("question", "key", "text")
Place = tuple[str, str]


def masked_bytes(texts: Mapping[Place, str]) -> bytes:
    """Return the file of {(question, key): masked text}, in the order of the keys: not of the forms."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((*place, texts[place]) for place in sorted(texts))
    return text.getvalue().encode("utf-8")


def masked_answers(content: bytes, comments: pd.DataFrame, wave: str) -> tuple[list[tuple[str, str]], int]:
    """Return (question, masked text) of every answer of ``wave``, and how many answers have no masked text.

    content: the file, b"" where there is none; a row that somebody spoilt counts as none. comments: frames.COMMENTS. The order is that of the keys,
    so that a place in the list says nothing about whose answer it is.
    """
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig", "replace"), newline=""))
    known = {(row[0], row[1]): row[2] for row in rows if len(row) == len(COLUMNS)}
    places = sorted(_places(comments, wave))
    shown = [(place[0], known[place]) for place in places if place in known]
    return shown, len(places) - len(shown)


def _places(comments: pd.DataFrame, wave: str) -> Iterable[Place]:
    own = comments[comments["wave"] == wave]
    return ((question, comment_key(question, text)) for question, text in zip(own["question"], own["text"], strict=True))
