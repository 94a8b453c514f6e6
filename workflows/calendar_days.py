"""The working calendar: holidays and 调休 working days by the State Council's yearly notices (processes.md §0.3).

Only days that differ from the weekend rule, or have a name, are stored. A year whose notice is not loaded follows the weekend
rule alone and is provisional (暂定).
"""

from __future__ import annotations

import chinese_calendar
from sqlalchemy import Connection, select

from engine.clock import Calendar
from engine.holidays import Day, replace_days
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
_DAYS = select(calendar_day.c.day, calendar_day.c.working, calendar_day.c.note)


def official_days() -> tuple[Day, ...]:
    """Every day the State Council's notices name, from 2004 to the last year known, in order."""
    off = [Day(day, False, _NAMES[name]) for day, name in chinese_calendar.holidays.items()]
    on = [Day(day, True, _SWAPPED.format(holiday=_NAMES[name])) for day, name in chinese_calendar.workdays.items()]
    return tuple(sorted(off + on, key=lambda d: d.day))


def seed(connection: Connection) -> None:
    """Load the official days, unless a calendar has been loaded already."""
    if connection.execute(_ANY).first() is None:
        replace_days(connection, official_days())


def _stored(connection: Connection) -> Calendar:
    rows = connection.execute(_DAYS).all()
    exceptions = {row.day: row.working for row in rows}
    years = frozenset(day.year for day in exceptions if (day.month, day.day) == (10, 1))
    return Calendar(exceptions, years, {row.day: row.note for row in rows})


_calendar = Kept(_stored)


def calendar_of(connection: Connection) -> Calendar:
    """The calendar as stored; read again only when it has changed since.

    A year counts as known when its notice covers National Day; a notice also names the first days around it.
    """
    return _calendar.of(connection)


__all__ = ["Day", "calendar_of", "official_days", "replace_days", "seed"]
