"""When what is due after a loan: days overdue, the days on which a band begins, visits, the end of the guarantee. Pure dates.

Calendar days; the due date itself is day 0 (民法典 201). A band begins at 00:00 of its day: unpaid since 30 June, 15 July is
day 15. Months keep the day of the month, or take the last one where there is none (29 February, 31 April).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from engine.clock import end_of_day
from workflows.processes.loan.application import loan_end

if TYPE_CHECKING:
    from workflows.parameters import Parameters

CURRENT: Final = "CURRENT"
CENT: Final = Decimal("0.01")
#: band → the policy parameter that holds its first day, the mildest first
BANDS: Final[Mapping[str, str]] = {
    "REMINDER": "reminderFrom",
    "ATTENTION": "attentionFrom",
    "RISK": "riskFrom",
    "DEFAULT": "defaultFrom",
}


def overdue_days(due_on: date, on: date) -> int:
    """Calendar days after the due date; 0 on the day itself and before it."""
    return max(0, (on - due_on).days)


def begun_bands(due_on: date, on: date, policy: Parameters) -> list[tuple[str, date]]:
    """The bands an unpaid loan has reached by a day, each with its first day, the mildest first; none while it is current."""
    starts = [(band, due_on + timedelta(days=policy.integer(name))) for band, name in BANDS.items()]
    return [(band, start) for band, start in starts if start <= on]


def midnight(day: date) -> datetime:
    """00:00 of a day: the instant at which the day before is over."""
    return end_of_day(day - timedelta(days=1))


def next_visit(disbursed_on: date, last: date | None, policy: Parameters) -> date:
    """The day of the next visit: the first on day 90, then every half year; the first of them after the last visit.

    A visit that was missed is not made up for twice: it stays due until it is made, and the next one follows the schedule.
    """
    first = disbursed_on + timedelta(days=policy.integer("visitFirstDays"))
    number, day = 0, first
    while last is not None and day <= last:
        number += 1
        day = loan_end(first, number * policy.integer("visitEveryMonths"))
    return day


def guarantee_end(due_on: date, policy: Parameters) -> date:
    """The last day on which a guarantor can be held to her word, where the contract names none (民法典 692: six months)."""
    return loan_end(due_on, policy.integer("guaranteeMonths"))
