"""surveys/<id>/survey.toml → questions, crosses, parameters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pipeline.definitions.toml_section import Section
from pipeline.model import (
    ALL_GROUP,
    ANSWERED,
    MEAN,
    RESPONSE,
    STATE_LABELS,
    TOTAL_BANNER,
    UNKNOWN_GROUP,
    Cross,
    Net,
    Option,
    Parameters,
    Question,
    Route,
    Theme,
)

KINDS = ("single", "multiple", "text")
#: Ids that the tables use for something else.
RESERVED = frozenset(
    {*STATE_LABELS, ANSWERED, MEAN, UNKNOWN_GROUP, RESPONSE, TOTAL_BANNER, ALL_GROUP}
    # columns of responses, blocks of a page, the ending of a chart's name
    | {"wave", "respondent", "file", "mode", "weight", "outline", "findings", "notes", "series"}
    # names that Windows keeps for devices: ids become file names
    | {"con", "prn", "aux", "nul"}
)
LOWEST_WEIGHT_LIMIT = 1.2
#: Theme code for answers without content: it is 無回答, not a theme.
NO_CONTENT_THEME = "X0"
OTHER_THEME = "X9"
NOTHING_THEME = "X1"


def questions(survey: Section, themes: tuple[Theme, ...]) -> tuple[Question, ...]:
    """Return the questions in file order; routes are checked against earlier questions."""
    found: list[Question] = []
    for section in survey.entries("questions"):
        question = _question(section, themes)
        section.finish()
        _check_route(section, question, found)
        found.append(question)
    report_repeats(survey, "questions", [question.id for question in found])
    return tuple(found)


def _question(section: Section, themes: tuple[Theme, ...]) -> Question:
    kind = section.word("kind", KINDS)
    options = _options(section)
    nets = _nets(section, options)
    box = section.word("box", ("good", "hard"), "")
    if kind == "text":
        # Without a side the answers are read and kept, and nothing is counted.
        options = theme_options(themes, box) if box else ()
        if box and not any(theme.box == box for theme in themes):
            section.note("自由記述の主題がありません", "box", box, "themes.tsv に good か hard の行")
    elif not options and kind:
        section.note("選択肢がありません", "options", "（なし）", "[{ id = …, label = … }] の一覧")
    is_ordered = section.flag("is_ordered")
    question = Question(
        id=section.identifier(),
        label=section.words("label", ...),
        kind=kind,
        text=section.words("text"),
        number=section.words("number"),
        options=options,
        nets=nets,
        is_ordered=is_ordered,
        is_attribute=section.flag("is_attribute"),
        is_public=section.flag("is_public", not section.content.get("is_attribute", False)),
        is_sensitive=section.flag("is_sensitive"),
        route=_route(section),
        limit=section.whole("limit", None, lowest=1),
        base=section.word("base", ("asked", "with_content"), "asked"),
        headline=section.text("headline"),
        box=box,
        chart=section.word("chart", ("band", "bar"), "band" if is_ordered else "bar"),
        has_mean=section.flag("has_mean"),
    )
    if question.has_mean and not (is_ordered and kind == "single"):
        section.note(
            "平均点を出せるのは、順序のある単一回答だけです", "has_mean", "true", "is_ordered = true の設問"
        )
    measured = [entry.id for entry in (*options, *nets)] + [MEAN] * question.has_mean
    if question.chart == "band" and kind != "single":
        section.note("帯グラフにできるのは単一回答だけです", "chart", question.chart, "bar")
    if question.headline and question.headline not in measured:
        section.unknown("headline", question.headline, measured, "選択肢にも計にもないIDです")
    if question.id in RESERVED:
        section.note("このIDはプログラムが使うため、設問には使えません", "id", question.id)
    return question


def _options(section: Section) -> tuple[Option, ...]:
    options = []
    for entry in section.entries("options"):
        option = Option(
            id=entry.identifier(),
            label=entry.words("label", ...).strip(),
            short=entry.words("short"),
            since=entry.text("since"),
            until=entry.text("until"),
            is_exclusive=entry.flag("is_exclusive"),
            is_other=entry.flag("is_other"),
            note=entry.words("note"),
            is_outside_scale=entry.flag("is_outside_scale"),
        )
        entry.finish()
        if option.id in RESERVED:
            entry.note("このIDはプログラムが使うため、選択肢には使えません", "id", option.id)
        options.append(option)
    report_repeats(section, "options", [option.id for option in options])
    report_repeats(section, "options", [option.label for option in options])
    return tuple(options)


def _nets(section: Section, options: tuple[Option, ...]) -> tuple[Net, ...]:
    known = [option.id for option in options]
    nets = []
    for entry in section.entries("nets"):
        net = Net(entry.identifier(), entry.words("label", ...), entry.texts("options"))
        entry.finish()
        if net.id in known or net.id in RESERVED:
            entry.note("選択肢と同じIDは計に使えません", "id", net.id)
        if len(net.options) < 2:
            entry.note("計には2つ以上の選択肢が必要です", "options", str(len(net.options)), "2つ以上")
        for option in net.options:
            if option not in known:
                entry.unknown("options", option, known, "選択肢にないIDです")
        nets.append(net)
    report_repeats(section, "nets", [net.id for net in nets])
    return tuple(nets)


def _route(section: Section) -> Route | None:
    entry = section.table("route")
    if not entry.content:
        return None
    route = Route(entry.text("question", ...), entry.texts("options"))
    entry.finish()
    return route


def _check_route(section: Section, question: Question, earlier: list[Question]) -> None:
    if question.route is None:
        return
    singles = {entry.id: entry for entry in earlier if entry.kind == "single"}
    source = singles.get(question.route.question)
    if source is None:
        what = "分岐元は、この設問より前に書いた単一回答の設問でなければなりません"
        section.unknown("route.question", question.route.question, singles, what)
        return
    known = [option.id for option in source.options]
    for option in question.route.options:
        if option not in known:
            section.unknown("route.options", option, known, "分岐元の選択肢にないIDです")


def theme_options(themes: tuple[Theme, ...], box: str) -> tuple[Option, ...]:
    """Return the themes of one side as options; X9 is その他, X1 excludes the others."""
    return tuple(
        Option(
            id=theme.code,
            label=theme.public_name,
            is_exclusive=theme.code == NOTHING_THEME,
            is_other=theme.code == OTHER_THEME,
            note=theme.definition,
        )
        for theme in themes
        if theme.box in (box, "both") and theme.code != NO_CONTENT_THEME
    )


def crosses(survey: Section, known: tuple[Question, ...]) -> tuple[Cross, ...]:
    """Return the crosses in file order; banners must be single-answer attributes."""
    section = survey.table("crosses")
    banners = [question.id for question in known if question.is_attribute and question.kind == "single"]
    measured = [question.id for question in known if not question.is_attribute]
    result = []
    for banner in section.content:
        if banner not in banners:
            section.unknown(banner, banner, banners, "表頭にできるのは属性（is_attribute = true）だけです")
        ids = section.texts(banner)
        for question in ids:
            if question not in measured:
                section.unknown(banner, question, measured, "設問にないIDです")
        report_repeats(section, banner, list(ids))
        result.append(Cross(banner, ids))
    return tuple(result)


def parameters(survey: Section) -> Parameters:
    """Return the parameters of comparing; those of disclosure have a file of their own."""
    section, standard = survey.table("parameters"), Parameters()
    values = {
        "small_base": section.whole("small_base", standard.small_base, 1),
        "minimum_change_points": _between(section, "minimum_change_points", standard, 0, 100),
        "same_margin_points": _between(section, "same_margin_points", standard, 0, 100),
        "significance_level": _between(section, "significance_level", standard, 0, 1),
        "confidence_level": _between(section, "confidence_level", standard, 0, 1),
        "same_confidence_level": _between(section, "same_confidence_level", standard, 0, 1),
        "adjustment": section.word("adjustment", ("bh", "holm"), standard.adjustment) or None,
        "largest_weight": _largest_weight(section),
        "plausible_points": _between(section, "plausible_points", standard, 0, 100),
        "plausible_errors": _between(section, "plausible_errors", standard, 0, 100),
        "plausible_base_share": _between(section, "plausible_base_share", standard, 0, 10),
    }
    section.finish()
    return Parameters(**{key: value for key, value in values.items() if value is not None})


def _largest_weight(section: Section) -> float:
    """Return the limit of weights; under 1.2 times the average hardly any weighting would be left."""
    value = float(section.number("largest_weight", 0.0))
    if value and value < LOWEST_WEIGHT_LIMIT:
        section.note(
            "値の範囲が違います",
            "largest_weight",
            value,
            f"{LOWEST_WEIGHT_LIMIT}以上の数（書かなければ制限しない）",
        )
    return value


def _between(section: Section, key: str, standard: Parameters, low: float, high: float) -> float | None:
    value = section.number(key, getattr(standard, key))
    if not low < value < high:
        section.note("値の範囲が違います", key, value, f"{low}より大きく{high}より小さい数")
        return None
    return float(value)


def report_repeats(section: Section, key: str, ids: Iterable[str]) -> None:
    """Report every id or label that stands twice in one list."""
    for repeated, times in Counter(ids).items():
        if times > 1 and repeated:
            section.note("同じものが2回以上書かれています", key, repeated, "1回だけ")
