"""Received file → sheets of text under named columns. A new layout is one module and one line here."""

from pipeline.ingest.layouts import (
    csv_table,
    google_forms,
    keyed_workbook,
    microsoft_forms,
    option_columns,
    template,
)
from pipeline.ingest.nouns import Source
from pipeline.ingest.template_plan import LAYOUT
from pipeline.model import ReceivedFile

#: The word ``layout`` of a wave file → reader(source, bytes of the file) → (sheets, problems).
READERS = {
    "keyed_workbook": keyed_workbook.read_sheets,
    "microsoft_forms": microsoft_forms.read_sheets,
    "google_forms": google_forms.read_sheets,
    "option_columns": option_columns.read_sheets,
    "csv": csv_table.read_sheets,
    LAYOUT: template.read_sheets,
}


def settled(source: Source) -> ReceivedFile:
    """Return how the file is read: as the wave file says, or as its layout settles by itself."""
    return template.conventions(source) if source.received.layout == LAYOUT else source.received


__all__ = ["READERS", "settled"]
