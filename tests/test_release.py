"""Releases: an explicit act, numbered, never altered; corrections tell what was wrong; every figure walks back."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from datetime import date
from pathlib import Path

import docx
import pytest

from pipeline import register
from pipeline.__main__ import main
from tests import small_survey
from tests.small_survey import RECEIVED, SURVEY, WAVE, files, leftovers

CSV = "survey,wave,count,status\r\nx,2025,{count},{status}\r\n"
SIGNED = ("--approver", "協働課長", "--reference", "協第12号")


def _main(root: Path, *words: str) -> None:
    assert main([*words, "--root", str(root)]) == 0, words


@pytest.fixture(scope="module")
def stages(tmp_path_factory) -> dict[str, Path]:
    """The small survey as it stands after each step of its life; nobody writes into these."""
    made = {"drafted": small_survey.write_survey(tmp_path_factory.mktemp("drafted") / "w")}
    _main(made["drafted"], "report")
    for name, before, words in (
        ("released", "drafted", ("release", SURVEY, "--wave", WAVE, *SIGNED, "--date", "2026-04-01")),
        ("counted again", "released", ("report", "--correction")),
        ("corrected", "counted again", ("release", SURVEY, "--wave", WAVE, *SIGNED, "--date", "2026-05-01", "--correction", "入力の誤り")),
    ):
        made[name] = shutil.copytree(made[before], tmp_path_factory.mktemp("stage") / "w")
        if name == "counted again":
            small_survey.receive(made[name], 9)
        _main(made[name], *words)
    return made


@pytest.fixture
def at(stages, tmp_path, capsys):
    """Return the command on a copy of the survey at a stage; it returns (exit code, what was printed)."""

    def starting(stage: str):
        root = shutil.copytree(stages[stage], tmp_path / "workspace")

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

    return starting


def release(run, *more: str, day: str = "2026-04-01") -> tuple[int, str]:
    return run("release", SURVEY, "--wave", WAVE, *SIGNED, "--date", day, *more)


def test_a_release_is_the_build_without_the_word_draft(stages):
    root, folder = stages["released"], stages["released"] / "surveys" / SURVEY / "releases" / WAVE / "1"
    draft = files(root / "reports" / SURVEY / WAVE / "public")
    frozen = files(folder / "public")
    assert list(frozen) == list(draft)
    same = {name for name in frozen if frozen[name] == draft[name]}
    numbers = {name for name in draft if name.startswith(("opendata/", "charts/", "fragments/"))}
    assert numbers - same == {"opendata/datapackage.json"}
    page = frozen["page.html"].decode()
    assert "令和8年4月1日公表（第1版、作成番号" in page and "案" not in page
    record = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    assert (record["approver"], record["reference"], record["date"]) == ("協働課長", "協第12号", "2026-04-01")
    for content in frozen.values():
        assert "公表前の案" not in content.decode("utf-8", "replace") and "協働課長" not in content.decode("utf-8", "replace")
    assert json.loads(frozen["provenance.json"])["status"] == "公表"
    # Only ``release`` wrote, and only there.
    before = files(stages["drafted"])
    assert {name: content for name, content in files(root).items() if "/releases/" not in name} == before


@pytest.mark.parametrize("stage", ["released", "corrected"])
def test_a_release_and_the_build_it_was_made_of_differ_in_nothing(at, stage):
    run = at(stage)
    code, printed = run("diff")
    assert code == 0 and f"公表 第{1 + (stage == 'corrected')}版 とくらべました（違い 0件）" in printed


def test_a_release_makes_nothing_else_out_of_date(at):
    assert "変わったものはありません" in at("released")("report")[1]


def test_the_register_holds_every_number_of_the_open_data(stages):
    folder = stages["released"] / "surveys" / SURVEY / "releases" / WAVE / "1"
    rows = list(csv.DictReader(io.StringIO((folder / "register.csv").read_text(encoding="utf-8-sig"))))
    numbers = {(row["key"], *pair.split("=")) for row in rows if row["table"] == "estimates" for pair in row["numbers"].split()}
    text = (folder / "public/opendata/estimates.csv").read_text(encoding="utf-8-sig")
    printed = list(csv.DictReader(io.StringIO(text)))
    assert len(printed) == sum(row["table"] == "estimates" for row in rows)
    key = ["wave", "question", "measure", "banner", "group", "option"]
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
def test_what_is_no_release_is_refused(at, words, told):
    run = at("drafted")
    code, printed = release(run, *words)
    assert code == 2 and told in printed
    assert not list(run.releases.glob("*"))


def test_only_what_was_looked_at_is_released(at):
    """A build of other sources, a build touched by hand, no build: nothing to release."""
    run = at("drafted")
    survey = run.root / "surveys" / SURVEY / "survey.toml"
    text = survey.read_text(encoding="utf-8")
    survey.write_text(text.replace("小さな調査", "小さい調査"), encoding="utf-8")
    assert "いまの集計は" in release(run)[1]
    survey.write_text(text, encoding="utf-8")
    (run.root / "reports" / SURVEY / WAVE / "public" / "page.html").write_text("手で直した", encoding="utf-8")
    assert "いまの集計は" in release(run)[1]
    shutil.rmtree(run.root / "reports")
    assert "いまの集計は" in release(run)[1] and not list(run.releases.glob("*"))


def test_an_unsigned_suspicious_figure_stops_the_release_and_not_the_draft(at, monkeypatch):
    from pipeline.hall import release as verb
    from pipeline.model import Problem

    run = at("drafted")
    monkeypatch.setattr(verb, "plausibility_problems", lambda survey, edition, severity: [Problem("変化が大きすぎます", severity=severity)])
    code, printed = release(run)
    assert code == 2 and "変化が大きすぎます" in printed and not list(run.releases.glob("*"))


def test_a_failed_audit_stops_the_release(at, monkeypatch):
    from pipeline.hall import tabulating
    from pipeline.model import Problem

    run = at("drafted")
    monkeypatch.setattr(tabulating, "audit", lambda *_: ({"status": "exposed"}, [Problem("計算できてしまいます")]))
    code, printed = release(run)
    assert code == 2 and "計算できてしまいます" in printed and not list(run.releases.glob("*"))


def test_the_same_again_is_no_release(at):
    run = at("released")
    code, printed = release(run, day="2026-05-01")
    assert code == 2 and "変わったところがありません" in printed
    assert [path.name for path in run.releases.iterdir()] == ["1"]


def test_a_changed_received_file_of_a_released_wave_stops_the_report(at):
    run = at("released")
    before = files(run.root / "reports")
    small_survey.receive(run.root, 9)
    for verb in ("report", "check"):
        code, printed = run(verb)
        assert code == 2 and RECEIVED in printed and "第1版" in printed and "--correction" in printed
    assert files(run.root / "reports") == before
    small_survey.receive(run.root, 7)
    assert run("report")[0] == 0


def test_a_changed_number_is_a_correction_or_no_release(at):
    code, printed = release(at("counted again"), day="2026-05-01")
    assert code == 2 and "count 7→9" in printed and "--correction" in printed


def test_who_approves_a_correction_sees_the_published_and_the_new_number(stages):
    """In the set beside the build; before the first release there is nothing to compare with."""
    place = Path("reports") / SURVEY / WAVE / "internal" / "documents" / "approval.docx"
    chapter = "前の公表（第1版）との違い"
    first, second = (docx.Document(str(stages[name] / place)) for name in ("drafted", "counted again"))
    assert chapter not in [p.text for p in first.paragraphs]
    assert chapter in [p.text for p in second.paragraphs]
    rows = [[cell.text for cell in row.cells] for table in second.tables for row in table.rows]
    assert ["協働の経験「ある」", "35.0%（7人）", "45.0%（9人）", "+10.0", ""] in rows


def test_a_correction_tells_what_was_wrong(at):
    run = at("corrected")
    public = run.releases / "2" / "public"
    errata = list(csv.DictReader(io.StringIO((public / "opendata" / "errata.csv").read_text(encoding="utf-8-sig"))))
    told = {(row["option"], row["field"]): (row["old"], row["new"], row["reason"], row["date"]) for row in errata}
    assert told["ある", "percent"] == ("35.0", "45.0", "入力の誤り", "2026-05-01")
    assert told["ない", "count"] == ("13", "11", "入力の誤り", "2026-05-01")
    for name in ("page.html", "index.html"):
        page = (public / name).read_text(encoding="utf-8")
        assert "訂正のお知らせ" in page and "令和8年5月1日訂正（第2版" in page and "入力の誤り" in page
        assert re.search(r"<td[^>]*>35\.0</td><td[^>]*>45\.0</td>", page)
    first = run.releases.relative_to(run.root) / "1"
    assert "35.0" in (run.root / first / "public" / "page.html").read_text(encoding="utf-8")
    assert run("audit")[0] == 0


@pytest.mark.slow
def test_a_later_release_still_tells_of_earlier_corrections(at):
    run = at("corrected")
    small_survey.receive(run.root, 8)
    run("report", "--correction")
    assert release(run, "--correction", "二重の入力", day="2026-06-01")[0] == 0
    page = (run.releases / "3" / "public" / "page.html").read_text(encoding="utf-8")
    assert "入力の誤り" in page and "二重の入力" in page


def test_a_withdrawn_number_is_not_told_again():
    old = register.rows("estimates", CSV.format(count=4, status="shown").encode(), ("survey", "wave"), {"count"})
    new = register.rows("estimates", CSV.format(count="", status="withheld").encode(), ("survey", "wave"), {"count"})
    (found,) = register.errata({row.place: row for row in old}, new, (2, date(2026, 5, 1), "秘匿"))
    assert (found.old, found.new) == ("", register.WITHDRAWN)


def test_words_may_change_without_a_correction(at):
    run = at("released")
    page = run.root / "surveys" / SURVEY / "page" / f"{WAVE}.md"
    page.parent.mkdir()
    page.write_text("# 結果\n\n言葉を直しました。\n\n[[experience]]\n", encoding="utf-8")
    run("report")
    assert release(run, day="2026-05-01")[0] == 0
    assert "訂正" not in (run.releases / "2" / "public" / "page.html").read_text(encoding="utf-8")


def test_a_release_before_the_last_one_is_refused(at):
    code, printed = release(at("counted again"), "--correction", "誤り", day="2026-03-01")
    assert code == 2 and "前の公表より前" in printed


def test_what_was_released_is_never_altered_in_silence(at):
    run = at("counted again")
    path = run.releases / "1" / "public" / "page.html"
    path.write_text(path.read_text(encoding="utf-8").replace("35.0", "36.0"), encoding="utf-8")
    code, printed = run("audit")
    assert code == 2 and "releases/2025/1/public/page.html" in printed
    code, printed = release(run, "--correction", "誤り", day="2026-05-01")
    assert code == 2 and "公表台帳のファイル" in printed


def test_late_returns_are_in_the_ledger_and_in_no_figure(at):
    run = at("released")
    tables = run.root / "data" / "processed" / SURVEY
    before = (tables / "public" / "estimates.csv").read_bytes()
    wave = run.root / "surveys" / SURVEY / "waves" / f"{WAVE}.toml"
    more = '[[files]]\nfile = "遅れ.csv"\nlayout = "csv"\nmode = "紙"\nserial = "受付番号"\nafter_deadline = true\ncolumns = { experience = "経験" }\n'
    text = wave.read_text(encoding="utf-8")
    wave.write_text(text + "\n" + more, encoding="utf-8")
    late = (run.root / RECEIVED).with_name("遅れ.csv")
    for count, code in ((9, 0), (10, 2)):
        late.write_text("受付番号,経験\n" + "".join(f"{number},ある\n" for number in range(31, 31 + count)), encoding="utf-8")
        found, printed = run("report")
        assert found == code, printed
        assert (tables / "public" / "estimates.csv").read_bytes() == before
    assert "締切後の回答が多く" in printed and "10件" in printed and "10件より少ないこと" in printed
    ledger = list(csv.DictReader(io.StringIO((tables / "ledger.csv").read_text(encoding="utf-8"))))
    assert sum((row["status"], row["reason"]) == ("rejected", "after_deadline") for row in ledger) == 9
    # The same file without the word is a changed released wave.
    wave.write_text(text + "\n" + more.replace("after_deadline = true\n", ""), encoding="utf-8")
    code, printed = run("report")
    assert code == 2 and "あとから加わっています" in printed


def test_a_copy_of_an_earlier_release_is_told_as_one(at):
    run = at("corrected")
    code, printed = run("verify", str(run.releases / "1/public/page.html"))
    assert code == 2 and "page.html: 第1版の写しです。第2版に差し替える" in printed
    code, printed = run("verify", str(run.releases / "2/public/index.html"))
    assert code == 0 and "写しです" not in printed


# ---- trace -------------------------------------------------------------------------------


def test_trace_walks_from_the_figure_to_rows_releases_and_reasons(at):
    run = at("corrected")
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


@pytest.mark.parametrize(
    ("count", "base", "told"),
    [(7, 18, "100 × 7 ÷ 18 = 350/9 = 38.888888…"), (1, 16, "100 × 1 ÷ 16 = 25/4 = 6.25 → 小数第2位を四捨五入 → 6.3%")],
)
def test_the_steps_of_rounding_are_exact(count, base, told):
    from pipeline.hall.trace import _rounding

    row = {"count": count, "count_low": count, "count_high": count, "base": base, "status": "shown", "base_kind": "asked", "basis": "counted", "measure": "share", "note": ""}
    assert any(told in line for line in _rounding(row))


def test_trace_before_any_release_and_of_nothing(at):
    run = at("drafted")
    assert "まだ公表していません" in run("trace", SURVEY, "experience.yes")[1]
    code, printed = run("trace", SURVEY, "experience.yes", "wave=")
    assert code == 2 and "数値の条件が違います" in printed
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


def test_every_release_folder_is_found_by_number(tmp_path):
    for name in (*map(str, range(1, 11)), ".3.new", "x"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "release.json").write_text("{}", encoding="utf-8")
    assert [release.number for release in register.recorded(tmp_path)] == list(range(1, 11))


@pytest.mark.parametrize(("verb", "words"), [("audit", ()), ("release", ("--correction", "直し")), ("check", ())])
@pytest.mark.parametrize("damage", ["gone", "broken", "folder"])
def test_a_release_whose_record_is_gone_is_not_forgotten(at, verb, words, damage):
    run = at("released")
    folder = run.root / "surveys" / SURVEY / register.FOLDER / WAVE / "1"
    if damage == "folder":
        folder.rename(folder.with_name("2"))
    elif damage == "gone":
        (folder / register.RECORD).unlink()
    else:
        (folder / register.RECORD).write_text("{", encoding="utf-8")
    before = small_survey.files(run.root / "surveys")
    code, printed = release(run, *words) if verb == "release" else run(verb)
    assert code == 2 and "公表台帳" in printed and "git から元に戻して" in printed and "プログラムの誤り" not in printed
    assert small_survey.files(run.root / "surveys") == before


def test_a_record_is_sealed(at):
    run = at("released")
    path = run.root / "surveys" / SURVEY / register.FOLDER / WAVE / "1" / register.RECORD
    path.write_text(path.read_text(encoding="utf-8").replace("協働課長", "市長"), encoding="utf-8")
    code, printed = run("audit")
    assert code == 2 and "release.json" in printed and "公表したときと違います" in printed


@pytest.mark.parametrize(
    ("words", "told"),
    [(("--date", "2062-04-01"), "公表日が調査の時期と合いません"), (("--date", "2026-01-29"), "公表日が調査の時期と合いません")],
)
def test_a_day_that_cannot_be_is_refused(at, words, told):
    code, printed = at("drafted")("release", SURVEY, "--wave", WAVE, *SIGNED, *words)
    assert code == 2 and told in printed and "--date の日付を確かめて" in printed


def test_a_reason_that_would_be_calculated_is_refused_once(at):
    code, printed = release(at("released"), "--correction", "=1+1")
    assert code == 2 and printed.count("[エラー]") == 1 and "--correction" in printed
