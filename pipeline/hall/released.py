"""What the register says against a run: a released wave whose received files are no longer the released ones."""

from __future__ import annotations

import unicodedata

from pipeline.model import Problem, Survey
from pipeline.register import recorded
from pipeline.workspace import Sources, Workspace


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
