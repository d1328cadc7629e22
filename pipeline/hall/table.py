"""table: one internal workbook with a cross asked for the day before, never part of a release."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from pipeline.hall.reading import chosen_surveys, read_all, say
from pipeline.hall.writing import alone, tidy
from pipeline.matching import fold, nearest
from pipeline.model import Problem, ProblemsFound, Question, Survey, Wave
from pipeline.workspace import Workspace

USAGE = "python -m pipeline table 調査 設問 属性 [属性]"


def table(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Write reports/<survey>/adhoc/<wave>_<question>_<attributes>.xlsx: beside the sets that report replaces."""
    words = arguments.surveys
    if len(words) not in (3, 4):
        expected, found = "調査1つ、設問1つ、属性1つか2つ", " ".join(words) or "（なし）"
        raise ProblemsFound(
            [Problem("集計する設問と属性の書き方が違います", found=found, expected=expected, next_step=USAGE)]
        )
    tidy(workspace)
    survey = chosen_surveys(workspace, words[:1], arguments.wave)[0]
    wave = survey.newest
    question, *attributes = _named(survey, wave, words[1], words[2:])
    content = _made(workspace, survey, wave, question, tuple(attribute.id for attribute in attributes))
    name = "_".join((wave.key, question.id, *(attribute.id for attribute in attributes)))
    target = workspace.adhoc(survey.id) / f"{name}.xlsx"
    with alone(workspace):
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f"{target.name}.part")
        aside.write_bytes(content)
        aside.replace(target)
    say(f"{survey.id} {wave.key}: 庁内限りの表を作りました（公表しないでください）")
    print(f"  表: {target.relative_to(workspace.root).as_posix()}")
    return 0


def _named(survey: Survey, wave: Wave, question: str, attributes: list[str]) -> list[Question]:
    """Return the question and the attributes named by id or label. Raises ProblemsFound with all that are wrong."""
    asked = [known for known in survey.questions if wave.asks(known.id)]
    measured = [known for known in asked if not known.is_attribute and (known.options or known.is_free_text)]
    singles = [known for known in asked if known.is_attribute]
    problems: list[Problem] = []
    found = [_one(survey, wave, question, measured, "この調査回に、その設問はありません", problems)]
    found += [
        _one(survey, wave, name, singles, "この調査回に、その属性はありません", problems)
        for name in attributes
    ]
    if not problems and len({known.id for known in found}) < len(found):
        problems.append(Problem("同じ属性が2回あります", found=" ".join(attributes), next_step=USAGE))
    if wave.is_published_only:
        what, step = (
            "公表値しかない調査回です。回答がないため集計できません",
            "--wave で、回答のある年度を指定してください。",
        )
        problems.append(Problem(what, file=f"surveys/{survey.id}", found=wave.key, next_step=step))
    if problems:
        raise ProblemsFound(problems)
    return found


def _one(
    survey: Survey, wave: Wave, name: str, known: Iterable[Question], what: str, problems: list[Problem]
) -> Question:
    names = {
        fold(word): question
        for question in known
        for word in (question.id, question.number, question.label)
        if word
    }
    if fold(name) not in names:
        close = nearest(name, names)
        ids = "、".join(f"{question.id}（{question.label}）" for question in known)
        step = f"「{names[close].id}」の間違いではありませんか。" if close else USAGE
        problems.append(
            Problem(what, file=f"surveys/{survey.id}", key=wave.key, found=name, expected=ids, next_step=step)
        )
        return Question(name, "", "text")
    return names[fold(name)]


def _made(
    workspace: Workspace, survey: Survey, wave: Wave, question: Question, attributes: tuple[str, ...]
) -> bytes:
    from pipeline import analysis, coding, disclosure
    from pipeline.report.adhoc_workbook import adhoc_bytes

    read = read_all(workspace, [survey])[0]
    codings = coding.codings(read.comments, coding.read_decisions(workspace.decisions(survey.id), survey))
    only, rows = analysis.asked_for(survey, read.responses, wave, question.id, attributes)
    cubes = analysis.tabulate(only, rows, codings)
    estimates = analysis.estimates(only, cubes, disclosure.internal_plan(only, cubes))
    own = estimates[estimates["question"] == question.id]
    if own.empty:
        what, step = (
            "この設問の答えは、まだ分類が終わっていません",
            "分類を終えてから、もう一度実行してください。",
        )
        raise ProblemsFound([Problem(what, key=question.id, found=wave.key, next_step=step)])
    contrasts = analysis.contrasts(only, estimates)
    labels = " × ".join(only.question(name).label for name in attributes)
    about = [
        f"{survey.title} {wave.label}",
        f"{question.heading} × {labels}",
        wave.wording[question.id],
        "回答者の少ない区分も、合わせずにそのまま載せています。1人ひとりの答えが分かるおそれがあるので、庁外に出さないでください。",
        "「ほかの人」は、全体からその区分の人を除いた人です。区間と差の作り方は methods.html と同じです。",
        "p値は、ほかの区分や項目と合わせた調整をしていません。たくさん比べれば、偶然だけで小さいp値が出ます。",
        f"作成番号 {read.sources.build}",
    ]
    title = f"{survey.title} {question.label}"
    return adhoc_bytes(
        title, [*filter(None, about)], question, own, contrasts, survey.parameters.confidence_level
    )
