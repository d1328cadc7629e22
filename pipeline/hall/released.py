"""What the register says against a run: received files that were changed, figures that add up to an answer."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipeline.hall.auditing import audit_with_releases
from pipeline.model import Problem, Survey
from pipeline.register import PUBLIC, recorded
from pipeline.workspace import Sources, Workspace

if TYPE_CHECKING:
    import pandas as pd


def received_since_release(workspace: Workspace, survey: Survey, sources: Sources) -> list[Problem]:
    """Return an error per received file of a released wave that was changed, removed or added since.

    Files declared as late (``after_deadline``) move no figure and may come; so may files nobody mentions.
    """
    problems = []
    for wave in survey.waves:
        releases = recorded(workspace.releases(survey.id, wave.key))
        if not releases:
            continue
        last, start = releases[-1], f"data/raw/{survey.id}/{wave.key}/"
        late = {_name(received.file) for received in wave.files if received.after_deadline}
        counted = {_name(received.file) for received in wave.files} - late
        then, now = last.record["inputs"], sources.inputs
        for path in sorted(path for path in then | now if path.startswith(start)):
            is_counted = path in then or _name(path.removeprefix(start)) in counted
            if then.get(path) != now.get(path) and is_counted and _name(path.removeprefix(start)) not in late:
                problems.append(
                    _changed(survey.id, wave.key, last.number, path, then.get(path), now.get(path))
                )
    return problems


def _name(text: str) -> str:
    # Some systems store か + ゛ where the wave file has が.
    return unicodedata.normalize("NFC", text)


def _changed(survey: str, wave: str, number: int, path: str, then: str | None, now: str | None) -> Problem:
    found = (
        "なくなっています"
        if now is None
        else "あとから加わっています"
        if then is None
        else "中身が変わっています"
    )
    return Problem(
        "公表した調査回の、受け取ったファイルが公表したときと違います",
        file=path,
        key=f"公表台帳 {wave} 第{number}版",
        found=found,
        expected="公表したときと同じファイル",
        next_step="もとに戻すか、訂正するときは python -m pipeline report "
        f"{survey} --wave {wave} --correction で集計し、release --correction 理由 で訂正版を公表してください。"
        "締切後に届いた回答なら、[[files]] に after_deadline = true と書いてください。",
    )


def exposed_with_releases(
    workspace: Workspace, survey: Survey, files: Mapping[str, bytes], internal: pd.DataFrame
) -> list[Problem]:
    """Return an error where an outsider who has all that was released could work out anybody's answer.

    files: the open data that would be released; internal: the estimates of the internal edition. Every
    release of every wave counts, later waves and corrected editions too: whoever kept them has them all.
    """
    folder = workspace.releases(survey.id, "")
    releases = sorted(
        (release for wave in folder.glob("*") for release in recorded(wave)),
        key=lambda release: (release.record["date"], release.record["wave"], release.number),
    )
    if not releases:
        return []
    folders = [release.folder / PUBLIC / "opendata" for release in releases]
    earlier = [{path.name: path.read_bytes() for path in sorted(folder.glob("*.csv"))} for folder in folders]
    return audit_with_releases(survey, earlier, files, internal, workspace.left_out(survey.id))
