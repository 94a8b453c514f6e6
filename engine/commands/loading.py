"""Load the task a command is about, with its instance and case, in one statement, and ask whether the actor may."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, and_, bindparam, select
from sqlalchemy.engine import result_tuple

from engine.access import Permission
from engine.commands.context import CaseContext
from engine.commands.deputising import permitted_on
from engine.commands.progress import Token
from engine.commands.seats import ASKED, require_one_seat
from engine.errors import Forbidden, NotFound, NotNow, StaleTask, TaskNotReady
from engine.guard import Guard, Share
from engine.guarding import Guarded, as_if_there, guard_of, shares_of
from engine.messages import N_, Message
from engine.model import case_file, case_share, instance, task

if TYPE_CHECKING:
    from datetime import datetime

    from engine.unit_of_work import UnitOfWork

_CASE = result_tuple([column.name for column in case_file.c])
_LOAD_TASK = (
    select(
        task,
        instance.c.definition_id,
        instance.c.state.label("flow_state"),
        instance.c.version.label("instance_version"),
        case_file.c.path,
        case_file.c.confidentiality,
        case_file.c.number,
        case_share.c.unit_id.label("lent_to"),
        case_share.c.until.label("lent_until"),
        *(column.label(f"file_{column.name}") for column in case_file.c),
    )
    .join(instance, instance.c.id == task.c.instance_id)
    .join(case_file, case_file.c.id == task.c.case_id)
    .outerjoin(case_share, and_(case_share.c.case_id == task.c.case_id, case_share.c.unit_id == task.c.unit_id))
    .where(task.c.id == bindparam("b_id"))
)
_GUARDED = Guarded(_LOAD_TASK, "shared_with")
_READY = select(task.c.id, task.c.element, task.c.name).where(
    task.c.case_id == bindparam("b_case"), task.c.state == "open"
)


def load_task(work: UnitOfWork, task_id: int) -> Row[Any]:
    """The task row with `flow_state`, `instance_version`, `definition_id`, the case's path, class and `guard`; NotFound.

    `shared_with`: that the case was handed to the unit of the task, if it was.
    """
    row = work.connection.execute(_LOAD_TASK, {"b_id": task_id}).one_or_none()
    if row is None:
        as_if_there(work.connection)
        raise NotFound(what=Message(N_("任务 {id}"), {"id": task_id}))
    work.about = row.case_id
    work.met(_CASE(row[-len(case_file.c) :]))
    return _GUARDED.row(work.connection, row, row.case_id, row.file_guarded, _shared_with(row))


def _shared_with(row: Row[Any]) -> frozenset[Share]:
    return frozenset() if row.lent_to is None else frozenset((Share(row.lent_to, row.lent_until),))


@dataclass(frozen=True)
class CaseSubject:
    """A case as the rules ask about it. `shared_with`: the units it was handed to (the credit union)."""

    id: int
    kind: str
    confidentiality: str
    unit_id: int
    path: str
    created_by: int
    state: str
    created_at: datetime
    shared_with: frozenset[Share]
    guard: Guard


def subject_of(connection: Connection, case: Row[Any]) -> CaseSubject:
    """What permission to read, print or withdraw a case is asked for."""
    known = (
        case.id,
        case.kind,
        case.confidentiality,
        case.unit_id,
        case.path,
        case.created_by,
        case.state,
        case.created_at,
    )
    guard = guard_of(connection, case.id, case.guarded)
    return CaseSubject(*known, shared_with=shares_of(connection, case.id), guard=guard)


def may_read(work: UnitOfWork, case: Row[Any]) -> bool:
    """Whether the actor may know of a case."""
    known = work.runtime.rules.permits(work.actor, Permission.READ_CASE, subject_of(work.connection, case))
    if not known:
        as_if_there(work.connection, case)
    return known


def open_task_of(work: UnitOfWork, case_id: int, element: str) -> int:
    """The id of the open task of an element; TaskNotReady when the case is not there, NotFound for who may not read it."""
    work.about = case_id
    if not may_read(work, work.case(case_id)):
        raise NotFound(what=Message(N_("案件 {id}"), {"id": case_id}))
    rows = work.connection.execute(_READY, {"b_case": case_id}).all()
    for row in rows:
        if row.element == element:
            return int(row.id)
    raise TaskNotReady(task=element, ready="、".join(row.name for row in rows) or "—")


def view_of(work: UnitOfWork, job: Row[Any]) -> CaseContext:
    """The context of a loaded task."""
    return CaseContext(work, work.case(job.case_id), work.runtime.catalogue[job.kind], job)


def token_of(work: UnitOfWork, job: Row[Any]) -> Token:
    """The instance of a loaded task."""
    return Token(job.instance_id, job.instance_version, work.runtime.definitions.get(job.definition_id))


def require_of_task(work: UnitOfWork, permission: Permission, job: Row[Any]) -> None:
    """Forbidden without the permission; NotFound for who may not even know of the case.

    Nobody sees more in another's place than by her own posts: her own right to read the case is asked as well.
    """
    if permitted_on(work, permission, job) and (work.stand_in is None or may_read(work, work.case(job.case_id))):
        return
    work.actor, work.stand_in = replace(work.actor, stand_ins=()), None
    if not may_read(work, work.case(job.case_id)):
        raise NotFound(what=Message(N_("任务 {id}"), {"id": job.id}))
    work.require(permission, job)


def require_work(view: CaseContext, seen_version: int | None, permission: Permission = Permission.WORK_TASK) -> None:
    """Permit, then stale, then ready, then conflicts of interest: the order of house.md."""
    work, job = view.work, view.job
    require_of_task(work, permission, job)
    work.acting_post = job.post
    require_seen(job, seen_version)
    require_open(work, job)
    refusal = barrier(view)
    if refusal is not None:
        raise Forbidden(why=refusal)


def require_verb(
    view: CaseContext, seen_version: int | None, permission: Permission = Permission.WORK_TASK, *, asked: bool = False
) -> None:
    """`require_work` for whoever decides about the task: NotNow while it is suspended, or delegated to the actor.

    NotNow also for somebody who was only asked to sign (加签), unless the verb is for her (`asked`).
    """
    require_work(view, seen_version, permission)
    require_one_seat(view)
    if view.job.seat in ASKED and not asked:
        raise NotNow(why=Message(N_("您是加签人：请签署意见；转办、退回等由请您加签的人决定")))
    if view.job.suspended_at is not None:
        raise NotNow(why=Message(N_("此件已挂起，等待材料；请先恢复")))
    if view.job.owner_id is not None:
        raise NotNow(why=Message(N_("此件由他人委派给您：请填写并暂存，然后交回，由委派人提交或另行处理")))


def require_seen(job: Row[Any], seen_version: int | None) -> None:
    """StaleTask when the page was made from another version of the task."""
    if seen_version is not None and job.version != seen_version:
        raise StaleTask(seen=seen_version, current=job.version)


def barrier(view: CaseContext) -> Message | None:
    """Why the actor may not take the step of the task (conflict, four eyes), asked for the absent person too; None if free."""
    job, stand_in = view.job, view.work.stand_in
    refusal = view.process.may_work(view, job.element, job.form)
    if refusal is not None or stand_in is None:
        return refusal
    absent = view.process.may_work(view.seen_by(stand_in.absent), job.element, job.form)
    return None if absent is None else Message(N_("委托人本人不能办理此环节，代理人也不能：{why}"), {"why": absent})


def require_open(work: UnitOfWork, job: Row[Any]) -> None:
    """TaskNotReady, with the steps that are open instead, when a task has been closed; NotNow when others come first."""
    if job.state == "waiting":
        mine = "facts" in (job.carried or {})
        told = N_("您已提交，正等候加签人签署") if mine else N_("还没有轮到您：须等前面的人签署或提交")
        raise NotNow(why=Message(told))
    if job.state != "open":
        ready = [row.name for row in work.connection.execute(_READY, {"b_case": job.case_id})]
        raise TaskNotReady(task=job.name, ready="、".join(ready) or "—")
