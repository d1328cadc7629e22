"""The people of みほん市: one record per person who answered, drawn with a fixed seed.

Answers are dealt out by quota (staff_plan), not sampled, so the totals are exact; who gets
which answer leans on age and section. Only ``random.Random(text)`` is used: its draws are
the same on every Python we support.
"""

from __future__ import annotations

import csv
import functools
import random
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import staff_plan as plan

REPOSITORY = Path(__file__).resolve().parents[2]
TEXTS = Path(__file__).resolve().parent / "texts"
WAVES = tuple(plan.ROSTERS)


@dataclass
class Person:
    """One returned form. ``answers``: single question → option id or state.
    ``ticks``: multiple question → option ids in form order (also over the limit).
    ``stray``: question → what was written although the filter excludes it."""

    section: str
    mode: str
    familiarity: float = 0.0
    answers: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    ticks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    stray: dict[str, tuple[str, ...]] = field(default_factory=dict)


@functools.cache
def questions() -> dict[str, dict]:
    """Return question id → its table in surveys/staff/survey.toml, the only list of labels."""
    text = (REPOSITORY / "surveys/staff/survey.toml").read_text(encoding="utf-8")
    return {question["id"]: question for question in tomllib.loads(text)["questions"]}


@functools.cache
def wave_file(wave: str) -> dict:
    """Return surveys/staff/waves/<wave>.toml: file names, headers and wording."""
    return tomllib.loads((REPOSITORY / f"surveys/staff/waves/{wave}.toml").read_text(encoding="utf-8"))


def offered(question: str, wave: str) -> list[dict]:
    """Return the options printed on the form of ``wave``, in form order."""
    return [
        option
        for option in questions()[question]["options"]
        if option.get("since", wave) <= wave <= option.get("until", wave)
    ]


def labels(question: str) -> dict[str, str]:
    """Return option id → label."""
    return {option["id"]: option["label"] for option in questions()[question]["options"]}


@dataclass(frozen=True)
class Comment:
    """One free answer; ``second``: the codes of the second coder, () where nobody coded it twice."""

    wave: str
    codes: tuple[str, ...]
    second: tuple[str, ...]
    text: str


@functools.cache
def comments(question: str) -> tuple[Comment, ...]:
    """Return every comment written for ``good`` or ``hard``."""
    with (TEXTS / f"{question}.tsv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple(
            Comment(
                row["wave"],
                tuple(row["codes"].split(";")),
                tuple(code for code in row["second"].split(";") if code),
                row["text"].replace("\\n", "\n"),
            )
            for row in rows
        )


@functools.cache
def people(wave: str) -> tuple[Person, ...]:
    """Return everyone who answered in ``wave``, section by section."""
    draw = random.Random(f"mihon-{wave}")
    persons = _returned(wave, draw)
    for question, quota in plan.SINGLE[wave].items():
        _deal_single(persons, question, quota, draw)
    for question, quota in plan.MULTIPLE[wave].items():
        asked = [p for p in persons if question != "reason" or p.answers["experience"] == "no"]
        _deal_multiple(asked, wave, question, quota, draw)
    _blank_attributes(persons, wave, draw)
    _write_comments(persons, wave, draw)
    _stray_from_the_filter(persons, wave, draw)
    return tuple(persons)


def _returned(wave: str, draw: random.Random) -> list[Person]:
    persons = []
    usual = "紙" if wave in ("2019", "2025") else "Web"
    for section, (_, returned) in plan.ROSTERS[wave].items():
        share = plan.ONLINE_SHARES.get(section, plan.ONLINE_SHARE) if wave == "2025" else 0.0
        online = round(returned * share)
        modes = ["Web"] * online + [usual] * (returned - online)
        draw.shuffle(modes)
        persons += [_person(section, mode, draw) for mode in modes]
    return persons


def _person(section: str, mode: str, draw: random.Random) -> Person:
    age = draw.choices(list(plan.AGE_WEIGHTS), list(plan.AGE_WEIGHTS.values()))[0]
    grades = [option["id"] for option in questions()["grade"]["options"]]
    tenures = [option["id"] for option in questions()["tenure"]["options"]]
    person = Person(section, mode)
    person.answers["section"] = section
    person.answers["age"] = age
    person.answers["grade"] = draw.choices(grades, plan.GRADE_WEIGHTS[age])[0]
    person.answers["tenure"] = draw.choices(tenures, plan.TENURE_WEIGHTS[age])[0]
    pull = plan.AGE_PULL[age] + plan.SECTION_PULL.get(section, 0.0)
    person.familiarity = pull + _noise(draw)
    return person


def _noise(draw: random.Random) -> float:
    """Return a bell-shaped number of spread 1: a plain sum of draws, the same everywhere."""
    return sum(draw.random() for _ in range(12)) - 6.0


def _deal_single(persons: list[Person], question: str, quota: dict[str, int], draw: random.Random) -> None:
    assert sum(quota.values()) == len(persons), (question, sum(quota.values()), len(persons))
    rest = list(persons)
    for state in (plan.INVALID, plan.NO_ANSWER):
        # A web form cannot be answered twice, so double answers stand on paper only.
        can = [p for p in rest if state == plan.NO_ANSWER or p.mode == "紙"]
        for person in draw.sample(can, quota.get(state, 0)):
            person.answers[question] = state
            rest.remove(person)
    order, strength = plan.LEANINGS[question]
    ranked = sorted((-strength * p.familiarity - _noise(draw), i) for i, p in enumerate(rest))
    dealt = [option for option in order for _ in range(quota[option])]
    for (_, index), option in zip(ranked, dealt, strict=True):
        rest[index].answers[question] = option


def _deal_multiple(
    asked: list[Person], wave: str, question: str, quota: dict[str, int], draw: random.Random
) -> None:
    form = [option["id"] for option in offered(question, wave)]
    rest = list(asked)
    for state in (plan.INVALID, plan.NO_ANSWER, "none"):
        can = [p for p in rest if state != plan.INVALID or p.mode == "紙" or wave == "2021"]
        for person in draw.sample(can, quota.get(state, 0)):
            rest.remove(person)
            person.states[question] = "answered" if state == "none" else state
            person.ticks[question] = ("none",) if state == "none" else ()
            if state == plan.INVALID:
                too_many = draw.sample(form[: plan.MOST_TICKS[question] + 3], plan.MOST_TICKS[question] + 1)
                person.ticks[question] = tuple(o for o in form if o in too_many)
    options = [option for option in form if option != "none"]
    ticked = _ticks(rest, {option: quota[option] for option in options}, plan.MOST_TICKS[question], draw)
    for person, chosen in zip(rest, ticked, strict=True):
        person.states[question] = "answered"
        person.ticks[question] = tuple(option for option in options if option in chosen)


def _ticks(persons: list[Person], quota: dict[str, int], most: int, draw: random.Random) -> list[set[str]]:
    """Return the ticks of each person: everyone 1..most, every option exactly its quota."""
    room = [1] * len(persons)
    for _ in range(sum(quota.values()) - len(persons)):
        room[draw.choice([i for i, r in enumerate(room) if r < most])] += 1
    chosen: list[set[str]] = [set() for _ in persons]
    for option in sorted(quota, key=lambda o: (-quota[o], o)):
        # Those with the most room left first: this always ends with every quota met.
        order = sorted(range(len(persons)), key=lambda i: (-room[i], draw.random()))
        for index in order[: quota[option]]:
            chosen[index].add(option)
            room[index] -= 1
    assert not any(room), quota
    _mix(persons, chosen, draw)
    return chosen


def _mix(persons: list[Person], chosen: list[set[str]], draw: random.Random) -> None:
    """Swap ticks between two people at random: margins stay, leanings appear."""
    for _ in range(60 * len(persons)):
        a, b = draw.randrange(len(persons)), draw.randrange(len(persons))
        mine, theirs = sorted(chosen[a] - chosen[b]), sorted(chosen[b] - chosen[a])
        if not mine or not theirs:
            continue
        x, y = draw.choice(mine), draw.choice(theirs)
        pull = plan.TICK_LEANINGS.get(y, 0.0) - plan.TICK_LEANINGS.get(x, 0.0)
        if pull * (persons[a].familiarity - persons[b].familiarity) + _noise(draw) > 0:
            chosen[a] ^= {x, y}
            chosen[b] ^= {x, y}


def _blank_attributes(persons: list[Person], wave: str, draw: random.Random) -> None:
    blanks = plan.BLANK_ATTRIBUTES | {"section": plan.BLANK_SECTIONS.get(wave, 0)}
    for attribute, count in blanks.items():
        for person in draw.sample(persons, count):
            person.answers[attribute] = plan.NO_ANSWER


def _write_comments(persons: list[Person], wave: str, draw: random.Random) -> None:
    experienced = [p for p in persons if p.answers["experience"] == "yes"]
    others = [p for p in persons if p.answers["experience"] == "no"]
    for question in ("good", "hard"):
        texts = [comment.text for comment in comments(question) if comment.wave == wave]
        outside = plan.ROUTED_OUT_HARD.get(wave, 0) if question == "hard" else 0
        for person, text in zip(draw.sample(others, outside), texts[:outside], strict=True):
            person.stray[question] = (text,)
        writers = draw.sample(experienced, len(texts) - outside)
        for person, text in zip(writers, texts[outside:], strict=True):
            person.texts[question] = text


def _stray_from_the_filter(persons: list[Person], wave: str, draw: random.Random) -> None:
    experienced = [p for p in persons if p.answers["experience"] == "yes"]
    for person in draw.sample(experienced, plan.ROUTED_OUT_REASONS[wave]):
        person.stray["reason"] = draw.choice((("busy",), ("dontknow",), ("busy", "nochance")))


def true_counts(wave: str) -> Counter:
    """Return (question, option or state) → people, as a correct count of the wave's files gives it.

    People past the filter are counted as not_applicable; forms over the limit as invalid.
    """
    counts: Counter = Counter()
    for person in people(wave):
        for question, answer in person.answers.items():
            counts[question, answer] += 1
        has_been_routed = {"reason": person.answers["experience"] == "no"}
        for question in plan.MULTIPLE[wave]:
            state = person.states[question] if has_been_routed.get(question, True) else plan.NOT_APPLICABLE
            counts[question, state] += 1
            if state == "answered":
                counts.update((question, option) for option in person.ticks[question])
        for question in ("good", "hard"):
            asked = person.answers["experience"] == "yes"
            state = "answered" if person.texts.get(question) else plan.NO_ANSWER
            counts[question, state if asked else plan.NOT_APPLICABLE] += 1
    return counts
