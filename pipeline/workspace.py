"""Where things lie in a workspace, and whether what was made is still true of what it was made from.

Standard library only: a run with nothing to do must not import anything heavy.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from pipeline.model import Survey

#: Files that operating systems and Excel leave behind; never an input.
DEBRIS = (".DS_Store", "Thumbs.db", "desktop.ini")
PROVENANCE = "provenance.json"
#: Beside the processed tables: the wave and build they were made for.
MARK = "build.txt"
EDITIONS = ("internal", "public")


def is_debris(path: Path) -> bool:
    return path.name in DEBRIS or path.name.startswith("~$")


def hashes(folder: Path, root: Path) -> dict[str, str]:
    """Return relative posix path → SHA-256 of every file under ``folder``, sorted, debris apart."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not is_debris(path))
    return {path.relative_to(root).as_posix(): file_hash(path) for path in files}


def file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def code_hash() -> str:
    """Return the SHA-256 of the program: every module and template of ``pipeline/``."""
    folder = Path(__file__).parent
    files = sorted(p for p in folder.rglob("*") if p.suffix in (".py", ".html"))
    lines = [f"{path.relative_to(folder).as_posix()} {file_hash(path)}" for path in files]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@dataclass(frozen=True)
class Sources:
    """What an edition is made from: hashes of received files, definitions and program."""

    inputs: dict[str, str]
    definitions: dict[str, str]
    code: str

    @property
    def build(self) -> str:
        """The build number: the same sources always give the same one."""
        content = json.dumps([self.inputs, self.definitions, self.code], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Workspace:
    """A folder that holds ``surveys/`` and ``data/``."""

    root: Path

    def raw(self, survey: str) -> Path:
        return self.root / "data" / "raw" / survey

    def review(self, survey: str, wave: str) -> Path:
        return self.root / "data" / "review" / survey / wave

    def processed(self, survey: str) -> Path:
        return self.root / "data" / "processed" / survey

    def reports(self, survey: str, wave: str) -> Path:
        return self.root / "reports" / survey / wave

    def decisions(self, survey: str) -> Path:
        return self.root / "surveys" / survey / "coding" / "decisions.csv"

    def sources(self, survey: str) -> Sources:
        return Sources(
            hashes(self.raw(survey), self.root),
            hashes(self.root / "surveys" / survey, self.root),
            code_hash(),
        )

    def is_current(self, survey: Survey, sources: Sources) -> bool:
        """True when tables and both editions were made from ``sources`` and lie there as written."""
        mark = self.processed(survey.id) / MARK
        is_marked = mark.is_file() and mark.read_text(encoding="utf-8") == _mark(survey, sources)
        return is_marked and all(
            _is_edition_current(self.reports(survey.id, survey.newest.key) / edition, sources)
            for edition in EDITIONS
        )

    def mark_processed(self, folder: Path, survey: Survey, sources: Sources) -> None:
        """Note in the processed tables what they were made from and for which wave."""
        (folder / MARK).write_text(_mark(survey, sources), encoding="utf-8", newline="\n")

    def received_before(self, survey: Survey) -> dict[str, str]:
        """Return the hashes of received files as the last build recorded them; {} without one."""
        return _recorded(self.reports(survey.id, survey.newest.key) / "public").get("inputs", {})


def _mark(survey: Survey, sources: Sources) -> str:
    return f"{survey.newest.key} {sources.build}\n"


def _recorded(folder: Path) -> dict:
    try:
        return json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _is_edition_current(folder: Path, sources: Sources) -> bool:
    recorded = _recorded(folder)
    made_from = (recorded.get("inputs"), recorded.get("definitions"), recorded.get("code"))
    if made_from != (sources.inputs, sources.definitions, sources.code):
        return False
    written = hashes(folder, folder)
    written.pop(PROVENANCE, None)
    return written == recorded.get("outputs")
