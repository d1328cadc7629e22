"""The hall: the verbs, and the only place that prints, exits and sees every room.

Rooms are imported when they are needed: a run with nothing to do imports none of them.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import definitions
from pipeline.matching import nearest
from pipeline.model import Plan, Problem, ProblemsFound, Survey, frozen_mapping
from pipeline.swap import recover, replacing
from pipeline.workspace import EDITIONS, Sources, Workspace

if TYPE_CHECKING:
    import pandas as pd

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"


@dataclass(frozen=True)
class Read:
    """One survey, read: its sources, received tables and notes."""

    survey: Survey
    sources: Sources
    responses: pd.DataFrame
    comments: pd.DataFrame
    ledger: pd.DataFrame
    notes: tuple[Problem, ...]


def show_all(problems: Iterable[Problem]) -> None:
    """Print the problems, if there are any."""
    from pipeline.messages import problems_text

    if problems := list(problems):
        print(problems_text(problems))


def say(text: str) -> None:
    print(f"[OK] {text}")


# ---- what to work on ----


def chosen_surveys(workspace: Workspace, named: list[str], wave: str) -> list[Survey]:
    """Return the surveys asked for, each cut at ``wave``; sample surveys only while there is no other.

    Raises ProblemsFound with the problems of all of them.
    """
    surveys, problems = [], []
    for survey_id in named or definitions.survey_ids(workspace.root):
        try:
            surveys.append(definitions.load(workspace.root, survey_id))
        except ProblemsFound as found:
            problems.extend(found.problems)
    if not named and any(not survey.is_sample for survey in surveys):
        surveys = [survey for survey in surveys if not survey.is_sample]
    if not surveys and not problems:
        what, step = "調査がありません", "surveys/<調査名>/survey.toml を作るか、--root を確かめてください。"
        problems.append(Problem(what, file=str(workspace.root / "surveys"), next_step=step))
    for survey in surveys if wave else ():
        keys = [known.key for known in survey.waves]
        if wave not in keys:
            what, step = "調査回がありません", f"「{nearest(wave, keys) or keys[-1]}」を指定してください。"
            place = f"surveys/{survey.id}"
            problems.append(Problem(what, file=place, found=wave, expected="、".join(keys), next_step=step))
    if problems:
        raise ProblemsFound(problems)
    return [_until(survey, wave) if wave else survey for survey in surveys]


def _until(survey: Survey, wave: str) -> Survey:
    """Return the survey as it stood at ``wave``: later waves, figures and signatures left out."""
    return replace(
        survey,
        waves=tuple(known for known in survey.waves if known.key <= wave),
        published=tuple(figure for figure in survey.published if figure.wave <= wave),
        comparability=tuple(grade for grade in survey.comparability if grade.wave_to <= wave),
    )


def read_all(workspace: Workspace, surveys: list[Survey]) -> list[Read]:
    """Read every received file. Raises ProblemsFound with the problems of all surveys."""
    from pipeline import ingest

    results, problems = [], []
    for survey in surveys:
        before = workspace.received_before(survey)
        sources = workspace.sources(survey.id)
        received = ingest.read(survey, workspace.raw(survey.id))
        notes = [*received.problems, *_changed_files(before, sources.inputs)]
        problems.extend(notes)
        results.append(Read(survey, sources, received.responses, received.comments, received.ledger, tuple(notes)))
    if any(problem.is_error for problem in problems):
        raise ProblemsFound(problems)
    return results


def _changed_files(before: dict[str, str], now: dict[str, str]) -> list[Problem]:
    what = "受け取ったファイルが前回の集計から変わっています（読み直しました）"
    changed = [path for path, digest in now.items() if before.get(path, digest) != digest]
    return [Problem(what, file=path, severity="note") for path in changed]


# ---- verbs ----


def report(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Build everything that is out of date; all surveys are read before anything is written."""
    surveys = chosen_surveys(workspace, arguments.surveys, arguments.wave)
    for survey in surveys:
        for target in (workspace.reports(survey.id, survey.newest.key), workspace.processed(survey.id)):
            if recover(target):
                say(f"中断していた書き込みを片付けました: {target.relative_to(workspace.root).as_posix()}")
    stale = [s for s in surveys if not workspace.is_current(s, workspace.sources(s.id))]
    for survey in surveys:
        if survey not in stale:
            say(f"{survey.id} {survey.newest.key}: 変わったものはありません")
    for read in read_all(workspace, stale) if stale else ():
        show_all(read.notes)
        build(workspace, read)
    for survey in surveys:
        folder = workspace.reports(survey.id, survey.newest.key).relative_to(workspace.root).as_posix()
        print(f"  見るページ: {folder}/public/index.html  貼り付け用: page.html  表: tables.xlsx")
    print("次にすること: index.html をブラウザーで開いて確かめてください。点検だけなら python -m pipeline check です。")
    return 0


def build(workspace: Workspace, read: Read) -> None:
    """Tabulate both editions and replace the processed tables and the report folder of one wave."""
    from pipeline import analysis, coding, disclosure, frames
    from pipeline import report as report_room
    from pipeline.messages import ledger_text

    survey = read.survey
    decisions = coding.read_decisions(workspace.decisions(survey.id), survey)
    codings = coding.codings(read.comments, decisions)
    returns = analysis.count_returns(survey, read.responses)
    cubes = analysis.tabulate(survey, read.responses, codings)
    plans: dict[str, Plan] = {
        "internal": disclosure.internal_plan(survey, cubes),
        "public": disclosure.public_plan(survey, cubes),
    }
    with replacing(workspace.processed(survey.id)) as folder:
        for name in ("responses", "comments", "ledger"):
            frames.write(getattr(read, name), folder / f"{name}.csv")
        editions = {}
        for name in EDITIONS:
            estimates = analysis.estimates(survey, cubes, returns, plans[name])
            changes = analysis.changes(survey, estimates)
            associations = analysis.associations(survey, estimates)
            tables = {"estimates": estimates, "changes": changes, "associations": associations}
            for table, frame in tables.items():
                frames.write(frame, folder / name / f"{table}.csv")
            # The officer's words are for the public page; inside, every question is shown in order.
            worded = survey if name == "public" else replace(survey, pages=frozen_mapping({}))
            label = report_room.EDITION_LABELS[name]
            editions[name] = report_room.Edition(worded, survey.newest, label, read.sources.build, **tables)
        errors = analysis.standard_errors(editions["internal"].estimates)
        with_errors = editions["internal"].estimates.assign(se=errors)
        frames.write(with_errors, folder / "internal" / "estimates.csv")
        workspace.mark_processed(folder, survey, read.sources)
        _write_reports(workspace, read, editions)
    say(f"{survey.id} {survey.newest.key}: {ledger_text(read.ledger)}")


def _write_reports(workspace: Workspace, read: Read, editions: dict) -> None:
    from pipeline import report as report_room

    ledger_counts: dict[str, dict[str, int]] = {}
    for (*place, status), count in read.ledger.groupby(["wave", "file", "status"]).size().items():
        ledger_counts.setdefault("/".join(place), {})[status] = int(count)
    sources = read.sources
    with replacing(workspace.reports(read.survey.id, read.survey.newest.key)) as folder:
        for name, edition in editions.items():
            (folder / name).mkdir()
            hashes = (sources.inputs, sources.definitions, sources.code)
            report_room.write(edition, folder / name, *hashes, ledger_counts)


def check(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Read everything, write nothing; print the returns per stratum."""
    surveys = chosen_surveys(workspace, arguments.surveys, arguments.wave)
    from pipeline import coding
    from pipeline.messages import ledger_text, returns_lines

    notes: list[Problem] = []
    for read in read_all(workspace, surveys):
        decisions = coding.read_decisions(workspace.decisions(read.survey.id), read.survey)
        notes += [*read.notes, *_uncoded(read, coding.codings(read.comments, decisions))]
        print(f"■ {read.survey.organisation} {read.survey.title}（{read.survey.id}）")
        print(f"  {ledger_text(read.ledger)}")
        for line in returns_lines(read.survey, read.responses):
            print(f"  {line}")
    show_all(notes)
    if not notes:
        say("問題は見つかりませんでした")
    return 1 if notes and arguments.strict else 0


def _uncoded(read: Read, codings: pd.DataFrame) -> list[Problem]:
    from pipeline import analysis

    step = "分類を終えるまで、その年度の件数は結果ページに載りません。"
    what = "分類が終わっていない自由記述があります"
    missing = sorted(analysis.uncoded_waves(read.survey, read.responses, codings))
    return [
        Problem(what, key=f"{wave} {read.survey.question(question).label}", next_step=step, severity="note")
        for wave, question in missing
    ]


def notebooks(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Execute the planners' notebooks into reports/<survey>/<wave>/notebooks/."""
    from pipeline.report.notebooks import execute

    for survey in chosen_surveys(workspace, arguments.surveys, arguments.wave):
        target = workspace.reports(survey.id, survey.newest.key) / "notebooks"
        if not (workspace.processed(survey.id) / "public").is_dir():
            what, step = "集計がまだありません", f"先に python -m pipeline report {survey.id} を実行してください。"
            raise ProblemsFound([Problem(what, file=f"data/processed/{survey.id}", next_step=step)])
        with replacing(target) as folder:
            for notebook in sorted(NOTEBOOKS.glob("*.ipynb")):
                execute(notebook, survey.id, survey.newest.key, workspace.root, folder / f"{notebook.stem}.html")
        say(f"{target.relative_to(workspace.root).as_posix()}/ にノートブックを作りました")
    return 0


VERBS = {
    "report": (report, "変わったものをすべて作り直す（何も付けないときもこれ）"),
    "check": (check, "すべてを読んで点検する（何も書き込まない）"),
    "notebooks": (notebooks, "ノートブックを実行して HTML にする"),
}


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a command in the officer's language."""

    def error(self, message: str):
        self.exit(2, f"[エラー] コマンドの書き方が違います\n  使えるもの: {'、'.join(VERBS)}\n  使い方: {self.format_usage()}")


def parser() -> argparse.ArgumentParser:
    """Return the parser of all verbs; every word of it is for the officer."""
    result = _Parser(prog="python -m pipeline", description="職員アンケートを集計し、結果ページを作ります。")
    verbs = result.add_subparsers(dest="verb", metavar="動詞")
    for name, (_, words) in VERBS.items():
        verb = verbs.add_parser(name, help=words, description=words)
        verb.add_argument("surveys", nargs="*", metavar="調査", help="調査のフォルダー名（省くとすべて）")
        verb.add_argument("--wave", default="", metavar="年度", help="調査回（省くと最新）")
        verb.add_argument("--root", default=".", type=Path, metavar="フォルダー", help="surveys と data のある場所")
        verb.add_argument("--debug", action="store_true", help="プログラムの誤りの詳しい記録を表示する")
        if name == "check":
            verb.add_argument("--strict", action="store_true", help="注意があるときも終了コードを1にする")
    return result


def main(words: list[str]) -> int:
    """Run one verb; return the exit code: 0 clean, 1 notes under --strict, 2 errors."""
    if not any(word in VERBS or word in ("-h", "--help") for word in words[:1]):
        words = ["report", *words] if not words or words[0].startswith("-") else words
    arguments = parser().parse_args(words)
    workspace = Workspace(arguments.root.resolve())
    try:
        return VERBS[arguments.verb][0](workspace, arguments)
    except ProblemsFound as found:
        show_all(found.problems)
        print("何も書き込んでいません。直してから、もう一度実行してください。")
        return 2
    except BrokenPipeError:
        raise
    except Exception as error:
        if arguments.debug:
            traceback.print_exc()
        print(f"[エラー] プログラムの誤りで止まりました（{type(error).__name__}）。何も置き換えていません。")
        print("  直し方: --debug を付けて実行し、表示された内容を担当の技術者に渡してください。")
        return 2


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of the output went away: `make report | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    sys.exit(code)
