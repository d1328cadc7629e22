"""notebooks: the planners' notebooks become HTML pages."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.hall.reading import chosen_surveys, say
from pipeline.model import Problem, ProblemsFound
from pipeline.swap import replacing
from pipeline.workspace import Workspace

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def notebooks(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Execute the planners' notebooks into reports/<survey>/<wave>/notebooks/."""
    from pipeline.report.notebooks import execute

    for survey in chosen_surveys(workspace, arguments.surveys, arguments.wave):
        target = workspace.reports(survey.id, survey.newest.key) / "notebooks"
        if not workspace.is_current(survey, workspace.sources(survey.id)):
            what = "この調査回の集計がないか、古くなっています"
            step = f"先に python -m pipeline report {survey.id} --wave {survey.newest.key} を実行してください。"
            raise ProblemsFound([Problem(what, file=f"data/processed/{survey.id}", next_step=step)])
        with replacing(target) as folder:
            for notebook in sorted(NOTEBOOKS.glob("*.ipynb")):
                execute(notebook, survey.id, survey.newest.key, workspace.root, folder / f"{notebook.stem}.html")
        say(f"{target.relative_to(workspace.root).as_posix()}/ にノートブックを作りました")
    return 0
