"""The files that came from forms: 2021 cp932 CSV, 2023 Microsoft Forms, 2025 CSV of a web form."""

from __future__ import annotations

import csv
import datetime
import io
import random
from pathlib import Path

import staff_people as made
import staff_plan as plan
import xlsxwriter

WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def _label(wave: str, file: int, question: str, option: str) -> str:
    """Return how the file spells the option: its own spelling where the wave file names one."""
    spelt = made.wave_file(wave)["files"][file].get("labels", {}).get(question, {})
    own = next((text for text, target in spelt.items() if target == option), "")
    return own or made.labels(question)[option]


def _csv_bytes(rows: list[list[str]], encoding: str) -> bytes:
    sheet = io.StringIO()
    csv.writer(sheet, lineterminator="\r\n").writerows(rows)
    return sheet.getvalue().encode(encoding)


def _ticked(person: made.Person, question: str) -> tuple[str, ...]:
    return person.stray.get(question) or person.ticks.get(question, ())


def _shuffled(wave: str, mode: str = "Web") -> tuple[list[made.Person], random.Random]:
    """Return the persons who answered by ``mode`` in the order of arrival."""
    draw = random.Random(f"arrival-{wave}")
    persons = [person for person in made.people(wave) if person.mode == mode]
    draw.shuffle(persons)
    return persons, draw


def _moments(wave: str, count: int, draw: random.Random) -> list[datetime.datetime]:
    """Return ``count`` moments of office hours within the fieldwork, in order."""
    fieldwork = made.wave_file(wave)["fieldwork"]
    days = (fieldwork["end"] - fieldwork["start"]).days + 1
    start = datetime.datetime.combine(fieldwork["start"], datetime.time(8, 30))
    moments = []
    while len(moments) < count:
        moment = start + datetime.timedelta(days=draw.randrange(days), seconds=draw.randrange(9 * 3600))
        if moment.weekday() < 5:
            moments.append(moment)
    return sorted(moments)


def _other_words(question: str, draw: random.Random) -> str:
    return draw.choice(plan.OTHER_WORDS[question])


# ---- 2021: the export of an internal form, cp932, several answers joined with 、 ----


def write_2021(folder: Path) -> None:
    """Write R3回答一覧.csv: cp932, CRLF, one column per question, one row sent twice."""
    received = made.wave_file("2021")["files"][0]
    persons, draw = _shuffled("2021")
    names = list(received["columns"])
    place = names.index("reason") + 1
    header = [received["columns"][name] for name in names]
    header = ["整理番号", *header[:place], "問3その他の内容", *header[place:], "登録日時", "備考"]
    rows = [header]
    for serial, (person, moment) in enumerate(
        zip(persons, _moments("2021", len(persons), draw), strict=True), start=1
    ):
        number = str(serial).translate(WIDE) if serial % 97 == 12 else f"{serial:04d}"
        cells = [_cell_2021(person, name, draw) for name in names]
        wrote = "other" in _ticked(person, "reason") and draw.random() < 0.8
        words = _other_words("reason", draw) if wrote else ""
        stamp = f"{moment.year}/{moment.month}/{moment.day} {moment.hour}:{moment:%M}"
        rows.append([number, *cells[:place], words, *cells[place:], stamp, ""])
    rows[41][-1] = "㈱みほんの件は別途回答"
    rows.insert(203, list(rows[202]))  # the same form sent twice: every cell equal
    (folder / received["file"]).write_bytes(_csv_bytes(rows, "cp932"))


def _cell_2021(person: made.Person, question: str, draw: random.Random) -> str:
    if question in ("good", "hard"):
        return person.texts.get(question, "")
    if question in plan.MULTIPLE["2021"]:
        spelt = "、".join(_label("2021", 0, question, option) for option in _ticked(person, question))
        is_silent = person.states.get(question) == plan.NO_ANSWER
        return spelt or ("無回答" if is_silent and draw.random() < 0.5 else "")
    answer = person.answers[question]
    if answer == plan.NO_ANSWER:
        return "" if draw.random() < 0.4 else "無回答"
    label = _label("2021", 0, question, answer)
    return label.translate(WIDE) if draw.random() < 0.02 else label


# ---- 2023: Microsoft Forms ----


def write_2023(folder: Path) -> None:
    """Write the Forms workbook: joined with ";" and a trailing ";", typed words for その他."""
    received = made.wave_file("2023")["files"][0]
    persons, draw = _shuffled("2023")
    moments = _moments("2023", len(persons), draw)
    path = folder / received["file"]
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        created = datetime.datetime(2024, 2, 1, 9, tzinfo=datetime.UTC)
        book.set_properties({"author": "みほん市", "created": created})
        stamp = book.add_format({"num_format": "m/d/yy h:mm:ss"})
        sheet = book.add_worksheet("Sheet1")
        names = list(received["columns"])
        titles = [received["columns"][name] for name in names]
        # Forms leaves a no-break space behind a title that was edited after it was made.
        titles[names.index("consult")] += "\u00a0"
        sheet.write_row(0, 0, ["ID", "開始時刻", "完了時刻", "メール", "名前", *titles])
        for row, (person, moment) in enumerate(zip(persons, moments, strict=True), start=1):
            sheet.write_number(row, 0, row)
            sheet.write_datetime(row, 1, moment, stamp)
            sheet.write_datetime(row, 2, moment + datetime.timedelta(seconds=draw.randrange(70, 900)), stamp)
            sheet.write_string(row, 3, "anonymous")
            for place, name in enumerate(names, start=5):
                cell = _cell_2023(person, name, draw)
                if cell:
                    sheet.write_string(row, place, cell)


def _cell_2023(person: made.Person, question: str, draw: random.Random) -> str:
    if question in ("good", "hard"):
        return person.texts.get(question, "")
    if question in plan.MULTIPLE["2023"]:
        return "".join(_typed("2023", 0, question, o, draw) + ";" for o in _ticked(person, question))
    answer = person.answers[question]
    if answer == plan.NO_ANSWER:
        return ""
    if question == "tenure":
        return made.labels(question)[answer].replace("～", "〜")
    return _typed("2023", 0, question, answer, draw)


def _typed(wave: str, file: int, question: str, option: str, draw: random.Random) -> str:
    """Return the label, or what was typed in its place where the form lets people type."""
    can_type = question in made.wave_file(wave)["files"][file].get("typed_other", ())
    if option == "other" and can_type and draw.random() < 0.8:
        return _other_words(question, draw)
    return _label(wave, file, question, option)


# ---- 2025: those who answered online instead of on paper ----


def write_2025(folder: Path) -> None:
    """Write R7_Web回答.csv: UTF-8 with BOM, labels, several answers joined with ", "."""
    received = made.wave_file("2025")["files"][1]
    persons, draw = _shuffled("2025")
    names = list(received["columns"])
    rows = [["受付番号", "受付日時", *(received["columns"][name] for name in names)]]
    for serial, (person, moment) in enumerate(
        zip(persons, _moments("2025", len(persons), draw), strict=True), start=1
    ):
        stamp = f"{moment:%Y/%m/%d} {moment.hour}:{moment:%M:%S}"
        rows.append([f"W{serial:04d}", stamp, *(_cell_2025(person, name, draw) for name in names)])
    (folder / received["file"]).write_bytes(_csv_bytes(rows, "utf-8-sig"))


def _cell_2025(person: made.Person, question: str, draw: random.Random) -> str:
    if question in ("good", "hard"):
        return person.texts.get(question) or "".join(person.stray.get(question, ()))
    if question in plan.MULTIPLE["2025"]:
        return ", ".join(_typed("2025", 1, question, option, draw) for option in _ticked(person, question))
    answer = person.answers[question]
    return "" if answer == plan.NO_ANSWER else _label("2025", 1, question, answer)
