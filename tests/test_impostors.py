"""Answers that came twice, and files that are not what their place says."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest

from pipeline import ingest
from pipeline.ingest.impostors import _years
from pipeline.model import Option, Population, Question, ReceivedFile, frozen_mapping
from tests.test_ingest_rules import FREE, ONE, book, errors, read, survey

SCALE = Question(
    "one",
    "満足度",
    "single",
    is_ordered=True,
    options=tuple(Option(f"s{place}", f"段階{place}") for place in range(1, 5)),
)
ITEMS = tuple(
    Question(f"q{n}", f"設問{n}", "single", options=tuple(Option(f"o{p}", f"選択肢{p}") for p in range(1, 6)))
    for n in range(8)
)


def notes(received) -> list[str]:
    return [problem.what for problem in received.problems if not problem.is_error]


def with_times(**settings):
    return survey(ONE, FREE, ignore_columns=("日時",), **settings)


# ---- the same answer twice ----


def test_rows_equal_to_the_second_are_one_answer(tmp_path):
    lines = ["日時,問1,問5", "2026/01/15 9:00:01,ある,", "2026/01/15 9:00:01,ある,", "2026/01/15 9:30:00,ある,"]
    received = read(tmp_path, with_times(serial=""), "\n".join([*lines, ""]))
    assert list(received.ledger["status"]) == ["rejected", "accepted", "duplicate", "accepted"]
    assert notes(received) == ["時刻まで同じ行を、重複として数えませんでした"]
    assert received.problems[0].cell == "3行目"


def test_rows_that_two_exports_share_are_one_answer(tmp_path):
    definition = with_times()
    wave = definition.waves[0]
    files = (wave.files[0], replace(wave.files[0], file="b.csv"))
    definition = replace(definition, waves=(replace(wave, files=files),))
    first = "No,日時,問1,問5\n1,2026/01/15 9:00:01,ある,\n2,2026/01/15 9:05:00,ない,\n"
    read(tmp_path, definition, first)
    received = read(tmp_path, definition, first + "3,2026/01/15 9:09:00,ない,\n", "b.csv")
    assert not errors(received) and len(received.responses) == 3
    assert (received.ledger["status"] == "duplicate").sum() == 2


def test_an_export_sorted_another_way_is_the_same_answers(tmp_path):
    definition = with_times(serial="")
    wave = definition.waves[0]
    files = (wave.files[0], replace(wave.files[0], file="b.csv"))
    definition = replace(definition, waves=(replace(wave, files=files),))
    head, *rows = ["日時,問1,問5", "2026/01/15 9:00:01,ある,", "2026/01/15 9:05:00,ない,", "2026/01/15 9:09:00,ある,"]
    read(tmp_path, definition, "\n".join([head, *rows, ""]))
    received = read(tmp_path, definition, "\n".join([head, *reversed(rows), ""]), "b.csv")
    assert not errors(received) and len(received.responses) == 3
    assert (received.ledger["status"] == "duplicate").sum() == 3


def test_equal_rows_without_times_are_two_people(tmp_path):
    received = read(tmp_path, survey(ONE, serial=""), "問1\nある\nある\n")
    assert len(received.responses) == 2 and not received.problems


@pytest.mark.parametrize(("second", "is_suspected"), [("9:00:59", True), ("9:01:01", True), ("9:01:02", False)])
def test_equal_answers_within_a_minute_are_noted_and_kept(tmp_path, second, is_suspected):
    content = f"No,日時,問1,問5\n1,2026/01/15 9:00:01,ある,\n2,2026/01/15 {second},ある,\n"
    received = read(tmp_path, with_times(), content)
    assert len(received.responses) == 2
    assert notes(received) == ["60秒以内に同じ回答があります（重複の疑い。集計には入れています）"] * is_suspected
    assert ("suspected_duplicate" in set(received.ledger["reason"])) is is_suspected


def test_equal_rows_of_times_without_seconds_are_people(tmp_path):
    """Thirty-six people within six minutes: with minutes only, equal rows tell nothing of one another."""
    rows = [f"2026/1/15 9:{n // 6:02d},{('ある', 'ない')[n % 2]}," for n in range(36)]
    received = read(tmp_path, with_times(serial=""), "\n".join(["日時,問1,問5", *rows, ""]))
    assert len(received.responses) == 36
    assert notes(received) == ["60秒以内に同じ回答があります（重複の疑い。集計には入れています）"]


def test_blank_forms_are_not_suspected(tmp_path):
    content = "No,日時,問1,問5\n1,2026/01/15 9:00:01,,\n2,2026/01/15 9:00:02,,\n"
    assert not read(tmp_path, with_times(), content).problems


# ---- another year's file ----


def dated(definition):
    wave = replace(definition.waves[0], fieldwork_start=date(2026, 1, 13), fieldwork_end=date(2026, 1, 30))
    return replace(definition, waves=(wave,))


def test_times_of_another_year_stop_and_single_ones_are_noted(tmp_path):
    row = "{},2024/01/{:02d} 9:00:01,ある,\n"
    content = "No,日時,問1,問5\n" + "".join(row.format(n, n + 10) for n in range(1, 5))
    received = read(tmp_path, dated(with_times()), content)
    assert errors(received) == ["回答の日付が調査期間と合いません（ほかの年度のファイルの疑い）"]
    assert "2024-01-11～2024-01-14" in received.problems[0].found
    content += "".join(row.format(n, n + 10).replace("2024", "2026") for n in range(5, 15))
    received = read(tmp_path, dated(with_times()), content)
    assert notes(received) == ["回答の日付が調査期間と合いません"] and not errors(received)


def test_late_keying_is_within_the_margin(tmp_path):
    assert not read(tmp_path, dated(with_times()), "No,日時,問1,問5\n1,令和8年2月27日,ある,\n").problems


@pytest.mark.parametrize(
    ("name", "years"),
    [
        ("R7_入力表.xlsx", {2025}),
        ("令和元年度_回答.csv", {2019}),
        ("H29アンケート.xlsx", {2017}),
        ("回答20260201.csv", {2026}),
        ("職員アンケート(1-438).xlsx", set()),
        ("FR7.xlsx", set()),
        ("Ｒ５回答.csv", {2023}),
    ],
)
def test_years_in_file_names(name, years):
    assert _years(name) == years


def test_another_year_in_the_name_is_noted(tmp_path):
    settings = {"file": "R5_入力表.csv"}
    received = read(tmp_path, survey(ONE, **settings), "No,問1\n1,ある\n", "R5_入力表.csv")
    assert notes(received) == ["ファイル名の年が調査回の年度と違います"]
    received = read(tmp_path, survey(ONE, file="R8.1回答.csv"), "No,問1\n1,ある\n", "R8.1回答.csv")
    assert not [problem for problem in received.problems if problem.file.endswith("R8.1回答.csv")]


# ---- copies ----


def answers(seed: int, size: int, items=ITEMS) -> list[str]:
    draw = random.Random(seed)
    return [",".join(f"選択肢{draw.randint(1, 5)}" for _ in items) for _ in range(size)]


def two_files(tmp_path, one: list[str], other: list[str], is_same_wave: bool = False):
    header = "No," + ",".join(question.label for question in ITEMS) + "\n"
    columns = frozen_mapping({question.id: question.label for question in ITEMS})
    wave = replace(
        survey(ONE).waves[0],
        wording=frozen_mapping(dict.fromkeys(columns, "")),
        files=(ReceivedFile("a.csv", "csv", "Web", serial="No", columns=columns),),
    )
    earlier = replace(wave, key="2023", label="令和5年度")
    definition = replace(survey(ONE), questions=ITEMS, waves=(earlier, wave))
    for key, rows in (("2023", one), ("2025", other)):
        (tmp_path / key).mkdir(exist_ok=True)
        lines = "".join(f"{n},{row}\n" for n, row in enumerate(rows, start=1))
        (tmp_path / key / "a.csv").write_text(header + lines, encoding="utf-8")
    return ingest.read(definition, tmp_path)


def test_last_years_answers_saved_again_stop(tmp_path):
    rows = answers(1, 40)
    changed = [*rows[5:35][::-1], *answers(2, 6)]
    received = two_files(tmp_path, rows, changed)
    assert errors(received) == ["ほかの場所とほとんど同じ回答が並んでいます（写しの疑い）"]
    (problem,) = received.problems
    assert problem.file.endswith("2025/a.csv") and "2023/a.csv" in problem.found and "36件のうち30件" in problem.found


def test_answers_of_other_people_are_no_copy(tmp_path):
    for seed in range(5):
        assert not two_files(tmp_path, answers(seed, 60), answers(seed + 50, 40)).problems


def test_answers_that_agree_by_chance_are_no_copy(tmp_path):
    """Where everybody gives one of few answers, every answer stands in the other file too."""
    few = answers(3, 4)
    draw = random.Random(4)
    one, other = [draw.choice(few) for _ in range(60)], [draw.choice(few) for _ in range(60)]
    assert not two_files(tmp_path, one, other).problems
    blank = two_files(tmp_path, ["," * 7] * 30, ["," * 7] * 31)
    assert set(errors(blank)) == {"回答が1件もないファイルがあります"}


def test_a_sheet_copied_to_another_section_stops(tmp_path):
    columns = frozen_mapping({question.id: question.label for question in ITEMS})
    sheets = frozen_mapping({name: frozen_mapping({}) for name in ("甲課", "乙課")})
    settings = {"file": "a.xlsx", "layout": "keyed_workbook", "columns": columns, "sheets": sheets}
    wave = replace(
        survey(ONE).waves[0],
        wording=frozen_mapping(dict.fromkeys(columns, "")),
        files=(ReceivedFile(mode="紙", serial="No", **settings),),
    )
    definition = replace(survey(ONE), questions=ITEMS, waves=(wave,))
    rows = [[n, *row.split(",")] for n, row in enumerate(answers(9, 20), start=1)]

    def copy(made):
        made.active.title = "甲課"
        made.copy_worksheet(made.active).title = "乙課"

    content = book(["No", *columns.values()], *rows, change=copy)
    received = read(tmp_path, definition, content, "a.xlsx")
    assert errors(received) == ["ほかの場所とほとんど同じ回答が並んでいます（写しの疑い）"]
    assert received.problems[0].sheet == "乙課" and "甲課" in received.problems[0].found


# ---- reversed codes ----


def two_waves(tmp_path, now: list[int], labels=None, **settings):
    definition = survey(SCALE, has_codes=True, labels=labels or frozen_mapping({}))
    wave = definition.waves[0]
    earlier = replace(wave, key="2023", label="令和5年度", files=(replace(wave.files[0], labels=frozen_mapping({})),))
    wave = replace(wave, files=(replace(wave.files[0], **settings),))
    (tmp_path / "2023").mkdir(exist_ok=True)
    (tmp_path / "2023" / "a.csv").write_text(rows([10, 20, 30, 60]), encoding="utf-8")
    return read(tmp_path, replace(definition, waves=(earlier, wave)), rows(now))


def rows(counts: list[int]) -> str:
    codes = [code for code, count in enumerate(counts, start=1) for _ in range(count)]
    return "No,問1\n" + "".join(f"{n},{code}\n" for n, code in enumerate(codes, start=1))


def test_reversed_codes_stop_and_declared_ones_do_not(tmp_path):
    received = two_waves(tmp_path, [55, 28, 22, 8])
    assert errors(received) == ["回答の分布が、前の調査回を逆さにした形です（番号の順が逆の疑い）"]
    reversed_codes = frozen_mapping({str(code): f"s{5 - code}" for code in range(1, 5)})
    received = two_waves(tmp_path, [55, 28, 22, 8], labels=frozen_mapping({"one": reversed_codes}))
    assert not received.problems
    assert (received.responses[received.responses["wave"] == "2025"]["one"] == "s4").sum() == 55
    as_ordered = frozen_mapping({str(code): f"s{code}" for code in range(1, 5)})
    received = two_waves(tmp_path, [55, 28, 22, 8], labels=frozen_mapping({"one": as_ordered}))
    assert not errors(received) and len(notes(received)) == 1


@pytest.mark.parametrize("now", [[12, 18, 33, 50], [30, 30, 30, 30], [30, 40, 35, 15], [6, 3, 2, 1], [20, 30, 40, 20]])
def test_other_changes_are_not_called_reversed(tmp_path, now):
    assert not two_waves(tmp_path, now).problems


# ---- sections and sheets ----


def test_a_section_without_answers_is_noted(tmp_path):
    strata = frozen_mapping({"yes": 3, "no": 2, "old": 0})
    definition = survey(ONE, population=Population(5, "one", strata))
    received = read(tmp_path, definition, "No,問1\n1,ある\n")
    assert notes(received) == ["回答が1件もない区分があります"] and received.problems[0].key == "ない"


def test_an_ignored_sheet_with_answers_is_noted(tmp_path):
    def more(made):
        sheet = made.copy_worksheet(made.active)
        sheet.title = "乙課"
        made.active.title = "甲課"

    content = book(["No", "問1"], [1, "ある"], [2, "ない"], [3, "ない"], change=more)
    settings = {"file": "a.xlsx", "layout": "keyed_workbook", "ignore_sheets": ("乙課",)}
    received = read(tmp_path, survey(ONE, **settings), content, "a.xlsx")
    assert notes(received) == ["読まない指定のシートに、回答のような行があります"]
    assert received.problems[0].sheet == "乙課"
