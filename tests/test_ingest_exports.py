"""Each folder of tests/exports is one case: a wave file, received files, and what must be read from them.

Whatever ``expected*`` file a folder holds is compared: adding a folder adds a test.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from pipeline import definitions, ingest
from pipeline.__main__ import main
from pipeline.messages import problems_text

EXPORTS = Path(__file__).parent / "exports"
CASES = sorted(path.parent.name for path in EXPORTS.glob("*/wave.toml"))


def workspace(case: str, root: Path) -> Path:
    """Return a workspace that holds one case as the survey ``case``, wave 2025."""
    survey = root / "surveys" / "case"
    (survey / "waves").mkdir(parents=True)
    for name in ("survey.toml", "themes.tsv"):
        shutil.copy(EXPORTS / name, survey / name)
    shutil.copy(EXPORTS / case / "wave.toml", survey / "waves" / "2025.toml")
    shutil.copytree(EXPORTS / case / "received", root / "data" / "raw" / "case" / "2025")
    return root


def expectations(received: ingest.Received) -> dict[str, str]:
    """Return file name → text of everything that was read."""
    constant = ["wave", "file", "weight"]
    asked = [c for c in received.responses if not (received.responses[c] == "not_asked").all()]
    responses = received.responses[[c for c in asked if c not in constant]]
    ledger = received.ledger[["file", "sheet", "row", "status", "reason", "respondent"]].astype({"row": int})
    return {
        "expected.csv": responses.to_csv(index=False, lineterminator="\n"),
        "expected_comments.csv": received.comments.to_csv(index=False, lineterminator="\n"),
        "expected_ledger.csv": ledger.to_csv(index=False, lineterminator="\n"),
        "expected_problems.txt": problems_text(received.problems) + "\n",
    }


def read_case(case: str, root: Path) -> ingest.Received:
    workspace(case, root)
    return ingest.read(definitions.load(root, "case"), root / "data" / "raw" / "case")


@pytest.mark.parametrize("case", CASES)
def test_what_is_read_is_what_was_expected(case, tmp_path):
    found = expectations(read_case(case, tmp_path))
    written = [path for path in (EXPORTS / case).iterdir() if path.name.startswith("expected")]
    assert written, f"{case} expects nothing"
    for path in written:
        assert found[path.name] == path.read_text(encoding="utf-8"), path.name


@pytest.mark.parametrize("case", CASES)
def test_every_physical_row_is_accounted_for(case, tmp_path):
    received = read_case(case, tmp_path)
    counts = received.ledger["status"].value_counts()
    assert set(counts.index) <= {"accepted", "rejected", "duplicate"}
    assert counts.get("accepted", 0) == len(received.responses)
    accepted = received.ledger["status"] == "accepted"
    assert list(received.ledger["respondent"][accepted]) == list(received.responses["respondent"])
    assert (received.ledger["reason"][~accepted] != "").all()


@pytest.mark.parametrize("case", [case for case in CASES if case.startswith("broken")])
def test_broken_files_end_with_two_in_japanese_and_touch_nothing(case, tmp_path, capsys):
    workspace(case, tmp_path)
    before = sorted(tmp_path.rglob("*"))
    for verb in ("check", "report"):
        assert main([verb, "--root", str(tmp_path)]) == 2
        printed = capsys.readouterr().out
        assert "Traceback" not in printed and "プログラムの誤り" not in printed
        assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("case", CASES)
def test_problems_are_for_an_officer(case, tmp_path):
    for problem in read_case(case, tmp_path).problems:
        assert re.search(r"[ぁ-ん]", problem.what) and problem.file
        if problem.is_error:
            assert "python -m pipeline check" in problem.next_step
            assert problem.expected or problem.found
        problems_text([problem]).encode("cp932")


def test_no_message_holds_a_free_answer(tmp_path):
    for case in ("broken_keyed", "broken_csv"):
        text = problems_text(read_case(case, tmp_path / case).problems)
        assert "秘密" not in text and "ああ" not in text
