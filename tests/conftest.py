"""Shared places and small workspaces for the tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


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
