"""A timer whose time has come: the drawing moves, what is late is lifted to the superiors. Nothing is ever decided by it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, func, select, update

from engine.access import SYSTEM
from engine.clock import Level
from engine.columns import Instant
from engine.commands import clock_rows
from engine.commands.context import CaseContext
from engine.commands.escalations import raise_escalation
from engine.commands.progress import Token, apply_step
from engine.errors import Forbidden
from engine.events import Event, Kind
from engine.flow import stepping
from engine.messages import N_, Message
from engine.model import instance, task, timer
from engine.unit_of_work import UnitOfWork

_LOAD = (
    select(
        timer,
        instance.c.definition_id,
        instance.c.state.label("flow_state"),
        instance.c.version.label("instance_version"),
    )
    .join(instance, instance.c.id == timer.c.instance_id)
    .where(timer.c.id == bindparam("b_id"))
)
_DONE = update(timer).where(timer.c.id == bindparam("b_id")).values(state="fired")
_LATE = (
    update(task)
    .where(
        task.c.instance_id == bindparam("b_instance"), task.c.element == bindparam("b_element"), task.c.state == "open"
    )
    .values(overdue_since=func.coalesce(task.c.overdue_since, bindparam("b_since", type_=Instant)))
)
_HELD = (
    select(task.c.id)
    .where(
        task.c.instance_id == bindparam("b_instance"), task.c.element == bindparam("b_element"), task.c.state == "open"
    )
    .order_by(task.c.id)
)


def fire_timer(uow: UnitOfWork, *, timer_id: int) -> dict[str, Any]:
    """Fire one armed timer that is due; anything else is left alone and answered with ``{"fired": False}``.

    Forbidden for persons: time acts by itself.
    """
    if uow.actor != SYSTEM:
        raise Forbidden(why=Message(N_("时限到期由系统自动处理")))
    row = uow.connection.execute(_LOAD, {"b_id": timer_id}).one_or_none()
    if row is None or row.state != "armed" or row.due_at > uow.now:
        return {"fired": False}
    if row.level in (Level.WARN, Level.RED) and clock_rows.is_broken(uow.connection, row.use_id, uow.now):
        return {"fired": False}  # too late to warn: the deadline comes with the same sweep, and drops the warning
    case = uow.case(row.case_id)
    kind = uow.runtime.definitions.get(row.definition_id).key
    view = CaseContext(uow, case, uow.runtime.catalogue[kind])
    uow.change(row.case_id, _DONE, {"b_id": timer_id})
    opened = _drawn(view, row) if row.level == Level.BROKEN else _beside(view, row)
    return {"fired": True, "case_id": row.case_id, "opened": opened}


def _drawn(view: CaseContext, row: Row[Any]) -> list[int]:
    """The drawing's own timer: the period is broken, and the drawing moves; returns the ids of the tasks it opens."""
    late = _late(view, row)
    if row.use_id is not None:
        clock_rows.drop_warnings(view, row.use_id)
    told = _escalate(view, row, late) if row.period else []
    token = Token(row.instance_id, row.instance_version, view.work.runtime.definitions.get(row.definition_id))
    step = stepping.fire(token.definition, row.flow_state, row.token, view)
    progress = apply_step(view, token, step)
    kind = Kind.PERIOD_BROKEN if row.period else Kind.TIMER_FIRED
    _tell(view, kind, row, late, {"told": told, **progress.as_json()})
    return [opened["task"] for opened in progress.opened]


def _beside(view: CaseContext, row: Row[Any]) -> list[int]:
    """A warning, or the deadline of an extension that followed a broken one: somebody is told, no token moves."""
    broken = row.level == Level.AGAIN
    held = _late(view, row) if broken else _held(view, row)
    if broken:
        clock_rows.drop_warnings(view, row.use_id)
    told = _escalate(view, row, held)
    _tell(view, Kind.PERIOD_BROKEN if broken else Kind.PERIOD_WARNED, row, held, {"level": row.level, "told": told})
    return []


def _held(view: CaseContext, row: Row[Any]) -> list[int]:
    where = {"b_instance": row.instance_id, "b_element": row.attached_to}
    return list(view.connection.execute(_HELD, where).scalars())


def _late(view: CaseContext, row: Row[Any]) -> list[int]:
    """Mark the open tasks of the step as overdue since the clock broke, or since it broke the first time; returns their ids."""
    where = {"b_instance": row.instance_id, "b_element": row.attached_to}
    view.work.change(row.case_id, _LATE, {**where, "b_since": row.due_at})
    return _held(view, row)


def _tell(view: CaseContext, kind: Kind, row: Row[Any], held: list[int], content: dict[str, Any]) -> None:
    named = {"timer": row.element, "period": row.period, "due_at": row.due_at.isoformat()}
    view.work.record(Event(kind, row.case_id, held[0] if held else None, row.attached_to, {**named, **content}))


def _escalate(view: CaseContext, row: Row[Any], late: list[int]) -> list[dict[str, Any]]:
    """Lift the period to the superiors, before the drawing moves: what closes with it is counted all the same."""
    period = view.process.period(view, row.period)
    level = Level.BROKEN if row.level == Level.AGAIN else row.level
    lifted: list[dict[str, Any]] = []
    ids: list[int | None] = [*late] or [None]
    for task_id in ids:
        element = row.attached_to or row.element
        lifted += raise_escalation(
            view, task_id=task_id, element=element, period=period, level=str(level), since=row.due_at
        )
    return [told for n, told in enumerate(lifted) if told not in lifted[:n]]
