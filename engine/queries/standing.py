"""How a task stands with its signers and helpers, what may be done about it, and with whom: for its page. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, bindparam, select

from engine.access import Actor, Permission
from engine.commands import co_signing, recalling, returning, seats, transferring
from engine.commands.context import CaseContext
from engine.commands.loading import load_task, may_read, subject_of, view_of
from engine.errors import NotFound, NotNow
from engine.events import Kind
from engine.flow.faults import TargetRefused
from engine.messages import N_, Message
from engine.model import history, task
from engine.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from engine.runtime import Runtime

_TOLD = (
    select(history.c.kind, history.c.task_id, history.c.actor_id, history.c.at, history.c.content_sealed)
    .where(history.c.case_id == bindparam("b_case"), history.c.kind.in_(bindparam("b_kinds", expanding=True)))
    .order_by(history.c.seq)
)
_KINDS = [
    str(kind) for kind in (Kind.OPINION_SIGNED, Kind.SIGNERS_ADDED, Kind.TASK_DELEGATED, Kind.TASK_HANDED_BACK,
                           Kind.TASK_SUSPENDED, Kind.TASK_TRANSFERRED)
]  # fmt: skip
_OPEN = select(task.c.element).where(task.c.instance_id == bindparam("b_instance"), task.c.state == "open")

#: verb → the permission it asks for; in the order of the menu
VERBS: Mapping[str, Permission] = {
    "transfer": Permission.TRANSFER_TASK,
    "delegate": Permission.DELEGATE_TASK,
    "hand_back": Permission.DELEGATE_TASK,
    "add_signers": Permission.ADD_SIGNER,
    "remove_signer": Permission.ADD_SIGNER,
    "return": Permission.RETURN_TASK,
    "recall": Permission.RECALL_TASK,
    "suspend": Permission.SUSPEND_TASK,
    "resume": Permission.SUSPEND_TASK,
    "terminate": Permission.TERMINATE_CASE,
}


@dataclass(frozen=True)
class Said:
    """What somebody told about the task: an opinion, or why she handed it on. `agrees` is None where nothing was asked."""

    kind: str
    task_id: int
    by: int
    at: datetime
    text: str
    agrees: bool | None = None


@dataclass(frozen=True)
class Standing:
    """`verbs`: what the actor may choose from. `gives_opinion`: she signs an opinion instead of the form.

    `blocked`: why the form cannot be submitted now. `seats`: the rows of a step with several signers, `said`: what they and
    others told about it, in order.
    """

    verbs: tuple[str, ...] = ()
    gives_opinion: bool = False
    blocked: Message | None = None
    seats: Sequence[Row[Any]] = ()
    said: Sequence[Said] = ()

    @property
    def opinions(self) -> list[Said]:
        """The opinions signed so far."""
        return [each for each in self.said if each.agrees is not None]


@dataclass(frozen=True)
class Offer:
    """What the page of one verb lets choose: persons (account, post, unit), targets with what else they take back, seats."""

    task: Row[Any]
    case: Row[Any]
    verb: str
    people: Sequence[tuple[int, str, int]] = ()
    targets: Sequence[tuple[str, str, Sequence[str]]] = ()
    seats: Sequence[Row[Any]] = ()
    said: Sequence[Said] = field(default=())


def standing(view: CaseContext, *, free: bool) -> Standing:
    """How a loaded task stands; `free`: nothing keeps the actor from working on it."""
    job = view.job
    several = not seats.is_plain(job)
    rows = seats.of_token(view) if several else ()
    told = several or job.owner_id is not None or job.suspended_at is not None or job.assignee_id == view.actor.id
    return Standing(
        verbs=tuple(_verbs(view, free)),
        gives_opinion=free and several and seats.gives_opinion(view),
        blocked=_blocked(view) if free else None,
        seats=rows if len(rows) > 1 else (),
        said=_said(view, {job.id, *(row.id for row in rows)}) if told else (),
    )


def _blocked(view: CaseContext) -> Message | None:
    if view.job.suspended_at is not None:
        return Message(N_("此件已挂起，等待材料。可以继续填写和上传；提交前请先恢复。"))
    if view.job.owner_id is not None:
        return Message(N_("此件由他人委派给您：请填写并暂存，然后交回，由委派人提交。"))
    try:
        seats.require_one_seat(view)
        seats.require_form(view)
    except NotNow as refused:
        return Message("{why}", refused.params)
    return None


def _verbs(view: CaseContext, free: bool) -> list[str]:
    permits, job = view.work.runtime.rules.permits, view.job
    return [verb for verb in _possible(view, free) if verb == "terminate" or permits(view.actor, VERBS[verb], job)]


def _possible(view: CaseContext, free: bool) -> list[str]:
    """The verbs the state of the task leaves, whoever asks."""
    job, found = view.job, []
    if job.state == "closed" or (job.state == "waiting" and job.assignee_id == view.actor.id):
        found = ["recall"] if recalling.recallable(view) else []
    elif job.state == "open" and job.owner_id is not None and view.actor.id in (job.owner_id, job.assignee_id):
        found = ["hand_back"]
    elif free and job.suspended_at is not None:
        found = ["resume"]
    elif free and job.seat not in seats.ASKED:
        found = ["transfer", "delegate", "add_signers", "return", "suspend"]
    if job.state != "closed" and not (job.state == "open" and not free) and _asked(view):
        found.append("remove_signer")
    if job.state == "open" and _may_terminate(view):
        found.append("terminate")
    return [verb for verb in VERBS if verb in found and (verb != "return" or view.process.returns(job.element))]


def _asked(view: CaseContext) -> list[Row[Any]]:
    if seats.is_plain(view.job):
        return []
    return [row for row in seats.of_token(view) if row.seat_of == view.job.id and row.state in seats.LIVE]


def _may_terminate(view: CaseContext) -> bool:
    subject = subject_of(view.connection, view.case)
    if not view.work.runtime.rules.permits(view.actor, Permission.TERMINATE_CASE, subject):
        return False
    elements = list(view.connection.execute(_OPEN, {"b_instance": view.job.instance_id}).scalars())
    return view.process.termination(elements) is not None


def _said(view: CaseContext, ids: set[int]) -> list[Said]:
    found = []
    for row in view.connection.execute(_TOLD, {"b_case": view.case.id, "b_kinds": _KINDS}):
        if row.task_id in ids:
            content = view.vault.open_json(row.content_sealed)
            text = content.get("opinion") or content.get("note") or content.get("reason") or ""
            found.append(Said(row.kind, row.task_id, row.actor_id, row.at, text, content.get("agrees")))
    return found


def offer(runtime: Runtime, connection: Connection, actor: Actor, task_id: int, verb: str) -> Offer:
    """What the page of a verb offers; NotFound for who may neither work on the task nor read its case, NotNow otherwise."""
    work = UnitOfWork(runtime, connection, actor)
    job = load_task(work, task_id)
    view = view_of(work, job)
    may_work = runtime.rules.permits(actor, Permission.WORK_TASK, job)
    if not may_work and not may_read(work, view.case):
        raise NotFound(what=Message(N_("任务 {id}"), {"id": task_id}))
    free = may_work and job.state == "open" and view.process.may_work(view, job.element, job.form) is None
    if verb not in _verbs(view, free):
        raise NotNow(why=Message(N_("此步骤的现状不允许，或不由您决定；此件没有任何变化")))
    own = (
        [(each, job.post, job.unit_id) for each in transferring.able(view)] if verb in ("transfer", "delegate") else []
    )
    if verb == "add_signers":
        own = [(who.account_id, who.post, who.unit_id) for who in co_signing.colleagues(view)]
    targets = list(_targets(view)) if verb == "return" else []
    asked = _asked(view) if verb == "remove_signer" else []
    rows = [job.id, *(row.id for row in asked)]
    return Offer(job, view.case, verb, own, targets, asked, _said(view, set(rows)))


def _targets(view: CaseContext) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Where the matter can be sent back to from here, and what else that takes back."""
    for element, name in view.process.returns(view.job.element):
        try:
            yield element, name, returning.also_taken_back(view, element) or ()
        except TargetRefused:
            continue
