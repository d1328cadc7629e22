"""What the cells of one question may hold, and what each means. Text in, Answer or Problem out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.ingest.columns import option_keys
from pipeline.ingest.nouns import Claim, Source, quoted
from pipeline.ingest.splitting import NOTHING, cover
from pipeline.matching import fold, fold_tight, nearest
from pipeline.model import ANSWERED, INVALID, NO_ANSWER, NOT_APPLICABLE, STATE_LABELS, Problem, Question

TICKS = frozenset(map(fold_tight, ("○", "〇", "◯", "●", "1", "レ", "✓", "✔", "✔️", "☑")))
UNTICKED = frozenset(("", "0"))
_BETWEEN_CODES = re.compile(r"[,、･・;/\s]+")
#: How alike a typed text and an option may be before it is no longer taken for その他.
_TOO_ALIKE = 0.85


@dataclass(frozen=True)
class Answer:
    """What one person answered to one question.

    state: ``answered`` or a state of the model; options: what was chosen; text: a free answer.
    """

    state: str
    options: tuple[str, ...] = ()
    text: str = ""

    @property
    def is_given(self) -> bool:
        """True when something was written: an answer, or one that cannot be read."""
        return self.state in (ANSWERED, INVALID)


def answered(*options: str) -> Answer:
    return Answer(ANSWERED, options)


class Codebook:
    """The spellings of one question in one file."""

    def __init__(self, source: Source, question: Question, is_ticked: bool, separators: tuple[str, ...]):
        self.source, self.question, self.separators = source, question, separators
        received = source.received
        self.states: dict[str, str] = {}
        for state in (NO_ANSWER, INVALID, NOT_APPLICABLE):
            for spelling in getattr(received, state):
                self.states.setdefault(fold_tight(spelling), state)
        has_codes = received.has_codes and not is_ticked and not question.is_free_text
        self.unticked = UNTICKED | {fold_tight(word) for word in received.unticked}
        self.meanings = option_keys(source, question, has_codes)
        self.options = {key: next(iter(ids)) for key, ids in self.meanings.items() if len(ids) == 1}
        self.has_codes = has_codes
        self.labels = {
            key: option for key, option in self.options.items() if not (has_codes and key.isdigit())
        }
        others = [option.id for option in question.options if option.is_other]
        self.other = others[0] if others and question.id in received.typed_other else ""
        self._known: dict[str, Answer | Problem] = {}

    def conflicts(self) -> list[Problem]:
        """Return a problem for each spelling that may mean two things."""
        problems = []
        for key, ids in self.meanings.items():
            meanings = [self.question.option(option).label for option in sorted(ids)]
            if key in self.states:
                meanings.append(STATE_LABELS[self.states[key]])
            if len(meanings) > 1:
                fix = f"{self.source.definition} の no_answer・invalid・not_applicable・labels を直してください。"
                what, found = "1つの記入が2通りに読めます", f"「{key}」= " + "／".join(meanings)
                problems.append(
                    self.source.problem(what, fix, key=self.question.id, found=found, expected="1通り")
                )
        return problems

    def read(self, text: str) -> Answer | Problem:
        """Return what one cell says: the whole answer to this question."""
        if text not in self._known:
            self._known[text] = self._read(text)
        return self._known[text]

    def _read(self, text: str) -> Answer | Problem:
        key = fold_tight(text)
        if not key:
            return Answer(NO_ANSWER)
        if key in self.states:
            return Answer(self.states[key], text=text)
        if self.question.is_free_text:
            return Answer(ANSWERED, text=text)
        if key in self.options:
            return answered(self.options[key])
        codes = self._codes(text)
        if self.question.kind == "single":
            return self._single(text, codes)
        return self._many(text, codes)

    def _codes(self, text: str) -> tuple[str, ...]:
        """Return the options of "1,3"; () when it is not a list of different codes."""
        parts = [part for part in _BETWEEN_CODES.split(fold(text)) if part]
        is_codes = self.has_codes and all(part.isdigit() and part in self.options for part in parts)
        found = tuple(self.options[part] for part in parts) if is_codes else ()
        return found if len(set(found)) == len(found) else ()

    def _single(self, text: str, codes: tuple[str, ...]) -> Answer | Problem:
        covers = cover(text, self.labels, self.separators, has_gaps=False)
        # Two answers to a question that takes one: 無効, not an error of keying.
        if len(codes) > 1 or any(len(found.options) > 1 for found in covers):
            return Answer(INVALID)
        return self._other(text) if self.other else self._unknown(text)

    def _many(self, text: str, codes: tuple[str, ...]) -> Answer | Problem:
        if codes:
            return self.chosen(codes)
        covers = cover(text, self.labels, self.separators, has_gaps=bool(self.other))
        if len(covers) > 1:
            fix = f"{self.source.definition} の [files.labels.{self.question.id}] に、この文をそのまま加えてください。"
            what, expected = "複数回答の区切りが2通りに読めます", "1通りに分けられる文"
            return self.source.problem(what, fix, key=self.name, found=quoted(text), expected=expected)
        if not covers or covers[0] == NOTHING:
            return self._unknown(text)
        for gap in covers[0].gaps:
            if isinstance(other := self._other(gap), Problem):
                return other
        typed = (self.other,) if covers[0].gaps else ()
        return self.chosen(dict.fromkeys((*covers[0].options, *typed)))

    def chosen(self, options) -> Answer:
        """Return the answer of these ticks: 無効 over the limit or beside an exclusive option."""
        options = tuple(options)
        is_over = self.question.limit is not None and len(options) > self.question.limit
        is_mixed = len(options) > 1 and any(self.question.option(o).is_exclusive for o in options)
        return Answer(INVALID) if is_over or is_mixed else answered(*options)

    def _other(self, text: str) -> Answer | Problem:
        """Return その他 for typed words, unless they are nearly an option: then somebody must decide."""
        close = nearest(
            text, [option.label for option in self.question.offered(self.source.wave.key)], _TOO_ALIKE
        )
        if not close:
            return answered(self.other)
        fix = f"{self.source.definition} の [files.labels.{self.question.id}] に、この文がどの選択肢かを加えてください。"
        what, found = "選択肢とよく似た文が記入されています", f"{len(text)}文字の文（「{close}」に似ている）"
        return self.source.problem(
            what, fix, key=self.name, found=found, expected="選択肢の文か、その他の記述"
        )

    @property
    def name(self) -> str:
        return f"{self.question.id} {self.question.label}"

    def _unknown(self, text: str) -> Problem:
        labels = [option.label for option in self.question.offered(self.source.wave.key)]
        close = nearest(text, labels)
        hint = f"「{close}」のことなら、" if close else "選択肢のどれかのことなら、"
        fix = f"{hint}{self.source.definition} の [files.labels.{self.question.id}] に加えてください。入力の誤りなら、もとの調査票を確かめてください。"
        allowed = "／".join(labels) + (f"（番号1～{len(labels)}）" if self.has_codes else "")
        if codes := self._state_spellings():
            allowed += f"、{codes}"
        what = "選択肢にない回答があります"
        return self.source.problem(what, fix, key=self.name, found=quoted(text, labels), expected=allowed)

    def _state_spellings(self) -> str:
        received = self.source.received
        return "、".join(
            f"{STATE_LABELS[state]}は「{'」「'.join(getattr(received, state))}」"
            for state in (NO_ANSWER, INVALID, NOT_APPLICABLE)
            if getattr(received, state)
        )


def read_ticks(
    codebook: Codebook, claim: Claim, cells: tuple[str, ...]
) -> tuple[Answer, Mapping[int, Problem]]:
    """Return the answer of one column per option, and the problems by column."""
    ticked, states, problems = [], {}, {}
    for column, option in zip(claim.columns, claim.options, strict=True):
        key = fold_tight(cells[column])
        if key in codebook.states:
            states[codebook.states[key]] = column
        elif key in codebook.unticked:
            continue
        elif key in TICKS:
            ticked.append(option)
        else:
            problems[column] = _no_tick(codebook, cells[column])
    if INVALID in states:
        return Answer(INVALID), problems
    if states and (ticked or len(states) > 1):
        what, expected = "印と、無回答や非該当の記号が同じ設問に並んでいます", "印だけか、記号だけ"
        fix = "もとの調査票を確かめて、入力し直してください。"
        column = next(iter(states.values()))
        problems[column] = codebook.source.problem(what, fix, key=codebook.name, expected=expected)
    if states:
        return Answer(next(iter(states))), problems
    return (codebook.chosen(ticked) if ticked else Answer(NO_ANSWER)), problems


def _no_tick(codebook: Codebook, text: str) -> Problem:
    source, states = codebook.source, codebook._state_spellings()
    fix = "もとの調査票を確かめて、入力し直してください。"
    if source.received.layout != "template":
        fix += f"印のないことを表すもの（1が選択、2が非選択など）なら、{source.definition} の unticked に加えてください。"
    expected = "○・●・1・レ・チェック印のどれか、空欄、0" + (f"、{states}" if states else "")
    return source.problem("印ではないものが記入されています", fix, key=codebook.name, found=quoted(text), expected=expected)
