"""Rows of a sheet → people: what became of every physical row, and what each person answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pipeline.ingest.codebook import Answer, Codebook, answered, read_ticks
from pipeline.ingest.columns import claim_columns
from pipeline.ingest.nouns import Claim, Row, Sheet, Source, quoted
from pipeline.ingest.reports import CellReports, merged
from pipeline.ingest.routing import Routed, route_answers
from pipeline.matching import fold
from pipeline.model import INVALID, Problem

ACCEPTED, REJECTED, DUPLICATE = "accepted", "rejected", "duplicate"
#: Flaws that make a row look empty which was not: reason → kinds.
_UNSEEN = {
    "blank": ("uncalculated", "error_value"),
    "serial_only": ("uncalculated", "error_value", "ragged", "merged"),
}


@dataclass(frozen=True)
class Line:
    """One line of the ledger, and for an accepted one the person's answers (question id → Answer)."""

    sheet: Sheet
    row: int
    status: str
    reason: str
    answers: Mapping[str, Answer] | None = None


def read_rows(sheets: list[Sheet], source: Source, problems: list[Problem]) -> list[Line]:
    """Return one line per physical row of all sheets of a file; adds to ``problems``."""
    reports, lines = CellReports(source), []
    conflicts: dict[Problem, None] = {}
    in_columns: list[Problem] = []
    for sheet in sheets:
        claims, found = claim_columns(sheet, source)
        in_columns += found
        books = {
            claim.question.id: Codebook(source, claim.question, bool(claim.options), sheet.separators)
            for claim in claims
            if not claim.constant
        }
        conflicts |= dict.fromkeys(problem for book in books.values() for problem in book.conflicts())
        lines += _Rows(sheet, source, claims, books, reports).lines()
    problems.extend(merged(in_columns))
    problems.extend([*conflicts, *reports.problems()])
    return lines


class _Rows:
    """The rows of one sheet under its claims."""

    def __init__(self, sheet: Sheet, source: Source, claims: list[Claim], books: dict, reports: CellReports):
        self.sheet, self.source, self.claims, self.books, self.reports = sheet, source, claims, books, reports
        self.claimed = {column for claim in claims for column in claim.columns}
        self.seen: dict[str, Row] = {}
        self.flaws: dict[int, list] = {}
        for flaw in sheet.flaws:
            self.flaws.setdefault(flaw.row, []).append(flaw)

    def lines(self) -> Iterator[Line]:
        for flaw in self.flaws.get(0, ()):
            if flaw.column in self.claimed:
                self.reports.add_flaw(flaw.kind, self.sheet, 0, flaw.column)
        for row in self.sheet.rows:
            status, reason = self._status(row)
            self._report_flaws(row.number, status, reason)
            if status != ACCEPTED:
                yield Line(self.sheet, row.number, status, reason)
                continue
            yield Line(self.sheet, row.number, status, "", self._answers(row))
        self._report_odd_serials()

    def _report_flaws(self, row: int, status: str, reason: str) -> None:
        """Report what a reader saw in this row, as far as it touches an answer."""
        for flaw in self.flaws.get(row, ()):
            is_in_answers = flaw.column in (None, self.sheet.serial) or flaw.column in self.claimed
            if is_in_answers and (status == ACCEPTED or flaw.kind in _UNSEEN.get(reason, ())):
                self.reports.add_flaw(flaw.kind, self.sheet, row, flaw.column)

    def _status(self, row: Row) -> tuple[str, str]:
        """Return (status, reason) of a row."""
        if row.reason:
            return REJECTED, row.reason
        if self.sheet.serial is None:
            return ACCEPTED, ""
        serial = fold(row.cells[self.sheet.serial])
        if not serial:
            return self._unnumbered(row)
        if not any(fold(text) for column, text in enumerate(row.cells) if column != self.sheet.serial):
            what, fix = (
                "番号だけで何も記入のない行を、回答に数えませんでした",
                "白紙で返ってきた調査票なら、無回答の番号を入力してください。",
            )
            self.reports.add(self.source.problem(what, fix, severity="note"), self.sheet, row.number)
            return REJECTED, "serial_only"
        return self._repeated(row, serial)

    def _unnumbered(self, row: Row) -> tuple[str, str]:
        if not any(fold(row.cells[column]) for column in self.claimed):
            return REJECTED, "note"
        what, fix = (
            "番号のない行に回答があります",
            "番号を入力するか、回答でない行なら消してから受け取ってください。",
        )
        problem = self.source.problem(
            what, fix, key="serial", expected=f"「{self.source.received.serial}」の列の番号"
        )
        self.reports.add(problem, self.sheet, row.number)
        return REJECTED, "no_serial"

    def _repeated(self, row: Row, serial: str) -> tuple[str, str]:
        first = self.seen.setdefault(serial, row)
        if first is row:
            return ACCEPTED, ""
        if [*map(fold, first.cells)] == [*map(fold, row.cells)]:
            return DUPLICATE, "same_row"
        is_same = all(fold(first.cells[column]) == fold(row.cells[column]) for column in self.claimed)
        problem = self.source.problem(
            "同じ番号の行が2つあります",
            "もとの調査票を確かめて、番号を直すか、片方を消してから受け取ってください。",
            key=f"serial {serial}",
            found=f"{first.number}行目と{row.number}行目（回答は{'同じ' if is_same else '違う'}）",
            expected="番号は1人に1つ（同じ調査票を2回入力したときは、全部の列が同じ）",
        )
        self.reports.add(problem, self.sheet, row.number, self.sheet.serial)
        return ACCEPTED, ""

    def _report_odd_serials(self) -> None:
        """Report a word where the other rows have numbers: 平均 is nobody's answer."""
        words = [serial for serial in self.seen if not any(map(str.isdigit, serial))]
        if len(words) == len(self.seen):
            return
        for serial in words:
            what, fix = (
                "番号の列に、番号でない言葉の行があります",
                f"回答でなければ {self.source.definition} の total_labels に加えてください。",
            )
            problem = self.source.problem(what, fix, key="serial", found=quoted(serial), expected="番号")
            self.reports.add(problem, self.sheet, self.seen[serial].number, self.sheet.serial)

    def _answers(self, row: Row) -> Mapping[str, Answer]:
        """Return the person's answers after the filters; problems go to the reports."""
        answers, is_readable = {}, True
        for claim in self.claims:
            answer, problems = self._answer(claim, row)
            for column, problem in problems.items():
                self.reports.add(problem, self.sheet, row.number, column)
                is_readable = False
            answers[claim.question.id] = answer
        routed = route_answers((claim.question for claim in self.claims), answers)
        # Beside an unreadable cell a contradiction may be only its echo.
        if is_readable:
            self._report_contradictions(routed, row)
        return routed.answers

    def _answer(self, claim: Claim, row: Row) -> tuple[Answer, Mapping[int, Problem]]:
        if claim.constant:
            return answered(claim.constant), {}
        book = self.books[claim.question.id]
        if claim.options:
            return read_ticks(book, claim, row.cells)
        filled = [column for column in claim.columns if fold(row.cells[column])]
        if len(filled) > 1:
            return Answer(INVALID), {filled[1]: self._filled_twice(claim)}
        column = filled[0] if filled else claim.columns[0]
        answer = book.read(row.cells[column])
        if isinstance(answer, Problem):
            return Answer(INVALID), {column: answer}
        return answer, {}

    def _filled_twice(self, claim: Claim) -> Problem:
        headers = "、".join(f"「{self.sheet.headers[column].path}」" for column in claim.columns)
        return self.source.problem(
            "1つの設問の2つの列に、同じ人の回答があります",
            "同じ設問の列かどうかを確かめ、違う設問なら columns の書き方を直してください。",
            key=f"{claim.question.id} {claim.question.label}",
            found=headers,
            expected="どれか1つの列だけに回答があること",
        )

    def _report_contradictions(self, routed: Routed, row: Row) -> None:
        for claim in self.claims:
            question = claim.question
            if question.id not in (*routed.excluded, *routed.denied):
                continue
            column = next((c for c in claim.columns if fold(row.cells[c]) not in ("", "0")), claim.columns[0])
            name = f"{question.id} {question.label}"
            if question.id in routed.excluded:
                what = "対象外の人の回答があります（集計の基数には入れません）"
                filtering = self.source.survey.question(question.route.question)
                expected = f"「{filtering.label}」の答えで対象になる人だけの回答"
                problem = replace(self.source.problem(what, key=name, expected=expected), severity="note")
                problem = replace(
                    problem, next_step="もとの調査票を確かめ、そのとおりなら、このままで構いません。"
                )
            else:
                what, fix = (
                    "対象の人の回答が「非該当」になっています",
                    "もとの調査票を確かめて、回答か無回答に直してください。",
                )
                problem = self.source.problem(what, fix, key=name, expected="回答か無回答")
            self.reports.add(problem, self.sheet, row.number, column)
