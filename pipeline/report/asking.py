"""How a question was asked and of whom: the only source of these words."""

from __future__ import annotations

from pipeline.model import Question, Survey
from pipeline.report import wording


def answer_form(question: Question) -> str:
    """Return how a question is answered."""
    if question.is_free_text:
        return "自由記述"
    if not question.takes_many:
        return "単一回答"
    return f"制限複数回答（{question.limit}つまで）" if question.limit else "複数回答"


def asked_people(survey: Survey, question: Question) -> str:
    """Return ``問2で「経験はない」と答えた人``: who was asked; "" where everyone was."""
    if question.route is None:
        return ""
    filtering = survey.question(question.route.question)
    answers = "または".join(f"「{filtering.option(option).label}」" for option in question.route.options)
    return f"{filtering.number or f'「{filtering.label}」'}で{answers}と答えた人"


def asked_whom(survey: Survey, question: Question) -> str:
    """Return who was asked, for a list of questions."""
    return f"{asked_people(survey, question) or '全員'}に聞いた設問"


def base_words(survey: Survey, question: Question) -> str:
    """Return who is counted by n, for a chart."""
    if question.base == "with_content":
        return f"nは{wording.BASE_WORDS['with_content']}の数"
    people = asked_people(survey, question)
    return f"nは{people}の数" if people else "nは回答者数"
