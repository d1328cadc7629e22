"""Shares that rest on an audit: in the estimates, between waves, in public and in words."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import openpyxl
import pandas as pd
import pytest

from pipeline import coding, definitions, disclosure, frames
from pipeline.analysis import hypotheses, intervals
from pipeline.analysis.predicted import with_effective_counts
from pipeline.coding import audit_file, shares
from pipeline.hall.reading import read_all
from pipeline.hall.tabulating import tabulate_all
from pipeline.report import datapackage, methods, opendata, page
from pipeline.report.exhibits import Heading, Sentence, Table
from pipeline.workspace import Workspace
from tests import audited_survey
from tests.conftest import ROOT

BEFORE = audited_survey.answers("2023", H1=80, H2=60, H3=50, X0=10)
NOW = audited_survey.answers("2025", H1=160, H2=90, H3=80, H4=2, X0=28)


def tabulated(root):
    workspace = Workspace(root)
    survey = definitions.load(root, audited_survey.SURVEY)
    (made,) = tabulate_all(workspace, read_all(workspace, [survey]))
    return made


def theme_rows(made, edition="internal", wave="2025"):
    rows = made.editions[edition].estimates
    own = rows[(rows["wave"] == wave) & (rows["question"] == "hard")]
    return own.set_index("option")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("audited")
    read_now = audited_survey.audit(root, NOW)
    audited_survey.write(root, {"2023": BEFORE, "2025": NOW}, read_now)
    return tabulated(root)


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """The same answers, all of them read, with the audit file still there."""
    root = tmp_path_factory.mktemp("counted")
    audited_survey.audit(root, NOW)
    audited_survey.write(root, {"2023": BEFORE, "2025": NOW})
    return tabulated(root)


def test_predicted_rows_have_a_range_and_no_count(made):
    rows = theme_rows(made)
    assert set(rows["basis"]) == {"predicted"} and set(rows["banner"]) == {"total"}
    assert rows[["count", "count_low", "count_high", "finite_low", "population"]].isna().all(axis=None)
    assert set(rows["note"]) == {"監査80件で補正した推計"}
    assert (rows["base"] == rows["base"].round()).all() and abs(rows["base"].iloc[0] - 332) < 12
    # What people would have counted had they read all: 160, 90 and 80 of 332.
    for code, people in (("H1", 160), ("H2", 90), ("H3", 80)):
        assert rows.loc[code, "low"] < 100 * people / 332 < rows.loc[code, "high"]
        assert rows.loc[code, "low"] < rows.loc[code, "percent"] < rows.loc[code, "high"]
    assert set(theme_rows(made, wave="2023")["basis"]) == {"counted"}


def test_a_change_carries_both_variances(made):
    row = made.editions["internal"].changes.set_index(["option", "banner"]).loc[("H1", "total")]
    now, before = (
        theme_rows(made).loc["H1"],
        theme_rows(made, wave="2023").query("banner == 'total'").loc["H1"],
    )
    p = now["percent"] / 100
    error = (now["high"] - now["low"]) / 200 / 1.959964
    worth = p * (1 - p) / (error**2 + p * (1 - p) / now["base"])
    assert worth < now["base"]
    sides = before["count"], before["base"], p * worth, worth
    low, high = intervals.newcombe(*sides)
    assert (row["low"], row["high"]) == pytest.approx((100 * low, 100 * high))
    assert row["p"] == pytest.approx(hypotheses.pooled_p(*sides), rel=1e-5)
    assert row["change"] == pytest.approx(now["percent"] - before["percent"])
    # Chance alone, without the error of the audit, would claim to know it better.
    narrow = intervals.newcombe(before["count"], before["base"], p * now["base"], now["base"])
    assert row["low"] < 100 * narrow[0] and row["high"] > 100 * narrow[1]
    assert (row["basis"], row["note"], row["verdict_finite"]) == ("predicted", "推計", "")
    assert np.isnan(row["finite_low"]) and row["family"] == "2023-2025:total"


def test_a_theme_that_came_later_is_compared_with_nobody(made):
    assert set(theme_rows(made, wave="2023").loc[["H4"], "status"]) == {"not_asked"}
    row = made.editions["internal"].changes.set_index("option").loc["H4"]
    assert row["verdict"] == "not_comparable" and np.isnan(row["change"])


def test_one_or_two_people_are_withheld_in_public_and_in_no_family(made):
    assert theme_rows(made).loc["H4", "status"] == "shown"
    row = theme_rows(made, "public").loc["H4"]
    assert row["status"] == "withheld" and row[["percent", "low", "high", "base"]].isna().all()
    for name, columns in (("estimates", ["low", "high"]), ("changes", ["low", "high", "p_adjusted"])):
        wanted = "banner == 'total' and option in ['H1', 'H2', 'H3']"
        inside, public = (
            getattr(made.editions[edition], name).query(wanted) for edition in ("internal", "public")
        )
        assert inside[columns].to_numpy() == pytest.approx(public[columns].to_numpy(), nan_ok=True)
    changes = made.editions["internal"].changes.set_index(["option", "banner"])
    assert changes.loc[("H4", "total"), "family"] == ""


def test_all_decided_is_counted_whatever_the_audit_says(counted, tmp_path):
    audited_survey.write(tmp_path, {"2023": BEFORE, "2025": NOW})
    plain = tabulated(tmp_path)
    for name in frames.EDITION_TABLES:
        for edition in plain.editions:
            pd.testing.assert_frame_equal(
                getattr(plain.editions[edition], name), getattr(counted.editions[edition], name)
            )
    assert set(theme_rows(counted)["basis"]) == {"counted"}


def test_a_whole_audit_gives_the_plain_counts(counted):
    """With every answer in A the estimator is a count, of both bases."""
    keys = [(coding.comment_key("hard", text), code) for text, code in NOW]
    rows = [audit_file.Audited("hard", key, "A", 1, {"H1": 0.4, "X0": 0.2}, "m", 0, 1) for key, _ in keys]
    entries = {code: (code,) for code in ("H1", "H2", "H3", "H4")} | {"two": ("H1", "H2")}
    found = audit_file.audited_shares(rows, {key: (code,) for key, code in keys}, entries)
    found = found[found["base_kind"] == "with_content"].set_index("option")
    plain = theme_rows(counted).query("banner == 'total'")
    for code in ("H1", "H2", "H3", "H4"):
        assert (found.loc[code, "count"], found.loc[code, "base"]) == (
            plain.loc[code, "count"],
            plain.loc[code, "base"],
        )
    assert found.loc["two", "count"] == 250 and (found["standard_error"] == 0).all()


def test_an_exact_prediction_is_compared_like_its_count():
    sides = {"basis_from": "counted", "basis_to": "predicted", "count_low_from": 30, "count_high_from": 30}
    ends = {"base_from": 100, "base_to": 120, "percent_from": 30.0, "percent_to": 40.0}
    rows = pd.DataFrame(
        [sides | ends | {"low_from": 20.0, "high_from": 40.0, "low_to": 40.0, "high_to": 40.0}]
    )
    rows[["count_low_to", "count_high_to"]] = np.nan
    found = with_effective_counts(rows, ("from", "to")).iloc[0]
    assert found["base_to"] == pytest.approx(120) and found["count_low_to"] == pytest.approx(48)
    assert (found["base_from"], found["count_low_from"], found["is_estimated"]) == (100, 30, True)
    nobody = rows.assign(percent_to=0.0, low_to=0.0, high_to=3.0)
    found = with_effective_counts(nobody, ("from", "to")).iloc[0]
    assert found["count_low_to"] == 0 and 0 < found["base_to"] < 120


def test_no_exact_test_of_estimates():
    sides = np.array([2.5]), np.array([40.0]), np.array([1.5]), np.array([35.5])
    assert hypotheses.general_p(*sides, is_counted=np.array([False])) == hypotheses.pooled_p(*sides)


@pytest.mark.parametrize(
    ("size", "leave", "words"),
    [(39, 0, "監査が40件より少ない"), (80, 2, "あと2種類"), (None, 0, "監査の抜き取りはまだない")],
)
def test_without_a_whole_audit_nothing_is_predicted_and_progress_is_told(tmp_path, size, leave, words):
    read_now = audited_survey.audit(tmp_path, NOW, size=size) if size else {text for text, _ in NOW[:50]}
    read_now = set(sorted(read_now)[leave:])
    audited_survey.write(tmp_path, {"2023": BEFORE, "2025": NOW}, read_now)
    made = tabulated(tmp_path)
    assert theme_rows(made).empty
    (note,) = [note for note in made.notes if "分類が終わっていない" in note.what]
    assert note.found.startswith(f"360件のうち{len(read_now)}件を分類") and words in note.found


def test_answers_that_came_after_the_audit_count_once_they_are_read(tmp_path):
    late = audited_survey.answers("2026", H2=1)
    read_now = audited_survey.audit(tmp_path, NOW)
    # One answer of the audit was taken back: what is left is still a sample of what is left.
    gone = sorted(read_now)[0]
    kept = [pair for pair in NOW if pair[0] != gone]
    audited_survey.write(tmp_path, {"2023": BEFORE, "2025": kept + late}, read_now)
    assert theme_rows(tabulated(tmp_path)).empty
    audited_survey.write(tmp_path, {"2023": BEFORE, "2025": kept + late}, read_now | {late[0][0]})
    assert set(theme_rows(tabulated(tmp_path))["basis"]) == {"predicted"}


def test_lines_stand_under_predicted_themes_of_three_people():
    rows = [
        {
            "survey": "s",
            "wave": "2025",
            "question": "hard",
            "measure": "share",
            "banner": "total",
            "group": "all",
        }
        | {"option": code, "base": 200, "percent": percent, "basis": "predicted", "status": "shown"}
        for code, percent in (("H1", 30.0), ("H2", 1.2))
    ]
    estimates = frames.table(frames.ESTIMATES, rows)
    line = {
        "question": "hard",
        "line": "文",
        "order": 1,
        "stands_for": 3,
        "approver": "課長",
        "date": "2026-02-20",
    }
    lines = frames.table(frames.LINES, [line | {"code": code} for code in ("H1", "H2")])
    assert list(disclosure.shown_lines(lines, estimates, "2025")["code"]) == ["H1"]


# ---- words -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def block(made):
    return next(b for b in page.blocks(made.editions["public"], {}) if b.id == "hard")


def test_the_page_says_that_it_is_an_estimate_and_how_it_was_made(made, block):
    text = "\n".join(part.text for part in block.parts if isinstance(part, Sentence))
    row = theme_rows(made, "public").loc["H1"]
    share, low, high = (int(row[name] + 0.5) for name in ("percent", "low", "high"))
    assert f"約{share}%（推計、95%の範囲 {low}〜{high}%）で、前回（2023年度42.1%）から" in text
    assert "監査80件で補正した推計です" in text and "機械の案だけで数えた値ではありません" in text
    assert "回答の一部を、担当者が読んで" in text and "偶然" in text
    headings = [part.text for part in block.parts if isinstance(part, Heading)]
    people = int(row["percent"] * row["base"] / 100 + 0.5)
    assert headings[0] == f"★ 日程の調整（推計で約{people}人）" and not any(
        "事故" in text for text in headings
    )
    table = next(part for part in block.parts if isinstance(part, Table))
    cells = {row[0]: row for row in table.rows}
    assert (
        cells["日程の調整"][1] == f"推計{people}" and f"推計{share}（{low}〜{high}）" in cells["日程の調整"]
    )
    assert any(note.startswith("「推計」") for note in table.notes)


def test_a_counted_page_does_not_speak_of_audits(counted):
    parts = next(b for b in page.blocks(counted.editions["public"], {}) if b.id == "hard").parts
    assert not any("推計" in part.text for part in parts if isinstance(part, Sentence | Heading))
    assert "自由記述の推計" not in methods.html(counted.editions["public"])


def test_methods_open_data_and_workbook_tell_of_it(made):
    edition = made.editions["public"]
    html = methods.html(edition)
    assert "自由記述の推計（監査）" in html and "確認なしの利用は認めていません" in html and "Särndal" in html
    files = opendata.csv_files(edition)
    changes = pd.read_csv(io.BytesIO(files["changes.csv"]), dtype=str, keep_default_na=False)
    row = changes[changes["option"] == "H1"].iloc[0]
    assert row["basis"] == "predicted" and row["value_to"] == f"{theme_rows(made).loc['H1', 'percent']:.1f}"
    assert '"basis が predicted"' in datapackage.package(edition, files).decode()


def test_report_writes_all_of_it_without_the_parts_that_suggest(tmp_path):
    read_now = audited_survey.audit(tmp_path, NOW)
    audited_survey.write(tmp_path, {"2023": BEFORE, "2025": NOW}, read_now)
    code = (
        "import sys; from pipeline.__main__ import main; code = main(['report', '--root', sys.argv[1]]);"
        "sys.exit(code or bool({'sudachipy', 'sklearn', 'scipy.stats'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    folder = tmp_path / "reports" / audited_survey.SURVEY / "2025" / "public"
    assert "監査80件で補正した推計" in (folder / "page.html").read_text(encoding="utf-8")
    (sheet,) = (s for s in openpyxl.load_workbook(folder / "tables.xlsx") if s.title == "自由記述の分類")
    cells = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert (
        any(cell.startswith("推計") and cell.endswith("）") for cell in cells)
        and "監査80件で補正した推計" in cells
    )


def test_lines_that_say_too_much_are_noted(tmp_path):
    audited_survey.write(tmp_path, {"2023": BEFORE, "2025": NOW})
    place = tmp_path / "surveys" / audited_survey.SURVEY / "coding" / "2025" / "lines.csv"
    place.parent.mkdir(parents=True)
    said = "けがが心配ことが2025年に1回目"
    place.write_text(
        f"question,code,line,order,stands_for,approver,date\nhard,H4,{said},1,3,課長,2026-02-20\n",
        encoding="utf-8",
    )
    told = {note.what: note for note in tabulated(tmp_path).notes}
    quoted, many = (told[what] for what in told if "同じ文字の並び" in what or "代表する回答の数" in what)
    assert quoted.found == f"続けて{len(said)}文字が同じ" and (many.found, many.expected) == (
        "3件",
        "2件まで",
    )


def test_intervals_of_a_change_cover_and_its_test_is_honest():
    """Both waves are draws of the same people's opinions (.3); the later one is audited with 80 of 320 in B."""
    rows = []
    for draw in range(500):
        generator = np.random.default_rng(draw)
        before, truth = generator.binomial(250, 0.3), (generator.random(400) < 0.3).astype(float)
        chances = np.clip(0.2 + 0.4 * truth + generator.normal(0, 0.15, 400), 0.01, 0.99)
        strata = shares.draw_audit(np.arange(400) / 400, 0.7975, 80, draw)
        share = shares.predicted_share(strata, np.ones(400), chances, truth)
        rows.append((before, 100 * share.value, 100 * share.low, 100 * share.high))
    before, percent, low, high = np.array(rows, dtype=float).T
    counted = {
        "basis_from": "counted",
        "base_from": 250.0,
        "count_low_from": before,
        "count_high_from": before,
    }
    counted |= {"percent_from": 0.4 * before, "low_from": 0.0, "high_from": 0.0}
    estimated = {"basis_to": "predicted", "base_to": 400.0, "count_low_to": np.nan, "count_high_to": np.nan}
    estimated |= {"percent_to": percent, "low_to": low, "high_to": high}
    found = with_effective_counts(pd.DataFrame(counted | estimated), ("from", "to"))
    sides = before, np.full(500, 250.0), found["count_low_to"].to_numpy(), found["base_to"].to_numpy()
    low, high = intervals.newcombe(*sides)
    # Monte Carlo error of both is about .01.
    assert 0.93 <= ((low <= 0) & (high >= 0)).mean() <= 0.98
    assert 0.02 <= (hypotheses.pooled_p(*sides) <= 0.05).mean() <= 0.075
