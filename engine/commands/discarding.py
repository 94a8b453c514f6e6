"""删除草稿: an entry that was opened by mistake and never submitted leaves the lists. Its number stays used, and says why.

Nothing was filed, so nothing is decided: what was typed is forgotten, papers are taken off, and the history keeps who did it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, Row, bindparam, delete, func, select, update

from engine.access import SYSTEM
from engine.commands.loading import load_task, require_verb, view_of
from engine.errors import Busy, Forbidden, InvalidAnswers
from engine.events import Event, Kind
from engine.messages import N_, Message
from engine.model import case_file, instance, task, timer
from engine.model_filed import document, draft, form_version

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

DISCARDED = "discarded"
MOST_REASON = 200

_CASE: BindParameter[Any] = bindparam("b_case")
_FILED = select(func.count()).where(form_version.c.case_id == _CASE)
_TASKS = select(func.count()).where(task.c.case_id == _CASE)
_PAPERS = select(document).where(document.c.case_id == _CASE, document.c.removed_at.is_(None)).order_by(document.c.id)
_TAKE_OFF = (
    update(document)
    .where(document.c.id == bindparam("b_id"))
    .values(removed_at=bindparam("b_now"), removed_by=bindparam("b_by"))
)
_FORGET = delete(draft).where(draft.c.case_id == _CASE)
_STOP = (
    update(instance)
    .where(instance.c.id == bindparam("b_id"), instance.c.version == bindparam("b_seen"))
    .values(status="ended", version=instance.c.version + 1, ended_at=bindparam("b_now"))
)
_CLOSE = (
    update(task)
    .where(task.c.id == bindparam("b_id"))
    .values(
        state="closed",
        version=task.c.version + 1,
        closed_at=bindparam("b_now"),
        closed_by=bindparam("b_by"),
        close_reason=DISCARDED,
    )
)
_DISARM = update(timer).where(timer.c.case_id == _CASE, timer.c.state == "armed").values(state="gone")
_END = (
    update(case_file)
    .where(case_file.c.id == _CASE)
    .values(state="closed", outcome=DISCARDED, ended_at=bindparam("b_now"), subject="")
)


def discard_entry(
    uow: UnitOfWork, *, task_id: int, reason: str = "", seen_version: int | None = None
) -> dict[str, Any]:
    """Discard a case at its first step, by whoever works on that step; returns ``{"case_id", "number"}``.

    NotFound, Forbidden (submitted before, begun by the system, or a deputy), StaleTask, TaskNotReady, NotNow; InvalidAnswers
    for a reason that is too long.
    """
    job = load_task(uow, task_id)
    view = view_of(uow, job)
    require_verb(view, seen_version)
    why = may_discard(uow, job)
    if why is not None:
        raise Forbidden(why=why)
    said = " ".join(reason.split())
    if len(said) > MOST_REASON:
        bounds = {"limit": MOST_REASON, "seen": len(said)}
        raise InvalidAnswers({"reason": [Message(N_("原因最多 {limit} 字，现为 {seen} 字"), bounds)]})
    _take_off_papers(uow, job)
    mine = {"b_now": uow.now, "b_by": uow.actor.id}
    stopped = {"b_id": job.instance_id, "b_seen": job.instance_version, "b_now": uow.now}
    if uow.change(job.case_id, _STOP, stopped).rowcount != 1:
        raise Busy(by="version")
    uow.change(job.case_id, _CLOSE, {"b_id": job.id, **mine})
    uow.change(job.case_id, _DISARM, {"b_case": job.case_id})
    uow.connection.execute(_FORGET, {"b_case": job.case_id})
    uow.change(job.case_id, _END, {"b_case": job.case_id, "b_now": uow.now})
    content = {"number": job.number, **({"reason": said} if said else {})}
    uow.record(Event(Kind.CASE_DISCARDED, job.case_id, job.id, job.element, content))
    uow.record(Event(Kind.CASE_ENDED, job.case_id, content={"outcome": DISCARDED, "instance": job.instance_id}))
    return {"case_id": job.case_id, "number": job.number}


def may_discard(uow: UnitOfWork, job: Row[Any]) -> Message | None:
    """Why an entry cannot be discarded by who may work on its task; None when it can."""
    key = {"b_case": job.case_id}
    if uow.stand_in is not None:
        return Message(N_("代理人不能删除委托人的草稿"))
    if uow.case(job.case_id).created_by == SYSTEM.id:
        return Message(N_("此件由系统登记，不能删除"))
    if uow.connection.execute(_FILED, key).scalar_one() or uow.connection.execute(_TASKS, key).scalar_one() != 1:
        return Message(N_("此件已经提交过，不能删除；申请人不再申请的，请撤回"))
    return None


def _take_off_papers(uow: UnitOfWork, job: Row[Any]) -> None:
    for paper in uow.connection.execute(_PAPERS, {"b_case": job.case_id}).all():
        uow.change(job.case_id, _TAKE_OFF, {"b_id": paper.id, "b_now": uow.now, "b_by": uow.actor.id})
        content = {"paper": paper.id, "form": paper.form, "field": paper.field}
        uow.record(Event(Kind.DOCUMENT_REMOVED, job.case_id, job.id, job.element, content))
