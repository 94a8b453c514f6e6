"""What a superior does with an escalation: show that she looked, take the work over, give it to somebody else.

None of it decides the case. Four eyes and conflicts of interest hold for whoever gets the work (`ProcessType.may_work`).
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, update

from engine.access import Actor
from engine.commands.seats import seat_barrier
from engine.commands.supervised import looked_at, own_work, place_of, required_job, supervise
from engine.errors import Forbidden, StaleTask
from engine.events import Event, Kind
from engine.messages import N_, Message
from engine.model import task

if TYPE_CHECKING:
    from engine.commands.context import CaseContext
    from engine.commands.supervised import Supervised
    from engine.unit_of_work import UnitOfWork

_GIVE = (
    update(task)
    .where(task.c.id == bindparam("b_id"), task.c.version == bindparam("b_seen"))
    .values(
        post=bindparam("b_post"),
        unit_id=bindparam("b_unit"),
        acting_for=bindparam("b_acting_for"),
        acting_reason=bindparam("b_reason"),
        assignee_id=bindparam("b_assignee"),
        owner_id=None,
        version=task.c.version + 1,
    )
)


def acknowledge_escalation(uow: UnitOfWork, *, escalation_id: int, seen_version: int) -> dict[str, Any]:
    """Show that a superior has looked (已阅); it climbs no further until it is raised again. Once seen, nothing changes.

    Forbidden for who has the work herself. Raises what `supervise` raises.
    """
    found = supervise(uow, escalation_id, seen_version)
    row = found.row
    own = own_work(uow, found.job)
    if own is not None:
        raise Forbidden(why=own)
    if row.acknowledged_at is not None:
        return {"escalation_id": row.id, "case_id": row.case_id, "version": row.version}
    version = looked_at(found)
    content = {"escalation": row.id, "period": row.period, "level": row.level, "rung": row.rung}
    uow.record(Event(Kind.ESCALATION_ACKNOWLEDGED, row.case_id, row.task_id, row.element, content))
    return {"escalation_id": row.id, "case_id": row.case_id, "version": version}


def take_over(uow: UnitOfWork, *, escalation_id: int, seen_version: int) -> dict[str, Any]:
    """The superior does the work herself (接办): it moves to her post and is claimed by her.

    Forbidden, with the reason, where the process bars her (a relative, another step she signed) or where the work is
    another organisation's decision.
    """
    found = supervise(uow, escalation_id, seen_version)
    job = required_job(found)
    post, unit_id = place_of(uow, found.row)
    if job.assignee_id == uow.actor.id:
        raise Forbidden(why=Message(N_("此件已由您本人签收")))
    refusal = obstacle(found.view, job, uow.actor, post, unit_id)
    if refusal is not None:
        raise Forbidden(why=refusal)
    moved = _give(found, job, post, unit_id, uow.actor.id)
    version = looked_at(found)
    uow.record(Event(Kind.TASK_TAKEN_OVER, job.case_id, job.id, job.element, {"escalation": escalation_id, **moved}))
    return {"escalation_id": escalation_id, "case_id": job.case_id, "task_id": job.id, "version": version}


def reassign(
    uow: UnitOfWork, *, escalation_id: int, post: str, unit_id: int, account_id: int, seen_version: int
) -> dict[str, Any]:
    """Give the work to another person (改派) of its post, of the post it belongs to, or of a post of the chain.

    `account_id` 0 gives it to everyone who holds the post there. Forbidden with the reason when she may not have it.
    """
    found = supervise(uow, escalation_id, seen_version)
    job = required_job(found)
    if (post, unit_id) not in places(found.view, found.row, job):
        raise Forbidden(why=Message(N_("只能改派给本岗位、原岗位或督办链上的岗位")))
    if (job.post, job.unit_id, job.assignee_id) == (post, unit_id, account_id):
        raise Forbidden(why=Message(N_("此件现在就由其办理，无须改派")))
    refusal = obstacle(found.view, job, Actor(account_id, "") if account_id else None, post, unit_id)
    if refusal is not None:
        raise Forbidden(why=refusal)
    moved = _give(found, job, post, unit_id, account_id)
    found.view.notify(post, unit_id, "task.reassigned", task=job.id)
    version = looked_at(found)
    uow.record(Event(Kind.TASK_REASSIGNED, job.case_id, job.id, job.element, {"escalation": escalation_id, **moved}))
    return {"escalation_id": escalation_id, "case_id": job.case_id, "task_id": job.id, "version": version}


def places(view: CaseContext, row: Row[Any], job: Row[Any]) -> list[tuple[str, int]]:
    """Posts and units the work may be given to: where it is, where it belongs, and where the superiors are."""
    belongs = view.process.candidates(view, job.element, job.acting_for or job.post, {})
    chain = [(post, unit) for rung in row.chain for post, unit in rung]
    return list(dict.fromkeys([(job.post, job.unit_id), (belongs.post, belongs.unit_id), *chain]))


def obstacle(view: CaseContext, job: Row[Any], person: Actor | None, post: str, unit_id: int) -> Message | None:
    """Why the work may not go to a person (None: to all) who holds a post in a unit; None when it may."""
    own = job.acting_for or job.post
    seated = seat_barrier(view, job, person.id if person else 0)
    if seated is not None:
        return seated
    if post != own:
        barred = view.work.runtime.supervision.stand_in(own, post)
        if barred is not None:
            return barred
    free = view.free(post, unit_id)
    if person is None:
        return None if free else Message(N_("该岗位目前没有可以办理此步骤的人"))
    judged = copy(view)
    judged.actor = person
    refusal = view.process.may_work(judged, job.element, job.form)
    if refusal is None and person.id not in free:
        return Message(N_("此人目前不任该岗位，或不能办理此步骤"))
    return refusal


def _give(found: Supervised, job: Row[Any], post: str, unit_id: int, account_id: int) -> dict[str, Any]:
    """Move the task; returns what the history says. StaleTask when somebody changed it meanwhile."""
    own = job.acting_for or job.post
    acting = None if post == own else own
    given = {
        "b_id": job.id,
        "b_seen": job.version,
        "b_post": post,
        "b_unit": unit_id,
        "b_acting_for": acting,
        "b_reason": None if acting is None else "SUPERVISION",
        "b_assignee": account_id,
    }
    if found.view.work.change(job.case_id, _GIVE, given).rowcount != 1:
        raise StaleTask(seen=job.version, current=job.version + 1)
    return {
        "old": {"post": job.post, "unit": job.unit_id, "assignee": job.assignee_id},
        "new": {"post": post, "unit": unit_id, "assignee": account_id},
        "acting_for": acting,
    }
