"""Civil dates, working days with swap days, and when a period is broken (processes.md §0.3, G3, G13)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import Unit, civil_date, end_of_day, full_years
from tests.engine.calfix import CALFIX


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        ("2008-06-15", "2026-06-15", 18),
        ("2008-06-16", "2026-06-15", 17),
        ("1976-06-14", "2026-06-15", 50),
        ("1975-06-16", "2026-06-15", 50),
        ("1975-06-15", "2026-06-15", 51),
        ("2004-02-29", "2026-02-28", 21),
        ("2004-02-29", "2026-03-01", 22),
    ],
)
def test_age_is_full_years_and_the_birthday_counts_as_reached(born: str, on: str, age: int) -> None:
    assert full_years(date.fromisoformat(born), date.fromisoformat(on)) == age


@pytest.mark.parametrize(
    ("start", "amount", "unit", "last"),
    [
        ("2026-06-15", 5, Unit.WORK, "2026-06-23"),  # L34: 19 June is a holiday
        ("2026-06-15", 0, Unit.WORK, "2026-06-15"),
        ("2026-05-08", 1, Unit.WORK, "2026-05-09"),  # a Saturday that is worked
        ("2026-09-30", 1, Unit.WORK, "2026-10-08"),
        ("2026-10-09", 1, Unit.WORK, "2026-10-10"),
        ("2026-06-15", 15, Unit.CAL, "2026-06-30"),
        ("2026-03-05", 60, Unit.CAL, "2026-05-04"),  # a duty keeps its day although it is a holiday (G13)
        ("2024-02-28", 1, Unit.CAL, "2024-02-29"),
        ("2024-02-29", 12, Unit.MONTH, "2025-02-28"),  # no such day: the last of the month (民法典 202)
        ("2026-01-31", 1, Unit.MONTH, "2026-02-28"),
        ("2028-01-31", 1, Unit.MONTH, "2028-02-29"),
        ("2026-06-15", 12, Unit.MONTH, "2027-06-15"),
        ("2026-08-31", 6, Unit.MONTH, "2027-02-28"),
        ("2026-03-18", 318, Unit.DATE, "2026-03-18"),
        ("2026-03-19", 318, Unit.DATE, "2027-03-18"),
        ("2027-01-01", 229, Unit.DATE, "2027-02-28"),
        ("2027-12-31", 1231, Unit.DATE, "2027-12-31"),
    ],
)
def test_the_triggering_day_is_not_counted(start: str, amount: int, unit: Unit, last: str) -> None:
    assert CALFIX.last_day(date.fromisoformat(start), amount, unit) == date.fromisoformat(last)


def test_a_year_without_a_notice_is_provisional_and_follows_the_weekend_rule() -> None:
    assert CALFIX.is_provisional(date(2027, 1, 1))
    assert not CALFIX.is_provisional(date(2026, 12, 31))
    assert CALFIX.last_day(date(2026, 12, 31), 1, Unit.WORK) == date(2027, 1, 1)


def test_the_civil_date_is_that_of_shanghai_wherever_the_server_stands() -> None:
    assert civil_date(datetime(2026, 6, 15, 16, 0, tzinfo=UTC)) == date(2026, 6, 16)
    assert end_of_day(date(2026, 6, 15)) == datetime(2026, 6, 15, 16, tzinfo=UTC)


@given(st.dates(date(2026, 1, 1), date(2026, 12, 1)), st.integers(0, 30))
def test_counting_back_gives_the_number_of_days_that_were_asked_for(start: date, amount: int) -> None:
    for unit in (Unit.WORK, Unit.CAL):
        assert CALFIX.spent(start, CALFIX.last_day(start, amount, unit), unit) == amount


@given(st.dates(date(2026, 1, 1), date(2026, 12, 1)), st.integers(1, 30))
def test_a_working_period_never_ends_on_a_day_off(start: date, amount: int) -> None:
    assert CALFIX.is_working(CALFIX.last_day(start, amount, Unit.WORK))
