"""What people answered does not enter the repository."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from pipeline.__main__ import main
from pipeline.disclosure import guard
from tests.conftest import ROOT

NOTEBOOK = {"cells": [{"cell_type": "code", "outputs": [], "execution_count": None}, {"cell_type": "markdown"}]}
REFUSED = (
    "data/raw/real/2025/回答.csv",
    "data/review/staff/2025_good.xlsx",
    "data/processed/staff/responses.csv",
    "reports/staff/2025/public/index.html",
    "surveys/real/names/people.csv",
    "surveys/real/回答一覧.csv",
    "surveys/real/coding/2025/作業表.xlsx",
    "surveys/real/coding/2025/audit.xlsx",
    "集計.XLSX",
    "docs/表.ods",
    "tests/goldens/answers.xlsx",
    "~$themes.xlsx",
)
ALLOWED = (
    "data/raw/staff/2025/R7_Web回答.csv",
    "surveys/staff/names/places.csv",
    "surveys/real/themes.xlsx",
    "surveys/real/comparability.csv",
    "surveys/real/coding/decisions.csv",
    "surveys/real/coding/2025/lines.csv",
    "surveys/real/releases/2025/1/public/tables.xlsx",
    "surveys/real/releases/2025/1/register.csv",
    "tests/exports/forms/received.xlsx",
    "tests/goldens/inference.csv",
    "pipeline/model.py",
)


def test_paths_by_what_they_may_hold():
    found = guard.problems([*REFUSED, *ALLOWED], ["staff"], lambda path: b"")
    assert {problem.file for problem in found} == set(REFUSED)


@pytest.mark.parametrize(
    ("change", "is_refused"),
    [({}, False), ({"outputs": [{"text": "3"}]}, True), ({"execution_count": 1}, True)],
)
def test_notebooks_with_outputs_are_refused(change, is_refused):
    content = json.dumps({"cells": [NOTEBOOK["cells"][0] | change, NOTEBOOK["cells"][1]]}).encode()
    assert bool(guard.problems(["notebooks/x.ipynb"], [], lambda path: content)) is is_refused


def test_a_notebook_that_cannot_be_read_is_refused():
    assert guard.problems(["notebooks/x.ipynb"], [], lambda path: b"<<<<<<<")


def git(root, *words: str) -> str:
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True, encoding="utf-8").stdout


@pytest.fixture
def repository(tmp_path):
    git(tmp_path, "init", "--quiet")
    shutil.copy(ROOT / ".gitignore", tmp_path)
    for name in ("surveys/staff/survey.toml", "data/raw/staff/2025/回答.csv", "data/raw/real/2025/回答.csv", "surveys/real/names/人.csv",
                 "data/review/staff/2025.xlsx", "data/processed/staff/responses.csv", "reports/staff/2025/public/page.html"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")
    shutil.copy(ROOT / "surveys/staff/survey.toml", tmp_path / "surveys/staff/survey.toml")
    return tmp_path


def test_raw_review_and_processed_data_are_ignored_by_default(repository):
    git(repository, "add", "--all")
    added = set(git(repository, "-c", "core.quotepath=false", "ls-files").splitlines())
    assert added == {".gitignore", "surveys/staff/survey.toml", "data/raw/staff/2025/回答.csv"}


def test_the_check_reads_what_is_committed(repository, capsys):
    git(repository, "add", "--force", "data/raw/real/2025/回答.csv")
    assert main(["audit", "--git", "--root", str(repository)]) == 2
    assert "data/raw/real/2025/回答.csv" in capsys.readouterr().out
    git(repository, "rm", "--cached", "--quiet", "data/raw/real/2025/回答.csv")
    assert main(["audit", "--git", "--root", str(repository)]) == 0


def test_a_folder_without_git_is_one_sentence(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert main(["audit", "--git", "--root", str(tmp_path)]) == 2
    printed = "".join(capsys.readouterr())
    assert "git で調べられません" in printed and "Traceback" not in printed


def test_this_repository_is_clean(capsys):
    if not (ROOT / ".git").exists():
        pytest.skip("not a repository")
    assert main(["audit", "--git", "--root", str(ROOT)]) == 0, capsys.readouterr().out
