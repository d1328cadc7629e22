"""report: everything that is out of date is made again; both editions of a wave at once."""

from __future__ import annotations

import argparse

from pipeline.hall.reading import chosen_surveys, read_all, say, show_all
from pipeline.hall.tabulating import Tabulated, tabulate_all
from pipeline.swap import recover, replacing
from pipeline.workspace import Workspace


def report(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Build what is out of date; everything is read, counted and worded before anything is written."""
    surveys = chosen_surveys(workspace, arguments.surveys, arguments.wave)
    for survey in surveys:
        for target in (workspace.reports(survey.id, survey.newest.key), workspace.processed(survey.id)):
            if recover(target):
                say(f"中断していた書き込みを片付けました: {target.relative_to(workspace.root).as_posix()}")
    stale = [s for s in surveys if not workspace.is_current(s, workspace.sources(s.id))]
    for survey in surveys:
        if survey not in stale:
            say(f"{survey.id} {survey.newest.key}: 変わったものはありません")
    for made in tabulate_all(workspace, read_all(workspace, stale)) if stale else ():
        show_all([*made.read.notes, *made.notes])
        _write(workspace, made)
    for survey in surveys:
        folder = workspace.reports(survey.id, survey.newest.key).relative_to(workspace.root).as_posix()
        print(f"  見るページ: {folder}/public/index.html  貼り付け用: page.html  表: tables.xlsx")
    print("次にすること: index.html をブラウザーで開いて確かめてください。点検だけなら python -m pipeline check です。")
    return 0


def _write(workspace: Workspace, made: Tabulated) -> None:
    """Replace the processed tables and the report folder of one wave."""
    from pipeline import frames
    from pipeline import report as report_room
    from pipeline.messages import ledger_text

    survey, sources = made.read.survey, made.read.sources
    totals = {status: int(count) for status, count in made.read.ledger["status"].value_counts().items()}
    with replacing(workspace.processed(survey.id)) as tables:
        for name in ("responses", "comments", "ledger"):
            frames.write(getattr(made.read, name), tables / f"{name}.csv")
        for name in made.editions:
            for table in ("estimates", "changes", "associations"):
                frames.write(made.table(name, table), tables / name / f"{table}.csv")
        workspace.mark_processed(tables, survey, sources)
        with replacing(workspace.reports(survey.id, survey.newest.key)) as pages:
            for name, edition in made.editions.items():
                (pages / name).mkdir()
                hashes = (sources.inputs, sources.definitions, sources.code)
                report_room.write(edition, pages / name, *hashes, totals)
    say(f"{survey.id} {survey.newest.key}: {ledger_text(made.read.ledger)}")
