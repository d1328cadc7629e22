"""What looks too good or too bad is told until somebody signs for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline import analysis, definitions, disclosure
from pipeline.__main__ import main
from pipeline.analysis.plausibility import stops, unsigned_stops
from pipeline.hall.plausibility import plausibility_problems
from pipeline.model import (
    Option,
    Population,
    ProblemsFound,
    PublishedFigure,
    Question,
    SignedGrade,
    SignedStop,
    Survey,
    Wave,
    frozen_mapping,
)
from pipeline.report import Edition
from tests import wave_survey
from tests.wave_survey import receive, write

QUESTION = Question("one", "設問", "single", options=tuple(Option(letter, letter.upper()) for letter in "abc"))


def _survey(before, after, populations=(500, 500), **more) -> Survey:
    """before, after: (base, counts of a, b, c) of two waves known from a publication."""
    keys = ("2021", "2023")
    figures = [
        PublishedFigure(wave, "one", option, count, count, base)
        for wave, (base, *counts) in zip(keys, (before, after), strict=True)
        for option, count in zip("abc", counts, strict=True)
    ]
    figures += [
        PublishedFigure(wave, "response", "returns", base, base, size)
        for wave, (base, *_), size in zip(keys, (before, after), populations, strict=True)
    ]
    waves = tuple(
        Wave(key, key, frozen_mapping({"one": ""}), Population(size)) for key, size in zip(keys, populations, strict=True)
    )
    return Survey("s", "t", "o", (QUESTION,), waves, published=tuple(figures), **more)


def _tables(survey):
    estimates = analysis.estimates(survey, {}, disclosure.public_plan(survey, {}))
    return estimates, analysis.changes(survey, estimates)


def _found(survey):
    return [(stop.question, stop.option, stop.kind) for stop in stops(survey, *_tables(survey))]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ((400, 200, 100, 100), (400, 205, 98, 97), []),
        # 15.0 points are not over 15; the standard error of 35 % against 50 % of 40 people is 10.9 points
        ((40, 20, 10, 10), (40, 14, 13, 13), []),
        ((40, 20, 10, 10), (40, 13, 13, 14), [("one", "a", "change")]),
        # 8 points of a large base are more than three standard errors
        ((4000, 2000, 1000, 1000), (4000, 2320, 840, 840), [("one", "a", "change"), ("one", "b", "change"), ("one", "c", "change")]),
        ((400, 200, 100, 100), (321, 160, 81, 80), []),
        ((400, 200, 100, 100), (319, 160, 80, 79), [("one", "", "base")]),
        ((400, 200, 198, 2), (400, 200, 200, 0), [("one", "c", "zero")]),
    ],
)
def test_the_limits(before, after, found):
    assert _found(_survey(before, after, (5000, 5000))) == found


def test_a_population_that_moved_is_told():
    same = (400, 200, 100, 100)
    assert _found(_survey(same, same, (500, 620))) == [("response", "", "base")]
    assert _found(_survey(same, same, (500, 600))) == []


def test_the_standard_error_is_the_general_one_of_a_difference():
    (stop, *_) = stops(survey := _survey((400, 200, 100, 100), (400, 280, 60, 60)), *_tables(survey))
    assert (stop.before, stop.after) == (50.0, 70.0)
    assert stop.errors == pytest.approx(20 / (100 * (0.25 / 400 + 0.21 / 400) ** 0.5))


def test_a_broken_pair_has_no_change_to_stop_at():
    survey = _survey((400, 200, 100, 100), (400, 300, 50, 50))
    broken = replace(survey, comparability=(SignedGrade("one", "2021", "2023", "broken", "理由", "課長", "2023"),))
    assert ("one", "a", "change") in _found(survey) and _found(broken) == []


def test_a_change_of_printed_figures_is_looked_at_over_all_of_its_range():
    survey = _survey((400, 200, 100, 100), (400, 240, 80, 80))
    wide = tuple(replace(f, count_low=250, count_high=262) if (f.wave, f.option) == ("2023", "a") else f for f in survey.published)
    assert ("one", "a", "change") in _found(replace(survey, published=wide))


def test_a_signature_silences_one_stop_and_a_release_gets_errors():
    survey = _survey((400, 200, 100, 100), (400, 300, 50, 50))
    signed = replace(survey, plausible=(SignedStop("one", "a", "2021", "2023", "change", "確認", "課長", "2023"),))
    assert [stop.option for stop in unsigned_stops(signed, *_tables(signed))] == ["b", "c"]
    estimates, changes = _tables(signed)
    edition = Edition(signed, signed.newest, "公表版", "0", estimates, changes, analysis.associations(signed, estimates))
    for severity, is_error in (("note", False), ("error", True)):
        problems = plausibility_problems(signed, edition, severity)
        assert [problem.is_error for problem in problems] == [is_error] * 2
        assert "one,b,2021,2023,change,12.5%,,," in problems[0].expected
        assert problems[0].found.startswith("25.0% | 12.5%（-12.5ポイント、標準誤差の4.6倍")


def _signed(folder, *rows):
    text = "question,option,wave_from,wave_to,kind,reason,decided_by,date\n" + "".join(f"{row}\n" for row in rows)
    (folder / "plausibility.csv").write_text(text, encoding="utf-8")


def test_notes_of_a_draft_go_with_their_rows(tmp_path, capsys):
    folder = write(tmp_path)
    for number, wave in enumerate(wave_survey.WAVES):
        receive(tmp_path, wave, [("123"[n % 3], "12"[n % 5 > 2 * number], "1") for n in range(100)])
    assert main(["check", wave_survey.SURVEY, "--root", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "experience,yes,2023,2025,change,100.0%,,," in printed and "[注意] 変化が大きすぎます" in printed
    _signed(folder, "experience,yes,2023,2025,change,確認,課長,2026-02-01", "experience,no,2023,2025,change,確認,課長,2026-02-01", "experience,no,2023,2025,zero,確認,課長,2026-02-01")
    assert main(["check", wave_survey.SURVEY, "--root", str(tmp_path)]) == 0
    assert "plausibility.csv" not in capsys.readouterr().out


def _with_figures(folder, figure: str) -> None:
    rows = [f"experience,yes,2023,2025,change,{figure}", "experience,no,2023,2025,change,0%", "experience,no,2023,2025,zero,0"]
    text = "question,option,wave_from,wave_to,kind,found,reason,decided_by,date\n" + "".join(f"{row},確認,課長,2026-02-01\n" for row in rows)
    (folder / "plausibility.csv").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("figure", "is_told"), [("100.0%", False), ("100%", False), ("１００．００％", False), ("", False), ("82.0%", True)])
def test_a_signature_is_for_the_figure_that_was_looked_into(figure, is_told, tmp_path, capsys):
    """A later file may turn the change around; who signed saw another one."""
    folder = write(tmp_path)
    for number, wave in enumerate(wave_survey.WAVES):
        receive(tmp_path, wave, [("123"[n % 3], "12"[n % 5 > 2 * number], "1") for n in range(100)])
    _with_figures(folder, figure)
    assert main(["check", wave_survey.SURVEY, "--root", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert ("いまの署名の行は 82.0% についてのものです" in printed) is is_told is ("plausibility.csv" in printed)


def test_mistakes_of_the_table_are_told_at_once(tmp_path):
    folder = write(tmp_path)
    wrong = {
        "experienced,yes,2021,2023,change,確認,課長,2026-02-01": "question",
        "experience,maybe,2021,2023,change,確認,課長,2026-02-01": "option",
        "experience,yes,2022,2023,change,確認,課長,2026-02-01": "wave_from",
        "experience,yes,2023,2021,change,確認,課長,2026-02-01": "wave_to",
        "experience,yes,2021,2023,changed,確認,課長,2026-02-01": "kind",
        "experience,yes,2021,2023,base,確認,課長,2026-02-01": "option",
        "experience,yes,2021,2023,zero,確認,,2026-02-01": "decided_by",
        "experience,yes,2023,2025,zero,確認,課長,きのう": "date",
    }
    _signed(folder, *wrong, "experience,no,2021,2023,zero,確認,課長,2026-02-01", "experience,no,2021,2023,zero,確認,課長,2026-02-01")
    with pytest.raises(ProblemsFound) as found:
        definitions.load(tmp_path, wave_survey.SURVEY)
    keys = {problem.cell: problem.key for problem in reversed(found.value.problems)}
    expected = [*wrong.values(), "question"]
    assert keys == {f"{line}行目": key for line, key in zip([*range(2, 10), 11], expected, strict=True)}


def test_the_sample_has_signed_for_all_of_its_own(sample_reports):
    from pipeline import frames
    from pipeline.hall.reading import chosen_surveys
    from pipeline.workspace import Workspace

    for survey in chosen_surveys(Workspace(sample_reports), ["staff", "nagaokakyo"], ""):
        place = sample_reports / "data" / "processed" / survey.id / "public"
        tables = [frames.read(place / f"{schema.name}.csv", schema) for schema in (frames.ESTIMATES, frames.CHANGES)]
        assert unsigned_stops(survey, *tables) == []
        assert bool(stops(survey, *tables)) == (survey.id == "staff")
