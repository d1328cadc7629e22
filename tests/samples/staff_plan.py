"""The plan of the fictional みほん市 survey: how many people gave which answer, wave by wave.

Every count here is reached exactly by the generated files, so a test can compare a report
with it. Shares between 2023 and 2025 are chosen so that each verdict occurs:
up (意味を知っている), down (相手に求める連絡のしやすさ), same (必要だと思う), unclear (経験がある,
研修) and not_comparable (相談先, reworded).
"""

from __future__ import annotations

NO_ANSWER = "no_answer"
INVALID = "invalid"
NOT_APPLICABLE = "not_applicable"
NOT_ASKED = "not_asked"

#: section → (people on the roster, people who answered), in the order of the form.
ROSTERS: dict[str, dict[str, tuple[int, int]]] = {
    "2019": {
        "somu": (56, 44), "kikaku": (38, 30), "shimin": (63, 47), "kyodo": (20, 18),
        "fukushi": (80, 62), "kodomo": (78, 58), "kankeizai": (56, 42), "toshi": (61, 46),
        "suido": (38, 28), "kaikei": (8, 7), "gikai": (9, 7), "kyoiku": (53, 40), "gyosei": (11, 8),
    },
    "2021": {
        "somu": (57, 45), "kikaku": (39, 31), "shimin": (62, 47), "kyodo": (22, 19),
        "fukushi": (84, 66), "kodomo": (83, 62), "kankeizai": (56, 43), "toshi": (61, 46),
        "suido": (37, 29), "kaikei": (8, 7), "gikai": (9, 7), "kyoiku": (55, 41), "gyosei": (12, 9),
    },
    "2023": {
        "somu": (57, 43), "kikaku": (40, 30), "shimin": (61, 45), "kyodo": (25, 22),
        "fukushi": (86, 62), "kodomo": (87, 62), "kankyo": (34, 26), "sangyo": (22, 17),
        "toshi": (60, 44), "suido": (36, 26), "kaikei": (8, 7), "gikai": (9, 7),
        "kyoiku": (55, 38), "gyosei": (12, 9),
    },
    "2025": {
        "somu": (58, 45), "kikaku": (41, 31), "shimin": (62, 45), "kyodo": (27, 24),
        "fukushi": (88, 62), "kodomo": (90, 63), "kankyo": (34, 25), "sangyo": (22, 17),
        "toshi": (60, 44), "suido": (36, 26), "kaikei": (8, 7), "gikai": (9, 7),
        "kyoiku": (56, 40), "gyosei": (13, 10),
    },
}  # fmt: skip

#: Share of a section that answered online in 2025, where paper and Web ran side by side.
ONLINE_SHARE = 0.34
ONLINE_SHARES = {"kikaku": 0.6, "somu": 0.45, "kodomo": 0.2, "kaikei": 0.3, "gikai": 0.3}

#: question → option or state → people, for single answers. States come last.
SINGLE: dict[str, dict[str, dict[str, int]]] = {
    "2019": {
        "meaning": {"well": 83, "roughly": 210, "heard": 112, "never": 22, NO_ANSWER: 8, INVALID: 2},
        "experience": {"yes": 175, "no": 181, "unsure": 68, NO_ANSWER: 11, INVALID: 2},
        "necessity": {"much": 148, "some": 219, "little": 40, "not": 12, NO_ANSWER: 15, INVALID: 3},
        "factor": {
            "sharing": 132, "equal": 58, "roles": 61, "budget": 74, "time": 31, "attitude": 52,
            "other": 12, NO_ANSWER: 13, INVALID: 4,
        },
    },
    "2021": {
        "meaning": {"well": 94, "roughly": 223, "heard": 104, "never": 21, NO_ANSWER: 10},
        "experience": {"yes": 163, "no": 206, "unsure": 70, NO_ANSWER: 13},
        "necessity": {"much": 150, "some": 244, "little": 34, "not": 9, NO_ANSWER: 15},
        "factor": {
            "sharing": 139, "equal": 55, "roles": 66, "budget": 78, "time": 38, "attitude": 50,
            "other": 11, NO_ANSWER: 15,
        },
    },
    "2023": {
        "meaning": {"well": 93, "roughly": 222, "heard": 95, "never": 17, NO_ANSWER: 11},
        "experience": {"yes": 180, "no": 176, "unsure": 71, NO_ANSWER: 11},
        "necessity": {"much": 155, "some": 235, "little": 28, "not": 8, NO_ANSWER: 12},
        "factor": {
            "sharing": 128, "equal": 52, "roles": 63, "budget": 77, "time": 44, "attitude": 49,
            "other": 12, NO_ANSWER: 13,
        },
        "consult": {"used": 61, "aware": 168, "unaware": 198, NO_ANSWER: 11},
        "training": {"eager": 38, "chance": 172, "hardly": 156, "never": 60, NO_ANSWER: 12},
    },
    "2025": {
        "meaning": {"well": 118, "roughly": 248, "heard": 58, "never": 10, NO_ANSWER: 9, INVALID: 3},
        "experience": {"yes": 197, "no": 170, "unsure": 66, NO_ANSWER: 10, INVALID: 3},
        "necessity": {"much": 163, "some": 235, "little": 27, "not": 8, NO_ANSWER: 11, INVALID: 2},
        "factor": {
            "sharing": 133, "equal": 54, "roles": 60, "budget": 71, "time": 52, "attitude": 46,
            "other": 12, NO_ANSWER: 12, INVALID: 6,
        },
        "consult": {"used": 74, "aware": 213, "unaware": 147, NO_ANSWER: 10, INVALID: 2},
        "training": {"eager": 36, "chance": 166, "hardly": 161, "never": 70, NO_ANSWER: 11, INVALID: 2},
    },
}  # fmt: skip

#: question → option or state → people, for multiple answers. The base of ``reason`` is
#: experience = no. INVALID of ``partner`` are forms with more ticks than the limit.
MULTIPLE: dict[str, dict[str, dict[str, int]]] = {
    "2019": {
        "reason": {
            "nochance": 98, "dontknow": 52, "nopartner": 29, "busy": 61, "noadvice": 24,
            "noneed": 18, "other": 9, "none": 7, NO_ANSWER: 6,
        },
        "partner": {
            "contact": 184, "expertise": 176, "purpose": 158, "promise": 128, "rules": 84,
            "idea": 92, "local": 104, "other": 10, "none": 34, NO_ANSWER: 14, INVALID: 6,
        },
    },
    "2021": {
        "reason": {
            "nochance": 118, "dontknow": 60, "nopartner": 33, "busy": 66, "noadvice": 27,
            "noneed": 16, "other": 14, "none": 8, NO_ANSWER: 6,
        },
        "partner": {
            "contact": 188, "expertise": 178, "purpose": 166, "promise": 127, "rules": 86,
            "idea": 95, "local": 98, "publicity": 52, "other": 11, "none": 36,
            NO_ANSWER: 15, INVALID: 5,
        },
    },
    "2023": {
        "reason": {
            "nochance": 97, "dontknow": 46, "nopartner": 31, "busy": 68, "noadvice": 21,
            "noneed": 14, "other": 11, "none": 7, NO_ANSWER: 5,
        },
        "partner": {
            "contact": 180, "expertise": 171, "purpose": 160, "promise": 118, "rules": 88,
            "idea": 97, "local": 93, "publicity": 61, "other": 10, "none": 35, NO_ANSWER: 11,
        },
    },
    "2025": {
        "reason": {
            "nochance": 88, "dontknow": 39, "nopartner": 30, "busy": 74, "noadvice": 16,
            "noneed": 12, "other": 10, "none": 6, NO_ANSWER: 6,
        },
        "partner": {
            "contact": 138, "expertise": 178, "purpose": 169, "promise": 124, "rules": 90,
            "idea": 109, "local": 98, "publicity": 78, "other": 11, "none": 36,
            NO_ANSWER: 10, INVALID: 7,
        },
    },
}  # fmt: skip

#: Most ticks one person may make; ``reason`` has no printed limit.
MOST_TICKS = {"reason": 4, "partner": 3}

#: Option order from "most familiar with collaboration" to least, and how strongly it leans.
LEANINGS: dict[str, tuple[tuple[str, ...], float]] = {
    "meaning": (("well", "roughly", "heard", "never"), 0.8),
    "experience": (("yes", "unsure", "no"), 0.9),
    "necessity": (("much", "some", "little", "not"), 0.5),
    "factor": (("roles", "attitude", "budget", "sharing", "equal", "time", "other"), 0.4),
    "consult": (("used", "aware", "unaware"), 0.8),
    "training": (("eager", "chance", "hardly", "never"), -0.4),
}
#: Multiple-answer options that people familiar with collaboration choose more (or less) often.
TICK_LEANINGS = {
    "purpose": 0.8, "promise": 0.5, "contact": -0.4, "rules": 0.3, "none": -0.5,
    "dontknow": -1.0, "noadvice": -0.6, "busy": 0.5, "nochance": -0.2,
}  # fmt: skip

AGE_WEIGHTS = {"20s": 19, "30s": 25, "40s": 26, "50s": 25, "60s": 5}
#: age → weights of the grades in form order.
GRADE_WEIGHTS = {
    "20s": (92, 8, 0, 0, 0), "30s": (35, 60, 5, 0, 0), "40s": (5, 48, 42, 5, 0),
    "50s": (3, 27, 35, 28, 7), "60s": (35, 30, 5, 20, 10),
}  # fmt: skip
#: age → weights of the years of service in form order.
TENURE_WEIGHTS = {
    "20s": (75, 25, 0, 0, 0), "30s": (22, 38, 40, 0, 0), "40s": (7, 13, 45, 35, 0),
    "50s": (3, 4, 18, 35, 40), "60s": (4, 2, 6, 12, 76),
}  # fmt: skip
#: Share of a person's familiarity that comes from attributes.
AGE_PULL = {"20s": -0.9, "30s": -0.3, "40s": 0.2, "50s": 0.6, "60s": 0.8}
SECTION_PULL = {"kyodo": 1.6, "kikaku": 0.5, "shimin": 0.4, "fukushi": 0.3, "kaikei": -0.8, "suido": -0.6}

#: attribute → people who left it blank, in every wave (section only where the form asks for it).
BLANK_ATTRIBUTES = {"age": 5, "grade": 6, "tenure": 4}
BLANK_SECTIONS = {"2021": 3, "2023": 3}

#: People past the filter who ticked a reason all the same, by wave.
ROUTED_OUT_REASONS = {"2019": 3, "2021": 4, "2023": 2, "2025": 4}
#: People past the filter who wrote about hard things all the same, by wave.
ROUTED_OUT_HARD = {"2025": 1}

#: What people wrote beside その他, by question. No commas: web forms join answers with them.
OTHER_WORDS = {
    "reason": (
        "予算がつかなかった", "内部事務の担当のため", "異動してきたばかり", "個人情報を扱うため",
        "前任者から引継ぎがなかった", "上司の理解が得られなかった", "国や県との仕事が中心のため",
    ),
    "partner": ("熱意", "若い人がいること", "明るさ", "活動が続いていること", "秘密を守れること"),
    "factor": ("信頼", "トップの姿勢", "市民の関心", "失敗を認める雰囲気", "続けること"),
}  # fmt: skip

#: When the comments of a wave were coded, and by whom.
CODED = {
    "2019": ("2020-02-20", "担当A"),
    "2021": ("2022-02-18", "担当A"),
    "2023": ("2024-02-22", "担当A"),
    "2025": ("2026-02-19", "担当A"),
}
#: Who coded a part of a wave once more, without seeing the decisions, and when.
CODED_TWICE = {"2025": ("2026-02-12", "担当B")}
THEME_VERSION = "1"
