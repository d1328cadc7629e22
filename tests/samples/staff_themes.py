"""Writes surveys/staff/themes.xlsx as it was first handed to the officers, from its text twins.

    python -m tests.samples.staff_themes

From then on the workbook is the source; the twins are written from it.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.coding.theme_book import write_book
from pipeline.coding.twin_writing import write_twins
from pipeline.coding.twins import BOOK, read_twins

REPOSITORY = Path(__file__).resolve().parents[2]


def write_themes(folder: Path) -> None:
    """Bring the twins of a survey's folder into their sorted form and write themes.xlsx in their order."""
    place = f"surveys/{folder.name}"
    write_book(folder / BOOK, read_twins(folder, place))
    if write_twins(folder, place):
        write_book(folder / BOOK, read_twins(folder, place))


if __name__ == "__main__":
    write_themes(REPOSITORY / "surveys/staff")
