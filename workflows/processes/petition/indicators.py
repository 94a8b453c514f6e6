"""Figures counted from the register, never typed: what a line counts as in a stretch of the calendar (S004-24, S002-15).

What came in counts by the day it was received, each coming once, also one that joined an item in hand. What had to be done counts
by its last day: an item that joined another has none. Satisfaction counts by the day the item was closed. An item that was
overdue once counts as overdue for ever, with the last day that was let pass first, whatever is extended afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select

from engine.messages import N_
from workflows import calendar_days
from workflows.policy import policy_by_id
from workflows.processes.petition.overdue import first_broken
from workflows.processes.petition.policy import DEFAULTS
from workflows.processes.petition.register import petition_register

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import date

    from sqlalchemy import Connection

    from workflows.spans import Span

CODES: Final[Mapping[str, str]] = {
    "RECEIVED": N_("收到"),
    "REPEAT": N_("重复信访"),
    "JOINED": N_("并入前件"),
    "COLLECTIVE": N_("群体信访"),
    "MAJOR": N_("重大事项"),
    "LEVEL_SKIPPING": N_("越级信访"),
    "ANONYMOUS": N_("匿名"),
    "DUE": N_("期限在本期"),
    "HANDLED": N_("有结果且有答复"),
    "OVERDUE": N_("超期"),
    "NOTICE_DUE": N_("应当告知"),
    "NOTICE_ON_TIME": N_("按期告知"),
    "CONCLUDE_DUE": N_("受理后应当办结"),
    "CONCLUDE_ON_TIME": N_("按期办结"),
    "CLOSED": N_("本期结案"),
    "RATED": N_("作出评价"),
    "SATISFIED": N_("满意和很满意"),
}
#: families of codes: "CATEGORY." and a category, "CHANNEL." and a channel, "SATISFACTION." and what she said
CATEGORY, CHANNEL, SATISFACTION = "CATEGORY.", "CHANNEL.", "SATISFACTION."
#: a part, and the whole it is a part of
WHOLE: Final[Mapping[str, str]] = {
    "HANDLED": "DUE",
    "NOTICE_ON_TIME": "NOTICE_DUE",
    "CONCLUDE_ON_TIME": "CONCLUDE_DUE",
    "REPEAT": "RECEIVED",
    "SATISFIED": "RATED",
    "OVERDUE": "DUE",
    "COLLECTIVE": "RECEIVED",
}
_RATED: Final = ("1", "2", "3", "4", "5")
_CONTENT: Final = ("4", "5")
_line = petition_register.c
#: whatever lies in a stretch in any way was received before its end
_LINES = (
    select(petition_register)
    .where(_line.county_id == bindparam("b_county"), _line.received_on <= bindparam("b_last"))
    .order_by(_line.case_id)
)


@dataclass(frozen=True)
class Terms:
    """What the rules say of a line: the last day of its notice (条例 23), and from which time on it is a repeat (S001-4).

    `broken_on`: the last day that was let pass first, where a clock has told so; no extension moves it (条例 34).
    """

    notice_by: date
    repeat_min: int
    broken_on: date | None = None


@dataclass(frozen=True)
class Counted:
    """One item that counts under a code. `unit_id` has it now; in `place_id` the matter lies."""

    case_id: int
    unit_id: int
    place_id: int
    code: str


@dataclass(frozen=True)
class Rate:
    """Items that count over items asked about."""

    part: int
    whole: int

    @property
    def percent(self) -> Decimal | None:
        """With two places, cut and not rounded up: 100.00 is said of nothing but all; None when there was nothing."""
        if not self.whole:
            return None
        return Decimal(self.part * 10000 // self.whole) / 100

    def __str__(self) -> str:
        return "—" if self.percent is None else f"{self.percent:.2f}%"


def counted(
    connection: Connection, county_id: int, span: Span, today: date, left_out: Collection[int]
) -> Iterator[Counted]:
    """Every item of a county that counts in a stretch, once for each code it counts under, without those left out.

    `today` tells what is past its last day by now.
    """
    calendar, broken = calendar_days.calendar_of(connection), first_broken(connection, county_id)
    for line in connection.execute(_LINES, {"b_county": county_id, "b_last": span.last}):
        if line.case_id in left_out:
            continue
        policy = policy_by_id(connection, line.policy_id) if line.policy_id else DEFAULTS
        notice = policy.period("pet.notice")
        notice_by = calendar.last_day(line.arrived_on, notice.amount, notice.unit)
        terms = Terms(notice_by, policy.parameters.integer("repeatMin"), broken.get(line.case_id))
        for code in codes(line, span, terms, today):
            yield Counted(line.case_id, line.unit_id, line.place_id, code)


def codes(line: Any, span: Span, terms: Terms, today: date) -> Iterator[str]:
    """What one line of the register counts as in a stretch."""
    if span.holds(line.received_on):
        yield from _coming(line, terms)
    if line.state == "joined":
        return
    if span.holds(terms.notice_by) and line.notice_kind != "NO_CONTACT" and not line.anonymous:
        yield "NOTICE_DUE"
        if line.notice_on is not None and line.notice_on <= terms.notice_by:
            yield "NOTICE_ON_TIME"
    late = _late(line, today)
    if span.holds(line.due_on):
        yield from _work(line, late=late)
    if late and span.holds(terms.broken_on or line.due_on):
        yield "OVERDUE"
    if span.holds(line.closed_on) and line.satisfaction:
        yield from _asked(line.satisfaction)


def _coming(line: Any, terms: Terms) -> Iterator[str]:
    yield "RECEIVED"
    yield CATEGORY + line.category
    yield CHANNEL + line.channel
    flags = {
        "REPEAT": line.repeat_of is not None and line.repeat_count + 1 >= terms.repeat_min,
        "JOINED": line.state == "joined",
        "COLLECTIVE": line.collective,
        "MAJOR": line.major,
        "LEVEL_SKIPPING": line.level_skipping,
        "ANONYMOUS": line.anonymous,
    }
    yield from (code for code, holds in flags.items() if holds)


def _late(line: Any, today: date) -> bool:
    """Whether it was not concluded in time, noted by its clock already or not."""
    return line.accepted_on is not None and (line.overdue or (line.concluded_on or today) > line.due_on)


def _work(line: Any, *, late: bool) -> Iterator[str]:
    """An item that should be done: handled is what has an outcome and an answer (S004-24), late or not."""
    yield "DUE"
    out_of_reach = line.closed_on is not None and line.satisfaction == "NO_CONTACT"
    if line.outcome is not None and (line.answered_on is not None or out_of_reach):
        yield "HANDLED"
    if line.accepted_on is None:
        return
    yield "CONCLUDE_DUE"
    if not late and line.concluded_on is not None:
        yield "CONCLUDE_ON_TIME"


def _asked(said: str) -> Iterator[str]:
    """Whoever would not say, or could not be asked, is counted apart and no part of the rate."""
    yield "CLOSED"
    yield SATISFACTION + said
    if said in _RATED:
        yield "RATED"
    if said in _CONTENT:
        yield "SATISFIED"
