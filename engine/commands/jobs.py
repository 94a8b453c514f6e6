"""What a keeper of the machine may do with a job: have it tried again, or call it off. Who did so last stands in its row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, select, update

from engine.access import Permission
from engine.errors import EngineError, NotFound
from engine.jobs_asking import KINDS, STATE_NAMES, State
from engine.messages import N_, Message
from engine.model_jobs import job
from engine.unit_of_work import UnitOfWork

#: what may be tried again, and what may be called off
RETRIABLE = (State.FAILED, State.CANCELLED, State.WAITING)
CANCELLABLE = (State.WAITING, State.QUEUED, State.RUNNING, State.FAILED)

_LOAD = select(job).where(job.c.id == bindparam("b_id"))
_TOUCH = update(job).where(
    job.c.id == bindparam("b_id"), job.c.state == bindparam("b_seen"), job.c.run == bindparam("b_run")
)
_AGAIN = _TOUCH.values(
    state=State.WAITING,
    attempt=0,
    next_at=bindparam("b_at"),
    ended_at=None,
    touched_by=bindparam("b_by"),
    touched_at=bindparam("b_at"),
)
_STOP = _TOUCH.values(state=State.STOPPING, touched_by=bindparam("b_by"), touched_at=bindparam("b_at"))
_CANCEL = _TOUCH.values(
    state=State.CANCELLED,
    once=None,
    ended_at=bindparam("b_at"),
    touched_by=bindparam("b_by"),
    touched_at=bindparam("b_at"),
)


class JobNotPossible(EngineError):
    """The job is not in a state for that, or its kind may not be called off."""

    text = N_("作业 {job} 不能{act}：{why}")


def retry_job(uow: UnitOfWork, *, job_id: int) -> dict[str, Any]:
    """Have a job tried again at once, with all its attempts before it: one that failed, was called off, or waits for its time.

    Returns ``{"job", "state"}``. NotFound, Forbidden, JobNotPossible.
    """
    row = _load(uow, job_id)
    if row.state not in RETRIABLE:
        raise JobNotPossible(job=job_id, act=Message(N_("重试")), why=_is(row))
    _change(uow, row, _AGAIN, N_("重试"))
    return {"job": job_id, "state": State.WAITING}


def cancel_job(uow: UnitOfWork, *, job_id: int) -> dict[str, Any]:
    """Call a job off; one that runs stops where it next asks, and what it has done by then stands.

    Returns ``{"job", "state"}``. NotFound, Forbidden, JobNotPossible.
    """
    row = _load(uow, job_id)
    kind = KINDS.get(row.kind)
    if kind is not None and not kind.cancellable:
        why = Message(N_("法定期限的处理不能取消，请排除故障后重试"))
        raise JobNotPossible(job=job_id, act=Message(N_("取消")), why=why)
    if row.state not in CANCELLABLE:
        raise JobNotPossible(job=job_id, act=Message(N_("取消")), why=_is(row))
    running = row.state == State.RUNNING
    _change(uow, row, _STOP if running else _CANCEL, N_("取消"))
    return {"job": job_id, "state": State.STOPPING if running else State.CANCELLED}


def _load(uow: UnitOfWork, job_id: int) -> Row[Any]:
    uow.require(Permission.MANAGE_JOBS, None)
    row: Row[Any] | None = uow.connection.execute(_LOAD, {"b_id": job_id}).one_or_none()
    if row is None:
        raise NotFound(what=Message(N_("作业 {id}"), {"id": job_id}))
    return row


def _change(uow: UnitOfWork, row: Row[Any], statement: Any, act: str) -> None:
    told = {"b_id": row.id, "b_seen": row.state, "b_run": row.run, "b_by": uow.actor.id, "b_at": uow.now}
    if uow.connection.execute(statement, told).rowcount != 1:
        raise JobNotPossible(job=row.id, act=Message(act), why=Message(N_("它刚刚有了变化，请刷新后再看")))


def _is(row: Row[Any]) -> Message:
    return Message(N_("它目前是“{state}”"), {"state": Message(STATE_NAMES[State(row.state)])})
