"""Back to an earlier step, with a reason (退回)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from engine.access import Permission
from engine.commands import seats
from engine.commands.loading import load_task, require_verb, token_of, view_of
from engine.commands.progress import apply_step
from engine.commands.rehearsal import Rehearsed
from engine.errors import Forbidden, InvalidAnswers, NotNow
from engine.events import Event, Kind
from engine.flow import stepping
from engine.flow.faults import TargetRefused
from engine.messages import N_, Message
from engine.model import task

if TYPE_CHECKING:
    from sqlalchemy import Row

    from engine.commands.context import CaseContext
    from engine.flow.stepping import Step
    from engine.unit_of_work import UnitOfWork

_LIVE = select(task).where(task.c.instance_id == bindparam("b_instance"), task.c.state.in_(seats.LIVE))


def return_task(
    uow: UnitOfWork, *, task_id: int, target: str, reason: str, seen_version: int | None, whole: bool = False
) -> dict[str, Any]:
    """Send the matter back to an earlier step (退回), with a reason, without filling in the form.

    Only the parallel branch that holds the task is affected; a step before the branches parted is reached when `whole` says
    that all of them are taken back, NotNow names them otherwise. The targets are those the process type names for the step.
    Other seats of the step close; what anybody has typed stays.
    """
    job = load_task(uow, task_id)
    view = view_of(uow, job)
    require_verb(view, seen_version, Permission.RETURN_TASK)
    allowed = dict(view.process.returns(job.element))
    if target not in allowed:
        named = "、".join(allowed.values()) or "—"
        raise Forbidden(why=Message(N_("此步骤只能退回到：{allowed}"), {"allowed": named}))
    if not reason.strip():
        raise InvalidAnswers({"reason": [Message(N_("请写明退回原因，一次性告知需要补正的全部内容"))]})
    step = _back(view, job, target, whole=whole)
    token = token_of(uow, job)
    progress = apply_step(view, token, step, acted={"id": job.id, "reason": "returned"}, pause=True)
    content = {"target": target, "reason": reason.strip(), **progress.as_json()}
    uow.record(Event(Kind.TASK_RETURNED, job.case_id, job.id, job.element, content))
    return {"case_id": job.case_id, "task_id": job.id, "opened": [row["task"] for row in progress.opened]}


def also_taken_back(view: CaseContext, target: str) -> list[str] | None:
    """The names of the steps in other branches that a return to `target` takes back too; None when only this branch moves.

    TargetRefused when the matter cannot be sent there at all.
    """
    job = view.job
    token = token_of(view.work, job)
    try:
        stepping.goto(token.definition, job.flow_state, target, {}, Rehearsed(view.now), from_task=job.token)
    except TargetRefused:
        stepping.goto(token.definition, job.flow_state, target, {}, Rehearsed(view.now))
        rows = view.connection.execute(_LIVE, {"b_instance": job.instance_id}).all()
        return list(dict.fromkeys(row.name or row.element for row in rows if row.token != job.token))
    return None


def _back(view: CaseContext, job: Row[Any], target: str, *, whole: bool) -> Step:
    token = token_of(view.work, job)
    try:
        return stepping.goto(token.definition, job.flow_state, target, {}, view, from_task=job.token)
    except TargetRefused:
        if whole:
            return stepping.goto(token.definition, job.flow_state, target, {}, view)
        rows = view.connection.execute(_LIVE, {"b_instance": job.instance_id}).all()
        others = "、".join(dict.fromkeys(row.name or row.element for row in rows if row.token != job.token)) or "—"
        text = N_("它在分支之前：退回后，并行办理的（{others}）会一并收回，须明确同意（whole）")
        raise NotNow(why=Message(text, {"others": others})) from None
