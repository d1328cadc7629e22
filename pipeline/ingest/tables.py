"""Sheets of all files → the three tables: responses, comments, ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd

from pipeline import frames
from pipeline.ingest.answers import Answers
from pipeline.ingest.codebook import Answer
from pipeline.ingest.corrections import CorrectedRows
from pipeline.ingest.nouns import Source
from pipeline.ingest.respondents import STATUSES, SheetRead
from pipeline.ingest.timestamps import moments
from pipeline.model import ANSWERED, EMPTY, NOT_ASKED, STATE_LABELS, Question, Survey

#: Part of a column: codes, and what each of them means.
_Part = tuple[np.ndarray, tuple[str, ...]]


@dataclass(frozen=True)
class FileRead:
    """One received file, read: its hash, its sheets, and which cells were corrected."""

    source: Source
    sha256: str
    read: tuple[SheetRead, ...]
    corrected: CorrectedRows = field(default_factory=lambda: EMPTY)

    @cached_property
    def sheets(self) -> tuple[SheetRead, ...]:
        """The sheets that have accepted rows."""
        return tuple(read for read in self.read if len(read.accepted))

    @cached_property
    def moments(self) -> Mapping[int, Mapping[int, datetime]]:
        """Sheet number → place of a row → when it was answered, for accepted rows of sheets that say so."""
        return {read.sheet.number: moments(read.sheet, read.accepted) for read in self.sheets}


def respondent_ids(source: Source, read: SheetRead) -> list[str]:
    """Return wave/file/sheet/row of the accepted rows, e.g. ``2025/01/03/0012``: the way back to the cells."""
    start = f"{source.wave.key}/{source.number:02d}/{read.sheet.number:02d}/"
    return [f"{start}{row:04d}" for row in (read.accepted + 1).tolist()]


@dataclass(frozen=True)
class _People:
    """All accepted people: the sheets they stand on, and who they are."""

    sheets: list[tuple[FileRead, SheetRead]]
    ids: list[np.ndarray]

    @classmethod
    def of(cls, files: Iterable[FileRead]) -> _People:
        sheets = [(file, read) for file in files for read in file.sheets]
        return cls(
            sheets, [np.array(respondent_ids(file.source, read), dtype=object) for file, read in sheets]
        )


def tables(survey: Survey, files: Iterable[FileRead]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return responses, comments and ledger; ``Received`` says what they are."""
    files = list(files)
    people = _People.of(files)
    return _responses(survey, people), _comments(survey, people), _ledger(files, people)


def _categorical(parts: Iterable[_Part], known: Iterable[str]) -> pd.Categorical:
    """Return the parts one below the other. Each is codes and what they mean; ``known``: all that may be meant.

    The categories are the same whatever the files hold, so that equal answers are equal tables.
    """
    places = {text: place for place, text in enumerate(dict.fromkeys(known))}
    size = np.min_scalar_type(-max(len(places), 1))
    coded = [np.array([places[text] for text in texts], dtype=size)[codes] for codes, texts in parts]
    codes = np.concatenate(coded) if coded else np.zeros(0, dtype=size)
    categories = pd.Index(list(places), dtype=object)
    return pd.Categorical.from_codes(codes, categories=categories, validate=False)


def _responses(survey: Survey, people: _People) -> pd.DataFrame:
    """Return one row per accepted person; every cell is text ("" where a column does not apply)."""

    def same(text: Callable[[FileRead], str]) -> Iterator[_Part]:
        for file, read in people.sheets:
            yield np.zeros(len(read.accepted), dtype=np.uint8), (text(file),)

    received = [file for wave in survey.waves for file in wave.files]
    columns = {
        "wave": _categorical(same(lambda file: file.source.wave.key), [wave.key for wave in survey.waves]),
        "respondent": np.concatenate(people.ids) if people.ids else np.zeros(0, dtype=object),
        "file": _categorical(same(lambda file: file.source.received.file), [file.file for file in received]),
        "mode": _categorical(same(lambda file: file.source.received.mode), [file.mode for file in received]),
        "weight": _categorical(same(lambda file: "1"), ["1"]),
    }
    states = (ANSWERED, *STATE_LABELS)
    for question in survey.questions:
        options = [option.id for option in question.options] if question.kind == "single" else []
        columns[question.id] = _categorical(_parts(people, question, _cell), [*options, *states])
        for option in question.options if question.kind == "multiple" else ():
            tick = _tick(option.id)
            columns[f"{question.id}.{option.id}"] = _categorical(
                _parts(people, question, tick), ("", "0", "1")
            )
    return pd.DataFrame(columns, copy=False)


_Cell = Callable[[Question, str, Answer], str]


def _parts(people: _People, question: Question, cell: _Cell) -> Iterator[_Part]:
    """Yield the answers of each sheet as codes and the text of each code."""
    for file, read in people.sheets:
        answers = read.answers.get(question.id, _nobody(len(read.status)))
        meant = [cell(question, file.source.wave.key, answer) for answer in answers.known]
        yield _of(answers.codes, read.accepted), tuple(meant)


def _of(codes: np.ndarray, accepted: np.ndarray) -> np.ndarray:
    """Return the codes of the accepted rows; where they stand together without a copy."""
    if len(accepted) and accepted[-1] - accepted[0] + 1 == len(accepted):
        return codes[accepted[0] : accepted[-1] + 1]
    return codes[accepted]


def _nobody(rows: int) -> Answers:
    return Answers(np.zeros(rows, dtype=np.uint8), (Answer(NOT_ASKED),))


def _cell(question: Question, wave: str, answer: Answer) -> str:
    is_option = question.kind == "single" and answer.state == ANSWERED
    return answer.options[0] if is_option else answer.state


def _tick(option: str) -> _Cell:
    def cell(question: Question, wave: str, answer: Answer) -> str:
        if answer.state != ANSWERED or not question.option(option).is_offered(wave):
            return ""
        return "1" if option in answer.options else "0"

    return cell


def _comments(survey: Survey, people: _People) -> pd.DataFrame:
    """Return one row per free answer, as typed; answers that a filter excludes are not in it."""
    free = [question.id for question in survey.questions if question.is_free_text]
    rows = []
    for (file, read), ids in zip(people.sheets, people.ids, strict=True):
        given = {
            question: read.answers[question].where(lambda answer: answer.state == ANSWERED)[read.accepted]
            for question in free
            if question in read.answers
        }
        if not given:
            continue
        for number in np.flatnonzero(np.any([*given.values()], axis=0)).tolist():
            rows += [
                {
                    "wave": file.source.wave.key,
                    "respondent": ids[number],
                    "question": question,
                    "text": read.answers[question][read.accepted[number]].text,
                }
                for question, is_given in given.items()
                if is_given[number]
            ]
    return frames.table(frames.COMMENTS, rows)


def _ledger(files: list[FileRead], people: _People) -> pd.DataFrame:
    """Return one row per physical row up to the last non-empty one of each sheet."""
    sheets = [(file, read) for file in files for read in file.read]
    ids = {id(read): own for (_, read), own in zip(people.sheets, people.ids, strict=True)}
    respondents, corrected, numbers = [], [], []
    for file, read in sheets:
        own = np.full(len(read.status), "", dtype=object)
        own[read.accepted] = ids.get(id(read), "")
        respondents.append(own)
        numbers.append(np.arange(1, len(own) + 1, dtype=np.float64))
        texts = {
            row: "、".join(cells)
            for (sheet, row), cells in file.corrected.items()
            if sheet == read.sheet.number
        }
        codes = np.zeros(len(own), dtype=np.uint32)
        codes[[row - 1 for row in texts]] = range(1, len(texts) + 1)
        corrected.append((codes, ("", *texts.values())))

    def same(text: Callable[[FileRead, SheetRead], str]) -> pd.Categorical:
        meant = [text(file, read) for file, read in sheets]
        codes = [np.zeros(len(read.status), dtype=np.uint8) for _, read in sheets]
        return _categorical(zip(codes, ((word,) for word in meant), strict=True), meant)

    reasons = [(read.reason.codes, tuple(read.reason.texts)) for _, read in sheets]
    columns = {
        "wave": same(lambda file, read: file.source.wave.key),
        "file": same(lambda file, read: file.source.received.file),
        "sha256": same(lambda file, read: file.sha256),
        "sheet": same(lambda file, read: read.sheet.name),
        "row": np.concatenate([*numbers, np.zeros(0)]),
        "status": _categorical(
            ((read.status.codes, tuple(read.status.texts)) for _, read in sheets), STATUSES
        ),
        "reason": _categorical(reasons, [text for _, texts in reasons for text in texts]),
        "respondent": np.concatenate([*respondents, np.zeros(0, dtype=object)]),
        "corrected": _categorical(corrected, [text for _, texts in corrected for text in texts]),
    }
    ledger = pd.DataFrame(columns, copy=False)
    # Rows of one sheet are counted, and differ: it is the sheets that must.
    ends = np.cumsum([0, *map(len, numbers)])
    frames.check(ledger.iloc[[start for start, end in pairwise(ends.tolist()) if start < end]], frames.LEDGER)
    return ledger
