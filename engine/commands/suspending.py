"""Waiting for papers (挂起) and going on (恢复): nobody acts on the step meanwhile, and its clock stands still where it may."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from engine.access import Permission
from engine.commands import periods
from engine.commands.escalations import settle_escalation
from engine.commands.loading import load_task, require_verb, require_work, view_of
from engine.commands.seats import LIVE
from engine.errors import InvalidAnswers, NotNow
from engine.events import Event, Kind
from engine.messages import N_, Message
from engine.model import task
from engine.supervision import WAITING

if TYPE_CHECKING:
    from engine.commands.context import CaseContext
    from engine.unit_of_work import UnitOfWork

_OF_TOKEN = (
    task.c.instance_id == bindparam("b_instance"),
    task.c.token == bindparam("b_token"),
    task.c.state.in_(LIVE),
)
_SEATS = select(task.c.id).where(*_OF_TOKEN).order_by(task.c.id)
_STAND = (
    update(task)
    .where(*_OF_TOKEN)
    .values(
        suspended_at=bindparam("b_since"),
        suspended_until=bindparam("b_until"),
        version=task.c.version + 1,
    )
)


def suspend_task(
    uow: UnitOfWork, *, task_id: int, reason: str, until: date, seen_version: int | None
) -> dict[str, Any]:
    """Put a step aside while something is awaited (挂起). `until`: the day it is expected, after today.

    Every seat of the step waits with it. Returns ``{"paused": [periods that stand still]}``: a clock that the rules do not
    let pause runs on. What has been typed stays, and typing and attaching papers go on being possible.
    """
    job = load_task(uow, task_id)
    view = view_of(uow, job)
    require_verb(view, seen_version, Permission.SUSPEND_TASK)
    problems: dict[str, list[Message]] = {}
    if not reason.strip():
        problems["reason"] = [Message(N_("请写明在等什么"))]
    if until <= uow.today:
        wanted = N_("预计日期须在今天（{today}）之后，见到 {seen}")
        problems["until"] = [Message(wanted, {"today": uow.today.isoformat(), "seen": until.isoformat()})]
    if problems:
        raise InvalidAnswers(problems)
    paused = periods.pause_all(view, job)
    tasks = _stand(view, uow.now, until)
    content = {"tasks": tasks, "reason": reason.strip(), "until": until.isoformat(), "paused": paused}
    uow.record(Event(Kind.TASK_SUSPENDED, job.case_id, job.id, job.element, content))
    return {"case_id": job.case_id, "task_id": job.id, "version": job.version + 1, "paused": paused}


def resume_task(uow: UnitOfWork, *, task_id: int, seen_version: int | None) -> dict[str, Any]:
    """Go on with a step that was put aside (恢复); returns ``{"resumed": [periods that run again]}``."""
    job = load_task(uow, task_id)
    view = view_of(uow, job)
    require_work(view, seen_version, Permission.SUSPEND_TASK)
    if job.suspended_at is None:
        raise NotNow(why=Message(N_("此件没有挂起")))
    tasks = _stand(view, None, None)
    for seat_id in tasks:
        settle_escalation(view, task_id=seat_id, reason="resumed", period_key=WAITING)
    resumed = periods.resume_all(view, job)
    content = {"tasks": tasks, "since": job.suspended_at.isoformat(), "resumed": resumed}
    uow.record(Event(Kind.TASK_RESUMED, job.case_id, job.id, job.element, content))
    return {"case_id": job.case_id, "task_id": job.id, "version": job.version + 1, "resumed": resumed}


def _stand(view: CaseContext, since: datetime | None, until: date | None) -> list[int]:
    """Have every seat of the step wait, or go on; their ids."""
    job = view.job
    key = {"b_instance": job.instance_id, "b_token": job.token}
    found = list(view.connection.execute(_SEATS, key).scalars())
    view.work.change(job.case_id, _STAND, {**key, "b_since": since, "b_until": until})
    return found
