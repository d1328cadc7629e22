"""The keying workbook: what is keyed is what is read; what was not written by it is refused."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import definitions, ingest
from pipeline.__main__ import main
from pipeline.ingest.template import keying_workbook
from pipeline.messages import problems_text
from pipeline.model import (
    EMPTY,
    Option,
    Population,
    Question,
    ReceivedFile,
    Route,
    Survey,
    Wave,
    frozen_mapping,
)
from tests.conftest import ROOT, copy_survey
from tests.test_ingest_exports import EXPORTS

FIRST_ROW = 5
FILE = ReceivedFile("入力表.xlsx", "template", "紙")


def columns_of(sheet) -> dict[str, int]:
    """Return "question", "question.option" or "….option text" → column, by the ids of the sheet."""
    ids = {cell.column: str(cell.value) for cell in sheet[4] if cell.value and cell.column > 2}
    return {text if text.endswith(" text") else text.split(" ")[0]: column for column, text in ids.items()}


def key(sheet, serial: int, answers: dict[str, object]) -> None:
    """Key the answers of the form ``serial``."""
    columns = columns_of(sheet)
    for name, value in answers.items():
        cell = sheet.cell(serial + FIRST_ROW - 1, columns[name], value)
        if isinstance(value, str):
            cell.data_type = "s"


def saved(book) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def opened(survey: Survey):
    return openpyxl.load_workbook(io.BytesIO(keying_workbook(survey, survey.newest)))


def read(survey: Survey, content: bytes) -> ingest.Received:
    """Read the workbook as the only file of the newest wave."""
    survey = replace(survey, waves=(replace(survey.newest, files=(FILE,)),))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / survey.newest.key).mkdir()
        (Path(folder) / survey.newest.key / FILE.file).write_bytes(content)
        return ingest.read(survey, Path(folder))


def errors(received: ingest.Received) -> str:
    return problems_text([problem for problem in received.problems if problem.is_error])


@pytest.fixture
def small(tmp_path) -> Survey:
    """The survey of the export cases, with two sections."""
    folder = tmp_path / "surveys" / "case"
    (folder / "waves").mkdir(parents=True)
    for name in ("survey.toml", "themes.tsv"):
        shutil.copy(EXPORTS / name, folder / name)
    text = (EXPORTS / "keyed_sections" / "wave.toml").read_text(encoding="utf-8")
    (folder / "waves" / "2025.toml").write_text(text.split("[[files]]")[0], encoding="utf-8")
    survey = definitions.load(tmp_path, "case")
    assert not survey.waves
    return replace(survey, waves=survey.preparing)


# ---- random answers, keyed and read back ----


@dataclass(frozen=True)
class Form:
    """One paper form. ``group`` "" = section unknown; ``one`` an option or a state; "" words = nothing."""

    group: str
    one: str
    many: tuple[str, ...]
    words: str


GROUPS = (Option("a", "総務\"部\":本庁/支'所&出張所"), Option("b", "こども*未来[部]"), Option("c", "休止中"))
LABELS = ("はい、そう思う", "いいえ", "知識,経験", "20～29年", "A・B", "10〜19年", "＝該当", "1 よい")
WORDS = st.text('あいう漢字ABC 12、,;=-+@"\n。～', min_size=1).filter(
    lambda t: t.strip() and t.strip() not in ("99", "88")
)


@st.composite
def surveys(draw) -> tuple[Survey, list[Form]]:
    labels = draw(st.permutations(LABELS))
    one = Question("one", "問", "single", options=tuple(Option(f"o{n}", t) for n, t in enumerate(labels[:4])))
    options = [Option(f"m{n}", t) for n, t in enumerate(labels[:5])]
    options += [Option("z", "その他", is_other=True), Option("none", "特にない", is_exclusive=True)]
    route = draw(st.sampled_from((None, Route("one", ("o0", "o2")))))
    limit = draw(st.sampled_from((None, 2)))
    many = Question("many", "複数", "multiple", options=tuple(options), route=route, limit=limit)
    section = Question("section", "部局", "single", options=GROUPS, is_attribute=True)
    words = Question("words", "自由", "text")
    by_section = draw(st.booleans())
    people = Population(25, "section", frozen_mapping({"a": 15, "b": 10, "c": 0}) if by_section else EMPTY)
    questions = (section, one, many, words)
    wave = Wave("2025", "令和7年度", frozen_mapping({q.id: "" for q in questions}), people)
    picked = st.lists(st.sampled_from([o.id for o in options if o.id != "none"]), unique=True).map(tuple)
    forms = st.builds(
        Form,
        st.sampled_from(("a", "b", "")),
        st.sampled_from([*(o.id for o in one.options), "no_answer", "invalid"]),
        picked | st.sampled_from((("none",), ("none", "m1"))),
        st.just("") | WORDS,
    )
    return Survey("random", "題", "市", questions, (wave,)), draw(st.lists(forms, min_size=1, max_size=9))


def expected(survey: Survey, form: Form) -> list[str]:
    _, one, many, _ = survey.questions
    is_asked = many.route is None or form.one in many.route.options
    is_invalid = (many.limit and len(form.many) > many.limit) or len(form.many) > 1 and "none" in form.many
    state = "not_applicable" if not is_asked else "invalid" if is_invalid else "answered" if form.many else "no_answer"
    ticks = [str(int(o.id in form.many)) if state == "answered" else "" for o in many.options]
    return [form.group or "no_answer", form.one, state, *ticks, "answered" if form.words else "no_answer"]


def answers_of(survey: Survey, form: Form, random) -> dict[str, object]:
    """Return what a person keys for ``form``: numbers or text, a blank or the code of 無回答."""
    _, one, many, _ = survey.questions
    numbers = {option.id: n for n, option in enumerate(one.options, start=1)}
    numbers |= {"invalid": 88, "no_answer": 99}
    code = numbers[form.one]
    answers: dict[str, object] = {"one": random.choice((code, str(code)))}
    answers |= {f"many.{option}": random.choice((1, "1", "○", "レ", "１")) for option in form.many}
    if not form.many and random.random() < 0.3 and (many.route is None or form.one in many.route.options):
        answers["many.m0"] = 99
    if form.words:
        answers["words text"] = form.words
    return answers


@given(surveys(), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_random_answers_keyed_are_read_back(drawn, random):
    survey, forms = drawn
    book = opened(survey)
    names = [name for name in book.sheetnames[2:] if not name.endswith("（2回目）")]
    is_split = len(names) > 1
    assert len(names) == (3 if is_split else 1), "a group of nobody has no sheet"
    by_group = dict(zip(("a", "b", ""), names, strict=True)) if is_split else dict.fromkeys(("a", "b", ""), names[0])
    used: dict[str, int] = {}
    rows: dict[str, list[list[str]]] = {name: [] for name in names}
    texts: dict[str, list[str]] = {name: [] for name in names}
    for form in forms:
        name = by_group[form.group]
        serial = used[name] = used.get(name, 0) + random.choice((1, 2))
        answers = answers_of(survey, form, random)
        if not is_split and form.group:
            answers["section"] = 1 + "abc".index(form.group)
        key(book[name], serial, answers)
        if random.random() < 0.5:
            again = {k: v for k, v in answers.items() if not k.endswith(" text")}
            key(book[f"{name}（2回目）"], serial, again)
        rows[name].append(expected(survey, form))
        texts[name] += [form.words] if form.words else []
    received = read(survey, saved(book))
    assert not errors(received).startswith("[エラー]"), errors(received)
    found = received.responses[list(received.responses.columns)[5:]].to_numpy().tolist()
    assert found == [row for name in names for row in rows[name]]
    # A line end of Windows is a line end; nothing else that was typed changes.
    assert list(received.comments["text"]) == [text for name in names for text in texts[name]]
    assert list(received.ledger["status"]).count("accepted") == len(forms)


# ---- two keyings ----

ANSWERS = {"tenure": 1, "experience": 2, "reason.busy": 1}


def test_two_equal_keyings_are_one_answer(small):
    book = opened(small)
    key(book["総務部"], 3, ANSWERS | {"voice text": "一度だけ"})
    key(book["総務部（2回目）"], 3, ANSWERS | {"reason.busy": "○"})
    key(book["こども未来部"], 1, {"tenure": 2})
    received = read(small, saved(book))
    assert not received.problems and len(received.responses) == 2
    reasons = received.ledger[received.ledger["reason"] == "second_keying"]
    assert list(reasons["sheet"]) == ["総務部（2回目）"] and list(reasons["row"].astype(int)) == [7]


def test_different_keyings_stop_with_both_cells(small):
    book = opened(small)
    key(book["総務部"], 3, ANSWERS)
    key(book["総務部（2回目）"], 3, ANSWERS | {"tenure": 2, "reason.skill": 1})
    key(book["こども未来部（2回目）"], 2, {"tenure": 2})
    text = errors(read(small, saved(book)))
    assert "総務部!C7 と 総務部（2回目）!C7" in text and "「1」／「2」" in text
    assert "reason.skill ない理由" in text and "空欄／「1」" in text
    assert "2回目だけに入力があり" in text and "こども未来部（2回目）!6行目" in text
    assert text.endswith("エラー 3件、注意 0件")


def test_words_are_keyed_once_and_never_shown(small):
    book = opened(small)
    key(book["総務部"], 1, ANSWERS | {"reason.other text": "ひみつの内容", "voice text": "ひみつの意見"})
    key(book["総務部（2回目）"], 1, ANSWERS | {"reason.other text": "ちがう内容"})
    received = read(small, saved(book))
    (note,) = [problem for problem in received.problems if "1件もない" not in problem.what]
    assert not note.is_error and "「その他」が選ばれていません" in note.what and note.cell == "K5"
    assert "ひみつ" not in problems_text(received.problems)


def test_a_numbered_row_is_a_form_only_when_something_is_keyed(small):
    book = opened(small)
    key(book["総務部"], 4, {"tenure": 99})
    key(book["部局不明"], 1, {"section": 2, "experience": 1})
    received = read(small, saved(book))
    assert not received.problems
    assert list(received.responses["section"]) == ["somu", "kodomo"]
    assert list(received.responses["tenure"]) == ["no_answer", "no_answer"]


def test_one_form_in_two_files_stops_and_shared_work_adds_up(small, tmp_path):
    files = (replace(FILE, file="甲.xlsx"), replace(FILE, file="乙.xlsx"))
    survey = replace(small, waves=(replace(small.newest, files=files),))
    (tmp_path / "raw" / "2025").mkdir(parents=True)
    for file, serials in zip(files, ((1, 2, 3), (3, 4)), strict=True):
        book = opened(small)
        for serial in serials:
            key(book["総務部"], serial, ANSWERS)
        key(book["こども未来部"], serials[-1], {"tenure": len(serials)})
        (tmp_path / "raw" / "2025" / file.file).write_bytes(saved(book))
    received = ingest.read(survey, tmp_path / "raw")
    (problem,) = received.problems
    assert "2つの入力表" in problem.what and problem.file.endswith("乙.xlsx") and "甲.xlsx" in problem.found
    assert (problem.sheet, problem.cell) == ("総務部", "A7") and len(received.responses) == 7


# ---- what is refused ----


def _change_header(book) -> None:
    book["総務部"]["D3"] = "1～9"


def _swap_ids(book) -> None:
    sheet = book["総務部"]
    sheet["C4"], sheet["D4"] = sheet["D4"].value, sheet["C4"].value


def _insert_row(book) -> None:
    book["総務部"].insert_rows(1)


def _insert_column(book) -> None:
    book["総務部"].insert_cols(4)


def _head_a_column(book) -> None:
    book["総務部"].cell(3, 20, "感想")


def _remark_beyond(book) -> None:
    book["総務部"].cell(6, 20, "めも")


def _drop_sheet(book) -> None:
    del book["こども未来部"]


def _copy_sheet(book) -> None:
    book.copy_worksheet(book["総務部"])


def _add_sheet(book) -> None:
    book.create_sheet("集計")["A1"] = 1


def _other_wave(book) -> None:
    for sheet in book.worksheets[2:]:
        sheet["A4"] = sheet["A4"].value.replace("2025", "2023")


CHANGES = {
    "header": (_change_header, ["見出しが変わっています", "D3", "「1～9」", "「1～3」"]),
    "ids": (_swap_ids, ["見出しが変わっています", "C4、D4"]),
    "row above": (_insert_row, ["入力表のシートではないシート", "A4"]),
    "column between": (_insert_column, ["見出しが変わっています", "D2"]),
    "new header": (_head_a_column, ["見出しが変わっています", "T3"]),
    "remark beyond": (_remark_beyond, ["見出しのない列に記入があります", "T6"]),
    "sheet lost": (_drop_sheet, ["シートが足りない", "足りない番号 2"]),
    "sheet copied": (_copy_sheet, ["余っています", "同じシートが2枚"]),
    "sheet added": (_add_sheet, ["入力表のシートではない", "集計"]),
    "other wave": (_other_wave, ["別の調査回の入力表", "case/2023", "case/2025"]),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_was_changed_is_refused_and_named(small, case):
    change, words = CHANGES[case]
    book = opened(small)
    key(book["総務部"], 1, ANSWERS)
    change(book)
    text = errors(read(small, saved(book)))
    assert text.startswith("[エラー]")
    for word in words:
        assert word in text, text


def test_options_changed_after_keying_are_refused_and_rewording_is_not(small):
    book = opened(small)
    key(book["総務部"], 1, ANSWERS)
    content = saved(book)

    def changed(**more) -> Survey:
        questions = [replace(q, **more) if q.id == "experience" else q for q in small.questions]
        return replace(small, questions=tuple(questions))

    options = small.question("experience").options
    text = errors(read(changed(options=options[::-1]), content))
    assert "設問や選択肢が変わっています" in text and "D4" in text
    assert not any(p.is_error for p in read(changed(label="市民との協働の経験"), content).problems)


def test_another_workbook_is_not_taken_for_one(small):
    book = openpyxl.Workbook()
    book.active["A1"] = "No"
    assert "入力表ではありません" in errors(read(small, saved(book)))


# ---- the workbook itself ----


def test_the_workbook_is_for_an_officer(small):
    content = keying_workbook(small, small.newest)
    assert content == keying_workbook(small, small.newest)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.active.title == "記入要領" and all(s.sheet_state == "visible" for s in book.worksheets)
    sheet = book["総務部"]
    assert (sheet.freeze_panes, sheet.page_setup.paperSize, sheet.max_row) == ("C5", 9, 4 + 12)
    assert sheet.sheet_view.topLeftCell is None
    assert [sheet.cell(row, 1).value for row in (5, 16)] == [1, 12]
    lists = {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation}
    assert lists["C5:C16"] == '"1,2,3,99,88"' and lists["E5:E16"] == '"1,99,88"'
    assert "K5:K16" not in lists, "the words of その他 are free"
    assert sheet.protection.sheet and sheet["C3"].protection.locked and not sheet["C5"].protection.locked
    assert book["総務部（2回目）"]["K5"].protection.locked, "words are keyed once"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            assert b'hidden="1"' not in archive.read(name)


def test_a_wave_in_preparation_has_a_template_and_changes_no_report(tmp_path, capsys):
    copy_survey("staff", tmp_path)
    waves = tmp_path / "surveys" / "staff" / "waves"
    text = (waves / "2025.toml").read_text(encoding="utf-8").split("[[files]]")[0]
    text = text.replace("2026-", "2028-").replace("2025-", "2027-").replace("roster = {", "total = 40 #")
    # Forty people have no margins yet.
    text = text.split("[population.margins]")[0] + "[wording]" + text.split("[wording]")[1]
    (waves / "2027.toml").write_text(text, encoding="utf-8")
    command = ["template", "staff", "--root", str(tmp_path)]
    assert main(command) == 0
    target = tmp_path / "data" / "review" / "staff" / "2027" / "入力表_2027.xlsx"
    assert "data/review/staff/2027/入力表_2027.xlsx" in capsys.readouterr().out
    before = target.read_bytes()
    assert openpyxl.load_workbook(target).sheetnames == ["記入要領", "入力状況", "入力", "入力（2回目）"]
    assert main(command) == 2
    assert "書き換えません" in capsys.readouterr().out and target.read_bytes() == before
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    assert main(["check", "staff", "--root", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "準備中の調査回" in printed and "waves/2027.toml" in printed and "令和7年度: 対象者" in printed


def test_a_new_survey_in_preparation_has_a_template_and_no_report_yet(small, tmp_path, capsys):
    for verb in ("check", "report"):
        assert main([verb, "case", "--root", str(tmp_path)]) == 2
        assert "回答のある調査回がまだありません" in capsys.readouterr().out
    assert main(["template", "case", "--root", str(tmp_path)]) == 0
    copy_survey("nagaokakyo", tmp_path)
    assert main(["check", "--root", str(tmp_path)]) == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [([], "1つだけ書いてください"), (["staf"], "staff"), (["staff", "--wave", "2024"], "調査回のファイルがありません")],
)
def test_a_template_of_nothing_is_explained(tmp_path, capsys, words, message):
    copy_survey("staff", tmp_path)
    assert main(["template", *words, "--root", str(tmp_path)]) == 2
    assert message in capsys.readouterr().out and not (tmp_path / "data" / "review").exists()


def test_the_wave_file_says_three_things_only(tmp_path, capsys):
    copy_survey("staff", tmp_path)
    path = tmp_path / "surveys" / "staff" / "waves" / "2025.toml"
    entry = '\n[[files]]\nfile = "入力表.xlsx"\nlayout = "template"\nmode = "紙"\nserial = "No"\n'
    path.write_text(path.read_text(encoding="utf-8") + entry, encoding="utf-8")
    assert main(["check", "staff", "--root", str(tmp_path)]) == 2
    assert "入力表（template）には書かない項目です" in capsys.readouterr().out


# ---- LibreOffice ----


def resaved(content: bytes, folder: Path) -> bytes:
    """Return the workbook as LibreOffice saves it, calculated."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if not office:
        pytest.skip("LibreOffice (soffice) がないため、LibreOffice で保存し直した入力表の試験をしていません")
    (folder / "in.xlsx").write_bytes(content)
    command = [office, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to"]
    command += ["xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "out"), str(folder / "in.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return (folder / "out" / "in.xlsx").read_bytes()


def test_a_workbook_saved_by_libreoffice_reads_the_same(small, tmp_path):
    book = opened(small)
    key(book["総務部"], 1, ANSWERS | {"voice text": "一行目\n「二行目」 =1+1", "reason.other text": "1-2"})
    key(book["総務部"], 2, {"experience": 1, "tenure": 88})
    key(book["総務部"], 3, {"experience": 3, "tenure": 1})
    key(book["総務部（2回目）"], 1, ANSWERS)
    key(book["総務部（2回目）"], 3, {"experience": 3, "tenure": 1})
    key(book["部局不明"], 2, {"tenure": 1})
    content = saved(book)
    again = resaved(content, tmp_path)
    one, other = read(small, content), read(small, again)
    assert one.responses.equals(other.responses) and one.comments.equals(other.comments)
    assert [replace(p, file="") for p in one.problems] == [replace(p, file="") for p in other.problems]
    counted = ["sheet", "row", "status", "reason"]
    assert one.ledger[counted].equals(other.ledger[counted])
    # Keyed on after that, a difference is seen by the formulas and by the reader.
    book = openpyxl.load_workbook(io.BytesIO(again))
    key(book["総務部（2回目）"], 3, {"tenure": 2})
    (tmp_path / "second").mkdir()
    third = resaved(saved(book), tmp_path / "second")
    assert "総務部!C7 と 総務部（2回目）!C7" in errors(read(small, third))
    values = openpyxl.load_workbook(io.BytesIO(third), data_only=True)
    assert [values["総務部"].cell(row, 2).value or "" for row in range(5, 9)] == ["済", "済", "違い", ""]
    assert [cell.value for cell in values["入力状況"][5]] == ["総務部", 12, 3, 2, 1]


def test_the_sample_survey_has_a_template():
    survey = definitions.load(ROOT, "staff")
    book = openpyxl.load_workbook(io.BytesIO(keying_workbook(survey, survey.newest)))
    rows = {s.title: s.max_row - 4 for s in book.worksheets[2:17]}
    assert len(rows) == 15 and rows.pop("部局不明") == 30
    assert sum(rows.values()) == survey.newest.population.total
