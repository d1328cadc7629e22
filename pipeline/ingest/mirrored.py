"""Codes reversed between waves: 1 was 「よく知っている」 last time and is 「知らない」 now."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

import numpy as np

from pipeline.ingest.columns import declares_codes
from pipeline.ingest.tables import FileRead
from pipeline.model import ANSWERED, Problem, Question, Survey, Wave

#: With fewer answers a mirrored distribution may be chance.
_LEAST_ANSWERS = 30
#: How far two distributions differ (0 the same, 1 nothing in common) before a mirror is looked for.
_FAR = 0.2
#: How much likelier (in logarithms) the answers are under the mirrored distribution than as read.
_LIKELIER = 10.0


def mirrored(survey: Survey, files: Iterable[FileRead]) -> list[Problem]:
    """Return a problem for each file and ordered question whose answers mirror the wave before.

    An error where the order of the codes alone says what they mean; where labels were received, or
    the wave file spells the codes out, it is a note: people may have changed their minds.
    """
    files, problems = list(files), []
    for file in files:
        for question in file.source.asked:
            if question.kind != "single" or not question.is_ordered:
                continue
            before = _wave_before(survey, file.source.wave, question)
            if before is None:
                continue
            now = _counts([file], question)
            then = _counts([other for other in files if other.source.wave.key == before.key], question)
            if _is_mirrored(now, then):
                problems.append(_problem(file, question, before))
    return problems


def _wave_before(survey: Survey, wave: Wave, question: Question) -> Wave | None:
    """Return the last earlier wave with received files that offered the same options."""
    place = survey.waves.index(wave)
    asking = [w for w in survey.waves[:place] if w.asks(question.id) and not w.is_published_only]
    same = [w for w in asking if question.offered(w.key) == question.offered(wave.key)]
    return same[-1] if same else None


def _counts(files: Iterable[FileRead], question: Question) -> list[int]:
    files = list(files)
    chosen: Counter[str] = Counter()
    for read in (read for file in files for read in file.sheets if question.id in read.answers):
        answers = read.answers[question.id]
        counts = np.bincount(answers.codes[read.accepted], minlength=len(answers.known)).tolist()
        for answer, count in zip(answers.known, counts, strict=True):
            if answer.state == ANSWERED and answer.options:
                chosen[answer.options[0]] += count
    wave = next((file.source.wave.key for file in files), "")
    return [chosen[option.id] for option in question.offered(wave)]


def _is_mirrored(now: list[int], then: list[int]) -> bool:
    if len(now) < 3 or len(now) != len(then) or min(sum(now), sum(then)) < _LEAST_ANSWERS:
        return False
    straight, mirror = _distance(now, then), _distance(now, then[::-1])
    if straight < _FAR or mirror > straight / 2:
        return False
    # Half a person more in every cell: an option nobody chose last time is not impossible.
    likelier = sum(n * math.log((back + 0.5) / (as_read + 0.5)) for n, back, as_read in zip(now, then[::-1], then, strict=True))
    return likelier > _LIKELIER


def _distance(one: list[int], other: list[int]) -> float:
    """Return the total variation distance of two distributions."""
    return sum(abs(a / sum(one) - b / sum(other)) for a, b in zip(one, other, strict=True)) / 2


def _problem(file: FileRead, question: Question, before: Wave) -> Problem:
    source = file.source
    is_by_order = source.received.has_codes and not declares_codes(source, question)
    first, *_, last = question.offered(source.wave.key)
    fix = (
        f"もとの調査票の番号を確かめ、{source.definition} の [files.labels.{question.id}] に、"
        "1から順に番号の意味をすべて書いてください（今のままで正しいときも書きます）。"
        if is_by_order
        else "もとの調査票と選択肢の対応を確かめ、そのとおりなら、このままで構いません。"
    )
    return source.problem(
        "回答の分布が、前の調査回を逆さにした形です（番号の順が逆の疑い）",
        fix,
        key=f"{question.id} {question.label}",
        found=f"{before.label}とは逆の形",
        expected=f"「{first.label}」から「{last.label}」への順が、{before.label}と同じ向き",
        severity="error" if is_by_order else "note",
    )
