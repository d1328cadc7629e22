"""Received files → responses, comments, ledger. Every problem of every wave is found in one go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from pipeline.ingest import tables
from pipeline.ingest.container import TEXT, kind_of
from pipeline.ingest.content import Content, sha256, tail
from pipeline.ingest.corrections import correct
from pipeline.ingest.folder import read_content, unknown_folders, unmentioned
from pipeline.ingest.impostors import copies, odd_year_in_name, outside_fieldwork
from pipeline.ingest.keying_twice import keyed_in_two_files
from pipeline.ingest.labelled import labelled
from pipeline.ingest.late_returns import check_late, late
from pipeline.ingest.layouts import READERS, settled
from pipeline.ingest.mirrored import mirrored
from pipeline.ingest.modes import check_modes
from pipeline.ingest.nouns import Source
from pipeline.ingest.reconciliation import check_closed, reconciliation
from pipeline.ingest.repeats import without_repeats
from pipeline.ingest.respondents import SheetRead, read_rows
from pipeline.ingest.returns import check_returns, files_without_answers
from pipeline.model import Problem, Survey, Wave

__all__ = ["Received", "labelled", "read"]


@dataclass(frozen=True, eq=False)
class Received:
    """What all received files of a survey say.

    responses: one row per person, all cells text; comments: one row per free answer (confidential);
    ledger: one row per physical row; reconciliation: what became of rows and answers, per file and
    question. problems: errors and notes; with an error among them the tables are incomplete and
    must not be used.
    """

    responses: pd.DataFrame
    comments: pd.DataFrame
    ledger: pd.DataFrame
    reconciliation: pd.DataFrame
    problems: tuple[Problem, ...]


def read(survey: Survey, folder: Path) -> Received:
    """Return everything received for ``survey``; ``folder/<wave>/<file>`` are the received files.

    Raises nothing that a received file can cause: what is wrong stands in ``problems``.
    """
    problems: list[Problem] = unknown_folders(survey, folder)
    files: list[tables.FileRead] = []
    places: dict[str, str] = {}
    for wave in survey.waves:
        if wave.is_published_only:
            continue
        asked = survey.at(wave.key)
        problems += _missing_filters(asked, wave)
        sources = [Source(asked, wave, received, number) for number, received in enumerate(wave.files, start=1)]
        sources = [replace(source, received=settled(source)) for source in sources]
        found = [_read_file(source, folder / wave.key, places, problems) for source in sources]
        own = without_repeats(filter(None, found), problems)
        files += own
        problems += files_without_answers(own)
        problems += [*unmentioned(survey, wave, folder / wave.key), *check_late(survey, wave, files)]
    problems += keyed_in_two_files(files)
    for file in files:
        problems += [*odd_year_in_name(file.source), *outside_fieldwork(file)]
    problems += [*copies(files), *mirrored(survey, files)]
    responses, comments, ledger = tables.tables(survey, files)
    for wave in survey.waves:
        problems += check_returns(survey, wave, responses)
        problems += check_modes(survey, wave, responses)
    closed = reconciliation(survey, ledger, responses)
    if not any(problem.is_error for problem in problems):
        check_closed(closed)
    return Received(responses, comments, ledger, closed, tuple(problems))


def _read_file(
    source: Source, folder: Path, places: dict[str, str], problems: list[Problem]
) -> tables.FileRead | None:
    """Return one file, read; None when it cannot be opened. ``places``: hash → file read before."""
    if source.received.layout not in READERS:
        # Only ``check`` goes on with such a definition, which was reported as it was read.
        return None
    content = read_content(source, folder)
    if isinstance(content, Problem):
        problems.append(content)
        return None
    digest = sha256(content)
    if digest in places:
        what, fix = (
            "同じ中身のファイルを2回受け取っています",
            "どちらが正しいか確かめ、正しいファイルを受け取り直してください。",
        )
        problems.append(
            source.problem(what, fix, found=f"{places[digest]} と同じ", expected="別の回答のファイル")
        )
        # Read under the columns of another file it would only echo this in every one of them.
        return None
    places[digest] = source.file
    sheets, found = READERS[source.received.layout](source, content)
    problems.extend(found)
    # A file that cannot be opened is one problem, not one more for each of its corrections.
    sheets, corrected = correct(sheets, source, problems) if sheets or not found else (sheets, {})
    read = read_rows(sheets, source, problems)
    problems.extend(_wrong_count(source, content, read))
    if source.received.after_deadline:
        read = late(read)
    return tables.FileRead(source, digest, read, corrected)


def _wrong_count(source: Source, content: Content, read: tuple[SheetRead, ...]) -> list[Problem]:
    """Return what tells that part of the file is missing: fewer answers than the sender says, no last line end.

    A text that was cut exactly between two rows shows nothing; only the number of answers tells.
    """
    count, said = sum(len(sheet.accepted) for sheet in read), source.received.answers
    has_lines = any(len(sheet.status) for sheet in read)
    if said is not None and count != said and has_lines:
        what, fix = "回答の数が、送り主の言う数と違います", "途中で切れたファイルなら、もう一度受け取ってください。"
        found, expected = f"{count}件", f"{said}件（{source.definition} の answers）"
        return [source.problem(what, fix, key="answers", found=found, expected=expected)]
    # Google writes no line end after the last row.
    may_be_cut = source.received.layout != "google_forms" and kind_of(content) == TEXT
    if not has_lines or not may_be_cut or tail(content).rstrip(b"\0").endswith((b"\n", b"\r")):
        return []
    what, fix = (
        "最後の行が改行で終わっていません（途中で切れていないか確かめてください）",
        f"送り主に回答の数を聞いて、{source.definition} に answers = 数 と書くと確かめられます。",
    )
    return [source.problem(what, fix, severity="note")]


def _missing_filters(survey: Survey, wave: Wave) -> list[Problem]:
    """Return an error for each question whose filter question was not asked in the same wave."""
    return [
        Problem(
            "分岐元の設問がこの調査回にありません",
            file=f"surveys/{survey.id}/waves/{wave.key}.toml",
            key=f"wording.{question.route.question}",
            found="（なし）",
            expected=f"「{question.id}」の対象者を決める設問",
            next_step=f"[wording] に加えて、もう一度 python -m pipeline check {survey.id} を実行してください。",
        )
        for question in survey.questions
        if question.route and wave.asks(question.id) and not wave.asks(question.route.question)
    ]
