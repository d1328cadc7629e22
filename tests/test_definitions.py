"""Broken survey files: every problem at once, in Japanese, with the place and the nearest match."""

from __future__ import annotations

import re
import shutil

import pytest

from pipeline import definitions, matching
from pipeline.__main__ import main
from pipeline.model import ProblemsFound
from tests.conftest import ROOT, copy_survey

#: Each case: file of the staff survey, text to find, text to put, words of the message.
BROKEN = {
    "mistyped key": ("survey.toml", 'organisation = "', 'organization = "', ["知らない項目です", "organisation", "必要な項目がありません"]),
    "unknown kind": ("survey.toml", 'kind = "multiple"', 'kind = "multi"', ["使えない言葉です", "multiple"]),
    "net of nothing": ("survey.toml", 'options = ["well", "roughly"]', 'options = ["well", "rough"]', ["選択肢にないIDです", "roughly"]),
    "toml syntax": ("survey.toml", 'title = "', "title = ", ["TOMLの書き方", "行目"]),
    "option twice": ("survey.toml", 'id = "roughly"', 'id = "well"', ["2回以上"]),
    "tiny groups": ("disclosure.toml", "minimum_group = 10", "minimum_group = 3", ["小さすぎます", "5以上"]),
    "route to nowhere": ("survey.toml", 'question = "experience"', 'question = "experiense"', ["分岐元", "experience"]),
    "long fieldwork": ("waves/2025.toml", r"end = 20\d\d-\d\d-\d\d", "end = 2026-06-30", ["長すぎます", "90日以内"]),
    "wrong fiscal year": ("waves/2025.toml", r"start = (\S+), end = (\S+) ", "start = 2024-01-10, end = 2024-01-20 ", ["年度に重なりません"]),
    "unknown layout": ("waves/2021.toml", 'layout = "csv"', 'layout = "cvs"', ["使えない言葉です", "csv"]),
    "column of no question": ("waves/2025.toml", r"\nmeaning = \"([^\"]*)\"\n", r'\nmeanin = "\1"\n', ["meaning"]),
    "no header at all": ("waves/2021.toml", r'(\[files.columns\][^\[]*?\nmeaning = )"[^"]*"', r"\1[]", ["見出しがありません", "columns.meaning"]),
    "a number for a header": ("waves/2023.toml", r'(\[files.columns\][^\[]*?\nconsult = )"([^"]*)"', r'\1["\2", 2]', ["文字でないもの", "columns.consult"]),
    "impossible percent": ("published.csv", r"(response,回答,)[\d.]+", r"\g<1>12.3", ["published.csv", "人数"]),
    "unsigned grade": ("comparability.csv", r",(\d{4}-\d{2}-\d{2})(\r?\n)", r",\2", ["空欄にできません", "date"]),
    "label that is a formula": ("survey.toml", r'label = "[^"]*"', 'label = "=1+1"', ["計算式として読まれる", "=1+1"]),
    "wide sign": ("survey.toml", r'notice = "', 'notice = "＝', ["計算式として読まれる", "notice"]),
    "wording that is a command": ("waves/2025.toml", r'\nmeaning = "', '\nmeaning = "-', ["計算式として読まれる", "wording.meaning"]),
    "reason that is a formula": ("comparability.csv", r"(flagged|broken|same),", r"\1,+", ["計算式として読まれる", "comparability.csv", "reason"]),
    "page of no wave": ("page/2025.md", None, "page/1999.md", ["調査回のないページ"]),
}  # fmt: skip


def _break(folder, file, old, new):
    path = folder / file
    if old is None:
        shutil.copy(path, folder / new)
        return
    text = path.read_bytes().decode("utf-8-sig")
    changed = re.sub(old, new, text, count=1) if re.search(old, text) else text.replace(old, new, 1)
    assert changed != text, f"{file} does not hold {old}"
    path.write_bytes(changed.encode("utf-8"))


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_survey_file_is_explained(case, tmp_path):
    file, old, new, words = BROKEN[case]
    copy_survey("staff", tmp_path)
    _break(tmp_path / "surveys" / "staff", file, old, new)
    with pytest.raises(ProblemsFound) as found:
        definitions.load(tmp_path, "staff")
    text = "\n".join(map(repr, found.value.problems))
    for word in words:
        assert word in text
    for problem in found.value.problems:
        assert problem.file.startswith("surveys/staff/")
        assert re.search(r"[ぁ-ん]", problem.what)


def test_all_problems_of_all_files_in_one_go_and_nothing_is_touched(tmp_path, capsys):
    copy_survey("staff", tmp_path)
    # Two of them would change the same line.
    together = [case for case in BROKEN if case not in ("toml syntax", "long fieldwork")]
    for case in together:
        _break(tmp_path / "surveys" / "staff", *BROKEN[case][:3])
    before = sorted(path for path in tmp_path.rglob("*"))
    for verb in ("check", "report"):
        assert main([verb, "--root", str(tmp_path)]) == 2
        printed = capsys.readouterr().out
        for case in together:
            assert any(word in printed for word in BROKEN[case][3]), case
        assert "Traceback" not in printed
        assert int(re.search(r"エラー (\d+)件", printed)[1]) >= len(together)
    assert sorted(path for path in tmp_path.rglob("*")) == before


def _roster(folder, *lines: str) -> list[str]:
    """Return what is said of the sample with this roster: the place and the words of each problem."""
    copy_survey("staff", folder)
    path = "data/raw/staff/2025/職員名簿_部局別人数.csv"
    (folder / path).write_text("\n".join(["部局,人数", *lines, ""]), encoding="utf-8")
    with pytest.raises(ProblemsFound) as found:
        definitions.load(folder, "staff")
    # Headcounts by age no longer add up to the made-up ones; that is another problem.
    own = [problem for problem in found.value.problems if problem.file == path]
    return [f"{problem.cell} {problem.what} {problem.found}" for problem in own]


def test_a_roster_without_a_department_is_no_smaller_population(tmp_path):
    """Everybody of the missing ones would be neither asked nor silent; a header alone would give no rate."""
    labels = [option.label for option in definitions.load(ROOT, "staff").question("section").offered("2025")]
    assert _roster(tmp_path / "one", *(f"{label},40" for label in labels[1:])) == [
        f" 職員名簿にない区分があります {labels[0]}"
    ]
    assert len(_roster(tmp_path / "none")) == len(labels)


def test_a_department_that_has_ended_has_no_headcount(tmp_path):
    section = definitions.load(ROOT, "staff").question("section")
    labels = [option.label for option in section.offered("2025")]
    ended = next(option.label for option in section.options if not option.is_offered("2025"))
    (said,) = _roster(tmp_path, *(f"{label},40" for label in [*labels, ended]))
    assert said == f"{len(labels) + 2}行目 職員名簿の区分が選択肢にありません {ended}"


def test_no_name_of_a_roster_is_told(tmp_path):
    labels = [option.label for option in definitions.load(ROOT, "staff").question("section").offered("2025")]
    said = _roster(tmp_path, f"{labels[0]},山田太郎", *(f"{label},40" for label in labels[1:]))
    assert said == ["2行目 人数が数ではありません 4文字の文"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('id = "meaning"', 'id = "notes"', "このIDはプログラムが使う"),
        ('id = "meaning"', 'id = "aux"', "このIDはプログラムが使う"),
        ('kind = "multiple"\n', 'kind = "multiple"\nchart = "band"\n', "帯グラフにできるのは単一回答だけ"),
    ],
)
def test_what_would_break_a_page_is_refused(old, new, words, tmp_path):
    copy_survey("staff", tmp_path)
    _break(tmp_path / "surveys" / "staff", "survey.toml", old, new)
    with pytest.raises(ProblemsFound) as found:
        definitions.load(tmp_path, "staff")
    assert words in "".join(problem.what for problem in found.value.problems)


def test_a_free_answer_without_themes_or_without_decisions_is_read_and_not_counted(tmp_path, capsys):
    """Neither may stop a page, nor pass in silence where the page has a place for it."""
    copy_survey("staff", tmp_path)
    folder = tmp_path / "surveys" / "staff"
    _break(folder, "survey.toml", 'box = "good"', 'box = ""')
    _break(folder, "page/2025.md", re.escape("[[good]]"), "")
    (folder / "coding" / "decisions.csv").unlink()
    path = folder / "coding" / "2025" / "lines.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "good," not in line), encoding="utf-8")
    assert main(["report", "--root", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "[[hard]]" in printed and "分類が終わっていない" in printed and "[[good]]" not in printed
    public = tmp_path / "reports" / "staff" / "2025" / "public"
    assert not (public / "fragments" / "good.html").exists()
    page = (public / "page.html").read_text(encoding="utf-8")
    assert page.count("この項目には、掲載できる数値がありません。") == 1 and "★" not in page
    (folder / "themes.tsv").unlink()
    with pytest.raises(ProblemsFound) as found:
        definitions.load(tmp_path, "staff")
    assert "自由記述の主題がありません" in found.value.problems[0].what


def test_a_signature_for_a_wave_that_did_not_ask_is_refused(tmp_path):
    copy_survey("staff", tmp_path)
    path = tmp_path / "surveys" / "staff" / "comparability.csv"
    path.write_bytes(path.read_bytes() + "consult,2021,2023,same,理由,課長,2024-02-22\n".encode())
    with pytest.raises(ProblemsFound) as found:
        definitions.load(tmp_path, "staff")
    assert [problem.key for problem in found.value.problems] == ["wave_from"]


def test_an_unknown_survey_is_named_with_the_nearest(tmp_path):
    copy_survey("nagaokakyo", tmp_path)
    with pytest.raises(ProblemsFound) as found:
        definitions.load(tmp_path, "nagaokakyou")
    assert "nagaokakyo" in found.value.problems[0].next_step


@pytest.mark.parametrize("codec", ["utf-8-sig", "cp932"])
def test_officers_may_save_in_other_encodings(codec, nagaokakyo_workspace):
    folder = nagaokakyo_workspace / "surveys" / "nagaokakyo"
    expected = definitions.load(nagaokakyo_workspace, "nagaokakyo")
    for path in folder.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_text(encoding="utf-8").encode(codec))
    assert definitions.load(nagaokakyo_workspace, "nagaokakyo") == expected


def test_a_reworded_question_needs_a_signature(tmp_path):
    copy_survey("staff", tmp_path)
    path = tmp_path / "surveys" / "staff" / "waves" / "2025.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r'(?m)^experience = "(.+)"$', r'experience = "\1（変更）"', text, count=1), encoding="utf-8")
    with pytest.raises(ProblemsFound) as found:
        definitions.load(tmp_path, "staff")
    messages = [p for p in found.value.problems if "署名" in p.what]
    assert [p.key for p in messages] == ["experience 2023→2025"]


def test_the_sample_surveys_load():
    assert definitions.survey_ids(ROOT) == ["nagaokakyo", "staff"]
    staff = definitions.load(ROOT, "staff")
    assert [wave.key for wave in staff.waves] == ["2017", "2019", "2021", "2023", "2025"]
    assert [wave.is_published_only for wave in staff.waves] == [True, False, False, False, False]


@pytest.mark.parametrize("text", ["-", "-5.0", "-1,234", "5-4", "", "なし（-）"])
def test_a_sign_alone_and_a_number_are_no_formula(text):
    assert not matching.is_formula(text)


@pytest.mark.parametrize("text", ["=1", "+81", "@SUM", "-5歳", "-A1", "＝1", "＋", "＠x", "\t=1"])
def test_what_a_spreadsheet_would_calculate_is_a_formula(text):
    assert matching.is_formula(text)
