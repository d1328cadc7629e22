"""The keying workbook 入力表 of one wave, as bytes: the same survey file gives the same bytes."""

from __future__ import annotations

import io
from datetime import datetime
from functools import cache

import xlsxwriter

from pipeline.ingest import template_guide
from pipeline.ingest.template_painting import Looks, paint
from pipeline.ingest.template_plan import GUIDE_SHEET, STATE_SHEET, keying_sheets
from pipeline.model import Survey, Wave

FONT = "游ゴシック"
#: No clock: the same survey gives the same bytes.
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001  (the file format has no time zone)


def keying_workbook(survey: Survey, wave: Wave) -> bytes:
    """Return the workbook: 記入要領, 入力状況, the sheets of the first keying, those of the second."""
    content = io.BytesIO()
    # A fresh font each time: XlsxWriter writes into the mapping it is given.
    font = {"font_name": FONT, "font_size": 11}
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(content, {**options, "default_format_properties": font})
    title = f"{wave.label} {survey.title} 入力表"
    book.set_properties({"title": title, "created": _CREATED})
    looks = Looks(cache(lambda **properties: book.add_format(properties)))
    sheets = keying_sheets(survey, wave)
    guide, state = book.add_worksheet(GUIDE_SHEET), book.add_worksheet(STATE_SHEET)
    template_guide.paint_guide(guide, looks, survey, wave)
    template_guide.paint_state(state, looks, title, sheets)
    half = len(sheets) // 2
    for number, sheet in enumerate(sheets):
        other = sheets[(number + half) % len(sheets)]
        paint(book.add_worksheet(sheet.name), looks, survey, wave, sheet, other)
    guide.activate()
    book.close()
    return content.getvalue()
