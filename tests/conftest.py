"""Shared places and small workspaces for the tests."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
#: As the front door does, before numpy is read.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def copy_survey(survey: str, target: Path) -> Path:
    """Copy one committed survey with its received files into a workspace; return the workspace."""
    shutil.copytree(ROOT / "surveys" / survey, target / "surveys" / survey)
    raw = ROOT / "data" / "raw" / survey
    if raw.exists():
        shutil.copytree(raw, target / "data" / "raw" / survey)
    return target


@pytest.fixture
def nagaokakyo_workspace(tmp_path):
    return copy_survey("nagaokakyo", tmp_path / "workspace")


@pytest.fixture(scope="session")
def sample_reports(tmp_path_factory, worker_id):
    """A workspace with the committed sample surveys, reported once for all workers; nobody writes into it."""
    from pipeline.__main__ import main
    from pipeline.lock import holding

    folder = tmp_path_factory.getbasetemp()
    folder = folder if worker_id == "master" else folder.parent
    workspace, finished = folder / "samples", folder / "samples.finished"
    with holding(folder / "samples.lock", worker_id, tell=lambda _: None):
        if not finished.exists():
            shutil.rmtree(workspace, ignore_errors=True)
            for survey in ("staff", "nagaokakyo"):
                copy_survey(survey, workspace)
            assert main(["report", "--root", str(workspace)]) == 0
            finished.touch()
    return workspace
