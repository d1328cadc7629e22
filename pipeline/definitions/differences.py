"""What differs between two waves of a question, and which signature it needs."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.lineage import partition
from pipeline.matching import fold, fold_tight
from pipeline.model import EVERY_QUESTION, Problem, Question, SignedGrade, Survey, Wave

#: Of pairs of different questions of a real form four in five are less alike; a reworded one hardly ever is.
LEAST_LIKENESS = 0.4
_GRADES = "same・flagged・broken のどれか"
_UNSIGNED = "前の調査回と違う設問なのに、比べてよいかどうかの署名がありません"
_NO_LIMIT, _EVERYBODY = "いくつでも", "全員"


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same in two waves, both sides as an officer reads them.

    ``refused`` are the grades nobody may sign for it; ``may_be_linked``: a row of lineage.csv may explain it.
    """

    what: str
    before: str
    after: str
    refused: tuple[str, ...] = ()
    may_be_linked: bool = False

    def __str__(self) -> str:
        return f"{self.what}: {self.before} | {self.after}"


#: What one wave says of something: a key that compares, the words that show it; None = not known.
Fact = tuple[object, str] | None
Pair = tuple[str, str, str]


def problems(survey: Survey, name: str) -> Iterator[Problem]:
    """Yield one problem per question and pair of waves that differ without the signature it takes.

    ``name`` is the path of comparability.csv. A fact that a wave does not tell (a publication has no
    wording and no mode) is compared with the last wave that told it.
    """
    if not all(wave.label for wave in survey.waves):
        # Across a wave file that cannot be read, every question would seem to change.
        return
    signed = {(grade.question, grade.wave_from, grade.wave_to): grade for grade in survey.comparability}
    found = dict(_of_every_question(survey.waves))
    for question in survey.questions:
        found |= _steps(survey, question)
    for pair, differences in found.items():
        if pair not in signed:
            yield _unsigned(pair, differences, name)
    asking = {
        (question.id, wave.key)
        for question in survey.questions
        for wave in survey.waves
        if wave.asks(question.id)
    }
    for pair, grade in signed.items():
        # A row that names nothing known was reported as it was read.
        is_known = {(pair[0], pair[1]), (pair[0], pair[2])} <= asking
        differences = _between(survey, *pair) if is_known else []
        if refused := [difference for difference in differences if grade.grade in difference.refused]:
            yield _wrongly_signed(grade, refused, name)


def vanished_scope(survey: Survey) -> list[Problem]:
    """Return a note where the newest received wave no longer tells whom the one before told it asked."""
    received = [wave for wave in survey.waves if wave.files][-2:]
    facts = [_scope(wave) for wave in received]
    if len(received) < 2 or facts[0] is None or facts[1] is not None:
        return []
    earlier, later = received
    return [
        Problem(
            "対象者の範囲（scope）が、前の調査回にはあり、この調査回にはありません",
            file=f"surveys/{survey.id}/waves/{later.key}.toml",
            key="scope",
            found=f"{earlier.key} {facts[0][1]} | {later.key} （なし）",
            expected="対象者の範囲を表す言葉（前と同じなら、同じ言葉）",
            next_step="書いていないと、対象者が変わったかどうかを比べられません。scope を書いてください。",
            severity="note",
        )
    ]


def _unsigned(pair: Pair, differences: list[Difference], name: str) -> Problem:
    question, earlier, later = pair
    is_limit = any("flagged" in difference.refused for difference in differences)
    is_other = any(difference.refused == ("same",) for difference in differences)
    grade = "broken" if is_limit else _GRADES.replace("same・", "") if is_other else _GRADES
    steps = [f"{name} に1行足して、もう一度 python -m pipeline check を実行してください。"]
    steps += [_linked(pair, name)] if any(difference.may_be_linked for difference in differences) else []
    steps += [_new_id(pair)] if is_other else []
    what = "前の調査回と集め方か対象が違うのに、署名がありません" if question == EVERY_QUESTION else _UNSIGNED
    return Problem(
        what,
        file=name,
        key=f"{question} {earlier}→{later}",
        found="\n    ".join(map(str, differences)),
        expected=f"次の行（grade は {grade}、理由・決めた人・日付も書く）\n    {question},{earlier},{later},{grade.split('・')[0] if is_limit else ''},,,",
        next_step="".join(steps),
    )


def _wrongly_signed(grade: SignedGrade, refused: list[Difference], name: str) -> Problem:
    is_limit = any("flagged" in difference.refused for difference in refused)
    pair = (grade.question, grade.wave_from, grade.wave_to)
    return Problem(
        "選べる数の上限が変わった設問は、比べられません"
        if is_limit
        else "違う設問に見えるため、「同じ」とは署名できません",
        file=name,
        key=f"{grade.question} {grade.wave_from}→{grade.wave_to}",
        found="\n    ".join(map(str, refused)),
        expected="grade は broken" if is_limit else "grade は broken か flagged",
        next_step=f"grade を直してください。{'' if is_limit else _new_id(pair)}",
    )


def _linked(pair: Pair, name: str) -> str:
    table = name.replace("comparability.csv", "lineage.csv")
    return f"選択肢や区分が分かれた、まとまった、名前が変わっただけなら、代わりに {table} に、どれがどれになったかを書けば、まとめて比べられます（例: {pair[0]},{pair[2]},split,…）。"


def _new_id(pair: Pair) -> str:
    return f"ほんとうに違う設問なら、survey.toml に新しい id（例: {pair[0]}_{pair[2]}）の設問を作り、{pair[2]} からはその id で書いてください。"


# ---- steps -------------------------------------------------------------------------------


def _steps(survey: Survey, question: Question) -> dict[Pair, list[Difference]]:
    """Return (question, earlier, later) → what differs, of the neighbouring waves that asked it."""
    asking = [wave for wave in survey.waves if wave.asks(question.id)]
    found: dict[Pair, list[Difference]] = {}
    for earlier, later, difference in _stepwise(asking, lambda wave: _wording(question, wave), _reworded):
        found.setdefault((question.id, earlier, later), []).append(difference)
    for earlier, later in pairwise(asking):
        if differences := list(_form_differences(survey, question, earlier.key, later.key)):
            found.setdefault((question.id, earlier.key, later.key), []).extend(differences)
    return found


def _between(survey: Survey, question_id: str, earlier: str, later: str) -> list[Difference]:
    """Return what differs between the two ends of one signed row."""
    question = survey.question(question_id)
    ends = [survey.wave(key) for key in (earlier, later)]
    worded = _stepwise(ends, lambda wave: _wording(question, wave), _reworded)
    return [*(found for *_, found in worded), *_form_differences(survey, question, earlier, later)]


def _of_every_question(waves: Sequence[Wave]) -> dict[Pair, list[Difference]]:
    found: dict[Pair, list[Difference]] = {}
    for what, fact in (("集め方", _mode), ("対象者の範囲", _scope)):
        for earlier, later, difference in _stepwise(
            waves, fact, lambda old, new, what=what: Difference(what, old, new)
        ):
            found.setdefault((EVERY_QUESTION, earlier, later), []).append(difference)
    return found


def _stepwise(
    waves: Sequence[Wave], fact: Callable[[Wave], Fact], told: Callable[[str, str], Difference]
) -> Iterator[tuple[str, str, Difference]]:
    """Yield (earlier, later, difference) wherever the fact is not what it was when it was last known."""
    known = [(wave.key, found) for wave in waves if (found := fact(wave)) is not None]
    for (earlier, old), (later, new) in pairwise(known):
        if old[0] != new[0]:
            yield earlier, later, told(old[1], new[1])


# ---- facts -------------------------------------------------------------------------------


def _wording(question: Question, wave: Wave) -> Fact:
    text = wave.wording[question.id]
    return (fold(text), f"「{text}」") if text else None


def _reworded(old: str, new: str) -> Difference:
    matcher = difflib.SequenceMatcher(None, fold_tight(old[1:-1]), fold_tight(new[1:-1]), autojunk=False)
    return Difference("設問の文言", old, new, ("same",) if matcher.ratio() < LEAST_LIKENESS else ())


def _mode(wave: Wave) -> Fact:
    modes = sorted({received.mode for received in wave.files} - {""})
    return (tuple(modes), "と".join(modes)) if modes else None


def _scope(wave: Wave) -> Fact:
    exclusions = wave.population.exclusions if wave.population else ""
    words = "、".join(filter(None, (wave.scope, exclusions)))
    return (fold(words), f"「{words}」") if words else None


def _form_differences(survey: Survey, question: Question, earlier: str, later: str) -> Iterator[Difference]:
    """Yield what the two forms do not have in common: options, their order, who is asked, the limit."""
    yield from _option_differences(survey, question, earlier, later)
    old, new = question.at(earlier), question.at(later)
    if old.route != new.route:
        yield Difference("聞く相手", _people(survey, old), _people(survey, new))
    if old.limit != new.limit:
        words = (f"{asked.limit}つまで" if asked.limit else _NO_LIMIT for asked in (old, new))
        yield Difference("選べる数", *words, refused=("same", "flagged"))


def _option_differences(survey: Survey, question: Question, earlier: str, later: str) -> Iterator[Difference]:
    old, new = ([option.id for option in question.offered(wave)] for wave in (earlier, later))
    kept = [option for option in old if option in new]
    if unexplained := _unexplained(survey, question, earlier, later):
        gone, come = ([o for o in side if o in unexplained] for side in (old, new))
        refused = ("same",) if old and new and not _has_common_part(survey, question, earlier, later) else ()
        is_limited = question.at(earlier).limit or question.at(later).limit
        yield Difference("選択肢", _labels(question, gone), _labels(question, come), refused, not is_limited)
    if kept != [option for option in new if option in kept]:
        yield Difference("選択肢の順番", _labels(question, old), _labels(question, new))


def _unexplained(survey: Survey, question: Question, earlier: str, later: str) -> set[str]:
    """Return the options of one wave only that no link joins to an option of the other.

    Where only so many options may be chosen, one more or less changes how the others are chosen:
    a link explains nothing then.
    """
    old, new = ({option.id for option in question.offered(wave)} for wave in (earlier, later))
    if question.at(earlier).limit or question.at(later).limit:
        return old ^ new
    parts = partition(survey, question.id, earlier, later)
    return {option for part in parts if not (old & set(part) and new & set(part)) for option in part} & (
        old ^ new
    )


def _has_common_part(survey: Survey, question: Question, earlier: str, later: str) -> bool:
    old, new = ({option.id for option in question.offered(wave)} for wave in (earlier, later))
    return any(old & set(part) and new & set(part) for part in partition(survey, question.id, earlier, later))


def _labels(question: Question, options: Sequence[str]) -> str:
    return "".join(f"「{question.option(option).label}」" for option in options) or "（なし）"


def _people(survey: Survey, question: Question) -> str:
    if question.route is None:
        return _EVERYBODY
    source = next((known for known in survey.questions if known.id == question.route.question), None)
    answers = "".join(
        f"「{source.measure_label(option) if source else option}」" for option in question.route.options
    )
    return f"{source.label if source else question.route.question}で{answers}と答えた人"
