"""Findings as sentences: what is highest, and what a change may be called.

A fall, no change and "cannot say" are spoken as readily as a rise. A sentence holds no number
that its evidence rows do not hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.model import MEAN, UNKNOWN_GROUP, Option, Question, Wave
from pipeline.numerals import round_half_up
from pipeline.report import predicted, wording
from pipeline.report.edition import Edition, Row
from pipeline.report.exhibits import Sentence
from pipeline.report.people import people_words

#: Said after a change that the two printed figures do not subtract to.
ROUNDED_WORDS = f"{wording.ROUNDED}四捨五入する前の値から計算"
#: Tails of the approximate form, where the size of the change is a range.
_RANGE_TAILS = {
    "up": "範囲のどこをとっても上昇といえます",
    "down": "範囲のどこをとっても低下といえます",
    "same": "範囲のどこをとっても変化なしといえます",
}
_FINITE_WORDS = {"up": "上昇した", "down": "低下した", "same": "変化なし"}
_UNCLEAR_TAILS = {
    "chance": "偶然の範囲内の差で、上昇とも低下ともいえません",
    "small": "差は小さく、上昇とも低下とも判定しません",
    "base": "回答者が少ないため判定しません",
    "rounding": "公表値の丸めの範囲では判定できません",
    "secondary": "この項目は判定の対象にしていません",
}


@dataclass(frozen=True)
class Comparison:
    """One measured thing now and last time; ``before`` and ``change`` are None where unknown."""

    label: str
    now: Row | None
    before: Row | None
    change: Row | None
    last_wave: Wave | None

    @property
    def verdict(self) -> str:
        """Return the verdict of the change, "" where nothing can be compared."""
        return str(self.change["verdict"]) if self.change is not None else ""

    @property
    def evidence(self) -> tuple[Row, ...]:
        return tuple(row for row in (self.now, self.before, self.change) if row is not None)


def comparison(edition: Edition, question: Question, option: str) -> Comparison:
    """Return ``option`` (an option or net id) of this wave against the last wave that asked."""
    last = edition.previous(question.id)
    return Comparison(
        label=question.measure_label(option),
        now=edition.estimate(question.id, option),
        before=edition.estimate(question.id, option, last.key) if last else None,
        change=edition.change(question.id, option, last.key) if last else None,
        last_wave=last,
    )


def change_sentence(compared: Comparison) -> Sentence:
    """Return e.g. 「A」は43.7%（435人中190人）で、前回（平成29年度39.0%）から… in one or two sentences."""
    name = f"「{compared.label}」"
    if not (wording.is_known(compared.now) or predicted.is_predicted(compared.now)):
        return Sentence(f"{name}は、{_why_missing(compared.now)}", compared.evidence)
    return Sentence(f"{name}は{change_words(compared)}", compared.evidence)


def change_words(compared: Comparison, is_brief: bool = False) -> str:
    """Return what follows the name of a thing that is known now: its share and its change.

    Brief: without the people behind the points and without what the other reading says.
    """
    return f"{share_words(compared.now)}{_change_clause(compared, is_brief)}"


def share_words(row: Row) -> str:
    """Return ``43.7%（435人中190人）``, saying so where the base is small."""
    if predicted.is_predicted(row):
        return predicted.share_words(row)
    doubt = "、参考値" if row["is_small_base"] == "true" else ""
    return f"{wording.percent_words(row)}（{wording.people_words(row)}{doubt}）"


def _why_missing(row: Row | None) -> str:
    is_withheld = row is not None and row["status"] == "withheld"
    return "回答者が少ないため、数値を載せていません。" if is_withheld else "今回の値がありません。"


def _change_clause(compared: Comparison, is_brief: bool) -> str:
    change, last = compared.change, compared.last_wave
    if last is None:
        return "です。前回までの調査では聞いていないため、比較はありません。"
    if change is None or (compared.before is None and change["status"] != "withheld"):
        return f"です。前回（{last.label}）の値がないため、比較していません。"
    if change["verdict"] == "not_comparable":
        return f"です。{_broken(last, change)}"
    if change["status"] == "withheld" or change["verdict_reason"] == "withheld":
        return f"です。前回（{last.label}）との比較は、回答者が少ない区分を守るため載せていません。"
    is_exact = wording.points(change) is not None
    clause = _exact_clause(compared, not is_brief) if is_exact else f"です。{_range_sentence(compared)}"
    return clause + ("" if is_brief else other_reading(change)) + _condition(change)


def other_reading(change: Row) -> str:
    """Return what the finite reading says where it differs from the verdict; "" where it does not.

    It speaks of the people of these two years only, and only if the silent were like the others.
    """
    words = _FINITE_WORDS.get(str(change["verdict_finite"]))
    if words is None or change["verdict_finite"] == change["verdict"]:
        return ""
    return (
        "ただし、回答のなかった人の考えも回答した人と変わらなかったとみなし、"
        f"この2回の対象者だけについていえば、{words}といえます。"
    )


def _broken(last: Wave, change: Row) -> str:
    if change["status"] == "not_asked" and change["comparability"] != "broken":
        return f"前回（{last.label}）は聞いていないため、比較できません。"
    reason = wording.signed_reason(change)
    return f"前回（{last.label}）とは比較できません{f'（{reason}）' if reason else ''}。"


def _condition(change: Row) -> str:
    reason = wording.signed_reason(change)
    return f"なお、前回とは条件に違いがあります（{reason}）。" if reason else ""


def _exact_clause(compared: Comparison, has_people: bool) -> str:
    """Return the rest of the sentence where both counts are known."""
    change = compared.change
    exact = wording.points(change)
    amount, unit = abs(round_half_up(exact, 1)), change["unit"]
    last = f"前回（{compared.last_wave.label}{wording.percent_words(compared.before)}）"
    if not amount:
        near = "と同じ値" if not exact else f"とほとんど同じ値（差は0.1{unit}未満）"
        return f"で、{last}{near}です。判定は「{wording.verdict_word(change)}」です。"
    rises = exact > 0
    is_rounded = wording.differs_from_printed(change, compared.before, compared.now)
    rounded = ROUNDED_WORDS if is_rounded else predicted.change_remark(change)
    said = "、".join(filter(None, (people_words(change) if has_people else "", rounded)))
    size = f"{amount}{unit}（{said}）" if said else f"{amount}{unit}"
    if change["verdict"] in ("up", "down"):
        return f"で、{last}から{size}{'上昇' if rises else '低下'}しました。"
    moved = f"で、{last}から{size}{'高く' if rises else '低く'}なりましたが、"
    return moved + _doubt(change, "上昇" if rises else "低下") + "。"


def _doubt(change: Row, direction: str) -> str:
    if change["verdict"] == "same":
        small = wording.SMALL_DIFFERENCE if wording.is_small_difference(change) else "差"
        return f"変化なしといえる範囲の{small}です"
    return {
        "chance": f"偶然の範囲内の差で、{direction}とはいえません",
        "small": f"差は小さく、{direction}とは判定しません",
    }.get(str(change["verdict_reason"]), _UNCLEAR_TAILS.get(str(change["verdict_reason"]), "判定しません"))


def _range_sentence(compared: Comparison) -> str:
    """Return the second sentence where a count is only known within the rounding of a printed figure."""
    change, before = compared.change, compared.before
    low, high = (wording.points_text(change, f"change_{side}") for side in ("low", "high"))
    if not low:
        return f"前回（{compared.last_wave.label}）との差は計算できません。"
    label = compared.last_wave.label
    cause = f"{label}は公表値の丸めにより{wording.percent_range(before)}%の範囲で、"
    if wording.is_exact(before):
        cause = f"前回（{label}）は{wording.percent_words(before)}で、今回の値に幅があるため、"
    tail = _RANGE_TAILS.get(str(change["verdict"])) or _UNCLEAR_TAILS.get(
        str(change["verdict_reason"]), "判定しません"
    )
    return f"{cause}変化は{low}{wording.RANGE}{high}ポイントです。{tail}。"


def ranking_sentence(edition: Edition, question: Question) -> Sentence | None:
    """Return 「A」が…で最も高く、次いで…, equal shares named together; None unless every count is known.

    Tables and alternative texts of charts say it alike, because both ask here.
    """
    first, *after = _ranked_places(edition, question)[:3] or [()]
    if not first:
        return None
    most = f"{_together(first, 'option_label', 'が')}{_share_of(first)}で最も高く"
    evidence = tuple(row for place in (first, *after) for row in place)
    if not after:
        return Sentence(f"{most}なっています。", evidence)
    others = "、".join(
        f"{_together(place, 'option_label', 'が')}{wording.percent_words(place[0])}" for place in after
    )
    return Sentence(f"{most}、次いで{others}{'の順' if len(after) > 1 else ''}です。", evidence)


def _ranked_places(edition: Edition, question: Question) -> list[tuple[Row, ...]]:
    """Return the options that somebody chose by share, equal ones together; [] unless every count is known."""
    options = [option for option in question.offered(edition.wave.key) if _is_ranked(question, option)]
    rows = [edition.estimate(question.id, option.id) for option in options]
    if len(rows) < 2 or not all(wording.is_exact(row) for row in rows):
        return []
    return list(_by_share([row for row in rows if row["count"]]))


def leaders(edition: Edition, question: Question) -> tuple[Row, ...]:
    """Return the rows of the options most chosen now, several where they print alike; () where not known."""
    return next(iter(_ranked_places(edition, question)), ())


def _by_share(rows: Sequence[Row]) -> Iterator[tuple[Row, ...]]:
    """Yield rows of equal printed share together, the highest share first."""
    shares = sorted({wording.printed_percent(row) for row in rows}, reverse=True)
    for share in shares:
        yield tuple(row for row in rows if wording.printed_percent(row) == share)


def _together(rows: Sequence[Row], column: str, particle: str) -> str:
    """Return ``「A」が`` or ``「A」と「B」がともに``."""
    names = "と".join(f"「{row[column]}」" for row in rows)
    return f"{names}{particle}{('', 'ともに', 'いずれも')[min(len(rows), 3) - 1]}"


def _share_of(rows: Sequence[Row]) -> str:
    """Return the share of rows that print alike, with the people where these are alike too."""
    people = {(row["count"], row["base"]) for row in rows}
    return share_words(rows[0]) if len(people) == 1 else wording.percent_words(rows[0])


def _is_ranked(question: Question, option: Option) -> bool:
    return not (question.is_free_text and (option.is_other or option.is_exclusive))


def headline_item(edition: Edition, question: Question) -> str:
    """Return the declared headline, else the option most chosen now, else ""."""
    if question.headline:
        return question.headline
    counted = [
        (-row["count"], order, option.id)
        for order, option in enumerate(question.offered(edition.wave.key))
        if _is_ranked(question, option)
        and wording.is_exact(row := edition.estimate(question.id, option.id))
        and row["count"]
    ]
    return min(counted)[2] if counted else ""


def drawn_item(edition: Edition, question: Question) -> str:
    """Return the headline where it is a share: charts have one scale, of percent."""
    item = headline_item(edition, question)
    return "" if item == MEAN else item


def spread_sentence(edition: Edition, question: Question, banner: str) -> Sentence | None:
    """Return which groups of ``banner`` are highest and which lowest on the headline item.

    属性不明 (also within a merged group), withheld groups and small bases are not compared, and the sentence says so: the
    table beneath shows them. Groups that print the same share are named together.
    """
    item = headline_item(edition, question)
    rows = [
        edition.estimate(question.id, item, "", banner, group)
        for group, _ in edition.groups(question.id, banner)
    ]
    rows = [row for row in rows if row is not None]
    compared = [row for row in rows if _is_compared(row)]
    places = list(_by_share(compared))
    if len(places) < 2:
        return None
    high, low = places[0], places[-1]
    text = (
        f"{_scope(edition, rows)}「{question.measure_label(item)}」は、"
        f"{_together(high, 'group_label', 'で')}{_share_of(high)}と最も高く、"
        f"{_together(low, 'group_label', 'で')}{_share_of(low)}と最も低くなっています。"
    )
    return Sentence(text, (*high, *low))


def _is_compared(row: Row) -> bool:
    """True for a group to be named; nobody can say whose share that of 属性不明 is, alone or merged with a group."""
    is_large = wording.is_exact(row) and row["is_small_base"] != "true"
    return is_large and UNKNOWN_GROUP not in str(row["group"]).split("+")


def _scope(edition: Edition, rows: Sequence[Row]) -> str:
    """Return ``nが30人以上の区分では、``: which groups are compared; "" where all are that have people."""
    left = [row for row in rows if not _is_compared(row)]
    is_small = any(wording.is_exact(row) and row["is_small_base"] == "true" for row in left)
    unknown = {row["group"] for row in left if wording.is_exact(row) and row["is_small_base"] != "true"}
    least = f"nが{edition.survey.parameters.small_base}{edition.survey.unit}以上の"
    shown = "数値を載せている" if any(row["status"] == "withheld" for row in left) else ""
    groups = "、".join(words for words in (shown, least if is_small else "") if words)
    without = "属性不明" if unknown == {UNKNOWN_GROUP} else "属性不明を含む区分"
    return (f"{without}を除くと、" if unknown else "") + (f"{groups}区分では、" if groups else "")
