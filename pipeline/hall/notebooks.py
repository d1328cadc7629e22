"""notebooks: the planners' notebooks become HTML pages."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.hall.reading import chosen_surveys, say
from pipeline.hall.writing import alone, tidy
from pipeline.model import Problem, ProblemsFound, Survey
from pipeline.swap import replacing
from pipeline.workspace import Workspace

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def notebooks(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Execute the planners' notebooks into reports/<survey>/<wave>/notebooks/."""
    from pipeline.report.notebooks import execute

    tidy(workspace)
    surveys = chosen_surveys(workspace, arguments.surveys, arguments.wave)
    with alone(workspace):
        # Beside pages of one build, notebooks of another would be a mix.
        if stale := [
            survey for survey in surveys if not workspace.is_current(survey, workspace.sources(survey.id))
        ]:
            raise ProblemsFound(map(_not_current, stale))
        for survey in surveys:
            target = workspace.reports(survey.id, survey.newest.key) / "notebooks"
            with replacing(target) as (folder,):
                for notebook in sorted(NOTEBOOKS.glob("*.ipynb")):
                    execute(
                        notebook,
                        survey.id,
                        survey.newest.key,
                        workspace.root,
                        folder / f"{notebook.stem}.html",
                    )
            say(f"{target.relative_to(workspace.root).as_posix()}/ にノートブックを作りました")
    return 0


def _not_current(survey: Survey) -> Problem:
    what = "今の入力から作った集計がありません"
    step = f"先に python -m pipeline report {survey.id} --wave {survey.newest.key} を実行してください。"
    return Problem(what, file=f"data/processed/{survey.id}", next_step=step)
