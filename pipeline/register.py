"""The register 公表台帳: every release with its files and its numbers. Only the verb ``release`` writes it.

``surveys/<id>/releases/<wave>/<n>/`` holds ``public/`` (the files as published), ``register.csv``
(one row per row of the open data), ``errata.csv`` (what this release corrected) and ``release.json``
(who approved what, made from what, sealed by a hash of itself).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from pathlib import Path

from pipeline.model import Problem, ProblemsFound

FOLDER, PUBLIC = "releases", "public"
RECORD, NUMBERS, ERRATA = "release.json", "register.csv", "errata.csv"
#: What an erratum says of a number that is no longer told. The old one is not repeated.
WITHDRAWN = "取り下げ"
#: Columns of the open data that a reader of the register needs besides the key and the numbers.
_LABELS = ("question_label", "group_label", "option_label", "verdict", "status")
_COLUMNS = ("table", "key", *_LABELS, "numbers")

Number = Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """One row of the register. ``key``: its primary key after the survey, joined by ``|``; ``numbers`` as printed."""

    table: str
    key: str
    question_label: str
    group_label: str
    option_label: str
    verdict: str
    status: str
    numbers: Number

    @property
    def place(self) -> tuple[str, str]:
        return self.table, self.key


@dataclass(frozen=True)
class Erratum:
    """One corrected number; ``old`` is empty where the number is withdrawn."""

    release: int
    date: str
    reason: str
    table: str
    key: str
    question: str
    group: str
    option: str
    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Correction:
    """A numbered edition that corrects: why, when, what. ``errata`` may be empty: only words were corrected."""

    release: int
    date: date
    reason: str
    errata: tuple[Erratum, ...]


@dataclass(frozen=True)
class Release:
    """What a page says of its own release. ``corrections``: those of this release and of the ones before."""

    number: int
    date: date
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True)
class Recorded:
    """One release as it lies in the register."""

    folder: Path
    number: int

    @cached_property
    def record(self) -> dict:
        return json.loads((self.folder / RECORD).read_text(encoding="utf-8"))

    @cached_property
    def rows(self) -> dict[tuple[str, str], Row]:
        return {row.place: row for row in map(_row, _records(self.folder / NUMBERS))}

    @cached_property
    def correction(self) -> Correction | None:
        """What this release corrected, or None."""
        if not (reason := self.record["correction"]):
            return None
        errata = tuple(
            Erratum(**(entry | {"release": int(entry["release"])}))
            for entry in _records(self.folder / ERRATA)
        )
        return Correction(self.number, date.fromisoformat(self.record["date"]), reason, errata)

    def altered(self) -> list[str]:
        """Return the files that are not as they were released: changed, gone or added."""
        written, found = self.record.get("files", {}), file_hashes(self.folder)
        changed = [name for name in sorted(written | found) if written.get(name) != found.get(name)]
        return changed + ([] if self.record.get("seal") == _seal(self.record) else [RECORD])


def recorded(folder: Path) -> list[Recorded]:
    """Return the releases of one wave, ``surveys/<id>/releases/<wave>``, oldest first.

    Raises ProblemsFound when one is missing or its record cannot be read: what was published would
    be forgotten, and its number given to another release.
    """
    numbers = {int(path.name) for path in folder.glob("*") if path.name.isdigit()}
    found = [Recorded(folder / str(number), number) for number in range(1, max(numbers, default=0) + 1)]
    if problems := [problem for release in found for problem in _unreadable(release)]:
        raise ProblemsFound(problems)
    return found


def _unreadable(release: Recorded) -> Iterator[Problem]:
    place = "/".join((*release.folder.parts[-4:], RECORD))
    step = "公表したものは消しも直しもしません。git から元に戻してください。"
    if not (release.folder / RECORD).is_file():
        yield Problem("公表台帳が欠けています", file=place, next_step=step)
        return
    try:
        is_record = isinstance(release.record, dict)
    except ValueError:
        is_record = False
    if not is_record:
        yield Problem("公表台帳の記録を読めません", file=place, next_step=step)


def _seal(record: Mapping[str, object]) -> str:
    """Return the SHA-256 of a record by itself."""
    content = {name: value for name, value in record.items() if name != "seal"}
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def rows(table: str, content: bytes, key: Sequence[str], numbers: Iterable[str]) -> list[Row]:
    """Return the rows of one CSV of the open data; ``key`` and ``numbers`` are its schema's."""
    names = [name for name in key if name != "survey"]
    found = []
    for entry in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        labels = [entry.get(name, "") for name in _LABELS]
        printed = {name: entry[name] for name in entry if name in numbers and entry[name]}
        found.append(Row(table, "|".join(entry[name] for name in names), *labels, printed))
    return found


def errata(
    before: Mapping[tuple[str, str], Row], now: Iterable[Row], about: tuple[int, date, str]
) -> list[Erratum]:
    """Return every number of ``before`` that is another one ``now`` or is told no longer. about: release, date, reason."""
    number, day, reason = about
    kept = {row.place: row for row in now}
    found = []
    for place, old in before.items():
        new = kept.get(place)
        told = new.numbers if new else {}
        words = [(name, value, told.get(name, "")) for name, value in old.numbers.items()]
        if new and old.verdict and new.verdict:
            words.append(("verdict", old.verdict, new.verdict))
        labels = old.question_label, old.group_label, old.option_label
        found += [
            Erratum(
                number,
                day.isoformat(),
                reason,
                *place,
                *labels,
                name,
                was if told_now else "",
                told_now or WITHDRAWN,
            )
            for name, was, told_now in words
            if was != told_now
        ]
    return found


def write(
    folder: Path, numbers: Iterable[Row], corrected: Iterable[Erratum], record: Mapping[str, object]
) -> None:
    """Write register.csv, errata.csv and, last, release.json with the hashes of all that lies in ``folder``."""
    lines = (
        {name: getattr(row, name) for name in _COLUMNS} | {"numbers": _joined(row.numbers)} for row in numbers
    )
    (folder / NUMBERS).write_bytes(table_bytes(_COLUMNS, lines))
    (folder / ERRATA).write_bytes(errata_bytes(corrected))
    record = {**record, "files": file_hashes(folder)}
    text = json.dumps({**record, "seal": _seal(record)}, ensure_ascii=False, indent=2) + "\n"
    (folder / RECORD).write_bytes(text.encode())


def errata_bytes(corrected: Iterable[Erratum]) -> bytes:
    """Return errata.csv: UTF-8 with BOM and CRLF, as the open data."""
    return table_bytes([field.name for field in fields(Erratum)], (vars(entry) for entry in corrected))


def table_bytes(columns: Sequence[str], lines: Iterable[Mapping[str, object]]) -> bytes:
    """Return a CSV, UTF-8 with BOM and CRLF."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue().encode("utf-8-sig")


def file_hashes(folder: Path) -> dict[str, str]:
    """Return relative posix path → SHA-256 of every file in ``folder`` but the record, sorted."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names if name != RECORD
    }


def _joined(numbers: Number) -> str:
    return " ".join(f"{name}={value}" for name, value in numbers.items())


def _row(entry: dict[str, str]) -> Row:
    numbers = dict(pair.split("=", 1) for pair in entry["numbers"].split())
    return Row(**(entry | {"numbers": numbers}))


def _records(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
