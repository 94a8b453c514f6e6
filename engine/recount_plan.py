"""Which open clocks stand elsewhere than the reckoning says: found by reading alone, nothing is moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from engine.access import SYSTEM
from engine.commands import clock_rows, periods
from engine.commands.context import CaseContext
from engine.model import instance, timer
from engine.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.runtime import Runtime

_RUNNING = (
    select(
        timer.c.instance_id,
        instance.c.definition_id,
        timer.c.attached_to,
        func.max(timer.c.element).label("element"),
        timer.c.period,
        func.max(timer.c.use_id).label("use_id"),
    )
    .join(instance, instance.c.id == timer.c.instance_id)
    .where(
        instance.c.case_id == bindparam("b_case"),
        instance.c.status == "running",
        timer.c.use_id.is_not(None),
        timer.c.state != "gone",
    )
    .group_by(timer.c.instance_id, instance.c.definition_id, timer.c.attached_to, timer.c.period)
    .order_by(func.max(timer.c.use_id))
)


@dataclass(frozen=True)
class Move:
    """A clock that has to move: where it is, and its due time before and after (equal when only a warning moves)."""

    case_id: int
    number: str
    instance_id: int
    element: str
    period: str
    use_id: int
    old_due_at: datetime | None
    new_due_at: datetime | None


def moves_of(work: UnitOfWork, case_id: int) -> list[tuple[CaseContext, Move]]:
    """The clocks of a case that have to move, in the order in which they began, each with the process it belongs to."""
    case = work.case(case_id)
    found = []
    for row in work.connection.execute(_RUNNING, {"b_case": case_id}).all():
        kind = work.runtime.definitions.get(row.definition_id).key
        view = CaseContext(work, case, work.runtime.catalogue[kind])
        use = periods.load(view, row.use_id)
        told = periods.explain(view, use)
        if clock_rows.planned(view.connection, use.id, told, view.now):
            old = clock_rows.deadline(view.connection, use.id)
            place = (row.instance_id, row.attached_to or row.element, use.period, use.id)
            found.append((view, Move(case_id, case.number, *place, old, told.due_at)))
    return found


def moves_on(runtime: Runtime, connection: Connection, case_id: int) -> list[Move]:
    """The clocks of a case that have to move, by the calendar as this connection sees it."""
    return [move for _, move in moves_of(UnitOfWork(runtime, connection, SYSTEM), case_id)]
