"""The templates of the report room: one way to fill them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline.report.exhibits import Bullets, Heading, Picture, Sentence, Table
from pipeline.report.widths import plain_width

_FOLDER = Path(__file__).parent / "templates"
_NOUNS = {"sentence": Sentence, "heading": Heading, "bullets": Bullets, "table": Table, "picture": Picture}


def render(template: str, **values: object) -> str:
    """Return ``template`` filled: everything is escaped, text is of plain width, no name may be unknown."""
    return _environment().get_template(template).render(**values)


def table_html(table: Table) -> str:
    """Return a table of the page by itself, with the scope of every header; its notes are not in it."""
    macro = _environment().get_template("table.html").module.table
    return str(macro(table.caption, table.columns, table.rows, is_framed=False))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: plain_width(value) if type(value) is str else value,
    )
    for name, noun in _NOUNS.items():
        environment.tests[name] = lambda value, noun=noun: isinstance(value, noun)
    environment.tests["word"] = is_word
    return environment


def is_word(cell: str) -> bool:
    """Return True for a cell of words (a verdict, an item), False for a number or a sign."""
    return not any(map(str.isdigit, cell)) and any("ぁ" <= character <= "龥" for character in cell)
