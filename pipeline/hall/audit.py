"""audit: what must not be published is looked for in any folder, in the register, or in the repository."""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pipeline import definitions, register
from pipeline.hall.reading import say, show_all
from pipeline.model import Problem, ProblemsFound
from pipeline.register import PUBLIC, recorded
from pipeline.workspace import Workspace


def audit(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Print what was found; 2 when there is anything. Without a folder: every public build and release."""
    if arguments.git:
        return _told(_committed(workspace), "git に登録されたファイル")
    if arguments.surveys:
        folders = [Path(name) for name in arguments.surveys]
        if absent := [folder for folder in folders if not folder.is_dir()]:
            step = "フォルダーの場所を確かめてください。"
            raise ProblemsFound(
                Problem("フォルダーがありません", file=str(path), next_step=step) for path in absent
            )
        counts = [sum(path.is_file() for path in folder.rglob("*")) for folder in folders]
        problems = [
            Problem("フォルダーにファイルがありません", file=str(folder), next_step="フォルダーの場所を確かめてください。")
            for folder, count in zip(folders, counts, strict=True)
            if not count
        ]
        problems += [p for folder in folders for p in _in_folder(folder, folder.as_posix())]
        return _told(problems, f"{'、'.join(map(str, folders))} の{sum(counts)}ファイル")
    builds = sorted((workspace.root / "reports").glob(f"*/*/{PUBLIC}"))
    releases = [
        found
        for wave in sorted((workspace.root / "surveys").glob(f"*/{register.FOLDER}/*"))
        for found in recorded(wave)
    ]
    problems = [problem for release in releases for problem in _altered(workspace, release)]
    for folder in (*builds, *(release.folder / PUBLIC for release in releases)):
        problems += _in_folder(folder, folder.relative_to(workspace.root).as_posix())
    return _told(problems, f"公表版{len(builds)}つと公表台帳の{len(releases)}つ")


def _told(problems: list[Problem], looked_at: str) -> int:
    show_all(problems)
    if not problems:
        say(f"見たかぎり、公開してはいけないものは見つかりませんでした（{looked_at}）")
    return 2 if problems else 0


def _in_folder(folder: Path, name: str) -> Iterator[Problem]:
    from pipeline import report as report_room
    from pipeline.disclosure import hygiene

    for problem in hygiene.problems(folder, report_room.inline_scripts()):
        yield replace(problem, file=f"{name}/{problem.file}")


def _altered(workspace: Workspace, release: register.Recorded) -> Iterator[Problem]:
    place = release.folder.relative_to(workspace.root).as_posix()
    for name in release.altered():
        step = "公表したものは直しません。git から元に戻し、直すときは訂正版を公表してください。"
        yield Problem("公表台帳のファイルが、公表したときと違います", file=f"{place}/{name}", next_step=step)


def _committed(workspace: Workspace) -> list[Problem]:
    from pipeline.disclosure import guard

    def git(*words: str) -> bytes:
        return subprocess.run(["git", *words], cwd=workspace.root, capture_output=True, check=True).stdout

    try:
        paths = git("ls-files", "-z").decode("utf-8", "replace").split("\0")
    except (OSError, subprocess.CalledProcessError) as refused:
        step = "git の入ったパソコンで、登録された（git clone した）フォルダーの中で実行してください。"
        raise ProblemsFound(
            [Problem("git で調べられません", file=str(workspace.root), next_step=step)]
        ) from refused
    surveys = (definitions.read(workspace.root, name)[0] for name in definitions.survey_ids(workspace.root))
    samples = [survey.id for survey in surveys if survey and survey.is_sample]
    return guard.problems(filter(None, paths), samples, lambda path: git("show", f":{path}"))
