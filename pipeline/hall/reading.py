"""What a verb works on: the surveys asked for, and everything received for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline import definitions
from pipeline.definitions.differences import vanished_scope
from pipeline.matching import nearest
from pipeline.model import EMPTY, Problem, ProblemsFound, Survey
from pipeline.workspace import Sources, Workspace

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Read:
    """One survey, read: its sources, received tables and the problems of reading, errors and notes.

    passing: the notes that speak of the last build, and will be gone with the next.
    """

    survey: Survey
    sources: Sources
    responses: pd.DataFrame
    comments: pd.DataFrame
    ledger: pd.DataFrame
    reconciliation: pd.DataFrame
    notes: tuple[Problem, ...]
    passing: tuple[Problem, ...] = ()

    @property
    def has_errors(self) -> bool:
        return any(problem.is_error for problem in self.notes)


def show_all(problems: Iterable[Problem]) -> None:
    """Print the problems, if there are any."""
    from pipeline.messages import console_text, problems_text

    if problems := list(problems):
        print(console_text(problems_text(problems)))


def say(text: str) -> None:
    print(f"[OK] {text}")


def chosen_surveys(workspace: Workspace, named: list[str], wave: str) -> list[Survey]:
    """Return the surveys asked for, each cut at ``wave``; sample surveys only while there is no other.

    Raises ProblemsFound with the problems of all of them.
    """
    surveys, problems = known_surveys(workspace, named, wave)
    if problems:
        raise ProblemsFound(problems)
    return surveys


def known_surveys(workspace: Workspace, named: list[str], wave: str) -> tuple[list[Survey], list[Problem]]:
    """Return what ``chosen_surveys`` does beside the problems of all of them.

    A survey with problems is only good for reading received files, to tell their problems as well.
    """
    surveys, problems = [], []
    for survey_id in named or definitions.survey_ids(workspace.root):
        survey, found = definitions.read(workspace.root, survey_id)
        problems += found
        surveys += [survey] if survey else []
    if not named and any(not survey.is_sample for survey in surveys):
        surveys = [survey for survey in surveys if not survey.is_sample]
    if not named and any(survey.waves for survey in surveys):
        surveys = [survey for survey in surveys if survey.waves]
    problems += [_only_preparing(survey) for survey in surveys if not survey.waves]
    if not surveys and not problems:
        what, step = "調査がありません", "surveys/<調査名>/survey.toml を作るか、--root を確かめてください。"
        problems.append(Problem(what, file=str(workspace.root / "surveys"), next_step=step))
    for survey in surveys if wave and not problems else ():
        keys = [known.key for known in survey.waves]
        if wave not in keys:
            what, step = "調査回がありません", f"「{nearest(wave, keys) or keys[-1]}」を指定してください。"
            place = f"surveys/{survey.id}"
            problems.append(Problem(what, file=place, found=wave, expected="、".join(keys), next_step=step))
    reached = [survey for survey in surveys if not wave or wave in {known.key for known in survey.waves}]
    return [_until(survey, wave) if wave else survey for survey in reached], problems


def _until(survey: Survey, wave: str) -> Survey:
    """Return the survey as it stood at ``wave``: what came later is left out."""
    waves = tuple(known for known in survey.waves if known.key <= wave)
    questions = tuple(q for q in survey.questions if any(known.asks(q.id) for known in waves))
    ids = {question.id for question in questions}
    links = tuple(link for link in survey.links if link.wave <= wave)
    until = replace(
        survey,
        waves=waves,
        preparing=tuple(known for known in survey.preparing if known.key <= wave),
        questions=questions,
        crosses=tuple(
            replace(cross, questions=tuple(q for q in cross.questions if q in ids))
            for cross in survey.crosses
            if cross.banner in ids
        ),
        published=tuple(figure for figure in survey.published if figure.wave <= wave),
        comparability=tuple(grade for grade in survey.comparability if grade.wave_to <= wave),
        corrections=tuple(correction for correction in survey.corrections if correction.wave <= wave),
        plausible=tuple(stop for stop in survey.plausible if stop.wave_to <= wave),
        links=tuple(link for link in links if link.question in ids),
    )
    return definitions.with_nets(until)


def read_all(workspace: Workspace, surveys: list[Survey], known: Mapping[str, Sources] = EMPTY) -> list[Read]:
    """Read every received file. Raises ProblemsFound with the problems of all surveys.

    known: the sources as they were before the definitions were read, by survey.
    """
    results = [read_received(workspace, survey, known.get(survey.id)) for survey in surveys]
    if any(read.has_errors for read in results):
        raise ProblemsFound(problem for read in results for problem in read.notes)
    return results


def read_received(workspace: Workspace, survey: Survey, sources: Sources | None = None) -> Read:
    """Return one survey with everything received for it; with errors its tables are incomplete."""
    from pipeline import coding, ingest

    before = workspace.received_before(survey)
    sources = sources or workspace.sources(survey.id)
    received = ingest.read(survey, workspace.raw(survey.id))
    restless = changed_meanwhile(workspace, survey.id, sources)
    place = f"surveys/{survey.id}"
    stale = coding.twin_problems(workspace.root / place, place, f"python -m pipeline review {survey.id}")
    changed = _changed_files(before, sources.inputs)
    notes = (*received.problems, *restless, *changed, *_preparing(survey), *vanished_scope(survey), *stale)
    tables = (received.responses, received.comments, received.ledger, received.reconciliation)
    return Read(survey, sources, *tables, notes, tuple(changed))


def changed_meanwhile(workspace: Workspace, survey_id: str, sources: Sources) -> list[Problem]:
    """Return an error for each file that is no longer what it was when ``sources`` were looked at."""
    what = "読んでいる間に中身が変わりました（どちらで集計したか分からなくなるので止めました）"
    step = "保存やコピー、同期が終わってから、もう一度実行してください。"
    paths = workspace.sources(survey_id).changed(since=sources)
    return [Problem(what, file=path, expected="読み始めたときと同じ中身", next_step=step) for path in paths]


def _preparing(survey: Survey) -> list[Problem]:
    return [
        Problem(
            "準備中の調査回があります（まだ集計しません）",
            file=f"surveys/{survey.id}/waves/{wave.key}.toml",
            key="files",
            found="（なし）",
            expected="受け取ったファイルの [[files]]",
            next_step=f"紙の調査票の入力表は python -m pipeline template {survey.id} --wave {wave.key} で作れます。",
            severity="note",
        )
        for wave in survey.preparing
    ]


def _only_preparing(survey: Survey) -> Problem:
    return replace(_preparing(survey)[-1], what="回答のある調査回がまだありません", severity="error")


def _changed_files(before: dict[str, str], now: dict[str, str]) -> list[Problem]:
    what = "受け取ったファイルが前回の集計から変わっています（読み直しました）"
    changed = [path for path, digest in now.items() if before.get(path, digest) != digest]
    return [Problem(what, file=path, severity="note") for path in changed]
