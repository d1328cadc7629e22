"""What an edition was made from and what it consists of: provenance.json, written last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path, PurePosixPath

from pipeline.model import EMPTY
from pipeline.report import announcement
from pipeline.report.edition import Edition

FILE = "provenance.json"
AUDIT = {"status": "not_audited", "note": "公表するものではないため、監査していません"}


def write(
    edition: Edition,
    folder: Path,
    inputs: Mapping[str, str],
    definitions: Mapping[str, str],
    code: str,
    counts: Mapping[str, int] = EMPTY,
) -> None:
    """Write provenance.json over every other file that lies in ``folder``.

    inputs, definitions: relative posix path → SHA-256; code: SHA-256 of the program;
    counts: ledger status → rows. No clock, no machine, no interpreter: the same sources give
    the same bytes anywhere.
    """
    record = {
        "survey": edition.survey.id,
        "wave": edition.wave.key,
        "edition": edition.label,
        "status": announcement.status(edition),
        "release": _release(edition),
        "build": edition.build,
        "audit": dict(edition.audit) or AUDIT,
        "rules": asdict(edition.survey.parameters),
        "ledger": _totals(counts),
        "inputs": _received(edition, inputs),
        "definitions": dict(definitions),
        "code": code,
        "outputs": _hashes(folder),
    }
    text = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
    (folder / FILE).write_bytes(text.encode("utf-8"))


def _release(edition: Edition) -> dict[str, object] | None:
    """Return number and day of the release. Who approved it stands in the register."""
    release = edition.release
    return None if release is None else {"number": release.number, "date": release.date.isoformat()}


def _totals(counts: Mapping[str, int]) -> dict[str, int]:
    """Return rows read and rows by status, never per file: a small department may have sent one of its own."""
    totals = dict.fromkeys(("accepted", "rejected", "duplicate"), 0) | dict(counts)
    return {"read": sum(totals.values()), **totals}


def _received(edition: Edition, inputs: Mapping[str, str]) -> list[dict[str, str]]:
    """Return wave and hash of every received file, without its name: names tell departments and counts."""
    waves = {wave.key for wave in edition.survey.waves}
    found = [
        (next((part for part in PurePosixPath(path).parent.parts if part in waves), ""), digest)
        for path, digest in inputs.items()
    ]
    return [{"wave": wave, "sha256": digest} for wave, digest in sorted(found)]


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.relative_to(folder).as_posix() != FILE
    }
