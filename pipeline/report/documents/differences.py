"""What differs between two tables of estimates: of two waves, or of two builds of one wave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.report import wording
from pipeline.report.edition import Row

_KEY = ("question", "option", "banner", "group")
KIND_WORDS = {"changed": "値が変わった", "new": "新しい", "gone": "なくなった"}


@dataclass(frozen=True)
class Difference:
    """One number before and after; ``before`` is None for a new one, ``after`` for one that is gone."""

    before: Row | None
    after: Row | None

    @property
    def kind(self) -> str:
        return "new" if self.before is None else "gone" if self.after is None else "changed"

    @property
    def row(self) -> Row:
        return self.before if self.after is None else self.after


def differences(before: Iterable[Row], after: Iterable[Row]) -> Iterator[Difference]:
    """Yield what a reader would see differ between rows of estimates, in the order of ``after``, gone ones last.

    Rows are paired by question, option, attribute and group: give the rows of one wave each.
    Whether two waves may be compared at all is said by ``changes``, not here.
    """
    old = {tuple(row[name] for name in _KEY): row for row in before if row["status"] != "not_asked"}
    new = {tuple(row[name] for name in _KEY): row for row in after if row["status"] != "not_asked"}
    for key, row in new.items():
        if key not in old:
            yield Difference(None, row)
        elif printed(old[key]) != printed(row):
            yield Difference(old[key], row)
    yield from (Difference(row, None) for key, row in old.items() if key not in new)


def printed(row: Row | None) -> tuple[str, str, str]:
    """Return share, people and n of a row as they are printed."""
    return wording.percent_cell(row), wording.count_cell(row), wording.base_cell(row)
