"""Move an open task whose post has nobody left who may work on it: a term ended, a conflict was declared (D3.2, D6)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Row, bindparam, update

from engine.access import CONFIDENTIAL, SYSTEM
from engine.commands.acting import let_in
from engine.commands.co_signing import excuse
from engine.commands.context import CaseContext
from engine.commands.loading import load_task, view_of
from engine.commands.seats import ASKED, others_at
from engine.errors import Forbidden
from engine.events import Event, Kind
from engine.messages import N_, Message
from engine.model import task
from engine.process_type import Candidates
from engine.unit_of_work import UnitOfWork

_MOVE = (
    update(task)
    .where(task.c.id == bindparam("b_id"))
    .values(
        post=bindparam("b_post"),
        unit_id=bindparam("b_unit"),
        acting_for=bindparam("b_acting_for"),
        acting_reason=bindparam("b_reason"),
        assignee_id=bindparam("b_assignee"),
        owner_id=None,
        carried=None,
        version=task.c.version + 1,
    )
)


def hand_over(uow: UnitOfWork, *, task_id: int) -> dict[str, Any]:
    """Give an open task to those who may work on it now; ``{"moved": False}`` when it may stay where it is.

    Forbidden for persons: a task follows the posts, nobody picks her successor.
    """
    if uow.actor != SYSTEM:
        raise Forbidden(why=Message(N_("任务随岗位由系统自动转办")))
    job = load_task(uow, task_id)
    view = view_of(uow, job)
    if job.seat in ASKED and left(view, job):
        return {"moved": True, "case_id": job.case_id, "task_id": job.id, **excuse(view, N_("不再任职或须回避"))}
    to = destination(view, job)
    if to is None:
        return {"moved": False}
    move(view, job, to)
    return {"moved": True, "case_id": job.case_id, "task_id": job.id}


def move(view: CaseContext, job: Row[Any], to: Candidates) -> None:
    """Write where an open task lies from now on, and record it with the reason; for commands that have asked."""
    uow = view.work
    let_in(view, job.element, to)
    row = {"b_post": to.post, "b_unit": to.unit_id, "b_acting_for": to.acting_for, "b_reason": to.reason}
    row["b_assignee"] = to.account_id
    uow.change(job.case_id, _MOVE, {"b_id": job.id, **row})
    content = {
        "old": {"post": job.post, "unit": job.unit_id, "assignee": job.assignee_id},
        "new": {"post": to.post, "unit": to.unit_id, "assignee": to.account_id},
        "acting_for": to.acting_for,
        "reason": to.reason,
        **({"barred": [dict(each) for each in to.barred]} if to.barred else {}),
    }
    uow.record(Event(Kind.TASK_MOVED, job.case_id, job.id, job.element, content))


def left(view: CaseContext, job: Row[Any]) -> bool:
    """Whether somebody who was asked to sign may not any more."""
    return job.state == "open" and job.assignee_id not in view.free(job.post, job.unit_id)


def destination(view: CaseContext, job: Row[Any]) -> Candidates | None:
    """Where an open task belongs now; None when it may stay, or when there is nobody else either.

    What was delegated goes back to who delegated it; one of several seats stays with its post. What is done in another
    post's place (代办) goes back to that post when it has somebody again, unless it was claimed.
    """
    if job.state != "open" or job.assignee_id in (free := view.free(job.post, job.unit_id)):
        return None
    here = Candidates(job.post, job.unit_id, job.acting_for, job.acting_reason)
    if view.case.confidentiality in CONFIDENTIAL:
        # D6: it goes to nobody by itself; it waits at its post for whom the case's manager chooses
        return here if job.assignee_id else None
    if job.owner_id is not None and job.owner_id in free:
        return replace(here, account_id=job.owner_id)
    if job.seat:
        others = set(free) - others_at(view)
        return here if job.assignee_id and others else None
    if job.assignee_id == 0 and free and job.acting_for is None:
        return None
    to = view.process.candidates(view, job.element, job.acting_for or job.post, {})
    same = (to.post, to.unit_id) == (job.post, job.unit_id)
    return None if same and job.assignee_id == 0 else to
