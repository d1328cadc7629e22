"""template: the workbook into which paper forms are keyed."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline import definitions
from pipeline.hall.reading import say
from pipeline.matching import nearest
from pipeline.model import Problem, ProblemsFound, Survey, Wave
from pipeline.workspace import Workspace


def template(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Write 入力表 of one wave into data/review; what lies there is never overwritten."""
    survey = _survey(workspace, arguments.surveys)
    wave = _wave(survey, arguments.wave)
    target = workspace.review(survey.id, wave.key) / f"入力表_{wave.key}.xlsx"
    place = target.relative_to(workspace.root).as_posix()
    if target.exists():
        what, step = (
            "入力表がもうあります（入力した内容を消さないよう、書き換えません）",
            "作り直すときは、このファイルの名前を変えるか別の場所に移してから、もう一度実行してください。",
        )
        raise ProblemsFound([Problem(what, file=place, next_step=step)])
    from pipeline.ingest.template import keying_workbook

    _write_new(target, keying_workbook(survey.at(wave.key), wave))
    say(f"{survey.id} {wave.key}: 入力表を作りました: {place}")
    print(f"次にすること: 「記入要領」のシートを読んで入力し、data/raw/{survey.id}/{wave.key}/ に置きます。")
    return 0


def _survey(workspace: Workspace, named: list[str]) -> Survey:
    if len(named) == 1:
        return definitions.load(workspace.root, named[0])
    ids = definitions.survey_ids(workspace.root)
    what, step = "どの調査の入力表を作るか、1つだけ書いてください", "python -m pipeline template 調査名"
    expected = "、".join(ids)
    raise ProblemsFound(
        [Problem(what, file="surveys", found="、".join(named), expected=expected, next_step=step)]
    )


def _wave(survey: Survey, named: str) -> Wave:
    """Return the wave asked for, or the newest one that has a wave file."""
    waves = {
        wave.key: wave
        for wave in (*survey.waves, *survey.preparing)
        if wave.files or wave in survey.preparing
    }
    key = named or max(waves, default="")
    place = f"surveys/{survey.id}/waves/{key or '年度'}.toml"
    if key not in waves:
        close = nearest(key, waves)
        what, step = (
            "調査回のファイルがありません",
            "前の年度のファイルを写して、[[files]] を消したものを置いてください。",
        )
        step = f"「{close}」を指定するか、{step}" if close else step
        raise ProblemsFound(
            [Problem(what, file=place, found=named, expected="、".join(waves), next_step=step)]
        )
    if not any(waves[key].asks(question.id) for question in survey.questions):
        what, step = "この調査回には設問がありません", "[wording] に設問を書いて、もう一度実行してください。"
        raise ProblemsFound([Problem(what, file=place, key="wording", found="（なし）", next_step=step)])
    return waves[key]


def _write_new(target: Path, content: bytes) -> None:
    """Write a file that was not there; an interrupted run leaves nothing under its name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.part")
    aside.write_bytes(content)
    aside.rename(target)
