"""The day on which something was expected has passed (挂起到期): who suspended the step and her superior are reminded.

A step that goes on waiting is lifted to the superiors (督办) after the time the policy leaves. Neither ever resumes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from engine.clock import start_of_day
from engine.commands.escalations import raise_escalation, waiting_period
from engine.commands.loading import load_task, view_of
from engine.commands.seats import LIVE
from engine.commands.supervised import require_system
from engine.commands.telling import tell_holder, tell_person
from engine.events import Event, Kind
from engine.model import history, task
from engine.model_waiting import wait_reminder
from engine.reckoning import due_after

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

    from engine.commands.context import CaseContext
    from engine.unit_of_work import UnitOfWork

_KNOWN = select(wait_reminder.c.id).where(
    wait_reminder.c.instance_id == bindparam("b_instance"),
    wait_reminder.c.token == bindparam("b_token"),
    wait_reminder.c.since == bindparam("b_since"),
)
_WAIT = (
    select(task)
    .where(
        task.c.instance_id == bindparam("b_instance"),
        task.c.token == bindparam("b_token"),
        task.c.suspended_at == bindparam("b_since"),
        task.c.state.in_(LIVE),
    )
    .order_by(task.c.state, task.c.seat_order, task.c.id)
)
_WHO = (
    select(history.c.actor_id)
    .where(
        history.c.case_id == bindparam("b_case"),
        history.c.kind == str(Kind.TASK_SUSPENDED),
        history.c.task_id.in_(bindparam("b_tasks", expanding=True)),
    )
    .order_by(history.c.seq.desc())
    .limit(1)
)
_ADD = insert(wait_reminder)
_ONE = select(wait_reminder).where(wait_reminder.c.id == bindparam("b_id"))
_LIFTED = update(wait_reminder).where(wait_reminder.c.id == bindparam("b_id")).values(lift_at=None)
_ROWS = select(task.c.id).where(task.c.instance_id == bindparam("b_instance"), task.c.token == bindparam("b_token"))


def remind_waiting(uow: UnitOfWork, *, task_id: int) -> dict[str, Any]:
    """Tell that a suspended step's expected day has passed, once for each suspension; ``{"reminded": False}`` otherwise.

    The day itself still counts: it has passed from 0:00 of the next one on. Forbidden for persons.
    """
    require_system(uow)
    job = load_task(uow, task_id)
    uow.about = None
    over = job.suspended_at is not None and job.suspended_until < uow.today
    key = {"b_instance": job.instance_id, "b_token": job.token, "b_since": job.suspended_at}
    if job.state not in LIVE or not over or uow.connection.execute(_KNOWN, key).first() is not None:
        return {"reminded": False}
    view = view_of(uow, job)
    period = waiting_period(view, job.post)
    told = _tell(view, uow.connection.execute(_WAIT, key).all(), view.process.superiors(view, period.told("warn")))
    lift_at = due_after(period, view.process.calendar(view), start_of_day(job.suspended_until))
    row = {"case_id": job.case_id, "instance_id": job.instance_id, "token": job.token, "since": job.suspended_at}
    uow.change(job.case_id, _ADD, {**row, "until": job.suspended_until, "reminded_at": uow.now, "lift_at": lift_at})
    content = {"until": job.suspended_until.isoformat(), "told": told, "lift_at": lift_at.isoformat()}
    uow.record(Event(Kind.WAIT_PASSED, job.case_id, job.id, job.element, content))
    return {"reminded": True, "case_id": job.case_id, "task_id": job.id}


def lift_waiting(uow: UnitOfWork, *, reminder_id: int) -> dict[str, Any]:
    """Lift a step that still waits long after its expected day to the superiors; ``{"lifted": False}`` otherwise."""
    require_system(uow)
    row = uow.connection.execute(_ONE, {"b_id": reminder_id}).one_or_none()
    if row is None or row.lift_at is None or row.lift_at > uow.now:
        return {"lifted": False}
    key = {"b_instance": row.instance_id, "b_token": row.token, "b_since": row.since}
    seats = uow.connection.execute(_WAIT, key).all()
    uow.connection.execute(_LIFTED, {"b_id": reminder_id})
    if not seats:
        return {"lifted": False}
    job = load_task(uow, seats[0].id)
    uow.about = None
    view = view_of(uow, job)
    period = waiting_period(view, job.post)
    raise_escalation(view, task_id=job.id, element=job.element, period=period, level="broken", since=row.lift_at)
    return {"lifted": True, "case_id": job.case_id}


def _tell(view: CaseContext, seats: Sequence[Row[Any]], superiors: Sequence[tuple[str, int]]) -> dict[str, Any]:
    """A notice for who suspended it, for whoever has it now, and for the posts above; who was told."""
    job = view.job
    rows = view.connection.execute(_ROWS, {"b_instance": job.instance_id, "b_token": job.token}).scalars()
    who = view.connection.execute(_WHO, {"b_case": job.case_id, "b_tasks": list(rows)}).scalar()
    said = {"task": job.id, "until": job.suspended_until.isoformat()}
    if who and not _of_the_post(view, who, seats):
        tell_person(view.work, job.case_id, who, "wait.passed", **said)
    for seat in seats:
        if seat.state == "open" and seat.assignee_id != who:
            tell_holder(view.work, seat, "wait.passed", **said)
    here = (job.post, job.unit_id)
    above = [place for place in dict.fromkeys(superiors) if place != here]
    for post, unit_id in above:
        view.notify(post, unit_id, "wait.passed", **said)
    return {"by": who or 0, "posts": [{"post": post, "unit": unit_id} for post, unit_id in above]}


def _of_the_post(view: CaseContext, account_id: int, seats: Sequence[Row[Any]]) -> bool:
    """Whether she is told by what her post is told, because nobody has claimed the step."""
    person = view.work.runtime.rules.person(view.connection, account_id, view.today)
    pools = [seat for seat in seats if seat.state == "open" and seat.assignee_id == 0]
    return person is not None and any(person.holds(seat.post, seat.unit_id) for seat in pools)
