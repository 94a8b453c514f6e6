"""One's own submission taken back (撤回), before anybody has acted on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, select, update

from engine.access import Permission
from engine.commands import seats
from engine.commands.loading import load_task, require_of_task, require_seen, token_of, view_of
from engine.commands.progress import Progress, apply_step
from engine.commands.rehearsal import Rehearsed
from engine.errors import Forbidden, InvalidAnswers, NotNow
from engine.events import Event, Kind
from engine.flow import stepping
from engine.flow.faults import TargetRefused
from engine.messages import N_, Message
from engine.model import history, instance, task
from engine.model_filed import document, draft
from engine.process_traits import Undoing
from engine.process_type import Candidates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

    from engine.commands.context import CaseContext
    from engine.flow.stepping import Step, Surroundings
    from engine.unit_of_work import UnitOfWork

_LIVE = select(task).where(task.c.instance_id == bindparam("b_instance"), task.c.state.in_(seats.LIVE))
_STATUS = select(instance.c.status).where(instance.c.id == bindparam("b_id"))
_SUBMISSION = (
    select(history.c.seq, history.c.at, history.c.content_sealed)
    .where(
        history.c.case_id == bindparam("b_case"),
        history.c.task_id == bindparam("b_task"),
        history.c.kind == str(Kind.TASK_COMPLETED),
    )
    .order_by(history.c.seq.desc())
    .limit(1)
)
#: what moved the case by an opinion or an excuse, when after-signers were asked
_MOVED_LATER = (
    select(history.c.content_sealed)
    .where(
        history.c.case_id == bindparam("b_case"),
        history.c.seq > bindparam("b_seq"),
        history.c.kind.in_((str(Kind.OPINION_SIGNED), str(Kind.SIGNER_REMOVED))),
    )
    .order_by(history.c.seq)
)
_TYPED = select(
    exists().where(
        draft.c.case_id == bindparam("b_case"), draft.c.form.in_(bindparam("b_forms", expanding=True)),
        draft.c.at >= bindparam("b_since"), draft.c.by_id != bindparam("b_by"),
    )
)  # fmt: skip
_ATTACHED = select(
    exists().where(
        document.c.case_id == bindparam("b_case"), document.c.form.in_(bindparam("b_forms", expanding=True)),
        document.c.at >= bindparam("b_since"),
    )
)  # fmt: skip
#: opinions already signed go with a submission that is taken back: the step has a new token then
_RESEAT = (
    update(task)
    .where(
        task.c.instance_id == bindparam("b_instance"),
        task.c.token == bindparam("b_old"),
        task.c.close_reason == "signed",
    )
    .values(token=bindparam("b_new"))
)
#: and the step remembers that others had a seat in it: who has signed gets no second one
_ORDER = (
    update(task)
    .where(
        task.c.instance_id == bindparam("b_instance"), task.c.token == bindparam("b_new"), task.c.state.in_(seats.LIVE)
    )
    .values(seat_order=bindparam("b_order"))
)


def recall_task(uow: UnitOfWork, *, task_id: int, reason: str, seen_version: int | None) -> dict[str, Any]:
    """Take back what one has submitted oneself (撤回), until somebody has acted on what it led to.

    Claimed, typed, attached, asked, suspended or submitted counts as acted; so does what the house has done by itself and
    cannot undo. The step comes back to her under its old clock; the form, as submitted, is what it opens with.
    """
    job = load_task(uow, task_id)
    view = view_of(uow, job)
    require_of_task(uow, Permission.RECALL_TASK, job)
    uow.acting_post = job.post
    require_seen(job, seen_version)
    _require_recallable(view, job)
    if not reason.strip():
        raise InvalidAnswers({"reason": [Message(N_("请写明撤回原因"))]})
    refusal = view.process.may_work(view, job.element, job.form)
    if refusal is not None:
        raise Forbidden(why=refusal)
    if job.state == "waiting":
        turned = _unsubmitted(view, job)
        content = {"reason": reason.strip(), "seats": turned}
        uow.record(Event(Kind.TASK_RECALLED, job.case_id, job.id, job.element, content))
        return {"case_id": job.case_id, "task_id": job.id}
    progress = _taken_back(view, job)
    if isinstance(view.process, Undoing):
        view.process.recalled(view, job.form)
    content = {"reason": reason.strip(), **progress.as_json()}
    uow.record(Event(Kind.TASK_RECALLED, job.case_id, job.id, job.element, content))
    return {"case_id": job.case_id, "task_id": progress.opened[0]["task"]}


def recallable(view: CaseContext) -> bool:
    """Whether the actor could take this task back now."""
    rules = view.work.runtime.rules
    if not rules.permits(view.actor, Permission.RECALL_TASK, view.job):
        return False
    try:
        _require_recallable(view, view.job)
        if view.job.state == "waiting":
            return not _signed_after(view)
        _unmoved(view, view.job, Rehearsed(view.now))
    except (NotNow, TargetRefused):
        return False
    return view.process.may_work(view, view.job.element, view.job.form) is None


def _require_recallable(view: CaseContext, job: Row[Any]) -> None:
    if job.state == "waiting" and "facts" in (job.carried or {}):
        return
    if job.state != "closed":
        raise NotNow(why=Message(N_("此步骤还没有提交，无须撤回")))
    if job.close_reason == "signed":
        raise NotNow(why=Message(N_("签署的意见不能撤回；如需更正，请告知办理人")))
    if job.close_reason != "done":
        raise NotNow(why=Message(N_("此步骤不是由您提交而结束的，不能撤回")))
    if view.connection.execute(_STATUS, {"b_id": job.instance_id}).scalar() != "running":
        raise NotNow(why=Message(N_("此件已办结，不能撤回")))
    why = view.process.kept(view, job.form) if isinstance(view.process, Undoing) else None
    if why is not None:
        raise NotNow(why=why)


def _signed_after(view: CaseContext) -> bool:
    rows = seats.of_token(view)
    return any(row.seat_of == view.job.id and row.seat == "after" and row.close_reason == "signed" for row in rows)


def _unsubmitted(view: CaseContext, job: Row[Any]) -> list[dict[str, Any]]:
    """Her submission still waits for those asked to sign after her: nothing has moved yet."""
    if _signed_after(view):
        raise NotNow(why=Message(N_("已有加签人签署意见，不能撤回")))
    return seats.reopen(view, job)


def _taken_back(view: CaseContext, job: Row[Any]) -> Progress:
    step = _unmoved(view, job, view)
    token = token_of(view.work, job)
    who = Candidates(job.post, job.unit_id, job.acting_for, job.acting_reason, view.actor.id)
    acted = {"id": job.id, "assignee": view.actor.id, "sitting": [who]}
    progress = apply_step(view, token, step, acted=acted)
    new = next(t.id for t in step.tasks if t.element == job.element and t.id not in _tokens(view, job))
    moved = {"b_instance": job.instance_id, "b_old": job.token, "b_new": new}
    if not seats.is_plain(job):
        view.work.change(job.case_id, _RESEAT, moved)
        order = {"b_instance": job.instance_id, "b_new": new, "b_order": job.seat_order}
        view.work.change(job.case_id, _ORDER, order)
    return progress


def _tokens(view: CaseContext, job: Row[Any]) -> set[int]:
    parsed = token_of(view.work, job).definition
    return {t.id for t in stepping.peek(parsed, job.flow_state).tasks}


def _unmoved(view: CaseContext, job: Row[Any], world: Surroundings) -> Step:
    """The step that takes the submission back; NotNow when somebody, or the house, has acted on it."""
    told = _submission(view, job)
    rows = {row.id: row for row in view.connection.execute(_LIVE, {"b_instance": job.instance_id})}
    led_to = [rows.get(opened["task"]) for opened in told["opened"]]
    parsed = token_of(view.work, job).definition
    done = [e for e in told["passed"] if parsed.elements[e].kind in ("serviceTask", "sendTask")]
    if done:
        named = "、".join(parsed.elements[e].name for e in done)
        raise NotNow(why=Message(N_("系统已据此办理“{steps}”，不能撤回；请用退回"), {"steps": named}))
    untouched = [row for row in led_to if row is not None and _untouched(row)]
    if len(untouched) != len(led_to) or _acted_on(view, job, untouched, told["at"]):
        raise NotNow(why=Message(N_("下一环节已有人签收、填写或办理，不能撤回；请联系她退回")))
    if world is view:
        _keep_clock(view, job)
    step = _before(view, job, world, {row.token for row in untouched}, {row.token for row in rows.values()})
    _require_the_rest(view, job, {row.token for row in untouched}, step)
    return step


def _untouched(row: Row[Any]) -> bool:
    return bool(row.version == 1 and row.assignee_id == 0 and row.suspended_at is None)


def _acted_on(view: CaseContext, job: Row[Any], rows: Sequence[Row[Any]], since: Any) -> bool:
    if not rows:
        return False
    key = {"b_case": job.case_id, "b_forms": [row.form for row in rows], "b_since": since}
    typed = view.connection.execute(_TYPED, {**key, "b_by": view.actor.id}).scalar()
    return bool(typed or view.connection.execute(_ATTACHED, key).scalar())


def _submission(view: CaseContext, job: Row[Any]) -> dict[str, Any]:
    """What the newest submission of the task led to, itself or by the last signature that was asked for after it."""
    row = view.connection.execute(_SUBMISSION, {"b_case": job.case_id, "b_task": job.id}).one()
    content = view.vault.open_json(row.content_sealed)
    told = {"opened": content["opened"], "passed": content["passed"], "at": row.at}
    if content.get("seats"):
        later = view.connection.execute(_MOVED_LATER, {"b_case": job.case_id, "b_seq": row.seq})
        for each in later:
            moved = view.vault.open_json(each.content_sealed)
            if job.id in moved["closed"]:
                return {**told, "opened": moved["opened"], "passed": moved["passed"]}
    return told


def _keep_clock(view: CaseContext, job: Row[Any]) -> None:
    sla = token_of(view.work, job).definition.elements[job.element].sla
    if sla is not None and job.due_at is not None:
        view.kept_due[sla] = job.due_at


def _before(view: CaseContext, job: Row[Any], world: Surroundings, led_to: set[int], live: set[int]) -> Step:
    parsed = token_of(view.work, job).definition
    try:
        if not led_to:
            return stepping.take_back(parsed, job.flow_state, job.element, world)
        try:
            return stepping.goto(parsed, job.flow_state, job.element, {}, world, from_task=min(led_to))
        except TargetRefused:
            if led_to != live:
                raise
            return stepping.goto(parsed, job.flow_state, job.element, {}, world)
    except TargetRefused as refused:
        text = N_("它的结果已与其他分支汇合或分支已结束，不能撤回；请用退回（{why}）")
        raise NotNow(why=Message(text, {"why": refused.params["why"]})) from refused


def _require_the_rest(view: CaseContext, job: Row[Any], led_to: set[int], step: Step) -> None:
    """NotNow when taking back would also end what others are at: a token that her submission did not open, or its clock."""
    before = stepping.peek(token_of(view.work, job).definition, job.flow_state)
    opened = {t.element for t in before.tasks if t.id in led_to}
    rest = {t.id for t in before.tasks if t.id not in led_to}
    rest |= {t.id for t in before.timers if t.attached_to not in opened}
    if not rest <= {t.id for t in step.tasks} | {t.id for t in step.timers}:
        raise NotNow(why=Message(N_("撤回会影响其他人正在办理的步骤；请用退回")))
