"""surveys/<id>/disclosure.toml → how much of the answers of a few people may be shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline.definitions.toml_section import read_toml
from pipeline.model import Parameters, Problem

#: Lower than these a survey cannot go, whatever its file says.
LOWEST = {
    "minimum_group": 5,
    "minimum_cell": 3,
    "minimum_cell_sensitive": 3,
    "unanimity_base": 10,
    "late_returns": 5,
}


def with_disclosure(parameters: Parameters, path: Path, name: str, problems: list[Problem]) -> Parameters:
    """Return ``parameters`` with the numbers of disclosure.toml; the usual ones where there is no such file."""
    if not path.is_file():
        return parameters
    section = read_toml(path, name, problems)
    found = {key: section.whole(key, getattr(parameters, key), lowest) for key, lowest in LOWEST.items()}
    section.finish()
    known = {key: value for key, value in found.items() if value is not None}
    if known.get("minimum_cell", 0) > known.get("minimum_cell_sensitive", parameters.minimum_cell_sensitive):
        found_text = str(known.get("minimum_cell_sensitive", parameters.minimum_cell_sensitive))
        section.note(
            "配慮のいる設問の方が緩くなっています",
            "minimum_cell_sensitive",
            found_text,
            "minimum_cell 以上の整数",
        )
    return replace(parameters, **known)
