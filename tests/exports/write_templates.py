"""Writes the filled-in keying workbooks of this folder: run it as a module, then look at the diff.

The committed workbooks are as a past version of the program wrote them: they must stay readable,
so run this only for a new case.
"""

from __future__ import annotations

import io
import re
import shutil
import tempfile
import zipfile
from pathlib import Path

import openpyxl

from pipeline import definitions
from pipeline.ingest.template import keying_workbook
from tests.test_template import key

HERE = Path(__file__).parent


def blank(case: str):
    """Return the keying workbook of a case, nothing keyed yet."""
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "surveys" / "case"
        (folder / "waves").mkdir(parents=True)
        for name in ("survey.toml", "themes.tsv"):
            shutil.copy(HERE / name, folder / name)
        shutil.copy(HERE / case / "wave.toml", folder / "waves" / "2025.toml")
        survey = definitions.load(Path(root), "case")
    return openpyxl.load_workbook(io.BytesIO(keying_workbook(survey, survey.newest)))


def write(case: str, book) -> None:
    """Save without the clock: openpyxl notes when a workbook and its parts were written."""
    content = io.BytesIO()
    book.save(content)
    with zipfile.ZipFile(content) as parts, zipfile.ZipFile(HERE / case / "received" / "入力表.xlsx", "w") as kept:
        for name in parts.namelist():
            text = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2026-02-02T00:00:00Z", parts.read(name))
            kept.writestr(zipfile.ZipInfo(name, (2026, 2, 2, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)


def template_keyed() -> None:
    book = blank("template_keyed")
    first, again = book["総務部"], book["総務部（2回目）"]
    key(first, 1, {"tenure": 1, "experience": 2, "reason.chance": 1, "reason.other": "○", "reason.other text": "場所"})
    key(first, 2, {"tenure": "２", "experience": 1, "voice text": "よかった。\n=また来年", "-" + " text": "鉛筆"})
    key(first, 4, {"tenure": 88, "experience": 2, "reason.chance": 1, "reason.skill": 1, "reason.busy": 1, "reason.partner": 1})
    key(first, 5, {"tenure": 99})
    key(first, 6, {"tenure": 3, "experience": 3, "reason.none": 1})
    key(again, 1, {"tenure": 1, "experience": 2, "reason.chance": 1, "reason.other": 1})
    key(again, 5, {"tenure": 99, "experience": 99})
    key(book["こども未来部"], 8, {"tenure": 3, "experience": 2, "reason.chance": 88})
    key(book["部局不明"], 1, {"experience": 2, "reason.none": 1, "reason.busy": 1})
    write("template_keyed", book)


def broken_template() -> None:
    book = blank("broken_template")
    first, again = book["総務部"], book["総務部（2回目）"]
    key(first, 1, {"tenure": 1, "experience": 2, "reason.chance": 1, "reason.other text": "秘密の内容"})
    key(first, 2, {"tenure": 7, "experience": 1, "voice text": "秘密の意見"})
    key(first, 3, {"tenure": 1, "experience": 2, "reason.chance": "△"})
    key(again, 1, {"tenure": 2, "experience": 2})
    key(again, 2, {"tenure": 1, "experience": 1})
    key(again, 9, {"tenure": 1})
    book["こども未来部"]["D2"] = "経験があるか"
    write("broken_template", book)


if __name__ == "__main__":
    for make in (template_keyed, broken_template):
        make()
