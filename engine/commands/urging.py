"""催办: whoever started a case, or supervises it, asks those who have a task in hand to get on with it. Nothing else moves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, insert, select

from engine.access import Permission, UrgeLimits
from engine.clock import SHANGHAI, civil_date, end_of_day
from engine.commands.loading import load_task, may_read, require_open, subject_of
from engine.commands.telling import tell_holder
from engine.errors import EngineError, Forbidden, NotFound
from engine.events import Event, Kind
from engine.messages import N_, Message
from engine.model_lists import urge

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

_MINE = (
    select(urge.c.at)
    .where(urge.c.task_id == bindparam("b_task"), urge.c.by_id == bindparam("b_by"))
    .order_by(urge.c.at.desc())
    .limit(bindparam("b_limit"))
)


class UrgedAlready(EngineError):
    """The same person has urged the same task too short a while ago, or often enough for one day."""

    text = N_(
        "您已于 {last} 催办过此环节。同一环节每 {hours} 小时可催办一次，每天最多 {limit} 次；{next} 起可以再次催办。"
    )


def urge_task(uow: UnitOfWork, *, task_id: int) -> dict[str, Any]:
    """Urge the holder of an open task; returns ``{"case_id", "task_id", "times"}``, the times this person has urged today.

    NotFound for who may not read the case, Forbidden for who may not urge, UrgedAlready with the next possible moment.
    The rate is policy data of the county (scope "inbox").
    """
    job = urgeable(uow, task_id)
    times = _times_today(_before(uow, job, 50), uow.now) + 1
    uow.change(
        job.case_id, insert(urge), {"case_id": job.case_id, "task_id": job.id, "by_id": uow.actor.id, "at": uow.now}
    )
    tell_holder(uow, job, "task.urged", task=job.id, by=uow.actor.id)
    told = {"assignee": job.assignee_id, "post": job.post, "unit": job.unit_id}
    uow.record(Event(Kind.TASK_URGED, job.case_id, job.id, job.element, {"told": [told], "times": times}))
    return {"case_id": job.case_id, "task_id": job.id, "times": times}


def urgeable(uow: UnitOfWork, task_id: int) -> Row[Any]:
    """The task, when the actor may urge it now; otherwise what `urge_task` raises. Changes nothing."""
    job = load_task(uow, task_id)
    case = uow.case(job.case_id)
    if not may_read(uow, case):
        raise NotFound(what=Message(N_("任务 {id}"), {"id": task_id}))
    uow.require(Permission.URGE_TASK, subject_of(uow.connection, case))
    require_open(uow, job)
    if uow.runtime.rules.permits(uow.actor, Permission.WORK_TASK, job):
        raise Forbidden(why=Message(N_("此环节正等您本人或您所在的岗位办理，不必催办")))
    limits = uow.runtime.rules.urge_limits(uow.connection, case.unit_id, uow.today)
    before = _before(uow, job, limits.per_day)
    again = next_urge(before, limits, uow.now)
    if again > uow.now:
        shown = {"last": _clock(before[0]), "next": _clock(again)}
        hours = int(limits.pause / timedelta(hours=1))
        raise UrgedAlready(**shown, hours=hours, limit=limits.per_day)
    return job


def next_urge(before: list[datetime], limits: UrgeLimits, now: datetime) -> datetime:
    """From when on somebody who urged at `before` (the latest first) may urge again; `now` or earlier: at once."""
    if not before:
        return now
    again = before[0] + limits.pause
    if _times_today(before, now) >= limits.per_day:
        again = max(again, end_of_day(civil_date(now)))
    return again


def _before(uow: UnitOfWork, job: Row[Any], limit: int) -> list[datetime]:
    key = {"b_task": job.id, "b_by": uow.actor.id, "b_limit": limit}
    return list(uow.connection.execute(_MINE, key).scalars())


def _times_today(before: list[datetime], now: datetime) -> int:
    return sum(civil_date(at) == civil_date(now) for at in before)


def _clock(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
