"""No row and no answer is lost: the closed books, the internal workbooks, what check prints of them."""

from __future__ import annotations

import json

import openpyxl
import pytest

from pipeline import definitions, frames, ingest
from pipeline.__main__ import main
from pipeline.ingest.reconciliation import check_closed, reconciliation
from pipeline.messages import reconciliation_lines, returns_lines
from pipeline.model import INVALID, NO_ANSWER, NOT_APPLICABLE, Population, frozen_mapping
from tests.conftest import ROOT
from tests.test_ingest_rules import FREE, MANY, ONE, read, survey

CONTENT = (
    "No,問1,問4,問5\n"
    "1,ある,時間,秘密の文\n"
    "2,ない,時間;その他,\n"
    "2,ない,時間;その他,\n"
    "3,,,\n"
    "4,ある,時間;ない,\n"
    "合計,2,,\n"
)


@pytest.fixture(scope="module")
def sample():
    staff = definitions.load(ROOT, "staff")
    return staff, ingest.read(staff, ROOT / "data/raw/staff")


def test_rows_and_answers_add_up(tmp_path):
    received = read(tmp_path, survey(ONE, MANY, FREE), CONTENT)
    table = received.reconciliation.set_index("question")
    rows = table[["read", "accepted", "rejected", "duplicate"]].drop_duplicates()
    assert rows.to_numpy().tolist() == [[7, 3, 3, 1]]
    states = table[["answered", NO_ANSWER, INVALID, NOT_APPLICABLE]]
    assert states.loc["one"].tolist() == [3, 0, 0, 0]
    assert states.loc["many"].tolist() == [2, 0, 1, 0]
    assert states.loc["free"].tolist() == [1, 1, 0, 1]


def test_the_sample_is_closed_file_by_file_and_question_by_question(sample):
    staff, received = sample
    table = received.reconciliation
    files = [(wave.key, file.file) for wave in staff.waves for file in wave.files]
    assert list(dict.fromkeys(zip(table["wave"], table["file"], strict=True))) == files
    assert table.groupby(["wave", "file"])["accepted"].first().sum() == len(received.responses)
    assert table.groupby(["wave", "file"])["read"].first().sum() == len(received.ledger)
    check_closed(table)


@pytest.mark.parametrize("lost", ["a row", "an answer"])
def test_what_is_lost_is_a_mistake_of_the_program(sample, lost):
    staff, received = sample
    ledger, responses = received.ledger.astype(object), received.responses.astype(object)
    if lost == "a row":
        ledger = ledger.assign(status=ledger["status"].replace("duplicate", "forgotten"))
    else:
        responses.loc[0, "meaning"] = "not an option"
    with pytest.raises(AssertionError):
        check_closed(reconciliation(staff, ledger, responses))


def test_the_answers_in_labels(tmp_path):
    definition = survey(ONE, MANY, FREE)
    table = ingest.labelled(definition, read(tmp_path, definition, CONTENT).responses)
    assert list(table)[:6] == ["調査回", "回答番号", "ファイル", "回答方法", "経験", "理由"]
    assert len(set(table)) == len(list(table))
    assert table["経験"].tolist() == ["ある", "ない", "ある"]
    assert table["理由"].tolist() == ["記入あり", "記入あり", "無効"]
    assert table["理由：時間"].tolist() == ["○", "○", ""] and table["理由：その他"].tolist() == ["", "○", ""]
    assert table["意見"].tolist() == ["記入あり", "非該当", "無回答"]
    assert "秘密" not in table.to_csv()


def test_the_internal_workbooks_of_the_sample(sample, sample_reports):
    staff, received = sample
    internal = sample_reports / "reports/staff/2025/internal"
    books = openpyxl.load_workbook(internal / "received.xlsx")
    assert books.sheetnames == ["台帳", "突合", "自由記述（伏せたもの）"]
    assert books["台帳"].max_row == 1 + len(received.ledger)
    assert books["突合"].max_row == 1 + len(received.reconciliation)
    (answers,) = openpyxl.load_workbook(internal / "answers.xlsx").worksheets
    assert answers.title == "回答一覧" and answers.max_row == 1 + len(received.responses)
    (table,) = answers.tables.values()
    assert table.ref == answers.dimensions
    cells = {str(cell.value) for row in answers.iter_rows(min_row=2) for cell in row if cell.value is not None}
    assert "よく意味を知っている" in cells and not cells & {"well", "no_answer", "answered"}
    assert not cells & {text for text in received.comments["text"] if len(text) > 5}


def test_neither_workbook_is_public_and_both_are_watched(sample_reports):
    reports = sample_reports / "reports/staff/2025"
    written = json.loads((reports / "internal/provenance.json").read_text(encoding="utf-8"))["outputs"]
    assert {"received.xlsx", "answers.xlsx"} <= set(written)
    assert not {"received.xlsx", "answers.xlsx"} & {path.name for path in (reports / "public").rglob("*")}
    assert not (sample_reports / "reports/nagaokakyo/2019/internal/answers.xlsx").exists()
    processed = frames.read(sample_reports / "data/processed/staff/reconciliation.csv", frames.RECONCILIATION)
    check_closed(processed)


def test_nothing_public_counts_the_rows_of_one_file(sample_reports):
    text = (sample_reports / "reports/staff/2025/public/provenance.json").read_text(encoding="utf-8")
    assert set(json.loads(text)["ledger"]) == {"read", "accepted", "rejected", "duplicate"}


def test_check_prints_the_closed_books(sample, capsys):
    staff, received = sample
    lines = list(reconciliation_lines(staff, received.reconciliation))
    web = next(line for line in lines if "R7_Web回答.csv" in line)
    total, parts = web.rpartition(": ")[2].split(" = ")
    assert int(total) == sum(map(int, parts.split(" + ")))
    assert sum(line.startswith("    ") for line in lines) == 2 * len(staff.newest.wording)
    assert main(["check", "staff", "--root", str(ROOT)]) == 0
    assert "\n".join(f"  {line}" for line in lines) in capsys.readouterr().out


def test_returns_add_up_over_sections_and_modes(sample):
    staff, received = sample
    lines = list(returns_lines(staff, received.responses))
    newest = next(line for line in lines if line.startswith("令和7年度"))
    assert "紙 291、Web 155" in newest
    assert sum(line.startswith("  ") for line in lines) == len(staff.newest.population.strata)


def test_people_of_no_section_are_counted_too(tmp_path):
    definition = survey(ONE, MANY, population=Population(9, "one", frozen_mapping({"yes": 5, "no": 4})))
    received = read(tmp_path, definition, "No,問1,問4\n1,ある,\n2,,時間\n")
    lines = list(returns_lines(definition, received.responses))
    assert "  経験が分からない人: 1人" in lines and "  ある: 1/5人 20.0%" in lines
