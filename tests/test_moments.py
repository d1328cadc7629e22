"""Dates and times as they are written in received files."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ingest.moments import JAPAN, read_moment

MORNING = "2026-01-15 09:03:11"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("令和8年1月15日", "2026-01-15"),
        ("令和８年１月１５日（木）午前９時３分１１秒", MORNING),
        ("R8.1.15", "2026-01-15"),
        ("r08/01/15", "2026-01-15"),
        ("令8/1/15", "2026-01-15"),
        ("㋿8年1月15日", "2026-01-15"),
        ("令和元年5月1日", "2019-05-01"),
        ("平成31年4月30日", "2019-04-30"),
        ("昭和64年1月7日", "1989-01-07"),
        ("20260115", "2026-01-15"),
        ("46037", "2026-01-15"),
        ("46037.377210648", MORNING),
        ("2026/01/15 9:03:11", MORNING),
        ("2026/01/15 9:03:11 午前 GMT+9", MORNING),
        ("2026/01/15 12:03:11 午前 GMT+9", "2026-01-15 00:03:11"),
        ("2026/01/15 12:03:11 午後 GMT+9", "2026-01-15 12:03:11"),
        ("2026/01/14 7:03:11 PM GMT-5", MORNING),
        ("01/15/2026 09:03:11", MORNING),
        ("2026-01-15T00:03:11.5Z", MORNING),
        ("2026-01-15T09:03:11+09:00", MORNING),
        ("2026-01-15 9:03:11 JST", MORNING),
    ],
)
def test_forms_that_are_certain(text, moment):
    assert read_moment(text) == datetime.fromisoformat(moment).replace(tzinfo=JAPAN)


@pytest.mark.parametrize(
    "text",
    # 令和 began on the first of May, 昭和 ended on the seventh of January; a fiscal year is no date.
    ["", "令和7年度", "R8.1", "令和元年4月30日", "H31.5.1", "昭和64年1月8日", "2026/13/1", "15/01/2026", "9:03", "5",
     "2026/1/15 25:00", "2026/1/15 13:00 午後", "令和99999年1月1日", "2026年1月15日ごろ", "2026-01-15 9:03 GMT+99"],
)  # fmt: skip
def test_what_is_not_certain_is_not_read(text):
    assert read_moment(text) is None


@given(st.text(max_size=30))
def test_no_text_is_too_odd(text):
    read_moment(text)


@given(st.datetimes().filter(lambda moment: 1901 <= moment.year < 2100))
def test_every_moment_survives_the_form_of_a_service(moment):
    moment = moment.replace(microsecond=0)
    half = "午前" if moment.hour < 12 else "午後"
    text = f"{moment:%Y/%m/%d} {moment.hour % 12 or 12}:{moment:%M:%S} {half} GMT+9"
    assert read_moment(text) == moment.replace(tzinfo=JAPAN)
