"""A table of the page → tables that fit an A4 page, with the widths of their columns.

What is too wide is turned (rows become columns), and what is still too wide is cut into parts
that each repeat the first column. No cell is reworded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from unicodedata import east_asian_width

from pipeline.report.exhibits import Table
from pipeline.report.templating import is_word

#: Half-width characters in a line of the text's width, at the size of table text.
CAPACITY = 114
_PADDING, _EASE = 2, 2
_FIRST_MOST, _OTHERS_MOST, _LEAST = 34, 17, 5
#: A cell as long as this is prose: its column gets the room, and the others break their lines.
_PROSE, _FIRST_BESIDE_PROSE, _OTHERS_BESIDE_PROSE = 60, 22, 13
_HEADER_LINES = 3
#: A column as narrow as this breaks its header inside words.
_NARROW = 8


def text_width(text: str) -> int:
    """Return the width of ``text`` in half-width characters."""
    return sum(2 if east_asian_width(character) in "WFA" else 1 for character in text)


def fitting(table: Table) -> tuple[Table, ...]:
    """Return ``table`` as one or more tables that fit the width of a page; notes stay with the last."""
    made = table
    if sum(needs(made)) > CAPACITY and sum(needs(turned(made))) < sum(needs(made)):
        made = turned(made)
    if sum(needs(made)) <= CAPACITY:
        return (made,)
    return tuple(_parts(made))


def turned(table: Table) -> Table:
    """Return the table with rows and columns changed over."""
    columns = (table.columns[0], *(row[0] for row in table.rows))
    rows = tuple(
        (head, *(row[place] for row in table.rows)) for place, head in enumerate(table.columns) if place
    )
    return replace(table, columns=columns, rows=rows)


def needs(table: Table) -> list[int]:
    """Return the width every column needs, in half-width characters."""
    has_prose = any(text_width(cell) >= _PROSE for row in table.rows for cell in row)
    first, others = (_FIRST_BESIDE_PROSE, _OTHERS_BESIDE_PROSE) if has_prose else (_FIRST_MOST, _OTHERS_MOST)
    return [
        _need(header, [row[place] for row in table.rows], others if place else first)
        for place, header in enumerate(table.columns)
    ]


def _need(header: str, cells: Sequence[str], most: int) -> int:
    longest = max((text_width(cell) for cell in cells), default=0)
    head = -(-text_width(header) // _HEADER_LINES) + 1
    return _PADDING + max(_LEAST, min(most, longest), min(most, max(head, min(_NARROW, text_width(header)))))


def _parts(table: Table) -> list[Table]:
    """Return the columns in as few parts as fit, each of about the same number."""
    widths = needs(table)
    room = CAPACITY - widths[0]
    count = -(-sum(widths[1:]) // room)
    each = max(1, -(-(len(table.columns) - 1) // count))
    places = range(1, len(table.columns))
    groups = [places[start : start + each] for start in range(0, len(places), each)]
    return [
        replace(
            table,
            caption=f"{table.caption}（{number}/{len(groups)}）",
            columns=tuple(table.columns[place] for place in (0, *group)),
            rows=tuple(tuple(row[place] for place in (0, *group)) for row in table.rows),
            notes=table.notes if number == len(groups) else (),
        )
        for number, group in enumerate(groups, start=1)
    ]


def shares(table: Table) -> list[float]:
    """Return the part of the page's width every column takes; a small table does not fill the page.

    Room that is left goes to the columns whose longest cell would otherwise run over several lines.
    """
    needed = needs(table)
    longest = [max((text_width(row[place]) for row in table.rows), default=0) for place in range(len(needed))]
    # A program with other letters than those of the PDF needs a little more everywhere.
    wanted = [_EASE + max(0, _PADDING + most - need) for most, need in zip(longest, needed, strict=True)]
    spare = max(0, CAPACITY - sum(needed))
    part = min(1.0, spare / sum(wanted))
    widths = [need + part * want for need, want in zip(needed, wanted, strict=True)]
    whole = max(CAPACITY, sum(widths))
    return [width / whole for width in widths]


def right_columns(table: Table) -> list[bool]:
    """Return for every column whether its cells stand on the right: numbers and the signs in their place."""
    return [
        bool(place) and not any(is_word(row[place]) for row in table.rows)
        for place in range(len(table.columns))
    ]
