"""What the page of one escalation needs: the orders written, who could have the work, and why a verb is not open to her."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, bindparam, select

from engine.access import Permission
from engine.commands.loading import load_task, view_of
from engine.commands.supervised import load_escalation, own_work, place_of, unknown
from engine.commands.supervising import obstacle, places
from engine.messages import N_, Message
from engine.model_escalation import supervision_order
from engine.queries.escalations import EscalationRow, one
from engine.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from engine.access import Actor
    from engine.commands.context import CaseContext
    from engine.fields import Vault
    from engine.runtime import Runtime

_OF_ESCALATION = (
    select(supervision_order)
    .where(supervision_order.c.escalation_id == bindparam("b_id"))
    .order_by(supervision_order.c.id.desc())
)
_OF_TASK = (
    select(supervision_order)
    .where(supervision_order.c.task_id == bindparam("b_id"), supervision_order.c.state.in_(("open", "late")))
    .order_by(supervision_order.c.id)
)
_ORDER = select(supervision_order).where(supervision_order.c.id == bindparam("b_id"))


@dataclass(frozen=True)
class Order:
    """A 督办单, opened. `late`: the answer did not come in time, whether it came since or not."""

    id: int
    number: str
    escalation_id: int
    task_id: int
    text: str
    issued_by: int
    issued_post: str
    issued_unit_id: int
    issued_at: datetime
    reply_due_at: datetime
    state: str
    late: bool
    reply: str
    replied_by: int | None
    replied_at: datetime | None


@dataclass(frozen=True)
class Place:
    """A post in a unit the work could go to, and the people there who are free to take it."""

    post: str
    unit_id: int
    people: tuple[int, ...]


@dataclass(frozen=True)
class EscalationPage:
    """One escalation as this person sees it.

    `refusals`: verb ("act" for all, "acknowledge", "take_over", "order") → why it is not open to her.
    """

    row: EscalationRow
    orders: Sequence[Order]
    places: Sequence[Place]
    refusals: Mapping[str, Message]


def escalation_page(runtime: Runtime, connection: Connection, actor: Actor, escalation_id: int) -> EscalationPage:
    """Read an escalation; NotFound for who may not know of it."""
    row = one(connection, runtime.rules, actor, escalation_id)
    if row is None:
        raise unknown(escalation_id)
    orders = [_order(found, runtime.vault) for found in connection.execute(_OF_ESCALATION, {"b_id": escalation_id})]
    work = UnitOfWork(runtime, connection, actor)
    stored = load_escalation(work, escalation_id)
    if row.state != "open":
        return EscalationPage(row, orders, (), {"act": Message(N_("此督办事项已经结束"))})
    if not runtime.rules.permits(actor, Permission.SUPERVISE, stored):
        return EscalationPage(row, orders, (), {"act": Message(N_("您可以查看；督办由督办链上的上级进行"))})
    if row.task_id is None:
        return EscalationPage(
            row, orders, (), {"take_over": Message(N_("此时限不在任何一个环节上，没有可以改派的任务"))}
        )
    job = load_task(work, row.task_id)
    view = view_of(work, job)
    return EscalationPage(row, orders, _places(view, stored, job), _refusals(work, view, stored, job))


def orders_waiting(connection: Connection, vault: Vault, task_id: int) -> list[Order]:
    """The orders that whoever has the task must still answer."""
    return [_order(row, vault) for row in connection.execute(_OF_TASK, {"b_id": task_id})]


def order_page(runtime: Runtime, connection: Connection, actor: Actor, order_id: int) -> tuple[Order, Row[Any]]:
    """An order and its task, for those who may see the escalation or work on the task; NotFound for everyone else."""
    found = connection.execute(_ORDER, {"b_id": order_id}).one_or_none()
    if found is None:
        raise unknown(order_id)
    job = load_task(UnitOfWork(runtime, connection, actor), found.task_id)
    above = one(connection, runtime.rules, actor, found.escalation_id) is not None
    if not above and not runtime.rules.permits(actor, Permission.WORK_TASK, job):
        raise unknown(order_id)
    return _order(found, runtime.vault), job


def _order(row: Row[Any], vault: Vault) -> Order:
    return Order(
        row.id,
        row.number,
        row.escalation_id,
        row.task_id,
        str(vault.open_json(row.text_sealed)),
        row.issued_by,
        row.issued_post,
        row.issued_unit_id,
        row.issued_at,
        row.reply_due_at,
        row.state,
        row.late_at is not None,
        str(vault.open_json(row.reply_sealed)) if row.reply_sealed is not None else "",
        row.replied_by,
        row.replied_at,
    )


def _places(view: CaseContext, stored: Row[Any], job: Row[Any]) -> list[Place]:
    """Where the work could go, without the one who has it now."""
    found = []
    for post, unit_id in places(view, stored, job):
        if obstacle(view, job, None, post, unit_id) is not None:
            continue
        here = (post, unit_id) == (job.post, job.unit_id)
        free = sorted(view.free(post, unit_id))
        people = tuple(person for person in free if not (here and person == job.assignee_id))
        if people:
            found.append(Place(post, unit_id, people))
    return found


def _refusals(work: UnitOfWork, view: CaseContext, stored: Row[Any], job: Row[Any]) -> dict[str, Message]:
    refusals: dict[str, Message] = {}
    own = own_work(work, job)
    if own is not None:
        refusals |= {"acknowledge": own, "order": own}
    if job.assignee_id == work.actor.id:
        refusals["take_over"] = Message(N_("此件已由您本人签收"))
    else:
        barred = obstacle(view, job, work.actor, *place_of(work, stored))
        if barred is not None:
            refusals["take_over"] = barred
    return refusals
