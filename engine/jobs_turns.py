"""What comes round once in the whole cluster: turns counted in a row, each taken by one process as it begins the work.

A turn is due so many seconds after the last one began, once that one has ended, so that turns do not pile up behind a long one;
or when the last one lies in the future, which is a clock that was set back: nothing waits until the clock has caught up.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Row, bindparam, insert, select, update

from engine.access import SYSTEM
from engine.jobs_running import log_fault
from engine.model_jobs import schedule
from engine.unit_of_work import UnitOfWork, unit_of_work

if TYPE_CHECKING:
    from engine.jobs import Schedule
    from engine.runtime import Runtime

#: how long a turn that does not end holds up the next; the watchdog is quicker
PATIENCE: Final = timedelta(minutes=2)

_TURN = select(schedule).where(schedule.c.name == bindparam("b_name"))
_FIRST_TURN = insert(schedule)
#: of those who saw the same turn as the last one, one takes the next
_TAKE_TURN = (
    update(schedule)
    .where(schedule.c.name == bindparam("b_name"), schedule.c.turn == bindparam("b_seen"))
    .values(turn=schedule.c.turn + 1, last_at=bindparam("b_at"), executor=bindparam("b_executor"))
)
_TURN_ENDED = (
    update(schedule)
    .where(schedule.c.name == bindparam("b_name"), schedule.c.turn == bindparam("b_turn"))
    .values(
        ended_at=bindparam("b_at"),
        failed_at=bindparam("b_failed"),
        error=bindparam("b_error"),
        reference=bindparam("b_reference"),
    )
)


def last(runtime: Runtime, name: str) -> Row[Any] | None:
    """The row of the turn that was taken last; None before the first."""
    with runtime.reading() as connection:
        row: Row[Any] | None = connection.execute(_TURN, {"b_name": name}).one_or_none()
    return row


def comes_round(runtime: Runtime, each: Schedule, row: Row[Any] | None) -> bool:
    """Whether it is time: long enough after the last turn, which has ended or been waited for in vain."""
    now = runtime.clock.now()
    if row is None or row.last_at > now:
        return True
    ended = row.ended_at is not None and row.ended_at >= row.last_at
    return bool(row.last_at <= now - timedelta(seconds=each.every) - (timedelta() if ended else PATIENCE))


def take(work: UnitOfWork, each: Schedule, row: Row[Any] | None, seat: str) -> int | None:
    """Take the turn after `row`; its number, None when another process was faster. Busy when it was at the first turn."""
    if row is None:
        work.connection.execute(_FIRST_TURN, {"name": each.name, "turn": 1, "last_at": work.now, "executor": seat})
        return 1
    told = {"b_name": each.name, "b_seen": row.turn, "b_at": work.now, "b_executor": seat}
    return int(row.turn) + 1 if work.connection.execute(_TAKE_TURN, told).rowcount == 1 else None


def end(runtime: Runtime, name: str, turn: int, fault: Exception | None) -> None:
    """Tell in the row how a turn ended; what failed is logged under a number, and the next turn comes all the same."""
    reference = log_fault(fault, "schedule failed: schedule=%s", name) if fault else None
    with unit_of_work(runtime, SYSTEM) as work:
        told = {"b_error": type(fault).__name__ if fault else None, "b_reference": reference}
        when = {"b_at": work.now, "b_failed": work.now if fault else None}
        work.connection.execute(_TURN_ENDED, {"b_name": name, "b_turn": turn, **told, **when})
