"""What follows for the work of a case when its team, its exclusions or its class have changed.

Its row and its tasks say whether the team is to be asked (`guarded`), and a task that lies with somebody who may no longer work
on it goes back: to whoever delegated it, if she still may, otherwise to the pool of its post, where the manager gives it to
somebody. A draft stays where it is, under the name of who typed it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, bindparam, exists, or_, select, update

from engine.access import CONFIDENTIAL, Permission
from engine.commands.loading import load_task
from engine.events import Event, Kind
from engine.model import case_file, task
from engine.model_teams import case_exclusion, case_member
from engine.process_traits import Discreet

if TYPE_CHECKING:
    from engine.access import Actor
    from engine.unit_of_work import UnitOfWork

_CASE: BindParameter[Any] = bindparam("b_case")
_STANDS = select(
    case_file.c.guarded,
    or_(
        case_file.c.confidentiality.in_(CONFIDENTIAL),
        exists().where(case_member.c.case_id == _CASE, case_member.c.ended_at.is_(None)),
        exists().where(case_exclusion.c.case_id == _CASE, case_exclusion.c.ended_at.is_(None)),
    ),
).where(case_file.c.id == _CASE)
_MARK = tuple(
    update(table).where(key == _CASE).values(guarded=bindparam("b_guarded"))
    for table, key in ((case_file, case_file.c.id), (task, task.c.case_id))
)
_HELD = (
    select(task.c.id)
    .where(task.c.case_id == _CASE, task.c.state.in_(("open", "waiting")), task.c.assignee_id != 0)
    .order_by(task.c.id)
)
_NAMED = select(task.c.id, task.c.kind, task.c.element, task.c.name).where(
    task.c.case_id == _CASE, task.c.state.in_(("open", "waiting"))
)
_NAME = update(task).where(task.c.id == bindparam("b_id")).values(name=bindparam("b_name"))
_GIVE_BACK = (
    update(task)
    .where(task.c.id == bindparam("b_id"))
    .values(assignee_id=bindparam("b_assignee"), owner_id=None, version=task.c.version + 1)
)


def settle(uow: UnitOfWork, case_id: int) -> list[int]:
    """Bring a case's marks and its tasks in line; returns the ids of the tasks that went back."""
    known, wanted = uow.connection.execute(_STANDS, {"b_case": case_id}).one()
    if bool(known) != bool(wanted):
        for statement in _MARK:
            uow.change(case_id, statement, {"b_case": case_id, "b_guarded": bool(wanted)})
    _rename(uow, case_id)
    back = []
    for task_id in list(uow.connection.execute(_HELD, {"b_case": case_id}).scalars()):
        job = load_task(uow, task_id)
        submitted = job.state == "waiting" and "facts" in (job.carried or {})
        if submitted or _may_work(uow, job, job.assignee_id):
            continue
        owner = job.owner_id if job.owner_id is not None and _may_work(uow, job, job.owner_id) else 0
        uow.change(case_id, _GIVE_BACK, {"b_id": task_id, "b_assignee": owner})
        uow.record(Event(Kind.TASK_RELEASED, case_id, task_id, job.element, {"old": job.assignee_id, "to": owner}))
        back.append(task_id)
    return back


def _rename(uow: UnitOfWork, case_id: int) -> None:
    """Steps that are open when a case becomes confidential get their neutral names at once (D4)."""
    case = uow.fresh(case_id)
    for row in uow.connection.execute(_NAMED, {"b_case": case_id}).all():
        process = uow.runtime.catalogue.get(row.kind)
        if case.confidentiality in CONFIDENTIAL and isinstance(process, Discreet):
            name = process.neutral_titles.get(row.element, row.name)
            if name != row.name:
                uow.change(case_id, _NAME, {"b_id": row.id, "b_name": name})


def _may_work(uow: UnitOfWork, job: Any, account_id: int) -> bool:
    """Whether a person could work on a task if it were hers."""
    person: Actor | None = uow.runtime.rules.person(uow.connection, account_id, uow.today)
    held = _AsHers(job, account_id)
    return person is not None and uow.runtime.rules.permits(person, Permission.WORK_TASK, held)


class _AsHers:
    """A task row as if it were claimed by somebody."""

    def __init__(self, job: Any, account_id: int) -> None:
        self._job = job
        self.assignee_id = account_id

    def __getattr__(self, name: str) -> Any:
        return getattr(self._job, name)
