"""The subsidy of a loan by our register: balance and days within the term; and how the bank's claim compares (B5)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.after_policy import AFTER_A, AFTER_PARAMETERS
from workflows.parameters import Parameters
from workflows.processes.loan_after.subsidy import Claim, Terms, claimable, compare, quarter

POLICY = Parameters(AFTER_PARAMETERS, AFTER_A)


def day(text):
    return date.fromisoformat(text)


def loan(disbursed="2026-01-15", due="2026-06-30", cents=5_000_000, rate="4.3500", share="100.00"):
    return Terms(day(disbursed), day(due), cents, Decimal(rate), Decimal(share))


def claim(terms, first, last, payments=(), **policy):
    rules = Parameters(AFTER_PARAMETERS, {**AFTER_A, **policy})
    return claimable(terms, [(day(on), cents) for on, cents in payments], day(first), day(last), rules)


@pytest.mark.parametrize(
    ("first", "last", "days", "cents"),
    [
        ("2026-01-01", "2026-03-31", 76, 45917),
        ("2026-04-01", "2026-06-30", 90, 54375),
        ("2026-07-01", "2026-09-30", 0, 0),
        ("2025-10-01", "2025-12-31", 0, 0),
        ("2026-06-30", "2026-06-30", 0, 0),
        ("2026-06-29", "2026-06-29", 1, 604),
        ("2026-01-15", "2026-01-15", 1, 604),
    ],
)
def test_interest_runs_from_the_disbursement_to_the_day_before_the_due_date(first, last, days, cents):
    found = claim(loan(), first, last)
    assert (found.days, found.cents) == (days, cents)


def test_a_payment_lowers_the_balance_from_its_own_day_on():
    found = claim(loan(), "2026-04-01", "2026-06-30", [("2026-05-01", 2_000_000)])
    assert [(each.days, each.cents) for each in found.stretches] == [(30, 5_000_000), (60, 3_000_000)]
    assert found.cents == 39875


def test_what_was_repaid_before_the_quarter_earns_nothing_in_it():
    assert claim(loan(), "2026-04-01", "2026-06-30", [("2026-03-31", 5_000_000)]).cents == 0


def test_overdue_days_and_the_days_of_an_extension_earn_nothing():
    """Paid on day 61: the subsidy stopped on the first due date, whatever was extended or paid late."""
    assert claim(loan(), "2026-06-30", "2026-08-30", [("2026-08-30", 5_000_000)]).days == 0


def test_amount_rate_and_years_are_capped_by_policy():
    large = loan("2026-01-01", "2029-01-01", 10_000_000, "12.0000")
    capped = claim(large, "2026-04-01", "2026-06-30")
    assert [each.cents for each in capped.stretches] == [8_000_000]
    assert capped.cents == 202222  # 80 000.00 yuan, 91 days, 10 per cent a year of 360 days
    assert claim(large, "2028-01-01", "2028-03-31").days == 0
    assert claim(large, "2027-12-31", "2028-03-31").days == 1


def test_the_treasury_bears_its_share_of_the_interest():
    assert claim(loan(share="50.00"), "2026-04-01", "2026-06-30").cents == 27188


def test_a_leap_day_is_a_day():
    assert claim(loan("2028-01-01", "2028-12-31"), "2028-02-01", "2028-02-29").days == 29


@given(
    st.dates(day("2026-01-01"), day("2026-12-31")),
    st.integers(1, 900),
    st.lists(st.tuples(st.integers(0, 900), st.integers(1, 2_000_000)), max_size=5),
    st.integers(1, 899),
)
def test_two_parts_of_a_period_together_are_the_period_to_the_cent_of_rounding(begin, length, payments, cut):
    """No day is counted twice or lost where one quarter ends and the next begins."""
    terms = Terms(begin, date.fromordinal(begin.toordinal() + length), 5_000_000, Decimal("4.3500"))
    paid = [(date.fromordinal(begin.toordinal() + after), cents) for after, cents in payments]
    at = lambda n: date.fromordinal(begin.toordinal() + n)  # noqa: E731
    whole = claimable(terms, paid, begin, at(900), POLICY)
    parts = claimable(terms, paid, begin, at(cut - 1), POLICY), claimable(terms, paid, at(cut), at(900), POLICY)
    assert whole.balance_days == sum(part.balance_days for part in parts)
    assert abs(whole.cents - sum(part.cents for part in parts)) <= 1
    exact = Fraction(whole.balance_days) * Fraction(435, 10000) / 360
    assert abs(exact - whole.cents) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("name", "first", "last"), [("2026Q1", "2026-01-01", "2026-03-31"), ("2028Q4", "2028-10-01", "2028-12-31")]
)
def test_a_quarter_is_three_whole_months(name, first, last):
    assert quarter(name) == (day(first), day(last))


@pytest.mark.parametrize("name", ["2026", "2026Q5", "26Q1", "Q1", "2026q1", ""])
def test_what_is_no_quarter_is_refused(name):
    with pytest.raises(ValueError, match=name or "^$"):
        quarter(name)


def test_the_banks_list_is_held_against_the_register_line_by_line():
    ours = {"V1-2026-L-1": 45917, "V1-2026-L-2": 0, "V2-2026-L-1": 300, "V2-2026-L-2": 500}
    claims = [
        Claim(1, "V1-2026-L-1", 45917),
        Claim(2, "V1-2026-L-1", 45917),
        Claim(3, "V1-2026-L-2", 100),
        Claim(4, "V2-2026-L-1", 299),
        Claim(5, "V9-2026-L-1", 5),
    ]
    found = [(d.line, d.number, d.why, d.claimed_cents, d.register_cents) for d in compare(claims, ours)]
    assert found == [
        (2, "V1-2026-L-1", "TWICE", 45917, 45917),
        (3, "V1-2026-L-2", "TOO_MUCH", 100, 0),
        (4, "V2-2026-L-1", "TOO_LITTLE", 299, 300),
        (5, "V9-2026-L-1", "UNKNOWN", 5, 0),
        (0, "V2-2026-L-2", "MISSING", 0, 500),
    ]
