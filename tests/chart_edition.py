"""A made-up edition of five waves that holds every case a chart has to draw."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pandas as pd

from pipeline import frames
from pipeline.model import Cross, Net, Option, Population, Question, ReceivedFile, Route, Survey, Wave
from pipeline.report.edition import Edition

KEYS = ("2017", "2019", "2021", "2023", "2025")
LABELS = ("平成29年度", "令和元年度", "令和3年度", "令和5年度", "令和7年度")
FILE = ReceivedFile("入力表.xlsx", "keyed_workbook", "紙")
AGES = (("20s", "20歳代以下"), ("30s", "30歳代"), ("40s", "40歳代"), ("50s", "50歳代"), ("60s", "60歳代以上"))

MEANING = Question(
    "meaning",
    "「協働」という言葉の意味の認知",
    "single",
    number="問1",
    is_ordered=True,
    chart="band",
    headline="know",
    options=(
        Option("well", "よく意味を知っている"),
        Option("roughly", "だいたい意味を知っている"),
        Option("heard", "聞いたことはあるが、意味は知らない"),
        Option("never", "聞いたことがない"),
    ),
    nets=(Net("know", "意味を知っている（計）", ("well", "roughly")),),
)
EXPERIENCE = Question(
    "experience",
    "協働の経験",
    "single",
    number="問2",
    headline="yes",
    options=(
        Option("yes", "協働した経験がある"),
        Option("no", "協働した経験はない"),
        Option("unsure", "よくわからない"),
    ),
)
REASON = Question(
    "reason",
    "協働したことがない理由",
    "multiple",
    number="問3",
    route=Route("experience", ("no",)),
    headline="chance",
    options=(
        Option(
            "chance",
            "担当している業務の内容に、市民や市民活動団体の方々と協働して取り組むような機会がなかった",
        ),
        Option("how", "何から始めればよいか、進め方が分からない"),
        Option("busy", "時間や人手に余裕がない"),
        Option("cost", "費用が$100,000を超え、$200,000に届きそうだった"),
        Option("other", "その他", is_other=True),
        Option("none", "特に理由はない", is_exclusive=True),
    ),
)
NEED = Question(
    "need",
    "協働の必要性",
    "single",
    number="問4",
    is_ordered=True,
    chart="band",
    headline="needed",
    options=(
        Option("needed", "必要だと思う"),
        Option("rather", "どちらかといえば必要だと思う"),
        Option("rather_not", "どちらかといえば必要だと思わない"),
        Option("not", "必要だと思わない"),
        Option("unsure", "わからない", is_other=True),
    ),
)
AGE = Question(
    "age",
    "年代",
    "single",
    is_ordered=True,
    is_attribute=True,
    chart="band",
    options=tuple(Option(key, label) for key, label in AGES),
)
QUESTIONS = (AGE, MEANING, EXPERIENCE, REASON, NEED)


def wilson(count: float, base: float) -> tuple[float, float]:
    """Return the 95 % Wilson interval in percent."""
    z, share = 1.959964, count / base
    middle = (share + z * z / 2 / base) / (1 + z * z / base)
    half = z / (1 + z * z / base) * math.sqrt(share * (1 - share) / base + z * z / 4 / base / base)
    return 100 * max(0, middle - half), 100 * min(1, middle + half)


def rows(question, wave, base, counts, group=("total", "全体", "all", "全体"), **more):
    """Return estimates rows; a count is a number, a (low, high) pair, or None for withheld."""
    banner, banner_label, group_id, group_label = group
    for option, count in counts.items():
        row = {
            "survey": "staff", "wave": wave, "question": question.id, "question_label": question.label,
            "measure": "net" if any(net.id == option for net in question.nets) else "share",
            "banner": banner, "banner_label": banner_label, "group": group_id, "group_label": group_label,
            "option": option, "option_label": question.measure_label(option), "base_kind": question.base,
            "unit": "%", "basis": "counted", "weighting": "none", "is_small_base": str(base < 30).lower(),
            "status": "withheld" if count is None else "shown", **more,
        }  # fmt: skip
        if count is not None:
            low, high = count if isinstance(count, tuple) else (count, count)
            row |= {"count_low": low, "count_high": high, "base": base}
            row |= {"low": wilson(low, base)[0], "high": wilson(high, base)[1]}
            if low == high:
                row |= {"count": low, "percent": 100 * low / base}
        yield row


def change(question, option, wave_from, wave_to, comparability="same"):
    """Return a changes row that says no more than how comparable the pair is."""
    return {
        "survey": "staff", "question": question.id, "question_label": question.label, "measure": "share",
        "banner": "total", "banner_label": "全体", "group": "all", "group_label": "全体", "option": option,
        "option_label": question.measure_label(option), "wave_from": wave_from, "wave_to": wave_to,
        "comparability": comparability, "status": "shown", "unit": "ポイント",
    }  # fmt: skip


def by_age(question, wave, answers):
    """Return rows per age group; None stands for a withheld group."""
    for (key, label), counts in zip(AGES, answers, strict=True):
        base = sum(counts.values()) if counts else 5
        states = counts or dict.fromkeys(option.id for option in question.options)
        for net in question.nets:
            states = states | {net.id: sum(states[item] for item in net.options) if counts else None}
        yield from rows(question, wave, base, states, ("age", "年代", key, label))


def _meaning():
    def known(counts):
        return counts | {"know": counts["well"] + counts["roughly"]}

    yield from rows(MEANING, "2017", 418, {"well": 78, "know": (314, 318)}, basis="published")
    for wave, base, counts in (
        ("2019", 435, (93, 262, 62, 14, 4, 0)),
        ("2021", 452, (80, 270, 70, 22, 9, 1)),
        ("2023", 431, (95, 250, 60, 20, 6, 0)),
        ("2025", 448, (84, 282, 53, 16, 11, 2)),
    ):
        named = dict(zip(("well", "roughly", "heard", "never", "no_answer", "invalid"), counts, strict=True))
        yield from rows(MEANING, wave, base, known(named))
    groups = ((20, 60, 14, 8, 2), (22, 70, 15, 3, 3), (21, 80, 12, 3, 4), (19, 65, 10, 2, 2), None)
    names = ("well", "roughly", "heard", "never", "no_answer")
    yield from by_age(MEANING, "2025", [g and dict(zip(names, g, strict=True)) for g in groups])


def _experience():
    yield from rows(EXPERIENCE, "2017", 418, {"yes": 163, "no": 176}, basis="published")
    for wave, base, yes, no, unsure in (
        ("2019", 435, 190, 180, 60), ("2023", 431, 181, 178, 66), ("2025", 448, 183, 190, 70),
    ):  # fmt: skip
        blank = base - yes - no - unsure
        yield from rows(EXPERIENCE, wave, base, {"yes": yes, "no": no, "unsure": unsure, "no_answer": blank})
    groups = [{"yes": 30, "no": 60, "unsure": 14}, {"yes": 45, "no": 50, "unsure": 18},
              {"yes": 55, "no": 50, "unsure": 15}, {"yes": 50, "no": 30, "unsure": 18},
              {"yes": 3, "no": 7, "unsure": 2}]  # fmt: skip
    yield from by_age(EXPERIENCE, "2025", groups)


def _reason():
    names = ("chance", "how", "busy", "cost", "other", "none", "no_answer")
    for wave, base, counts in (
        ("2021", 182, (100, 50, 60, 3, 12, 9, 2)),
        ("2023", 178, (97, 53, 62, 0, 10, 8, 3)),
        ("2025", 190, (110, 41, 71, 1, 9, 0, 5)),
    ):
        yield from rows(REASON, wave, base, dict(zip(names, counts, strict=True)))


def _need():
    names = ("needed", "rather", "rather_not", "not", "unsure", "no_answer")
    for wave, base, counts in (
        ("2019", 435, (194, 160, 40, 10, 27, 4)),
        ("2021", 452, (188, 170, 50, 12, 20, 12)),
        ("2023", 431, (230, 120, 30, 9, 42, 0)),
        ("2025", 448, (240, 130, 28, 1, 49, 0)),
    ):
        yield from rows(NEED, wave, base, dict(zip(names, counts, strict=True)))


def survey(questions=QUESTIONS) -> Survey:
    waves = tuple(
        Wave(
            key,
            label,
            wording={question.id: "" for question in questions},
            population=Population(604),
            files=() if key == "2017" else (FILE,),
            fieldwork_start=date(int(key) + 1, 1, 13),
            fieldwork_end=date(int(key) + 1, 1, 30),
        )
        for key, label in zip(KEYS, LABELS, strict=True)
    )
    crosses = (Cross("age", ("meaning", "experience")),)
    return Survey("staff", "協働に関する職員アンケート", "みほん市", questions, waves, crosses=crosses)


def edition(extra=(), changed=(), questions=QUESTIONS) -> Edition:
    """Return the edition of the newest wave; ``extra`` rows are added to the tables."""
    estimates = [*_meaning(), *_experience(), *_reason(), *_need(), *extra]
    changes = [
        change(NEED, "needed", "2021", "2023", "broken"),
        change(NEED, "needed", "2023", "2025"),
        change(NEED, "needed", "2019", "2021", "flagged"),
        *changed,
    ]
    known = survey(questions)
    return Edition(
        survey=known,
        wave=known.newest,
        label="公表版",
        build="abc1234",
        estimates=frames.table(frames.ESTIMATES, estimates),
        changes=frames.table(frames.CHANGES, changes),
        associations=frames.table(frames.ASSOCIATIONS, []),
    )


def published_only() -> Edition:
    """Return an edition of three publications, where most options were never printed."""
    made = edition()
    waves = tuple(replace(wave, files=()) for wave in made.survey.waves[:3])
    known = replace(made.survey, waves=waves)
    kept = made.estimates[made.estimates["wave"].isin(["2017"])]
    more = frames.table(
        frames.ESTIMATES,
        [
            *rows(MEANING, "2021", 435, {"know": 355}, basis="published"),
            *rows(EXPERIENCE, "2021", 435, {"yes": 190}, basis="published"),
        ],
    )
    return replace(made, survey=known, wave=waves[-1], estimates=pd.concat([kept, more], ignore_index=True))
