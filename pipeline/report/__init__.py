"""One edition's tables → everything a reader is given. Nothing here opens a confidential table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipeline.report import internal_workbook, methods, opendata, page, provenance, workbook
from pipeline.report.edition import Edition
from pipeline.report.page import draft, problems

__all__ = ["Edition", "draft", "problems", "write", "write_received"]

write_received = internal_workbook.write


def write(edition: Edition, folder: Path, inputs: Mapping, definitions: Mapping, code: str, counts: Mapping) -> None:
    """Write every output of ``edition`` into ``folder``; provenance.json comes last, over all that lies there.

    inputs, definitions: relative path → SHA-256; counts: ledger rows by status.
    Raises ProblemsFound, before anything is written, when the officer's page names a figure
    or types a number that the tables do not hold.
    """
    page.write(edition, folder)
    workbook.write(edition, folder)
    opendata.write(edition, folder)
    methods.write(edition, folder)
    provenance.write(edition, folder, inputs=inputs, definitions=definitions, code=code, counts=counts)
