"""Round trips of each layout and container, and the same answers in another order, cut or code."""

from __future__ import annotations

import csv
import io
import tempfile
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import ingest
from pipeline.ingest.layouts import READERS
from pipeline.model import ReceivedFile, Survey, Wave, frozen_mapping
from tests.books import ods_bytes, xls_bytes
from tests.test_ingest_roundtrip import FILE, TICKS, Person, book_bytes, check, expected, read_back, surveys

FORMS = ("{}[{}]", "{}_{}", "{}_{}", "【{}】{}", "{} [{}]", "{}－{}")
PAIRS = ("No", "タイムスタンプ", "ID")
some = settings(max_examples=25, deadline=None)


def spelt(survey: Survey, person: Person, joined) -> list[str]:
    one, many, _ = survey.questions
    chosen = joined(option.label for option in many.options if option.id in person.many)
    single = {"no_answer": "99", "invalid": "88"}.get(person.one) or one.option(person.one).label
    return [single, chosen, person.words]


def table(
    layout: str, survey: Survey, people: list[Person], mark: str = ";", yes: str = "1"
) -> list[list[str]]:
    """Return the rows of a file of one layout, all text, the header first."""
    _, many, _ = survey.questions
    if layout == "option_columns":
        form = FORMS[sum(map(len, (o.label for o in many.options))) % len(FORMS)]
        head = ["No", "問1", *(form.format("問2", option.label) for option in many.options), "問3"]
        rows = []
        for serial, person in enumerate(people, start=1):
            single, _, words = spelt(survey, person, "".join)
            marks = [yes if option.id in person.many else "" for option in many.options]
            rows.append([str(serial), single, *marks, words])
        return [head, *rows]
    own = {
        "google_forms": ("タイムスタンプ",),
        "microsoft_forms": ("ID", "開始時刻", "完了時刻", "メール", "名前"),
    }.get(layout, ("No",))

    def time(n: int) -> str:
        # Everybody at another time: equal rows with equal times are one answer exported twice.
        return f"2026/01/15 {1 + n // 60}:{n % 60:02d}:11" + (" 午前 GMT+9" if mark == ";" else "")

    first = {
        "google_forms": lambda n: [time(n)],
        "microsoft_forms": lambda n: [str(n), time(n), time(n), "a@b.jp", "花"],
    }
    before = first.get(layout, lambda n: [str(n)])
    body = (before(n) + spelt(survey, person, mark.join) for n, person in enumerate(people, start=1))
    return [[*own, "問1", "問2", "問3"], *body]


def csv_bytes(
    rows: list[list[str]], encoding: str = "utf-8", end: str = "\r\n", delimiter: str = ","
) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator=end, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def file_of(layout: str, name: str) -> ReceivedFile:
    serial = "No" if layout in ("csv", "keyed_workbook", "option_columns") else ""
    return replace(FILE, file=name, layout=layout, serial=serial)


def of_survey(found: tuple) -> tuple:
    rows, words = found
    return sorted(map(tuple, rows)), sorted(words)


# ---- each layout ----


@given(surveys(), st.sampled_from((", ", ";")), st.booleans())
@some
def test_google_forms_in_both_shapes(drawn, mark, is_book):
    survey, people = drawn
    rows = table("google_forms", survey, people, mark)
    content, name = (book_bytes(rows), "a.xlsx") if is_book else (csv_bytes(rows), "a.csv")
    check(survey, people, read_back(survey, file_of("google_forms", name), content))


@given(
    surveys(),
    st.sampled_from((*TICKS, "Y", "はい", "TRUE")),
    st.sampled_from(("csv", "tsv", "xlsx", "xls", "ods")),
)
@some
def test_option_columns(drawn, yes, container):
    survey, people = drawn
    rows = table("option_columns", survey, people, yes=yes)
    writers = {
        "csv": csv_bytes,
        "tsv": lambda rows: csv_bytes(rows, "utf-16", delimiter="\t"),
        "xlsx": book_bytes,
        "xls": lambda rows: xls_bytes({"入力": rows}),
        "ods": lambda rows: ods_bytes({"入力": rows}),
    }
    check(
        survey,
        people,
        read_back(survey, file_of("option_columns", f"a.{container}"), writers[container](rows)),
    )


@given(surveys(), st.sampled_from(("xls", "ods")))
@settings(max_examples=15, deadline=None)
def test_keyed_workbooks_of_other_kinds(drawn, container):
    survey, people = drawn
    rows = [["入力表"], *table("keyed_workbook", survey, people)]
    content = xls_bytes({"入力": rows}) if container == "xls" else ods_bytes({"入力": rows})
    check(survey, people, read_back(survey, file_of("keyed_workbook", f"a.{container}"), content))


# ---- the same answers otherwise ----

LAYOUTS = ("csv", "google_forms", "microsoft_forms", "option_columns")


def test_every_layout_is_tried_here():
    assert {*LAYOUTS, "keyed_workbook"} <= set(READERS)


@given(surveys(), st.sampled_from(LAYOUTS), st.randoms(use_true_random=False))
@some
def test_shuffled_rows_are_the_same_people(drawn, layout, random):
    survey, people = drawn
    head, *rows = table(layout, survey, people)
    before = read_back(survey, file_of(layout, "a.csv"), csv_bytes([head, *rows]))
    random.shuffle(rows)
    after = read_back(survey, file_of(layout, "a.csv"), csv_bytes([head, *rows]))
    assert of_survey(before) == of_survey(after)


@given(surveys(), st.sampled_from(LAYOUTS))
@some
def test_line_ends_and_containers_change_nothing(drawn, layout):
    survey, people = drawn
    rows = table(layout, survey, people)
    texts = [read_back(survey, file_of(layout, "a.csv"), csv_bytes(rows, end=end)) for end in ("\r\n", "\n")]
    wide = csv_bytes(rows, "utf-16", delimiter="\t")
    texts.append(read_back(survey, file_of(layout, "a.txt"), wide))
    if layout != "csv":
        texts.append(read_back(survey, file_of(layout, "a.xlsx"), book_bytes(rows)))
    assert all(text == texts[0] for text in texts)
    check(survey, people, texts[0])


@given(surveys(), st.sampled_from(LAYOUTS))
@some
def test_composed_and_decomposed_letters_are_the_same_answers(drawn, layout):
    survey, people = drawn
    rows = [[unicodedata.normalize("NFD", text) for text in row] for row in table(layout, survey, people)]
    found, words = read_back(survey, file_of(layout, "a.csv"), csv_bytes(rows))
    assert found == expected(survey, people)
    assert [unicodedata.normalize("NFC", text) for text in words] == [
        unicodedata.normalize("NFC", person.words) for person in people if person.words
    ]


@given(surveys(), st.sampled_from(LAYOUTS), st.integers(0, 8))
@some
def test_a_file_split_in_two_holds_the_same_people(drawn, layout, place):
    survey, people = drawn
    head, *rows = table(layout, survey, people)
    place = min(place, len(rows))
    parts = {"a.csv": [head, *rows[:place]], "b.csv": [head, *rows[place:]]}
    states = {"no_answer": ("99",), "invalid": ("88",)}
    files = tuple(replace(file_of(layout, name), **states) for name in parts)
    wording = frozen_mapping({question.id: "" for question in survey.questions})
    split = replace(survey, waves=(Wave("2025", "令和7年度", wording=wording, files=files),))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "2025").mkdir()
        for name, part in parts.items():
            (Path(folder) / "2025" / name).write_bytes(csv_bytes(part))
        received = ingest.read(split, Path(folder))
    assert not [problem for problem in received.problems if problem.is_error], received.problems
    found = received.responses[list(received.responses.columns)[5:]].to_numpy().tolist()
    check(survey, people, (found, list(received.comments["text"])))


# ---- what a form edited while open leaves ----


@given(surveys(), st.lists(st.booleans(), min_size=8, max_size=8))
@some
def test_a_question_edited_after_the_start_is_one_question(drawn, is_later):
    survey, people = drawn
    head, *rows = table("google_forms", survey, people)
    split = [[*head, "問1（直したもの）"]]
    for row, moves in zip(rows, is_later, strict=False):
        split.append([row[0], "" if moves else row[1], *row[2:], row[1] if moves else ""])
    later = frozen_mapping({"one": ("問1（直したもの）",)})
    file = replace(file_of("google_forms", "a.csv"), later_columns=later)
    check(survey, people, read_back(survey, file, csv_bytes(split)))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_repeated_headers_stop(layout):
    head = {"google_forms": "タイムスタンプ", "microsoft_forms": "ID,開始時刻,完了時刻"}.get(layout, "No")
    from tests.test_ingest_rules import ONE, errors, read, survey

    serial = "" if layout in ("google_forms", "microsoft_forms") else "No"
    blanks = "," * head.count(",")
    content = f"{head},問1,問1\n1{blanks},ある,ない\n"
    with tempfile.TemporaryDirectory() as folder:
        received = read(Path(folder), survey(ONE, layout=layout, serial=serial), content)
    assert "同じ見出しの列が2つ以上あります" in errors(received)
