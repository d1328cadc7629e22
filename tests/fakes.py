"""A small survey and its editions, made by hand: four waves, every kind of question."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from pipeline import frames
from pipeline.analysis import associations, changes, contrasts, trends
from pipeline.model import (
    Cross,
    Net,
    Option,
    Parameters,
    Population,
    PublishedFigure,
    Question,
    ReceivedFile,
    Route,
    SignedGrade,
    Survey,
    Wave,
    frozen_mapping,
)
from pipeline.report.edition import Edition

KEYS = ("2017", "2019", "2021", "2023")
LABELS = ("平成29年度", "令和元年度", "令和3年度", "令和5年度")

AGE = Question(
    "age",
    "年代",
    "single",
    is_attribute=True,
    is_ordered=True,
    options=(Option("20s", "20歳代以下"), Option("30s", "30歳代"), Option("40s", "40歳代以上")),
)
MEANING = Question(
    "meaning",
    "「協働」という言葉の意味の認知",
    "single",
    number="問1",
    is_ordered=True,
    options=(
        Option("well", "よく知っている"),
        Option("roughly", "だいたい知っている"),
        Option("never", "知らない"),
    ),
    nets=(Net("know", "知っている（計）", ("well", "roughly")),),
    headline="know",
    chart="band",
)
EXPERIENCE = Question(
    "experience",
    "協働の経験",
    "single",
    number="問2",
    options=(Option("yes", "経験がある"), Option("no", "経験はない")),
    headline="yes",
)
REASON = Question(
    "reason",
    "経験がない理由",
    "multiple",
    number="問3",
    route=Route("experience", ("no",)),
    options=(
        Option("nochance", "機会がなかった"),
        Option("busy", "時間や人手に余裕がなかった", short="余裕がない"),
        Option("other", "その他", is_other=True),
        Option("none", "特にない", is_exclusive=True),
        Option("web", "＜新設＞Ｗｅｂでの連絡", since="2023"),
    ),
)
NECESSITY = Question(
    "necessity",
    "協働の必要性",
    "single",
    number="問4",
    options=(Option("need", "必要だと思う"), Option("noneed", "必要だと思わない")),
    headline="need",
)
GOOD = Question(
    "good",
    "協働してよかったこと",
    "text",
    number="問5",
    base="with_content",
    box="good",
    options=(
        Option("G1", "新しい知識や発想をもらえた", note="新しい視点や助言を得た"),
        Option("G5", "つながりが広がった", note="顔の見える関係ができた"),
        Option("X1", "特になかった", is_exclusive=True),
        Option("X9", "その他", is_other=True),
    ),
)
QUESTIONS = (AGE, MEANING, EXPERIENCE, REASON, NECESSITY, GOOD)


def _wave(key: str, label: str, asked: tuple[str, ...]) -> Wave:
    year = int(key)
    return Wave(
        key,
        label,
        wording=frozen_mapping({question: f"{label}の{question}の設問です。" for question in asked}),
        population=Population(600 + year % 7, date=date(year, 12, 1), exclusions="休職者を除く"),
        fieldwork_start=date(year + 1, 1, 13),
        fieldwork_end=date(year + 1, 1, 30),
        method="無記名の調査票を配布",
        scope="全職員",
        files=(ReceivedFile("x.csv", "csv", "紙"),) if key != "2017" else (),
    )


def survey(page: str = "") -> Survey:
    """Return the survey; ``page`` is the officer's text of the newest wave."""
    first = ("age", "meaning", "experience", "necessity")
    waves = tuple(
        _wave(key, label, first if key in ("2017", "2019") else tuple(q.id for q in QUESTIONS))
        for key, label in zip(KEYS, LABELS, strict=True)
    )
    return Survey(
        "fake",
        "協働に関する職員アンケート",
        "みほん市",
        QUESTIONS,
        waves,
        notice="架空の調査です。",
        crosses=(Cross("age", ("meaning", "experience")),),
        comparability=(
            SignedGrade("necessity", "2021", "2023", "broken", "設問の文を変えたため", "課長", "2024-02-01"),
            SignedGrade("reason", "2021", "2023", "flagged", "選択肢を1つ加えたため", "課長", "2024-02-01"),
        ),
        published=(
            PublishedFigure(
                "2017",
                "experience",
                "yes",
                163,
                163,
                418,
                39.0,
                0,
                "みほん市 3番",
                "差の公表値にも合う人数は1つ",
            ),
        ),
        pages=frozen_mapping({"2023": page} if page else {}),
    )


@dataclass(frozen=True)
class Tally:
    """People behind each option of one question, wave and group; ``base`` everyone asked."""

    question: Question
    wave: str
    base: int
    counts: dict[str, int | tuple[int, int]]
    group: str = "all"
    status: str = "shown"

    def rows(self):
        is_total = self.group == "all"
        labels = {option.id: option.label for option in AGE.options} | {
            "unknown": "属性不明",
            "40s+unknown": "40歳代以上・属性不明",
        }
        for option, counted in self.counts.items():
            low, high = counted if isinstance(counted, tuple) else (counted, counted)
            row = {
                "survey": "fake",
                "wave": self.wave,
                "question": self.question.id,
                "question_label": self.question.label,
                "measure": "net" if option in {n.id for n in self.question.nets} else "share",
                "banner": "total" if is_total else "age",
                "banner_label": "全体" if is_total else AGE.label,
                "group": self.group,
                "group_label": "全体" if is_total else labels[self.group],
                "option": option,
                "option_label": self.question.measure_label(option),
                "base_kind": self.question.base,
                "unit": "%",
                "basis": "published" if self.wave == "2017" else "counted",
                "weighting": "none",
                "is_small_base": "true" if self.base < 30 else "false",
                "status": self.status,
                "note": "",
            }
            if self.status == "shown":
                row |= {"count_low": low, "count_high": high, "base": self.base}
                if low == high:
                    row |= {"count": low, "percent": 100 * low / self.base if self.base else None}
            yield row


def _returns(wave: str, returned: int, population: int) -> dict:
    row = next(Tally(EXPERIENCE, wave, population, {"yes": returned}).rows())
    return row | {
        "question": "response",
        "question_label": "回答率",
        "option": "returns",
        "option_label": "回答",
        "measure": "rate",
        "base_kind": "population",
    }


TALLIES = (
    Tally(MEANING, "2017", 418, {"know": (314, 318)}),
    Tally(MEANING, "2019", 440, {"well": 90, "roughly": 250, "never": 95, "no_answer": 5, "know": 340}),
    Tally(MEANING, "2021", 430, {"well": 90, "roughly": 260, "never": 76, "no_answer": 4, "know": 350}),
    Tally(
        MEANING,
        "2023",
        435,
        {"well": 80, "roughly": 230, "never": 120, "no_answer": 4, "invalid": 1, "know": 310},
    ),
    Tally(MEANING, "2023", 120, {"well": 12, "roughly": 60, "never": 47, "no_answer": 1, "know": 72}, "20s"),
    Tally(
        MEANING, "2023", 290, {"well": 60, "roughly": 160, "never": 67, "no_answer": 3, "know": 220}, "30s"
    ),
    Tally(MEANING, "2023", 20, {"well": 8, "roughly": 8, "never": 4, "no_answer": 0, "know": 16}, "40s"),
    Tally(MEANING, "2023", 5, {"well": 0, "roughly": 2, "never": 2, "no_answer": 0, "know": 2}, "unknown"),
    Tally(EXPERIENCE, "2017", 418, {"yes": 163}),
    Tally(EXPERIENCE, "2019", 435, {"yes": 190, "no": 240, "no_answer": 5}),
    Tally(EXPERIENCE, "2021", 418, {"yes": 163, "no": 250, "no_answer": 5}),
    Tally(EXPERIENCE, "2023", 435, {"yes": 190, "no": 241, "no_answer": 4}),
    Tally(EXPERIENCE, "2023", 0, {"yes": 0, "no": 0, "no_answer": 0}, "20s", "withheld"),
    Tally(EXPERIENCE, "2023", 300, {"yes": 150, "no": 150, "no_answer": 0}, "30s"),
    Tally(REASON, "2021", 250, {"nochance": 120, "busy": 60, "other": 1, "none": 9, "no_answer": 3}),
    Tally(
        REASON, "2023", 241, {"nochance": 90, "busy": 100, "other": 0, "none": 9, "no_answer": 3, "web": 20}
    ),
    Tally(NECESSITY, "2017", 418, {"need": 185}),
    Tally(NECESSITY, "2019", 440, {"need": 200, "noneed": 235, "no_answer": 5}),
    Tally(NECESSITY, "2021", 430, {"need": 300, "noneed": 126, "no_answer": 4}),
    Tally(NECESSITY, "2023", 435, {"need": 320, "noneed": 110, "no_answer": 5}),
    Tally(GOOD, "2021", 140, {"G1": 60, "G5": 70, "X1": 4, "X9": 9}),
    Tally(GOOD, "2023", 150, {"G1": 58, "G5": 90, "X1": 6, "X9": 8}),
)
RETURNS = (("2017", 418, 563), ("2019", 440, 570), ("2021", 430, 580), ("2023", 435, 558))


def edition(
    page: str = "", label: str = "公表版", tallies: tuple[Tally, ...] = TALLIES, **parameters
) -> Edition:
    """Return the edition of the newest wave; changes are compared by the analysis room.

    parameters: fields of Parameters that differ from the usual.
    """
    made = replace(survey(page), parameters=Parameters(**parameters))
    rows = [_returns(*values) for values in RETURNS]
    rows += [row for tally in tallies for row in tally.rows()]
    estimates = frames.table(frames.ESTIMATES, rows)
    return Edition(
        made,
        made.newest,
        label,
        "0000abcd",
        estimates,
        changes(made, estimates),
        associations(made, estimates),
        contrasts(made, estimates),
        trends(made, estimates),
    )


@dataclass(frozen=True)
class FakeChart:
    """What the page needs of a chart."""

    name: str
    kind: str
    alt: str = "横棒グラフ。最も高いのは経験があるです。数値は次の表のとおりです。"
    width: int = 760
    height: int = 320


CHARTS = frozen_mapping(
    {
        "meaning": (
            FakeChart("meaning", "band"),
            FakeChart("meaning-series", "series"),
            FakeChart("meaning-age", "cross"),
        ),
        "experience": (FakeChart("experience", "bar"),),
    }
)
