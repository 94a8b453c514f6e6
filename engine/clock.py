"""Now, civil dates and legal time. Nothing else in the house asks the machine what time it is.

Dates are Asia/Shanghai civil dates (processes.md §0.2); China has kept UTC+8 without summer time since 1992, so a fixed offset
needs no time-zone database on the machine. Day 0 is the triggering day and is not counted (民法典 201); a duty is due at 24:00
of its last day (G13). `engine.reckoning` counts a running period by what is here, and explains itself.
"""

from __future__ import annotations

from calendar import monthrange
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


def start_of_day(day: date) -> datetime:
    """0:00 of `day`, the instant at which a warning of that day is given."""
    return datetime.combine(day, time(0), SHANGHAI)


def end_of_day(day: date) -> datetime:
    """24:00 of `day`, the instant at which a duty due on that day is broken."""
    return datetime.combine(day + _ONE_DAY, time(0), SHANGHAI)


def full_years(born: date, on: date) -> int:
    """Age in full years on a date; the birthday itself counts as reached (G3). 29 February is reached on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


class Unit(StrEnum):
    """How a period counts (processes.md §0.3)."""

    CAL = "CAL"  #: calendar days
    WORK = "WORK"  #: working days by the State Council's notice, 调休 swap days included
    HOUR = "HOUR"  #: clock hours
    MONTH = "MONTH"  #: months by the calendar: the same day of a later month, or its last day (民法典 202)
    DATE = "DATE"  #: a day of every year, as month * 100 + day (318: 18 March); the first one from the trigger on


@dataclass(frozen=True)
class Calendar:
    """Which days are worked: weekends off, unless the yearly notice says otherwise.

    `exceptions` maps a date to True (a 调休 working day) or False (a holiday), `names` to what the notice calls it. `years` are
    the years whose notice is loaded; a date of another year follows the weekend rule alone and is provisional (暂定).
    """

    exceptions: Mapping[date, bool] = field(default_factory=dict)
    years: frozenset[int] = frozenset()
    names: Mapping[date, str] = field(default_factory=dict)

    def is_working(self, day: date) -> bool:
        """Whether `day` is worked."""
        return self.exceptions.get(day, day.weekday() < 5)

    def is_provisional(self, day: date) -> bool:
        """True when the notice of that year is not known yet."""
        return day.year not in self.years

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start`, up to and including `end`; 0 when `end` is not later."""
        return sum(self.is_working(day) for day in days_after(start, end))

    def last_day(self, start: date, amount: int, unit: Unit) -> date:
        """The last day of a period of `amount` units that was triggered on `start` (day 0).

        WORK with amount 0 is the triggering day itself. HOUR periods have no last day: ValueError.
        """
        if unit is Unit.HOUR:
            raise ValueError(unit)
        if unit is Unit.CAL:
            return start + amount * _ONE_DAY
        if unit is Unit.MONTH:
            return _months_after(start, amount)
        if unit is Unit.DATE:
            this_year = _on(start.year, amount // 100, amount % 100)
            return this_year if this_year >= start else _on(start.year + 1, amount // 100, amount % 100)
        day = start
        for _ in range(amount):
            day = self.next_working(day + _ONE_DAY)
        return day

    def next_working(self, day: date) -> date:
        """`day`, or the first working day after it."""
        while not self.is_working(day):
            day += _ONE_DAY
        return day

    def previous_working(self, day: date) -> date:
        """`day`, or the last working day before it."""
        while not self.is_working(day):
            day -= _ONE_DAY
        return day

    def days_before(self, last: date, amount: int, unit: Unit) -> date:
        """The working day on which a warning `amount` days before the last day is given (G13: never a day off)."""
        day = self.previous_working(last)
        if unit is not Unit.WORK:
            return self.previous_working(last - amount * _ONE_DAY)
        for _ in range(amount):
            day = self.previous_working(day - _ONE_DAY)
        return day

    def spent(self, start: date, end: date, unit: Unit) -> int:
        """Days of a CAL or WORK period used up from `start` (not counted) to `end`."""
        return self.working_days_between(start, end) if unit is Unit.WORK else max(0, (end - start).days)


def days_after(start: date, end: date) -> list[date]:
    """Every day after `start`, up to and including `end`."""
    return [start + n * _ONE_DAY for n in range(1, (end - start).days + 1)]


def _on(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def _months_after(day: date, months: int) -> date:
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return _on(year, month0 + 1, day.day)


class Level(StrEnum):
    """What a clock row tells when its time comes, in rising order (the last two are one thing to those who are told)."""

    WARN = "warn"  #: 黄: attention
    RED = "red"  #: 红: nearly due
    BROKEN = "broken"  #: overdue; the drawing's own timer
    AGAIN = "again"  #: overdue once more, after a period that had been broken was extended


@dataclass(frozen=True)
class WarnPoint:
    """A warning: `at` units after the start, or `at` units before the end; posts of its own, or those of the period."""

    level: Level
    at: int
    before_end: bool = True
    to: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What tells it from the other points of its period."""
        return f"{'end' if self.before_end else 'start'}:{self.at}"


@dataclass(frozen=True)
class Extension:
    """The lawful extension of a period: which posts may approve, how many units at most in all, how often, how well reasoned."""

    approvers: tuple[str, ...]
    most: int
    times: int = 1
    reason_length: int = 10
    #: the rule that allows it (Chinese), and the printed form it is told on
    clause: str = ""
    form: str = "P-06"


@dataclass(frozen=True)
class Period:
    """A time limit as policy data: how long, counted how, from which rule, and whom it concerns when broken.

    `rolls` marks a citizen's period: one that would end on a day off ends on the next working day (民法典 203); a duty of ours
    does not (G13). `warns` are its warnings, `extension` how it may be extended, None when it may not.
    """

    key: str
    amount: int
    unit: Unit
    clause: str
    escalates_to: tuple[str, ...] = ()
    pauses: bool = False
    rolls: bool = False
    warns: tuple[WarnPoint, ...] = ()
    extension: Extension | None = None

    def told(self, level: str) -> tuple[str, ...]:
        """The posts that learn of a level: those named for its warning, else those the period escalates to."""
        named = tuple(dict.fromkeys(post for point in self.warns if point.level == level for post in point.to))
        return named or self.escalates_to


def due_day(due_at: datetime) -> date:
    """The civil date printed as “due on”: 24:00 of the 23rd is the 23rd, not the 24th."""
    return civil_date(due_at - timedelta(microseconds=1))
