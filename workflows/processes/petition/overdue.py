"""Which items are past the day on which they had to be concluded (条例 34): once overdue, counted for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from engine.clock import Level, due_day
from engine.model import timer

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Connection, Row

CONCLUDE = "pet.conclude"
_CLOCKS = (
    select(timer.c.due_at, timer.c.state)
    .where(
        timer.c.case_id == bindparam("b_case"),
        timer.c.period == CONCLUDE,
        timer.c.level.in_((Level.BROKEN.value, Level.AGAIN.value)),
    )
    .order_by(timer.c.id)
)


def conclude_by(connection: Connection, case_id: int) -> date | None:
    """The last day on which the item may be concluded, extensions included; None before it is accepted."""
    dues = [row.due_at for row in connection.execute(_CLOCKS, {"b_case": case_id})]
    return due_day(dues[-1]) if dues else None


def is_overdue(connection: Connection, line: Row[Any], now: datetime) -> bool:
    """Whether the period was ever broken, or is now."""
    if line.overdue:
        return True
    rows = connection.execute(_CLOCKS, {"b_case": line.case_id}).all()
    return any(row.state == "fired" or (row.state != "gone" and row.due_at <= now) for row in rows)
