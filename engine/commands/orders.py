"""督办单: a superior orders what is to be done and by when she wants an answer; whoever has the work answers in writing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update

from engine.access import Permission
from engine.clock import end_of_day
from engine.commands.loading import load_task, require_of_task, require_open, view_of
from engine.commands.supervised import looked_at, own_work, place_of, required_job, supervise
from engine.errors import Forbidden, InvalidAnswers, NotFound
from engine.events import Event, Kind
from engine.guarding import as_if_there
from engine.messages import N_, Message
from engine.model_escalation import supervision_order

if TYPE_CHECKING:
    from sqlalchemy import Row

    from engine.process_type import Problems
    from engine.unit_of_work import UnitOfWork

LONGEST_TEXT = 2000
#: an answer is wanted within this many days; what takes longer is no order but a plan
LONGEST_DAYS = 90

_ADD = insert(supervision_order)
_COUNT = select(func.count()).where(supervision_order.c.case_id == bindparam("b_case"))
_LOAD = select(supervision_order).where(supervision_order.c.id == bindparam("b_id"))
_REPLY = (
    update(supervision_order)
    .where(supervision_order.c.id == bindparam("b_id"), supervision_order.c.state.in_(("open", "late")))
    .values(
        state="replied",
        reply_sealed=bindparam("b_sealed"),
        replied_by=bindparam("b_by"),
        replied_at=bindparam("b_now"),
    )
)


def issue_order(uow: UnitOfWork, *, escalation_id: int, text: str, reply_by: date, seen_version: int) -> dict[str, Any]:
    """Order (督办): what is to be done, and the last day on which the answer is in time.

    InvalidAnswers for both fields at once; otherwise as `supervise`, and Forbidden for one's own work.
    """
    found = supervise(uow, escalation_id, seen_version)
    job = required_job(found)
    own = own_work(uow, job)
    if own is not None:
        raise Forbidden(why=own)
    _check(uow, text, reply_by)
    post, unit_id = place_of(uow, found.row)
    drawn = uow.connection.execute(_COUNT, {"b_case": job.case_id}).scalar_one()
    row = {
        "number": f"{job.number}-DB{drawn + 1:02d}",
        "escalation_id": escalation_id,
        "case_id": job.case_id,
        "task_id": job.id,
        "text_sealed": uow.runtime.vault.seal_json(text.strip()),
        "issued_by": uow.actor.id,
        "issued_post": post,
        "issued_unit_id": unit_id,
        "issued_at": uow.now,
        "reply_due_at": end_of_day(reply_by),
    }
    order_id = uow.add(job.case_id, _ADD, row)
    found.view.notify(job.post, job.unit_id, "order.issued", task=job.id, order=order_id)
    version = looked_at(found)
    told = {"order": order_id, "number": row["number"], "text": text.strip(), "reply_by": reply_by.isoformat()}
    uow.record(Event(Kind.ORDER_ISSUED, job.case_id, job.id, job.element, {"escalation": escalation_id, **told}))
    return {"escalation_id": escalation_id, "case_id": job.case_id, "order_id": order_id, "version": version}


def reply_order(uow: UnitOfWork, *, order_id: int, text: str) -> dict[str, Any]:
    """Answer an order (答复督办单), by whoever may work on the task; once. A late answer is taken, and stays late.

    NotFound, Forbidden, TaskNotReady when the work is done, InvalidAnswers for an empty or too long text.
    """
    order, job = _asked(uow, order_id)
    uow.acting_post = job.post
    require_open(uow, job)
    if order.state not in ("open", "late"):
        raise Forbidden(why=Message(N_("督办单 {number} 已经答复"), {"number": order.number}))
    problems = _wrong_text(text)
    if problems:
        raise InvalidAnswers({"reply": problems})
    sealed = uow.runtime.vault.seal_json(text.strip())
    written = {"b_id": order_id, "b_sealed": sealed, "b_by": uow.actor.id, "b_now": uow.now}
    if uow.change(job.case_id, _REPLY, written).rowcount != 1:
        raise Forbidden(why=Message(N_("督办单 {number} 已经答复"), {"number": order.number}))
    view_of(uow, job).notify(order.issued_post, order.issued_unit_id, "order.replied", task=job.id, order=order_id)
    content = {"order": order_id, "number": order.number, "text": text.strip(), "late": order.state == "late"}
    uow.record(Event(Kind.ORDER_REPLIED, job.case_id, job.id, job.element, content))
    return {"order_id": order_id, "case_id": job.case_id, "task_id": job.id}


def _asked(uow: UnitOfWork, order_id: int) -> tuple[Row[Any], Row[Any]]:
    """An order and its task, for whoever may work on it; what is there and not hers is told like what is not there."""
    unknown = NotFound(what=Message(N_("督办单 {id}"), {"id": order_id}))
    order = uow.connection.execute(_LOAD, {"b_id": order_id}).one_or_none()
    if order is None:
        as_if_there(uow.connection)
        raise unknown
    try:
        job = load_task(uow, order.task_id)
        require_of_task(uow, Permission.WORK_TASK, job)
    except NotFound:
        raise unknown from None
    return order, job


def _check(uow: UnitOfWork, text: str, reply_by: date) -> None:
    problems: Problems = {}
    if wrong := _wrong_text(text):
        problems["text"] = wrong
    last = uow.today + timedelta(days=LONGEST_DAYS)
    if not uow.today <= reply_by <= last:
        wanted = N_("答复期限填的是 {seen}，应在 {first} 至 {last} 之间")
        seen = {"seen": reply_by.isoformat(), "first": uow.today.isoformat(), "last": last.isoformat()}
        problems["reply_by"] = [Message(wanted, seen)]
    if problems:
        raise InvalidAnswers(problems)


def _wrong_text(text: str) -> list[Message]:
    if not text.strip():
        return [Message(N_("请填写内容"))]
    if len(text.strip()) > LONGEST_TEXT:
        return [Message(N_("内容共 {seen} 字，最多 {limit} 字"), {"seen": len(text.strip()), "limit": LONGEST_TEXT})]
    return []
