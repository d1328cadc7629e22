"""methods.html: how every kind of number of an edition was made, with this survey's parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import NormalDist

from pipeline import frames
from pipeline.model import EVERY_QUESTION, TOTAL_BANNER, Parameters, PublishedFigure, Question
from pipeline.numerals import date_text, float_number
from pipeline.report import predicted, silent, wording
from pipeline.report.asking import answer_form, asked_whom
from pipeline.report.blocks import questions_on_page
from pipeline.report.edition import Edition
from pipeline.report.page import notice
from pipeline.report.sentences import Comparison, comparison, headline_item
from pipeline.report.templating import render

FILE = "methods.html"
ADJUSTMENT_WORDS = {"bh": "ベンジャミニ・ホッホバーグの方法", "holm": "ホルムの方法"}
_ALL_QUESTIONS = "すべての設問"


@dataclass(frozen=True)
class Levels:
    """The survey's parameters as they are printed; quantiles of the normal distribution beside them."""

    confidence: str
    quantile: str
    same_confidence: str
    same_quantile: str
    significance: str
    least_change: str
    same_margin: str
    small_base: int
    minimum_group: int
    minimum_cell: int
    minimum_cell_sensitive: int
    unanimity_base: int
    adjustment: str


#: Every dictionary of words that the page explains.
_WORDS = {
    "verdicts": wording.VERDICT_WORDS,
    "reasons": wording.REASON_WORDS,
    "contrasts": wording.CONTRAST_WORDS,
    "grades": wording.COMPARABILITY_WORDS,
    "bases": wording.BASE_WORDS,
    "signs": wording.SIGN_NOTES,
    "small_difference": wording.SMALL_DIFFERENCE,
}


def write(edition: Edition, folder: Path) -> None:
    """Write methods.html, a page that stands by itself."""
    (folder / FILE).write_bytes(html(edition).encode("utf-8"))


def html(edition: Edition) -> str:
    """Return the page as text."""
    survey = edition.survey
    labels = {wave.key: wave.label for wave in edition.waves}
    return render(
        FILE,
        title=f"{survey.title} {edition.wave.label} 数値の作り方",
        notice=notice(edition),
        edition=edition,
        survey=survey,
        levels=levels(survey.parameters),
        words=_WORDS,
        example=example(edition),
        asked=[question_cells(edition, question) for question in questions_on_page(edition)],
        nets=list(nets(edition)),
        signed=list(signed(edition, labels)),
        printed=list(_printed(edition, labels)),
        merged=list(merged(edition)),
        has_links=any(link.question in set(edition.estimates["banner"]) for link in survey.links),
        withheld=list(_withheld(edition, labels)),
        weight_limit=wording.plain_number(survey.parameters.largest_weight) if survey.parameters.largest_weight else "",
        ways=list(silent.weight_cells(edition)),
        predicted=list(_predicted(edition, labels)),
        predicted_sign=predicted.SIGN,
        fewest_predicted=survey.parameters.minimum_cell,
    )


def levels(parameters: Parameters) -> Levels:
    """Return the parameters of the survey as text."""
    return Levels(
        confidence=wording.level_percent(parameters.confidence_level),
        quantile=_quantile(parameters.confidence_level),
        same_confidence=wording.level_percent(parameters.same_confidence_level),
        same_quantile=_quantile(parameters.same_confidence_level),
        significance=str(parameters.significance_level),
        least_change=wording.plain_number(parameters.minimum_change_points),
        same_margin=wording.plain_number(parameters.same_margin_points),
        small_base=parameters.small_base,
        minimum_group=parameters.minimum_group,
        minimum_cell=parameters.minimum_cell,
        minimum_cell_sensitive=parameters.minimum_cell_sensitive,
        unanimity_base=parameters.unanimity_base,
        adjustment=ADJUSTMENT_WORDS[parameters.adjustment],
    )


def _quantile(confidence: float) -> str:
    return str(float_number(NormalDist().inv_cdf(0.5 + confidence / 2), 3))


def example(edition: Edition) -> dict[str, str] | None:
    """Return the cells of one comparison with both counts known, as a worked example; None without one."""
    for question in questions_on_page(edition):
        item = headline_item(edition, question)
        compared = comparison(edition, question, item) if item else None
        if compared is not None and _is_worked(compared):
            return _example_cells(compared)
    return None


def _is_worked(compared: Comparison) -> bool:
    if not (wording.is_exact(compared.now) and wording.is_exact(compared.before)) or compared.change is None:
        return False
    return wording.is_number(compared.change["p"])


def _example_cells(compared: Comparison) -> dict[str, str]:
    cells = {
        "label": compared.label,
        "last": compared.last_wave.label,
        "change": wording.points_text(compared.change),
        "interval": wording.interval_cell(compared.change),
        "p": wording.p_cell(compared.change),
        "p_adjusted": wording.adjusted_p_cell(compared.change),
        "verdict": wording.verdict_word(compared.change),
    }
    for name, row in (("now", compared.now), ("before", compared.before)):
        count, base = int(row["count"]), int(row["base"])
        cells |= {
            f"{name}_count": str(count),
            f"{name}_base": str(base),
            f"{name}_long": str(float_number(100 * count / base, 4)),
            f"{name}_percent": wording.percent_words(row),
            f"{name}_interval": wording.RANGE.join(str(float_number(row[side])) for side in ("low", "high")),
        }
    return cells


def question_cells(edition: Edition, question: Question) -> tuple[str, str, str, str]:
    """Return a question, how it is answered, of whom it is asked and what n counts."""
    whom = asked_whom(edition.survey, question)
    return question.heading, answer_form(question), whom, wording.BASE_WORDS[question.base]


def nets(edition: Edition) -> Iterator[tuple[str, str, str]]:
    """Yield (question, net, the options it sums)."""
    for question in questions_on_page(edition):
        for net in question.nets:
            parts = "、".join(f"「{question.option(option).label}」" for option in net.options)
            yield question.label, net.label, parts


def signed(edition: Edition, labels: dict[str, str]) -> Iterator[tuple[str, ...]]:
    """Yield the signed rows and links about what the edition shows, with who decided and when."""
    present = set(edition.estimates["question"])
    for row in edition.survey.comparability:
        is_shown = row.question == EVERY_QUESTION or row.question in present
        if is_shown and {row.wave_from, row.wave_to} <= labels.keys():
            yield (
                _ALL_QUESTIONS if row.question == EVERY_QUESTION else edition.survey.question(row.question).heading,
                f"{labels[row.wave_from]}と{labels[row.wave_to]}",
                wording.COMPARABILITY_WORDS[row.grade],
                row.reason,
                f"{row.decided_by}（{date_text(date.fromisoformat(row.date))}）",
            )
    for link in edition.survey.links:
        if link.question in present and link.wave in labels:
            yield (
                edition.survey.question(link.question).heading,
                f"{labels[link.wave]}とその前",
                wording.COMPARABILITY_WORDS["flagged"],
                f"{link.reason}（「{link.label}」として比べます）",
                f"{link.decided_by}（{date_text(date.fromisoformat(link.date))}）",
            )


def _printed(edition: Edition, labels: dict[str, str]) -> Iterator[tuple[str, ...]]:
    """Yield every figure known from a publication, the counts that fit it, and how it is known."""
    known = {(figure.wave, figure.question, figure.option): figure for figure in edition.survey.published}
    rows = edition.estimates
    shown = rows[(rows["basis"] == "published") & (rows["status"] == "shown") & rows["wave"].isin(labels)]
    for row in edition.rows(shown):
        figure = known.get((row["wave"], row["question"], row["option"]))
        yield (
            labels[row["wave"]],
            row["question_label"],
            row["option_label"],
            _printed_percent(figure),
            wording.base_cell(row),
            wording.count_cell(row),
            wording.percent_cell(row) if wording.is_exact(row) else wording.percent_range(row),
            figure.note if figure else "",
        )


def _printed_percent(figure: PublishedFigure | None) -> str:
    if figure is None or figure.percent is None:
        return wording.NOT_ASKED
    return str(float_number(figure.percent, figure.decimals or 0))


def _predicted(edition: Edition, labels: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield (wave, question, how) of the free answers whose shares rest on an audit."""
    rows = edition.estimates
    shown = rows[(rows["basis"] == frames.PREDICTED) & (rows["status"] == "shown") & rows["wave"].isin(labels)]
    for wave, label, note in shown[["wave", "question_label", "note"]].drop_duplicates().to_numpy():
        yield labels[wave], label, note


def merged(edition: Edition) -> Iterator[tuple[str, str, str]]:
    """Yield (question, attribute, group) of every group that was merged from several."""
    rows = edition.estimates[~frames.is_comparison_group(edition.estimates)]
    joined = rows[(rows["banner"] != TOTAL_BANNER) & rows["group"].str.contains("+", regex=False)]
    columns = ["question_label", "banner_label", "group_label"]
    yield from joined[columns].drop_duplicates().itertuples(index=False, name=None)


def _withheld(edition: Edition, labels: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield (wave, question, what of it is withheld) of the whole staff."""
    rows = edition.estimates
    whole = rows[
        (rows["banner"] == TOTAL_BANNER) & rows["wave"].isin(labels) & (rows["status"] != "not_asked")
    ]
    for (wave, question), part in whole.groupby(["wave", "question_label"], sort=False):
        hidden = part[part["status"] == "withheld"]
        if len(hidden):
            is_all = len(hidden) == len(part)
            yield labels[wave], question, "すべて" if is_all else "、".join(hidden["option_label"])
