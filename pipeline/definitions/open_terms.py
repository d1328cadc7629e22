"""What the survey file may say for the open data: the area code and the terms of use."""

from __future__ import annotations

import re

from pipeline.definitions.toml_section import Section
from pipeline.model import LICENCES

_WEIGHTS = (6, 5, 4, 3, 2)


def area_code(section: Section) -> str:
    """Return the 全国地方公共団体コード, "" where it is not given; its last digit is checked."""
    code = section.text("area_code")
    if code and not (re.fullmatch(r"[0-9]{6}", code) and code[5] == check_digit(code[:5])):
        section.note("全国地方公共団体コードが違います", "area_code", code, "検査数字を含む6桁の数字（例 \"262099\"）")
    return code


def check_digit(code: str) -> str:
    """Return the sixth digit of an area code: the last one of 11 − (weighted sum of the five others mod 11)."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, code, strict=True))
    return str(11 - total % 11)[-1]


def licence(section: Section) -> str:
    """Return the id of the terms of use of the open data, "" where the survey file does not say."""
    return section.word("licence", tuple(LICENCES), "")
