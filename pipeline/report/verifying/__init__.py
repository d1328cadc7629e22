"""A saved copy of the published page, read back: every number that is not as released, and what was reworded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.model import Problem
from pipeline.report.verifying.content import Content, Passage, content
from pipeline.report.verifying.directions import turn
from pipeline.report.verifying.grids import grid_discrepancies
from pipeline.report.verifying.passages import Pairing, paired
from pipeline.report.verifying.quantities import (
    Discrepancy,
    discrepancies,
    frame,
    impossible,
    quantities,
    tight,
)

__all__ = ["Rewording", "Verified", "likeness", "verified"]

DRAFT_MARK = "【案】"
_NEXT_STEP = "公表した内容に直すよう、ホームページの担当に伝えてください。"
#: Longest text that a message quotes whole.
_QUOTED = 60


@dataclass(frozen=True)
class Rewording:
    """A sentence whose words were changed, its numbers and directions not; ``old`` or ``new`` may be ""."""

    section: str
    old: str
    new: str


@dataclass(frozen=True)
class Verified:
    """What a saved copy differs in; ``same`` and ``of`` count sentences, ``tables`` the tables compared."""

    problems: tuple[Problem, ...]
    rewordings: tuple[Rewording, ...]
    same: int
    of: int
    tables: int

    @property
    def is_clean(self) -> bool:
        return not self.problems and not self.rewordings


def likeness(released: str, saved: str) -> float:
    """Return which share (0-1) of the sentences of the released page the saved copy holds."""
    ours, theirs = ({passage.key for passage in content(html).passages} for html in (released, saved))
    return len(ours & theirs) / len(ours) if ours else 0.0


def verified(released: str, saved: str, file: str, title: str = "") -> Verified:
    """Return what differs between the HTML of the released page and that of a saved copy.

    file: what the messages call the saved copy. title: of the page, compared where the copy has one.
    """
    ours, theirs = _expected(released, title), content(saved)
    pairing = paired(ours.passages, theirs.passages)
    problems = [*_sentence_problems(pairing, file), *_new_problems(pairing, released, file)]
    for found in grid_discrepancies(ours.grids, theirs.grids, pairing.extent):
        problem = _problem(found.discrepancy, file, found.section, found.caption or "表")
        problems.append(replace(problem, cell=found.place))
    rewordings = tuple(_rewordings(pairing))
    return Verified(tuple(problems), rewordings, pairing.same, len(ours.passages), len(ours.grids))


def _expected(released: str, title: str) -> Content:
    """Return the released page; its title and the mark of a draft need not stand in a copy."""
    page = content(released)
    passages = [
        replace(passage, is_needed=place > 0 or not page.passages[0].text.startswith(DRAFT_MARK))
        for place, passage in enumerate(page.passages)
    ]
    head = [Passage(title, is_heading=True, is_needed=False)] if title else []
    return replace(page, passages=(*head, *passages))


def _problem(found: Discrepancy, file: str, section: str, key: str) -> Problem:
    return Problem(
        found.what,
        file=file,
        key=_short(key) if section in ("", key) else f"{section}：{_short(key)}",
        found=found.found,
        expected=found.expected,
        next_step=_NEXT_STEP,
    )


def _sentence_problems(pairing: Pairing, file: str) -> Iterator[Problem]:
    """Yield the numbers and directions that changed in a sentence, and the sentences with numbers that are gone."""
    for old, new in pairing.pairs:
        for found in discrepancies(old.text, new.text):
            yield _problem(found, file, new.section or old.section, old.text)
        if turned := turn(old.text, new.text):
            yield _problem(turned, file, new.section or old.section, old.text)
    for lost in pairing.missing:
        if quantities(lost.text):
            numbers = "、".join(quantity.text for quantity in quantities(lost.text))
            found = Discrepancy("公表した文がありません", "（なし）", numbers)
            yield _problem(found, file, lost.section, lost.text)


def _new_problems(pairing: Pairing, released: str, file: str) -> Iterator[Problem]:
    """Yield what is wrong in sentences that were added: periods of no calendar, numbers never published."""
    page = content(released)
    printed = {quantity.identity for passage in page.passages for quantity in quantities(passage.text)}
    for more in pairing.added:
        if wrong := impossible(more.text):
            yield _problem(wrong, file, more.section, more.text)
            continue
        for quantity in quantities(more.text):
            if _is_result(quantity.unit) and quantity.identity not in printed:
                found = Discrepancy("公表していない数値があります", quantity.text, "（なし）")
                yield _problem(found, file, more.section, more.text)


def _is_result(unit: str) -> bool:
    return unit in ("%", "ポイント", "人", "件", "事業", "倍", "割")


def _rewordings(pairing: Pairing) -> Iterator[Rewording]:
    for old, new in pairing.pairs:
        is_same_finding = not (turn(old.text, new.text) or any(True for _ in discrepancies(old.text, new.text)))
        if is_same_finding and (frame(old.text) != frame(new.text) or tight(old.text) != tight(new.text)):
            yield Rewording(new.section or old.section, old.text, new.text)
    for lost in pairing.missing:
        if not quantities(lost.text):
            yield Rewording(lost.section, lost.text, "")
    for more in pairing.added:
        if _is_sentence(more):
            yield Rewording(more.section, "", more.text)


def _is_sentence(passage: Passage) -> bool:
    """True for words a person wrote into the page: a link to the top or a button of the system is none."""
    return passage.text.endswith("。") or passage.is_heading or bool(_results(passage.text))


def _results(text: str) -> Sequence[str]:
    return [quantity.text for quantity in quantities(text) if _is_result(quantity.unit)]


def _short(text: str) -> str:
    text = re.sub(r"\s+", " ", text)
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"
