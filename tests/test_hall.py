"""The verbs as an officer uses them: exit codes, staleness, identical bytes, nothing half-written."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import frames
from pipeline.__main__ import main
from pipeline.workspace import Workspace
from tests.conftest import ROOT, copy_survey
from tests.small_survey import write_survey


def _files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """A workspace with printed figures only, reported once."""
    workspace = copy_survey("nagaokakyo", tmp_path_factory.mktemp("reported"))
    assert main(["report", "--root", str(workspace)]) == 0
    return workspace


def test_report_writes_the_public_contract(reported):
    public = reported / "reports" / "nagaokakyo" / "2019" / "public"
    names = set(_files(public))
    contract = {"index.html", "page.html", "tables.xlsx", "methods.html", "provenance.json"}
    contract |= {f"opendata/{name}.csv" for name in (*frames.EDITION_TABLES, "codebook")}
    assert contract | {"opendata/datapackage.json"} <= names
    assert all(name.isascii() for name in names)
    assert {name for name in names if name.startswith("fragments/")} >= {"fragments/outline.html", "fragments/experience.html"}
    charts = {Path(name).stem for name in names if name.startswith("charts/")}
    assert {f"charts/{chart}{suffix}" for chart in charts for suffix in (".png", ".svg")} <= names


def test_two_folders_give_identical_bytes(sample_reports, tmp_path):
    """Another folder, another hash seed, another locale: the same bytes."""
    for survey in ("staff", "nagaokakyo"):
        copy_survey(survey, tmp_path)
    environment = os.environ | {"PYTHONHASHSEED": "7", "LANG": "C", "TZ": "Pacific/Auckland"}
    command = [sys.executable, "-m", "pipeline", "report", "--root", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    for folder in ("reports", "data/processed"):
        one, other = _files(sample_reports / folder), _files(tmp_path / folder)
        assert list(one) == list(other)
        assert [name for name in one if one[name] != other[name]] == []


def test_a_second_report_does_nothing_and_costs_nothing(reported):
    before = _files(reported)
    times = {p: p.stat().st_mtime_ns for p in reported.rglob("*")}
    started = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "pipeline", "report", "--root", str(reported)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert "変わったものはありません" in done.stdout
    assert _files(reported) == before
    assert {p: p.stat().st_mtime_ns for p in reported.rglob("*")} == times
    assert ended.ru_utime + ended.ru_stime - started.ru_utime - started.ru_stime < 0.5


@pytest.mark.parametrize("what", ["definition", "output", "processed"])
def test_what_changed_is_made_again(nagaokakyo_workspace, capsys, what):
    assert main(["report", "--root", str(nagaokakyo_workspace)]) == 0
    before = _files(nagaokakyo_workspace / "reports")
    if what == "definition":
        path = nagaokakyo_workspace / "surveys" / "nagaokakyo" / "page" / "2019.md"
        path.write_text(path.read_text(encoding="utf-8") + "\n付記\n", encoding="utf-8")
    elif what == "output":
        (nagaokakyo_workspace / "reports/nagaokakyo/2019/public/page.html").write_text("手で直した", encoding="utf-8")
    else:
        (nagaokakyo_workspace / "data/processed/nagaokakyo/public/changes.csv").unlink()
    capsys.readouterr()
    assert main(["report", "--root", str(nagaokakyo_workspace)]) == 0
    assert "変わったものはありません" not in capsys.readouterr().out
    assert (_files(nagaokakyo_workspace / "reports") == before) is (what != "definition")


def test_deleting_what_was_made_loses_nothing(reported):
    import shutil

    before = _files(reported / "reports")
    shutil.rmtree(reported / "reports")
    shutil.rmtree(reported / "data" / "processed")
    assert main(["report", "--root", str(reported)]) == 0
    assert _files(reported / "reports") == before


def test_a_number_found_in_no_table_stops_the_build(nagaokakyo_workspace, capsys):
    assert main(["report", "--root", str(nagaokakyo_workspace)]) == 0
    before = _files(nagaokakyo_workspace / "reports") | _files(nagaokakyo_workspace / "data")
    page = nagaokakyo_workspace / "surveys" / "nagaokakyo" / "page" / "2019.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n経験がある人は99.9%でした。\n", encoding="utf-8")
    capsys.readouterr()
    assert main(["report", "--root", str(nagaokakyo_workspace)]) == 2
    printed = capsys.readouterr().out
    assert "99.9" in printed and "2019.md" in printed and "Traceback" not in printed
    assert _files(nagaokakyo_workspace / "reports") | _files(nagaokakyo_workspace / "data") == before


def test_check_writes_nothing_and_prints_the_returns(tmp_path, capsys):
    copy_survey("staff", tmp_path)
    before = _files(tmp_path)
    code = main(["check", "--strict", "--root", str(tmp_path)])
    printed = capsys.readouterr().out
    assert _files(tmp_path) == before
    assert "回答率" in printed and "総務部" in printed
    assert "[注意]" in printed and code == 1
    assert main(["check", "--strict", "--root", str(copy_survey("nagaokakyo", tmp_path / "other"))]) == 0


def test_samples_are_skipped_once_there_is_a_real_survey(nagaokakyo_workspace, capsys):
    survey = nagaokakyo_workspace / "surveys" / "nagaokakyo" / "survey.toml"
    real = nagaokakyo_workspace / "surveys" / "real"
    __import__("shutil").copytree(survey.parent, real)
    text = survey.read_text(encoding="utf-8").replace("is_sample = true", "is_sample = false")
    (real / "survey.toml").write_text(text, encoding="utf-8")
    assert main(["report", "--root", str(nagaokakyo_workspace)]) == 0
    assert sorted(p.name for p in (nagaokakyo_workspace / "reports").iterdir()) == ["real"]


def test_an_older_wave_is_reported_as_it_stood(nagaokakyo_workspace):
    assert main(["report", "nagaokakyo", "--wave", "2017", "--root", str(nagaokakyo_workspace)]) == 0
    public = nagaokakyo_workspace / "reports" / "nagaokakyo" / "2017" / "public"
    estimates = (public / "opendata" / "estimates.csv").read_text(encoding="utf-8-sig")
    assert ",2017," in estimates and ",2019," not in estimates


@pytest.mark.parametrize("words", [["reprot"], ["report", "nagaokakyou"], ["report", "--wave", "1999"], ["check", "--nonsense"]])
def test_wrong_commands_end_with_two_and_a_sentence(words, capsys):
    try:
        code = main([*words, "--root", str(ROOT)])
    except SystemExit as ended:
        code = ended.code
    printed = "".join(capsys.readouterr())
    assert code == 2
    assert "エラー" in printed and "Traceback" not in printed


def test_a_mistake_of_the_program_is_one_sentence(nagaokakyo_workspace, monkeypatch, capsys):
    def broken(*_):
        raise RuntimeError("inner words")

    monkeypatch.setattr(Workspace, "sources", broken)
    assert main(["report", "--root", str(nagaokakyo_workspace)]) == 2
    printed = "".join(capsys.readouterr())
    assert "プログラムの誤り" in printed and "inner words" not in printed and "Traceback" not in printed


def test_the_console_survives_cp932(reported):
    environment = os.environ | {"PYTHONIOENCODING": "cp932"}
    command = [sys.executable, "-m", "pipeline", "check", "--root", str(reported)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
    done.stdout.decode("cp932")


def test_light_imports_only(reported):
    program = "import sys; from pipeline.__main__ import main; main(['report', '--root', sys.argv[1]]); print(sorted(sys.modules))"
    for path in (reported / "reports", reported / "data" / "processed"):
        __import__("shutil").rmtree(path)
    done = subprocess.run([sys.executable, "-c", program, str(reported)], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True)
    loaded = done.stdout.splitlines()[-1]
    for slow in ("'scipy.stats'", "'statsmodels'", "'sklearn'", "'matplotlib.pyplot'"):
        assert slow not in loaded


def test_provenance_names_what_it_was_made_from(reported):
    provenance = json.loads((reported / "reports/nagaokakyo/2019/public/provenance.json").read_text(encoding="utf-8"))
    assert "surveys/nagaokakyo/published.csv" in provenance["definitions"]
    assert str(reported) not in json.dumps(provenance)


def test_nothing_public_names_this_machine(sample_reports):
    for name, content in _files(sample_reports / "reports").items():
        assert str(sample_reports).encode() not in content, name
        assert str(ROOT).encode() not in content, name


def test_problems_of_every_survey_come_before_anything_is_written(tmp_path, capsys):
    copy_survey("nagaokakyo", write_survey(tmp_path))
    page = tmp_path / "surveys" / "nagaokakyo" / "page" / "2019.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n[[nosuch]]\n\n{{ }}\n", encoding="utf-8")
    before = _files(tmp_path)
    for verb in ("check", "report"):
        assert main([verb, "--root", str(tmp_path)]) == 2
        printed = capsys.readouterr().out
        assert "[[nosuch]]" in printed and "2019.md" in printed
        assert _files(tmp_path) == before


def test_options_may_stand_before_the_verb(reported, capsys):
    assert main(["--root", str(reported), "check"]) == 0
    assert "回答率" in capsys.readouterr().out


def test_every_layout_of_the_definitions_has_a_reader():
    from pipeline.definitions import wave_file
    from pipeline.ingest.layouts import READERS

    assert set(wave_file.LAYOUTS) == set(READERS)
