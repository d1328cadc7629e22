"""Which layout a received file has, by its content. A new layout is one function and one line here."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.ingest.nouns import Grid
from pipeline.ingest.template_plan import ID_ROW, parse_mark
from pipeline.matching import fold_tight


@dataclass(frozen=True)
class Looked:
    """A file as far as a look tells: a text file has one grid, a workbook one per sheet."""

    is_text: bool
    grids: tuple[Grid, ...]

    def first_rows(self, count: int = 1) -> list[list[str]]:
        """Return the folded cells of the first rows of every sheet."""
        return [[fold_tight(text) for text in cells] for grid in self.grids for cells in grid.cells[:count]]


_FORMS_STARTED = frozenset(map(fold_tight, ("開始時刻", "Start time")))
_FORMS_ENDED = frozenset(map(fold_tight, ("完了時刻", "Completion time")))


def is_microsoft_forms(looked: Looked) -> bool:
    """True when a sheet begins as Microsoft Forms writes it: ID, 開始時刻, 完了時刻 …"""
    return not looked.is_text and any(
        row[:1] in (["ID"], ["Id"]) and _FORMS_STARTED & {*row} and _FORMS_ENDED & {*row}
        for row in looked.first_rows()
    )


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
    "microsoft_forms": is_microsoft_forms,
    "keyed_workbook": is_keyed_workbook,
    "csv": is_csv,
}


def layout_of(looked: Looked) -> str:
    """Return the layout of the file."""
    return next(layout for layout, is_it in RECOGNISERS.items() if is_it(looked))
