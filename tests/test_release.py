"""Releases: an explicit act, numbered, never altered; corrections tell what was wrong; every figure walks back."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from pipeline.__main__ import main
from tests import small_survey
from tests.small_survey import RECEIVED, SURVEY, WAVE, files, leftovers

SIGNED = ("--approver", "協働課長", "--reference", "協第12号")


@pytest.fixture
def run(tmp_path, capsys):
    """The command on a small survey; returns (exit code, what was printed)."""
    root = small_survey.write_survey(tmp_path / "workspace")

    def running(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        code = main([*words, "--root", str(root)])
        printed = "".join(capsys.readouterr())
        assert "Traceback" not in printed and leftovers(root) == []
        printed.encode("cp932")
        return code, printed

    running.root = root
    running.releases = root / "surveys" / SURVEY / "releases" / WAVE
    return running


def release(run, *more: str, day: str = "2026-04-01") -> tuple[int, str]:
    return run("release", SURVEY, "--wave", WAVE, *SIGNED, "--date", day, *more)


def correct(run, yes: int, reason: str, day: str = "2026-05-01") -> tuple[int, str]:
    small_survey.receive(run.root, yes)
    assert run("report", "--correction")[0] == 0
    return release(run, "--correction", reason, day=day)


def test_a_release_is_the_build_without_the_word_draft(run):
    assert run("report")[0] == 0
    draft = files(run.root / "reports" / SURVEY / WAVE / "public")
    definitions = files(run.root / "surveys")
    assert release(run)[0] == 0
    frozen = files(run.releases / "1" / "public")
    assert list(frozen) == list(draft)
    same = [name for name in frozen if frozen[name] == draft[name]]
    assert {name for name in draft if name.startswith(("opendata/", "charts/", "fragments/"))} - set(same) == {"opendata/datapackage.json"}
    page = frozen["page.html"].decode()
    assert "令和8年4月1日公表（第1版、作成番号" in page and "案" not in page
    assert all("公表前の案" not in content.decode("utf-8", "replace") for content in frozen.values())
    record = json.loads((run.releases / "1" / "release.json").read_text(encoding="utf-8"))
    assert (record["approver"], record["reference"], record["date"]) == ("協働課長", "協第12号", "2026-04-01")
    assert all("協働課長" not in content.decode("utf-8", "replace") for content in frozen.values())
    assert json.loads(frozen["provenance.json"])["status"] == "公表"
    # Only ``release`` wrote, and only there.
    assert {name: content for name, content in files(run.root / "surveys").items() if "/releases/" not in name} == definitions


def test_a_release_makes_nothing_else_out_of_date(run):
    run("report")
    before = files(run.root / "reports")
    release(run)
    assert "変わったものはありません" in run("report")[1]
    assert files(run.root / "reports") == before


def test_the_register_holds_every_number_of_the_open_data(run):
    run("report")
    release(run)
    folder = run.releases / "1"
    rows = list(csv.DictReader(io.StringIO((folder / "register.csv").read_text(encoding="utf-8-sig"))))
    numbers = {(row["key"], *pair.split("=")) for row in rows if row["table"] == "estimates" for pair in row["numbers"].split()}
    text = (folder / "public/opendata/estimates.csv").read_text(encoding="utf-8-sig")
    printed = list(csv.DictReader(io.StringIO(text)))
    assert len(printed) == sum(row["table"] == "estimates" for row in rows)
    key = "wave question measure banner group option".split()
    expected = {
        ("|".join(row[name] for name in key), name, row[name])
        for row in printed
        for name in ("count", "count_low", "count_high", "base", "percent", "value", "low", "high", "population", "finite_low", "finite_high")
        if row[name]
    }
    assert numbers == expected and len(expected) > 20


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--approver", ""), "決裁した人の名前がありません"),
        (("--reference", " "), "決裁番号がありません"),
        (("--edition", "internal"), "庁内版は公表できません"),
        (("--date", "4月1日"), "公表日の書き方"),
        (("--correction", ""), "訂正の理由がありません"),
        (("--correction", "誤り"), "訂正する公表がありません"),
        (("--wave", ""), "調査と年度を1つずつ"),
    ],
)
def test_what_is_no_release_is_refused(run, words, told):
    run("report")
    code, printed = release(run, *words)
    assert code == 2 and told in printed
    assert not list(run.releases.glob("*"))


def test_only_what_was_looked_at_is_released(run):
    """No build, a build of other sources, a build touched by hand: nothing to release."""
    assert "報" not in release(run)[1] and "いまの集計は" in release(run)[1]
    run("report")
    survey = run.root / "surveys" / SURVEY / "survey.toml"
    text = survey.read_text(encoding="utf-8")
    survey.write_text(text.replace("小さな調査", "小さい調査"), encoding="utf-8")
    assert "いまの集計は" in release(run)[1]
    survey.write_text(text, encoding="utf-8")
    (run.root / "reports" / SURVEY / WAVE / "public" / "page.html").write_text("手で直した", encoding="utf-8")
    assert "いまの集計は" in release(run)[1]
    run("report")
    assert release(run)[0] == 0


def test_an_unsigned_suspicious_figure_stops_the_release_and_not_the_draft(run, monkeypatch):
    from pipeline.hall import release as verb
    from pipeline.model import Problem

    run("report")
    monkeypatch.setattr(verb, "plausibility_problems", lambda survey, edition, severity: [Problem("変化が大きすぎます", severity=severity)])
    code, printed = release(run)
    assert code == 2 and "変化が大きすぎます" in printed and not list(run.releases.glob("*"))


def test_a_failed_audit_stops_the_release(run, monkeypatch):
    from pipeline.report import provenance

    monkeypatch.setattr(provenance, "AUDIT", {"status": "failed"})
    run("report")
    code, printed = release(run)
    assert code == 2 and "監査" in printed


def test_the_same_again_is_no_release(run):
    run("report")
    release(run)
    code, printed = release(run, day="2026-05-01")
    assert code == 2 and "変わったところがありません" in printed
    assert [path.name for path in run.releases.iterdir()] == ["1"]


def test_a_changed_received_file_of_a_released_wave_stops_the_report(run):
    run("report")
    release(run)
    before = files(run.root / "reports")
    small_survey.receive(run.root, 9)
    for verb in ("report", "check"):
        code, printed = run(verb)
        assert code == 2 and RECEIVED in printed and "第1版" in printed and "--correction" in printed
    assert files(run.root / "reports") == before
    small_survey.receive(run.root, 7)
    assert run("report")[0] == 0


def test_a_correction_tells_what_was_wrong(run):
    run("report")
    release(run)
    small_survey.receive(run.root, 9)
    run("report", "--correction")
    code, printed = release(run, day="2026-05-01")
    assert code == 2 and "count 7→9" in printed
    assert release(run, "--correction", "入力の誤り", day="2026-05-01")[0] == 0
    public = run.releases / "2" / "public"
    errata = list(csv.DictReader(io.StringIO((public / "errata.csv").read_text(encoding="utf-8-sig"))))
    told = {(row["option"], row["field"]): (row["old"], row["new"], row["reason"], row["date"]) for row in errata}
    assert told["ある", "percent"] == ("35.0", "45.0", "入力の誤り", "2026-05-01")
    assert told["ない", "count"] == ("13", "11", "入力の誤り", "2026-05-01")
    for name in ("page.html", "index.html"):
        page = (public / name).read_text(encoding="utf-8")
        assert "訂正のお知らせ" in page and "令和8年5月1日訂正（第2版" in page and "入力の誤り" in page
        assert re.search(r"<td[^>]*>35\.0</td><td[^>]*>45\.0</td>", page)
    assert files(run.releases / "1")  # the first stays
    # A later release still tells of it, and corrects once more.
    assert correct(run, 8, "二重の入力", day="2026-06-01")[0] == 0
    page = (run.releases / "3" / "public" / "page.html").read_text(encoding="utf-8")
    assert "入力の誤り" in page and "二重の入力" in page
    assert run("audit")[0] == 0


def test_words_may_change_without_a_correction(run):
    run("report")
    release(run)
    page = run.root / "surveys" / SURVEY / "page" / f"{WAVE}.md"
    page.parent.mkdir()
    page.write_text("# 結果\n\n言葉を直しました。\n\n[[experience]]\n", encoding="utf-8")
    run("report")
    assert release(run, day="2026-05-01")[0] == 0
    assert "訂正" not in (run.releases / "2" / "public" / "page.html").read_text(encoding="utf-8")


def test_a_release_before_the_last_one_is_refused(run):
    run("report")
    release(run)
    assert "前の公表より前" in correct(run, 9, "誤り", day="2026-03-01")[1]


def test_what_was_released_is_never_altered_in_silence(run):
    run("report")
    release(run)
    path = run.releases / "1" / "public" / "page.html"
    path.write_text(path.read_text(encoding="utf-8").replace("35.0", "36.0"), encoding="utf-8")
    code, printed = run("audit")
    assert code == 2 and "releases/2025/1/public/page.html" in printed
    assert "公表台帳のファイル" in correct(run, 9, "誤り")[1]


def test_late_returns_are_in_the_ledger_and_in_no_figure(run):
    run("report")
    release(run)
    tables = run.root / "data" / "processed" / SURVEY
    before = (tables / "public" / "estimates.csv").read_bytes()
    wave = run.root / "surveys" / SURVEY / "waves" / f"{WAVE}.toml"
    more = '[[files]]\nfile = "遅れ.csv"\nlayout = "csv"\nmode = "紙"\nserial = "受付番号"\nafter_deadline = true\ncolumns = { experience = "経験" }\n'
    text = wave.read_text(encoding="utf-8")
    wave.write_text(text + "\n" + more, encoding="utf-8")
    late = (run.root / RECEIVED).with_name("遅れ.csv")
    for count, code in ((10, 0), (11, 2)):
        late.write_text("受付番号,経験\n" + "".join(f"{number},ある\n" for number in range(31, 31 + count)), encoding="utf-8")
        found, printed = run("report")
        assert found == code, printed
        assert (tables / "public" / "estimates.csv").read_bytes() == before
    assert "締切後の回答が多く" in printed and "11件" in printed and "10件以下" in printed
    ledger = list(csv.DictReader(io.StringIO((tables / "ledger.csv").read_text(encoding="utf-8"))))
    assert sum((row["status"], row["reason"]) == ("rejected", "after_deadline") for row in ledger) == 10
    # The same file without the word is a changed released wave.
    wave.write_text(text + "\n" + more.replace("after_deadline = true\n", ""), encoding="utf-8")
    code, printed = run("report")
    assert code == 2 and "あとから加わっています" in printed


# ---- trace -------------------------------------------------------------------------------


def test_trace_walks_from_the_figure_to_rows_releases_and_reasons(run):
    run("report")
    assert "まだ公表していません" in run("trace", SURVEY, "experience.yes")[1]
    release(run)
    correct(run, 9, "入力の誤り")
    answers = (run.root / RECEIVED).read_text(encoding="utf-8")
    for words in (("experience.yes",), ("{{experience.yes.percent wave=2025}}",), ("experience.yes", "wave=2025")):
        code, printed = run("trace", SURVEY, *words)
        assert code == 0
        assert "人数 9 ÷ 基数 20" in printed and "100 × 9 ÷ 20 = 45 → 小数第2位を四捨五入 → 45.0%" in printed
        assert "回答.csv: 20件 行2～21" in printed
        assert "第1版（2026-04-01、協第12号）: 35.0%（人数 7、基数 20）" in printed
        assert "第2版（2026-05-01、協第12号）: 45.0%（人数 9、基数 20）" in printed
        assert f"動いたわけ: 入力の誤り\n    違うもの: {RECEIVED}" in printed
        assert not any(line in printed for line in answers.splitlines()[1:])


def test_trace_shows_the_exact_fraction(run):
    small_survey.receive(run.root, 7)
    rows = (run.root / RECEIVED).read_text(encoding="utf-8").splitlines()
    (run.root / RECEIVED).write_text("\n".join(rows[:19]) + "\n", encoding="utf-8")
    run("report")
    assert "100 × 7 ÷ 18 = 350/9 = 38.888888… → 小数第2位を四捨五入 → 38.9%" in run("trace", SURVEY, "experience.yes")[1]


def test_trace_of_nothing_helps(run):
    run("report")
    code, printed = run("trace", SURVEY, "experience.yse")
    assert code == 2 and "experience.yes" in printed
    assert run("trace", SURVEY)[0] == 2


def test_a_printed_figure_is_traced_to_its_publication(sample_reports, capsys):
    assert main(["trace", "nagaokakyo", "experience.yes", "--root", str(sample_reports)]) == 0
    printed = capsys.readouterr().out
    assert "もとの資料" in printed and "published" in printed or "÷" in printed


def test_every_public_number_of_the_sample_is_in_the_trace(sample_reports, capsys):
    assert main(["trace", "staff", "meaning.know.change age=20s", "--root", str(sample_reports)]) == 0
    printed = capsys.readouterr().out
    assert "ポイント（丸める前の差を四捨五入）" in printed and "R7_" in printed


def test_every_release_folder_is_found_by_number(tmp_path: Path):
    from pipeline.register import recorded

    for name in ("1", "2", "10", ".3.new", "x"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "release.json").write_text("{}", encoding="utf-8")
    assert [release.number for release in recorded(tmp_path)] == [1, 2, 10]
