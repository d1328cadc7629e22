"""propose: drafts that need few edits, hold nobody's words, and stop where the program cannot know."""

from __future__ import annotations

import csv
import difflib
import io
import shutil
import sys
import tomllib
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import definitions, ingest
from pipeline.__main__ import main
from pipeline.hall import propose as verb
from pipeline.ingest.layouts import READERS
from pipeline.ingest.proposal import propose, toml_text
from pipeline.ingest.proposal.likeness import likeness, number_of, without_enumeration
from pipeline.ingest.proposal.recognition import RECOGNISERS
from pipeline.ingest.proposal.wave_text import wave_label
from pipeline.model import ProblemsFound
from tests.conftest import ROOT, copy_survey

sys.path.insert(0, str(ROOT / "tests" / "samples"))

import staff_people as made  # noqa: E402
import staff_plan as plan  # noqa: E402

RAW = ROOT / "data" / "raw" / "staff"
#: Everything an officer changes in the draft of each wave: line as drafted → line as it must be.
METHOD = "method = "
EDITS = {
    "2025": {METHOD: 'method = "無記名の調査票を部局ごとに配布し、紙またはWebで回収"', "# TODO typed_other": 'typed_other = ["reason"]'},
    "2023": {METHOD: 'method = "Microsoft Formsの回答フォームから無記名で回収"'},
    "2021": {
        METHOD: 'method = "庁内ネットワークの回答フォームから無記名で回収（回答システムから書き出したCSV）"',
        "scope = ": 'scope = "会計年度任用職員を除く全職員"',
        '# TODO "だいたい知っている"': '"だいたい知っている" = "roughly"',
        '# TODO "よく知っている"': '"よく知っている" = "well"',
    },
}
#: In the order of the committed wave files: a respondent's number counts the files.
FILES = {
    "2025": ["R7_入力表.xlsx", "R7_Web回答.csv", "職員名簿_部局別人数.csv"],
    "2023": [],
    "2021": [],
}


@pytest.fixture(scope="module")
def committed():
    survey = definitions.load(ROOT, "staff")
    return survey, ingest.read(survey, RAW)


@pytest.fixture(scope="module")
def survey():
    return definitions.load(ROOT, "staff")


def _without(wave: str, folder):
    copy_survey("staff", folder)
    (folder / "surveys/staff/waves" / f"{wave}.toml").unlink()
    return folder


def _contents(wave: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((RAW / wave).iterdir())}


def _edited(draft: str, wave: str) -> str:
    """Return the draft with the edits of the wave, and the headcounts that no received file holds."""
    lines, edits = draft.splitlines(), EDITS[wave]
    for start, new in edits.items():
        places = [place for place, line in enumerate(lines) if line.startswith(start)]
        assert len(places) == 1, start
        lines[places[0]] = new
    committed = (ROOT / "surveys/staff/waves" / f"{wave}.toml").read_text(encoding="utf-8")
    margins = "[population.margins]" + committed.split("[population.margins]")[1].split("\n\n")[0]
    return "\n".join(lines) + f"\n\n{margins}\n"


@pytest.mark.parametrize("wave", EDITS)
def test_a_wave_of_the_sample_needs_fewer_than_ten_edited_lines(wave, committed, tmp_path, capsys):
    """Without its file, the wave is drafted; a few edits make it what was committed, person by person."""
    workspace = _without(wave, tmp_path)
    assert main(["propose", "staff", *FILES[wave], "--wave", wave, "--root", str(workspace)]) == 0
    path = workspace / "surveys/staff/waves" / f"{wave}.toml"
    draft = path.read_text(encoding="utf-8")
    edited = _edited(draft, wave)
    changed = [line for line in difflib.ndiff(draft.splitlines(), edited.splitlines()) if line.startswith("+ ")]
    assert len(changed) < 10
    path.write_text(edited, encoding="utf-8")
    survey, received = committed
    again = definitions.load(workspace, "staff")
    result = ingest.read(again, workspace / "data/raw/staff")
    assert result.problems == received.problems
    for name in ("responses", "comments", "ledger"):
        assert getattr(result, name).equals(getattr(received, name))
    one, other = again.wave(wave), survey.wave(wave)
    for name in ("label", "method", "scope", "fieldwork_start", "fieldwork_end", "population"):
        assert getattr(one, name) == getattr(other, name), name
    # "" stands in the committed file where the sections had a sheet each and no question.
    assert {q: t for q, t in one.wording.items() if q != "section"} == {q: t for q, t in other.wording.items() if q != "section"}


@pytest.mark.slow
def test_an_edited_draft_reports_the_same_bytes(sample_reports, tmp_path):
    workspace = _without("2025", tmp_path)
    assert main(["propose", "staff", *FILES["2025"], "--wave", "2025", "--root", str(workspace)]) == 0
    path = workspace / "surveys/staff/waves/2025.toml"
    path.write_text(_edited(path.read_text(encoding="utf-8"), "2025"), encoding="utf-8")
    assert main(["report", "staff", "--root", str(workspace)]) == 0
    for name in ("responses.csv", "comments.csv", "public/estimates.csv", "public/changes.csv"):
        assert (workspace / "data/processed/staff" / name).read_bytes() == (sample_reports / "data/processed/staff" / name).read_bytes()


def test_drafting_twice_gives_the_same_bytes(survey):
    contents = _contents("2025")
    one, other = (propose(survey, "staff", "2025", contents) for _ in range(2))
    assert one == other


def test_what_the_last_wave_had_stands_beside_what_this_one_has(survey):
    text = propose(survey, "staff", "2021", _contents("2021")).wave_text
    assert "前回: これからのまちづくりに、" in text and "今回: 担当する業務を進めるうえで、" in text
    assert "partner: 前回と選択肢が違います。今回から: 「ホームページやSNSで、活動を発信する力」" in text


# ---- a survey nobody has defined


def _filled(text: str) -> str:
    lines = [line.removeprefix("# TODO ") if "organisation" in line else line for line in text.splitlines()]
    return "\n".join(lines).replace("TODO 選択肢", "選択肢")


@pytest.mark.parametrize("files", [["協働に関する職員アンケート(1-438).xlsx"], []])
def test_an_unknown_survey_is_drafted_and_loads(tmp_path, files):
    copy_survey("staff", tmp_path / "from")
    raw = tmp_path / "data/raw/kyodo"
    raw.parent.mkdir(parents=True)
    (tmp_path / "from/data/raw/staff").rename(raw)
    assert main(["propose", "kyodo", *files, "--wave", "2023", "--root", str(tmp_path)]) == 0
    folder = tmp_path / "surveys/kyodo"
    path = folder / "survey.toml"
    with pytest.raises(ProblemsFound) as found:
        definitions.load(tmp_path, "kyodo")
    assert {problem.key for problem in found.value.problems} == {"organisation"}
    path.write_text(_filled(path.read_text(encoding="utf-8")), encoding="utf-8")
    survey = definitions.load(tmp_path, "kyodo")
    assert [question.id for question in survey.attributes] == ["section", "age", "grade", "tenure"]
    kinds = [question.kind for question in survey.questions if not question.is_attribute]
    assert kinds == ["single", "single", "multiple", "single", "multiple", "single", "single", "single", "text", "text"]
    assert (survey.newest.population is None) == bool(files)
    assert survey.newest.files[0].layout == "microsoft_forms"
    result = ingest.read(survey, raw)
    assert (result.responses["wave"] == "2023").sum() == 438
    # What is left are typed words and rare options; the columns themselves are right.
    errors = {problem.what for problem in result.problems if problem.is_error}
    assert errors <= {"選択肢にない回答があります", "選択肢とよく似た文が記入されています"}


@pytest.mark.parametrize("wave", ["2019", "2021", "2023", "2025"])
def test_an_unknown_survey_of_any_layout_loads(tmp_path, wave):
    draft = propose(None, "kyodo", wave, _contents(wave))
    folder = tmp_path / "surveys/kyodo"
    (folder / "waves").mkdir(parents=True)
    (folder / "survey.toml").write_text(_filled(draft.survey_text), encoding="utf-8")
    (folder / "waves" / f"{wave}.toml").write_text(draft.wave_text, encoding="utf-8")
    raw = tmp_path / "data/raw/kyodo" / wave
    raw.mkdir(parents=True)
    for name, content in _contents(wave).items():
        (raw / name).write_bytes(content)
    survey = definitions.load(tmp_path, "kyodo")
    assert len(survey.questions) >= 11
    assert survey.newest.population.total == definitions.load(ROOT, "staff").wave(wave).population.total


def _drafted(*rows: list[str]) -> str:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return propose(None, "new", "2025", {"a.xlsx": stream.getvalue()}).survey_text


def test_an_answer_that_ends_as_many_do_is_one_of_many():
    """Two combinations of three options are as many spellings as the options: the separator decides."""
    head = ["ID", "開始時刻", "完了時刻", "メール", "名前", "きっかけは何ですか。"]
    cells = ["上司の指示;", "市民の提案;計画にあった;"]
    rows = [[str(n), "2026-01-15 09:00", "2026-01-15 09:01", "a@example.jp", "名", cells[n % 2]] for n in range(20)]
    (question,) = tomllib.loads(_drafted(head, *rows))["questions"]
    assert question["kind"] == "multiple"
    assert {option["label"] for option in question["options"]} == {"上司の指示", "市民の提案", "計画にあった"}


def test_columns_of_yes_are_options():
    head = ["id", "submitdate", "Q3[SQ001]", "Q3[SQ002]", "Q3[SQ003]"]
    rows = [[str(n), f"2026-01-15 09:{n:02d}:11", "Y", "Y" if n % 2 else "", ""] for n in range(20)]
    (question,) = tomllib.loads(_drafted(head, *rows))["questions"]
    assert question["kind"] == "multiple" and [o["label"] for o in question["options"]] == [
        f"TODO 選択肢SQ00{n}" for n in (1, 2, 3)
    ]


def test_a_guess_is_marked(survey):
    """What no file says stands in the draft with a mark, or nobody would look at it again."""
    text = _web("問2 協働の経験", ["協働した経験がある"] * 20, survey)
    assert 'mode = "Web"  # TODO 紙 か Web' in text
    (line,) = [line for line in text.splitlines() if line.startswith("experience = ") and "問2" in line and "TODO" in line]
    assert "のまま。見出し「問2 協働の経験」と見比べる" in line


# ---- nobody's words


@pytest.mark.parametrize("wave", ["2019", "2021", "2023", "2025"])
@pytest.mark.parametrize("is_known", [True, False])
def test_no_free_answer_stands_in_a_draft(survey, wave, is_known):
    draft = propose(survey if is_known else None, "staff", wave, _contents(wave))
    text = draft.wave_text + draft.survey_text + str(draft.files)
    words = {words for person in made.people(wave) for words in person.texts.values()}
    words |= {word for typed in plan.OTHER_WORDS.values() for word in typed}
    # 「よかった」 is an answer and part of a question; a mark alone says nothing.
    asked = (ROOT / "surveys/staff/survey.toml").read_text(encoding="utf-8")
    assert [word for word in words if len(word) > 1 and word not in asked and word in text] == []


def _forms(rows: list[list]) -> bytes:
    book = openpyxl.Workbook()
    head = ["ID", "開始時刻", "完了時刻", "メール", "名前", "年代", "あなたのお名前", "ご意見"]
    for row in [head, *rows]:
        book.active.append(row)
    book.active["A1"].value = "ID"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("is_known", [True, False])
def test_names_and_addresses_stand_in_no_draft(survey, is_known):
    """Not in the columns of the service, not in a question for the name, not when few people answer often."""
    rows = [
        [n, "2026-01-15 09:00", "2026-01-15 09:01", f"yamada{n}@example.jp", "山田太郎", "30歳代", f"佐藤{n}子", "同じ意見です"]
        for n in range(1, 20)
    ]
    draft = propose(survey if is_known else None, "staff", "2025", {"a.xlsx": _forms(rows)})
    text = draft.wave_text + draft.survey_text
    for word in ("yamada", "山田", "佐藤", "同じ意見"):
        assert word not in text
    assert 'fieldwork = { start = 2026-01-15, end = 2026-01-15 }' in text


@pytest.mark.parametrize("is_known", [True, False])
def test_a_file_without_a_header_is_refused_before_its_answers_become_headers(survey, is_known):
    content = (RAW / "2021" / "R3回答一覧.csv").read_bytes().split(b"\r\n", 1)[1]
    with pytest.raises(ProblemsFound) as found:
        propose(survey if is_known else None, "staff", "2021", {"a.csv": content})
    assert "見出しの行がありません" in found.value.problems[0].what


# ---- what the program cannot know


def _csv(*rows: list[str]) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue().encode()


def _web(column: str, cells: list[str], survey) -> str:
    rows = [[str(n), "総務部", cell] for n, cell in enumerate(cells, start=1)]
    return propose(survey, "staff", "2025", {"web.csv": _csv(["受付番号", "部局", column], *rows)}).wave_text


def test_an_unknown_column_is_named_with_the_nearest_question(survey):
    text = _web("研修会場の満足度", ["満足", "不満"] * 20, survey)
    assert "# TODO 設問に対応しない列「研修会場の満足度」。もっとも近いもの: " in text
    assert tomllib.loads(text)["files"][0]["columns"] == {"section": "部局"}


def test_an_unknown_label_is_named_only_when_it_is_almost_an_option(survey):
    cells = ["よくわからない"] * 9 + ["協働した経験あり"] * 9 + ["協働した経験はない"] * 9 + ["これは私だけの考えです"] * 9
    text = _web("問2 協働の経験", cells, survey)
    assert '# TODO "協働した経験あり" = "yes"' in text
    assert "私だけ" not in text and "選択肢にない記入 1種類、9件（11～11文字）" in text


def _keyed(upper: list[str], lower: list[str], *rows: list) -> bytes:
    book = openpyxl.Workbook()
    for row in (["入力表"], upper, lower, *rows):
        book.active.append(row)
    book.active.title = "総務部"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_dash_among_ticks_is_no_state(survey):
    """Some services write "-" where nothing is ticked: then it must not be read as 非該当."""
    labels = [option.label for option in survey.question("reason").offered("2025")]
    head = ["", "", "問3 協働したことがない理由", *[""] * (len(labels) - 1)]
    rows = [[n, "総務部", *("○" if place == n % 8 else "-" for place in range(8))] for n in range(1, 9)]
    text = propose(survey, "staff", "2025", {"a.xlsx": _keyed(head, ["No", "部局", *labels], *rows)}).wave_text
    assert 'reason = "問3 協働したことがない理由"' in text and "選択肢ごとの8列" in text
    assert "not_applicable" not in text and "「-」の意味が分かりません" in text


def test_one_column_of_an_option_is_not_the_question(survey):
    """The other options have no column here: the one that is left must not pass for the whole question."""
    labels = [option.label for option in survey.question("reason").offered("2025")]
    rows = [[n, "総務部", labels[0], "x"] for n in range(1, 9)]
    content = _keyed(["", "", "問3 理由", ""], ["No", "部局", labels[0], "別の列"], *rows)
    columns = tomllib.loads(propose(survey, "staff", "2025", {"a.xlsx": content}).wave_text)["files"][0]["columns"]
    assert columns == {"section": "部局"}


def test_notes_of_a_reader_do_not_stop_a_draft(survey):
    book = openpyxl.load_workbook(RAW / "2025" / "R7_入力表.xlsx")
    book["総務部"].row_dimensions[6].hidden = True
    book["集計"].sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    assert propose(survey, "staff", "2025", {"a.xlsx": stream.getvalue()}).wave_text


def test_a_bare_number_of_a_free_answer_is_left_to_the_officer(survey):
    """No header and no answer says whose it is; the number may be an old one."""
    text = _web("問9", [f"{n}番目に思ったこと" for n in "一二三四五六七八九"], survey)
    assert '# TODO good = "問9"' in text


def test_a_bare_number_that_the_answers_contradict_is_not_believed(survey):
    text = _web("問1", ["協働した経験がある", "協働した経験はない", "よくわからない"] * 9, survey)
    assert 'experience = "問1"' in text and "meaning = " not in text.split("[[files]]")[1]


def test_a_code_that_no_option_has_is_named(survey):
    text = _web("問2 協働の経験", ["1", "2", "3", "9", "99", "1,2"] * 9, survey)
    assert "意味の分からない符号 9（9件）" in text and "has_codes = true" in text and 'no_answer = ["99"]' in text


def test_a_sheet_that_is_no_group_and_a_group_that_is_no_option_are_named(survey):
    book = openpyxl.load_workbook(RAW / "2025" / "R7_入力表.xlsx")
    book["会計室"].title = "税務課"
    stream = io.BytesIO()
    book.save(stream)
    roster = "部局,人数\n総務部,58\n企画財政部,41\n税務課,3\n合計,102\n".encode("cp932")
    text = propose(survey, "staff", "2025", {"a.xlsx": stream.getvalue(), "名簿.csv": roster}).wave_text
    assert '# TODO "税務課" = { section = ' in text
    assert "# TODO 職員名簿の区分「税務課」が選択肢にありません" in text
    assert "税務課" not in tomllib.loads(text)["files"][0]["sheets"]


def test_without_a_roster_the_population_is_a_todo(survey):
    contents = {name: content for name, content in _contents("2025").items() if "名簿" not in name}
    text = propose(survey, "staff", "2025", contents).wave_text
    assert "# TODO [population]" in text and "# TODO total = 0  # 前回は" in text


@given(st.permutations(range(16)))
@settings(max_examples=5, deadline=None)
def test_the_order_of_columns_does_not_matter(survey, order):
    rows = list(csv.reader(io.StringIO((RAW / "2021" / "R3回答一覧.csv").read_bytes().decode("cp932"), newline="")))[:120]
    contents = {"a.csv": _csv(*([row[place] for place in order] for row in rows))}
    columns = tomllib.loads(propose(survey, "staff", "2021", contents).wave_text)["files"][0]["columns"]
    assert columns == dict(survey.wave("2021").files[0].columns)


# ---- the verb


def _last_problem(words: list[str], workspace, capsys) -> str:
    before = {path for path in workspace.rglob("*")}
    assert main(["propose", *words, "--root", str(workspace)]) == 2
    assert {path for path in workspace.rglob("*")} == before
    printed = capsys.readouterr().out
    assert "何も書き込んでいません" in printed and "Traceback" not in printed
    return printed


def test_nothing_is_written_over(tmp_path, capsys):
    workspace = copy_survey("staff", tmp_path)
    before = (workspace / "surveys/staff/waves/2025.toml").read_bytes()
    assert "上書きしません" in _last_problem(["staff", "--wave", "2025"], workspace, capsys)
    assert (workspace / "surveys/staff/waves/2025.toml").read_bytes() == before


def test_files_lying_elsewhere_are_never_copied(tmp_path, capsys):
    workspace = _without("2025", tmp_path / "w")
    elsewhere = tmp_path / "受信.csv"
    elsewhere.write_text("受付番号,部局\n1,総務部\n", encoding="utf-8")
    printed = _last_problem(["staff", str(elsewhere), "--wave", "2025"], workspace, capsys)
    assert "data/raw/staff/2025/ に置いて" in printed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "調査の名前がない"),
        (["staff"], "--wave 2025"),
        (["Staff", "--wave", "2025"], "使えない文字"),
        (["staff", "--wave", "7"], "調査回（年度）が分かりません"),
        (["staff", "R7_Web回答.xlsx", "--wave", "2025"], "似た名前「R7_Web回答.csv」"),
        (["staff", "--wave", "2027"], "受け取ったファイルがありません"),
        (["../x", "--wave", "2025"], "使えない文字"),
    ],
)
def test_wrong_words_are_explained(tmp_path, capsys, words, said):
    workspace = copy_survey("staff", tmp_path) if "2027" in words else _without("2025", tmp_path)
    assert said in _last_problem(words, workspace, capsys)


def test_unreadable_files_are_all_named_at_once(tmp_path, capsys):
    workspace = _without("2025", tmp_path)
    raw = workspace / "data/raw/staff/2025"
    for path in raw.iterdir():
        path.unlink()
    (raw / "a.xlsx").write_bytes(b"PK\x03\x04 broken")
    (raw / "b.csv").write_bytes(b'a,b\n1,"open\n')
    (raw / "~$a.xlsx").write_bytes(b"lock")
    printed = _last_problem(["staff", "--wave", "2025"], workspace, capsys)
    assert "a.xlsx" in printed and "b.csv" in printed and "エラー 2件" in printed
    assert "python -m pipeline check" not in printed and "~$" not in printed


def test_the_wave_is_read_off_the_folder(tmp_path, monkeypatch):
    workspace = _without("2023", tmp_path)
    monkeypatch.chdir(workspace)
    file = next((workspace / "data/raw/staff/2023").glob("*.xlsx"))
    assert main(["propose", "staff", str(file.relative_to(workspace))]) == 0
    assert (workspace / "surveys/staff/waves/2023.toml").exists()


def test_a_crash_between_the_two_files_can_be_run_again(tmp_path, monkeypatch):
    copy_survey("staff", tmp_path)
    (tmp_path / "data/raw/staff").rename(tmp_path / "data/raw/kyodo")
    write = verb._write_new

    def fails(path, text):
        if path.parent.name == "waves":
            raise OSError(28, "full")
        write(path, text)

    monkeypatch.setattr(verb, "_write_new", fails)
    words = ["propose", "kyodo", "--wave", "2023", "--root", str(tmp_path)]
    assert main(words) == 2
    monkeypatch.setattr(verb, "_write_new", write)
    path = tmp_path / "surveys/kyodo/survey.toml"
    path.write_text(_filled(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert main(words) == 0


# ---- the small parts


def test_the_keying_workbook_needs_no_mapping(tmp_path, capsys):
    copy_survey("staff", tmp_path)
    wave = (tmp_path / "surveys/staff/waves/2025.toml").read_text(encoding="utf-8")
    coming = wave[: wave.index("[[files]]")].replace("2026-01", "2028-01").replace("2025-12", "2027-12")
    (tmp_path / "surveys/staff/waves/2027.toml").write_text(coming, encoding="utf-8")
    raw = tmp_path / "data/raw/staff"
    raw.joinpath("2027").mkdir()
    shutil.copy(raw / "2025" / "職員名簿_部局別人数.csv", raw / "2027")
    assert main(["template", "staff", "--wave", "2027", "--root", str(tmp_path)]) == 0
    shutil.copy(tmp_path / "data/review/staff/2027/入力表_2027.xlsx", raw / "2027")
    (tmp_path / "surveys/staff/waves/2027.toml").unlink()
    assert main(["propose", "staff", "--wave", "2027", "--root", str(tmp_path)]) == 0
    draft = (tmp_path / "surveys/staff/waves/2027.toml").read_text(encoding="utf-8")
    assert 'layout = "template"' in draft and "[files.columns]" not in draft


def test_every_reader_has_its_recogniser():
    assert set(RECOGNISERS) == set(READERS)


def test_waves_are_called_as_people_call_them():
    assert [wave_label(wave) for wave in ("1989", "2018", "2019", "2025", "2025-2")] == [
        "平成元年度", "平成30年度", "令和元年度", "令和7年度", "令和7年度（2回目）",
    ]  # fmt: skip


def test_numbers_and_likeness():
    assert [number_of(text) for text in ("問3 理由", "Q3", "Ｑ１２．年代", "3 理由", "設問４：")] == ["3", "3", "12", "", "4"]
    assert likeness("問3 協働の経験（1つ）", "問5　協働の経験") == 1.0
    labels = ["②主任・主査級", "(1) はい", "2. いいえ", "③20年以上", "20年以上", "1.5年未満"]
    assert [without_enumeration(text) for text in labels] == ["主任･主査級", "はい", "いいえ", "20年以上", "20年以上", "1.5年未満"]
    assert likeness("年代", "年代をお答えください。") < 1 and likeness("協働の経験", "好きな食べ物") < 0.4


plain = st.one_of(st.text(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.dates(min_value=date(1000, 1, 1)))
nested = st.recursive(plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12)


@given(st.dictionaries(st.text(), nested), st.text(), st.text())
def test_what_is_written_as_toml_is_read_back(content, remark, words):
    lines = [toml_text.comment(words)]
    for name, value in content.items():
        lines += [toml_text.entry(name, value, remark), toml_text.todo(toml_text.entry(name, value, words))]
    assert tomllib.loads("\n".join(lines)) == content


@given(st.dictionaries(st.text(), nested, min_size=1))
def test_a_todo_line_is_right_once_its_mark_is_taken_away(content):
    lines = [toml_text.todo(toml_text.entry(*pair)) for pair in content.items()]
    assert all(line.startswith(toml_text.TODO) and "\n" not in line for line in lines)
    assert tomllib.loads("\n".join(line.removeprefix(toml_text.TODO) for line in lines)) == content


def test_a_draft_names_the_survey_as_it_stood(survey):
    """A later wave that is already defined teaches nothing about an earlier one."""
    cut = replace(survey, waves=tuple(wave for wave in survey.waves if wave.key < "2021"))
    contents = _contents("2021")
    assert propose(cut, "staff", "2021", contents) == propose(survey, "staff", "2021", contents)
