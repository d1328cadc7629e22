"""report: everything that is out of date is made again; both editions of a wave at once."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from pipeline import definitions
from pipeline.hall.reading import Read, changed_meanwhile, chosen_surveys, read_all, say, show_all
from pipeline.hall.writing import alone, tidy
from pipeline.model import Plan, ProblemsFound, frozen_mapping
from pipeline.swap import replacing
from pipeline.workspace import EDITIONS, Workspace


def report(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Build everything that is out of date; all surveys are read before anything is written."""
    tidy(workspace)
    # Looked at before the definitions are read: a file saved in between must not pass for the one read.
    names = definitions.survey_ids(workspace.root)
    sources = {name: workspace.sources(name) for name in names if name in (arguments.surveys or names)}
    surveys = chosen_surveys(workspace, arguments.surveys, arguments.wave)
    # A name such as ``staff/`` is found only now.
    sources |= {survey.id: workspace.sources(survey.id) for survey in surveys if survey.id not in sources}
    stale = [survey for survey in surveys if not workspace.is_current(survey, sources[survey.id])]
    for survey in surveys:
        if survey not in stale:
            say(f"{survey.id} {survey.newest.key}: 変わったものはありません")
    if stale:
        reads = read_all(workspace, stale, sources)
        with alone(workspace):
            for read in reads:
                show_all(read.notes)
                _build_unless_done(workspace, read)
    for survey in surveys:
        folder = workspace.reports(survey.id, survey.newest.key).relative_to(workspace.root).as_posix()
        print(f"  見るページ: {folder}/public/index.html  貼り付け用: page.html  表: tables.xlsx")
    print("次にすること: index.html をブラウザーで開いて確かめてください。点検だけなら python -m pipeline check です。")
    return 0


def _build_unless_done(workspace: Workspace, read: Read) -> None:
    """Build, unless another run that was waited for has just made the same."""
    if workspace.is_current(read.survey, read.sources):
        say(f"{read.survey.id} {read.survey.newest.key}: ほかの実行が作り終えています")
    else:
        build(workspace, read)


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
    reports = workspace.reports(survey.id, survey.newest.key)
    with replacing(workspace.processed(survey.id), reports) as (folder, pages):
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
        _write_reports(pages, read, editions)
        if problems := changed_meanwhile(workspace, survey.id, read.sources):
            raise ProblemsFound(problems)
    say(f"{survey.id} {survey.newest.key}: {ledger_text(read.ledger)}")


def _write_reports(folder: Path, read: Read, editions: dict) -> None:
    from pipeline import report as report_room

    ledger_counts: dict[str, dict[str, int]] = {}
    for (*place, status), count in read.ledger.groupby(["wave", "file", "status"]).size().items():
        ledger_counts.setdefault("/".join(place), {})[status] = int(count)
    sources = read.sources
    for name, edition in editions.items():
        (folder / name).mkdir()
        hashes = (sources.inputs, sources.definitions, sources.code)
        report_room.write(edition, folder / name, *hashes, ledger_counts)
