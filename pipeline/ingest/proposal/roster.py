"""職員名簿: a list of headcounts among the received files, and sheets that are one group each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.ingest.proposal.likeness import likeness
from pipeline.ingest.proposal.recognition import Looked
from pipeline.matching import fold
from pipeline.model import Question, Survey

_TOTALS = ("合計", "計", "総計")
#: Share of groups that must be options; and how alike the name of a sheet and an option must be.
_MOSTLY_KNOWN, _ALIKE = 0.6, 0.8


@dataclass(frozen=True)
class Roster:
    """A file of headcounts: its groups in order, and the ``strange`` ones that are no option."""

    file: str
    attribute: Question
    group_column: str
    count_column: str
    groups: tuple[str, ...]
    strange: tuple[str, ...]


def find_roster(file: str, looked: Looked, survey: Survey, wave: str) -> Roster | None:
    """Return the roster that a text file holds; None when it is something else."""
    if not looked.is_text or not looked.grids or len(looked.grids[0].cells) < 3:
        return None
    header, *rows = looked.grids[0].cells
    columns = {name: [row[place] for row in rows] for place, name in enumerate(header) if fold(name)}
    counts = [name for name, cells in columns.items() if all(map(is_count, cells))]
    for attribute in survey.attributes:
        labels = {fold(option.label) for option in attribute.offered(wave)}
        for name, cells in columns.items():
            groups = [cell for cell in cells if fold(cell) and fold(cell) not in _TOTALS]
            known = [cell for cell in groups if fold(cell) in labels]
            is_list = len(set(groups)) == len(groups) and len(known) >= max(2, _MOSTLY_KNOWN * len(groups))
            if counts and name not in counts and is_list:
                strange = tuple(cell for cell in groups if fold(cell) not in labels)
                return Roster(file, attribute, name.strip(), counts[0].strip(), tuple(groups), strange)
    return None


def is_count(text: str) -> bool:
    """True for a number of people, or nothing."""
    bare = fold(text).replace(",", "").removesuffix("人")
    return not bare or bare.isdigit()


def sheet_groups(
    sheets: Iterable[str], survey: Survey, wave: str
) -> tuple[Question, dict[str, tuple[str, float]]] | None:
    """Return the attribute that tells the sheets apart, and sheet → (option id, likeness).

    None when fewer than half of the sheets are called like an option of one attribute.
    """
    sheets = tuple(sheets)
    best: tuple[Question, dict[str, tuple[str, float]]] | None = None
    for attribute in survey.attributes:
        found = {}
        for sheet in sheets:
            alike = [(_sheet_likeness(sheet, o.label), o.id) for o in attribute.offered(wave)]
            score, option = max(alike, default=(0.0, ""))
            found[sheet] = (option, score)
        if best is None or _known(found) > _known(best[1]):
            best = (attribute, found)
    return best if best and 2 * _known(best[1]) >= len(sheets) > 0 else None


def is_known(score: float) -> bool:
    """True when a sheet is called so like an option that nobody would doubt it."""
    return score >= _ALIKE


def _known(found: dict[str, tuple[str, float]]) -> int:
    return sum(is_known(score) for _, score in found.values())


def _sheet_likeness(sheet: str, label: str) -> float:
    if fold(sheet) == fold(label):
        return 1.0
    # 入力（総務部）
    return 0.9 if fold(label) in fold(sheet) else likeness(sheet, label)
