"""How a period is counted and explained: day 0, duties and rights, pauses, extensions, warnings, hours (processes.md §0.3, G13)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import SHANGHAI, Calendar, Level, Period, Unit, WarnPoint, civil_date, start_of_day
from engine.reckoning import Skipped, Use, Why, due_after, reckon
from tests.engine.calfix import CALFIX
from workflows.loan_policy import LOAN_PERIODS
from workflows.sla_table import SLA_PERIODS


def at(day: str, hour: int = 9, minute: int = 0) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), SHANGHAI).replace(hour=hour, minute=minute)


def found(period: Period, started: str, calendar: Calendar = CALFIX):
    return reckon(period, calendar, Use(going=at(started)))


def warned(explanation) -> list[tuple[str, str]]:
    return [(warn.level, civil_date(warn.at).isoformat()) for warn in explanation.warns]


def test_l34_the_village_has_five_working_days_and_the_holiday_is_named() -> None:
    told = found(LOAN_PERIODS["loan.village.review"], "2026-06-15")
    assert (told.day_zero, told.last_day) == (date(2026, 6, 15), date(2026, 6, 23))
    assert told.due_at == at("2026-06-24", 0)
    assert [day.isoformat() for day in told.counted] == [
        "2026-06-16", "2026-06-17", "2026-06-18", "2026-06-22", "2026-06-23"]  # fmt: skip
    assert told.skipped == (
        Skipped(date(2026, 6, 19), Why.HOLIDAY, "端午节"),
        Skipped(date(2026, 6, 20), Why.WEEKEND),
        Skipped(date(2026, 6, 21), Why.WEEKEND),
    )
    assert (told.provisional, told.day_off, told.pauses) == (False, None, ())
    assert warned(told) == [("warn", "2026-06-22")]


def test_p01_a_notice_of_acceptance_is_due_on_day_fifteen_and_warned_on_day_twelve() -> None:
    told = found(SLA_PERIODS["pet.notice"], "2026-03-01")
    assert told.last_day == date(2026, 3, 16)
    assert warned(told) == [("warn", "2026-03-13")]
    assert told.period.clause == "《信访工作条例》第二十三条"
    assert found(SLA_PERIODS["pet.register"], "2026-03-01").last_day == date(2026, 3, 1)


def test_p02_a_duty_that_ends_in_a_holiday_keeps_its_day_and_its_warning_moves_before_the_holiday() -> None:
    told = found(SLA_PERIODS["pet.conclude"], "2026-03-05")
    assert told.last_day == date(2026, 5, 4)
    assert told.due_at == at("2026-05-05", 0)
    assert told.day_off == Skipped(date(2026, 5, 4), Why.HOLIDAY, "劳动节")
    assert warned(told) == [("warn", "2026-04-19"), ("red", "2026-04-29"), ("red", "2026-04-30")]
    assert told.period.told("warn") == ("RIGHTS_HEAD",)
    assert told.period.told("broken") == ("COUNTY_CHAIR",)
    assert len(told.counted) == 60
    assert not told.provisional


def test_an_extension_by_thirty_days_moves_the_end_and_the_warnings_with_it() -> None:
    told = reckon(SLA_PERIODS["pet.conclude"], CALFIX, Use(going=at("2026-03-05"), extended=30))
    assert (told.total, told.last_day) == (90, date(2026, 6, 3))
    assert warned(told) == [("warn", "2026-05-19"), ("red", "2026-05-29")]


def test_a_citizens_period_rolls_forward_and_says_why() -> None:
    told = found(LOAN_PERIODS["loan.correction"], "2026-09-17")
    assert told.last_day == date(2026, 10, 8)
    assert [(s.why, s.name) for s in told.skipped] == [(Why.ROLLED, "国庆节")] * 6
    assert told.skipped[0].day == date(2026, 10, 2)
    duty = Period("pet.objection", 15, Unit.CAL, "x")
    assert found(duty, "2026-09-17").last_day == date(2026, 10, 2)


def test_a_swapped_saturday_is_counted_and_named() -> None:
    told = found(LOAN_PERIODS["loan.village.review"], "2026-04-29")
    assert told.last_day == date(2026, 5, 9)
    assert told.swapped == (Skipped(date(2026, 5, 9), Why.HOLIDAY, "劳动节补班"),)


def test_a_period_that_runs_into_a_year_without_a_notice_is_provisional_and_counts_by_weekends() -> None:
    told = found(LOAN_PERIODS["loan.village.review"], "2026-12-29")
    assert (told.last_day, told.provisional) == (date(2027, 1, 5), True)
    assert not found(LOAN_PERIODS["loan.village.review"], "2026-12-24").provisional
    # a duty in calendar days does not depend on any notice
    assert not found(SLA_PERIODS["pet.conclude"], "2026-12-29").provisional
    # a citizen's does only when its last day is one that nobody knows yet
    assert found(LOAN_PERIODS["loan.correction"], "2026-12-29").provisional
    assert found(LOAN_PERIODS["loan.correction"], "2026-12-15", Calendar()).provisional


def test_the_pause_is_told_and_gives_back_exactly_its_days() -> None:
    rule = LOAN_PERIODS["loan.village.review"]
    use = Use(going=at("2026-06-15")).paused(at("2026-06-17")).resumed(at("2026-06-22"))
    told = reckon(rule, CALFIX, use)
    assert (told.used, told.last_day) == (2, date(2026, 6, 25))
    assert told.pauses == ((at("2026-06-17"), at("2026-06-22")),)
    still = reckon(rule, CALFIX, use.paused(at("2026-06-23")))
    assert (still.due_at, still.last_day, still.used, still.warns) == (None, None, 3, ())
    assert still.pauses[-1] == (at("2026-06-23"), None)


def test_what_was_used_up_before_a_pause_is_not_given_again() -> None:
    rule = Period("loan.village.review", 5, Unit.WORK, "D", pauses=True)
    for carried, last in ((2, date(2026, 7, 2)), (9, date(2026, 6, 29))):
        assert reckon(rule, CALFIX, Use(going=at("2026-06-29"), carried=carried)).last_day == last


@pytest.mark.parametrize("amount", [2, 24, 72])
def test_hours_run_through_nights_and_holidays(amount: int) -> None:
    rule = Period("dv.risk.full", amount, Unit.HOUR, "D")
    told = reckon(rule, CALFIX, Use(going=at("2026-04-30", 23, 30)))
    assert told.due_at == at("2026-04-30", 23, 30) + timedelta(hours=amount)
    assert (told.counted, told.skipped, told.provisional) == ((), (), False)


def test_hours_pause_to_the_second_and_warn_before_and_after() -> None:
    rule = Period("x", 3, Unit.HOUR, "D", pauses=True, warns=(WarnPoint(Level.WARN, 1), WarnPoint(Level.RED, 1, False)))
    begun = Use(going=at("2026-06-15", 9))
    assert [w.at for w in reckon(rule, CALFIX, begun).warns] == [at("2026-06-15", 10), at("2026-06-15", 11)]
    use = begun.paused(at("2026-06-15", 9, 59)).resumed(at("2026-06-16", 9))
    assert reckon(rule, CALFIX, use).due_at == at("2026-06-16", 11, 1)


def test_a_clock_set_back_an_hour_over_midnight_shortens_nothing() -> None:
    rule = Period("x", 5, Unit.WORK, "D", pauses=True)
    use = Use(going=at("2026-06-15")).paused(at("2026-06-17", 0, 30))
    before = Use(going=at("2026-06-15"))
    assert reckon(rule, CALFIX, use.resumed(at("2026-06-16", 23, 30))).due_at == reckon(rule, CALFIX, before).due_at
    hours = Period("x", 5, Unit.HOUR, "D")
    back = before.paused(at("2026-06-15", 8)).resumed(at("2026-06-15", 8))
    assert reckon(hours, CALFIX, back).due_at == at("2026-06-15", 14)


def test_pausing_what_stands_and_resuming_what_runs_changes_nothing() -> None:
    use = Use(going=at("2026-06-15"))
    assert use.resumed(at("2026-07-01")) is use
    still = use.paused(at("2026-06-16"))
    assert still.paused(at("2026-06-20")) is still


def test_the_civil_day_is_that_of_shanghai() -> None:
    late = datetime(2026, 6, 14, 16, 30, tzinfo=UTC)  # 0:30 of the 15th
    assert reckon(LOAN_PERIODS["loan.village.review"], CALFIX, Use(going=late)).day_zero == date(2026, 6, 15)


def test_two_warnings_at_one_moment_are_one_and_the_stronger() -> None:
    rule = Period("x", 3, Unit.CAL, "D", warns=(WarnPoint(Level.WARN, 0), WarnPoint(Level.RED, 3, False)))
    assert warned(found(rule, "2026-06-15")) == [("red", "2026-06-18")]


def test_a_warning_never_comes_before_its_period_began_nor_at_its_end() -> None:
    rule = Period("x", 1, Unit.WORK, "D", warns=(WarnPoint(Level.WARN, 1), WarnPoint(Level.WARN, 0)))
    assert warned(found(rule, "2026-06-15")) == [("warn", "2026-06-16")]
    assert warned(found(Period("x", 0, Unit.WORK, "D", warns=rule.warns), "2026-06-15")) == []


def test_what_never_began_is_not_reckoned() -> None:
    with pytest.raises(ValueError, match="x"):
        reckon(Period("x", 1, Unit.CAL, "D"), CALFIX, Use())


days = st.dates(date(2024, 1, 1), date(2028, 12, 31))
moments = st.integers(0, 1826 * 24 * 60).map(lambda n: datetime(2024, 1, 1, tzinfo=SHANGHAI) + timedelta(minutes=n))
units = st.sampled_from([Unit.CAL, Unit.WORK, Unit.HOUR, Unit.MONTH])
calendars = st.dictionaries(days, st.booleans(), max_size=60).map(lambda d: Calendar(d, frozenset({2026})))


@given(moments, st.integers(0, 90), units, st.booleans(), calendars)
def test_a_due_date_never_lies_before_the_start_and_grows_with_the_amount(start, amount, unit, rolls, calendar) -> None:
    def due(n: int) -> datetime:
        return due_after(Period("x", n, unit, "D", rolls=rolls), calendar, start)

    assert due(amount) >= start
    assert civil_date(due(amount)) >= civil_date(start)
    assert due(amount + 1) >= due(amount)
    if unit in (Unit.CAL, Unit.WORK) and not rolls:
        assert due(amount + 1) > due(amount)


@given(moments, st.integers(0, 40), st.sampled_from([Unit.CAL, Unit.WORK, Unit.HOUR]), calendars,
       st.lists(st.integers(0, 60 * 24 * 6), min_size=2, max_size=8))  # fmt: skip
def test_pausing_and_going_on_neither_loses_nor_gains(start, amount, unit, calendar, gaps) -> None:
    """As many units lie in the stretches in which it ran as the rule gives; more only when it had run out while it ran."""
    rule = Period("x", amount, unit, "D", pauses=True)
    use, now = Use(going=start), start
    for number, minutes in enumerate(gaps):
        now += timedelta(minutes=minutes)
        use = use.paused(now) if number % 2 == 0 else use.resumed(now)
    use = use.resumed(now)
    told = reckon(rule, calendar, use)
    if unit is Unit.HOUR:
        ran = sum(((end - begun) for begun, end in use.runs), timedelta(0)) + (told.due_at - use.going)
        assert ran >= timedelta(hours=amount)
        assert told.used == amount * 3600 or abs(ran - timedelta(hours=amount)) < timedelta(seconds=1)
        return
    ends = [(civil_date(b), civil_date(e)) for b, e in use.runs] + [(civil_date(use.going), told.last_day)]
    ran_days = sum(calendar.spent(begun, end, unit) for begun, end in ends)
    assert ran_days == len(told.counted)
    assert ran_days == amount or (told.used == amount and ran_days > amount)
    # standing still not at all changes nothing
    assert reckon(rule, calendar, use.paused(now).resumed(now)).due_at == told.due_at


@given(moments, st.integers(0, 60), units, st.booleans(), calendars)
def test_every_day_between_the_start_and_the_end_is_counted_or_told_why_not(
    start, amount, unit, rolls, calendar
) -> None:
    told = reckon(Period("x", amount, unit, "D", rolls=rolls), calendar, Use(going=start))
    if unit is Unit.HOUR:
        return
    every = [told.day_zero + timedelta(days=n) for n in range(1, (told.last_day - told.day_zero).days + 1)]
    known = {*told.counted, *(s.day for s in told.skipped), told.last_day}
    assert set(every) <= known
    assert all(a < b for a, b in pairwise(told.counted))
    if rolls:
        assert calendar.is_working(told.last_day)


@given(st.sampled_from([*SLA_PERIODS.values(), *LOAN_PERIODS.values()]), moments, calendars)
def test_every_rule_of_the_table_can_be_reckoned_on_any_day_and_warns_in_time(period, start, calendar) -> None:
    told = reckon(period, calendar, Use(going=start))
    assert told.due_at is not None
    assert all(start < warn.at < told.due_at for warn in told.warns)
    for warn, point in ((w, p) for w in told.warns for p in period.warns if p.name == w.point):
        if point.before_end and period.unit is not Unit.HOUR:
            assert calendar.is_working(civil_date(warn.at))
            assert warn.at == start_of_day(civil_date(warn.at))
    if told.day_off is not None and not period.rolls:
        last = calendar.previous_working(told.last_day)
        assert start_of_day(last) <= start or start_of_day(last) in [w.at for w in told.warns]
