"""methods.html: how every kind of number of an edition was made, with this survey's parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import NormalDist

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline.model import TOTAL_BANNER, Parameters, Question
from pipeline.numerals import float_number
from pipeline.report import wording
from pipeline.report.blocks import questions_on_page
from pipeline.report.edition import Edition, Row
from pipeline.report.front_matter import answer_form, asked_whom
from pipeline.report.page import notice
from pipeline.report.sentences import Comparison, comparison, headline_item

FILE = "methods.html"
_TEMPLATES = Path(__file__).parent / "templates"


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


#: Every dictionary of words that the page explains.
_WORDS = {
    "verdicts": wording.VERDICT_WORDS,
    "reasons": wording.REASON_WORDS,
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
    survey, kept = edition.survey, {wave.key for wave in edition.waves}
    labels = {wave.key: wave.label for wave in survey.waves}
    page = _environment().get_template(FILE)
    return page.render(
        title=f"{survey.title} {edition.wave.label} 数値の作り方",
        notice=notice(edition),
        edition=edition,
        survey=survey,
        levels=levels(survey.parameters),
        words=_WORDS,
        example=example(edition),
        asked=[_question_cells(edition, question) for question in questions_on_page(edition)],
        nets=list(_nets(edition)),
        signed=[
            (survey.question(row.question).label, labels[row.wave_from], labels[row.wave_to], row)
            for row in survey.comparability
            if {row.wave_from, row.wave_to} <= kept and row.question in set(edition.estimates["question"])
        ],
        approximate=[_approximate_cells(row, labels) for row in _approximate_rows(edition)],
        merged=list(_merged(edition)),
        withheld=list(_withheld(edition, labels)),
    )


def levels(parameters: Parameters) -> Levels:
    """Return the parameters of the survey as text."""
    return Levels(
        confidence=_number(100 * parameters.confidence_level),
        quantile=_quantile(parameters.confidence_level),
        same_confidence=_number(100 * parameters.same_confidence_level),
        same_quantile=_quantile(parameters.same_confidence_level),
        significance=str(parameters.significance_level),
        least_change=_number(parameters.minimum_change_points),
        same_margin=_number(parameters.same_margin_points),
        small_base=parameters.small_base,
        minimum_group=parameters.minimum_group,
    )


def _number(value: float) -> str:
    return str(float_number(value, 0 if float(value) == int(value) else 1))


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


def _question_cells(edition: Edition, question: Question) -> tuple[str, str, str, str]:
    heading = f"{question.number} {question.label}".strip()
    whom = asked_whom(edition.survey, question)
    return heading, answer_form(question), whom, wording.BASE_WORDS[question.base]


def _nets(edition: Edition) -> Iterator[tuple[str, str, str]]:
    for question in questions_on_page(edition):
        for net in question.nets:
            parts = "、".join(f"「{question.option(option).label}」" for option in net.options)
            yield question.label, net.label, parts


def _approximate_rows(edition: Edition) -> list[Row]:
    rows = edition.estimates
    is_range = rows["count_low"] < rows["count_high"]
    return rows[is_range & (rows["wave"] <= edition.wave.key)].to_dict("records")


def _approximate_cells(row: Row, labels: dict[str, str]) -> tuple[str, ...]:
    return (
        labels[row["wave"]],
        row["question_label"],
        row["option_label"],
        wording.percent_words(row),
        wording.base_cell(row),
        wording.count_cell(row),
        wording.percent_range(row),
    )


def _merged(edition: Edition) -> Iterator[tuple[str, str, str]]:
    rows = edition.estimates
    joined = rows[(rows["banner"] != TOTAL_BANNER) & rows["group"].str.contains("+", regex=False)]
    columns = ["question_label", "banner_label", "group_label"]
    yield from joined[columns].drop_duplicates().itertuples(index=False, name=None)


def _withheld(edition: Edition, labels: dict[str, str]) -> Iterator[tuple[str, str]]:
    rows = edition.estimates
    hidden = rows[(rows["status"] == "withheld") & (rows["wave"] <= edition.wave.key)]
    for wave, label in (
        hidden[["wave", "question_label"]].drop_duplicates().itertuples(index=False, name=None)
    ):
        yield labels[wave], label


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: wording.plain_width(value) if type(value) is str else value,
    )
