"""What the documents say is still true."""

from __future__ import annotations

import re
import tomllib

import pytest

from pipeline import frames
from pipeline.__main__ import VERBS
from pipeline.ingest.layouts import READERS
from pipeline.report import wording
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
MANUAL = (ROOT / "docs" / "manual.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_make_target_and_is_in_the_manual(verb):
    assert re.search(rf"(?m)^{verb}:.*## ", MAKEFILE)
    assert f"make {verb}" in MANUAL


def test_every_command_of_the_documents_exists():
    targets = set(re.findall(r"(?m)^([a-z-]+):", MAKEFILE))
    for text in (README, MANUAL):
        assert set(re.findall(r"make ([a-z-]+)", text)) <= targets
        assert set(re.findall(r"python -m pipeline ([a-z-]+)", text)) <= set(VERBS)


@pytest.mark.parametrize("layout", READERS)
def test_every_layout_is_in_the_manual(layout):
    assert f"`{layout}`" in MANUAL


def test_every_verdict_is_explained_in_the_manual():
    for word in (*wording.VERDICT_WORDS.values(), wording.REASON_WORDS["base"], wording.REASON_WORDS["rounding"]):
        assert word in MANUAL, word


def test_links_lead_somewhere():
    for document in ("README.md", "docs/manual.md", "DECISIONS.md"):
        text = (ROOT / document).read_text(encoding="utf-8")
        # What stands in back quotes is an example of what to write.
        for link in re.findall(r"\]\(([^)#]+)\)", re.sub(r"`[^`\n]*`", "", text)):
            assert (ROOT / document).parent.joinpath(link).exists(), f"{document}: {link}"


def test_every_dependency_is_pinned_without_an_address():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(name for group in project["optional-dependencies"].values() for name in group)]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.split("==")[0].lower() for line in lines if "==" in line}
    assert {name.lower() for name in wanted} <= pinned
    assert not any("://" in line or "@" in line for line in lines)


def test_the_report_of_a_table_has_a_key():
    for schema in (frames.ESTIMATES, frames.CHANGES, frames.ASSOCIATIONS, frames.LEDGER, frames.COMMENTS):
        assert set(schema.key) <= set(schema.columns)
        assert schema.numbers <= set(schema.columns)
