"""Lines of all files → the three tables: responses, comments, ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import pandas as pd

from pipeline import frames
from pipeline.ingest.codebook import Answer
from pipeline.ingest.corrections import CorrectedRows
from pipeline.ingest.nouns import Sheet, Source
from pipeline.ingest.respondents import ACCEPTED, Line
from pipeline.ingest.timestamps import moments
from pipeline.model import ANSWERED, EMPTY, NOT_ASKED, Question, Survey, Wave


@dataclass(frozen=True)
class FileRead:
    """One received file, read: its hash, one line per physical row, and which cells were corrected."""

    source: Source
    sha256: str
    lines: tuple[Line, ...]
    corrected: CorrectedRows = field(default_factory=lambda: EMPTY)

    @cached_property
    def sheets(self) -> tuple[tuple[Sheet, tuple[Line, ...]], ...]:
        """Each sheet that has accepted lines, with them."""
        lines: dict[int, list[Line]] = {}
        for line in self.lines:
            if line.status == ACCEPTED:
                lines.setdefault(line.sheet.number, []).append(line)
        return tuple((found[0].sheet, tuple(found)) for found in lines.values())

    @cached_property
    def moments(self) -> Mapping[int, Mapping[int, datetime]]:
        """Sheet number → row → when it was answered, for accepted lines of sheets that say so."""
        return {sheet.number: moments(sheet, [line.row for line in lines]) for sheet, lines in self.sheets}


def respondent_id(source: Source, line: Line) -> str:
    """Return wave/file/sheet/row, e.g. ``2025/01/03/0012``: the way back to the cells."""
    return f"{source.wave.key}/{source.number:02d}/{line.sheet.number:02d}/{line.row:04d}"


def response_columns(survey: Survey) -> list[str]:
    """Return the columns of ``responses``: who, then each question and its options, survey order."""
    columns = ["wave", "respondent", "file", "mode", "weight"]
    for question in survey.questions:
        columns.append(question.id)
        if question.kind == "multiple":
            columns += [f"{question.id}.{option.id}" for option in question.options]
    return columns


def responses(survey: Survey, files: Iterable[FileRead]) -> pd.DataFrame:
    """Return one row per accepted person; every cell is text ("" where a column does not apply)."""
    rows = [
        {
            "wave": read.source.wave.key,
            "respondent": respondent_id(read.source, line),
            "file": read.source.received.file,
            "mode": read.source.received.mode,
            "weight": "1",
            **_cells(survey, read.source.wave, line.answers),
        }
        for read in files
        for line in read.lines
        if line.status == ACCEPTED
    ]
    return pd.DataFrame(rows, columns=response_columns(survey), dtype=object)


def _cells(survey: Survey, wave: Wave, answers: Mapping[str, Answer]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for question in survey.questions:
        answer = answers.get(question.id, Answer(NOT_ASKED))
        is_single = question.kind == "single" and answer.state == ANSWERED
        cells[question.id] = answer.options[0] if is_single else answer.state
        if question.kind == "multiple":
            cells |= _ticks(question, wave, answer)
    return cells


def _ticks(question: Question, wave: Wave, answer: Answer) -> dict[str, str]:
    is_answered = answer.state == ANSWERED
    return {
        f"{question.id}.{option.id}": ("1" if option.id in answer.options else "0")
        if is_answered and option.is_offered(wave.key)
        else ""
        for option in question.options
    }


def comments(survey: Survey, files: Iterable[FileRead]) -> pd.DataFrame:
    """Return one row per free answer, as typed; answers that a filter excludes are not in it."""
    free = [question.id for question in survey.questions if question.is_free_text]
    rows = [
        {
            "wave": read.source.wave.key,
            "respondent": respondent_id(read.source, line),
            "question": question,
            "text": line.answers[question].text,
        }
        for read in files
        for line in read.lines
        if line.status == ACCEPTED
        for question in free
        if question in line.answers and line.answers[question].state == ANSWERED
    ]
    return frames.table(frames.COMMENTS, rows)


def ledger(files: Iterable[FileRead]) -> pd.DataFrame:
    """Return one row per physical row up to the last non-empty one of each sheet."""
    rows = [
        {
            "wave": read.source.wave.key,
            "file": read.source.received.file,
            "sha256": read.sha256,
            "sheet": line.sheet.name,
            "row": line.row,
            "status": line.status,
            "reason": line.reason,
            "respondent": respondent_id(read.source, line) if line.status == ACCEPTED else "",
            "corrected": "、".join(read.corrected.get((line.sheet.number, line.row), ())),
        }
        for read in files
        for line in read.lines
    ]
    return frames.table(frames.LEDGER, rows)
