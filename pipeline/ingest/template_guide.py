"""The first sheets of the keying workbook: how to key (記入要領) and how far it is (入力状況)."""

from __future__ import annotations

from math import ceil

from xlsxwriter.worksheet import Worksheet

from pipeline.ingest.nouns import column_name
from pipeline.ingest.template_painting import LOOKS, Looks
from pipeline.ingest.template_plan import (
    CHECK,
    CHECK_COLUMN,
    GUIDE_SHEET,
    KeyingSheet,
    asked,
    codes,
    option_code,
)
from pipeline.ingest.template_rules import DIFFERENT, FIRST_ROW
from pipeline.model import Question, Survey, Wave

_A4 = 9
_LINE = 19
_GUIDE_WIDTHS = (13, 30, 26, 60)


def paint_guide(worksheet: Worksheet, looks: Looks, survey: Survey, wave: Wave) -> None:
    """Fill 記入要領: steps, codes, colours, and every question with its numbers."""
    paper = _Paper(worksheet, looks)
    paper.line(f"{wave.label} {survey.title}　入力の要領", bold=True, font_size=14)
    paper.heading("入力の手順")
    for number, step in enumerate(_steps(survey, wave), start=1):
        paper.wide(f"{number}. {step}")
    marks = codes(survey, wave)
    paper.heading("番号と符号")
    paper.table_head("入力するもの", "どんなとき")
    for code, meaning in (
        ("1、2、3…", "1つだけ選ぶ設問。選ばれた選択肢の番号（下の表）。セルを選ぶと番号の意味が出ます。"),
        ("1", "いくつも選ぶ設問で、その選択肢に印があるとき。印がなければ空欄。"),
        (
            marks.no_answer,
            "無回答: 聞かれたのに書かれていない。空欄のままでも無回答と読みます。いくつも選ぶ設問では、設問の最初の欄に。",
        ),
        (
            marks.invalid,
            "無効: 1つだけの設問に2つ以上の印がある、判読できない。いくつも選ぶ設問では、設問の最初の欄に。",
        ),
        (
            "書かれたとおり",
            "自由記述と「その他」の内容。直さず、要約せずに入力します。「その他」の内容は集計しません。",
        ),
    ):
        paper.table_row(code, meaning)
    paper.heading("色の意味")
    paper.table_head("色", "意味")
    for properties, meaning in LOOKS.values():
        paper.table_row("見本", meaning, **properties)
    paper.table_row("見本", "2回目のシートでは入力しない欄", bg_color="#7F7F7F")
    paper.heading("設問と番号")
    paper.question_row("番号", "設問", "答える人と選び方", "選択肢", is_head=True)
    for question in asked(survey, wave):
        options = [f"{n} {option.label}" for n, option in enumerate(question.offered(wave.key), start=1)]
        listed = "" if question.is_free_text else "\n".join(options)
        paper.question_row(question.number, question.label, _asked_how(survey, wave, question), listed)
    for place, width in enumerate(_GUIDE_WIDTHS):
        worksheet.set_column(place, place, width)
    _set_page(worksheet)


def _steps(survey: Survey, wave: Wave) -> list[str]:
    folder = f"data/raw/{survey.id}/{wave.key}/"
    return [
        "調査票の1枚ごとに、部局などのシートの番号を1つ決め、その番号を調査票の余白に書きます。1枚を1行に入力します。",
        "書かれたとおりに入力します。「3つまで」に4つ印があれば、4つとも入力します（色が付きますが、そのままで構いません。集計では無効になります）。",
        "何も書かれていない調査票（白紙）も1枚です。最初の設問に無回答の番号を入力してください。入力のない行は、回収されなかったものとします。",
        "灰色になった欄は、前の設問の答えにより聞いていない設問です。ふつうは空欄のままです。書かれているときは、調査票を確かめ、書かれたとおりに入力します（集計には入りません）。",
        "2回目の入力は、別の人が「（2回目）」のシートに行います。全部でも、一部の番号だけでも構いません。"
        f"1回目と違うところに色が付き、「{CHECK}」の列が「{DIFFERENT}」になります。調査票を見て、誤っていたほうを直します。",
        "見出し、行、列、シートは変えないでください（保護しています）。用紙が足りないときや困ったときは、集計の担当者に相談してください。",
        f'終わったら保存し、{folder} に置きます。調査回のファイルの [[files]] は file・layout = "template"・mode = "紙" の3行だけです。',
    ]


def _asked_how(survey: Survey, wave: Wave, question: Question) -> str:
    if question.is_free_text:
        how = "自由に書く"
    elif question.kind == "single":
        how = "1つだけ"
    else:
        how = f"{question.limit}つまで" if question.limit else "いくつでも"
    if question.route is None:
        return how
    filtering = survey.question(question.route.question)
    offered = {option.id for option in filtering.offered(wave.key)}
    numbers = "、".join(
        option_code(filtering, wave, option) for option in question.route.options if option in offered
    )
    return f"{how}\n{filtering.number or filtering.label}で {numbers} の人だけ"


class _Paper:
    """Writes line under line."""

    def __init__(self, worksheet: Worksheet, looks: Looks):
        self.worksheet, self.look, self.row = worksheet, looks.look, 0

    def line(self, text: str, **properties) -> None:
        self.worksheet.write_string(self.row, 0, text, self.look(**properties))
        self.row += 1

    def heading(self, text: str) -> None:
        self.row += 1
        self.line(text, bold=True, font_size=12, font_color="#1F4E79")

    def wide(self, text: str) -> None:
        """Write one paragraph over all columns."""
        look = self.look(text_wrap=True, valign="top")
        self.worksheet.merge_range(self.row, 0, self.row, len(_GUIDE_WIDTHS) - 1, text, look)
        self._end(text, sum(_GUIDE_WIDTHS))

    def table_head(self, *texts: str) -> None:
        self.table_row(*texts, bold=True, bg_color="#DDEBF7")

    def table_row(self, first: str, rest: str, **properties) -> None:
        """Write one row of two cells; ``properties`` dress the first, and both in a bold head."""
        common = {"border": 1, "text_wrap": True, "valign": "vcenter"}
        is_head = properties.get("bg_color") == "#DDEBF7"
        self.worksheet.write_string(
            self.row, 0, first, self.look(**common | {"align": "center"} | properties)
        )
        second = self.look(**common | (properties if is_head else {}))
        self.worksheet.merge_range(self.row, 1, self.row, len(_GUIDE_WIDTHS) - 1, rest, second)
        self._end(rest, sum(_GUIDE_WIDTHS[1:]))

    def question_row(self, *texts: str, is_head: bool = False) -> None:
        look = self.look(
            border=1, text_wrap=True, valign="top", bold=is_head, bg_color="#DDEBF7" if is_head else "#FFFFFF"
        )
        for place, text in enumerate(texts):
            self.worksheet.write_string(self.row, place, text, look)
        lines = max(
            sum(max(1, ceil(2 * len(part) / (width - 2))) for part in text.split("\n"))
            for text, width in zip(texts, _GUIDE_WIDTHS, strict=True)
        )
        self.worksheet.set_row(self.row, _LINE * lines)
        self.row += 1

    def _end(self, text: str, width: int) -> None:
        self.worksheet.set_row(self.row, _LINE * ceil(2 * len(text) / (width - 2)))
        self.row += 1


def paint_state(worksheet: Worksheet, looks: Looks, title: str, sheets: tuple[KeyingSheet, ...]) -> None:
    """Fill 入力状況: forms keyed once, keyed twice, and keyed differently, by sheet and in all."""
    worksheet.write_string(0, 0, f"{title}　入力状況", looks.look(bold=True, font_size=14))
    worksheet.write_string(1, 0, f"自動で数えます。くわしくは「{GUIDE_SHEET}」を見てください。", looks.look())
    head = ("シート", "行数", "1回目の入力", "2回目の入力", "1回目と2回目の違い")
    for place, text in enumerate(head):
        worksheet.write_string(3, place, text, looks.header(bold=True, font_size=11))
    half = len(sheets) // 2
    name, number = looks.look(border=1), looks.look(border=1, num_format="#,##0")
    for row, (first, second) in enumerate(zip(sheets[:half], sheets[half:], strict=True), start=4):
        check = (
            f"{column_name(CHECK_COLUMN)}{FIRST_ROW}:{column_name(CHECK_COLUMN)}{FIRST_ROW + first.rows - 1}"
        )
        worksheet.write_string(row, 0, first.name, name)
        worksheet.write_number(row, 1, first.rows, number)
        for place, (sheet, wanted) in enumerate(
            ((first, "?*"), (second, "?*"), (first, f"{DIFFERENT}*")), start=2
        ):
            worksheet.write_formula(row, place, f"=COUNTIF('{sheet.name}'!{check},\"{wanted}\")", number, 0)
    total = 4 + half
    bold = looks.look(border=1, bold=True, num_format="#,##0", top=2)
    worksheet.write_string(total, 0, "計", bold)
    for place in range(1, len(head)):
        letter = column_name(place)
        value = sum(sheet.rows for sheet in sheets[:half]) if place == 1 else 0
        worksheet.write_formula(total, place, f"=SUM({letter}5:{letter}{total})", bold, value)
    worksheet.set_column(0, 0, 26)
    worksheet.set_column(1, len(head) - 1, 20)
    _set_page(worksheet)


def _set_page(worksheet: Worksheet) -> None:
    worksheet.set_paper(_A4)
    worksheet.fit_to_pages(1, 0)
    worksheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    worksheet.set_footer("&R&P / &N")
    worksheet.hide_gridlines(2)
    worksheet.protect("", {"format_columns": True, "format_rows": True})
