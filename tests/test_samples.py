"""The sample survey: its generator gives the committed files again, and they hold what was planned."""

import csv
import io
import re
import sys
import unicodedata
import zipfile
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests" / "samples"))

import make_staff  # noqa: E402
import staff_people as made  # noqa: E402
import staff_plan as plan  # noqa: E402

RAW = REPOSITORY / "data" / "raw" / "staff"
DECISIONS = Path("surveys/staff/coding/decisions.csv")
SECOND_CODER = Path("surveys/staff/coding/2025/second_coder.csv")
LABELLED = Path("tests/coding/sample_answers.tsv")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    root = tmp_path_factory.mktemp("staff")
    make_staff.write_all(root)
    return root


def _content(path: Path):
    """The bytes of a file; of a workbook the bytes of its parts, because how tightly they are
    deflated depends on the zlib of the machine and says nothing about the content."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as book:
        return {name: book.read(name) for name in book.namelist()}


def _files(root: Path):
    found = [p for p in (root / "data/raw/staff").rglob("*") if p.is_file()]
    return sorted(
        p.relative_to(root) for p in [*found, *(root / p for p in (DECISIONS, SECOND_CODER, LABELLED))]
    )


def test_the_generator_gives_the_committed_files_again(written):
    assert _files(written) == _files(REPOSITORY)
    for path in _files(written):
        assert _content(written / path) == _content(REPOSITORY / path), path


def test_two_runs_give_identical_bytes(written, tmp_path):
    make_staff.write_all(tmp_path)
    for path in _files(written):
        assert (written / path).read_bytes() == (tmp_path / path).read_bytes(), path


@pytest.mark.parametrize("wave", made.WAVES)
def test_rosters_and_response_rates_are_realistic(wave):
    staff = sum(people for people, _ in plan.ROSTERS[wave].values())
    returned = sum(answered for _, answered in plan.ROSTERS[wave].values())
    assert 560 <= staff <= 610
    assert 70 <= 100 * returned / staff <= 80
    assert returned == len(made.people(wave))
    assert all(answered <= people for people, answered in plan.ROSTERS[wave].values())
    assert list(plan.ROSTERS[wave]) == [option["id"] for option in made.offered("section", wave)]


@pytest.mark.parametrize("wave", made.WAVES)
def test_the_answers_dealt_out_are_the_planned_ones(wave):
    counts = made.true_counts(wave)
    for question, quota in (plan.SINGLE[wave] | plan.MULTIPLE[wave]).items():
        assert {option: counts[question, option] for option in quota} == quota


def _keyed_rows(wave):
    """(header above, header below, cells) of every form in the keyed workbook, as text."""
    received = made.wave_file(wave)["files"][0]
    book = openpyxl.load_workbook(RAW / wave / received["file"], data_only=True)
    top = 3 if wave == "2019" else 2
    for name in received["sheets"]:
        rows = list(book[name].iter_rows(values_only=True))
        for cells in rows[top + 2 :]:
            texts = [unicodedata.normalize("NFKC", "" if c is None else str(c)) for c in cells]
            if texts[0].isdigit():
                yield rows[top], rows[top + 1], texts


@pytest.mark.parametrize("wave", ["2019", "2025"])
def test_keyed_codes_count_to_the_plan(wave):
    header = "問1" if wave == "2019" else "問1 言葉の認知"
    codes = Counter(texts[upper.index(header)] for upper, _, texts in _keyed_rows(wave))
    keyed = Counter(p.answers["meaning"] for p in made.people(wave) if p.mode == "紙")
    for code, option in enumerate(("well", "roughly", "heard", "never"), start=1):
        assert codes[str(code)] == keyed[option]


def _csv_rows(name, encoding):
    return list(csv.DictReader(io.StringIO((RAW / name).read_bytes().decode(encoding), newline="")))


def test_web_and_paper_of_2025_add_up_to_the_rise_that_was_planned():
    online = _csv_rows("2025/R7_Web回答.csv", "utf-8-sig")
    know = sum(row["問1"] in ("よく意味を知っている", "だいたい意味を知っている") for row in online)
    paper = [texts[upper.index("問1 言葉の認知")] for upper, _, texts in _keyed_rows("2025")]
    know += sum(code in ("1", "2") for code in paper)
    assert (know, len(online) + len(paper)) == (366, 446)


def test_the_2021_export_is_cp932_with_one_row_sent_twice():
    rows = _csv_rows("2021/R3回答一覧.csv", "cp932")
    repeated = [row for row, times in Counter(tuple(r.values()) for r in rows).items() if times == 2]
    assert len(rows) == 453 and len(repeated) == 1
    assert (
        sum("日頃から、連絡や相談がしやすいこと" in r["問5 相手に求めるもの（3つまで）"] for r in rows) >= 188
    )


def test_forms_join_answers_with_a_trailing_semicolon():
    received = made.wave_file("2023")["files"][0]
    sheet = openpyxl.load_workbook(RAW / "2023" / received["file"])["Sheet1"]
    header, *rows = sheet.iter_rows(values_only=True)
    place = header.index(received["columns"]["partner"])
    several = [row[place] for row in rows if row[place]]
    assert len(rows) == 438 and all(cell.endswith(";") for cell in several)
    contact = made.labels("partner")["contact"]
    assert sum(contact in cell.split(";") for cell in several) == plan.MULTIPLE["2023"]["partner"]["contact"]


def test_every_comment_is_decided_and_no_word_of_it_is_filed():
    decisions, rows = (REPOSITORY / DECISIONS).read_text(encoding="utf-8"), _rows(DECISIONS)
    themes = (REPOSITORY / "surveys/staff/themes.tsv").read_text(encoding="utf-8").splitlines()
    boxes = {line.split("\t")[0]: line.split("\t")[1] for line in themes[1:]}
    assert len({row["key"] for row in rows}) == len(rows)
    by_key = {row["key"]: row for row in rows}
    for wave in made.WAVES:
        for person in made.people(wave):
            for question in ("good", "hard"):
                text = person.texts.get(question) or "".join(person.stray.get(question, ()))
                if text:
                    row = by_key[make_staff.decision_key(question, text)]
                    codes = row["codes"].split(";")
                    assert all(boxes[code] in (question, "both") for code in codes)
                    assert len(text) < 4 or text not in decisions


@pytest.mark.parametrize("question", ["good", "hard"])
def test_there_is_enough_to_read_and_every_theme_is_spoken_of(question):
    recent = [c for c in made.comments(question) if c.wave in ("2023", "2025")]
    assert len(recent) >= 250
    for wave in ("2023", "2025"):
        told = Counter(code for c in recent if c.wave == wave for code in c.codes)
        assert min(told[f"{question[0].upper()}{n}"] for n in range(1, 8)) >= 8
        assert min(told["X0"], told["X1"] + 5, told["X9"]) >= 5


def test_what_makes_comments_hard_to_read_occurs():
    texts = [c.text for question in ("good", "hard") for c in made.comments(question) if c.wave > "2021"]
    kinds = {
        "several themes": [c for q in ("good", "hard") for c in made.comments(q) if len(c.codes) > 1],
        "a trap for Excel": [t for t in texts if t[0] in "=-@"],
        "half-width kana": [t for t in texts if re.search("[ｱ-ﾝ]", t)],
        "full-width digits": [t for t in texts if re.search("[０-９]", t)],
        "a telephone number": [
            t for t in texts if re.search(r"\d{3}-\d{4}-\d{4}", unicodedata.normalize("NFKC", t))
        ],
        "a mail address": [t for t in texts if re.search(r"\w@example\.jp", t)],
        "hiragana only": [t for t in texts if re.fullmatch("[ぁ-んー。、]{5,}", t)],
        "one word": [t for t in texts if len(t) <= 4],
        "a long story": [t for t in texts if len(t) >= 150],
        "a line break": [t for t in texts if "\n" in t],
    }
    assert {kind for kind, found in kinds.items() if not found} == set()
    # Whoever is named does not exist: numbers and addresses are those kept for examples.
    folded = unicodedata.normalize("NFKC", "\n".join(texts))
    assert all(number.startswith("000-0000-") for number in re.findall(r"[\d-]{10,}", folded))
    assert set(re.findall(r"@([\w.]+\.\w+)", folded)) == {"example.jp"}
    nothing = {t for q in ("good", "hard") for c in made.comments(q) if c.codes == ("X0",) for t in [c.text]}
    assert len(nothing) >= 25


def test_the_second_coder_agrees_as_people_do():
    """100 answers of 2025, coded apart: κ over all answers and themes as between two careful people."""
    first = {row["key"]: row for row in _rows(DECISIONS)}
    second = _rows(SECOND_CODER)
    assert len(second) == len({row["key"] for row in second}) == 100
    assert {row["coder"] for row in second}.isdisjoint({first[row["key"]]["coder"] for row in second})
    ours, theirs = [], []
    for question in ("good", "hard"):
        pairs = [
            (first[r["key"]]["codes"].split(";"), r["codes"].split(";"))
            for r in second
            if r["question"] == question
        ]
        codes = sorted({code for pair in pairs for side in pair for code in side})
        ours += [code in a for a, _ in pairs for code in codes]
        theirs += [code in b for _, b in pairs for code in codes]
    agreed = sum(a == b for a, b in zip(ours, theirs, strict=True)) / len(ours)
    p, q = sum(ours) / len(ours), sum(theirs) / len(theirs)
    chance = p * q + (1 - p) * (1 - q)
    assert 0.75 <= (agreed - chance) / (1 - chance) <= 0.85


def test_the_labelled_answers_are_the_decisions():
    labelled = _rows(LABELLED, delimiter="\t", quoting=csv.QUOTE_NONE)
    assert len(labelled) == len(_rows(DECISIONS))
    assert all(row["id"].startswith("fictional-") and row["text"] for row in labelled)
    assert Counter((r["polarity"], r["labels"]) for r in labelled) == Counter(
        (r["question"], r["codes"]) for r in _rows(DECISIONS)
    )


def _rows(path: Path, **dialect) -> list[dict[str, str]]:
    text = (REPOSITORY / path).read_bytes().decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline=""), **dialect))


def test_small_groups_occur_so_that_merging_is_exercised():
    oldest = [p for p in made.people("2025") if p.answers["age"] == "60s"]
    assert 0 < sum(p.answers["experience"] == "no" for p in oldest) < 10
