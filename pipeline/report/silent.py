"""What is said of those who did not answer: whether weighting matters, and what would turn a conclusion."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.model import TOTAL_BANNER, Question
from pipeline.report import printed, wording
from pipeline.report.edition import Edition, Row
from pipeline.report.exhibits import Sentence

HEADING = "回答しなかった人の影響"
METHOD_WORDS = {"poststratified": "事後層化", "raked": "レイキング"}
#: Figures of the officer's page that come from here: the weighted share, and what would turn the conclusion.
FIELDS = ("weighted", "tipping")
#: A verdict as part of a sentence: what is concluded, and how the silent would have to differ.
_CONCLUSIONS = {"up": ("上昇した", "低"), "down": ("低下した", "高")}


def sentences(edition: Edition) -> Iterator[Sentence]:
    """Yield what the notes say of this wave: weighted beside unweighted, then each claimed rise or fall."""
    rows = [row for row in edition.nonresponse.to_dict("records") if row["wave"] == edition.wave.key]
    if weighted := [row for row in rows if wording.is_number(row["poststratified"])]:
        yield _agreement(edition, weighted)
    for row in rows:
        if row["verdict"] in _CONCLUSIONS and wording.is_number(row["tipping"]):
            yield tipping_sentence(edition.survey.question(str(row["question"])), row)


def _agreement(edition: Edition, rows: list[Row]) -> Sentence:
    """Say for which headlines the unweighted share lies outside the interval of the weighted one."""
    names = "と".join(dict.fromkeys(attribute_words(edition, str(row["poststratified_by"])) for row in rows))
    start = f"割合は、回答した人をそのまま数えたものです。{names}ごとの回答率の違いを、対象者の人数に合わせて補っても、"
    differing = [
        row for row in rows if not row["poststratified_low"] <= row["percent"] <= row["poststratified_high"]
    ]
    if not differing:
        return Sentence(f"{start}代表の項目の割合は、どれも偶然のばらつきの範囲の中の違いです。", tuple(rows))
    labels = "、".join(f"「{row['option_label']}」" for row in differing)
    return Sentence(
        f"{start}{labels}の割合は偶然のばらつきの範囲を超えて変わります。表と一緒にご覧ください。",
        tuple(rows),
    )


def tipping_sentence(question: Question, row: Row) -> Sentence:
    """Return 結論が変わるのは…: how far the silent would have to be from those who answered."""
    concluded, side = _CONCLUSIONS[str(row["verdict"])]
    name = f"{question.label}の「{row['option_label']}」が{concluded}という結論"
    if not is_possible(row):
        return Sentence(f"{name}は、今回回答しなかった人がどう答えていたとしても変わりません。", (row,))
    told = f"{tipping_text(row)}ポイント以上{side}かった場合だけです。"
    return Sentence(f"{name}が変わるのは、今回回答しなかった人の割合が、回答した人より{told}", (row,))


def tipping_text(row: Row) -> str:
    """Return the difference that turns the conclusion, in points, "" where there is none or it cannot be."""
    has_one = wording.is_number(row["tipping"]) and is_possible(row)
    return str(printed.rounded(row["tipping"])) if has_one else ""


def figure_text(edition: Edition, row: Row, field: str) -> str:
    """Return one of FIELDS for an estimates row of the whole staff, "" where the edition has none."""
    rows = edition.nonresponse
    keys = ["wave", "question", "option"]
    found = rows[(rows[keys] == [row[key] for key in keys]).all(axis=1)].to_dict("records")
    if not found or row["banner"] != TOTAL_BANNER:
        return ""
    if field == "tipping":
        return tipping_text(found[0])
    share = printed.rounded(found[0]["poststratified"])
    return "" if share is None else str(share)


def is_possible(row: Row) -> bool:
    """True when those who did not answer could have had the share that turns the conclusion."""
    return wording.is_number(row["tipping_share"]) and 0 <= row["tipping_share"] <= 100


def attribute_words(edition: Edition, names: str) -> str:
    """Return the labels of attributes joined by ``+`` in a table, ``部局・年代``."""
    return "・".join(edition.survey.question(name).label for name in names.split("+") if name)


def group_words(edition: Edition, attribute: str, groups: str) -> str:
    """Return the labels of parts joined by ``|``, ``20歳代以下、30歳代、40歳代以上・属性不明``."""
    options = {option.id: option.label for option in edition.survey.question(attribute).options}
    parts = [[options.get(group, "属性不明") for group in part.split("+")] for part in groups.split("|")]
    return "、".join("・".join(part) for part in parts)


def weight_cells(edition: Edition) -> Iterator[tuple[str, ...]]:
    """Yield (method, attributes, groups, effective base, smallest and largest weight) of this wave as text."""
    for row in edition.weights.to_dict("records"):
        if row["wave"] == edition.wave.key and row["status"] == "shown":
            names, groups = str(row["attributes"]).split("+"), str(row["groups"]).split(" ")
            parts = [group_words(edition, name, group) for name, group in zip(names, groups, strict=True)]
            weights = [str(printed.rounded(row[side], 3)) for side in ("smallest_weight", "largest_weight")]
            about = (
                METHOD_WORDS[str(row["method"])],
                attribute_words(edition, str(row["attributes"])),
                "。".join(parts),
            )
            yield (*about, str(printed.rounded(row["effective_base"])), *weights)
