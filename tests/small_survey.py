"""A survey of one question and twenty answers, made on the spot: the real command builds it in a moment."""

from __future__ import annotations

from pathlib import Path

_SURVEY = """title = "小さな調査"
organisation = "みほん市"
is_sample = true

[[questions]]
id = "experience"
label = "協働の経験"
kind = "single"
text = "協働したことがありますか。"
options = [{ id = "yes", label = "ある" }, { id = "no", label = "ない" }]
"""
_WAVE = """label = "令和7年度"
fieldwork = { start = 2026-01-13, end = 2026-01-30 }
population = { total = 40 }

[wording]
experience = "協働したことがありますか。"

[[files]]
file = "回答.csv"
layout = "csv"
mode = "Web"
serial = "受付番号"

[files.columns]
experience = "経験"
"""
SURVEY, WAVE = "small", "2025"
RECEIVED = f"data/raw/{SURVEY}/{WAVE}/回答.csv"


def write_survey(root: Path) -> Path:
    """Write the survey with its first received file; return the workspace."""
    waves = root / "surveys" / SURVEY / "waves"
    waves.mkdir(parents=True)
    (waves.parent / "survey.toml").write_text(_SURVEY, encoding="utf-8")
    (waves / f"{WAVE}.toml").write_text(_WAVE, encoding="utf-8")
    (root / RECEIVED).parent.mkdir(parents=True)
    receive(root, 7)
    return root


def receive(root: Path, yes: int) -> None:
    """Put a received file in place in which ``yes`` of twenty people say yes."""
    rows = [f"{number},{'ある' if number <= yes else 'ない'}\n" for number in range(1, 21)]
    (root / RECEIVED).write_text("受付番号,経験\n" + "".join(rows), encoding="utf-8")


def files(folder: Path) -> dict[str, bytes]:
    """Return relative path → content of every file under ``folder``."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def outputs(root: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the reports and the processed tables of the survey."""
    return files(root / "reports" / SURVEY / WAVE), files(root / "data" / "processed" / SURVEY)


def leftovers(root: Path) -> list[str]:
    """Return what no finished run leaves behind."""
    paths = [*(root / "reports").rglob(".*"), *(root / "data" / "processed").rglob(".*")]
    return [path.name for path in paths if path.name != ".lock"]
