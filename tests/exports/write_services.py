"""Writes the cases of the online services and of the older workbook formats (see write_received.py)."""

from __future__ import annotations

import datetime
import io
import sys
from csv import writer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import xlwt  # noqa: E402

from tests.books import ods_bytes, ods_cell, ods_row, xls_bytes  # noqa: E402
from tests.exports.write_received import HERE, KEYED_HEADER, received, workbook  # noqa: E402

FIELDWORK = 'label = "令和7年度"\nfieldwork = { start = 2026-01-13, end = 2026-01-30 }\n'


def entry(file: str, layout: str, columns: str, more: str = "", mode: str = "Web") -> str:
    """Return one [[files]] of a wave file; ``columns`` and ``more`` are lines of TOML."""
    text = f'\n[[files]]\nfile = "{file}"\nlayout = "{layout}"\nmode = "{mode}"\n'
    return f"{text}{more.strip()}\n".replace("\n\n", "\n") + f"[files.columns]\n{columns.strip()}\n"


def case(name: str, asked: tuple[str, ...], *entries: str) -> None:
    """Write the wave file of a case."""
    (HERE / name / "received").mkdir(parents=True, exist_ok=True)
    wording = "".join(f'{question} = "（この調査回の文言）"\n' for question in asked)
    text = f"{FIELDWORK}\n[wording]\n{wording}{''.join(entries)}"
    (HERE / name / "wave.toml").write_text(text, encoding="utf-8", newline="\n")


def lines(
    rows: list[list], encoding: str = "utf-8", delimiter: str = ",", end: str = "\r\n", quoting: int = 0
) -> bytes:
    text = io.StringIO()
    writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return text.getvalue().encode(encoding)


# ---- Google Forms ----

ASKED = ("section", "tenure", "experience", "reason", "voice")
GOOGLE_COLUMNS = """
section = "所属をお答えください。"
tenure = "勤続年数 [あなた]"
experience = ["協働したことがありますか。", "協働したことがありますか。（協働課を含む）"]
reason = "ない理由（3つまで）"
voice = "ご意見"
"""
GOOGLE_HEAD = [
    "タイムスタンプ",
    "メールアドレス",
    "所属を\nお答えください。",
    "勤続年数 [あなた]",
    "協働したことがありますか。",
    "ない理由（3つまで）",
    "ご意見",
    "協働したことがありますか。（協働課を含む）",
]
#: section, tenure, experience before and after the form was edited, reasons, words
GOOGLE_ANSWERS = [
    ("総務部", "5～9年", "ない", "", ["担当に、機会がない", "知識,経験が足りない"], ""),
    ("こども未来部", "10〜19年", "ある", "", [], "研修を\n増やしてほしい"),
    ("総務部", "20年以上", "", "ない", ["忙しい", "異動したばかりで、何も"], ""),
    ("こども未来部", "20年以上", "", "覚えていない、わからない", [], "特になし, です"),
    ("総務部", "", "", "ない", ["特にない"], ""),
]


def google_rows(join: str, times: list) -> list[list]:
    who = "hanako@example.jp"
    return [
        GOOGLE_HEAD,
        *(
            [time, who, s, t, a, join.join(many), v, b]
            for time, (s, t, a, b, many, v) in zip(times, GOOGLE_ANSWERS, strict=True)
        ),
    ]


def google() -> None:
    other = 'typed_other = ["reason"]'
    # A workbook knows no time zones.
    days = [datetime.datetime(2026, 1, day, 9, 3, 11) for day in (15, 15, 16, 19, 30)]  # noqa: DTZ001
    case("google_sheet", ASKED, entry("アンケート（回答）.xlsx", "google_forms", GOOGLE_COLUMNS, other))
    workbook("google_sheet", "アンケート（回答）.xlsx", {"フォームの回答 1": (google_rows(", ", days), [])})
    # A sheet downloaded as CSV: no line end after the last row.
    case("google_sheet_csv", ASKED, entry("フォームの回答 1.csv", "google_forms", GOOGLE_COLUMNS, other))
    times = [f"2026/01/{day.day} {day.hour}:03:11" for day in days]
    received(
        "google_sheet_csv", "フォームの回答 1.csv", lines(google_rows(", ", times)).removesuffix(b"\r\n")
    )
    case("google_form_csv", ASKED, entry("アンケート.csv", "google_forms", GOOGLE_COLUMNS, other))
    times = [f"2026/01/{day.day} 9:03:11 午前 GMT+9" for day in days]
    received("google_form_csv", "アンケート.csv", lines(google_rows(";", times), quoting=1))


# ---- one column per option ----

OPTIONS = ["担当に、機会がない", "知識,経験が足りない", "忙しい", "相手がいない", "その他", "特にない"]


def option_columns() -> None:
    asked = ("section", "experience", "reason", "voice")
    columns = 'section = "部局"\nexperience = "経験"\nreason = "ない理由"\nvoice = "意見"'
    kinds = {
        "option_brackets_kintone": ("ない理由[{}]", "1", "", "cp932", ","),
        "option_underscore_utf16": ("ない理由_{}", "○", "", "utf-16", "\t"),
        "option_lenticular": ("【ない理由】{}", "○", "-", "utf-8-sig", ","),
    }
    for name, (form, yes, no, encoding, delimiter) in kinds.items():
        head = [
            "レコード番号",
            "作成者",
            "作成日時",
            "部局",
            "経験",
            *(form.format(o) for o in OPTIONS),
            "意見",
        ]
        marks = [yes, no]
        rows = [
            [
                "1",
                "花子",
                "2026/01/15 09:03",
                "総務部",
                "ない",
                *(marks[n not in (0, 1)] for n in range(6)),
                "",
            ],
            [
                "2",
                "太郎",
                "2026/01/16 10:00",
                "こども未来部",
                "ある",
                *(no for _ in range(6)),
                "よい\r\n経験",
            ],
            ["3", "次郎", "2026/01/17 10:00", "総務部", "ない", *(marks[n != 5] for n in range(6)), ""],
            ["4", "三郎", "2026/01/17 10:30", "", "ない", *(marks[n > 3] for n in range(6)), "多い"],
        ]
        file = "書き出し.txt" if delimiter == "\t" else "書き出し.csv"
        case(name, asked, entry(file, "option_columns", columns, 'serial = "レコード番号"'))
        received(name, file, lines([head, *rows], encoding, delimiter))
    # The same reading for a number after the question, in a workbook with cells that repeat the label or number.
    columns = 'section = "Q1"\nexperience = "Q2"\nreason = "問3"'
    head = ["回答ID", "Q1", "Q2", *(f"問3－{n}" for n in range(1, 7)), "備考"]
    rows = [
        [101, 1, 2, "担当に、機会がない", None, None, "相手がいない", None, None, "x"],
        [102, 2, 1, None, None, None, None, None, None, None],
        [103, 2, 2, 1, None, 3, None, None, None, None],
        [104, 2, 99, None, None, None, None, None, None, None],
    ]
    more = 'serial = "回答ID"\nhas_codes = true\nno_answer = ["99"]\nignore_columns = ["備考"]'
    case("option_numbers", asked[:3], entry("集計.xlsx", "option_columns", columns, more))
    workbook("option_numbers", "集計.xlsx", {"Sheet1": ([head, *rows], [])})


def lime_survey() -> None:
    head = [
        "id",
        "submitdate",
        "lastpage",
        "startlanguage",
        "seed",
        "Q1",
        "Q2",
        *(f"Q3[SQ00{n}]" for n in (1, 2, 3, 4, 6)),
        "Q3[other]",
        "Q4",
    ]
    rows = [
        ["1", "2026-01-15 09:03:11", "2", "ja", "77", "A1", "A2", "Y", "", "Y", "", "", "", ""],
        ["2", "", "1", "ja", "78", "A1", "", "", "", "", "", "", "", ""],
        [
            "3",
            "2026-01-16 09:03:11",
            "2",
            "ja",
            "79",
            "A2",
            "A2",
            "",
            "",
            "",
            "",
            "",
            "窓口がない",
            "多い; です",
        ],
        ["5", "2026-02-20 09:03:11", "2", "ja", "80", "A2", "A1", "", "", "", "", "", "", ""],
        ["6", "2026-01-16 09:03:11", "2", "ja", "79", "A2", "A2", "N", "N", "N", "N", "Y", "", ""],
    ]
    labels = """
[files.labels]
section = { A1 = "somu", A2 = "kodomo" }
experience = { A1 = "yes", A2 = "no" }
reason = { SQ006 = "none" }
"""
    columns = 'section = "Q1"\nexperience = "Q2"\nreason = "Q3"\nvoice = "Q4"'
    text = (
        entry(
            "results-survey123456.csv", "option_columns", columns, 'serial = "id"\ntyped_other = ["reason"]'
        )
        + labels
    )
    case("option_limesurvey", ("section", "experience", "reason", "voice"), text)
    received("option_limesurvey", "results-survey123456.csv", lines([head, *rows], "utf-8-sig", ";", "\n", 1))


def survey_monkey() -> None:
    head = [
        "Respondent ID",
        "Collector ID",
        "Start Date",
        "End Date",
        "IP Address",
        "部局",
        "経験",
        "ない理由",
        "",
        "",
        "",
        "",
        "",
        "ご意見",
    ]
    lower = [
        "",
        "",
        "",
        "",
        "",
        "Response",
        "Response",
        *OPTIONS[:4],
        "その他（具体的に）",
        "特にない",
        "Open-Ended Response",
    ]
    who = ["42", "01/15/2026 09:01:22", "01/15/2026 09:04:10", "192.0.2.7"]
    rows = [
        ["1140001", *who, "総務部", "ない", "担当に、機会がない", "", "忙しい", "", "", "", "研修を…"],
        ["1140002", *who, "こども未来部", "ある", "", "", "", "", "", "", ""],
        ["1140003", *who, "総務部", "ない", "", "", "", "", "制度を知らない", "", ""],
        ["1140004", *who, "総務部", "ない", "", "", "", "", "", "特にない", ""],
    ]
    labels = '[files.labels]\nreason = { "その他（具体的に）" = "other" }\n'
    columns = 'section = "部局"\nexperience = "経験"\nreason = "ない理由"\nvoice = "ご意見"'
    more = 'serial = "Respondent ID"\ntyped_other = ["reason"]'
    case(
        "option_surveymonkey",
        ("section", "experience", "reason", "voice"),
        entry("Survey.csv", "option_columns", columns, more) + labels,
    )
    received("option_surveymonkey", "Survey.csv", lines([head, lower, *rows]))


# ---- older formats, and files of one wave together ----

KEYED = (
    'experience = "問1 / 経験"\nvoice = "問3 意見"\ntenure = "属性 / 勤続"\nreason = "問2 理由（3つまで）"'
)
KEYED_MORE = """
serial = "No"
header_rows = 2
has_codes = true
no_answer = ["99"]
ignore_columns = ["備考", "問2 理由（3つまで） / その他の内容"]
"""


def older_books() -> None:
    head = [["令和7年度 入力表"], [], *KEYED_HEADER[2:]]
    rows = [
        *head,
        [1, 1, 2, "○", None, "〇", None, None, None, None, None, None],
        [2, 3, 1, None, None, None, None, None, None, None, "話ができた。\nまた会いたい。", None],
        [3, 99, 3, None, None, None, None, None, None, None, None, "年月日は不明"],
        ["合計", None, None, 1, 0, 1, 0, 0, None, 0, None, None],
    ]
    asked = ("tenure", "experience", "reason", "voice")

    def hide(book: xlwt.Workbook) -> None:
        book.get_sheet(0).row(5).hidden = True
        book.add_sheet("名簿").write(0, 0, "見せない")
        book.get_sheet(1).visibility = 1

    merges = [(2, 2, 3, 9), (2, 3, 10, 10), (2, 3, 11, 11)]
    bare = [
        [None if (r, c) in {(2, 3), (2, 10), (2, 11)} else v for c, v in enumerate(row)]
        for r, row in enumerate(rows)
    ]

    def merge(book: xlwt.Workbook) -> None:
        for top, bottom, left, right in merges:
            book.get_sheet(0).write_merge(top, bottom, left, right, rows[top][left])
        hide(book)

    case("keyed_xls", asked, entry("入力表.xls", "keyed_workbook", KEYED, KEYED_MORE, "紙"))
    received("keyed_xls", "入力表.xls", xls_bytes({"入力": bare}, merge))
    body = "".join(
        ods_row(
            "".join(_spanned(value, r, c, merges) for c, value in enumerate(row)),
            ' table:visibility="collapse"' if r == 5 else "",
        )
        for r, row in enumerate(rows)
    )
    # What LibreOffice writes below the last row: empty rows to the end of the sheet.
    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    body += ods_row(empty, ' table:number-rows-repeated="1048560"')
    case("keyed_ods", asked, entry("入力表.ods", "keyed_workbook", KEYED, KEYED_MORE, "紙"))
    received("keyed_ods", "入力表.ods", ods_bytes({"入力": body, "名簿": [["見せない"]]}, hidden=("名簿",)))


def _spanned(value: object, r: int, c: int, merges: list[tuple]) -> str:
    for top, bottom, left, right in merges:
        if (r, c) == (top, left):
            size = f' table:number-columns-spanned="{right - left + 1}" table:number-rows-spanned="{bottom - top + 1}"'
            return ods_cell(value, size)
    return ods_cell(value)


def together() -> None:
    columns = 'experience = "問1"\nvoice = "意見"'
    halves = [
        [["No", "問1", "意見"], ["1", "ある", "よい"], ["2", "ない", ""]],
        [["No", "問1", "意見"], ["3", "ない", "悪い"]],
    ]
    names = ("回答1.csv", "回答2.csv")
    texts = [
        entry(name, "csv", columns, 'serial = "No"\nanswers = ' + str(len(half) - 1))
        for name, half in zip(names, halves, strict=True)
    ]
    case("csv_in_two_parts_among_debris", ("experience", "voice"), *texts)
    for name, half in zip(names, halves, strict=True):
        received("csv_in_two_parts_among_debris", name, lines(half))
    for name in ("~$回答1.xlsx", "Thumbs.db"):
        received("csv_in_two_parts_among_debris", name, b"x")
    # An English form that became a quiz; the second 年代 got a number.
    head = ["Id", "Start time", "Completion time", "Email", "Name", "Total points", "Quiz feedback"]
    head += ["経験", "Points - 経験", "Feedback - 経験", "経験2"]
    time = "2026-01-15 09:01:00"
    rows = [
        head,
        [1, time, time, "a@example.jp", "花子", 5, "", "ある", 5, "", "総務部"],
        [2, time, time, "b@example.jp", "太郎", 0, "", "ない", 0, "", "こども未来部"],
    ]
    case(
        "forms_english_quiz",
        ("section", "experience"),
        entry("Quiz.xlsx", "microsoft_forms", 'section = "経験2"\nexperience = "経験"'),
    )
    workbook("forms_english_quiz", "Quiz.xlsx", {"Sheet1": (rows, [])})


if __name__ == "__main__":
    for write in (google, option_columns, lime_survey, survey_monkey, older_books, together):
        write()
