"""report: everything that is out of date is made again; both editions of a wave at once."""

from __future__ import annotations

import argparse

from pipeline import definitions
from pipeline.hall.reading import changed_meanwhile, chosen_surveys, read_all, say, show_all
from pipeline.hall.tabulating import Tabulated, tabulate_all
from pipeline.hall.writing import alone, tidy
from pipeline.model import Problem, ProblemsFound
from pipeline.swap import replacing
from pipeline.workspace import Workspace, can_typeset


def report(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Build what is out of date; everything is read, counted and worded before anything is written."""
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
        tabulated = tabulate_all(workspace, read_all(workspace, stale, sources))
        with alone(workspace):
            for made in tabulated:
                show_all([*made.read.notes, *made.notes])
                _write_unless_done(workspace, made)
    for survey in surveys:
        folder = workspace.reports(survey.id, survey.newest.key).relative_to(workspace.root).as_posix()
        print(f"  見るページ: {folder}/public/index.html  貼り付け用: page.html  表: tables.xlsx")
        if workspace.has_documents(survey):
            print("  文書: documents/ の 資料1 questionnaire、資料2 results、概要 summary（PDF と Word）")
            print(f"  掲載ファイル一覧: documents/upload.csv  決裁: {folder}/internal/documents/approval.pdf")
        else:
            print("  文書（PDF と Word）: 追加部品がないため作っていません。make report で入ります。")
    print("次にすること: index.html をブラウザーで開いて確かめてください。点検だけなら python -m pipeline check です。")
    return 0


def _write_unless_done(workspace: Workspace, made: Tabulated) -> None:
    """Write, unless another run that was waited for has just made the same."""
    from pipeline.messages import ledger_text

    survey = made.read.survey
    if workspace.is_current(survey, made.read.sources):
        say(f"{survey.id} {survey.newest.key}: ほかの実行が作り終えています")
        return
    _write(workspace, made)
    say(f"{survey.id} {survey.newest.key}: {ledger_text(made.read.ledger)}")


def _write(workspace: Workspace, made: Tabulated) -> None:
    """Replace the processed tables and the report folder of one wave, both or neither."""
    from pipeline import frames, ingest
    from pipeline import report as report_room

    read, survey, sources = made.read, made.read.survey, made.read.sources
    totals = {status: int(count) for status, count in read.ledger["status"].value_counts().items()}
    reports = workspace.reports(survey.id, survey.newest.key)
    with replacing(workspace.processed(survey.id), reports) as (tables, pages):
        for name in ("responses", "comments", "ledger", "reconciliation"):
            frames.write(getattr(read, name), tables / f"{name}.csv")
        for name, edition in _approved_first(made):
            for table in frames.EDITION_TABLES:
                frames.write(made.table(name, table), tables / name / f"{table}.csv")
            (pages / name).mkdir()
            if name == "internal" and not read.responses.empty:
                answers = ingest.labelled(survey, read.responses)
                report_room.write_received(survey, read.ledger, read.reconciliation, answers, pages / name)
            if name == "internal":
                public, notes = made.editions["public"], _lasting_notes(made)
                report_room.write_approval(public, pages / "public", pages / name, notes, can_typeset())
            hashes = (sources.inputs, sources.definitions, sources.code)
            report_room.write(edition, pages / name, *hashes, totals, can_typeset())
        workspace.mark_processed(tables, survey, sources)
        if problems := changed_meanwhile(workspace, survey.id, sources):
            raise ProblemsFound(problems)


def _approved_first(made: Tabulated) -> list[tuple]:
    """Return the editions, the public one first: the set for its approval lies beside the internal one."""
    return sorted(made.editions.items(), key=lambda item: item[0] != "public")


def _lasting_notes(made: Tabulated) -> list[Problem]:
    """Return the notes of reading and counting that the same files would give again."""
    return [note for note in (*made.read.notes, *made.notes) if note not in made.read.passing]
