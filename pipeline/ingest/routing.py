"""Who was asked what: answers where the filter excludes the person are kept out and reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from pipeline.ingest.answers import Answers
from pipeline.ingest.codebook import Answer
from pipeline.model import ANSWERED, NO_ANSWER, NOT_APPLICABLE, Question

_PASSED = Answer(NOT_APPLICABLE)


@dataclass(frozen=True)
class Routed:
    """Everybody's answers after the filters; question id → places of rows.

    excluded: rows in which it was answered although the filter excludes the person.
    denied: rows in which it is marked 非該当 although the person was asked.
    """

    answers: Mapping[str, Answers]
    excluded: Mapping[str, list[int]]
    denied: Mapping[str, list[int]]


def route_answers(
    questions: Iterable[Question], answers: Mapping[str, Answers], accepted: np.ndarray
) -> Routed:
    """Return the answers after the filters, in the order of the questions; only ``accepted`` rows are told.

    Where the filter question itself is 無回答 or 無効 nobody knows whether the person was asked;
    the question is then 非該当, and an answer to it counts as excluded. A filter may itself be
    filtered. The mark of 非該当 in a free answer that was asked is what somebody wrote: 「-」 as typed.
    """
    routed: dict[str, Answers] = {}
    excluded: dict[str, list[int]] = {}
    denied: dict[str, list[int]] = {}
    for question in questions:
        own = answers.get(question.id)
        if own is None:
            continue
        is_asked = _is_asked(question, routed)
        if is_asked is not None:
            is_wrong = own.where(lambda answer: answer.is_given) & ~is_asked
            excluded[question.id] = accepted[is_wrong[accepted]].tolist()
        if any(answer.state == NOT_APPLICABLE for answer in own.known):
            is_denied = own.where(lambda answer: answer.state == NOT_APPLICABLE)
            is_denied = is_denied if is_asked is None else is_denied & is_asked
            if not question.is_free_text:
                denied[question.id] = accepted[is_denied[accepted]].tolist()
            own = _as_asked(own, question)
        routed[question.id] = own if is_asked is None else own.replaced(~is_asked, _PASSED)
    return Routed(routed, excluded, denied)


def _as_asked(answers: Answers, question: Question) -> Answers:
    """Return the answers of people who were asked: 非該当 is no answer of theirs."""

    def meant(answer: Answer) -> Answer:
        if answer.state != NOT_APPLICABLE:
            return answer
        return Answer(ANSWERED, text=answer.text) if question.is_free_text else Answer(NO_ANSWER)

    return replace(answers, known=tuple(map(meant, answers.known)))


def _is_asked(question: Question, routed: Mapping[str, Answers]) -> np.ndarray | None:
    """Return (rows,) bool; None when everybody was asked."""
    filtering = routed.get(question.route.question) if question.route else None
    if filtering is None:
        # Without its column: an error already, and no reason to call the answers contradictions.
        return None
    options = set(question.route.options)
    return filtering.where(lambda answer: answer.state == ANSWERED and not options.isdisjoint(answer.options))
