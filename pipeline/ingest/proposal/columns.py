"""Which column belongs to which question: every match with its likeness and whether it is sure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.ingest.proposal.likeness import (
    STATE_WORDS,
    fit,
    is_part,
    is_tick,
    likeness,
    number_of,
    spellings,
    without_enumeration,
    without_number,
)
from pipeline.ingest.proposal.reading import Column, Table, groups
from pipeline.matching import fold_tight
from pipeline.model import Question, Survey

#: Below this no question is proposed; from SURE on a likeness counts without other evidence.
LOWEST, SURE, HALF_SURE, MARGIN = 0.45, 0.8, 0.5, 0.08
_SAME_NUMBER, _ANSWERS_FIT = 0.15, 0.5
#: How much of a column of ticks may be something else, as a share.
_MOST_STRANGE = 0.1


@dataclass(frozen=True)
class Unit:
    """One column, or the columns of one option each under an upper header."""

    header: str
    columns: tuple[Column, ...]

    @property
    def is_ticked(self) -> bool:
        return len(self.columns) > 1


@dataclass(frozen=True)
class Match:
    """A unit and the question it is taken for. ``reason``: what speaks for it, in Japanese."""

    question: Question
    unit: Unit
    likeness: float
    score: float
    reason: str
    is_sure: bool


class Matcher:
    """What is known of the questions before the file: wording, labels, numbers, earlier columns."""

    def __init__(self, survey: Survey, wave: str):
        self.survey, self.wave = survey, wave
        self.references = {question.id: self._references(question) for question in survey.questions}
        #: Number on the form → question id, learnt from headers that say more than the number.
        self.numbers: dict[str, str] = {}

    def _references(self, question: Question) -> tuple[str, ...]:
        texts = [question.label, question.text]
        for wave in self.survey.waves:
            texts += [wave.wording.get(question.id, "")]
            texts += [received.columns.get(question.id, "") for received in wave.files]
        return tuple(dict.fromkeys(text for text in texts if text))

    def match(self, table: Table) -> list[Match]:
        """Return one match per question at most and per unit at most, in the order of the questions."""
        units = self._units(table)
        scored = [self._score(q, unit, table) for q in self.survey.questions for unit in units]
        rivals: dict[int, list[Match]] = {}
        for match in scored:
            rivals.setdefault(id(match.unit), []).append(match)
        taken, found = set(), {}
        order = {question.id: place for place, question in enumerate(self.survey.questions)}
        for match in sorted(scored, key=lambda m: (-m.score, order[m.question.id])):
            columns = {column.position for column in match.unit.columns}
            if match.score < LOWEST or match.question.id in found or columns & taken:
                continue
            others = [m.score for m in rivals[id(match.unit)] if m.question.id not in {*found, match.question.id}]
            found[match.question.id] = self._judged(match, max(others, default=0.0))
            taken |= columns
        matches = [found[question.id] for question in self.survey.questions if question.id in found]
        for match in matches:
            if match.is_sure and without_number(match.unit.header) and number_of(match.unit.header):
                self.numbers.setdefault(number_of(match.unit.header), match.question.id)
        return matches

    def _units(self, table: Table) -> list[Unit]:
        units = [Unit(column.path, (column,)) for column in table.columns]
        many = (question for question in self.survey.questions if question.kind == "multiple")
        labels = {fold_tight(option.label) for question in many for option in question.offered(self.wave)}
        for header, columns in groups(table.columns):
            under = tuple(c for c in columns if fold_tight(c.header.lower) in labels or is_option_column(c))
            if len(under) > 1:
                units.append(Unit(header, under))
        return units

    def _score(self, question: Question, unit: Unit, table: Table) -> Match:
        header = unit.columns[0].header
        names = [unit.header] if unit.is_ticked or not header.upper else [unit.header, header.lower]
        references = self.references[question.id]
        alike = max((likeness(n, r) for n in names if without_number(n) for r in references), default=0.0)
        is_numbered = bool(number_of(unit.header)) and number_of(unit.header) == number_of(question.number)
        answers = self._answers(question, unit, table)
        score = alike + _SAME_NUMBER * is_numbered + answers
        reasons = ["番号が同じ"] * is_numbered + ["記入が選択肢に合う"] * (answers > 0)
        reasons += ["記入が選択肢に合わない"] * (answers < 0)
        if not without_number(unit.header):
            # A bare number: the forms of this wave may say whose it is, better than the survey file.
            owner = self.numbers.get(number_of(unit.header), "")
            score += HALF_SURE * (owner == question.id if owner else is_numbered)
            reasons = ["別のファイルと同じ番号"] * (owner == question.id) + reasons
        return Match(question, unit, alike, score, "、".join(reasons), is_sure=False)

    def _answers(self, question: Question, unit: Unit, table: Table) -> float:
        """Return what the cells say for (+) or against (-) the question; 0 when they say nothing."""
        if unit.is_ticked:
            known = spellings((o.id, o.label) for o in question.offered(self.wave))
            labels = [fold_tight(column.header.lower) for column in unit.columns]
            if question.kind != "multiple":
                return -_ANSWERS_FIT
            words = [label for label in labels if not label.isdigit()]
            fitting = [label for label in words if label in known or without_enumeration(label) in known]
            return _ANSWERS_FIT * (len(fitting) / len(words)) if words else 0.0
        header, cells = unit.columns[0].header, unit.columns[0].filled
        if question.kind == "multiple" and sum(c.header.group == header.group for c in table.columns if header.group) > 1:
            # One of several columns under an upper header: an option of the question, not the question.
            return -_ANSWERS_FIT
        share = fit(question, self.wave, cells, table.separators)
        if share >= HALF_SURE:
            return _ANSWERS_FIT * share
        has_labels = any(fit(q, self.wave, cells, table.separators) >= HALF_SURE for q in self.survey.questions)
        return -_ANSWERS_FIT if has_labels else 0.0

    def _judged(self, match: Match, rival: float) -> Match:
        """Return the match, sure when the evidence leaves no room for another question."""
        is_numbered = "番号" in match.reason
        fits = "記入が選択肢に合う" in match.reason
        name = [match.unit.header, match.unit.columns[0].header.lower]
        is_abbreviation = any(
            is_part(n, self.references[match.question.id]) for n in name if without_number(n)
        )
        is_sure = (
            match.likeness >= SURE
            or (is_numbered and (match.likeness >= HALF_SURE or is_abbreviation))
            or "別のファイル" in match.reason
            or fits
        )
        is_clear = match.score - rival >= MARGIN and "合わない" not in match.reason
        return Match(match.question, match.unit, match.likeness, match.score, match.reason, is_sure and is_clear)

    def nearest(self, header: str) -> tuple[Question, float]:
        """Return the question most like a header, and how alike."""
        return max(
            ((q, max(likeness(header, r) for r in self.references[q.id])) for q in self.survey.questions),
            key=lambda pair: pair[1],
        )


def is_option_column(column: Column) -> bool:
    """True when the column holds ticks (or nothing) under an upper header: one option each."""
    strange = [text for text in column.filled if not is_tick(text) and fold_tight(text) not in STATE_WORDS]
    return len(strange) <= _MOST_STRANGE * len(column.filled)


def claimed(matches: Iterable[Match]) -> Mapping[int, Match]:
    """Return column position → the match it belongs to."""
    return {column.position: match for match in matches for column in match.unit.columns}
