"""How a running period is counted, once: the same reckoning gives the due date, its warnings, and its explanation.

Rules: day 0 is not counted (民法典 201); a month ends on the same day of the month (民法典 202); a citizen's period that would
end on a day off ends on the next working day (民法典 203); a duty of ours keeps its day, and what moves is its warning (G13); a
pause gives back exactly the days it lasted; an extension adds units to the same count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from engine.clock import (
    Calendar,
    Level,
    Period,
    Unit,
    WarnPoint,
    civil_date,
    days_after,
    due_day,
    end_of_day,
    start_of_day,
)

_HOUR = timedelta(hours=1)
_SECOND = timedelta(seconds=1)
#: the warning of a duty whose last day is a day off, on the last working day before it
_LAST_DAY = "day"
_STRENGTH = (Level.WARN, Level.RED)


@dataclass(frozen=True)
class Use:
    """What a case has made of a period: stretches in which it ran (from, to), and since when it runs now (None: paused).

    `carried` is what had been used before the first stretch (days, or seconds of an HOUR period); `extended` are units added
    by a lawful extension.
    """

    runs: tuple[tuple[datetime, datetime], ...] = ()
    going: datetime | None = None
    extended: int = 0
    carried: int = 0

    @property
    def triggered(self) -> datetime | None:
        """The instant that set the period going; None for one that never ran."""
        return self.runs[0][0] if self.runs else self.going

    def paused(self, now: datetime) -> Use:
        """The same, standing still from `now` on; a clock that was set back counts as standing still already."""
        if self.going is None:
            return self
        return replace(self, runs=(*self.runs, (self.going, max(now, self.going))), going=None)

    def resumed(self, now: datetime) -> Use:
        """The same, going on from `now`; never from before the pause, should the clock have been set back."""
        if self.going is not None:
            return self
        return replace(self, going=max([now, *(end for _, end in self.runs[-1:])]))


class Why(StrEnum):
    """Why a day was not counted."""

    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    ROLLED = "rolled"  #: a citizen's last day was a day off


@dataclass(frozen=True)
class Skipped:
    """A day that was not counted; `name` is what the notice calls it ("端午节"), "" for a plain weekend."""

    day: date
    why: Why
    name: str = ""


@dataclass(frozen=True)
class Warn:
    """A warning and when it is given. `point` tells it from the others of the same use."""

    level: Level
    at: datetime
    point: str


@dataclass(frozen=True)
class Explanation:
    """A due date and everything that led to it. `due_at` and `last_day` are None while the period stands still.

    `counted` are the days counted one by one (none for HOUR), `swapped` those among them that are worked on a weekend;
    `used` is what counts so far before the present stretch (days, or seconds of an HOUR period).
    """

    period: Period
    use: Use
    day_zero: date
    due_at: datetime | None
    used: int
    counted: tuple[date, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    swapped: tuple[Skipped, ...] = ()
    warns: tuple[Warn, ...] = ()
    #: a date may still change when the notice of a year without one is imported (暂定)
    provisional: bool = False
    #: why the last day of a duty is no working day, None when it is one
    day_off: Skipped | None = None

    @property
    def last_day(self) -> date | None:
        """The day at whose end the period is broken (for HOUR: the day of that instant)."""
        return None if self.due_at is None else due_day(self.due_at)

    @property
    def total(self) -> int:
        """Units in all, extension included."""
        return self.period.amount + (0 if self.period.unit is Unit.DATE else self.use.extended)

    @property
    def pauses(self) -> tuple[tuple[datetime, datetime | None], ...]:
        """The stretches in which it stood still: (from, to); to is None for the present one."""
        ends = [end for _, end in self.use.runs]
        starts = [start for start, _ in self.use.runs[1:]]
        return tuple(zip(ends, [*starts, self.use.going], strict=False))


def reckon(period: Period, calendar: Calendar, use: Use) -> Explanation:
    """Count a period. Raises ValueError for a use that never began."""
    if use.triggered is None:
        raise ValueError(period.key)
    known = Explanation(period, use, civil_date(use.triggered), None, _used(period, calendar, use))
    reckoned = _hours(known) if period.unit is Unit.HOUR else _days(known, calendar)
    if reckoned.due_at is None:
        return reckoned
    return replace(reckoned, warns=tuple(sorted(_warns(reckoned, calendar), key=lambda w: (w.at, w.point))))


def due_after(period: Period, calendar: Calendar, triggered: datetime) -> datetime:
    """When a period that begins at `triggered` and is never paused is broken."""
    due_at = reckon(period, calendar, Use(going=triggered)).due_at
    assert due_at is not None  # noqa: S101
    return due_at


def _used(period: Period, calendar: Calendar, use: Use) -> int:
    total = period.amount + use.extended
    if period.unit is Unit.HOUR:
        ran = sum((max(timedelta(0), end - start) for start, end in use.runs), timedelta(0))
        return min(total * 3600, use.carried + ran // _SECOND)
    if period.unit in (Unit.MONTH, Unit.DATE):
        return 0
    ran_days = sum(calendar.spent(civil_date(start), civil_date(end), period.unit) for start, end in use.runs)
    return min(total, use.carried + ran_days)


def _hours(known: Explanation) -> Explanation:
    going = known.use.going
    return known if going is None else replace(known, due_at=going + known.total * _HOUR - known.used * _SECOND)


def _days(known: Explanation, calendar: Calendar) -> Explanation:
    period, use = known.period, known.use
    stretches = [(civil_date(start), civil_date(end)) for start, end in use.runs]
    rolled: list[date] = []
    last = None
    if use.going is not None:
        begun = civil_date(use.going)
        last = calendar.last_day(begun, known.total - known.used, period.unit)
        stretches.append((begun, last))
        if period.rolls:
            rolled = days_after(last, calendar.next_working(last))
            last = calendar.next_working(last)
    passed = [day for start, end in stretches for day in days_after(start, end)]
    working = period.unit is Unit.WORK
    counted = [day for day in passed if not working or calendar.is_working(day)]
    left_out = [_skipped(calendar, day) for day in passed if working and not calendar.is_working(day)]
    # the day the citizen's period would have ended on, and the days off after it
    off = [Skipped(day, Why.ROLLED, calendar.names.get(day, "")) for day in _off(calendar, rolled)]
    touched = passed if working else [*stretches[-1][1:], *rolled] if period.rolls and use.going else []
    return replace(
        known,
        due_at=None if last is None else end_of_day(last),
        counted=tuple(counted),
        skipped=(*left_out, *off),
        swapped=tuple(_skipped(calendar, day) for day in counted if working and day.weekday() >= 5),
        provisional=any(calendar.is_provisional(day) for day in touched),
        day_off=None if last is None or calendar.is_working(last) else _skipped(calendar, last),
    )


def _off(calendar: Calendar, rolled: Sequence[date]) -> list[date]:
    return [rolled[0] - timedelta(days=1), *(d for d in rolled if not calendar.is_working(d))] if rolled else []


def _skipped(calendar: Calendar, day: date) -> Skipped:
    name = calendar.names.get(day, "")
    return Skipped(day, Why.HOLIDAY if day in calendar.exceptions else Why.WEEKEND, name)


def _warns(known: Explanation, calendar: Calendar) -> Iterator[Warn]:
    """The warnings between the start of the present stretch and the end; the stronger one where two fall together."""
    period, use, due = known.period, known.use, known.due_at
    assert use.going is not None  # noqa: S101
    assert due is not None  # noqa: S101
    tail = f"+{use.extended}" if use.extended else ""
    found = [Warn(p.level, at, p.name + tail) for p in period.warns if (at := _at(known, calendar, p)) is not None]
    if known.day_off is not None and not period.rolls:
        at = start_of_day(calendar.previous_working(due_day(due)))
        found.append(Warn(Level.RED, at, _LAST_DAY + tail))
    by_instant: dict[datetime, Warn] = {}
    for warn in sorted(found, key=lambda w: _STRENGTH.index(w.level)):
        if use.going < warn.at < due:
            by_instant[warn.at] = warn
    yield from by_instant.values()


def _at(known: Explanation, calendar: Calendar, point: WarnPoint) -> datetime | None:
    """When a point comes; None when it was passed before the present stretch. An extension moves all of them."""
    unit, use, due = known.period.unit, known.use, known.due_at
    assert use.going is not None  # noqa: S101
    assert due is not None  # noqa: S101
    if unit is Unit.HOUR:
        left = (point.at + use.extended) * 3600 - known.used
        return due - point.at * _HOUR if point.before_end else use.going + left * _SECOND
    if point.before_end:
        return start_of_day(calendar.days_before(due_day(due), point.at, unit))
    counted = unit if unit is Unit.WORK else Unit.CAL
    extended = use.extended if unit in (Unit.CAL, Unit.WORK) else 0
    left = point.at + extended - known.used
    return start_of_day(calendar.last_day(civil_date(use.going), left, counted)) if left > 0 else None
