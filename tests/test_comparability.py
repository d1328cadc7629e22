"""What differs between waves stops the run until it is signed; a broken pair gives no change anywhere."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from pipeline import analysis, definitions, disclosure
from pipeline.__main__ import main
from pipeline.analysis import comparability
from pipeline.definitions import differences
from pipeline.ingest import read
from pipeline.model import ProblemsFound, frozen_mapping
from pipeline.report.charts.subject import Subject
from tests import fakes, wave_survey
from tests.wave_survey import SURVEY, receive, sign, write


def _problems(root):
    with pytest.raises(ProblemsFound) as found:
        definitions.load(root, SURVEY)
    return found.value.problems


PART = "[questions.{}]\n{}"
#: What the wave 2023 does differently: keywords of ``write`` → key of the problem, both sides.
DIFFERENT = {
    "wording": ({"w2023": {"experience": "業務で市民や団体と協働しましたか。"}, "w2025": {"experience": "業務で市民や団体と協働しましたか。"}}, "experience 2021→2023", ("設問の文言", "したことがありますか", "しましたか")),
    "options": ({"wishes": wave_survey.WISHES + ', { id = "web", label = "発信力", since = "2023" }'}, "wish 2021→2023", ("選択肢", "（なし） | 「発信力」")),
    "groups": ({"parts": wave_survey.PARTS + ', { id = "d", label = "丁部", since = "2023" }'}, "part 2021→2023", ("選択肢", "「丁部」")),
    "order": ({"w2025": {"more": PART.format("wish", 'order = ["skill", "talk", "goal"]')}}, "wish 2023→2025", ("選択肢の順番", "「連絡のしやすさ」「専門性」", "「専門性」「連絡のしやすさ」")),
    "route": ({"w2025": {"more": PART.format("wish", 'route = { question = "experience", options = ["yes"] }')}}, "wish 2023→2025", ("聞く相手", "全員 | 協働の経験で「ある」と答えた人")),
    "limit": ({"w2025": {"more": PART.format("wish", "limit = 2")}}, "wish 2023→2025", ("選べる数", "いくつでも | 2つまで")),
    "mode": ({"w2025": {"mode": "紙"}}, "* 2023→2025", ("集め方", "Web | 紙")),
    "scope": ({"w2025": {"scope": "会計年度任用職員を除く職員"}}, "* 2023→2025", ("対象者の範囲", "「全職員」 | 「会計年度任用職員を除く職員」")),
}  # fmt: skip


@pytest.mark.parametrize("kind", DIFFERENT)
def test_a_difference_stops_with_both_sides_and_the_row_to_add(kind, tmp_path):
    facts, key, words = DIFFERENT[kind]
    folder = write(tmp_path, **facts)
    (problem,) = _problems(tmp_path)
    assert problem.key == key and problem.file.endswith("comparability.csv")
    for word in words:
        assert word in problem.found
    question, earlier, later = key.replace("→", " ").split()
    assert f"{question},{earlier},{later}," in problem.expected
    sign(folder, f"{question},{earlier},{later},broken")
    survey = definitions.load(tmp_path, SURVEY)
    asked = "experience" if question == "*" else question
    assert comparability.grade(survey, asked, earlier, later) == ("broken", "理由")
    assert comparability.grade(survey, asked, "2021", "2025")[0] == "broken"


def test_everything_that_differs_is_told_in_one_run(tmp_path):
    write(
        tmp_path,
        w2023={"mode": "紙", "scope": "正規職員", "experience": "協働したことがありますか。"},
        w2025={"more": PART.format("wish", "limit = 2")},
    )
    keys = [problem.key for problem in _problems(tmp_path)]
    assert keys == ["* 2021→2023", "* 2023→2025", "experience 2021→2023", "experience 2023→2025", "wish 2023→2025"]


@pytest.mark.parametrize("grade", ["same", "flagged"])
def test_a_changed_limit_can_only_be_broken(grade, tmp_path):
    folder = write(tmp_path, w2025={"more": PART.format("wish", "limit = 2")})
    assert "wish,2023,2025,broken" in _problems(tmp_path)[0].expected
    sign(folder, f"wish,2023,2025,{grade}")
    (problem,) = _problems(tmp_path)
    assert problem.expected == "grade は broken" and "いくつでも | 2つまで" in problem.found
    # nor can a wider pair say it is the same
    sign(folder, "wish,2023,2025,broken", f"wish,2021,2025,{grade}")
    assert [problem.key for problem in _problems(tmp_path)] == ["wish 2021→2025"]


def test_another_question_under_a_known_id_is_never_the_same(tmp_path):
    folder = write(tmp_path, w2025={"experience": "今後どのような研修を希望しますか。"})
    (problem,) = _problems(tmp_path)
    assert "experience_2025" in problem.next_step and "same" not in problem.expected
    sign(folder, "experience,2023,2025,same")
    (problem,) = _problems(tmp_path)
    assert "experience_2025" in problem.next_step and "flagged" in problem.expected
    sign(folder, "experience,2023,2025,broken")
    assert definitions.load(tmp_path, SURVEY)


def test_options_with_nothing_in_common_are_another_question(tmp_path):
    wishes = '{ id = "x", label = "あ", until = "2023" }, { id = "y", label = "い", until = "2023" }, { id = "z", label = "う", since = "2025" }, { id = "w", label = "え", since = "2025" }'
    folder = write(tmp_path, wishes=wishes)
    sign(folder, "wish,2023,2025,same")
    assert "wish_2025" in _problems(tmp_path)[0].next_step


def test_options_that_were_split_are_sent_to_the_table_of_links(tmp_path):
    """A link keeps the comparison that a signature of broken gives away."""
    parts = '{ id = "a", label = "甲部", until = "2023" }, { id = "b", label = "乙部" }, { id = "d", label = "甲一部", since = "2025" }, { id = "e", label = "甲二部", since = "2025" }'
    write(tmp_path, parts=parts)
    (problem,) = _problems(tmp_path)
    assert problem.key == "part 2023→2025" and f"surveys/{SURVEY}/lineage.csv" in problem.next_step
    limited = tmp_path / "limited"
    write(limited, wishes=wave_survey.WISHES + ', { id = "web", label = "発信力", since = "2025" }', limit="limit = 2")
    assert "lineage.csv" not in _problems(limited)[0].next_step


def test_a_wave_that_does_not_tell_its_wording_is_skipped_over(tmp_path):
    write(tmp_path)
    survey = definitions.load(tmp_path, SURVEY)
    first, second, third = survey.waves
    second = replace(second, files=(), wording=frozen_mapping({**second.wording, "experience": ""}))
    third = replace(third, wording=frozen_mapping({**third.wording, "experience": "協働したことがありますか。"}))
    found = differences.problems(replace(survey, waves=(first, second, third)), "comparability.csv")
    assert [problem.key for problem in found] == ["experience 2021→2025"]


def test_a_received_form_cannot_leave_a_wording_out(tmp_path):
    write(tmp_path, w2025={"experience": ""})
    assert [(problem.what, problem.key) for problem in _problems(tmp_path)] == [("設問の文言が空です", "wording.experience")]


def test_a_scope_that_is_no_longer_told_is_noted(tmp_path):
    write(tmp_path, w2025={"scope": ""})
    (note,) = differences.vanished_scope(definitions.load(tmp_path, SURVEY))
    assert not note.is_error and note.file.endswith("waves/2025.toml") and "「全職員」" in note.found
    write(tmp_path / "told")
    assert not differences.vanished_scope(definitions.load(tmp_path / "told", SURVEY))


def test_a_row_of_every_question_and_one_of_its_own_give_the_worse(tmp_path):
    folder = write(tmp_path, w2025={"mode": "紙"})
    sign(folder, "*,2023,2025,flagged", "wish,2023,2025,broken", "experience,2023,2025,same")
    survey = definitions.load(tmp_path, SURVEY)
    assert comparability.grade(survey, "wish", "2023", "2025")[0] == "broken"
    assert comparability.grade(survey, "experience", "2023", "2025")[0] == "flagged"
    assert comparability.grade(survey, "experience", "2021", "2023")[0] == "same"


WRONG = {
    'order = ["talk", "skill"]': "選択肢の順番",
    "limit = -1": "値が小さすぎます",
    'route = { question = "wish", options = ["talk"] }': "分岐元は",
    'route = { question = "experience", options = ["maybe"] }': "分岐元の選択肢にない",
    "limits = 2": "知らない項目",
}


@pytest.mark.parametrize("line", WRONG)
def test_a_mistake_in_what_differs_is_told(line, tmp_path):
    write(tmp_path, w2025={"more": PART.format("wish", line)})
    assert any(WRONG[line] in problem.what for problem in _problems(tmp_path))


def test_what_a_question_that_was_not_asked_does_differently_is_refused(tmp_path):
    write(tmp_path, w2025={"more": PART.format("wishes", "limit = 2")})
    assert "wording" in _problems(tmp_path)[0].what


def _answers(root, waves=wave_survey.WAVES, wish="1"):
    for number, wave in enumerate(waves):
        receive(root, wave, [(str(n % 3 + 1), "1" if n < 40 + 30 * number else "2", wish) for n in range(120)])


def test_codes_limits_and_routes_are_those_of_the_wave(tmp_path):
    more = 'order = ["skill", "talk", "goal"]\nlimit = 1\nroute = { question = "experience", options = ["yes"] }'
    folder = write(tmp_path, w2025={"more": PART.format("wish", more)})
    sign(folder, "wish,2023,2025,broken")
    _answers(tmp_path)
    receive(tmp_path, "2025", [("1", "1", "1"), ("1", "1", "1;2"), ("1", "2", "")])
    receive(tmp_path, "2023", [("2", "1", "1"), ("1", "1", "1;2"), ("1", "2", "")])
    received = read(definitions.load(tmp_path, SURVEY), tmp_path / "data" / "raw" / SURVEY)
    assert not [problem for problem in received.problems if problem.is_error]
    rows = received.responses.set_index("wave")[["wish", "wish.talk", "wish.skill"]]
    assert rows.loc["2023"].to_numpy().tolist() == [["answered", "1", "0"], ["answered", "1", "1"], ["no_answer", "", ""]]
    assert rows.loc["2025"].to_numpy().tolist() == [["answered", "0", "1"], ["invalid", "", ""], ["not_applicable", "", ""]]


def test_a_broken_pair_gives_no_change_anywhere(tmp_path):
    folder = write(tmp_path, w2025={"mode": "紙"})
    sign(folder, "*,2023,2025,broken")
    _answers(tmp_path)
    assert main(["report", SURVEY, "--root", str(tmp_path)]) == 0
    numbers = ["change", "change_low", "change_high", "low", "high", "p", "p_low", "p_high", "p_adjusted", "p_finite"]
    for edition in ("internal", "public"):
        tables = [tmp_path / "data" / "processed" / SURVEY / edition / "changes.csv"]
        tables.append(tmp_path / "reports" / SURVEY / "2025" / edition / "opendata" / "changes.csv")
        for path in tables:
            rows = pd.read_csv(path, dtype=str, keep_default_na=False)
            crossing = rows[rows["wave_to"] == "2025"]
            assert len(crossing) and set(crossing["verdict"]) == {"not_comparable"}
            assert (crossing[[column for column in numbers if column in rows]] == "").all(axis=None)
            assert (rows.loc[rows["wave_to"] == "2023", "change"] != "").any()
        text = (tmp_path / "reports" / SURVEY / "2025" / edition / "index.html").read_text(encoding="utf-8")
        assert "比較できません（理由）" in text and "上昇しました" not in text
        series = (tmp_path / "reports" / SURVEY / "2025" / edition / "page.html").read_text(encoding="utf-8")
        assert "線を切っています" in series or "設問変更" in series


def test_the_line_of_an_option_breaks_alone():
    made = fakes.edition()
    question, (first, second) = fakes.MEANING, fakes.KEYS[-2:]
    changes = made.changes.copy()
    torn = (changes["question"] == question.id) & (changes["option"] == "well")
    changes["comparability"] = torn.map({True: "broken", False: "same"})
    subject = Subject(replace(made, changes=changes), question)
    assert subject.is_broken(first, second, "well")
    assert not subject.is_broken(first, second, "roughly") and not subject.is_broken(first, second)
    assert subject.is_restructured(first, second)


def test_a_published_plan_of_a_question_routed_in_one_wave_only_is_no_finer_than_its_filter(tmp_path):
    more = 'route = { question = "experience", options = ["yes"] }'
    folder = write(tmp_path, parts=wave_survey.PARTS, w2025={"more": PART.format("wish", more)})
    sign(folder, "wish,2023,2025,broken")
    text = (folder / "survey.toml").read_text(encoding="utf-8").replace("is_attribute = true", "is_attribute = true\nis_public = true")
    (folder / "survey.toml").write_text(text, encoding="utf-8")
    survey = definitions.load(tmp_path, SURVEY)
    for wave in wave_survey.WAVES:
        # the second group has too few answers to the filter, not to the wishes
        receive(tmp_path, wave, [("123"[n % 3], "" if n % 3 == 1 else "1", "1") for n in range(90)])
    received = read(survey, tmp_path / "data" / "raw" / SURVEY)
    cubes = analysis.tabulate(survey, received.responses, pd.DataFrame(columns=["wave", "respondent", "question", "code"]))
    plan = disclosure.public_plan(survey, cubes)
    fine, coarse = plan.crosses["experience", "part"], plan.crosses["wish", "part"]
    assert ("a", "b") in fine
    assert all(any(set(part) <= set(whole) for whole in coarse) for part in fine)
