"""The second denominator of free answers: everyone who was asked, whether they wrote or not."""

from __future__ import annotations

from pipeline.model import RESPONSE, RETURNS_OPTION, Question
from pipeline.report import wording
from pipeline.report.edition import Edition, Row


def filter_rows(edition: Edition, question: Question, wave: str = "") -> tuple[Row, ...]:
    """Return the estimates rows whose counts are the people asked, of a question whose base is another.

    They are the answers of the filter question, or the returns where everyone was asked; () where
    one of them is not known, and for a question whose base is everyone asked: it needs no second one.
    """
    if question.base == "asked":
        return ()
    places = [(RESPONSE, RETURNS_OPTION)]
    if question.route is not None:
        places = [(question.route.question, option) for option in question.route.options]
    rows = [edition.estimate(*place, wave) for place in places]
    return tuple(rows) if all(map(wording.is_exact, rows)) else ()


def of_asked(edition: Edition, question: Question, row: Row | None) -> Row | None:
    """Return an estimates row of a free answer as a share of everyone asked in its wave.

    The count stays, the base is the people of ``filter_rows``; a row that shows no number stays as
    it is, and None is a row or a base that is not known. The interval is that of the row, so none.
    """
    if not wording.is_exact(row):
        return row
    people = sum(int(asked["count"]) for asked in filter_rows(edition, question, str(row["wave"])))
    return _share(row, int(row["count"]), people) if people else None


def content_row(edition: Edition, question: Question, row: Row | None) -> Row | None:
    """Return the people with content, the base of ``row``, as a share of everyone asked; None where not known."""
    if not wording.is_shown(row):
        return None
    return of_asked(edition, question, _share(row, int(row["base"]), int(row["base"])))


def _share(row: Row, count: int, people: int) -> Row:
    counts = dict.fromkeys(("count", "count_low", "count_high"), count)
    interval = dict.fromkeys(("low", "high"), float("nan"))
    return {
        **row,
        **counts,
        **interval,
        "base": people,
        "base_kind": "asked",
        "percent": 100 * count / people,
    }
