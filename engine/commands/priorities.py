"""What is urgent, with a reason that everybody reads; and what one person wants to see again on a day, which nobody else sees.

Neither moves a clock: a period ends when the law and the policy say, however urgent somebody finds it.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update

from engine.access import Permission
from engine.commands.loading import load_task, may_read, require_open, subject_of
from engine.errors import Forbidden, InvalidAnswers, NotFound
from engine.events import Event, Kind
from engine.messages import N_, Message
from engine.model_lists import case_priority, follow_up

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

NORMAL, URGENT = "normal", "urgent"
LEVELS = {NORMAL: N_("普通"), URGENT: N_("紧急")}
#: a reminder lies a year ahead at most
FARTHEST = timedelta(days=366)
MOST_REASON = 300

_LEVEL = select(case_priority.c.level).where(case_priority.c.case_id == bindparam("b_case"))
_SET = update(case_priority).where(case_priority.c.case_id == bindparam("b_case"))
_OWN = (follow_up.c.account_id == bindparam("b_account"), follow_up.c.task_id == bindparam("b_task"))
_FORGET = delete(follow_up).where(*_OWN)
_MOVE = update(follow_up).where(*_OWN).values(on_day=bindparam("b_day"))


def set_priority(uow: UnitOfWork, *, case_id: int, level: str, reason: str) -> dict[str, Any]:
    """Make an open case urgent, or normal again, with a reason; returns ``{"case_id", "level", "changed"}``.

    NotFound, Forbidden; InvalidAnswers for a level there is not, or without a reason.
    """
    case = uow.case(case_id)
    uow.about = case_id
    if not may_read(uow, case):
        raise NotFound(what=Message(N_("案件 {id}"), {"id": case_id}))
    uow.require(Permission.PRIORITISE_CASE, subject_of(uow.connection, case))
    if case.state != "open":
        raise Forbidden(why=Message(N_("此件已办结，不再区分缓急")))
    if level not in LEVELS:
        allowed = Message(N_("缓急只能是“普通”或“紧急”，收到的是“{seen}”"), {"seen": level[:20]})
        raise InvalidAnswers({"level": [allowed]})
    why = " ".join(reason.split())
    if not why or len(why) > MOST_REASON:
        seen = {"limit": MOST_REASON, "seen": len(why)}
        raise InvalidAnswers({"reason": [Message(N_("请写明理由，1 至 {limit} 字（现为 {seen} 字）"), seen)]})
    return {"case_id": case_id, "level": level, "changed": mark_as(uow, case_id, level, why)}


def mark_as(uow: UnitOfWork, case_id: int, level: str, why: str) -> bool:
    """Write and record how urgent a case is; whether that is new. Asks no permission."""
    before = uow.connection.execute(_LEVEL, {"b_case": case_id}).scalar()
    if (before or NORMAL) == level:
        return False
    row = {"level": level, "reason_sealed": uow.runtime.vault.seal(why.encode()), "by_id": uow.actor.id, "at": uow.now}
    if before is None:
        uow.change(case_id, insert(case_priority), {"case_id": case_id, **row})
    else:
        uow.change(case_id, _SET.values(**row), {"b_case": case_id})
    content = {"old": before or NORMAL, "new": level, "reason": why}
    uow.record(Event(Kind.PRIORITY_SET, case_id, content=content))
    return True


def set_follow_up(uow: UnitOfWork, *, task_id: int, day: str) -> dict[str, Any]:
    """Note for oneself on which day ("2026-06-30", "" for none) to look at an open task again; returns ``{"task_id", "day"}``.

    Private to the actor: no history, no notice, no clock. NotFound, InvalidAnswers with the day seen and the days allowed.
    """
    job = load_task(uow, task_id)
    uow.about = None
    works = uow.runtime.rules.permits(uow.actor, Permission.WORK_TASK, job)
    if not works and not may_read(uow, uow.case(job.case_id)):
        raise NotFound(what=Message(N_("任务 {id}"), {"id": task_id}))
    key = {"b_account": uow.actor.id, "b_task": task_id}
    if not day.strip():
        uow.connection.execute(_FORGET, key)
        return {"task_id": task_id, "day": None}
    require_open(uow, job)
    chosen = _day(day.strip(), uow.today)
    if uow.connection.execute(_MOVE, {**key, "b_day": chosen}).rowcount == 0:
        row = {"account_id": uow.actor.id, "task_id": task_id, "on_day": chosen}
        uow.connection.execute(insert(follow_up), row)
    return {"task_id": task_id, "day": chosen.isoformat()}


def _day(text: str, today: date) -> date:
    last = today + FARTHEST
    bounds = {"seen": text[:20], "first": today.isoformat(), "last": last.isoformat()}
    problem = Message(N_("跟进日期须在 {first} 至 {last} 之间，填写的是“{seen}”"), bounds)
    try:
        chosen = date.fromisoformat(text)
    except ValueError:
        raise InvalidAnswers({"day": [problem]}) from None
    if not today <= chosen <= last:
        raise InvalidAnswers({"day": [problem]})
    return chosen
