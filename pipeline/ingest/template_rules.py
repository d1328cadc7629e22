"""What a keying sheet shows while it is filled in: formulas of its colours and of its check column.

Every formula is written for the first row of answers; Excel moves it down. A formula of a colour
names its own sheet only (older Excel refuses others); the other keying is reached by INDIRECT.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.ingest.nouns import column_name
from pipeline.ingest.template_plan import (
    CHECK_COLUMN,
    FIRST_ANSWER_COLUMN,
    ID_ROW,
    WORDS,
    Codes,
    Column,
    KeyingSheet,
    codes,
    option_code,
    other_options,
    sheet_attribute,
)
from pipeline.model import Question, Survey, Wave

DONE, DIFFERENT = "済", "違い"
FIRST_ROW = ID_ROW + 1
_ALWAYS = "TRUE"
_TICK_SPELLINGS = ("1", "○", "〇", "◯", "●", "レ", "✓")


@dataclass(frozen=True)
class Rule:
    """A colour: where ``formula`` is true, the columns left to right look like ``look``."""

    left: int
    right: int
    formula: str
    look: str
    is_last: bool = False


class Rules:
    """The rules and formulas of one keying sheet; ``other`` is the sheet of the other keying."""

    def __init__(self, survey: Survey, wave: Wave, sheet: KeyingSheet, other: KeyingSheet):
        self.survey, self.wave, self.sheet, self.other = survey, wave, sheet, other
        self.codes: Codes = codes(survey, wave)
        self.places: dict[str, list[int]] = {}
        for place, column in enumerate(sheet.columns, start=FIRST_ANSWER_COLUMN):
            if column.question:
                self.places.setdefault(column.question.id, []).append(place)
        #: First and last answer; 備考 is none.
        self.ends = FIRST_ANSWER_COLUMN, FIRST_ANSWER_COLUMN + len(sheet.columns) - 2

    def check_formula(self, row: int) -> str:
        """Return 点検 of ``row``: empty, 済, or 違い where both keyings differ."""
        here = _span(*self.ends, row=row)
        there = f"'{self.other.name}'!{here}"
        ids = _span(*self.ends, row=f"${ID_ROW}")
        differ = (
            f"SUMPRODUCT(({_same(here, self.codes)}<>{_same(there, self.codes)})"
            f'*(RIGHT({ids},{len(WORDS)})<>"{WORDS}"))>0'
        )
        if self.sheet.keying == 2:
            return f'=IF(COUNTA({here})=0,"",IF({differ},"{DIFFERENT}","{DONE}"))'
        return (
            f'=IF(COUNTA({here})=0,IF(COUNTA({there})>0,"{DIFFERENT}",""),'
            f'IF(COUNTA({there})=0,"{DONE}",IF({differ},"{DIFFERENT}","{DONE}")))'
        )

    def all(self) -> Iterator[Rule]:
        """Yield the rules of the sheet, the one that wins first."""
        questions = [self.survey.question(question) for question in self.places]
        for question in questions:
            places = self.places[question.id]
            if past := self._past(question):
                yield Rule(places[0], places[-1], f"AND({past},{_is_filled(places[0])})", "wrong", True)
                yield Rule(places[0], places[-1], past, "past", True)
        for question in questions:
            yield from self._mistakes(question)
        check = f'LEFT(${column_name(CHECK_COLUMN)}{FIRST_ROW},{len(DIFFERENT)})="{DIFFERENT}"'
        for left, right in self._runs(column for column in self.sheet.columns if not column.is_words):
            cell = f"{column_name(left)}{FIRST_ROW}"
            there = f'INDIRECT(ADDRESS(ROW(),COLUMN(),4,1,"{self.other.name}"))'
            differs = f"{_same(cell, self.codes)}<>{_same(there, self.codes)}"
            yield Rule(left, right, f"AND({check},{differs})", "different")
        yield Rule(CHECK_COLUMN, CHECK_COLUMN, check, "different")
        for question in questions:
            places = [p for p in self.places[question.id] if not self._column(p).is_words]
            if places:
                blank = f"COUNTA({_span(places[0], places[-1], fixed=True)})=0"
                begun = f"COUNTA({_span(*self.ends, fixed=True)})>0"
                yield Rule(places[0], places[-1], f"AND({begun},{blank})", "blank")

    def _column(self, place: int) -> Column:
        return self.sheet.columns[place - FIRST_ANSWER_COLUMN]

    def _runs(self, columns: Iterable[Column]) -> Iterator[tuple[int, int]]:
        """Yield first and last place of each unbroken run of ``columns``."""
        wanted = {column.id for column in columns}
        left = None
        for place, column in enumerate((*self.sheet.columns, None), start=FIRST_ANSWER_COLUMN):
            is_in = column is not None and column.id in wanted
            if is_in and left is None:
                left = place
            elif not is_in and left is not None:
                yield left, place - 1
                left = None

    def _past(self, question: Question) -> str:
        """Return when the routing leads past ``question``: a formula, TRUE, or "" for never."""
        if question.route is None or not self.wave.asks(question.route.question):
            return ""
        filtering = self.survey.question(question.route.question)
        upstream = self._past(filtering)
        if filtering == sheet_attribute(self.survey, self.wave) and self.sheet.group:
            return upstream if self.sheet.group in question.route.options else _ALWAYS
        offered = {option.id for option in filtering.offered(self.wave.key)}
        wanted = [
            option_code(filtering, self.wave, option)
            for option in question.route.options
            if option in offered
        ]
        place = self.places[filtering.id][0]
        own = f"AND({_is_filled(place, True)},NOT({_is_one_of(place, wanted)}))"
        if upstream == _ALWAYS:
            return _ALWAYS
        return f"OR({upstream},{own})" if upstream else own

    def _mistakes(self, question: Question) -> Iterator[Rule]:
        """Yield the rules of what nobody can have meant, or must look at on the paper."""
        places = self.places[question.id]
        answers = [place for place in places if not self._column(place).is_words]
        if not answers:
            return
        marks = [self.codes.no_answer, self.codes.invalid]
        if question.kind == "multiple":
            allowed = [*_TICK_SPELLINGS, *marks]
            yield Rule(answers[0], answers[-1], self._too_many(question, answers), "many")
        else:
            offered = question.offered(self.wave.key)
            allowed = [*(str(number) for number in range(1, len(offered) + 1)), *marks]
        unknown = f"AND({_is_filled(answers[0])},NOT({_is_one_of(answers[0], allowed, fixed=False)}))"
        yield Rule(answers[0], answers[-1], unknown, "wrong")
        if self.sheet.keying == 2:
            return
        for option in other_options(question, self.wave):
            words = next(
                p for p in places if self._column(p).is_words and self._column(p).option == option.id
            )
            if question.kind == "multiple":
                tick = next(p for p in answers if self._column(p).option == option.id)
                is_chosen = _is_filled(tick, True)
            else:
                is_chosen = _is_one_of(answers[0], [option_code(question, self.wave, option.id)])
            yield Rule(words, words, f"AND({_is_filled(words, True)},NOT({is_chosen}))", "many")

    def _too_many(self, question: Question, answers: list[int]) -> str:
        """Return when ticks exceed the limit, or stand beside what excludes them."""
        ticks = _span(answers[0], answers[-1], fixed=True)
        several = f"COUNTA({ticks})>1"
        cases = [
            f"AND({several},COUNTIF({ticks},{code})>0)" for code in (self.codes.no_answer, self.codes.invalid)
        ]
        for place in answers:
            option = question.option(self._column(place).option)
            if option.is_exclusive:
                cases.append(f"AND({several},{_is_filled(place, True)})")
        if question.limit is not None:
            cases.append(f"COUNTA({ticks})>{question.limit}")
        return f"OR({','.join(cases)})"


def _span(left: int, right: int, fixed: bool = False, row: int | str = FIRST_ROW) -> str:
    return ":".join(f"{'$' if fixed else ''}{column_name(place)}{row}" for place in (left, right))


def _cell(place: int, fixed: bool) -> str:
    return f"{'$' if fixed else ''}{column_name(place)}{FIRST_ROW}"


def _is_filled(place: int, fixed: bool = False) -> str:
    return f"LEN(TRIM({_cell(place, fixed)}))>0"


def _is_one_of(place: int, texts: Iterable[str], fixed: bool = True) -> str:
    cell = f"TRIM({_cell(place, fixed)})"
    return "OR(" + ",".join(f'{cell}="{text}"' for text in texts) + ")" if (texts := list(texts)) else "FALSE"


def _same(cells: str, marks: Codes) -> str:
    # A blank and the code of 無回答 say the same.
    return f'SUBSTITUTE(TRIM({cells}),"{marks.no_answer}","")'
