"""Before a verb writes: nobody else is writing, and what an interrupted run left behind is tidied."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from pipeline import lock
from pipeline.hall.reading import say
from pipeline.model import Problem, ProblemsFound
from pipeline.swap import recover, unfinished
from pipeline.workspace import Workspace


@contextmanager
def alone(workspace: Workspace) -> Iterator[None]:
    """Write alone. Raises ProblemsFound when another run does not end."""
    started = datetime.now(UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    words = f"{platform.node()} のプロセス {os.getpid()}（{started} に開始）"
    try:
        with lock.holding(workspace.lock, words, _say_whom_we_wait_for):
            yield
    except lock.Held as held:
        place = workspace.lock.relative_to(workspace.root).as_posix()
        what, step = (
            "ほかの実行が書き込んでいるため、始められません",
            "その実行が終わるのを待つか、止まっていれば終了させて、もう一度実行してください。",
        )
        raise ProblemsFound([Problem(what, file=place, found=str(held), next_step=step)]) from held


def _say_whom_we_wait_for(holder: str) -> None:
    print(f"ほかの実行が終わるのを待っています: {holder or '始まったばかりの実行'}", flush=True)


def tidy(workspace: Workspace) -> None:
    """Finish or undo every interrupted swap of the workspace; nothing is touched when there is none."""
    if not any(unfinished(folder) for folder in workspace.output_folders()):
        return
    with alone(workspace):
        for folder in workspace.output_folders():
            for target in unfinished(folder):
                if recover(target):
                    say(
                        f"中断していた書き込みを片付けました: {target.relative_to(workspace.root).as_posix()}"
                    )
