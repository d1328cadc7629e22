"""report: everything that is out of date is made again; both editions of a wave at once."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline import definitions
from pipeline.hall.auditing import crosses_left_out
from pipeline.hall.progress import step
from pipeline.hall.reading import changed_meanwhile, chosen_surveys, read_all, say, show_all
from pipeline.hall.released import received_since_release
from pipeline.hall.tabulating import Tabulated, tabulate_all
from pipeline.hall.writing import alone, tidy
from pipeline.model import Problem, ProblemsFound, Survey
from pipeline.register import recorded
from pipeline.swap import replacing
from pipeline.workspace import Sources, Workspace, can_typeset


def report(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Build what is out of date; everything is read, counted and worded before anything is written."""
    tidy(workspace)
    # Looked at before the definitions are read: a file saved in between must not pass for the one read.
    names = definitions.survey_ids(workspace.root)
    sources = {name: workspace.sources(name) for name in names if name in (arguments.surveys or names)}
    surveys = chosen_surveys(workspace, arguments.surveys, arguments.wave)
    # A name such as ``staff/`` is found only now.
    sources |= {survey.id: workspace.sources(survey.id) for survey in surveys if survey.id not in sources}
    without = crosses_left_out(arguments)
    stale = [survey for survey in surveys if not _is_done(workspace, survey, sources[survey.id], without)]
    for survey in surveys:
        if survey not in stale:
            say(f"{survey.id} {survey.newest.key}: 変わったものはありません")
    if not arguments.correction:
        refused = [p for survey in stale for p in received_since_release(workspace, survey, sources[survey.id])]
        if refused:
            raise ProblemsFound(refused)
    tabulated: list[Tabulated] = []
    late: list[Problem] = []
    if stale:
        with step("受け取ったファイルを読みました") as told:
            reads = read_all(workspace, stale, sources)
            told(f"{sum(len(read.ledger) for read in reads)}行")
        with step("数えました") as told:
            tabulated = tabulate_all(workspace, reads, without)
            told(f"公表版の集計値{sum(len(made.editions['public'].estimates) for made in tabulated)}行")
        with alone(workspace):
            for made in tabulated:
                show_all([*made.read.notes, *made.notes])
                late += _write_unless_done(workspace, made, without)
            show_all(late)
    for survey in surveys:
        folder = workspace.reports(survey.id, survey.newest.key).relative_to(workspace.root).as_posix()
        print(f"  見るページ: {folder}/public/index.html  貼り付け用: page.html  表: tables.xlsx  オープンデータ: opendata/")
        if workspace.has_documents(survey):
            asked = "" if survey.newest.is_published_only else "資料1 questionnaire、"
            print(f"  文書: documents/ の {asked}資料2 results、概要 summary（PDF と Word）")
            print(f"  掲載ファイル一覧: documents/upload.csv  決裁: {folder}/internal/documents/approval.pdf")
        else:
            print("  文書（PDF と Word）: 追加部品がないため作っていません。make report で入ります。")
    notes = sum(len(made.read.notes) + len(made.notes) for made in tabulated) + len(late)
    if notes:
        print(f"はじめに見るもの: 上の [注意] {notes}件の理由を、1つずつ確かめてください。")
    print("次にすること: index.html をブラウザーで開き、python -m pipeline diff の一覧と見くらべて確かめてください。")
    return 0


def _is_done(workspace: Workspace, survey: Survey, sources: Sources, without: tuple[str, ...]) -> bool:
    return workspace.is_current(survey, sources, without) and workspace.shows_masked(survey)


def _write_unless_done(workspace: Workspace, made: Tabulated, without: tuple[str, ...]) -> list[Problem]:
    """Write, unless another run that was waited for has just made the same; return notes on what was made."""
    from pipeline.messages import ledger_text

    survey = made.read.survey
    if _is_done(workspace, survey, made.read.sources, without):
        say(f"{survey.id} {survey.newest.key}: ほかの実行が作り終えています")
        return []
    notes = _write(workspace, made, without)
    say(f"{survey.id} {survey.newest.key}: {ledger_text(survey, made.read.ledger)}")
    return notes


def _write(workspace: Workspace, made: Tabulated, without: tuple[str, ...]) -> list[Problem]:
    """Replace the processed tables and the report folder of one wave, both or neither; return notes on them.

    The public build that they replace is kept beside them: the next proof-reading asks what changed since.
    """
    from pipeline import frames
    from pipeline.report.differing import FILES

    read, survey, sources = made.read, made.read.survey, made.read.sources
    totals = {status: int(count) for status, count in read.ledger["status"].value_counts().items()}
    reports = workspace.reports(survey.id, survey.newest.key)
    notes: list[Problem] = []
    # The same build made again is no other one to compare with.
    is_other = workspace.build_lying_there(survey.id, survey.newest.key) != made.editions["public"].build
    is_whole = all((reports / "public" / name).is_file() for name in FILES)
    kept = [workspace.previous(survey.id, survey.newest.key)] if is_other and is_whole else []
    with replacing(workspace.processed(survey.id), *kept, reports) as (tables, *previous, pages):
        for folder in previous:
            (folder / "opendata").mkdir()
            for name in FILES:
                shutil.copyfile(reports / "public" / name, folder / name)
        for name in ("responses", "comments", "ledger", "reconciliation"):
            frames.write(getattr(read, name), tables / f"{name}.csv")
        for name, edition in _approved_first(made):
            for table in frames.EDITION_TABLES:
                frames.write(made.table(name, table), tables / name / f"{table}.csv")
            with step(f"{survey.id} {survey.newest.key} の{edition.label}を書きました") as told:
                (pages / name).mkdir()
                if name == "internal":
                    _write_inside(workspace, made, pages / name, notes)
                notes += _write_edition(made, name, pages / name, totals)
                told(f"{sum(path.is_file() for path in (pages / name).rglob('*'))}ファイル")
        workspace.mark_processed(tables, pages, survey, sources, without)
        if problems := changed_meanwhile(workspace, survey.id, sources):
            raise ProblemsFound(problems)
    return notes


def _write_edition(made: Tabulated, name: str, folder: Path, totals: Mapping[str, int]) -> list[Problem]:
    """Write the pages, charts, books and open data of one edition into ``folder``; return notes on them."""
    from pipeline import report as report_room
    from pipeline.disclosure import hygiene

    sources = made.read.sources
    hashes = (sources.inputs, sources.definitions, sources.code)
    notes = report_room.write(made.editions[name], folder, *hashes, totals, can_typeset())
    if name == "public" and (problems := hygiene.problems(folder, report_room.inline_scripts())):
        raise ProblemsFound(problems)
    return notes


def _write_inside(workspace: Workspace, made: Tabulated, folder: Path, notes: Sequence[Problem]) -> None:
    """Write what lies in the internal folder only: the books of what was received, the set for approval.

    notes: those on the public edition, which lies there already.
    """
    from pipeline import coding, ingest
    from pipeline import report as report_room

    read, survey = made.read, made.read.survey
    if not read.responses.empty:
        answers = ingest.labelled(survey, read.responses)
        file = workspace.masked(survey)
        masked = coding.masked_answers(file.read_bytes() if file.is_file() else b"", read.comments, survey.newest.key)
        report_room.write_received(survey, read.ledger, read.reconciliation, answers, masked, folder)
    public, told = made.editions["public"], (*_lasting_notes(made), *notes)
    last = next(reversed(recorded(workspace.releases(survey.id, survey.newest.key))), None)
    report_room.write_approval(public, folder.parent / "public", folder, told, last, can_typeset())


def _approved_first(made: Tabulated) -> list[tuple]:
    """Return the editions, the public one first: the set for its approval lies beside the internal one."""
    return sorted(made.editions.items(), key=lambda item: item[0] != "public")


def _lasting_notes(made: Tabulated) -> list[Problem]:
    """Return the notes of reading and counting that the same files would give again."""
    return [note for note in (*made.read.notes, *made.notes) if note not in made.read.passing]
