"""preview: the newest results page is opened in the browser. Nothing is read but its place, nothing is made."""

from __future__ import annotations

import argparse
import os
import sys
import webbrowser
from pathlib import Path

from pipeline.hall.reading import chosen_surveys, say
from pipeline.model import Problem, ProblemsFound, Survey
from pipeline.workspace import Workspace

_PAGE = Path("public", "index.html")


def preview(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Open the newest page of each survey; name it where there is no browser. Raises ProblemsFound without one."""
    surveys = chosen_surveys(workspace, arguments.surveys, arguments.wave)
    pages = [(survey, _newest(workspace, survey, arguments.wave)) for survey in surveys]
    if not any(page for _, page in pages):
        raise ProblemsFound([_nothing_made(workspace, survey) for survey in surveys])
    for survey, page in pages:
        if page is None:
            print(f"{survey.id}: 結果ページはまだありません。make report で作れます。")
            continue
        place = page.relative_to(workspace.root).as_posix()
        if _has_screen() and webbrowser.open(page.as_uri()):
            say(f"ブラウザーで開きました: {place}")
        else:
            print(f"ブラウザーを開けません。次のファイルを開いてください: {place}")
    return 0


def _newest(workspace: Workspace, survey: Survey, wave: str) -> Path | None:
    """Return the page of ``wave``, or of the newest wave that has one; it may be older than the newest wave."""
    keys = [wave] if wave else [entry.key for entry in reversed(survey.waves)]
    found = (workspace.reports(survey.id, key) / _PAGE for key in keys)
    return next((page for page in found if page.is_file()), None)


def _nothing_made(workspace: Workspace, survey: Survey) -> Problem:
    place = workspace.reports(survey.id, survey.newest.key) / _PAGE
    return Problem(
        "結果ページがまだありません",
        file=place.relative_to(workspace.root).as_posix(),
        next_step="make report（または python -m pipeline report）で作ってから、もう一度実行してください。",
    )


def _has_screen() -> bool:
    """True where a browser can show a window; a text browser in the console is of no use here."""
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        return "BROWSER" in os.environ
    return True
