"""Received file → sheets of text under named columns. A new layout is one module and one line here."""

from pipeline.ingest.layouts import (
    csv_table,
    google_forms,
    keyed_workbook,
    microsoft_forms,
    option_columns,
)

#: The word ``layout`` of a wave file → reader(source, bytes of the file) → (sheets, problems).
READERS = {
    "keyed_workbook": keyed_workbook.read_sheets,
    "microsoft_forms": microsoft_forms.read_sheets,
    "google_forms": google_forms.read_sheets,
    "option_columns": option_columns.read_sheets,
    "csv": csv_table.read_sheets,
}

__all__ = ["READERS"]
