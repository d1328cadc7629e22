"""The rules of reading, one by one, on surveys small enough to see whole."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from pipeline import ingest
from pipeline.ingest.heading import headed_sheet
from pipeline.ingest.layouts import microsoft_forms
from pipeline.ingest.nouns import Flaw, Grid, Source, Span, cell_name, listed, quoted
from pipeline.ingest.splitting import cover
from pipeline.ingest.workbook import _uncalculated, cell_text, read_grids
from pipeline.messages import ledger_text
from pipeline.model import Option, Population, Question, ReceivedFile, Route, Survey, Wave, frozen_mapping

ONE = Question(
    "one",
    "経験",
    "single",
    options=(Option("yes", "ある"), Option("no", "ない"), Option("old", "昔", until="2023")),
)
TWO = Question(
    "two", "場面", "single", options=(Option("a", "会議"), Option("b", "行事")), route=Route("one", ("yes",))
)
THREE = Question(
    "three",
    "会議の頻度",
    "single",
    options=(Option("x", "毎月"), Option("y", "毎年")),
    route=Route("two", ("a",)),
)
MANY = Question(
    "many",
    "理由",
    "multiple",
    limit=2,
    options=(
        Option("time", "時間、人手"),
        Option("time_only", "時間"),
        Option("other", "その他", is_other=True),
        Option("none", "ない", is_exclusive=True),
    ),
)
FREE = Question("free", "意見", "text", route=Route("one", ("yes",)))
COLUMNS = {"one": "問1", "two": "問2", "three": "問3", "many": "問4", "free": "問5"}


def survey(*questions: Question, population: Population | None = None, **settings) -> Survey:
    columns = {question.id: COLUMNS[question.id] for question in questions}
    settings = {
        "file": "a.csv",
        "layout": "csv",
        "mode": "Web",
        "serial": "No",
        "columns": frozen_mapping(columns),
    } | settings
    wording = frozen_mapping({question.id: "" for question in questions})
    files = (ReceivedFile(**settings),)
    wave = Wave("2025", "令和7年度", wording=wording, files=files, population=population)
    return Survey("s", "題", "市", questions, (wave,))


def read(tmp_path, definition: Survey, content: str | bytes, name: str = "a.csv"):
    folder = tmp_path / "2025"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return ingest.read(definition, tmp_path)


def errors(received) -> list[str]:
    return [problem.what for problem in received.problems if problem.is_error]


def book(*rows, change=None) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    if change:
        change(made)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


# ---- several answers in one cell ----

LABELS = {"時間、人手": "time", "時間": "time_only", "その他": "other"}


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("時間、人手", [("time",)]),
        ("時間、人手、その他", [("time", "other")]),
        ("その他;時間;", [("other", "time_only")]),
        ("時間\n時間、人手", [("time_only", "time")]),
        (" 時間 ,　その他 ", [("time_only", "other")]),
        ("人手、時間", []),
        ("時間その他", []),
    ],
)
def test_answers_are_split_against_the_known_labels(text, options):
    assert [found.options for found in cover(text, LABELS, ("、", ",", ";", "\n"), has_gaps=False)] == options


def test_a_text_that_splits_in_two_ways_is_ambiguous():
    labels = {"時間": "a", "人手": "b", "時間、人手": "c"}
    assert len(cover("時間、人手", labels, ("、",), has_gaps=False)) == 2


def test_typed_words_fill_what_no_label_covers():
    (found,) = cover("時間、人手、窓口当番、その他", LABELS, ("、",), has_gaps=True)
    assert found.options == ("time", "other") and found.gaps == ("窓口当番",)


# ---- cells ----


@pytest.mark.parametrize(
    ("cell", "state"),
    [
        ("ある", "yes"),
        (" な い ", "no"),
        ("", "no_answer"),
        ("99", "no_answer"),
        ("８８", "invalid"),
        ("ある、ない", "invalid"),
    ],
)
def test_single_answers(tmp_path, cell, state):
    received = read(tmp_path, survey(ONE, no_answer=("99",), invalid=("88",)), f"No,問1\n1,{cell}\n2,ある\n")
    assert not errors(received)
    assert list(received.responses["one"]) in ([state, "yes"], ["yes"])


@pytest.mark.parametrize("cell", ["昔", "ある人", "3", "ある/なし"])
def test_unknown_answers_stop_and_options_not_on_the_form_are_unknown(tmp_path, cell):
    received = read(tmp_path, survey(ONE, has_codes=True), f"No,問1\n1,{cell}\n")
    assert errors(received) == ["選択肢にない回答があります"]
    assert "ある／ない（番号1～2）" in received.problems[0].expected


def test_the_same_unknown_value_is_one_problem_with_its_cells(tmp_path):
    rows = "".join(f"{n},謎\n" for n in range(1, 14))
    (problem,) = read(tmp_path, survey(ONE), f"No,問1\n{rows}").problems
    assert problem.cell == "、".join(f"B{n}" for n in range(2, 12)) + " ほか3件"
    assert problem.found == "「謎」（13件）"


def test_long_answers_are_never_quoted():
    labels = ["協働した経験がある", "協働した経験はない"]
    assert quoted("窓口の田中さんに聞いてください", labels) == "15文字の文"
    assert quoted("田中太郎", labels) == "4文字の文"
    assert quoted("協働した経験が有る", labels) == "「協働した経験が有る」"
    assert quoted("協働した経験がある" * 5, labels) == "45文字の文"
    assert quoted("7") == "「7」"
    assert quoted("上司の指示, 鈴木課長", ["上司の指示"]) == "11文字の文"


@pytest.mark.parametrize(
    ("content", "settings"),
    [
        ("No,問4\n1,「時間、山田太郎」\n", {}),
        ("No,問4\n山田太郎,時間\n山田太郎,その他\n", {}),
        ("山田太郎,時間\n山田太郎,その他\n", {"serial": ""}),
    ],
    ids=["words beside an option", "a name for a number", "no header"],
)
def test_no_message_names_a_person(tmp_path, content, settings):
    received = read(tmp_path, survey(MANY, **settings), content)
    assert errors(received) and not any("山田" in str(problem) for problem in received.problems)


def test_what_was_read_of_received_files_is_never_called_a_publication():
    nothing = pd.DataFrame({"status": []})
    assert ledger_text(survey(ONE), nothing) == "受け取ったファイルを1つも読めていません"
    assert ledger_text(replace(survey(ONE), waves=()), nothing).startswith("公表値から作成")


@pytest.mark.parametrize(
    ("cell", "state", "ticks"),
    [
        ("時間、人手", "answered", "1000"),
        ("時間,その他", "answered", "0110"),
        ("ない", "answered", "0001"),
        ("ない、時間", "invalid", ""),
        ("時間、その他、時間、人手", "invalid", ""),
        ("窓口当番のため", "answered", "0010"),
    ],
)
def test_multiple_answers_in_one_cell(tmp_path, cell, state, ticks):
    received = read(tmp_path, survey(MANY, typed_other=("many",)), f'No,問4\n1,"{cell}"\n')
    row = received.responses.iloc[0]
    assert not errors(received)
    assert row["many"] == state
    assert "".join(row[f"many.{option.id}"] for option in MANY.options) == ticks


def test_typed_words_that_are_nearly_an_option_stop(tmp_path):
    likely = replace(MANY, options=(Option("how", "進め方がわからなかった"), *MANY.options[2:]))
    content = "No,問4\n1,進め方が分からなかった\n"
    assert errors(read(tmp_path, survey(likely, typed_other=("many",)), content)) == [
        "選択肢とよく似た文が記入されています"
    ]
    labels = frozen_mapping({"many": frozen_mapping({"進め方が分からなかった": "how"})})
    assert not errors(read(tmp_path, survey(likely, typed_other=("many",), labels=labels), content))


def test_a_code_that_means_two_things_stops(tmp_path):
    received = read(tmp_path, survey(ONE, has_codes=True, no_answer=("2",)), "No,問1\n1,1\n")
    assert errors(received) == ["1つの記入が2通りに読めます"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (1.5, "1.5"),
        (True, "TRUE"),
        (None, ""),
        ("_x000D_a", "\ra".replace("\r", "\n")),
        ("a\r\nb", "a\nb"),
    ],
)
def test_cells_of_a_workbook_are_text(value, text):
    assert cell_text(value) == text


# ---- filters ----


def test_filters_of_filters(tmp_path):
    content = "No,問1,問2,問3,問5\n1,ある,会議,毎月,よい\n2,ある,行事,毎月,\n3,ない,会議,毎月,だめ\n4,,会議,,\n5,ある,,,\n"
    received = read(tmp_path, survey(ONE, TWO, THREE, FREE), content)
    assert not errors(received)
    assert received.responses[["one", "two", "three", "free"]].to_numpy().tolist() == [
        ["yes", "a", "x", "answered"],
        ["yes", "b", "not_applicable", "no_answer"],
        ["no", "not_applicable", "not_applicable", "not_applicable"],
        ["no_answer", "not_applicable", "not_applicable", "not_applicable"],
        ["yes", "no_answer", "not_applicable", "no_answer"],
    ]
    assert list(received.comments["text"]) == ["よい"]
    notes = {problem.key.split()[0]: (problem.found, problem.cell) for problem in received.problems}
    assert notes == {"two": ("2件", "C4、C5"), "three": ("2件", "D3、D4"), "free": ("1件", "E4")}


def test_not_applicable_where_the_person_was_asked_stops(tmp_path):
    content = "No,問1,問2\n1,ある,－\n2,ない,－\n"
    (problem,) = read(tmp_path, survey(ONE, TWO, not_applicable=("－",)), content).problems
    assert problem.is_error and problem.cell == "C2"


def test_a_dash_typed_as_a_free_answer_is_kept_as_typed(tmp_path):
    received = read(tmp_path, survey(ONE, FREE, not_applicable=("-",)), "No,問1,問5\n1,ある,－\n2,ない,-\n")
    assert list(received.comments["text"]) == ["－"] and not received.problems
    assert list(received.responses["free"]) == ["answered", "not_applicable"]


# ---- rows ----


def test_same_number_same_answers_is_a_duplicate_and_different_answers_stop(tmp_path):
    received = read(tmp_path, survey(ONE), "No,問1\n1,ある\n１,ある \n2,ある\n2,ない\n")
    assert errors(received) == ["同じ番号の行が2つあります"]
    assert received.problems[0].found == "4行目と5行目（回答は違う）"
    assert list(received.ledger["status"]) == ["rejected", "accepted", "duplicate", "accepted", "accepted"]


def test_answers_without_a_number_stop(tmp_path):
    assert errors(read(tmp_path, survey(ONE), "No,問1\n1,ある\n,ない\n")) == ["番号のない行に回答があります"]


def test_a_row_of_averages_is_nobody(tmp_path):
    received = read(tmp_path, survey(ONE, has_codes=True), "No,問1\n1,1\n平均,1\n")
    assert errors(received) == ["番号の列に、番号でない言葉の行があります"]


def test_more_answers_than_people_stop(tmp_path):
    content = "No,問1\n1,ある\n2,ある\n3,ない\n"
    strata = frozen_mapping({"yes": 1, "no": 1})
    found = read(tmp_path, survey(ONE, population=Population(2, "one", strata)), content)
    assert errors(found) == ["回答数が対象者数より多くなっています", "回答数が対象者数より多い区分があります"]
    assert not errors(
        read(
            tmp_path,
            survey(ONE, population=Population(3, "one", frozen_mapping({"yes": 2, "no": 1}))),
            content,
        )
    )


def test_a_file_without_answers_does_not_pass_in_silence(tmp_path):
    definition, what = survey(ONE), "回答が1件もないファイルがあります"
    assert errors(read(tmp_path, definition, "No,問1\n")) == [what]
    files = (*definition.waves[0].files, replace(definition.waves[0].files[0], file="b.csv"))
    both = replace(definition, waves=(replace(definition.waves[0], files=files),))
    received = read(tmp_path, both, "No,問1\n1,ある\n", "b.csv")
    assert not errors(received) and what in [problem.what for problem in received.problems]


# ---- headers and columns ----


def _source(**settings) -> Source:
    definition = survey(ONE, **settings)
    return Source(definition, definition.wave("2025"), definition.wave("2025").files[0], 1)


def test_upper_headers_reach_over_their_range_or_to_the_next_one():
    cells = (
        ("題", "", "", "", "", ""),
        ("", "属性", "", "問1", "", "備考"),
        ("No", "年", "級", "甲", "乙", ""),
    )
    grid = Grid("表", 1, cells)
    sheet = headed_sheet(grid, _source(header_rows=2), ["No"])
    assert [header.path for header in sheet.headers] == [
        "No",
        "属性 / 年",
        "属性 / 級",
        "問1 / 甲",
        "問1 / 乙",
        "備考",
    ]
    merged = replace(grid, spans=(Span(2, 1, 2, 1), Span(2, 3, 2, 4)))
    sheet = headed_sheet(merged, _source(header_rows=2), ["No"])
    assert [header.path for header in sheet.headers] == [
        "No",
        "属性 / 年",
        "級",
        "問1 / 甲",
        "問1 / 乙",
        "備考",
    ]
    assert [row.reason for row in sheet.rows] == ["title", "header", "header"]


def test_a_number_header_merged_downwards_reaches_the_lower_row():
    cells = (("No", "問1", ""), ("", "甲", "乙"), ("1", "○", ""))
    sheet = headed_sheet(
        Grid("表", 1, cells, (Span(1, 0, 2, 0), Span(1, 1, 1, 2))), _source(header_rows=2), ["No"]
    )
    assert sheet.header_row == 2 and [h.path for h in sheet.headers] == ["No", "問1 / 甲", "問1 / 乙"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("No,問1,問1\n1,ある,ある\n", "同じ見出しの列が2つ以上あります"),
        ("No,問1,職名\n1,ある,主事\n", "設問に対応しない列があります"),
        ("No,問1,\n1,ある,主事\n", "見出しのない列に記入があります"),
        ("番,問1\n1,ある\n", "見出しの行が見つかりません"),
        ("No,問１ の答え\n1,ある\n", "設問の列の見出しがありません"),
        ("No,問1\n1,ある,\n", "列の数が見出しと違う行があります"),
    ],
)
def test_headers_are_never_guessed(tmp_path, content, what):
    assert what in errors(read(tmp_path, survey(ONE), content))


def test_one_column_for_two_questions_stops(tmp_path):
    columns = frozen_mapping({"one": "問1", "two": "問1"})
    assert "1つの列が2つ以上の項目に指定されています" in errors(
        read(tmp_path, survey(ONE, TWO, columns=columns), "No,問1\n1,ある\n")
    )


def test_every_option_needs_its_column(tmp_path):
    settings = {"header_rows": 2, "columns": frozen_mapping({"many": "問4"})}
    content = ",問4,,,\nNo,時間,その他,ない,謎\n1,1,,,\n"
    assert errors(read(tmp_path, survey(MANY, **settings), content)) == [
        "選択肢の列の見出しが、選択肢にありません"
    ]
    content = ",問4,,\nNo,時間,その他,ない\n1,1,,\n"
    assert errors(read(tmp_path, survey(MANY, **settings), content)) == ["選択肢の列がありません"]


@pytest.mark.parametrize("layout", ["option_columns", "csv"])
def test_what_is_no_tick_can_be_declared(tmp_path, layout):
    """1 = chosen, 2 = not chosen: the 2 under the second option is no tick of it by its number."""
    settings = {"columns": frozen_mapping({"many": "問4"}), "layout": layout}
    content = "No,問4[1],問4[2],問4[3],問4[4]\n1,1,2,2,2\n2,2,1,2,2\n"
    if layout == "csv":
        settings, content = settings | {"header_rows": 2}, ",問4,,,\nNo,1,2,3,4\n1,1,2,2,2\n2,2,1,2,2\n"
    received = read(tmp_path, survey(MANY, **settings), content)
    assert "unticked" in next(problem for problem in received.problems if problem.is_error).next_step
    received = read(tmp_path, survey(MANY, **settings, unticked=("2",)), content)
    assert not errors(received)
    ticks = ["".join(row) for row in received.responses[[f"many.{option.id}" for option in MANY.options]].to_numpy()]
    assert ticks == ["1000", "0100"]


def test_numbers_of_option_columns_that_do_not_ascend_are_no_order(tmp_path):
    """A service may show its options in another order than it numbered them; both readings look whole."""
    columns = {"columns": frozen_mapping({"many": "Q3"}), "layout": "option_columns"}
    content = "No,Q3[SQ002],Q3[SQ001],Q3[SQ003],Q3[SQ004]\n1,Y,,,\n"
    received = read(tmp_path, survey(MANY, **columns), content)
    assert errors(received) == ["選択肢の列の番号が、順に並んでいません"]
    assert received.problems[0].found == "2、1、3、4" and "[files.labels.many]" in received.problems[0].next_step
    meant = dict(zip(("SQ001", "SQ002", "SQ003", "SQ004"), ("time_only", "time", "other", "none"), strict=True))
    labels = frozen_mapping({"many": frozen_mapping(meant)})
    received = read(tmp_path, survey(MANY, **columns, labels=labels), content)
    assert not errors(received) and received.responses.loc[0, "many.time"] == "1"


# ---- workbooks ----

XLSX = {"file": "a.xlsx", "layout": "keyed_workbook"}


def test_hidden_rows_are_read_and_noted(tmp_path):
    def hide(made):
        made.active.row_dimensions[3].hidden = True

    received = read(
        tmp_path, survey(ONE, **XLSX), book(["No", "問1"], [1, "ある"], [2, "ない"], change=hide), "a.xlsx"
    )
    assert [(p.severity, p.cell) for p in received.problems] == [("note", "3行目")]
    assert len(received.responses) == 2


def test_merged_answers_stop(tmp_path):
    content = book(
        ["No", "問1"], [1, "ある"], [2, None], change=lambda made: made.active.merge_cells("B2:B3")
    )
    assert "回答のセルが結合されています" in errors(read(tmp_path, survey(ONE, **XLSX), content, "a.xlsx"))


def test_error_values_stop(tmp_path):
    received = read(tmp_path, survey(ONE, **XLSX), book(["No", "問1"], [1, "#N/A"]), "a.xlsx")
    assert "エラー値（#N/A など）のセルがあります" in errors(received)


def test_a_stray_cell_at_the_far_end_is_refused_quickly(tmp_path):
    content = book(["No", "問1"], [1, "ある"], change=lambda made: made.active.cell(1_048_576, 16_384, "x"))
    assert "シートが大きすぎます" in errors(read(tmp_path, survey(ONE, **XLSX), content, "a.xlsx"))


def test_sheets_are_read_or_ignored_by_name_only(tmp_path):
    def add(made):
        made.active.title = "総務"
        made.create_sheet("控え").append(["No"])
        made.create_sheet("空")

    sheets = frozen_mapping({"総務": frozen_mapping({}), "福祉": frozen_mapping({})})
    content = book(["No", "問1"], [1, "ある"], change=add)
    found = errors(read(tmp_path, survey(ONE, sheets=sheets, **XLSX), content, "a.xlsx"))
    assert found == ["シートがありません", "読むか読まないか決まっていないシートがあります"]


def test_names_and_addresses_are_dropped_on_reading():
    content = book(["ID", "開始時刻", "メール", "名前", "問1"], [1, "x", "taro@example.jp", "太郎", "ある"])
    (sheet,), problems = microsoft_forms.read_sheets(_source(serial="", file="a.xlsx"), content)
    assert not problems and sheet.rows[1].cells == ("1", "x", "", "", "ある")


def test_a_formula_without_a_value_is_seen_and_a_calculated_empty_text_is_not_one():
    grids, problems = read_grids(_source(), book(["No", "問1"], [1, "=B9"]))
    assert not problems and grids[0].flaws == (Flaw(2, 1, "uncalculated"),)
    calculated = b'<c r="B2" t="str"><f>IF(1=1,"","x")</f><v></v></c><c r="C2"><f>A2</f><v>1</v></c>'
    assert not _uncalculated(calculated)


# ---- paper and Web together ----


@pytest.mark.parametrize(("blanks", "notes"), [(5, 1), (0, 0)])
def test_a_mode_without_blanks_beside_one_with_them_is_noted(tmp_path, blanks, notes):
    definition = survey(ONE)
    (web,) = definition.waves[0].files
    files = (web, replace(web, file="b.csv", mode="紙", no_answer=("99",)))
    definition = replace(definition, waves=(replace(definition.waves[0], files=files),))
    paper = "".join(f"{n},{99 if n <= blanks else 'ない'}\n" for n in range(1, 41))
    (tmp_path / "2025").mkdir()
    (tmp_path / "2025" / "b.csv").write_text(f"No,問1\n{paper}", encoding="utf-8")
    received = read(tmp_path, definition, "No,問1\n" + "".join(f"{n},ある\n" for n in range(1, 41)))
    assert [problem.found for problem in received.problems] == ["Webでは無回答が0件"] * notes


# ---- the folder ----


def test_last_years_file_in_this_years_folder_stops(tmp_path):
    definition = survey(ONE)
    earlier = replace(definition.waves[0], key="2023")
    (tmp_path / "2023").mkdir()
    (tmp_path / "2023" / "a.csv").write_text("No,問1\n1,ある\n", encoding="utf-8")
    received = read(tmp_path, replace(definition, waves=(earlier, *definition.waves)), "No,問1\n1,ある\n")
    assert errors(received) == ["同じ中身のファイルを2回受け取っています"]


def test_files_nobody_mentions_are_noted_and_debris_is_listed(tmp_path):
    definition = survey(ONE, population=Population(9, source="名簿.csv"))
    read(tmp_path, definition, "No,問1\n1,ある\n")
    for name in ("名簿.csv", "メモ.txt", "~$a.xlsx", ".DS_Store", "Thumbs.db"):
        (tmp_path / "2025" / name).write_bytes(b"x")
    (tmp_path / "2019").mkdir()
    received = ingest.read(definition, tmp_path)
    assert [(p.severity, p.file) for p in received.problems] == [
        ("note", "data/raw/s/2019"),
        ("note", "data/raw/s/2025"),
        ("note", "data/raw/s/2025/メモ.txt"),
    ]
    assert received.problems[1].found == ".DS_Store、Thumbs.db、~$a.xlsx"


def test_a_filter_that_was_not_asked_stops(tmp_path):
    assert errors(read(tmp_path, survey(TWO), "No,問2\n1,会議\n")) == ["分岐元の設問がこの調査回にありません"]


def test_places_are_named_as_a_spreadsheet_names_them():
    assert [cell_name(3, 0), cell_name(12, 25), cell_name(12, 26), cell_name(1, 702)] == [
        "A3",
        "Z12",
        "AA12",
        "AAA1",
    ]
    assert listed(["A1"]) == "A1"
