from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import numerals


@pytest.mark.parametrize(
    ("count", "base", "text"),
    [(49, 400, "12.3"), (1, 8, "12.5"), (163, 418, "39.0"), (190, 435, "43.7"), (0, 5, "0.0"), (5, 5, "100.0"), (5, 8, "62.5"), (1, 2000, "0.1")],
)
def test_percent_is_rounded_half_up_from_counts(count, base, text):
    assert numerals.percent_text(count, base) == text


@given(st.integers(0, 2000), st.integers(1, 2000), st.integers(0, 3))
def test_half_up_agrees_with_schoolbook_rounding(count, base, decimals):
    value = Fraction(count, base)
    rounded = Fraction(numerals.round_half_up(value, decimals))
    assert abs(rounded - value) <= Fraction(1, 2 * 10**decimals)
    if abs(rounded - value) == Fraction(1, 2 * 10**decimals):
        assert rounded > value
    assert numerals.round_half_up(-value, decimals) == -numerals.round_half_up(value, decimals)


@given(st.integers(1, 700), st.integers(0, 2), st.data())
def test_counts_rounding_to_is_the_inverse_of_printing(base, decimals, data):
    count = data.draw(st.integers(0, base))
    printed = numerals.percent_number(count, base, decimals)
    low, high = numerals.counts_rounding_to(printed, decimals, base)
    assert low <= count <= high
    for outside in (low - 1, high + 1):
        if 0 <= outside <= base:
            assert numerals.percent_number(outside, base, decimals) != printed


def test_no_count_rounds_to_an_impossible_percentage():
    assert numerals.counts_rounding_to("50.1", 1, 3) is None


def test_change_is_rounded_once_from_unrounded_shares():
    # 47.61 and 52.95 print as 47.6 and 53.0, whose difference is not the printed change
    assert numerals.points_number(269, 565, 299, 565) == Decimal("5.3")
    assert numerals.points_number(163, 418, 190, 435) == Decimal("4.7")


@pytest.mark.parametrize(
    ("p", "text"), [(0.16507, "0.1651"), (0.0458, "0.04580"), (0.99996, "1.000"), (1.0, "1.000"), (1.2345e-6, "0.000001235"), (0, "0")]
)
def test_p_has_four_significant_digits(p, text):
    assert numerals.p_text(p) == text


def test_dates_are_spoken_in_eras():
    assert numerals.date_text(date(2026, 1, 15)) == "令和8年1月15日"
    assert numerals.date_text(date(2019, 5, 1), weekday=True) == "令和元年5月1日（水曜日）"
    assert numerals.date_text(date(2019, 4, 30)) == "平成31年4月30日"


def test_signs():
    assert numerals.signed_text(Decimal("4.7")) == "+4.7"
    assert numerals.signed_text(Decimal("-2.6")) == "-2.6"
    assert numerals.signed_text(Decimal("-0.0")) == "0.0"
