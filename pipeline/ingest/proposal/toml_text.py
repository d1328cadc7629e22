"""Plain values → TOML text. ``tomllib`` reads back exactly what was written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_NAMED = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
#: Lists longer than this stand on lines of their own.
_WIDEST_LIST = 100
TODO = "# TODO "


def string(text: str) -> str:
    """Return ``text`` as a basic string: one line, everything that could hide or break it escaped."""
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    # Control characters are not allowed in TOML; line separators would tear the line in an editor.
    is_hidden = character < " " or "\x7f" <= character < "\xa0" or character in "\u2028\u2029\ufeff"
    return f"\\u{ord(character):04X}" if is_hidden else character


def key(name: str) -> str:
    """Return a key: bare where TOML allows it."""
    return name if _BARE.fullmatch(name) else string(name)


def value(content: object) -> str:
    """Return a str, bool, int, date, list or table of these; tables are inline."""
    if isinstance(content, bool):
        return "true" if content else "false"
    if isinstance(content, str):
        return string(content)
    if isinstance(content, int):
        return str(content)
    if isinstance(content, date):
        return content.isoformat()
    if isinstance(content, Mapping):
        pairs = ", ".join(f"{key(name)} = {value(part)}" for name, part in content.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(content, Iterable):
        parts = [value(part) for part in content]
        line = f"[{', '.join(parts)}]"
        is_short = len(line) <= _WIDEST_LIST and not any(part.startswith("{") for part in parts)
        return line if is_short or not parts else "[\n" + "".join(f"  {part},\n" for part in parts) + "]"
    raise TypeError(type(content).__name__)


def entry(name: str, content: object, remark: str = "") -> str:
    """Return ``name = value``, with a remark behind it."""
    return f"{key(name)} = {value(content)}" + (f"  # {_one_line(remark)}" if remark else "")


def comment(text: str) -> str:
    """Return one line of comment."""
    return f"# {_one_line(text)}".rstrip()


def todo(text: str) -> str:
    """Return a line that says nothing to the program until the officer takes its mark away."""
    return TODO + re.sub(r"\n *", " ", text)


def _one_line(text: str) -> str:
    return " ".join("".join(c if c >= " " and not "\x7f" <= c < "\xa0" else " " for c in text).split())
