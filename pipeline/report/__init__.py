"""One edition's tables → everything a reader is given. Nothing here opens a confidential table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipeline.report import documents, internal_workbook, methods, opendata, page, provenance, workbook
from pipeline.report.edition import Edition
from pipeline.report.page import problems

__all__ = ["Edition", "problems", "write", "write_approval", "write_received"]

write_received = internal_workbook.write
write_approval = documents.write_approval


def write(
    edition: Edition,
    folder: Path,
    inputs: Mapping,
    definitions: Mapping,
    code: str,
    counts: Mapping,
    can_typeset: bool = True,
) -> None:
    """Write every output of ``edition`` into ``folder``; provenance.json comes last, over all that lies there.

    inputs, definitions: relative path → SHA-256; counts: ledger rows by status;
    can_typeset: documents are made as well.
    Raises ProblemsFound, before anything is written, when the officer's page names a figure
    or types a number that the tables do not hold.
    """
    composed = page.write(edition, folder)
    workbook.write(edition, folder)
    opendata.write(edition, folder)
    methods.write(edition, folder)
    documents.write(edition, composed, folder, can_typeset)
    provenance.write(edition, folder, inputs=inputs, definitions=definitions, code=code, counts=counts)
