"""received.xlsx and answers.xlsx: what became of everything received, masked free texts, one row per respondent.

Only the hall knows that these belong to the internal folder. The tables come ready made, in codes
(the books) or in labels (the answers); nothing is looked up or counted here.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import pandas as pd
import xlsxwriter

from pipeline.model import Survey
from pipeline.report.workbook import CREATED, FONT, OPTIONS

BOOKS, ANSWERS = "received.xlsx", "answers.xlsx"
COMMENTS = "自由記述（伏せたもの）"
_HEADERS = {
    "wave": "調査回",
    "file": "ファイル",
    "sha256": "SHA-256",
    "sheet": "シート",
    "row": "行",
    "status": "扱い",
    "reason": "理由",
    "respondent": "回答番号",
    "corrected": "訂正したセル",
    "question": "設問",
    "read": "読んだ行",
    "accepted": "回答",
    "rejected": "除外",
    "duplicate": "重複",
    "answered": "記入",
    "no_answer": "無回答",
    "invalid": "無効",
    "not_applicable": "非該当",
}
_STATUSES = {"accepted": "回答", "rejected": "除外", "duplicate": "重複"}
_REASONS = {
    "blank": "空白の行",
    "title": "表題",
    "header": "見出し",
    "total": "合計の行",
    "note": "注記",
    "serial_only": "番号だけの行",
    "no_serial": "番号のない行",
    "same_row": "同じ行が前にある",
    "suspected_duplicate": "重複の疑い（集計に入れています）",
    "excluded": "訂正により除外",
}
_CORRECTION_HEADERS = ("調査回", "ファイル", "シート", "セル", "訂正前", "訂正後", "理由", "決めた人", "日付")
_WIDEST = 40
HEAD = "&C庁内限り・貼り付けないでください"


@dataclass(frozen=True)
class Listed:
    """One sheet that is one Excel table; ``headers`` are unique, cells are text or whole numbers."""

    name: str
    headers: Sequence[str]
    rows: Iterable[Sequence[str | float]]


def write(
    survey: Survey,
    ledger: pd.DataFrame,
    reconciliation: pd.DataFrame,
    answers: pd.DataFrame,
    masked: tuple[Sequence[tuple[str, str]], int],
    folder: Path,
) -> None:
    """Write both workbooks into ``folder``; the same tables give the same bytes.

    ledger, reconciliation: as in ``frames``; answers: any table in labels, under unique headers; masked:
    (question, free text of the newest wave without names) in an order that tells nobody, and the number of
    free texts that nobody has masked yet.
    """
    waves = {wave.key: wave.label for wave in survey.waves}
    questions = {question.id: question.label for question in survey.questions}
    words = {"wave": waves, "status": _STATUSES, "reason": _REASONS, "question": questions}
    books = [_worded("台帳", ledger, words), _worded("突合", reconciliation, words)]
    if survey.corrections:
        rows = [(waves[c.wave], *astuple(c)[1:]) for c in survey.corrections]
        books.append(Listed("訂正", _CORRECTION_HEADERS, rows))
    if rows := list(_comments(survey, *masked)):
        books.append(Listed(COMMENTS, ("調査回", "設問", "伏せた文"), rows))
    (folder / BOOKS).write_bytes(workbook_bytes(f"{survey.title} 受け取ったファイルの記録", books))
    listed = Listed("回答一覧", tuple(answers.columns), answers.itertuples(index=False, name=None))
    (folder / ANSWERS).write_bytes(workbook_bytes(f"{survey.title} 回答一覧", [listed]))


def _comments(survey: Survey, shown: Sequence[tuple[str, str]], left: int) -> Iterator[tuple[str, str, str]]:
    """Yield the masked texts; nothing stands beside them that leads to a person."""
    wave = survey.newest
    if left:
        step = f"make review SURVEY={survey.id} WAVE={wave.key} のあとに make report を実行すると、ここに入ります"
        yield wave.label, "", f"名前などをまだ伏せていない文が{left}件あります（{step}）"
    for question, text in shown:
        yield wave.label, survey.question(question).label, text


def _worded(name: str, table: pd.DataFrame, words: dict[str, dict[str, str]]) -> Listed:
    """Return a table in the words of the office; what has no word stays as it is."""
    table = table.copy()
    for column, known in words.items():
        if column in table:
            table[column] = [known.get(cell, cell) for cell in table[column]]
    return Listed(name, [_HEADERS[column] for column in table], table.itertuples(index=False, name=None))


def workbook_bytes(title: str, lists: list[Listed], head: str = HEAD) -> bytes:
    """Return a workbook with one Excel table per sheet, ``head`` on every printed page."""
    font = {"font_name": FONT, "font_size": 11}
    # Built in memory: a disk that fills up must leave no half-open file behind.
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {**OPTIONS, "default_format_properties": font})
    book.set_properties({"title": title, "subject": "庁内限り", "created": CREATED})
    for number, made in enumerate(lists, start=1):
        _paint(book.add_worksheet(made.name), made, f"list{number}", head)
    book.close()
    return content.getvalue()


def _paint(sheet: xlsxwriter.worksheet.Worksheet, made: Listed, name: str, head: str) -> None:
    rows = list(made.rows)
    columns = [{"header": header} for header in made.headers]
    last = max(len(rows), 1)
    sheet.add_table(0, 0, last, len(columns) - 1, {"name": name, "columns": columns, "style": "Table Style Light 1"})
    for at, cells in enumerate(rows, start=1):
        for place, cell in enumerate(cells):
            if isinstance(cell, str):
                # A blank cell stays blank: an empty text would be counted by a pivot table.
                if cell:
                    sheet.write_string(at, place, cell)
            else:
                sheet.write_number(at, place, cell)
    for place, header in enumerate(made.headers):
        widest = max([2 * len(header) + 3, *(len(str(row[place])) * 2 for row in rows[:200])])
        sheet.set_column(place, place, min(widest, _WIDEST))
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_header(head)
