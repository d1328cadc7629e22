"""propose: the draft of a wave file from the received files; for an unknown survey of survey.toml too."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from pipeline import definitions
from pipeline.hall.reading import chosen_surveys, read_all, say
from pipeline.hall.tabulating import tabulate_all
from pipeline.matching import nearest
from pipeline.model import Problem, ProblemsFound
from pipeline.workspace import Workspace

_SURVEY, _WAVE = re.compile(r"[a-z0-9][a-z0-9_]*"), re.compile(r"\d{4}(-[2-9])?")


def propose(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Draft surveys/<survey>/waves/<wave>.toml. Nothing that exists is written over."""
    if arguments.page:
        return _propose_page(workspace, arguments)
    survey_id, *named = arguments.surveys or [""]
    wave = arguments.wave or _wave_of(workspace, survey_id, named)
    _check_words(workspace, survey_id, wave)
    folder = workspace.root / "surveys" / survey_id
    target = folder / "waves" / f"{wave}.toml"
    if target.exists():
        what, place = (
            "調査回のファイルがもうあります（上書きしません）",
            target.relative_to(workspace.root).as_posix(),
        )
        step = "作り直すときは、そのファイルを別の名前にしてから、もう一度実行してください。"
        raise ProblemsFound([Problem(what, file=place, next_step=step)])
    is_known = (folder / "survey.toml").is_file()
    survey = definitions.load(workspace.root, survey_id, coming=wave) if is_known else None
    contents = _contents(workspace, survey_id, wave, named)
    from pipeline.ingest import proposal

    draft = proposal.propose(survey, survey_id, wave, contents)
    for file, words in draft.files.items():
        print(f"  {file}: {words}")
    # The survey first: if the second file cannot be written, the command can be run again.
    for path, text in ((folder / "survey.toml", draft.survey_text), (target, draft.wave_text)):
        if text:
            _write_new(path, text)
            say(f"下書きを書きました: {path.relative_to(workspace.root).as_posix()}")
    print(
        f"次にすること: 下書きの「TODO」（{draft.todos}か所）を確かめて直し、python -m pipeline check {survey_id} を実行してください。"
    )
    return 0


def _propose_page(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Draft surveys/<survey>/page/<wave>.md from the verdicts and the last wave's page."""
    from pipeline import report as report_room

    for survey in chosen_surveys(workspace, arguments.surveys, arguments.wave):
        target = workspace.root / "surveys" / survey.id / "page" / f"{survey.newest.key}.md"
        place = target.relative_to(workspace.root).as_posix()
        if target.exists():
            what = "ページの文章がもうあります（上書きしません）"
            step = "作り直すときは、そのファイルを別の名前にしてから、もう一度実行してください。"
            raise ProblemsFound([Problem(what, file=place, next_step=step)])
        made = tabulate_all(workspace, read_all(workspace, [survey]))[0]
        text = report_room.draft(made.editions["public"])
        _write_new(target, text)
        say(f"ページの文章の下書きを書きました: {place}")
        todos = sum(line.startswith("TODO") for line in text.splitlines())
        print(f"次にすること: TODO の行（{todos}行）を確かめて直し、消してください。そのあと python -m pipeline report を実行してください。")
    return 0


def _write_new(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(text.encode("utf-8"))


def _wave_of(workspace: Workspace, survey_id: str, named: list[str]) -> str:
    """Return the wave whose folder the files lie in, "" when they do not say."""
    folders = {path.parent for path in map(Path, named) if path.parent.parent.name == survey_id}
    names = {
        folder.name for folder in folders if folder.resolve().parent == workspace.raw(survey_id).resolve()
    }
    return names.pop() if len(names) == 1 else ""


def _check_words(workspace: Workspace, survey_id: str, wave: str) -> None:
    problems = []
    usage = "python -m pipeline propose 調査名 ファイル… --wave 年度 の形で、もう一度実行してください。"
    if not _SURVEY.fullmatch(survey_id):
        known = "、".join(definitions.survey_ids(workspace.root))
        what, expected = (
            "調査の名前がないか、使えない文字があります",
            f"半角の英小文字・数字・_（今ある調査: {known}）",
        )
        problems.append(Problem(what, found=survey_id or "（なし）", expected=expected, next_step=usage))
    if not _WAVE.fullmatch(wave):
        what, expected = "調査回（年度）が分かりません", "--wave 2025、同じ年度の2回目は --wave 2025-2"
        problems.append(Problem(what, found=wave or "（なし）", expected=expected, next_step=usage))
    if problems:
        raise ProblemsFound(problems)


def _contents(workspace: Workspace, survey_id: str, wave: str, named: list[str]) -> dict[str, bytes]:
    """Return name → bytes of the files asked for, all of the folder of the wave when none is named."""
    from pipeline.ingest.folder import files_of

    folder = workspace.raw(survey_id) / wave
    place = f"data/raw/{survey_id}/{wave}/"
    present = files_of(folder)
    problems, chosen = [], {}
    for name in named:
        path = _found(workspace, folder, name)
        if path and path.resolve().parent == folder.resolve():
            chosen |= {key: known for key, known in present.items() if known.name == path.name}
        elif path:
            what, step = (
                "受け取ったファイルの置き場所が違います",
                f"{place} に置いて（直さずに写して）、もう一度実行してください。",
            )
            problems.append(Problem(what, file=Path(name).name, expected=place, next_step=step))
        else:
            close = nearest(Path(name).name, present)
            found = f"似た名前「{close}」" if close else "（なし）"
            step = f"{place} に置くか、名前を確かめて、もう一度実行してください。"
            problems.append(Problem("ファイルがありません", file=name, found=found, next_step=step))
    if not named and not present:
        step = f"受け取ったファイルを {place} に置いて、もう一度実行してください。"
        problems.append(Problem("受け取ったファイルがありません", file=place, next_step=step))
    contents = {}
    for name, path in (chosen if named else present).items():
        try:
            contents[name] = path.read_bytes()
        except OSError as error:
            step = "ほかのソフトで開いていれば閉じ、読み取りの権限を確かめてください。"
            found = type(error).__name__
            problems.append(Problem("ファイルを開けません", file=place + name, found=found, next_step=step))
    if problems:
        raise ProblemsFound(problems)
    return contents


def _found(workspace: Workspace, folder: Path, name: str) -> Path | None:
    """Return the file that ``name`` means: in the folder of the wave, from the workspace, or from here."""
    places = (folder / name, workspace.root / name, Path(name))
    return next((path for path in places if path.is_file()), None)
