"""Received file → sheets of text under named columns. A new layout is one module and one line here."""

from pipeline.ingest.layouts import csv_table, keyed_workbook, microsoft_forms

#: The word ``layout`` of a wave file → reader(source, bytes of the file) → (sheets, problems).
READERS = {
    "keyed_workbook": keyed_workbook.read_sheets,
    "microsoft_forms": microsoft_forms.read_sheets,
    "csv": csv_table.read_sheets,
}

__all__ = ["READERS"]
