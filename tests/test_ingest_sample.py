"""The sample survey, read, says exactly what its makers put in: person by person, comment by comment."""

from __future__ import annotations

import sys
import time
from collections import Counter

import openpyxl
import pytest

from pipeline import definitions, ingest
from pipeline.model import ANSWERED, NOT_APPLICABLE, NOT_ASKED
from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "tests" / "samples"))

import staff_people as made  # noqa: E402
import staff_plan as plan  # noqa: E402

RAW = ROOT / "data" / "raw" / "staff"
WAVES = ("2019", "2021", "2023", "2025")


@pytest.fixture(scope="module")
def survey():
    return definitions.load(ROOT, "staff")


@pytest.fixture(scope="module")
def received(survey):
    started = time.process_time()
    result = ingest.read(survey, RAW)
    assert time.process_time() - started < 3
    assert not [problem for problem in result.problems if problem.is_error]
    return result


def _routed(question: str, person: made.Person) -> bool:
    wanted = {"reason": "no", "good": "yes", "hard": "yes"}
    return wanted.get(question, person.answers["experience"]) == person.answers["experience"]


def _expected(survey, wave: str, person: made.Person) -> tuple[str, ...]:
    cells = [person.mode]
    for question in survey.questions:
        offered = {option.id for option in question.offered(wave)}
        if not survey.wave(wave).asks(question.id):
            state = NOT_ASKED
        elif not _routed(question.id, person):
            state = NOT_APPLICABLE
        elif question.kind == "single":
            state = person.answers[question.id]
        elif question.kind == "text":
            state = ANSWERED if person.texts.get(question.id) else plan.NO_ANSWER
        else:
            state = person.states[question.id]
        cells.append(state)
        if question.kind == "multiple":
            ticked = person.ticks.get(question.id, ())
            is_answered = state == ANSWERED
            cells += [
                str(int(o.id in ticked)) if is_answered and o.id in offered else "" for o in question.options
            ]
    return tuple(cells)


@pytest.mark.parametrize("wave", WAVES)
def test_every_person_is_read_as_made(survey, received, wave):
    rows = received.responses[received.responses["wave"] == wave]
    columns = [c for c in rows.columns if c not in ("wave", "respondent", "file", "weight")]
    found = Counter(rows[columns].itertuples(index=False, name=None))
    assert found == Counter(_expected(survey, wave, person) for person in made.people(wave))


@pytest.mark.parametrize("wave", WAVES)
def test_every_comment_is_kept_as_typed(received, wave):
    rows = received.comments[received.comments["wave"] == wave]
    found = Counter(zip(rows["question"], rows["text"], strict=True))
    assert found == Counter((q, text) for person in made.people(wave) for q, text in person.texts.items())


def test_answers_past_the_filter_are_reported_and_nothing_else(received):
    assert {problem.what for problem in received.problems} == {
        "対象外の人の回答があります（集計の基数には入れません）"
    }
    strays = sum(len(person.stray) for wave in WAVES for person in made.people(wave))
    assert sum(int(problem.found.removesuffix("件")) for problem in received.problems) == strays


def test_every_physical_row_stands_in_the_ledger(received):
    ledger = received.ledger
    assert set(ledger["status"]) == {"accepted", "rejected", "duplicate"}
    assert (ledger["status"] == "accepted").sum() == len(received.responses)
    book = openpyxl.load_workbook(RAW / "2025" / "R7_入力表.xlsx")
    for name in book.sheetnames[1:-1]:
        rows = ledger[(ledger["wave"] == "2025") & (ledger["sheet"] == name)]["row"]
        assert list(rows) == list(range(1, book[name].max_row + 1))


def test_a_respondent_id_leads_back_to_the_row(survey, received):
    """wave/file/sheet/row: the serial of the person stands in that row of that sheet."""
    row = received.responses[received.responses["respondent"].str.startswith("2025/01/")].iloc[100]
    _, file, sheet, number = row["respondent"].split("/")
    name = survey.wave("2025").files[int(file) - 1].file
    book = openpyxl.load_workbook(RAW / "2025" / name)
    cells = [cell.value for cell in book.worksheets[int(sheet) - 1][int(number)]]
    line = received.ledger.set_index("respondent").loc[row["respondent"]]
    assert (line["file"], line["sheet"], line["row"]) == (name, book.sheetnames[int(sheet) - 1], int(number))
    option = survey.question("age").offered("2025")[int(cells[1]) - 1].id
    assert option == row["age"]


def test_reading_twice_gives_the_same(survey, received):
    again = ingest.read(survey, RAW)
    for name in ("responses", "comments", "ledger"):
        assert getattr(again, name).equals(getattr(received, name))
    assert again.problems == received.problems
