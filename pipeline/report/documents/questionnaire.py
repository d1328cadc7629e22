"""資料1 調査票: the form as the wave asked it, from the survey file and the wave file."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.model import Option, Question
from pipeline.report.asking import asked_people
from pipeline.report.documents.nouns import Chapter, Choices, Paper, PaperPart, WritingBox
from pipeline.report.edition import Edition
from pipeline.report.exhibits import Sentence
from pipeline.report.outline import period

#: Lines to write on: a free answer, the words of その他, a number.
_FREE_LINES, _NUMBER_LINES = 5, 1
_BLANK = "（　　　　　　　　　　　　　　）"


def questionnaire(edition: Edition, mark: str) -> Paper:
    """Return the questionnaire of the edition's wave: attributes first, then the questions, as asked."""
    survey, wave = edition.survey, edition.wave
    asked = [question for question in survey.questions if wave.asks(question.id)]
    groups = [
        ("あなたご自身について", [question for question in asked if question.is_attribute]),
        ("設問", [question for question in asked if not question.is_attribute]),
    ]
    chapters = []
    for heading, questions in groups:
        if questions:
            chapters.append(Chapter(heading, ()))
            chapters += [
                Chapter(_heading(question), tuple(_parts(edition, question)), 2) for question in questions
            ]
    lead = [f"{survey.organisation} {wave.label} {survey.title}"]
    lead += [f"{name}：{fact}" for name, fact in _facts(edition) if fact]
    return Paper("questionnaire", "資料1", "調査票", mark, tuple(lead), tuple(chapters))


def _facts(edition: Edition) -> Iterator[tuple[str, str]]:
    yield "調査対象", edition.wave.scope
    yield "調査方法", edition.wave.method
    yield "調査期間", period(edition.wave)


def _heading(question: Question) -> str:
    return question.number or question.label


def _parts(edition: Edition, question: Question) -> Iterator[PaperPart]:
    if people := asked_people(edition.survey, question):
        yield Sentence(f"【{people.removesuffix('人')}方にお聞きします】")
    yield Sentence(edition.wave.wording[question.id] or f"{question.label}（設問文の記録なし）")
    yield Sentence(_how(question))
    if question.is_free_text:
        yield WritingBox(f"{_heading(question)}の記入欄", _FREE_LINES)
    elif question.options:
        yield Choices(tuple(_choice(option) for option in question.offered(edition.wave.key)))
    else:
        yield WritingBox(f"{_heading(question)}の数字の記入欄", _NUMBER_LINES)


def _how(question: Question) -> str:
    """Return how many answers may be marked."""
    if question.is_free_text:
        return "〔自由にお書きください〕"
    if not question.options:
        return "〔数字をお書きください〕"
    if not question.takes_many:
        return "〔1つに○〕"
    return f"〔{question.limit}つまでに○〕" if question.limit else "〔あてはまるものすべてに○〕"


def _choice(option: Option) -> str:
    return f"{option.label}{_BLANK}" if option.is_other else option.label
