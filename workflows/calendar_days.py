"""The working calendar: holidays and 调休 working days by the State Council's yearly notices (processes.md §0.3).

Only days that differ from the weekend rule, or have a name, are stored. A year whose notice is not loaded follows the weekend
rule alone and is provisional (暂定).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import chinese_calendar
from sqlalchemy import Connection, delete, insert, select

from engine.clock import Calendar
from engine.messages import N_
from engine.model import calendar_day
from engine.reference import Kept

_NAMES = {
    "New Year's Day": N_("元旦"),
    "Spring Festival": N_("春节"),
    "Tomb-sweeping Day": N_("清明节"),
    "Labour Day": N_("劳动节"),
    "Dragon Boat Festival": N_("端午节"),
    "National Day": N_("国庆节"),
    "Mid-autumn Festival": N_("中秋节"),
    "Anti-Fascist 70th Day": N_("抗战胜利纪念日"),
}
_SWAPPED = N_("调休上班（{holiday}）")

_ANY = select(calendar_day.c.day).limit(1)
_DAYS = select(calendar_day.c.day, calendar_day.c.working)


@dataclass(frozen=True)
class Day:
    """A day that the notices name: whether it is worked, and why (Chinese)."""

    day: date
    working: bool
    note: str


def official_days() -> tuple[Day, ...]:
    """Every day the State Council's notices name, from 2004 to the last year known, in order."""
    off = [Day(day, False, _NAMES[name]) for day, name in chinese_calendar.holidays.items()]
    on = [Day(day, True, _SWAPPED.format(holiday=_NAMES[name])) for day, name in chinese_calendar.workdays.items()]
    return tuple(sorted(off + on, key=lambda d: d.day))


def replace_days(connection: Connection, days: Iterable[Day]) -> int:
    """Make these the calendar of every year in which one of them lies; returns how many days are stored."""
    new = tuple(days)
    for year in {d.day.year for d in new}:
        whole_year = calendar_day.c.day.between(date(year, 1, 1), date(year, 12, 31))
        connection.execute(delete(calendar_day).where(whole_year))
    if new:
        rows = [{"day": d.day, "working": d.working, "note": d.note} for d in new]
        connection.execute(insert(calendar_day), rows)
    return len(new)


def seed(connection: Connection) -> None:
    """Load the official days, unless a calendar has been loaded already."""
    if connection.execute(_ANY).first() is None:
        replace_days(connection, official_days())


def _stored(connection: Connection) -> Calendar:
    exceptions = {row.day: row.working for row in connection.execute(_DAYS)}
    years = frozenset(day.year for day in exceptions if (day.month, day.day) == (10, 1))
    return Calendar(exceptions, years)


_calendar = Kept(_stored)


def calendar_of(connection: Connection) -> Calendar:
    """The calendar as stored; read again only when it has changed since.

    A year counts as known when its notice covers National Day; a notice also names the first days around it.
    """
    return _calendar.of(connection)
