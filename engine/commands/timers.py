"""A timer whose time has come: the drawing moves, what is late is lifted to the superiors. Nothing is ever decided by it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, select, update

from engine.access import SYSTEM
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
    .values(overdue_since=bindparam("b_since"))
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
    case = uow.case(row.case_id)
    view = CaseContext(uow, case, uow.runtime.catalogue[case.kind])
    where = {"b_instance": row.instance_id, "b_element": row.attached_to}
    late = list(uow.connection.execute(_HELD, where).scalars())
    uow.change(row.case_id, _DONE, {"b_id": timer_id})
    uow.change(row.case_id, _LATE, {**where, "b_since": row.due_at})
    told = _escalate(view, row, late) if row.period else []
    token = Token(row.instance_id, row.instance_version, uow.runtime.definitions.get(row.definition_id))
    step = stepping.fire(token.definition, row.flow_state, row.token, view)
    progress = apply_step(view, token, step)
    kind = Kind.PERIOD_BROKEN if row.period else Kind.TIMER_FIRED
    content = {"timer": row.element, "period": row.period, "due_at": row.due_at.isoformat(), "told": told}
    first = late[0] if late else None
    uow.record(Event(kind, row.case_id, first, row.attached_to, {**content, **progress.as_json()}))
    return {"fired": True, "case_id": row.case_id, "opened": [o["task"] for o in progress.opened]}


def _escalate(view: CaseContext, row: Row[Any], late: list[int]) -> list[dict[str, Any]]:
    """Lift the broken period to the superiors, before the drawing moves: what closes with it is counted all the same."""
    period = view.process.period(view, row.period)
    lifted: list[dict[str, Any]] = []
    ids: list[int | None] = [*late] or [None]
    for task_id in ids:
        lifted += raise_escalation(
            view,
            task_id=task_id,
            element=row.attached_to or row.element,
            period=period,
            level="broken",
            since=row.due_at,
        )
    return [told for n, told in enumerate(lifted) if told not in lifted[:n]]
