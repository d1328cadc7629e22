"""diff: what changed since the last release, the build before, an earlier wave or another folder; for proof-reading."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.hall.built import Built, built, released
from pipeline.hall.reading import chosen_surveys, say
from pipeline.hall.writing import alone, tidy
from pipeline.model import Problem, ProblemsFound, Survey
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from pipeline.report.differing import Difference

LAST, PREVIOUS = "前回", "直前"


def diff(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Print what changed and write it as reports/<survey>/adhoc/diff_<wave>.csv."""
    from pipeline.messages import console_text
    from pipeline.report import differing

    tidy(workspace)
    for survey in chosen_surveys(workspace, arguments.surveys, arguments.wave):
        other, found = _found(workspace, survey, arguments.against)
        key = survey.newest.key
        print(f"■ {survey.id} {key} を {other} とくらべました（違い {len(found)}件）")
        for line in differing.lines(found):
            print(console_text(line))
        target = workspace.adhoc(survey.id) / f"diff_{key}.csv"
        with alone(workspace):
            target.parent.mkdir(parents=True, exist_ok=True)
            aside = target.with_name(f"{target.name}.part")
            aside.write_bytes(differing.csv_bytes(found))
            aside.replace(target)
        say(f"一覧（庁内限り）: {target.relative_to(workspace.root).as_posix()}")
    return 0


def _found(workspace: Workspace, survey: Survey, against: str) -> tuple[str, list[Difference]]:
    """Return (what was compared with, the differences)."""
    from pipeline.report import differing

    key = survey.newest.key
    page = _newest(workspace, survey.id, key)
    now = differing.finished_set(page.folder, survey.unit)
    if against == key:
        raise ProblemsFound([_nothing(against, "今の調査回そのものとはくらべられません", now.waves)])
    if other := _other_set(workspace, survey, against, now.waves):
        name, folder = other
        return name, differing.between_sets(differing.finished_set(folder, survey.unit), now)
    earlier = [wave for wave in now.waves if wave < key]
    if against == LAST and not earlier:
        raise ProblemsFound([_nothing(survey.id, "公表した一式も、直前に作った結果も、前の調査回もありません", now.waves)])
    wave = earlier[-1] if against == LAST else against
    return survey.wave(wave).label, differing.between_waves(now, wave, key)


def _other_set(workspace: Workspace, survey: Survey, against: str, waves: list[str]) -> tuple[str, Path] | None:
    """Return (name, folder) of the finished set that ``against`` names; None for another wave of the same set."""
    key = survey.newest.key
    previous = workspace.previous(survey.id, key)
    if against == LAST and (last := released(workspace, survey.id, key)):
        return last.name, last.folder
    if against in (LAST, PREVIOUS) and previous.is_dir():
        return f"{survey.id} {key} の直前に作った結果", previous
    if against == PREVIOUS:
        raise ProblemsFound([_nothing(against, "直前に作った結果はありません（まだ1回しか作っていません）", waves)])
    if against == LAST or against in waves:
        return None
    folder = _folder(workspace, against, waves)
    return folder.as_posix(), folder


def _newest(workspace: Workspace, survey: str, wave: str) -> Built:
    if page := built(workspace, survey, wave):
        return page
    step = f"先に python -m pipeline report {survey} --wave {wave} を実行してください。"
    raise ProblemsFound(
        [Problem("まだ作っていない結果です", file=f"reports/{survey}/{wave}/public", next_step=step)]
    )


def _folder(workspace: Workspace, against: str, waves: list[str]) -> Path:
    """Return the folder that ``against`` names, or its public edition."""
    for place in (Path(against), workspace.root / against):
        for folder in (place, place / "public"):
            if (folder / "opendata" / "estimates.csv").is_file():
                return folder
    raise ProblemsFound([_nothing(against, "くらべる相手がありません", waves)])


def _nothing(found: str, what: str, waves: list[str]) -> Problem:
    expected = f"{LAST}、{PREVIOUS}、{'、'.join(waves[:-1])}、または opendata のあるフォルダー"
    step = "--against に、くらべる相手を書いてください。"
    return Problem(what, found=found, expected=expected, next_step=step)
