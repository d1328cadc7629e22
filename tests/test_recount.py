"""What is published is counted a second time from the received files, by code that shares nothing."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections import Counter

import pytest

from tests import recount
from tests.conftest import ROOT
from tests.published_tables import (
    ASKED,
    NEWEST,
    WAVES,
    Page,
    Years,
    changes_rows,
    counted,
    definitions_of,
    labels,
    processed,
    report,
    rows_of,
    tables,
    themes,
)
from tests.recount import BASE, NO_ANSWER, NOT_APPLICABLE, TOTAL, squeeze, tenths

sys.path.insert(0, str(ROOT / "tests" / "samples"))

import staff_people as made  # noqa: E402

#: What a withheld share may say.
BANDS = ("10%以下", "90%以上")
#: Captions of the tables with counts and shares of the whole staff.
SHARES = r"(?P<question>.+)（[^（]+、単位は人と%）"



def is_few(definitions, counts, question: str, entry: str) -> bool:
    """Whether one or two people wrote of a theme: in public nobody is told how many."""
    return definitions.questions[question]["kind"] == "text" and 0 < counts[question, *TOTAL, entry] < 3


# ---- the second count itself -------------------------------------------------------------


@pytest.mark.parametrize("wave", WAVES)
def test_the_recount_finds_the_answers_the_sample_was_made_with(wave):
    """Every answer of every question; of comments how many wrote, with or without content."""
    reading, counts = recount.read(ROOT, "staff", wave), recount.tally(ROOT, "staff", wave)
    truth, questions = made.true_counts(wave), reading.definitions.questions
    assert len(reading.people) == len(made.people(wave))
    for (question, entry), people in truth.items():
        if questions[question]["kind"] != "text" and entry not in ("answered", NOT_APPLICABLE):
            assert counts[question, *TOTAL, entry] == people, (question, entry)
    experienced = [person.answers for person in reading.people if person.answers["experience"] == "yes"]
    for question in ("good", "hard"):
        wrote = sum(answers[question] != NO_ANSWER for answers in experienced)
        assert wrote == truth[question, "answered"] > counts[question, *TOTAL, BASE] > 0
    assert counts["reason", *TOTAL, BASE] == truth["experience", "no"]


# ---- the open data -----------------------------------------------------------------------


@pytest.fixture(scope="module", params=("public", "internal"))
def edition(request):
    return request.param


@pytest.fixture(scope="module")
def every_row(sample_reports, edition):
    rows = rows_of(report(sample_reports, edition) / "opendata" / "estimates.csv")
    return [row for row in rows if row["basis"] == "counted"]


@pytest.fixture(scope="module")
def estimates(every_row):
    return [row for row in every_row if row["status"] == "shown"]


@pytest.mark.parametrize("wave", WAVES)
def test_every_published_share_is_the_recounted_one(sample_reports, estimates, wave):
    counts = recount.tally(sample_reports, "staff", wave)
    shares = [row for row in estimates if row["wave"] == wave and row["measure"] in ("share", "net")]
    wrong = []
    for row in shares:
        place = (row["question"], row["banner"], row["group"])
        count, base = (counted(counts, *place, entry) for entry in (row["option"], BASE))
        expected = (str(count), str(count), str(count), str(base), tenths(count, base))
        if tuple(row[c] for c in ("count", "count_low", "count_high", "base", "percent")) != expected:
            wrong.append((*place, row["option"], row["count"], row["base"], row["percent"], expected))
    assert wrong == []
    assert len(shares) > 300


@pytest.mark.parametrize("wave", WAVES)
def test_nothing_that_was_asked_is_missing(sample_reports, edition, every_row, wave):
    """Of the whole staff every option, state and net; of a cross the groups make up the staff."""
    definitions, counts = definitions_of(sample_reports, wave), recount.tally(sample_reports, "staff", wave)
    is_internal, questions = edition == "internal", definitions.questions
    asked = [q for q in definitions.asked if is_internal or questions[q].get("is_public", True)]
    published: dict[tuple[str, str], dict[tuple[str, str], str]] = {}
    # A group of an attribute that is too small to be shown has its row all the same.
    rows = [row for row in every_row if row["status"] == "shown" or row["question"] in definitions.attributes]
    for row in (row for row in rows if row["wave"] == wave and row["measure"] in ("share", "net")):
        published.setdefault((row["question"], row["banner"]), {})[row["group"], row["option"]] = row["base"]
    assert {question for question, _ in published} == set(asked)
    for question in asked:
        options = {option for _, option in published[question, TOTAL[0]]}
        few = set() if is_internal else {e for e in labels(definitions, question) if is_few(definitions, counts, question, e)}
        assert options >= set(labels(definitions, question)) - few and not options & few, question
    attributes = set(asked) & set(definitions.attributes)
    assert {banner for _, banner in published} == {TOTAL[0], *attributes}
    for banner in attributes:
        for question in set(definitions.crosses[banner]) & set(asked) & {q for q, by in published if by == banner}:
            bases = {group: int(base) for (group, _), base in published[question, banner].items()}
            # A group put together for comparisons stands beside its members.
            members = {group: set(group.split("+")) for group in bases}
            bases = {group: base for group, base in bases.items() if not any(m < members[group] for m in members.values())}
            assert sum(bases.values()) == counts[question, *TOTAL, BASE], (question, banner)


@pytest.mark.parametrize("wave", WAVES)
def test_response_rates_are_the_recounted_ones(sample_reports, estimates, wave):
    """Of the whole staff, and inside of each section."""
    reading = recount.read(sample_reports, "staff", wave)
    staff = recount.population(reading.definitions)
    returns = Counter(person.answers["section"] for person in reading.people)
    returns[TOTAL[1]] = len(reading.people)
    rates = [row for row in estimates if row["wave"] == wave and row["measure"] == "rate"]
    assert len(rates) in (1, len(staff))
    for row in rates:
        count = returns[row["group"]]
        people = staff["合計" if row["group"] == TOTAL[1] else squeeze(row["group_label"])]
        assert (row["count"], row["base"], row["percent"]) == (str(count), str(people), tenths(count, people))


# ---- the page ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(sample_reports, edition):
    return Page((report(sample_reports, edition) / "page.html").read_text(encoding="utf-8"))


@pytest.fixture
def years(sample_reports):
    return Years(sample_reports)


def told(years, edition: str, wave: str, question: str, entry: str) -> tuple[str, str]:
    """How people and share of the whole staff are printed in an edition."""
    is_known = question in years.definitions[wave].asked
    if edition == "public" and is_known and is_few(years.definitions[wave], years.counts[wave], question, entry):
        return "x", "x"
    return years.cells(wave, question, TOTAL, entry)


def test_counts_and_shares_on_the_page_are_the_recounted_ones(years, page):
    shown = set()
    for question, _, header, rows in tables(years, page, SHARES):
        shown.add(question)
        columns = [c for c in range(1, len(header)) if header[c].endswith("（人）")]
        assert columns and header[1].startswith(years.definitions[NEWEST].wave_file["label"])
        for label, *cells in (row for row in rows if row[0] != ASKED):
            entry = years.entry(question, label)
            for column in columns:
                assert header[column + 1] == header[column].replace("（人）", "（%）")
                wave = years.wave_of[header[column].removesuffix("（人）")]
                printed = tuple(cells[column - 1 : column + 1])
                assert printed == years.cells(wave, question, TOTAL, entry), (question, label)
    definitions = years.definitions[NEWEST]
    assert shown == set(definitions.asked) - set(definitions.attributes)
    for question in shown:
        assert years.checked[NEWEST, question, TOTAL[0]] >= len(definitions.offered(question))


def test_free_answers_are_also_told_of_everyone_asked(years, page):
    """The second denominator: everyone with experience, whether they wrote or not."""
    shown = set()
    for question, _, header, rows in tables(years, page, SHARES):
        columns = [column for column, head in enumerate(header) if head.endswith("（全員の%）")]
        if not columns:
            assert all(row[0] != ASKED for row in rows)
            continue
        shown.add(question)
        people = years.asked(NEWEST, question)
        for label, *cells in rows[:-1]:
            count = counted(years.counts[NEWEST], question, *TOTAL, years.entry(question, label))
            assert cells[columns[0] - 1] == tenths(count, people), (question, label)
        waves = [years.wave_of[head.removesuffix("（人）")] for head in header if head.endswith("（人）")]
        numbers = [str(years.asked(wave, question)) for wave in waves]
        assert rows[-1] == [ASKED, numbers[0], "", "100.0", numbers[1], "", "", ""]
    assert shown == {"good", "hard"}


def test_themes_stand_under_stars_by_the_people_who_were_decided_to_speak_of_them(years, page):
    """Heading, share and order of each theme against the decisions, counted again."""
    names = {label: (box, code) for box in ("good", "hard") for code, label in themes(box).items()}
    stars = re.findall(r"★ (\S+?)（(\d+)人）\s+(\d+\.\d)%（(\d+)人中(\d+)人）", page.text)
    found: dict[str, list[int]] = {}
    for label, people, percent, base, again in stars:
        box, code = names[label]
        count, content = (counted(years.counts[NEWEST], box, *TOTAL, entry) for entry in (code, BASE))
        assert (int(people), int(again), int(base), percent) == (
            count,
            count,
            content,
            tenths(count, content),
        )
        found.setdefault(box, []).append(count)
    assert all(counts == sorted(counts, reverse=True) for counts in found.values())
    assert {box: len(counts) for box, counts in found.items()} == {"good": 7, "hard": 8}


def test_crosses_on_the_page_are_the_recounted_ones(years, edition, page, every_row):
    """A withheld cell is x or a band, and its row has no number of it."""
    withheld = {
        tuple(row[name] for name in ("wave", "question", "banner", "group", "option")): row["note"]
        for row in every_row
        if row["status"] == "withheld"
    }
    definitions = years.definitions[NEWEST]
    attributes = {definitions.questions[name]["label"]: name for name in definitions.attributes}
    shown = set()
    pattern = r"(?P<question>.+)（(?P<banner>[^（]+)別、(?P<wave>[^（]+)、単位は%、nは人）"
    for question, found, header, rows in tables(years, page, pattern):
        banner, wave = attributes[found["banner"]], years.wave_of[found["wave"]]
        shown.add((banner, question))
        for label, *cells in rows:
            group = years.groups(banner, label)
            place = TOTAL if group == TOTAL[1] else (banner, group)
            entries = [years.entry(question, head) for head in header[2:]]
            notes = [withheld.get((wave, question, *place, entry)) for entry in entries]
            is_told = any(note is None for note in notes)
            expected = [years.cells(wave, question, place, BASE)[0] if is_told else "x"]
            expected += [
                years.cells(wave, question, place, entry)[1] if note is None else note if note in BANDS else "x"
                for entry, note in zip(entries, notes, strict=True)
            ]
            assert cells == expected, (question, banner, label)
    declared = {(banner, question) for banner, asked in definitions.crosses.items() for question in asked}
    # The officer chooses the crosses of the public page; inside, all of them are shown.
    assert shown == declared if edition == "internal" else shown and shown < declared


def test_the_years_side_by_side_are_the_recounted_ones(years, edition, page):
    for question, _, header, rows in tables(years, page, r"(?P<question>.+)の推移（.+）"):
        for label, *cells in rows:
            entry = years.entry(question, label)
            for year, cell in zip(header[1:], cells, strict=True):
                if year in years.wave_of:
                    expected = told(years, edition, years.wave_of[year], question, entry)
                    assert cell == expected[0 if entry == BASE else 1], (question, label, year)
    assert {wave for wave, *_ in years.checked} == set(WAVES)


def test_shares_beside_a_change_are_the_recounted_ones(years, edition, page):
    compared = list(changes_rows(years, page))
    assert {question for question, *_ in compared} >= {"meaning", "experience", "partner", "good", "hard"}
    for question, entry, printed in compared:
        for wave, cell in printed.items():
            _, share = told(years, edition, wave, question, entry)
            base, _ = years.cells(wave, question, TOTAL, BASE)
            assert cell == (share if share == "x" else f"{share}（n={base}）"), (question, entry, wave)


def test_the_table_of_returns_is_the_recounted_one(years, page):
    ((_, *rows),) = [rows for caption, rows in page.tables if caption.startswith("調査ごとの回答率")]
    printed = {years.wave_of[year]: cells for year, *cells in rows if year in years.wave_of}
    assert set(printed) == set(WAVES)
    for wave, cells in printed.items():
        staff = recount.population(years.definitions[wave])["合計"]
        returns = years.counts[wave]["meaning", *TOTAL, BASE]
        assert cells == [str(staff), str(returns), tenths(returns, staff)]


def test_shares_in_sentences_are_those_of_the_people_beside_them(page):
    beside = re.findall(r"(\d+\.\d)%（([\d,]+)人中([\d,]+)人）", page.text)
    beside += re.findall(r"(?=[\d,]+人中[\d,]+人、(\d+\.\d)%)([\d,]+)人中([\d,]+)人", page.text)
    assert len(beside) > 50
    for percent, base, count in beside:
        assert percent == tenths(int(count.replace(",", "")), int(base.replace(",", "")))


# ---- back to the cell --------------------------------------------------------------------


def test_a_printed_share_walks_back_to_its_cells(sample_reports, years):
    """協働した経験がある: page → responses → ledger → sheet and row → the cell as it was keyed."""
    page = Page((report(sample_reports, "public") / "page.html").read_text(encoding="utf-8"))
    shares = {question: rows for question, _, _, rows in tables(years, page, SHARES)}
    (printed,) = [int(cells[1]) for cells in shares["experience"] if cells[0] == "協働した経験がある"]
    assert f"「協働した経験がある」と答えた職員は{printed}人" in page.text
    said = {
        row["respondent"]
        for row in processed(sample_reports, "responses")
        if (row["wave"], row["experience"]) == (NEWEST, "yes")
    }
    entries = [row for row in processed(sample_reports, "ledger") if row["respondent"] in said]
    assert len(said) == len(entries) == printed
    definitions, sheets = definitions_of(sample_reports, NEWEST), {}
    for received in definitions.wave_file["files"]:
        path = definitions.raw / received["file"]
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        for sheet in recount.sheets(path, received):
            (place,) = sheet.places(received["columns"]["experience"])
            sheets[received["file"], digest, sheet.name] = (sheet.rows, place)
    for entry in entries:
        grid, place = sheets[entry["file"], entry["sha256"], entry["sheet"]]
        cell = squeeze(grid[int(float(entry["row"])) - 1][place])
        assert entry["status"] == "accepted"
        assert cell == ("協働した経験がある" if entry["file"].endswith(".csv") else "1"), entry["respondent"]


# ---- the ledger and the responses --------------------------------------------------------


@pytest.mark.parametrize("wave", WAVES)
def test_every_physical_row_is_in_the_ledger_once(sample_reports, wave):
    reading = recount.read(sample_reports, "staff", wave)
    ledger = [row for row in processed(sample_reports, "ledger") if row["wave"] == wave]
    places = {(row["file"], row["sheet"], row["row"]) for row in ledger}
    statuses = Counter((row["file"], row["status"]) for row in ledger)
    accepted = Counter(person.file for person in reading.people)
    assert len(places) == len(ledger)
    assert set(reading.rows) == {file for file, *_ in places}
    for file, read in reading.rows.items():
        rejected = read - accepted[file] - reading.repeated[file]
        assert sum(row["file"] == file for row in ledger) == read
        found = tuple(statuses[file, status] for status in ("accepted", "duplicate", "rejected"))
        assert found == (accepted[file], reading.repeated[file], rejected), file
    assert all(bool(row["reason"]) != (row["status"] == "accepted") for row in ledger)
    assert all(bool(row["respondent"]) == (row["status"] == "accepted") for row in ledger)


def test_the_provenance_sums_up_the_ledger(sample_reports):
    told = json.loads((report(sample_reports, "public") / "provenance.json").read_text(encoding="utf-8"))[
        "ledger"
    ]
    readings = [recount.read(sample_reports, "staff", wave) for wave in WAVES]
    assert told["read"] == sum(reading.rows.total() for reading in readings)
    assert told["read"] == told["accepted"] + told["rejected"] + told["duplicate"]
    assert told["accepted"] == sum(len(reading.people) for reading in readings)


@pytest.mark.parametrize("wave", WAVES)
def test_every_respondent_holds_the_answers_of_the_row(sample_reports, wave):
    """Not the sums only: each person's answers, people routed past a question aside."""
    reading = recount.read(sample_reports, "staff", wave)
    ledger = {r["respondent"]: r for r in processed(sample_reports, "ledger") if r["wave"] == wave}
    people = {(p.file, p.sheet, p.row): p.answers for p in reading.people}
    questions = reading.definitions.questions
    for row in (row for row in processed(sample_reports, "responses") if row["wave"] == wave):
        entry = ledger[row["respondent"]]
        answers = people.pop((entry["file"], entry["sheet"], int(float(entry["row"]))))
        for question in reading.definitions.asked:
            route = questions[question].get("route")
            if route and answers[route["question"]] not in route["options"]:
                assert row[question] == NOT_APPLICABLE, (row["respondent"], question)
                continue
            said = answers[question]
            if isinstance(said, frozenset):
                assert row[question] == "answered"
                ticked = {
                    o["id"] for o in questions[question]["options"] if row[f"{question}.{o['id']}"] == "1"
                }
                assert ticked == said, (row["respondent"], question)
            elif questions[question]["kind"] == "text":
                assert row[question] == (NO_ANSWER if said == NO_ANSWER else "answered")
            else:
                assert row[question] == said, (row["respondent"], question)
    assert people == {}


# ---- verdicts ----------------------------------------------------------------------------

#: What the sample was made to show from 2023 to 2025, by question: (headline, verdict).
PLANNED = {
    "meaning": ("know", "up"),
    "partner": ("contact", "down"),
    "necessity": ("needed", "same"),
    "experience": ("yes", "unclear"),
    "consult": ("known", "not_comparable"),
}


def test_every_verdict_of_the_sample_is_the_planned_one_and_on_the_page(sample_reports, page):
    rows = processed(sample_reports, "internal/changes"), processed(sample_reports, "public/changes")
    for changes in rows:
        whole = [r for r in changes if (r["banner"], r["wave_from"], r["wave_to"]) == ("total", "2023", "2025")]
        verdicts = {r["question"]: r["verdict"] for r in whole if PLANNED.get(r["question"], ("",))[0] == r["option"]}
        assert verdicts == {question: verdict for question, (_, verdict) in PLANNED.items()}
    cells = {cell for caption, (_, *lines) in page.tables if "単位は人と%" in caption for line in lines for cell in line}
    assert cells >= {"上昇", "低下", "変化なし", "偶然の範囲内の差", "比較できない", "判定の対象外"}
