"""propose on the received files of every case: the layout is recognised, and no column is mapped wrongly."""

from __future__ import annotations

import shutil
import tomllib

import pytest

from pipeline import definitions
from pipeline.ingest.proposal import propose
from pipeline.matching import fold_tight
from tests.conftest import ROOT

EXPORTS = ROOT / "tests" / "exports"
CASES = sorted(p.parent.name for p in EXPORTS.glob("*/wave.toml") if not p.parent.name.startswith("broken"))


@pytest.mark.parametrize("case", CASES)
def test_the_layout_is_recognised_and_what_is_mapped_is_right(case, tmp_path):
    folder = tmp_path / "surveys" / "small"
    folder.mkdir(parents=True)
    for name in ("survey.toml", "themes.tsv"):
        shutil.copy(EXPORTS / name, folder)
    survey = definitions.load(tmp_path, "small", coming="2025")
    files = tomllib.loads((EXPORTS / case / "wave.toml").read_text(encoding="utf-8"))["files"]
    contents = {file["file"]: (EXPORTS / case / "received" / file["file"]).read_bytes() for file in files}
    drafted = tomllib.loads(propose(survey, "small", "2025", contents).wave_text)["files"]
    for file, draft in zip(files, drafted, strict=True):
        assert draft["layout"] == file["layout"]
        for question, header in draft.get("columns", {}).items():
            known = file["columns"].get(question)
            known = known if isinstance(known, list) else [known]
            assert fold_tight(header) in map(fold_tight, known), question
