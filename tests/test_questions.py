"""The grid of questions and waves on the console."""

from __future__ import annotations

from pipeline import definitions
from pipeline.__main__ import main
from pipeline.hall.questions import grid_lines, reason_lines
from tests.conftest import ROOT, copy_survey
from tests.test_lineage import BOTH, PARTS, WISHES
from tests.wave_survey import SURVEY, link, sign, write


def _cells(lines: list[str], question: str) -> list[str]:
    line = next(line for line in lines if f"[{question}]" in line)
    return line.split("]", 1)[1].split()


def test_the_grid_of_the_sample():
    lines = grid_lines(definitions.load(ROOT, "staff"))
    assert lines[0].split() == ["設問", "2017", "2019", "2021", "2023", "2025"]
    assert _cells(lines, "section") == ["…", "初回", "同じ", "注意", "同じ"]
    assert _cells(lines, "necessity") == ["初回", "同じ", "断層・文言", "同じ", "同じ"]
    assert _cells(lines, "partner") == ["初回", "同じ", "注意", "同じ", "同じ"]
    assert _cells(lines, "consult") == ["…", "…", "…", "初回", "断層・文言"]
    assert len(lines) == 1 + len(definitions.load(ROOT, "staff").questions)


def test_the_columns_stand_under_each_other():
    lines = grid_lines(definitions.load(ROOT, "staff"))
    head = lines[0].encode("cp932")
    for line in lines[1:]:
        cells = line.encode("cp932")
        # every column begins where its year begins, on a console where kanji take two places
        for year in (b"2019", b"2021", b"2025"):
            place = head.index(year)
            assert cells[place - 2 : place] == b"  " and cells[place : place + 1] != b" "


def test_every_flagged_or_broken_step_has_its_reason(tmp_path):
    folder = write(tmp_path, parts=PARTS, wishes=WISHES, w2023={"mode": "紙"}, w2025={"mode": "紙"})
    link(folder, *BOTH)
    sign(folder, "*,2021,2023,flagged", "experience,2021,2023,broken")
    survey = definitions.load(tmp_path, SURVEY)
    lines = grid_lines(survey)
    assert _cells(lines, "experience") == ["初回", "断層", "同じ"]
    assert _cells(lines, "wish") == ["初回", "注意", "注意"]
    reasons = "\n".join(reason_lines(survey))
    assert "断層 experience 2021→2023: 理由" in reasons
    assert "注意 wish 2023→2025: つなぐ理由（「専門性（知識・人脈）」として比べる）" in reasons
    assert "すべての設問 2021→2023 注意: 理由（課長、2026-01-01）" in reasons


def test_the_verb_reads_definitions_only_and_survives_a_japanese_console(tmp_path, capsys):
    copy_survey("staff", tmp_path)
    for path in (tmp_path / "data" / "raw").rglob("*.xlsx"):
        path.unlink()
    assert main(["questions", "--root", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert printed.encode("cp932") and "みほん市" in printed
    assert main(["questions", "staff", "--wave", "2021", "--root", str(tmp_path)]) == 0
    assert "2023" not in capsys.readouterr().out.split("\n")[1]
    write(tmp_path, w2025={"mode": "紙"})
    assert main(["questions", SURVEY, "--root", str(tmp_path)]) == 2
