"""Another person does it: for good (转办), or she fills it in and I submit it (委派, handed back or taken back).

The post and unit of the task stay; whoever gets it holds that post there, and no conflict of interest and no earlier
signature bars her.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, update

from engine.access import Actor, Permission
from engine.commands import drafts
from engine.commands.loading import (
    load_task,
    require_of_task,
    require_open,
    require_seen,
    require_verb,
    view_of,
)
from engine.commands.seats import others_at
from engine.errors import InvalidAnswers, NotNow, StaleTask
from engine.events import Event, Kind
from engine.messages import N_, Message
from engine.model import task

if TYPE_CHECKING:
    from engine.commands.context import CaseContext
    from engine.unit_of_work import UnitOfWork

_GIVE = (
    update(task)
    .where(task.c.id == bindparam("b_id"), task.c.version == bindparam("b_seen"))
    .values(
        assignee_id=bindparam("b_assignee"),
        owner_id=bindparam("b_owner"),
        carried=bindparam("b_carried"),
        version=task.c.version + 1,
    )
)


def transfer_task(uow: UnitOfWork, *, task_id: int, to: int, reason: str, seen_version: int | None) -> dict[str, Any]:
    """Hand a task to another holder of its post for good (转办); what was typed goes along.

    `to`: an account id. InvalidAnswers names who may get it; NotNow when it is suspended or delegated.
    """
    job = load_task(uow, task_id)
    view = view_of(uow, job)
    require_verb(view, seen_version, Permission.TRANSFER_TASK)
    said = _require(view, to, {"reason": (reason, N_("请写明转办原因"))})
    _give(view, to, owner=None)
    passed = drafts.give(view, uow.actor.id, to)
    content = {"old": job.assignee_id, "new": to, "reason": said["reason"], "draft": passed}
    uow.record(Event(Kind.TASK_TRANSFERRED, job.case_id, job.id, job.element, content))
    return {"case_id": job.case_id, "task_id": job.id, "version": job.version + 1, "draft": passed}


def delegate_task(uow: UnitOfWork, *, task_id: int, to: int, note: str, seen_version: int | None) -> dict[str, Any]:
    """Have another holder of the post fill the form in (委派); it comes back and is submitted by who delegated it.

    `note`: what she is asked to do. A delegated task is not delegated again (NotNow).
    """
    job = load_task(uow, task_id)
    view = view_of(uow, job)
    require_verb(view, seen_version, Permission.DELEGATE_TASK)
    said = _require(view, to, {"note": (note, N_("请写明委派她办什么"))})
    passed = drafts.give(view, uow.actor.id, to)
    _give(view, to, owner=uow.actor.id, carried={"lent": passed == "given"})
    content = {"old": job.assignee_id, "new": to, "owner": uow.actor.id, "note": said["note"], "draft": passed}
    uow.record(Event(Kind.TASK_DELEGATED, job.case_id, job.id, job.element, content))
    return {"case_id": job.case_id, "task_id": job.id, "version": job.version + 1, "draft": passed}


def hand_back_task(uow: UnitOfWork, *, task_id: int, note: str = "", seen_version: int | None) -> dict[str, Any]:
    """Give a delegated task back to who delegated it, or take it back as such; what was typed comes along.

    What the delegate typed replaces the delegator's draft only if it went on from it; else both are kept. When the
    delegator may no longer do the step the task goes back to everyone who holds its post.
    """
    job = load_task(uow, task_id)
    view = view_of(uow, job)
    require_of_task(uow, Permission.DELEGATE_TASK, job)
    uow.acting_post = job.post
    require_seen(job, seen_version)
    require_open(uow, job)
    if job.owner_id is None:
        raise NotNow(why=Message(N_("此件不是委派来的，无须交回")))
    able = job.owner_id in view.free(job.post, job.unit_id)
    to = job.owner_id if able else 0
    _give(view, to, owner=None)
    lent = bool((job.carried or {}).get("lent"))
    passed = drafts.give(view, job.assignee_id, job.owner_id, over=lent)
    content = {"old": job.assignee_id, "new": to, "note": note.strip(), "draft": passed}
    uow.record(Event(Kind.TASK_HANDED_BACK, job.case_id, job.id, job.element, content))
    return {"case_id": job.case_id, "task_id": job.id, "version": job.version + 1, "draft": passed}


def able(view: CaseContext) -> list[int]:
    """The accounts a task may be given to: they hold its post, may do this step, and have no part in it yet."""
    job = view.job
    taken = others_at(view) | {view.actor.id}
    free = view.free(job.post, job.unit_id)
    return sorted(each for each in free if each not in taken and barrier(view, each) is None)


def barrier(view: CaseContext, account_id: int) -> Message | None:
    """Why a person may not do the step although she holds the post, as the process type would tell her."""
    hers = copy(view)
    hers.actor = Actor(account_id, "")
    return view.process.may_work(hers, view.job.element, view.job.form)


def _require(view: CaseContext, to: int, texts: dict[str, tuple[str, str]]) -> dict[str, str]:
    """The texts, trimmed. InvalidAnswers with everything that is wrong: whom, and what was not written."""
    problems = {field: [Message(wanted)] for field, (said, wanted) in texts.items() if not said.strip()}
    allowed = able(view)
    if to == view.actor.id:
        problems["to"] = [Message(N_("此件已由您办理，请选择他人"))]
    elif to not in allowed:
        named = "、".join(map(str, allowed)) or "—"
        wanted = N_(
            "账号 {id} 不能办理此步骤：须现任本岗位，与此件没有利害关系，也没有办过须由他人办理的环节。可选的账号：{allowed}"
        )
        problems["to"] = [Message(wanted, {"id": to, "allowed": named})]
    if problems:
        raise InvalidAnswers(problems)
    return {field: said.strip() for field, (said, _) in texts.items()}


def _give(view: CaseContext, to: int, *, owner: int | None, carried: dict[str, Any] | None = None) -> None:
    job = view.job
    row = {"b_id": job.id, "b_seen": job.version, "b_assignee": to, "b_owner": owner, "b_carried": carried}
    if view.work.change(job.case_id, _GIVE, row).rowcount != 1:
        raise StaleTask(seen=job.version, current=job.version + 1)
