"""report: everything that is out of date is made again; both editions of a wave at once."""

from __future__ import annotations

import argparse
from dataclasses import replace

from pipeline.hall.reading import Read, chosen_surveys, read_all, say, show_all
from pipeline.model import Plan, frozen_mapping
from pipeline.swap import recover, replacing
from pipeline.workspace import EDITIONS, Workspace


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
        for name in ("responses", "comments", "ledger", "reconciliation"):
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
    from pipeline import ingest
    from pipeline import report as report_room

    ledger_counts: dict[str, dict[str, int]] = {}
    for (*place, status), count in read.ledger.groupby(["wave", "file", "status"]).size().items():
        ledger_counts.setdefault("/".join(place), {})[status] = int(count)
    sources = read.sources
    with replacing(workspace.reports(read.survey.id, read.survey.newest.key)) as folder:
        for name, edition in editions.items():
            (folder / name).mkdir()
            if name == "internal" and not read.responses.empty:
                answers = ingest.labelled(read.survey, read.responses)
                report_room.write_received(read.survey, read.ledger, read.reconciliation, answers, folder / name)
            hashes = (sources.inputs, sources.definitions, sources.code)
            report_room.write(edition, folder / name, *hashes, ledger_counts)
