"""Where things lie in a workspace, and whether what was made is still true of what it was made from.

Standard library only: a run with nothing to do must not import anything heavy.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pipeline import register
from pipeline.model import EDITIONS, Survey

#: Files that operating systems and Excel leave behind; never an input.
DEBRIS = (".DS_Store", "Thumbs.db", "desktop.ini")
PROVENANCE = "provenance.json"
#: Beside the processed tables: what they were made from.
MARK = "build.json"
#: Packages of the extra ``documents`` as they are imported, and a file that is only made with them.
DOCUMENT_PACKAGES = ("typst", "docx")
DOCUMENT = "documents/results.pdf"


def is_debris(path: Path) -> bool:
    return path.name in DEBRIS or path.name.startswith("~$")


def hashes(folder: Path, root: Path, without: str = "") -> dict[str, str]:
    """Return relative posix path → SHA-256 of every file under ``folder``, sorted, debris apart.

    without: name of a folder directly in ``folder`` that is passed over.
    """
    passed = folder / without if without else None
    files = sorted(path for path in _files(folder, passed) if not is_debris(path))
    return {path.relative_to(root).as_posix(): file_hash(path) for path in files}


def _files(folder: Path, passed: Path | None = None) -> Iterator[Path]:
    """Yield every file under ``folder``, through links as well: received files may lie on another drive.

    Raises OSError for a folder that cannot be read; passing it over would call it unchanged.
    """
    for place, folders, names in (
        os.walk(folder, onerror=_refuse, followlinks=True) if folder.is_dir() else ()
    ):
        folders[:] = [
            name for name in folders if Path(place, name) != passed and not _leads_back(Path(place, name))
        ]
        yield from (path for name in names if (path := Path(place, name)).is_file())


def _refuse(error: OSError) -> None:
    raise error


def _leads_back(folder: Path) -> bool:
    return folder.is_symlink() and folder.resolve() in {parent.resolve() for parent in folder.parents}


def file_hash(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def can_typeset() -> bool:
    """Return whether documents (PDF, docx) can be made here; nothing is imported."""
    return all(find_spec(package) is not None for package in DOCUMENT_PACKAGES)


def _hash_if_there(path: Path) -> str:
    return file_hash(path) if path.is_file() else ""


def code_hash() -> str:
    """Return the SHA-256 of the program: every module and template of ``pipeline/``."""
    folder = Path(__file__).parent
    files = sorted(p for p in folder.rglob("*") if p.suffix in (".py", ".html", ".typ"))
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

    def changed(self, since: Sources) -> list[str]:
        """Return the paths that were added, altered or removed ``since`` then; ``pipeline`` for the program."""
        now, then = self.inputs | self.definitions, since.inputs | since.definitions
        paths = [path for path in sorted(now | then) if now.get(path) != then.get(path)]
        return paths if self.code == since.code else [*paths, "pipeline"]


def public_build(sources: Sources, tables: Mapping[str, bytes], lines: object) -> str:
    """Return the build number of a public edition: a hash of what it says and of nothing it keeps to itself.

    tables: its open data by file name; lines: the approved sentences; of ``sources`` the program
    and the definitions that its texts come from.
    """
    texts = {path: digest for path, digest in sources.definitions.items() if not _is_confidential(path)}
    said = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(tables.items())}
    content = json.dumps([said, str(lines), texts, sources.code], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:8]


def _is_confidential(path: str) -> bool:
    """True for what is written by hand about single answers: decisions, names, corrections."""
    parts = path.split("/")[2:]
    return parts[0] in ("coding", "names", "corrections.csv")


@dataclass(frozen=True)
class Workspace:
    """A folder that holds ``surveys/`` and ``data/``."""

    root: Path

    def raw(self, survey: str) -> Path:
        return self.root / "data" / "raw" / survey

    def review(self, survey: str, wave: str) -> Path:
        return self.root / "data" / "review" / survey / wave

    def masked(self, survey: Survey) -> Path:
        """Return where ``review`` leaves the newest wave's free texts with names masked."""
        return self.review(survey.id, survey.newest.key) / "masked.csv"

    def processed(self, survey: str) -> Path:
        return self.root / "data" / "processed" / survey

    def reports(self, survey: str, wave: str) -> Path:
        return self.root / "reports" / survey / wave

    def adhoc(self, survey: str) -> Path:
        """Return where crosses asked for lie: beside the sets of the waves, which are replaced whole."""
        return self.root / "reports" / survey / "adhoc"

    def previous(self, survey: str, wave: str) -> Path:
        """Return where the open data and the page of the build before the last one are kept, for ``diff`` only."""
        return self.adhoc(survey) / f"previous_{wave}"

    def releases(self, survey: str, wave: str) -> Path:
        return self.root / "surveys" / survey / register.FOLDER / wave

    @property
    def lock(self) -> Path:
        return self.root / "data" / "processed" / ".lock"

    def output_folders(self) -> Iterator[Path]:
        """Yield the folders in which sets are swapped, each looked for when those before it are tidied."""
        yield self.root / "data" / "processed"
        yield from sorted((self.root / "reports").glob("*"))
        yield from sorted((self.root / "reports").glob("*/*"))
        yield from sorted((self.root / "surveys").glob(f"*/{register.FOLDER}/*"))

    def decisions(self, survey: str) -> Path:
        return self.root / "surveys" / survey / "coding" / "decisions.csv"

    def lines(self, survey: str, wave: str) -> Path:
        return self.root / "surveys" / survey / "coding" / wave / "lines.csv"

    def sources(self, survey: str) -> Sources:
        return Sources(
            hashes(self.raw(survey), self.root),
            # What was published is no source: a release changes nothing that is made afterwards.
            hashes(self.root / "surveys" / survey, self.root, without=register.FOLDER),
            code_hash(),
        )

    def is_current(self, survey: Survey, sources: Sources, without: tuple[str, ...] = ()) -> bool:
        """True when tables and both editions were made from ``sources`` and lie there as written.

        without: the crosses the public edition leaves out.
        """
        tables = self.processed(survey.id)
        mark = _recorded(tables / MARK)
        made_from = (mark.get("inputs"), mark.get("definitions"), mark.get("code"))
        if (mark.get("wave"), mark.get("without")) != (survey.newest.key, list(without)) or made_from != (
            sources.inputs,
            sources.definitions,
            sources.code,
        ):
            return False
        reports = self.reports(survey.id, survey.newest.key)
        return _lies_as_written(tables, MARK, mark.get("tables")) and all(
            _lies_as_written(
                reports / edition, PROVENANCE, _recorded(reports / edition / PROVENANCE).get("outputs")
            )
            and file_hash(reports / edition / PROVENANCE) == mark.get("editions", {}).get(edition)
            and ((reports / edition / DOCUMENT).is_file() or not can_typeset())
            for edition in EDITIONS
        )

    def shows_masked(self, survey: Survey) -> bool:
        """Return whether the internal workbook was made with the masked texts as they are now.

        Apart from ``is_current``: nothing that is published changes with them.
        """
        return _recorded(self.processed(survey.id) / MARK).get("masked", "") == _hash_if_there(self.masked(survey))

    def has_documents(self, survey: Survey) -> bool:
        """Return whether the newest wave's public edition has its documents."""
        return (self.reports(survey.id, survey.newest.key) / "public" / DOCUMENT).is_file()

    def left_out(self, survey: str) -> tuple[str, ...]:
        """Return the crosses that the build that lies there leaves out of its public edition."""
        return tuple(_recorded(self.processed(survey) / MARK).get("without", ()))

    def build_lying_there(self, survey: str, wave: str) -> str:
        """Return the build number of the public edition that lies there, "" without one."""
        return _recorded(self.reports(survey, wave) / "public" / PROVENANCE).get("build", "")

    def mark_processed(
        self, folder: Path, pages: Path, survey: Survey, sources: Sources, without: tuple[str, ...] = ()
    ) -> None:
        """Note beside the processed tables what they and the ``pages`` were made from, and for which wave."""
        made_from = {"inputs": sources.inputs, "definitions": sources.definitions, "code": sources.code}
        editions = {name: file_hash(pages / name / PROVENANCE) for name in EDITIONS}
        mark = {"wave": survey.newest.key, "without": list(without), **made_from, "editions": editions}
        mark["masked"] = _hash_if_there(self.masked(survey))
        mark["tables"] = hashes(folder, folder)
        text = json.dumps(mark, ensure_ascii=False, indent=2)
        (folder / MARK).write_text(text + "\n", encoding="utf-8", newline="\n")

    def received_before(self, survey: Survey) -> dict[str, str]:
        """Return the hashes of received files as the last build recorded them; {} without one."""
        return _recorded(self.processed(survey.id) / MARK).get("inputs", {})


def _recorded(path: Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _lies_as_written(folder: Path, record: str, written: dict[str, str] | None) -> bool:
    """True when ``folder`` holds exactly the files of ``written``, besides the record itself."""
    try:
        found = hashes(folder, folder)
    except FileNotFoundError:  # another run is replacing it
        return False
    found.pop(record, None)
    return found == written
