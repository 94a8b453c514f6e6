"""When what is due after a loan: bands by calendar days after the due date, visits, the end of the guarantee (D9, 民法典 692)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.clock import civil_date
from workflows.after_policy import AFTER_A, AFTER_PARAMETERS, after_contradictions
from workflows.parameters import Parameters
from workflows.processes.loan_after import schedule
from workflows.processes.loan_after.decisions import overdue_band
from workflows.processes.loan_after.policy import _DEFAULTS

POLICY = Parameters(AFTER_PARAMETERS, AFTER_A)
DUE = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("on", "days", "band"),
    [
        ("2026-05-01", 0, "CURRENT"),
        ("2026-06-30", 0, "CURRENT"),
        ("2026-07-01", 1, "REMINDER"),
        ("2026-07-14", 14, "REMINDER"),
        ("2026-07-15", 15, "ATTENTION"),
        ("2026-08-28", 59, "ATTENTION"),
        ("2026-08-29", 60, "RISK"),
        ("2026-09-27", 89, "RISK"),
        ("2026-09-28", 90, "DEFAULT"),
        ("2028-02-29", 609, "DEFAULT"),
    ],
)
def test_the_band_of_a_loan_due_on_30_june_2026_and_not_repaid(on, days, band):
    day = date.fromisoformat(on)
    decision = overdue_band(_DEFAULTS, DUE, day)
    assert schedule.overdue_days(DUE, day) == days
    assert decision.outputs == {"band": band}
    assert [hit.clause for hit in decision.hits] == ["D9"]
    reached = schedule.begun_bands(DUE, day, POLICY)
    assert (reached[-1][0] if reached else "CURRENT") == band


def test_every_day_of_a_year_after_the_due_date_is_in_exactly_one_band():
    seen = [overdue_band(_DEFAULTS, DUE, DUE + timedelta(days=n)).outputs["band"] for n in range(-30, 366)]
    assert [seen.count(band) for band in ("CURRENT", "REMINDER", "ATTENTION", "RISK", "DEFAULT")] == [
        31,
        14,
        45,
        30,
        276,
    ]
    assert seen == sorted(seen, key=["CURRENT", "REMINDER", "ATTENTION", "RISK", "DEFAULT"].index)


@pytest.mark.parametrize(
    ("due", "first_days"),
    [
        ("2028-02-29", ["2028-03-01", "2028-03-15", "2028-04-29", "2028-05-29"]),
        ("2027-12-31", ["2028-01-01", "2028-01-15", "2028-02-29", "2028-03-30"]),
        ("2026-12-31", ["2027-01-01", "2027-01-15", "2027-03-01", "2027-03-31"]),
    ],
)
def test_bands_count_calendar_days_through_year_ends_and_leap_days(due, first_days):
    late = date.fromisoformat(due) + timedelta(days=400)
    assert [day.isoformat() for _, day in schedule.begun_bands(date.fromisoformat(due), late, POLICY)] == first_days


@pytest.mark.parametrize(
    ("disbursed", "last", "visit"),
    [
        ("2026-06-30", None, "2026-09-28"),
        ("2026-06-30", "2026-09-28", "2027-03-28"),
        ("2026-06-30", "2026-11-15", "2027-03-28"),
        ("2026-06-30", "2027-03-27", "2027-03-28"),
        ("2026-06-30", "2027-03-28", "2027-09-28"),
        ("2026-06-30", "2027-10-01", "2028-03-28"),
        ("2026-06-30", "2026-07-10", "2026-09-28"),
        ("2027-06-02", "2027-09-01", "2028-02-29"),
        ("2026-06-02", "2026-09-01", "2027-02-28"),
    ],
)
def test_visits_are_due_on_day_90_and_every_half_year_after_that(disbursed, last, visit):
    seen = date.fromisoformat(last) if last else None
    assert schedule.next_visit(date.fromisoformat(disbursed), seen, POLICY).isoformat() == visit


@pytest.mark.parametrize(
    ("due", "end"),
    [
        ("2026-06-30", "2026-12-30"),
        ("2026-08-31", "2027-02-28"),
        ("2027-08-31", "2028-02-29"),
        ("2026-12-31", "2027-06-30"),
    ],
)
def test_the_guarantee_ends_six_months_after_the_due_date(due, end):
    assert schedule.guarantee_end(date.fromisoformat(due), POLICY).isoformat() == end


def test_a_band_begins_at_midnight():
    begins = schedule.midnight(date(2026, 7, 15))
    assert civil_date(begins) == date(2026, 7, 15)
    assert civil_date(begins - timedelta(microseconds=1)) == date(2026, 7, 14)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, set()),
        ({"attentionFrom": 60}, {"attentionFrom"}),
        ({"reminderFrom": 15}, {"reminderFrom"}),
        ({"remindSecond": 30}, {"remindSecond"}),
        ({"riskFrom": 95}, {"riskFrom"}),
    ],
)
def test_a_policy_whose_bands_do_not_follow_each_other_is_refused_by_name(changes, wrong):
    assert after_contradictions(Parameters(AFTER_PARAMETERS, {**AFTER_A, **changes})).keys() == wrong
