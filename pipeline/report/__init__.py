"""One edition's tables → everything a reader is given. Nothing here opens a confidential table."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from pipeline.model import Problem
from pipeline.report import (
    documents,
    internal_workbook,
    methods,
    opendata,
    page,
    provenance,
    workbook,
)
from pipeline.report.edition import Edition
from pipeline.report.page import draft, problems

__all__ = [
    "Edition",
    "draft",
    "inline_scripts",
    "open_tables",
    "problems",
    "write",
    "write_approval",
    "write_received",
]

write_received = internal_workbook.write
write_approval = documents.write_approval
open_tables = opendata.csv_files


def inline_scripts() -> frozenset[str]:
    """Return the SHA-256 of each inline script that the room's pages hold, as it stands between its tags."""
    folder = Path(__file__).parent / "templates"
    found = set()
    for path in sorted(folder.glob("*.html")):
        source = path.read_text(encoding="utf-8")
        for name in re.findall(r"<script>\s*{% include \"(\S+)\" %}\s*</script>", source):
            content = "\n" + (folder / name).read_text(encoding="utf-8")
            found.add(hashlib.sha256(content.encode()).hexdigest())
    return frozenset(found)


def write(
    edition: Edition,
    folder: Path,
    inputs: Mapping,
    definitions: Mapping,
    code: str,
    counts: Mapping,
    can_typeset: bool = True,
) -> list[Problem]:
    """Write every output of ``edition`` into ``folder``; provenance.json comes last, over all that lies there.

    inputs, definitions: relative path → SHA-256; counts: ledger rows by status;
    can_typeset: documents are made as well. Returns notes on what was made and is not as it should be.
    Raises ProblemsFound, before anything is written, when the officer's page names a figure
    or types a number that the tables do not hold.
    """
    composed = page.write(edition, folder)
    workbook.write(edition, folder)
    opendata.write(edition, folder)
    methods.write(edition, folder)
    notes = documents.write(edition, composed, folder, can_typeset)
    provenance.write(edition, folder, inputs=inputs, definitions=definitions, code=code, counts=counts)
    return notes
