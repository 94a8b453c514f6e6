"""Which items are past the day on which they had to be concluded (条例 34): once overdue, counted for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, update

from engine.access import SYSTEM
from engine.clock import Level, due_day
from engine.errors import Busy, Forbidden
from engine.events import Event, Kind
from engine.messages import N_, Message
from engine.model import timer
from workflows.processes.petition.register import entry, petition_register

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy import Connection, Row

    from engine.runtime import Runtime
    from engine.unit_of_work import UnitOfWork

CONCLUDE = "pet.conclude"
_line = petition_register.c
#: accepted items with a clock that has moved since the register was written, or that is broken
_MOVED = (
    select(_line.case_id)
    .join(timer, timer.c.case_id == _line.case_id)
    .where(
        _line.state == "accepted",
        timer.c.period == CONCLUDE,
        timer.c.level.in_((Level.BROKEN.value, Level.AGAIN.value)),
        (timer.c.state == "fired") & _line.overdue.is_(False) | (timer.c.state == "armed"),
    )
    .distinct()
    .order_by(_line.case_id)
)
_WRITE = update(petition_register).where(_line.case_id == bindparam("b_case"))
_CLOCKS = (
    select(timer.c.due_at, timer.c.state)
    .where(
        timer.c.case_id == bindparam("b_case"),
        timer.c.period == CONCLUDE,
        timer.c.level.in_((Level.BROKEN.value, Level.AGAIN.value)),
    )
    .order_by(timer.c.id)
)


_FIRST = (
    select(timer.c.case_id, func.min(timer.c.due_at).label("due_at"))
    .join(petition_register, _line.case_id == timer.c.case_id)
    .where(
        _line.county_id == bindparam("b_county"),
        _line.overdue,
        timer.c.period == CONCLUDE,
        timer.c.level.in_((Level.BROKEN.value, Level.AGAIN.value)),
        timer.c.state == "fired",
    )
    .group_by(timer.c.case_id)
)


def first_broken(connection: Connection, county_id: int) -> Mapping[int, date]:
    """The last day that was let pass first, of the items of a county that were ever overdue: no extension moves it."""
    return {row.case_id: due_day(row.due_at) for row in connection.execute(_FIRST, {"b_county": county_id})}


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


def as_it_stands(connection: Connection, line: Row[Any], now: datetime) -> dict[str, Any]:
    """The columns of an accepted item that its clock has moved since: the last day, an extension, that it is overdue."""
    found: dict[str, Any] = {}
    by = conclude_by(connection, line.case_id)
    if by is not None and by != line.due_on:
        found |= {"due_on": by, "extended_until": by}
    if not line.overdue and is_overdue(connection, line, now):
        found["overdue"] = True
    return found


def note_clock(uow: UnitOfWork, *, case_id: int) -> dict[str, Any]:
    """Write into the register what the clock of an item says by now; ``{"case_id", "changed": [columns]}``.

    Forbidden for persons: it is counted, never typed.
    """
    if uow.actor != SYSTEM:
        raise Forbidden(why=Message(N_("超期由系统按时限计入，不由人填写")))
    line = entry(uow.connection, case_id)
    found = {} if line is None else as_it_stands(uow.connection, line, uow.now)
    if found:
        uow.change(case_id, _WRITE, {"b_case": case_id, **found})
        told = {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in found.items()}
        uow.record(Event(Kind.REGISTER_CHANGED, case_id, content={"register": "petition_register", **told}))
    return {"case_id": case_id, "changed": sorted(found)}


def note_clocks(runtime: Runtime) -> int:
    """Do that for every item whose clock has moved or was broken; returns how many lines changed."""
    now = runtime.clock.now()
    with runtime.reading() as connection:
        ids = list(connection.execute(_MOVED).scalars())
        moved = [i for i in ids if (line := entry(connection, i)) is not None and as_it_stands(connection, line, now)]
    return sum(_noted(runtime, case_id, f"pet-clock-{case_id}-{now:%Y%m%d%H%M}") for case_id in moved)


def _noted(runtime: Runtime, case_id: int, key: str) -> bool:
    try:
        return bool(runtime.execute(note_clock, actor=SYSTEM, key=key, case_id=case_id).content["changed"])
    except Busy:  # somebody works on it at this moment: next time
        return False
