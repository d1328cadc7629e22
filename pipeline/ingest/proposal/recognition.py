"""Which layout a received file has, by its content. A new layout is one function and one line here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.ingest.nouns import Grid, Source
from pipeline.ingest.recognition import likely_layout
from pipeline.ingest.template_plan import ID_ROW, parse_mark
from pipeline.matching import fold
from pipeline.model import ReceivedFile, Survey, Wave

#: Nothing is known of the file yet.
NOTHING = Source(Survey("", "", "", (), ()), Wave("", ""), ReceivedFile("", "", ""), 1)
_EXPANDED = (re.compile(r"【(.+?)】(.+)"), re.compile(r"(.+?)\[(.+)\]"), re.compile(r"(.+?)[_-](.+)"))


@dataclass(frozen=True)
class Looked:
    """A file as far as a look tells: a text file has one grid, a workbook one per sheet."""

    is_text: bool
    grids: tuple[Grid, ...]


def is_microsoft_forms(looked: Looked) -> bool:
    """True when a header row holds what Microsoft Forms writes: ID, 開始時刻, 完了時刻 …"""
    return likely_layout(looked.grids, NOTHING) == "microsoft_forms"


def is_google_forms(looked: Looked) -> bool:
    """True when a header row begins with タイムスタンプ."""
    return likely_layout(looked.grids, NOTHING) == "google_forms"


def is_option_columns(looked: Looked) -> bool:
    """True when a service says so, or when neighbours are called like options of one question."""
    if likely_layout(looked.grids, NOTHING) == "option_columns":
        return True
    return any(stems(cells) for grid in looked.grids for cells in grid.cells[:1])


def stems(headers: Iterable[str]) -> dict[str, int]:
    """Return the question parts that several headers share in one of the usual ways, and how many do."""
    counts = Counter(found[0] for text in headers if (found := split(text)))
    return {stem: count for stem, count in counts.items() if count > 1}


def split(header: str) -> tuple[str, str] | None:
    """Return (question part, option part) of ``設問[選択肢]``, ``【設問】選択肢``, ``Q3_1``; None for others."""
    found = next((match for form in _EXPANDED if (match := form.fullmatch(fold(header)))), None)
    return (found[1].strip(), found[2].strip()) if found else None


def is_template(looked: Looked) -> bool:
    """True for our own keying workbook: the mark in A4 says so."""
    marks = (grid.cells[ID_ROW - 1][0] for grid in looked.grids if len(grid.cells) >= ID_ROW)
    return not looked.is_text and any(map(parse_mark, marks))


def is_keyed_workbook(looked: Looked) -> bool:
    """True for any workbook: what no service made, people made."""
    return not looked.is_text


def is_csv(looked: Looked) -> bool:
    """True for any text file."""
    return looked.is_text


#: Layouts that say themselves what their columns are: nothing to propose for them.
UNMAPPED = frozenset({"template"})
#: Word ``layout`` of a wave file → is it this one? The first that says yes counts: special ones first.
RECOGNISERS = {
    "template": is_template,
    "google_forms": is_google_forms,
    "microsoft_forms": is_microsoft_forms,
    "option_columns": is_option_columns,
    "keyed_workbook": is_keyed_workbook,
    "csv": is_csv,
}


def layout_of(looked: Looked) -> str:
    """Return the layout of the file."""
    return next(layout for layout, is_it in RECOGNISERS.items() if is_it(looked))
