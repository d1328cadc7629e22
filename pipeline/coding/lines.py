"""Public lines 公表文: the sentences a person approved for the page, one file per wave."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pandas as pd

from pipeline import frames
from pipeline.coding.masking import CONTACTS, plain_kinds
from pipeline.coding.signed_table import SignedTable, read_signed_table
from pipeline.model import Problem, Survey
from pipeline.numerals import read_day

#: A line of the page is read at a glance.
LONGEST_LINE = 70
#: So many consecutive characters of an answer are a quotation (§4.6 of the coding notes).
KEPT_CHARACTERS = 12


def read_lines(path: Path, survey: Survey) -> pd.DataFrame:
    """Return the approved lines (frames.LINES) of ``surveys/<id>/coding/<wave>/lines.csv``.

    Sorted by question and theme in the order of the survey file, then by ``order``; no file: no
    lines. Every line has an approver and a day. Raises ProblemsFound with every problem of the file.
    """
    place = f"surveys/{survey.id}/coding/{path.parent.name}/{path.name}"
    table = read_signed_table(path, place, frames.LINES.columns)
    codes = {q.id: [option.id for option in q.options] for q in survey.questions if q.is_free_text and q.box}
    places: dict[tuple[str, str, str], int] = {}
    for number, row in table.rows:
        _check(table, number, row, codes)
        row["date"] = read_day(row["date"]) or row["date"]
        key = (row["question"], row["code"], row["order"])
        if (first := places.setdefault(key, number)) != number:
            table.note(
                number,
                "同じ主題に同じ順番の公表文があります",
                "order",
                row["order"],
                f"{first}行目と違う順番",
            )
    question_order = list(codes)
    rows = sorted(
        (row for _, row in table.checked()),
        key=lambda row: (
            question_order.index(row["question"]),
            codes[row["question"]].index(row["code"]),
            int(row["order"]),
        ),
    )
    return frames.table(frames.LINES, rows)


def _check(table: SignedTable, number: int, row: dict[str, str], codes: dict[str, list[str]]) -> None:
    """Note everything that is wrong with one row."""
    if row["question"] not in codes:
        table.note_unknown(
            number, "主題のある自由記述の設問ではありません", "question", row["question"], codes
        )
    elif row["code"] not in codes[row["question"]]:
        table.note_unknown(number, "主題にないコードです", "code", row["code"], codes[row["question"]])
    line = row["line"]
    if not line or len(line) > LONGEST_LINE:
        table.note(
            number,
            "公表文の長さが違います",
            "line",
            f"{len(line)}文字",
            f"1～{LONGEST_LINE}文字",
            "短く書き直してください。",
        )
    if any(letter < " " for letter in line):
        table.note(number, "公表文の途中に改行があります", "line", f"{len(line)}文字", "1行の文")
    if contacts := [kind for kind in plain_kinds(line) if kind in CONTACTS]:
        table.note(
            number,
            "公表文に、人につながる番号や宛先があります",
            "line",
            "、".join(contacts),
            step="消して書き直してください。数の幅なら「500人から1000人」のように書きます。",
        )
    for key, what in (("order", "順番"), ("stands_for", "代表する回答の数")):
        # 「１」 reads as a number too; the page must not print what was not meant.
        if not (row[key].isascii() and row[key].isdecimal() and int(row[key]) > 0):
            table.note(number, f"{what}が1以上の整数ではありません", key, row[key], "1、2、3…")
    if not row["approver"]:
        table.note(
            number,
            "承認した人が書かれていません（承認のない文は公表しません）",
            "approver",
            expected="承認した人",
        )
    if not read_day(row["date"]):
        table.note(number, "承認した日の書き方が違います", "date", row["date"], "2026-02-03 のような日付")


def quotations(lines: pd.DataFrame, comments: pd.DataFrame, wave: str, place: str) -> list[Problem]:
    """Return a note for each approved line that keeps KEPT_CHARACTERS or more characters of an answer.

    comments: frames.COMMENTS; compared after NFKC without spaces. The words themselves are not told.
    """
    is_wave = comments["wave"] == wave
    notes = []
    for question, group in lines.groupby("question", sort=False):
        is_asked = is_wave & (comments["question"] == question)
        originals = sorted({_tight(text) for text in comments.loc[is_asked, "text"]})
        for code, line, order in group[["code", "line", "order"]].itertuples(index=False, name=None):
            if (kept := longest_kept(line, originals)) >= KEPT_CHARACTERS:
                notes.append(
                    Problem(
                        "公表文に、回答と同じ文字の並びが残っています",
                        file=place,
                        key=f"{question} {code} 順番{int(order)}",
                        found=f"続けて{kept}文字が同じ",
                        expected=f"同じ並びは{KEPT_CHARACTERS - 1}文字まで",
                        next_step="だれの回答か分からないように言い換えるか、そのまま載せてよいと本人に確かめてください。",
                        severity="note",
                    )
                )
    return notes


def personal(lines: pd.DataFrame, kinds_of: Callable[[str], Iterable[str]], place: str) -> list[Problem]:
    """Return a note for each approved line that seems to name a person, a group or an address.

    kinds_of: line → kinds of what is named, as ``masking`` calls them. The words themselves are not told.
    """
    notes = []
    what = "公表文に、人や団体の名前、住所のような言葉があります"
    step = "だれのことか分からないように言い換えるか、載せてよいと本人に確かめてください。"
    for row in lines.to_dict("records"):
        if kinds := "、".join(dict.fromkeys(kinds_of(row["line"]))):
            key = f"{row['question']} {row['code']} 順番{int(row['order'])}"
            notes.append(Problem(what, place, "", "", key, kinds, "", step, "note"))
    return notes


def overstated(lines: pd.DataFrame, people: Mapping[tuple[str, str], int], place: str) -> list[Problem]:
    """Return a note for each theme with a line that stands for more answers than were sorted into it.

    people: (question, code) → answers that have the theme. Lines are not added up: one answer may stand
    behind two of them.
    """
    notes = []
    for (question, code), group in lines.groupby(["question", "code"], sort=False):
        said, known = int(group["stands_for"].max()), people.get((question, code), 0)
        if said > known:
            what = "公表文の代表する回答の数が、その主題に分類した回答より多くなっています"
            step = "数を直すか、分類を終えてから確かめてください。"
            key, expected = f"{question} {code}", f"{known}件まで"
            notes.append(Problem(what, place, "", "", key, f"{said}件", expected, step, "note"))
    return notes


def longest_kept(line: str, originals: Iterable[str]) -> int:
    """Return the length of the longest run of characters ``line`` shares with one of the ``originals``.

    The originals are folded already (``_tight``); runs shorter than KEPT_CHARACTERS count as 0.
    """
    text, longest = _tight(line), 0
    for original in originals:
        size = max(longest + 1, KEPT_CHARACTERS)
        start = 0
        while start + size <= len(text):
            if text[start : start + size] in original:
                longest, size = size, size + 1
            else:
                start += 1
    return longest


def _tight(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
