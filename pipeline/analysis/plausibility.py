"""Figures that look too good, or too bad, to be released without somebody having looked into them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.model import RESPONSE, TOTAL_BANNER, Question, SignedStop, Survey
from pipeline.numerals import float_number

#: 15 points must not be over 15 by a float's breath.
_BREATH = 1e-9


@dataclass(frozen=True)
class Stop:
    """One suspicious figure of the whole staff: the newest wave beside the last one that asked.

    kind: ``change`` (points over the limit, or general standard errors over theirs), ``base`` (the base,
    or for ``response`` the population, moved by more than its share) or ``zero`` (an option nobody chose
    any more). before, after: percent for ``change``, people otherwise. errors: standard errors of a change,
    NaN where counts are not exact.
    """

    question: str
    option: str
    wave_from: str
    wave_to: str
    kind: str
    before: float
    after: float
    errors: float = np.nan

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What a row of plausibility.csv signs."""
        return self.question, self.option, self.wave_from, self.wave_to, self.kind

    @property
    def figure(self) -> str:
        """The newest figure as printed: ``82.0%``, or people; "" where only its range is known."""
        if np.isnan(self.after):
            return ""
        return f"{float_number(self.after)}%" if self.kind == "change" else str(int(self.after))

    def signed_by(self, survey: Survey) -> SignedStop | None:
        """Return the row of plausibility.csv for it, whatever figure that is about; None without one."""
        rows = survey.plausible
        return next((r for r in rows if (r.question, r.option, r.wave_from, r.wave_to, r.kind) == self.key), None)


def unsigned_stops(survey: Survey, estimates: pd.DataFrame, changes: pd.DataFrame) -> list[Stop]:
    """Return the stops that nobody has signed for in plausibility.csv as they now stand, in table order."""
    found = ((stop, stop.signed_by(survey)) for stop in stops(survey, estimates, changes))
    return [stop for stop, row in found if row is None or not _is_about(row, stop)]


def _is_about(row: SignedStop, stop: Stop) -> bool:
    """Return whether a signature is about this figure; a spreadsheet writes 82.0% as 82.00% or 82%."""
    if not row.found or not stop.figure:
        return True
    signed, now = (float_number(float(text.removesuffix("%"))) for text in (row.found, stop.figure))
    return signed == now


def stops(survey: Survey, estimates: pd.DataFrame, changes: pd.DataFrame) -> list[Stop]:
    """Return every stop of one edition, signed or not, in table order.

    Only shown figures are looked at. A pair that is broken has no change, but may have a base.
    """
    newest = survey.newest.key
    whole = estimates[(estimates["banner"] == TOTAL_BANNER) & (estimates["status"] == "shown")]
    rows = {key: part.set_index("option") for key, part in whole.groupby(["question", "wave"], sort=False)}
    found = list(_base_stop(survey, RESPONSE, *_last_two(survey, RESPONSE, rows), rows))
    for question in survey.questions:
        before, after = _last_two(survey, question.id, rows)
        if question.is_attribute or after != newest:
            continue
        found += _base_stop(survey, question.id, before, after, rows)
        pair = changes["question"].eq(question.id) & changes["banner"].eq(TOTAL_BANNER)
        pair &= changes["wave_from"].eq(before) & changes["wave_to"].eq(after)
        found += _change_stops(survey, changes[pair & changes["comparability"].ne("broken")], before, after)
        found += _zero_stops(question, before, after, rows)
    return found


def _last_two(survey: Survey, question: str, rows: dict) -> tuple[str, str]:
    """Return the newest wave with figures of the question and the one before it, "" where there is none."""
    known = [wave.key for wave in survey.waves if (question, wave.key) in rows]
    return ("", "", *known)[-2:]


def _base_stop(survey: Survey, question: str, before: str, after: str, rows: dict) -> Iterator[Stop]:
    if not before or after != survey.newest.key:
        return
    old, new = (float(rows[question, wave]["base"].iloc[0]) for wave in (before, after))
    if old > 0 and abs(new - old) > survey.parameters.plausible_base_share * old + _BREATH:
        yield Stop(question, "", before, after, "base", old, new)


def _change_stops(survey: Survey, changes: pd.DataFrame, before: str, after: str) -> Iterator[Stop]:
    """Yield changes over the limits; of an approximate one the largest that fits its printed figures.

    The general standard error of a difference is sqrt(p1(1-p1)/n1 + p2(1-p2)/n2), in points.
    """
    limits = survey.parameters
    for row in changes.to_dict("records"):
        shares = np.array([row["value_from"], row["value_to"]]) / 100
        error = 100 * np.sqrt((shares * (1 - shares) / [row["base_from"] or np.nan, row["base_to"] or np.nan]).sum())
        size = np.nanmax(np.abs([row["change_low"], row["change_high"], 0.0]))
        errors = size / error if error > 0 else np.nan
        if size > limits.plausible_points + _BREATH or errors > limits.plausible_errors:
            values = row["value_from"], row["value_to"]
            yield Stop(row["question"], row["option"], before, after, "change", *values, errors)


def _zero_stops(question: Question, before: str, after: str, rows: dict) -> Iterator[Stop]:
    if not before:
        return
    old, new = rows[question.id, before]["count_low"], rows[question.id, after]["count_high"]
    for option in question.options:
        if old.get(option.id, 0) > 0 and new.get(option.id) == 0:
            yield Stop(question.id, option.id, before, after, "zero", float(old[option.id]), 0.0)
