"""The working calendar: official holidays, 调休 working days, and years not known yet."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.clock import Unit
from workflows import calendar_days
from workflows.calendar_days import Day


@pytest.fixture
def seeded(connection):
    calendar_days.seed(connection)
    return calendar_days.calendar_of(connection)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 6, 18), True),
        (date(2026, 6, 19), False),  # 端午节, a Friday
        (date(2026, 6, 20), False),
        (date(2026, 5, 9), True),  # 调休, a Saturday
        (date(2026, 10, 1), False),
        (date(2026, 10, 10), True),  # 调休, a Saturday
        (date(2026, 10, 11), False),
    ],
)
def test_the_official_calendar_knows_holidays_and_swapped_days(seeded, day, working):
    assert seeded.is_working(day) is working


def test_five_working_days_from_15_june_2026_end_on_the_23rd(seeded):
    assert seeded.last_day(date(2026, 6, 15), 5, Unit.WORK) == date(2026, 6, 23)


def test_a_year_without_its_notice_is_provisional(seeded):
    assert not seeded.is_provisional(date(2026, 12, 31))
    assert seeded.is_provisional(date(max(seeded.years) + 1, 1, 4))


def test_days_carry_the_chinese_name_of_their_reason():
    named = {day.day: day.note for day in calendar_days.official_days()}
    assert named[date(2026, 6, 19)] == "端午节"
    assert named[date(2026, 10, 10)] == "调休上班（国庆节）"


def test_official_days_are_in_order_and_named_once():
    days = [day.day for day in calendar_days.official_days()]
    assert days == sorted(set(days))


def test_seeding_twice_keeps_what_was_changed_since(connection):
    calendar_days.seed(connection)
    calendar_days.replace_days(connection, [Day(date(2027, 10, 1), working=False, note="国庆节")])
    calendar_days.seed(connection)
    calendar = calendar_days.calendar_of(connection)
    assert not calendar.is_provisional(date(2027, 3, 1))
    assert not calendar.is_provisional(date(2026, 3, 1))


def test_replacing_a_year_leaves_no_day_of_its_old_notice(connection, seeded):
    assert calendar_days.replace_days(connection, [Day(date(2026, 10, 1), working=False, note="国庆节")]) == 1
    calendar = calendar_days.calendar_of(connection)
    assert calendar.is_working(date(2026, 6, 19))
    assert not calendar.is_working(date(2025, 10, 1))


def test_replacing_nothing_changes_no_day(connection, seeded):
    assert calendar_days.replace_days(connection, []) == 0
    assert calendar_days.calendar_of(connection) == seeded


def test_the_calendar_is_read_once_until_it_changes(connection, seeded):
    assert calendar_days.calendar_of(connection) is seeded
    calendar_days.replace_days(connection, [Day(date(2027, 10, 1), working=False, note="国庆节")])
    assert calendar_days.calendar_of(connection) is not seeded


def test_a_change_that_was_rolled_back_is_not_remembered(runtime):
    with runtime.database.writing() as connection:
        calendar_days.seed(connection)
        assert calendar_days.calendar_of(connection).exceptions
    with runtime.reading() as connection:
        assert not calendar_days.calendar_of(connection).exceptions


def test_an_empty_calendar_follows_the_weekend_alone(connection):
    calendar = calendar_days.calendar_of(connection)
    monday = date(2026, 6, 15)
    assert [calendar.is_working(monday + timedelta(n)) for n in range(7)] == [True] * 5 + [False] * 2
