"""The city's own lists of names that are masked: ``surveys/<id>/names/*.csv``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.coding.signed_table import read_signed_table
from pipeline.coding.tokens import normalised
from pipeline.model import Problem, ProblemsFound

GROUP, PLACE, PERSON = LIST_KINDS = ("団体", "地名", "人名")
LIST_COLUMNS = ("kind", "name")


@dataclass(frozen=True)
class Names:
    """The city's own lists: (kind, normalised name), longest first."""

    entries: tuple[tuple[str, str], ...] = ()


def read_names(folder: Path, place: str) -> Names:
    """Return the names of every CSV of ``surveys/<id>/names/``; none without the folder.

    Raises ProblemsFound for wrong headers, quotation marks that never close, rows of another length,
    unknown kinds and names of one character.
    """
    entries, problems = set(), []
    for path in _files(folder):
        if path.suffix.lower() != ".csv":
            continue
        try:
            table = read_signed_table(path, f"{place}/{path.name}", LIST_COLUMNS)
        except ProblemsFound as found:
            problems += found.problems
            continue
        for line, row in table.rows:
            if row["kind"] not in LIST_KINDS:
                table.note_unknown(line, "名前の種類がありません", "kind", row["kind"], LIST_KINDS)
            if len(row["name"]) < 2:
                table.note(line, "名前が短すぎます", "name", f"{len(row['name'])}文字", "2文字以上の名前")
            entries.add((row["kind"], normalised(row["name"])))
        problems += table.problems
    if problems:
        raise ProblemsFound(problems)
    return Names(tuple(sorted(entries, key=lambda entry: (-len(entry[1]), entry))))


def unread_lists(folder: Path, place: str) -> list[Problem]:
    """Return a note for each file beside the lists that is no CSV: its names are not masked."""
    others = [path.name for path in _files(folder) if path.suffix.lower() != ".csv"]
    what, step = "名簿として読まないファイルがあります", "名簿なら、CSV 形式で保存してください。"
    expected = f"{','.join(LIST_COLUMNS)} の CSV"
    return [Problem(what, f"{place}/{name}", "", "", "", "", expected, step, "note") for name in others]


def _files(folder: Path) -> list[Path]:
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return [path for path in found if not path.name.startswith((".", "~$"))]
