"""The hand-keyed workbooks of 2019 and 2025: one sheet per section, keyed by different hands.

Header over two merged rows that are not the first; ticks in five spellings; codes; 99 for
無回答; double answers; wide digits; a blank row; a total row of formulas; a memo column.
"""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass
from pathlib import Path

import staff_people as made
import staff_plan as plan
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

TICKS = (1, "○", "〇", "◯", "１", "○", 1)
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
MEMOS = ("裏面は白紙", "筆跡がうすい", "要確認", "鉛筆書き", "別紙あり")
GUIDE = (
    "入力のしかた",
    "・調査票1枚を1行に入力してください。",
    "・1つだけ選ぶ設問は選択肢の番号、複数選ぶ設問は選んだ欄に1または○を入力してください。",
    "・記入のないものは99、判読できないものは88を入力してください。",
    "・2つ以上に○がある場合は「1,2」のように入力し、備考に書いてください。",
)


@dataclass(frozen=True)
class Column:
    """One column of a sheet; ``upper`` alone means the header is merged down both rows."""

    question: str
    upper: str
    lower: str = ""
    option: str = ""


def _paths(wave: str) -> dict[str, str]:
    return made.wave_file(wave)["files"][0]["columns"]


def columns(wave: str) -> list[Column]:
    """Return the columns of a sheet, left to right, from the headers in the wave file."""
    found = [Column("No", "", "No")]
    for question, path in _paths(wave).items():
        kind = made.questions()[question]["kind"]
        upper, _, lower = path.partition(" / ")
        if kind != "multiple":
            found.append(Column(question, upper, lower))
            continue
        for number, option in enumerate(made.offered(question, wave), start=1):
            # 2019 heads the tick columns with numbers, 2025 with the labels themselves.
            lower = str(number) if wave == "2019" else option["label"]
            found.append(Column(question, upper, lower, option["id"]))
            if option.get("is_other") and question == "reason":
                found.append(Column("other_words", upper, "その他の内容"))
    return [*found, Column("memo", "備考")]


class Hand:
    """How one section keys its forms: the tick it types, and its seeded slips."""

    def __init__(self, wave: str, section: str, number: int):
        self.draw = random.Random(f"key-{wave}-{section}")
        self.wave = wave
        self.tick = TICKS[number % len(TICKS)]
        self.dash = number % 5 == 2
        self.spells_no_answer = number % 4 == 3

    def slips(self, share: float) -> bool:
        return self.draw.random() < share

    def single(self, question: str, answer: str) -> int | str:
        """Return the cell for one single answer."""
        if answer == plan.NO_ANSWER:
            return "無回答" if self.spells_no_answer and self.slips(0.5) else ("" if self.slips(0.2) else 99)
        form = [option["id"] for option in made.offered(question, self.wave)]
        if answer == plan.INVALID:
            first = self.draw.randrange(1, len(form))
            return 88 if self.slips(0.3) else f"{first},{first + 1}"
        code = form.index(answer) + 1
        return str(code).translate(WIDE) if self.slips(0.012) else code

    def ticked(self) -> int | str:
        return self.draw.choice(TICKS) if self.slips(0.03) else self.tick

    def cell(self, person: made.Person, column: Column) -> int | str:
        """Return what stands in ``column`` for ``person`` ("" = nothing)."""
        question = column.question
        if column.option:
            chosen = person.stray.get(question) or person.ticks.get(question, ())
            is_past_filter = question == "reason" and person.answers["experience"] != "no"
            if is_past_filter and self.dash and not person.stray.get(question):
                return "-"
            return self.ticked() if column.option in chosen else ""
        if question == "other_words":
            wrote = "other" in person.ticks.get("reason", ())
            return self.draw.choice(plan.OTHER_WORDS["reason"]) if wrote and self.slips(0.8) else ""
        if question == "memo":
            return self.memo(person)
        if question in ("good", "hard"):
            return person.texts.get(question) or "".join(person.stray.get(question, ()))
        return self.single(question, person.answers[question])

    def memo(self, person: made.Person) -> str:
        if plan.INVALID in person.answers.values():
            return "2つに○"
        if person.states.get("partner") == plan.INVALID:
            return "問5は4つに○"
        return self.draw.choice(MEMOS) if self.slips(0.03) else ""


def write_workbook(wave: str, folder: Path) -> None:
    """Write the keyed workbook of ``wave`` into ``folder``."""
    received = made.wave_file(wave)["files"][0]
    path = folder / received["file"]
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        created = datetime.datetime(int(wave) + 1, 2, 6, 9, tzinfo=datetime.UTC)
        book.set_properties({"title": "職員アンケート入力表", "author": "みほん市", "created": created})
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "border": 1})
        guide = book.add_worksheet("記入要領")
        for row, line in enumerate(GUIDE):
            guide.write_string(row, 0, line)
        totals = []
        for number, (name, constants) in enumerate(received["sheets"].items()):
            section = constants["section"]
            persons = [p for p in made.people(wave) if p.section == section and p.mode == "紙"]
            sheet = book.add_worksheet(name)
            last = _write_sheet(sheet, head, wave, name, persons, Hand(wave, section, number))
            totals.append((name, len(persons), last))
        _write_summary(book.add_worksheet("集計"), totals, 5 if wave == "2019" else 4)


def _write_sheet(sheet, head, wave: str, name: str, persons, hand: Hand) -> int:
    """Write one section's sheet; return the 1-based row of its last form."""
    layout = columns(wave)
    year = made.wave_file(wave)["label"]
    sheet.merge_range(0, 0, 0, 12, f"{year} 協働に関する職員アンケート 入力表（{name}）", head)
    sheet.write_string(1, 0, f"部局：{name}　入力：各部局の庶務担当")
    top = 3 if wave == "2019" else 2
    _write_header(sheet, head, layout, top)
    row = first = top + 2
    for serial, person in enumerate(persons, start=1):
        if serial == 11 and len(persons) > 14:
            row += 1  # a row left blank by the keyer
        _put(sheet, row, 0, str(serial).translate(WIDE) if hand.slips(0.02) else serial)
        for place, column in enumerate(layout[1:], start=1):
            _put(sheet, row, place, hand.cell(person, column))
        row += 1
    _write_totals(sheet, layout, persons, hand, first, row)
    if name == "健康福祉部":
        sheet.write_string(row + 2, 0, "※ 99は無回答、88は判読不能です。")
    return row


def _put(sheet, row: int, place: int, content: int | str) -> None:
    if content == "":
        return
    (sheet.write_number if isinstance(content, int) else sheet.write_string)(row, place, content)


def _write_header(sheet, head, layout: list[Column], top: int) -> None:
    place = 0
    while place < len(layout):
        column = layout[place]
        until = place
        while until + 1 < len(layout) and column.upper and layout[until + 1].upper == column.upper:
            until += 1
        # The form breaks this long header over two lines, as people do to narrow a column.
        upper = column.upper.replace("（3つまで）", "\n（3つまで）")
        if until > place:
            sheet.merge_range(top, place, top, until, upper, head)
        elif not column.lower:
            sheet.merge_range(top, place, top + 1, place, upper, head)
        elif upper:
            sheet.write_string(top, place, upper, head)
        for offset in range(place, until + 1):
            lower = layout[offset].lower
            if lower:
                _put(sheet, top + 1, offset, int(lower) if lower.isdigit() else lower)
        place = until + 1


def _write_totals(sheet, layout, persons, hand: Hand, first: int, row: int) -> None:
    """Write the row of column totals: formulas with the value Excel last calculated."""
    sheet.write_string(row, 0, "合計")
    for place, column in enumerate(layout):
        if not column.option:
            continue
        letter = xl_col_to_name(place)
        cells = f"{letter}{first + 1}:{letter}{row}"
        ticks = sum(
            column.option in (p.stray.get(column.question) or p.ticks.get(column.question, ()))
            for p in persons
        )
        sheet.write_formula(row, place, f'=COUNTA({cells})-COUNTIF({cells},"-")', None, ticks)


def _write_summary(sheet, totals: list[tuple[str, int, int]], first: int) -> None:
    sheet.write_row(0, 0, ["部局", "回収数"])
    for row, (name, returned, last) in enumerate(totals, start=1):
        cells = f"'{name}'!{xl_rowcol_to_cell(first, 0)}:{xl_rowcol_to_cell(last - 1, 0)}"
        sheet.write_string(row, 0, name)
        sheet.write_formula(row, 1, f"=COUNTA({cells})", None, returned)
    sheet.write_string(len(totals) + 1, 0, "合計")
    last = len(totals) + 1
    sheet.write_formula(last, 1, f"=SUM(B2:B{last})", None, sum(returned for _, returned, _ in totals))
