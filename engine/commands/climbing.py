"""What time does to an escalation: left unread it climbs one rung, and an order without an answer brings it up again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, select, update

from engine.commands.context import CaseContext
from engine.commands.escalations import climbs_at, period_of, raise_escalation, settle_escalation
from engine.commands.loading import load_task, view_of
from engine.commands.supervised import Supervised, load_escalation, require_system
from engine.errors import Busy
from engine.events import Event, Kind
from engine.model_escalation import escalation, supervision_order

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.unit_of_work import UnitOfWork

_CLIMB = (
    update(escalation)
    .where(escalation.c.id == bindparam("b_id"), escalation.c.version == bindparam("b_seen"))
    .values(
        rung=bindparam("b_rung"),
        climb_at=bindparam("b_climb"),
        acknowledged_by=None,
        acknowledged_at=None,
        version=escalation.c.version + 1,
    )
)
_ORDER = select(supervision_order).where(supervision_order.c.id == bindparam("b_id"))
_KNOWN = select(escalation.c.id).where(escalation.c.task_id == bindparam("b_task"))
_LATE = (
    update(supervision_order)
    .where(supervision_order.c.id == bindparam("b_id"), supervision_order.c.state == "open")
    .values(state="late", late_at=bindparam("b_due"))
)


def climb_escalation(uow: UnitOfWork, *, escalation_id: int) -> dict[str, Any]:
    """Lift an escalation that nobody acknowledged in time by exactly one rung; ``{"climbed": False}`` when there is no need.

    The next superiors have their own time from now. One whose task is closed is settled instead. Forbidden for persons.
    """
    require_system(uow)
    row = load_escalation(uow, escalation_id)
    uow.about = None
    if row.state != "open" or row.climb_at is None or row.climb_at > uow.now:
        return {"climbed": False}
    found = _of(uow, row)
    if found.job is not None and found.job.state == "closed":
        settle_escalation(found.view, task_id=found.job.id, reason=found.job.close_reason or "done")
        return {"climbed": False}
    rung = row.rung + 1
    _move(found, rung)
    told = _tell(found, row.chain[rung], "escalation.climbed")
    content = {"escalation": row.id, "period": row.period, "level": row.level, "old": row.rung, "rung": rung}
    uow.record(Event(Kind.ESCALATION_CLIMBED, row.case_id, row.task_id, row.element, {**content, "told": told}))
    return {"climbed": True, "case_id": row.case_id, "rung": rung}


def miss_order(uow: UnitOfWork, *, order_id: int) -> dict[str, Any]:
    """An order whose answer is overdue brings its escalation up again: unread, on its rung; ``{"missed": False}`` otherwise."""
    require_system(uow)
    order = uow.connection.execute(_ORDER, {"b_id": order_id}).one_or_none()
    if order is None or order.state != "open" or order.reply_due_at > uow.now:
        return {"missed": False}
    row = load_escalation(uow, order.escalation_id)
    uow.about = None
    found = _of(uow, row)
    uow.change(row.case_id, _LATE, {"b_id": order_id, "b_due": order.reply_due_at})
    _move(found, row.rung)
    issuer = [order.issued_post, order.issued_unit_id]
    rung = row.chain[row.rung] if row.rung < len(row.chain) else []
    told = _tell(found, [issuer, *(place for place in rung if place != issuer)], "order.missed")
    stands = {"escalation": row.id, "period": row.period, "level": row.level, "rung": row.rung}
    content = {**stands, "order": order_id, "number": order.number, "told": told}
    uow.record(Event(Kind.ESCALATION_RAISED, row.case_id, row.task_id, row.element, content))
    return {"missed": True, "case_id": row.case_id}


def _of(uow: UnitOfWork, row: Row[Any]) -> Supervised:
    job = None if row.task_id is None else load_task(uow, row.task_id)
    uow.about = None
    if job is not None:
        return Supervised(row, job, view_of(uow, job))
    return Supervised(row, None, CaseContext(uow, uow.case(row.case_id), uow.runtime.catalogue[row.process_kind]))


def _move(found: Supervised, rung: int) -> None:
    """Put it on a rung, unread, with that rung's own time; Busy when another node was faster."""
    view, row = found.view, found.row
    period = period_of(view, row)
    climb: datetime | None = climbs_at(view, period, row.level, row.chain, rung)
    moved: Mapping[str, Any] = {"b_id": row.id, "b_seen": row.version, "b_rung": rung, "b_climb": climb}
    if view.work.change(row.case_id, _CLIMB, moved).rowcount != 1:
        raise Busy(by="version")


def _tell(found: Supervised, rung: list[list[Any]], kind: str) -> list[dict[str, Any]]:
    for post, unit_id in rung:
        found.view.notify(post, unit_id, kind, period=found.row.period, task=found.row.task_id)
    return [{"post": post, "unit": unit_id} for post, unit_id in rung]


def lift_overdue(uow: UnitOfWork, *, task_id: int) -> dict[str, Any]:
    """Lift a task whose clock broke before there were escalations; ``{"lifted": False}`` when it has one, or no clock."""
    require_system(uow)
    job = load_task(uow, task_id)
    uow.about = None
    view = view_of(uow, job)
    key = uow.runtime.definitions.get(job.definition_id).elements[job.element].sla
    known = uow.connection.execute(_KNOWN, {"b_task": task_id}).first()
    if job.state != "open" or job.overdue_since is None or known is not None or key is None:
        return {"lifted": False}
    period = view.process.period(view, key)
    raise_escalation(view, task_id=task_id, element=job.element, period=period, level="broken", since=job.overdue_since)
    return {"lifted": True, "case_id": job.case_id}
