"""Rows of a sheet → people: what became of every physical row, and what each person answered.

Rows are kept by column: an answer is read once for each spelling, and looked up for the rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from pipeline.ingest.answers import Answers, Unreadable, read_claim
from pipeline.ingest.cells import Column, is_filled, key_of
from pipeline.ingest.codebook import Codebook
from pipeline.ingest.columns import claim_columns
from pipeline.ingest.nouns import Claim, Sheet, Source, quoted
from pipeline.ingest.reports import CellReports, merged
from pipeline.ingest.routing import route_answers
from pipeline.matching import fold
from pipeline.model import Problem

ACCEPTED, REJECTED, DUPLICATE = STATUSES = ("accepted", "rejected", "duplicate")
_ACCEPTED, _REJECTED, _DUPLICATE = range(3)
#: A number of a person that may be told: letters and at least one digit.
_NUMBERED = re.compile(r"(?=.*\d)[0-9A-Za-z_-]{1,20}")
#: Flaws that make a row look empty which was not: reason → kinds.
_UNSEEN = {
    "blank": ("uncalculated", "error_value"),
    "serial_only": ("uncalculated", "error_value", "ragged", "merged"),
}


@dataclass(frozen=True, eq=False)
class SheetRead:
    """One sheet, read: the lines of the ledger, one per physical row, and the answers of the accepted.

    status, reason: of each row; answers: question id → Answers of each row, of which only those of
    accepted rows mean anything.
    """

    sheet: Sheet
    status: Column
    reason: Column
    answers: Mapping[str, Answers]

    @cached_property
    def accepted(self) -> np.ndarray:
        """Places of the accepted rows, the first is 0."""
        return np.flatnonzero(self.status.where(ACCEPTED.__eq__))

    def marked(self, places: list[int], status: str, reason: str) -> SheetRead:
        """Return the sheet with another status and reason in some rows."""
        where = np.zeros(len(self.status), dtype=bool)
        where[places] = True
        return replace(
            self,
            status=self.status.mapped(lambda _: status, where),
            reason=self.reason.mapped(lambda _: reason, where),
        )


def read_rows(sheets: list[Sheet], source: Source, problems: list[Problem]) -> tuple[SheetRead, ...]:
    """Return every sheet of a file, read; adds to ``problems``."""
    reports, found = CellReports(source), []
    conflicts: dict[Problem, None] = {}
    in_columns: list[Problem] = []
    for sheet in sheets:
        claims, unclaimed = claim_columns(sheet, source)
        in_columns += unclaimed
        books = {
            claim.question.id: Codebook(source, claim.question, bool(claim.options), sheet.separators)
            for claim in claims
            if not claim.constant
        }
        conflicts |= dict.fromkeys(problem for book in books.values() for problem in book.conflicts())
        found.append(_Rows(sheet, source, claims, books, reports).read())
    problems.extend(merged(in_columns))
    problems.extend([*conflicts, *reports.problems()])
    return tuple(found)


#: In which order the problems of one row are told.
_OF_STATUS, _OF_FLAWS, _OF_ANSWERS, _OF_FILTERS = range(4)


class _Rows:
    """The rows of one sheet under its claims."""

    def __init__(self, sheet: Sheet, source: Source, claims: list[Claim], books: dict, reports: CellReports):
        self.sheet, self.source, self.claims, self.books, self.reports = sheet, source, claims, books, reports
        self.columns = sheet.rows.table.columns
        self.claimed = sorted({column for claim in claims for column in claim.columns})
        self.status = np.full(len(sheet.rows), _REJECTED, dtype=np.uint8)
        self.reasons: dict[int, str] = {}
        #: (place, stage, order in the stage, column or None, problem), sorted at the end.
        self.found: list[tuple] = []

    def read(self) -> SheetRead:
        self.status[self.sheet.rows.is_open] = _ACCEPTED
        odd = self._numbered() if self.sheet.serial is not None else []
        reason = self._reason()
        self._flaws(reason)
        accepted = np.flatnonzero(self.status == _ACCEPTED)
        answers = self._answers(accepted)
        for place, _, _, column, problem in sorted(self.found, key=lambda found: found[:3]):
            self.reports.add(problem, self.sheet, place + 1, column)
        for place, problem in odd:
            self.reports.add(problem, self.sheet, place + 1, self.sheet.serial)
        return SheetRead(self.sheet, Column(self.status, STATUSES), reason, answers)

    def _reason(self) -> Column:
        reason = self.sheet.rows.reasons
        for text in dict.fromkeys(self.reasons.values()):
            where = np.zeros(len(reason), dtype=bool)
            where[[place for place, own in self.reasons.items() if own == text]] = True
            reason = reason.mapped(lambda _, text=text: text, where)
        return reason

    def _flaws(self, reason: Column) -> None:
        """Note what a reader saw, as far as it touches an answer."""
        claimed = {None, self.sheet.serial, *self.claimed}
        for number, flaw in enumerate(self.sheet.flaws):
            if flaw.row == 0 and flaw.column in self.claimed:
                self.reports.add_flaw(flaw.kind, self.sheet, 0, flaw.column)
            if not 0 < flaw.row <= len(reason) or flaw.column not in claimed:
                continue
            place = flaw.row - 1
            if self.status[place] == _ACCEPTED or flaw.kind in _UNSEEN.get(reason[place], ()):
                problem = self.reports.flaw(flaw.kind)
                self.found.append((place, _OF_FLAWS, number, flaw.column, problem))

    def _numbered(self) -> list[tuple[int, Problem]]:
        """Settle the status by the numbers of the rows; return words that stand among them."""
        serials = self.columns[self.sheet.serial]
        is_open = self.sheet.rows.is_open
        has_serial = serials.is_filled
        for place in np.flatnonzero(is_open & ~has_serial).tolist():
            self._unnumbered(place)
        is_alone = is_open & has_serial
        for number, column in enumerate(self.columns):
            if number != self.sheet.serial and is_alone.any():
                is_alone &= ~column.is_filled
        for place in np.flatnonzero(is_alone).tolist():
            self._serial_only(place)
        places = np.flatnonzero(is_open & has_serial & ~is_alone)
        if _differ(serials.numbers[places]):
            return []
        firsts = self._firsts([key_of(serials[place]) for place in places.tolist()], places.tolist())
        return list(self._odd_serials(firsts))

    def _firsts(self, keys: list[str], places: list[int]) -> dict[str, int]:
        """Return serial → place of its first row; later ones are reported."""
        firsts = dict(zip(reversed(keys), reversed(places), strict=True))
        if len(firsts) < len(keys):
            for key, place in zip(keys, places, strict=True):
                if firsts[key] != place:
                    self._repeated(firsts[key], place, key)
        return firsts

    def _serial_only(self, place: int) -> None:
        what, fix = (
            "番号だけで何も記入のない行を、回答に数えませんでした",
            "白紙で返ってきた調査票なら、無回答の番号を入力してください。",
        )
        self._reject(place, "serial_only")
        self.found.append((place, _OF_STATUS, 0, None, self.source.problem(what, fix, severity="note")))

    def _reject(self, place: int, reason: str) -> None:
        self.status[place], self.reasons[place] = _REJECTED, reason

    def _unnumbered(self, place: int) -> None:
        if not any(is_filled(self.columns[column][place]) for column in self.claimed):
            self._reject(place, "note")
            return
        what, fix = (
            "番号のない行に回答があります",
            "番号を入力するか、回答でない行なら消してから受け取ってください。",
        )
        problem = self.source.problem(
            what, fix, key="serial", expected=f"「{self.source.received.serial}」の列の番号"
        )
        self._reject(place, "no_serial")
        self.found.append((place, _OF_STATUS, 0, None, problem))

    def _repeated(self, first: int, place: int, serial: str) -> None:
        def is_same(columns) -> bool:
            return all(fold(self.columns[c][first]) == fold(self.columns[c][place]) for c in columns)

        if is_same(range(len(self.columns))):
            self.status[place], self.reasons[place] = _DUPLICATE, "same_row"
            return
        problem = self.source.problem(
            "同じ番号の行が2つあります",
            "もとの調査票を確かめて、番号を直すか、片方を消してから受け取ってください。",
            # A column of names may have been taken for one of numbers.
            key=f"serial {serial}" if _NUMBERED.fullmatch(serial) else f"serial（{len(serial)}文字）",
            found=f"{first + 1}行目と{place + 1}行目（回答は{'同じ' if is_same(self.claimed) else '違う'}）",
            expected="番号は1人に1つ（同じ調査票を2回入力したときは、全部の列が同じ）",
        )
        self.found.append((place, _OF_STATUS, 0, self.sheet.serial, problem))

    def _odd_serials(self, firsts: dict[str, int]) -> Iterator[tuple[int, Problem]]:
        """Yield a problem for a word where the other rows have numbers: 平均 is nobody's answer."""
        words = [key for key in firsts if not key.isdigit() and not any(map(str.isdigit, key))]
        if len(words) == len(firsts):
            return
        for word in sorted(words, key=firsts.get):
            what, fix = (
                "番号の列に、番号でない言葉の行があります",
                f"回答でなければ {self.source.definition} の total_labels に加えてください。",
            )
            problem = self.source.problem(what, fix, key="serial", found=quoted(word), expected="番号")
            yield firsts[word], problem

    def _answers(self, accepted: np.ndarray) -> Mapping[str, Answers]:
        """Return the answers after the filters; problems are noted."""
        answers: dict[str, Answers] = {}
        unreadable: list[Unreadable] = []
        for order, claim in enumerate(self.claims):
            book = self.books.get(claim.question.id)
            own, found = read_claim(claim, book, self.sheet, accepted)
            answers[claim.question.id] = own
            unreadable += found
            self.found += [
                (one.place, _OF_ANSWERS, (order, n), one.column, one.problem) for n, one in enumerate(found)
            ]
        routed = route_answers((claim.question for claim in self.claims), answers, accepted)
        # Beside an unreadable cell a contradiction may be only its echo.
        echoes = {one.place for one in unreadable}
        for order, claim in enumerate(self.claims):
            for kind, places in ((_EXCLUDED, routed.excluded), (_DENIED, routed.denied)):
                found = [place for place in places.get(claim.question.id, ()) if place not in echoes]
                self._contradictions(order, claim, kind, found)
        return routed.answers

    def _contradictions(self, order: int, claim: Claim, kind: bool, places: list[int]) -> None:
        if not places:
            return
        problem = self._contradiction(claim, kind)
        for place in places:
            texts = ((column, self.columns[column][place]) for column in claim.columns)
            filled = (column for column, text in texts if fold(text) not in ("", "0"))
            column = next(filled, claim.columns[0] if claim.columns else None)
            self.found.append((place, _OF_FILTERS, order, column, problem))

    def _contradiction(self, claim: Claim, is_excluded: bool) -> Problem:
        question = claim.question
        name = f"{question.id} {question.label}"
        if not is_excluded:
            what, fix = (
                "対象の人の回答が「非該当」になっています",
                "もとの調査票を確かめて、回答か無回答に直してください。",
            )
            return self.source.problem(what, fix, key=name, expected="回答か無回答")
        what = "対象外の人の回答があります（集計の基数には入れません）"
        filtering = self.source.survey.question(question.route.question)
        expected = f"「{filtering.label}」の答えで対象になる人だけの回答"
        step = "もとの調査票を確かめ、そのとおりなら、このままで構いません。"
        problem = self.source.problem(what, key=name, expected=expected)
        return replace(problem, severity="note", next_step=step)


_EXCLUDED, _DENIED = True, False


def _differ(numbers: np.ndarray) -> bool:
    """Return whether all are numbers and none comes twice; mostly they ascend."""
    if (numbers < 0).any():
        return False
    return bool((np.diff(numbers) > 0).all()) or len(np.unique(numbers)) == len(numbers)
