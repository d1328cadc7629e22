"""Small tables of coding that people and the program both write: rows with their line numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.decoding import read_text
from pipeline.matching import nearest
from pipeline.model import Problem, ProblemsFound


@dataclass(frozen=True)
class SignedTable:
    """A table of people's decisions, and everything that is wrong with it."""

    place: str
    rows: list[tuple[int, dict[str, str]]]
    problems: list[Problem] = field(default_factory=list)

    def note(
        self,
        line: int,
        what: str,
        key: str,
        found: str = "",
        expected: str = "",
        step: str = "行を直してください。",
    ) -> None:
        """Add an error of one row; ``found`` never holds the words of an answer."""
        found = found or "（空欄）"
        self.problems.append(
            Problem(
                what,
                file=self.place,
                cell=f"{line}行目",
                key=key,
                found=found,
                expected=expected,
                next_step=step,
            )
        )

    def note_unknown(self, line: int, what: str, key: str, found: str, allowed: Iterable[str]) -> None:
        """Add an error for a value that is not one of ``allowed``, with the one it is nearly."""
        close = nearest(found, allowed := list(allowed))
        step = f"「{close}」の間違いではありませんか。" if close else "行を直してください。"
        self.note(line, what, key, found, "、".join(allowed), step)

    def checked(self) -> list[tuple[int, dict[str, str]]]:
        """Return the rows. Raises ProblemsFound with everything noted."""
        if self.problems:
            raise ProblemsFound(self.problems)
        return self.rows


def read_signed_table(
    path: Path, place: str, columns: Sequence[str], optional: Sequence[str] = ()
) -> SignedTable:
    """Return the rows of a CSV file with their line numbers, cells stripped; no file: no rows.

    The header is ``columns``, in any order, and any of ``optional``, whose cells are "" where they are
    missing. Blank rows are passed over; rows of another length are noted. Raises ProblemsFound when
    there is no telling the columns.
    """
    if not path.exists():
        return SignedTable(place, [])
    try:
        lines = list(csv.reader(io.StringIO(read_text(path, place)), strict=True))
    except csv.Error:
        raise ProblemsFound([Problem('引用符（"）が閉じていない行があります', file=place)]) from None
    header = [cell.strip() for cell in lines[0]] if lines else []
    known = set(columns) | set(optional)
    if not set(columns) <= set(header) <= known or len(set(header)) != len(header):
        found = ",".join(header) or "（空のファイル）"
        expected = ",".join([*columns, *optional])
        raise ProblemsFound([Problem("見出しが違います", file=place, found=found, expected=expected)])
    table = SignedTable(place, [])
    empty = dict.fromkeys([*columns, *optional], "")
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            table.note(number, "列の数が見出しと違います", "", f"{len(cells)}列", f"{len(header)}列")
            continue
        found = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        table.rows.append((number, empty | found))
    return table
