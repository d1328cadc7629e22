"""A random survey's responses, written in each layout and read back, are the same responses."""

from __future__ import annotations

import csv
import io
import tempfile
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import ingest
from pipeline.model import Option, Question, ReceivedFile, Route, Survey, Wave, frozen_mapping

TICKS = "○〇◯●1１レ✓✔"
LABELS = ("はい、そう思う", "いいえ", "ガイドがない", "知識,経験", "20～29年", "「協働」－相手", "A・B", "10〜19年", "その他")
TEXTS = st.text('あいう漢字ABC 12、,;"\n。～', min_size=1).filter(
    lambda t: t.strip() and unicodedata.normalize("NFKC", t).strip() not in ("99", "88", "-")
)


@dataclass(frozen=True)
class Person:
    """``one`` is an option or a state, ``many`` option ids (empty = 無回答), ``words`` "" = nothing."""

    one: str
    many: tuple[str, ...]
    words: str


@st.composite
def surveys(draw) -> tuple[Survey, list[Person]]:
    def options(count: int) -> tuple[Option, ...]:
        labels = draw(st.permutations(LABELS))[:count]
        return tuple(Option(f"o{n}", label) for n, label in enumerate(labels, start=1))

    one = Question("one", "問1", "single", options=options(draw(st.integers(2, 6))))
    route = draw(st.sampled_from((None, Route("one", (one.options[0].id,)))))
    limit = draw(st.sampled_from((None, 2)))
    many = Question(
        "many", "問2", "multiple", options=options(draw(st.integers(2, 8))), route=route, limit=limit
    )
    words = Question("words", "問3", "text")
    states = [option.id for option in one.options] + ["no_answer", "invalid"]
    picked = st.lists(st.sampled_from([o.id for o in many.options]), unique=True, max_size=limit or 8).map(
        sorted
    )
    people = st.builds(Person, st.sampled_from(states), picked.map(tuple), st.just("") | TEXTS)
    survey = Survey("random", "題", "市", (one, many, words), ())
    return survey, draw(st.lists(people, min_size=1, max_size=8))


def expected(survey: Survey, people: list[Person]) -> list[list[str]]:
    one, many, _ = survey.questions
    rows = []
    for person in people:
        is_asked = many.route is None or person.one in many.route.options
        state = ("answered" if person.many else "no_answer") if is_asked else "not_applicable"
        ticks = [str(int(o.id in person.many)) if state == "answered" else "" for o in many.options]
        rows.append([person.one, state, *ticks, "answered" if person.words else "no_answer"])
    return rows


def read_back(survey: Survey, file: ReceivedFile, content: bytes) -> tuple[list[list[str]], list[str]]:
    wording = frozen_mapping({question.id: "" for question in survey.questions})
    file = replace(file, no_answer=("99",), invalid=("88",))
    survey = replace(survey, waves=(Wave("2025", "令和7年度", wording=wording, files=(file,)),))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "2025").mkdir()
        (Path(folder) / "2025" / file.file).write_bytes(content)
        received = ingest.read(survey, Path(folder))
    assert not [problem for problem in received.problems if problem.is_error], received.problems
    columns = list(received.responses.columns)[5:]
    return received.responses[columns].to_numpy().tolist(), list(received.comments["text"])


def book_bytes(rows: list[list], merged: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    for number, row in enumerate(rows, start=1):
        for place, text in enumerate(row, start=1):
            if text not in ("", None):
                cell = book.active.cell(number, place, text)
                cell.data_type = "n" if isinstance(text, int) else "s"
    for cells in merged:
        book.active.merge_cells(cells)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def check(survey: Survey, people: list[Person], found: tuple[list[list[str]], list[str]]) -> None:
    rows, texts = found
    assert rows == expected(survey, people)
    assert texts == [person.words for person in people if person.words]


FILE = ReceivedFile(
    "回答", "csv", "Web", serial="No", columns=frozen_mapping({"one": "問1", "many": "問2", "words": "問3"})
)


@given(surveys(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_keyed_workbook(drawn, random):
    survey, people = drawn
    one, many, _ = survey.questions
    by_label = random.random() < 0.5
    lower = [o.label if by_label else n for n, o in enumerate(many.options, start=1)]
    upper = ["", "問1", "問2", *[""] * (len(lower) - 1), "問3"]
    rows = [["入力表"], upper, ["No", "", *lower, ""]]
    codes = {option.id: n for n, option in enumerate(one.options, start=1)}
    for serial, person in enumerate(people, start=1):
        key = {
            "no_answer": random.choice(("", 99)) if person.many or person.words else 99,
            "invalid": random.choice((88, "1,2")),
        } | codes
        ticked = [random.choice(TICKS) if o.id in person.many else "" for o in many.options]
        rows.append([serial, key[person.one], *ticked, person.words])
    rows += [["合計", 7, *[3] * len(lower)], []]
    span = f"C2:{chr(ord('C') + len(lower) - 1)}2"
    end = chr(ord("C") + len(lower))
    file = replace(FILE, file="a.xlsx", layout="keyed_workbook", header_rows=2, has_codes=True)
    content = book_bytes(rows, (span, "B2:B3", f"{end}2:{end}3"))
    check(survey, people, read_back(survey, file, content))


def _spelt(survey: Survey, person: Person, joined) -> list[str]:
    one, many, _ = survey.questions
    states = {"no_answer": "99", "invalid": "88"}
    chosen = joined([option.label for option in many.options if option.id in person.many])
    single = states.get(person.one) or one.option(person.one).label
    return [single, chosen, person.words]


@given(surveys())
@settings(max_examples=40, deadline=None)
def test_microsoft_forms(drawn):
    survey, people = drawn
    rows = [["ID", "開始時刻", "完了時刻", "メール", "名前", "問1", "問2", "問3"]]
    for serial, person in enumerate(people, start=1):
        spelt = _spelt(survey, person, lambda labels: "".join(f"{label};" for label in labels))
        rows.append([serial, "2026-01-15 09:00:00", "", "anonymous", "名", *spelt])
    file = replace(FILE, file="a.xlsx", layout="microsoft_forms", serial="")
    check(survey, people, read_back(survey, file, book_bytes(rows)))


@given(surveys(), st.sampled_from(("utf-8", "utf-8-sig", "cp932", "utf-16")), st.sampled_from(("\n", "\r\n")))
@settings(max_examples=60, deadline=None)
def test_csv(drawn, encoding, line_end):
    survey, people = drawn
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator=line_end)
    writer.writerow(["No", "問1", "問2", "問3"])
    for serial, person in enumerate(people, start=1):
        mark = ("、", ", ", ";", "\n")[serial % 4]
        writer.writerow([serial, *_spelt(survey, person, mark.join)])
    # cp932 has the full-width tilde only: what was typed as a wave dash comes back as that.
    text = lines.getvalue().replace("〜", "～") if encoding == "cp932" else lines.getvalue()
    check(survey, people, read_back(survey, FILE, text.encode(encoding)))
