"""One review of one wave: what is known, what came back, what goes out. The hall opens and writes the files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from pipeline.coding import machine
from pipeline.coding.advice import Advice, said_by_machine
from pipeline.coding.agreement import agreement
from pipeline.coding.audit_file import Audited, audit_csv, read_audit
from pipeline.coding.decisions import Decision, comment_key, read_signed_decisions
from pipeline.coding.lines import overstated, personal, quotations, read_lines
from pipeline.coding.masked_file import masked_bytes
from pipeline.coding.name_lists import unread_lists
from pipeline.coding.review import (
    FIRST,
    READ_ALL,
    SECOND,
    Book,
    Carried,
    Listing,
    distinct_texts,
    reviewed,
    second_sample,
    showable,
)
from pipeline.coding.review_listings import (
    agreement_listing,
    disagreements,
    guide,
    line_candidates,
    new_themes,
    rule_results,
)
from pipeline.coding.review_painting import review_workbook
from pipeline.coding.review_reading import SheetText, take_back
from pipeline.coding.review_row_reading import Difference, Expected, TakenBack
from pipeline.coding.review_rows import Known, sheets
from pipeline.model import EMPTY, Problem, Survey

#: Of the bootstrap and of the suggestions: the same answers give the same workbook.
SEED = 20260401

Place = tuple[str, str]


class Desk:
    """What the review of the newest wave of ``survey`` works on.

    folder: ``surveys/<id>/coding/<wave>``; beside it lies ``decisions.csv``. is_second: the workbook is
    the second coder's. Raises ProblemsFound for what is wrong in the files of the folder.
    """

    def __init__(self, survey: Survey, comments: pd.DataFrame, folder: Path, is_second: bool):
        self.survey, self.comments, self.folder, self.is_second = survey, comments, folder, is_second
        self.wave = survey.newest.key
        self.machine = machine.Machine(survey, folder.parent.parent)
        masked = self._masked = self.machine.masked(list(comments["text"]))
        self.all_texts = distinct_texts(survey, self.wave, comments, masked)
        waves = [wave.key for wave in survey.waves if wave.key < self.wave]
        self.earlier = [text for key in waves for text in distinct_texts(survey, key, comments, masked)]
        self.texts = tuple(second_sample(self.all_texts)) if is_second else self.all_texts
        first = read_signed_decisions(folder.parent / "decisions.csv", survey)
        second = read_signed_decisions(folder / "second_coder.csv", survey)
        self.first, self.second = dict(first), dict(second)
        self.carried: Mapping[str, Carried] = EMPTY
        self._advice: Advice | None = None
        self.audit = read_audit(folder / "audit.csv", f"surveys/{survey.id}/coding/{self.wave}/audit.csv")
        self._before: pd.DataFrame | None = None

    @property
    def decisions(self) -> dict[Place, Decision]:
        """The decisions of the person whose workbook this is."""
        return self.second if self.is_second else self.first

    @property
    def _kind(self) -> str:
        return SECOND if self.is_second else FIRST

    def take_back(self, grids: Iterable[SheetText], file: str) -> TakenBack:
        """Return what the workbook ``file`` decides. Raises ProblemsFound with everything wrong with it."""
        offered, version = self.machine.offered, self.machine.version
        book = (self.survey, self.wave, self._kind, self.all_texts, offered, version, self.decisions, file)
        return take_back(grids, Expected(*book, self.first if self.is_second else EMPTY))

    def decided(self, differences: Iterable[Difference]) -> None:
        """Count what was taken back among the decisions."""
        for difference in differences:
            self.decisions.pop(difference.decision.place, None)
            if difference.decision.codes:
                self.decisions[difference.decision.place] = difference.decision

    def predict(self) -> pd.DataFrame | None:
        """Return the rows of ``predictions.csv``; None for a second coder or without the parts.

        What was said of an answer before a person decided it stays: later the machine has learnt from it.
        """
        if self.is_second:
            return None
        current = Known(self.first, self.machine.retired)
        decided = {place: d.codes for place, d in self.first.items() if current.is_current(place)}
        audited = {row.question for row in self.audit}
        self._advice = self.machine.advice(self.all_texts, self.earlier, decided, audited, SEED)
        if self._advice is None:
            return None
        before = machine.read_predictions(self.folder / "predictions.csv")
        places = zip(before["question"], before["key"], strict=True)
        self._before = before[[place in decided for place in places]]
        return pd.concat(
            [frame for frame in (self._before, self._advice.predictions) if not frame.empty] or [before]
        )

    def masked_file(self) -> bytes | None:
        """Return ``masked.csv``, every free text of the wave; None without the part that finds names."""
        if not self.machine.has_words:
            return None
        rows = zip(*(self.comments[name] for name in ("wave", "question", "text")), self._masked, strict=True)
        return masked_bytes(
            {
                (question, comment_key(question, text)): showable(hidden.text)
                for wave, question, text, hidden in rows
                if wave == self.wave
            }
        )

    @property
    def new_audit(self) -> tuple[Audited, ...]:
        """The rows of an audit that is drawn in this run."""
        return self._advice.audit if self._advice else ()

    def audit_file(self) -> bytes:
        """Return ``audit.csv`` with what is drawn in this run."""
        return audit_csv((*self.audit, *self.new_audit)).encode()

    def notes(self) -> list[Problem]:
        """Return what the officer should know: unread lists of names; lines that name, quote or overstate."""
        if self.is_second:
            return []
        folder = self.folder.parent.parent / "names"
        unread = unread_lists(folder, f"surveys/{self.survey.id}/names")
        lines = read_lines(self.folder / "lines.csv", self.survey)
        place = f"surveys/{self.survey.id}/coding/{self.wave}/lines.csv"
        people: Counter[Place] = Counter()
        for text in self.all_texts:
            codes = self.first[text.place].codes if text.place in self.first else ()
            people.update(dict.fromkeys(((text.question, code) for code in codes), text.count))
        named = personal(lines, self.machine.kinds, place)
        quoted = quotations(lines, self.comments, self.wave, place)
        return [*unread, *named, *quoted, *overstated(lines, people, place)]

    def progress(self) -> tuple[int, int]:
        """Return how many answers are undecided, and how many there are."""
        known = Known(self.decisions, self.machine.retired)
        total = sum(text.count for text in self.texts)
        return sum(text.count for text in self.texts if not known.is_current(text.place)), total

    def words(self) -> list[str]:
        """Return what the console says of the way to work."""
        undecided, total = self.progress()
        said = []
        if not self.is_second and undecided and total < READ_ALL:
            said.append(
                f"回答は{total}件です。{READ_ALL}件より少ないので、全部を読んで決めることをお勧めします。"
            )
        if not self.is_second:
            said += [
                f"[注意] {note}" for note in (self._advice.notes if self._advice else [self.machine.missing])
            ]
        return said

    def workbook(self) -> bytes:
        """Return the workbook that goes out."""
        known = Known(decisions=self.decisions, retired=self.machine.retired, carried=self.carried)
        if not self.is_second:
            known = self._with_machine(known)
        undecided = sum(not known.is_current(text.place) for text in self.texts)
        found = sheets(self.survey, self.texts, known)
        people = sum(text.count for text in self.texts)
        says = guide(people, undecided, self._kind, self._advice is not None, self.machine.has_words)
        offered, version = self.machine.offered, self.machine.version
        lists = () if self.is_second else tuple(self._listings())
        return review_workbook(Book(self.survey, self.wave, self._kind, offered, version, found, lists, says))

    def _with_machine(self, known: Known) -> Known:
        advice = self._advice
        return Known(
            known.decisions,
            known.retired,
            list(advice.predictions.itertuples(index=False, name=None)) if advice else (),
            advice.doubts if advice else EMPTY,
            advice.reasons if advice else EMPTY,
            self.machine.forms(self.texts),
            self.machine.short(self.texts),
            {(row.question, row.key): row.stratum for row in (*self.audit, *self.new_audit)},
            known.carried,
        )

    def _listings(self) -> Iterable[Listing]:
        decided, themes = self._codes(self.first), self.survey.themes
        if self._advice and self._advice.groups:
            yield new_themes(self._advice.groups)
        yield line_candidates(self.survey, self.texts, decided, themes)
        if findings := self.machine.findings(self.texts, decided):
            yield rule_results(findings, themes)
        second = self._codes(self.second)
        wave = {text.place for text in self.all_texts}
        second = {place: codes for place, codes in second.items() if place in wave}
        if second:
            codes = {question.id: self._offered(question.box) for question in reviewed(self.survey)}
            found = agreement(decided, second, codes, SEED)
            said = said_by_machine(self._before) if self._before is not None else {}
            yield agreement_listing(found, themes, agreement(said, decided, codes, SEED) if said else None)
            yield disagreements(found, self.texts, decided, second)

    def _offered(self, box: str) -> list[str]:
        return [theme.code for theme in self.survey.themes if theme.box in (box, "both")]

    def _codes(self, decisions: Mapping[Place, Decision]) -> dict[Place, tuple[str, ...]]:
        return {place: decision.codes for place, decision in decisions.items()}
