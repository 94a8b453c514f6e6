"""指派: who supervises a case gives an open step to one of those who may do it. The post stays; only who does it is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, update

from engine.access import Actor, Permission
from engine.commands.context import CaseContext
from engine.commands.loading import load_task, may_read, require_open, require_seen, subject_of, view_of
from engine.commands.seats import seat_barrier
from engine.commands.telling import tell_person
from engine.errors import Forbidden, NotFound, StaleTask
from engine.events import Event, Kind
from engine.messages import N_, Message
from engine.model import task

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

_GIVE = (
    update(task)
    .where(task.c.id == bindparam("b_id"), task.c.version == bindparam("b_seen"))
    .values(assignee_id=bindparam("b_assignee"), owner_id=None, version=task.c.version + 1)
)


def assign_task(uow: UnitOfWork, *, task_id: int, account_id: int, seen_version: int | None = None) -> dict[str, Any]:
    """Give an open task to a person of its post; returns ``{"case_id", "task_id", "version"}``.

    NotFound, Forbidden with the reason (not a supervisor; the person does not hold the post, is barred, or has it), StaleTask,
    TaskNotReady.
    """
    view = assignable(uow, task_id, account_id, seen_version)
    job = view.job
    given = {"b_id": job.id, "b_seen": job.version, "b_assignee": account_id}
    if uow.change(job.case_id, _GIVE, given).rowcount != 1:
        raise StaleTask(seen=job.version, current=job.version + 1)
    tell_person(uow, job.case_id, account_id, "task.assigned", task=job.id, by=uow.actor.id)
    content = {"old": job.assignee_id, "assigned": account_id}
    uow.record(Event(Kind.TASK_ASSIGNED, job.case_id, job.id, job.element, content))
    return {"case_id": job.case_id, "task_id": job.id, "version": job.version + 1}


def assignable(uow: UnitOfWork, task_id: int, account_id: int, seen_version: int | None) -> CaseContext:
    """The task in its case, when the actor may give it to the person; otherwise what `assign_task` raises. Changes nothing."""
    view = supervised(uow, task_id)
    job = view.job
    require_seen(job, seen_version)
    require_open(uow, job)
    if job.assignee_id == account_id:
        raise Forbidden(why=Message(N_("此件已由其签收，无须指派")))
    barred = view.process.may_work(view.seen_by(Actor(account_id, "")), job.element, job.form)
    barred = barred or seat_barrier(view, job, account_id)
    if barred is not None:
        raise Forbidden(why=Message(N_("此人不能办理：{why}"), {"why": barred}))
    if account_id not in view.free(job.post, job.unit_id):
        raise Forbidden(why=Message(N_("此人目前不任该岗位，或不能办理此步骤")))
    return view


def supervised(uow: UnitOfWork, task_id: int) -> CaseContext:
    """The task in its case, for a supervisor of the case; NotFound, Forbidden."""
    job: Row[Any] = load_task(uow, task_id)
    case = uow.case(job.case_id)
    if not may_read(uow, case):
        raise NotFound(what=Message(N_("任务 {id}"), {"id": task_id}))
    uow.require(Permission.ASSIGN_TASK, subject_of(uow.connection, case))
    return view_of(uow, job)
