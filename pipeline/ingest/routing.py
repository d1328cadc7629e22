"""Who was asked what: answers where the filter excludes the person are kept out and reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.ingest.codebook import Answer
from pipeline.model import ANSWERED, NO_ANSWER, NOT_APPLICABLE, Question

_PASSED = Answer(NOT_APPLICABLE)


@dataclass(frozen=True)
class Routed:
    """One person's answers after the filters.

    excluded: questions answered although the filter excludes the person.
    denied: questions marked 非該当 although the person was asked.
    """

    answers: Mapping[str, Answer]
    excluded: tuple[str, ...]
    denied: tuple[str, ...]


def route_answers(questions: Iterable[Question], answers: Mapping[str, Answer]) -> Routed:
    """Return the answers of one person after the filters, in the order of the questions.

    Where the filter question itself is 無回答 or 無効 nobody knows whether the person was asked;
    the question is then 非該当, and an answer to it counts as excluded. A filter may itself be
    filtered. The mark of 非該当 in a free answer that was asked is what somebody wrote: 「-」 as typed.
    """
    routed, excluded, denied = {}, [], []
    for question in questions:
        answer = answers.get(question.id)
        if answer is None:
            continue
        if not _is_asked(question, routed):
            if answer.is_given:
                excluded.append(question.id)
            answer = _PASSED
        elif answer.state == NOT_APPLICABLE:
            if question.is_free_text:
                answer = Answer(ANSWERED, text=answer.text)
            else:
                denied.append(question.id)
                answer = Answer(NO_ANSWER)
        routed[question.id] = answer
    return Routed(routed, tuple(excluded), tuple(denied))


def _is_asked(question: Question, routed: Mapping[str, Answer]) -> bool:
    if question.route is None:
        return True
    filtering = routed.get(question.route.question)
    if filtering is None:
        # Its column was not found: an error already, and no reason to call the answers contradictions.
        return True
    return filtering.state == ANSWERED and any(
        option in question.route.options for option in filtering.options
    )
