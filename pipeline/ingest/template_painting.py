"""One keying sheet on paper and screen: headers, numbered rows, drop-downs, colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from unicodedata import east_asian_width

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipeline.ingest.template_plan import (
    CHECK_COLUMN,
    FIRST_ANSWER_COLUMN,
    ID_ROW,
    LOWER_ROW,
    SERIAL_COLUMN,
    TITLE_ROW,
    UPPER_ROW,
    Column,
    KeyingSheet,
    codes,
    header_rows,
    mark,
)
from pipeline.ingest.template_rules import FIRST_ROW, Rules
from pipeline.model import Survey, Wave

#: The colours and what they say; the guide shows the same.
LOOKS = {
    "wrong": (
        {"bg_color": "#FFC7CE", "font_color": "#9C0006", "bold": True},
        "番号の誤り、または対象外の人の回答",
    ),
    "many": ({"bg_color": "#F4B183"}, "印が多すぎる、いっしょに選べない印、その他に印がないのに内容がある"),
    "different": ({"bg_color": "#CDB4E8", "bold": True}, "1回目と2回目の入力が違う"),
    "past": (
        {"bg_color": "#BFBFBF", "font_color": "#595959"},
        "前の設問の答えにより、聞いていない（書かれていなければ空欄のまま）",
    ),
    "blank": ({"bg_color": "#FFF6CC"}, "まだ空欄（書かれていなければ、空欄のままか無回答の番号）"),
}
_A4 = 9
_LINE = 13
#: Percent at which a printed page can still be read, and the characters it then holds.
_SCALE, _PAGE_WIDTH = 58, 215
_WIDTHS = {"tick": 9, "single": 11, "other": 20, "free": 42, "memo": 20}
_LONGEST_MESSAGE, _LONGEST_LIST = 255, 255


@dataclass(frozen=True)
class Looks:
    """Formats by their properties; the same properties are one format."""

    look: Callable[..., Format]

    def header(self, **more) -> Format:
        return self.look(
            **{
                "border": 1,
                "bg_color": "#DDEBF7",
                "text_wrap": True,
                "valign": "vcenter",
                "align": "center",
                "font_size": 9,
            }
            | more
        )

    def answer(self, column: Column, is_striped: bool, is_locked: bool) -> Format:
        """Return the look of a cell of answers; words stay text whatever is typed."""
        properties: dict = {"border": 1, "border_color": "#A6A6A6", "valign": "vcenter", "locked": is_locked}
        if is_locked:
            properties |= {"bg_color": "#7F7F7F"}
        elif is_striped:
            properties |= {"bg_color": "#F2F7FC"}
        words = {"num_format": "@", "text_wrap": True, "font_size": 9}
        return self.look(**properties | (words if column.is_words else {"align": "center"}))


def paint(
    worksheet: Worksheet, looks: Looks, survey: Survey, wave: Wave, sheet: KeyingSheet, other: KeyingSheet
) -> None:
    """Fill ``worksheet`` with the headers, empty rows, checks and colours of ``sheet``."""
    rules = Rules(survey, wave, sheet, other)
    _paint_headers(worksheet, looks, survey, wave, sheet)
    _paint_rows(worksheet, looks, sheet, rules)
    last = FIRST_ROW - 2 + sheet.rows
    for rule in rules.all():
        look = looks.look(**LOOKS[rule.look][0])
        options = {
            "type": "formula",
            "criteria": f"={rule.formula}",
            "format": look,
            "stop_if_true": rule.is_last,
        }
        worksheet.conditional_format(FIRST_ROW - 1, rule.left, last, rule.right, options)
    for place, column in enumerate(sheet.columns, start=FIRST_ANSWER_COLUMN):
        if check := _validation(column, survey, wave):
            worksheet.data_validation(FIRST_ROW - 1, place, last, place, check)
    _set_page(worksheet, survey, wave, sheet)


def _paint_headers(
    worksheet: Worksheet, looks: Looks, survey: Survey, wave: Wave, sheet: KeyingSheet
) -> None:
    marks = codes(survey, wave)
    keying = "2回目の入力（自由に書かれた文は入力しません）" if sheet.keying == 2 else "入力"
    hint = f"選んだものは番号、複数回答の印は 1、無回答 {marks.no_answer}、無効 {marks.invalid}。くわしくは「記入要領」。"
    title = f"{wave.label} {survey.title}　{keying}　　{hint}"
    # The name stands over the columns that stay in sight and are printed on every page.
    worksheet.write_string(TITLE_ROW - 1, SERIAL_COLUMN, sheet.name, looks.look(bold=True, font_size=9))
    worksheet.write_string(TITLE_ROW - 1, FIRST_ANSWER_COLUMN, title, looks.look(bold=True, font_size=12))
    upper, lower, ids = header_rows(sheet.columns)
    small = looks.look(font_size=6, font_color="#A6A6A6", valign="vcenter")
    for place, text in enumerate(lower):
        worksheet.write_string(LOWER_ROW - 1, place, text, looks.header())
        worksheet.write_string(ID_ROW - 1, place, ids[place], small)
    worksheet.write_string(ID_ROW - 1, SERIAL_COLUMN, str(mark(survey, wave, sheet)), small)
    starts = [place for place, text in enumerate(upper) if text]
    for start, after in zip(starts, [*starts[1:], len(upper)], strict=True):
        _paint_upper(worksheet, looks.header(bold=True), start, after - 1, upper[start])
    widths = _column_widths(sheet)
    spans = {
        start: sum(widths[start:after])
        for start, after in zip(starts, [*starts[1:], len(upper)], strict=True)
    }
    worksheet.set_row(
        UPPER_ROW - 1, _LINE * max(_lines(upper[start], width) for start, width in spans.items()) + 6
    )
    worksheet.set_row(LOWER_ROW - 1, _LINE * max(map(_lines, lower, widths)) + 6)
    worksheet.set_row(ID_ROW - 1, 9)


def _paint_upper(worksheet: Worksheet, look: Format, left: int, right: int, text: str) -> None:
    if left < FIRST_ANSWER_COLUMN:
        # 番号 and 点検 have no lower header: theirs reaches down.
        worksheet.merge_range(UPPER_ROW - 1, left, LOWER_ROW - 1, left, text, look)
    elif right > left:
        worksheet.merge_range(UPPER_ROW - 1, left, UPPER_ROW - 1, right, text, look)
    else:
        worksheet.write_string(UPPER_ROW - 1, left, text, look)


def _paint_rows(worksheet: Worksheet, looks: Looks, sheet: KeyingSheet, rules: Rules) -> None:
    number = looks.look(
        border=1, border_color="#A6A6A6", align="center", valign="vcenter", bg_color="#DDEBF7"
    )
    for offset in range(sheet.rows):
        row = FIRST_ROW - 1 + offset
        worksheet.write_number(row, SERIAL_COLUMN, offset + 1, number)
        worksheet.write_formula(row, CHECK_COLUMN, rules.check_formula(row + 1), number, "")
        for place, column in enumerate(sheet.columns, start=FIRST_ANSWER_COLUMN):
            is_locked = sheet.keying == 2 and column.is_words
            worksheet.write_blank(row, place, None, looks.answer(column, offset % 2 == 1, is_locked))


def _validation(column: Column, survey: Survey, wave: Wave) -> dict | None:
    """Return the drop-down of a column of codes with its meanings as the message."""
    question = column.question
    if question is None or column.is_words:
        return None
    marks = codes(survey, wave)
    if column.is_tick:
        option = question.option(column.option)
        allowed, meanings = ["1"], [f"1 印がある：{option.label}"]
        if question.limit:
            meanings.append(f"（{question.limit}つまで。多くても、書かれたとおりに）")
    else:
        offered = question.offered(wave.key)
        allowed = [str(number) for number in range(1, len(offered) + 1)]
        meanings = [f"{code} {option.label}" for code, option in zip(allowed, offered, strict=True)]
    invalid = "無効（読めない）" if column.is_tick else "無効（2つに印、読めない）"
    tail = [f"{marks.no_answer} 無回答", f"{marks.invalid} {invalid}"]
    allowed = [*allowed, marks.no_answer, marks.invalid]
    source: dict = {"validate": "list", "source": allowed}
    if len(",".join(allowed)) > _LONGEST_LIST:
        source = {"validate": "integer", "criteria": "between", "minimum": 1, "maximum": int(marks.no_answer)}
    return source | {
        "input_title": f"{question.number} {question.label}".strip()[:32],
        "input_message": _message(meanings, tail),
        "error_title": "入力できない値です",
        "error_message": f"{column.lower if not column.is_tick else '1'}、{marks.no_answer}（無回答）、{marks.invalid}（無効）のどれかを入力してください。",
    }


def _message(meanings: list[str], tail: list[str]) -> str:
    """Return the meanings under each other; where they are too long, as far as they go."""
    text = "\n".join([*meanings, *tail])
    if len(text) <= _LONGEST_MESSAGE:
        return text
    end = "\n".join(["…（「記入要領」を見てください）", *tail])
    kept = [line[:18] for line in meanings]
    while len("\n".join([*kept, end])) > _LONGEST_MESSAGE:
        kept.pop()
    return "\n".join([*kept, end])


def _column_widths(sheet: KeyingSheet) -> list[int]:
    widths = [6, 6]
    for column in sheet.columns:
        if column.is_words:
            kind = "memo" if column.question is None else "other" if column.option else "free"
        else:
            kind = "tick" if column.is_tick else "single"
        widths.append(_WIDTHS[kind])
    return widths


def _lines(text: str, width: int) -> int:
    """Return over how many lines ``text`` of the small header goes, generously."""
    size = sum(2 if east_asian_width(letter) in "FWA" else 1 for letter in text)
    return max(1, ceil(size / max(width - 1, 1)))


def _page_breaks(sheet: KeyingSheet, widths: list[int]) -> list[int]:
    """Return the columns before which a printed page ends: never inside a question that fits on one."""
    repeated = sum(widths[:FIRST_ANSWER_COLUMN])
    upper = header_rows(sheet.columns)[0]
    starts = [place for place, text in enumerate(upper) if text and place >= FIRST_ANSWER_COLUMN]
    breaks, used = [], repeated
    for start, after in zip(starts, [*starts[1:], len(upper)], strict=True):
        width = sum(widths[start:after])
        if used > repeated and used + width > _PAGE_WIDTH:
            breaks.append(start)
            used = repeated
        used += width
    return breaks


def _set_page(worksheet: Worksheet, survey: Survey, wave: Wave, sheet: KeyingSheet) -> None:
    widths = _column_widths(sheet)
    for place, width in enumerate(widths):
        worksheet.set_column(place, place, width)
    worksheet.freeze_panes(ID_ROW, FIRST_ANSWER_COLUMN)
    worksheet.set_paper(_A4)
    worksheet.set_landscape()
    worksheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    worksheet.repeat_rows(TITLE_ROW - 1, LOWER_ROW - 1)
    worksheet.repeat_columns(SERIAL_COLUMN, CHECK_COLUMN)
    worksheet.set_print_scale(_SCALE)
    worksheet.set_v_pagebreaks(_page_breaks(sheet, widths))
    footer = f"{wave.label} {survey.title}　{sheet.name}".replace("&", "&&")
    worksheet.set_footer(f"&L{footer}&R&P / &N")
    if sheet.keying == 2:
        worksheet.set_tab_color("#8064A2")
    worksheet.protect("", {"format_columns": True, "format_rows": True})
