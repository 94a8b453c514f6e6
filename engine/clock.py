"""Now, civil dates and legal time. Nothing else in the house asks the machine what time it is.

Dates are Asia/Shanghai civil dates (processes.md §0.2); China has kept UTC+8 without summer time since 1992, so a fixed offset
needs no time-zone database on the machine. Day 0 is the triggering day and is not counted (民法典 201); a duty is due at 24:00
of its last day (G13).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import Protocol

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
_ONE_DAY = timedelta(days=1)


class Clock(Protocol):
    """Where commands learn the time; tests hand in a fixed one."""

    def now(self) -> datetime:
        """The present instant, timezone-aware."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant in UTC."""
        return datetime.now(UTC)


@dataclass
class FixedClock:
    """A clock that stands still until it is moved (tests, rehearsals, what-if runs)."""

    at: datetime

    def now(self) -> datetime:
        """The instant it was set to."""
        return self.at

    def set_day(self, day: date, hour: int = 9) -> None:
        """Move to `hour` o'clock on the civil date `day`."""
        self.at = datetime.combine(day, time(hour), SHANGHAI)


def civil_date(instant: datetime) -> date:
    """The Asia/Shanghai date on which `instant` falls."""
    return instant.astimezone(SHANGHAI).date()


def end_of_day(day: date) -> datetime:
    """24:00 of `day`, the instant at which a duty due on that day is broken."""
    return datetime.combine(day + _ONE_DAY, time(0), SHANGHAI)


def full_years(born: date, on: date) -> int:
    """Age in full years on a date; the birthday itself counts as reached (G3). 29 February is reached on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


class Unit(StrEnum):
    """How a period counts its days (processes.md §0.3)."""

    CAL = "CAL"  #: calendar days
    WORK = "WORK"  #: working days by the State Council's notice, 调休 swap days included
    HOUR = "HOUR"  #: clock hours


@dataclass(frozen=True)
class Calendar:
    """Which days are worked: weekends off, unless the yearly notice says otherwise.

    `exceptions` maps a date to True (a 调休 working day) or False (a holiday). `years` are the years whose notice is loaded; a
    date of another year follows the weekend rule alone and is provisional (暂定).
    """

    exceptions: Mapping[date, bool] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def is_working(self, day: date) -> bool:
        """Whether `day` is worked."""
        return self.exceptions.get(day, day.weekday() < 5)

    def is_provisional(self, day: date) -> bool:
        """True when the notice of that year is not known yet."""
        return day.year not in self.years

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start`, up to and including `end`; 0 when `end` is not later."""
        count, day = 0, start
        while day < end:
            day += _ONE_DAY
            count += self.is_working(day)
        return count

    def last_day(self, start: date, amount: int, unit: Unit) -> date:
        """The last day of a period of `amount` days that was triggered on `start` (day 0).

        WORK with amount 0 is the triggering day itself. HOUR periods have no last day: ValueError.
        """
        if unit is Unit.HOUR:
            raise ValueError(unit)
        if unit is Unit.CAL:
            return start + timedelta(days=amount)
        day = start
        for _ in range(amount):
            day += _ONE_DAY
            while not self.is_working(day):
                day += _ONE_DAY
        return day

    def spent(self, start: date, end: date, unit: Unit) -> int:
        """Days of a CAL or WORK period used up from `start` (not counted) to `end`."""
        return self.working_days_between(start, end) if unit is Unit.WORK else max(0, (end - start).days)


@dataclass(frozen=True)
class Period:
    """A time limit as policy data: how long, counted how, from which rule, and whom it concerns when broken.

    `rolls` marks a citizen's period: one that would end on a day off ends on the next working day; a duty of ours does not (G13).
    """

    key: str
    amount: int
    unit: Unit
    clause: str
    escalates_to: tuple[str, ...] = ()
    pauses: bool = False
    rolls: bool = False

    def due(self, calendar: Calendar, triggered: datetime, spent: int = 0) -> datetime:
        """The instant at which the period is broken, `spent` units of it having been used before a pause."""
        left = max(0, self.amount - spent)
        if self.unit is Unit.HOUR:
            return triggered + timedelta(hours=left)
        last = calendar.last_day(civil_date(triggered), left, self.unit)
        while self.rolls and not calendar.is_working(last):
            last += _ONE_DAY
        return end_of_day(last)


def due_day(due_at: datetime) -> date:
    """The civil date printed as “due on”: 24:00 of the 23rd is the 23rd, not the 24th."""
    return civil_date(due_at - timedelta(microseconds=1))
