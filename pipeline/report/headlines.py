"""Headings that state the finding, for blocks to which the officer has given no heading of her own.

A heading says no more than the sentences under it: the share and, where there is one, the verdict.
"""

from __future__ import annotations

from pipeline.model import Question
from pipeline.report import wording
from pipeline.report.edition import Edition
from pipeline.report.sentences import Comparison, comparison, headline_item, leaders

#: What is said of a share in a heading, by verdict; nothing where no change can be claimed.
_MOVED = {"up": "に上昇", "down": "に低下", "same": "で変化なし"}


def question_heading(edition: Edition, question: Question) -> str:
    """Return ``問1 意味の認知：「知っている（計）」は82.1%に上昇``; the bare name where no share is known."""
    finding = _declared(edition, question) if question.headline else _most_chosen(edition, question)
    return f"{question.heading}：{finding}" if finding else question.heading


def _declared(edition: Edition, question: Question) -> str:
    compared = comparison(edition, question, headline_item(edition, question))
    if not wording.is_known(compared.now):
        return ""
    return f"「{compared.label}」は{wording.percent_words(compared.now)}{_moved(compared)}"


def _moved(compared: Comparison) -> str:
    return _MOVED.get(compared.verdict, "")


def _most_chosen(edition: Edition, question: Question) -> str:
    first = leaders(edition, question)
    if not first:
        return ""
    names = "と".join(f"「{row['option_label']}」" for row in first)
    return f"{names}が{wording.percent_words(first[0])}で最も高い"


def cross_heading(edition: Edition, question: Question, banner: Question) -> str:
    """Return ``問1 意味の認知（年代別）：年代によって違いがある``; the bare name where nothing was tested."""
    name = f"{question.heading}（{banner.label}別）"
    tested = edition.association(question.id, banner.id)
    if tested is None or tested["status"] != "shown" or not wording.is_number(tested["p"]):
        return name
    is_beyond = tested["p"] <= edition.survey.parameters.significance_level
    word = "によって違いがある" if is_beyond else "による違いは偶然の範囲内"
    return f"{name}：{banner.label}{word}"
