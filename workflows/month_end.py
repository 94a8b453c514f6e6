"""The loan figures of a month (L-08) are fixed by themselves once it is over; a person may fix a corrected one anew."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from engine.clock import civil_date
from engine.errors import Busy
from workflows.loan_statistics import Month, fix
from workflows.processes.loan.application import loan_end
from workflows.processes.loan.register import loan_register
from workflows.processes.loan_after.register import loan_statistic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from engine.runtime import Runtime

#: months fixed in one round: an installation that was off for years catches up in a few hours
MOST: Final = 12

_BEGUN = select(loan_register.c.county_id, func.min(loan_register.c.applied_on).label("first")).group_by(
    loan_register.c.county_id
)
_FIXED = select(loan_statistic.c.county_id, loan_statistic.c.month).where(loan_statistic.c.code == "")


def fix_months(runtime: Runtime) -> int:
    """Fix what was never fixed, the earliest month first, of every county that has loans; returns how many months.

    A month that has a version, by whoever, is left alone, so that it may be called as often as one likes. A month is over at
    0:00 of the first day of the next one, Shanghai time.
    """
    today = civil_date(runtime.clock.now())
    with runtime.reading() as connection:
        open_months = list(_open_months(connection, today))[:MOST]
    return sum(_fixed(runtime, county_id, month) for county_id, month in open_months)


def _open_months(connection: Connection, today: date) -> Iterator[tuple[int, Month]]:
    known = {(row.county_id, row.month) for row in connection.execute(_FIXED)}
    for row in connection.execute(_BEGUN):
        first: date | None = row.first
        month = first.replace(day=1) if first else today
        while month < today.replace(day=1):
            if (row.county_id, str(Month(month))) not in known:
                yield row.county_id, Month(month)
            month = loan_end(month, 1)


def _fixed(runtime: Runtime, county_id: int, month: Month) -> bool:
    try:
        return fix(runtime, county_id, month)[1]
    except Busy:  # another process is fixing it at this moment
        return False
