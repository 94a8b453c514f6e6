"""Write what one step of a drawing changed: the instance row, its tasks, its timers, and the end of the case.

Statements are built once; a completion touches a handful of small rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from engine.access import CONFIDENTIAL
from engine.clock import Level
from engine.columns import END_OF_TIME
from engine.commands import clock_rows, periods
from engine.commands.acting import let_in
from engine.commands.escalations import settle_escalation
from engine.errors import Busy, NotFound
from engine.events import Event, Kind
from engine.flow import stepping
from engine.messages import N_, Message
from engine.model import case_file, instance, task, timer
from engine.process_traits import Discreet
from engine.queries.versions import DRAWING, in_force_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.commands.context import CaseContext
    from engine.flow.definition import ParsedDefinition
    from engine.flow.stepping import ArmedTimer, OpenTask, Step
    from engine.process_type import Candidates

_MOVE_INSTANCE = (
    update(instance)
    .where(instance.c.id == bindparam("b_id"), instance.c.version == bindparam("b_seen"))
    .values(
        state=bindparam("b_state"),
        version=bindparam("b_next"),
        status=bindparam("b_status"),
        ended_at=bindparam("b_ended"),
        outcome=bindparam("b_outcome"),
    )
)
_LIVE_TASKS = select(task.c.id, task.c.token, task.c.element, task.c.escalated).where(
    task.c.instance_id == bindparam("b_instance"), task.c.state.in_(("open", "waiting"))
)
_CLOSE_TASK = (
    update(task)
    .where(task.c.id == bindparam("b_id"))
    .values(
        state="closed",
        version=task.c.version + 1,
        closed_at=bindparam("b_now"),
        closed_by=bindparam("b_by"),
        close_reason=bindparam("b_reason"),
    )
)
_OPEN_TASK = insert(task)
_ARMED = select(timer.c.id, timer.c.token, timer.c.level, timer.c.attached_to, timer.c.due_at).where(
    timer.c.instance_id == bindparam("b_instance"), timer.c.state.in_(("armed", "paused"))
)
_DISARM = update(timer).where(timer.c.id.in_(bindparam("b_ids", expanding=True))).values(state="gone")
_END_CASE = (
    update(case_file)
    .where(case_file.c.id == bindparam("b_id"))
    .values(state="closed", outcome=bindparam("b_outcome"), ended_at=bindparam("b_now"))
)
_REOPEN_CASE = (
    update(case_file).where(case_file.c.id == bindparam("b_id")).values(state="open", outcome=None, ended_at=None)
)
_ADD_INSTANCE = insert(instance)
_RUNNING = (
    select(instance.c.id).where(instance.c.case_id == bindparam("b_case"), instance.c.status == "running").limit(1)
)


@dataclass(frozen=True)
class Token:
    """The instance a step was taken on, as it was loaded."""

    instance_id: int
    version: int
    definition: ParsedDefinition


@dataclass
class Progress:
    """What a step led to, for the history entry and for the answer to the person."""

    opened: list[dict[str, Any]] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    passed: tuple[str, ...] = ()
    ended: str | None = None
    instance: int = 0
    #: tasks of the process that took over from the one that ended; its own history entry tells of them
    taken_over: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For a history entry."""
        told = {"opened": self.opened, "closed": self.closed, "passed": list(self.passed), "ended": self.ended}
        return {"instance": self.instance, **told}

    @property
    def waiting(self) -> list[int]:
        """Ids of all tasks that opened."""
        return [row["task"] for row in (*self.opened, *self.taken_over)]


def apply_step(
    view: CaseContext, token: Token, step: Step, *, acted: Mapping[str, Any] | None = None, pause: bool = False
) -> Progress:
    """Write `step`. `acted` names the task the person closed and how: ``{"id": …, "reason": "done"}``.

    With `pause` the period of that task pauses (the matter was sent back). Raises Busy when the instance has moved.
    """
    view.write_description()
    _move_instance(view, token, step)
    progress = Progress(passed=step.passed, ended=step.ended, instance=token.instance_id)
    rows = view.connection.execute(_LIVE_TASKS, {"b_instance": token.instance_id}).all()
    known, wanted = {row.token for row in rows}, {t.id for t in step.tasks}
    gone = [row for row in rows if row.token not in wanted]
    _close_gone(view, token, gone, acted or {}, pause, progress)
    due_of = _arm(view, token, step)
    for opened in step.tasks:
        if opened.id not in known:
            progress.opened += _open(view, token, opened, due_of.get(opened.element), step.facts, acted or {})
    if step.ended is not None:
        _end(view, token, step.ended, progress)
    return progress


def begin(view: CaseContext) -> tuple[Progress, ParsedDefinition]:
    """Start the process type of `view` in its case, on the newest version of the drawing, pinned for the life of the process.

    The caller records what happened. NotFound when no drawing has been published.
    """
    kind = view.process.key
    definition_id = in_force_id(view.connection, DRAWING, kind, view.now)
    if definition_id is None:
        raise NotFound(what=Message(N_("事项类型 {kind} 的流程图"), {"kind": kind}))
    parsed = view.work.runtime.definitions.get(definition_id)
    blank = {"case_id": view.case.id, "definition_id": definition_id, "state": b"", "started_at": view.now}
    instance_id = view.work.add(view.case.id, _ADD_INSTANCE, blank)
    progress = apply_step(view, Token(instance_id, 1, parsed), stepping.start(parsed, {}, view))
    return progress, parsed


def go_on(view: CaseContext, kind: str, *, after: str | None = None) -> Progress:
    """Open a further process in the case of `view`, closed or not; `after` is the end event that led to it."""
    if (process := view.work.runtime.catalogue.get(kind)) is None:
        raise NotFound(what=Message(N_("事项类型 {kind}"), {"kind": kind}))
    if view.case.state != "open":
        view.work.change(view.case.id, _REOPEN_CASE, {"b_id": view.case.id})
    before = len(view.work.events)
    progress, parsed = begin(view.of(process))
    told = {"kind": kind, "digest": parsed.digest, "after": after, **progress.as_json()}
    view.work.record(Event(Kind.PROCESS_STARTED, view.case.id, content=told), after=before)
    return progress


def _move_instance(view: CaseContext, token: Token, step: Step) -> None:
    moved = view.work.change(
        view.case.id,
        _MOVE_INSTANCE,
        {
            "b_id": token.instance_id,
            "b_seen": token.version,
            "b_next": token.version + 1,
            "b_state": step.state,
            "b_status": "running" if step.ended is None else "ended",
            "b_ended": None if step.ended is None else view.now,
            "b_outcome": step.ended,
        },
    )
    if moved.rowcount != 1:
        raise Busy(by="version")


def _close_gone(
    view: CaseContext, token: Token, gone: Iterable[Any], acted: Mapping[str, Any], pause: bool, progress: Progress
) -> None:
    for row in sorted(gone, key=lambda r: r.id):
        own = row.id == acted.get("id")
        reason = acted["reason"] if own else "cancelled"
        by = acted.get("by", view.actor.id) if own else None
        view.work.change(view.case.id, _CLOSE_TASK, {"b_id": row.id, "b_now": view.now, "b_by": by, "b_reason": reason})
        progress.closed.append(row.id)
        if row.escalated is not None:
            settle_escalation(view, task_id=row.id, reason=reason)
        period = token.definition.elements[row.element].sla
        if own and pause and period:
            periods.pause(view, period, row.element)


def _arm(view: CaseContext, token: Token, step: Step) -> dict[str, datetime]:
    """Bring the clock rows in line; returns element → due time of the clock attached to it."""
    rows = view.connection.execute(_ARMED, {"b_instance": token.instance_id}).all()
    known = {row.token: row for row in rows if row.level == Level.BROKEN}
    ended = known.keys() - {armed.id for armed in step.timers}
    standing = {opened.element for opened in step.tasks}
    gone = [
        row.id for row in rows if row.token in ended or (row.level != Level.BROKEN and row.attached_to not in standing)
    ]
    if gone:
        view.work.change(view.case.id, _DISARM, {"b_ids": gone})
    due_of = {row.attached_to: row.due_at for row in rows if row.level == Level.BROKEN and row.token not in ended}
    new: list[dict[str, Any]] = []
    for armed in step.timers:
        if armed.id not in known:
            begun = _begun(view, armed)
            new += clock_rows.new_rows(view, token.instance_id, armed, begun)
            due_of[armed.attached_to] = armed.due_at
    if new:
        view.work.change(view.case.id, clock_rows.ARM, new)
    view.begun.clear()
    return due_of


def _begun(view: CaseContext, armed: ArmedTimer) -> periods.Begun | None:
    """The period behind a timer the drawing has just armed; None for one with a fixed duration."""
    watched = armed.attached_to or armed.element
    return next((one for one in view.begun if one.element == watched and one.due_at == armed.due_at), None)


def _open(
    view: CaseContext,
    token: Token,
    opened: OpenTask,
    due_at: datetime | None,
    facts: Mapping[str, Any],
    acted: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """The row of a new token, or one for each who signs it; what the history says of them."""
    element = token.definition.elements[opened.element]
    row = {
        "case_id": view.case.id,
        "instance_id": token.instance_id,
        "token": opened.id,
        "element": opened.element,
        "name": discreet(view, opened.element) or element.name,
        "kind": token.definition.key,
        "form": element.form or "",
        "created_at": view.now,
        "due_at": due_at,
        "rank_at": due_at or END_OF_TIME,
        "previous_id": acted.get("id"),
        "guarded": view.case.guarded,
    }
    lane = element.lane or ""
    if element.signing is None:
        return [_seat(view, row, view.process.candidates(view, opened.element, lane, facts), acted)]
    sitting = acted.get("sitting") or view.process.seats(view, opened.element, lane, facts)
    waits, signer = element.signing == "sequence", {**row, "seat": "signer"}
    return [
        _seat(view, {**signer, "seat_order": place, "state": _first_state(place, waits)}, who, acted)
        for place, who in enumerate(sitting, 1)
    ]


def discreet(view: CaseContext, element: str) -> str | None:
    """The neutral name of a step in a confidential case; None when its own may be shown."""
    if view.case.confidentiality not in CONFIDENTIAL or not isinstance(view.process, Discreet):
        return None
    return view.process.neutral_titles.get(element)


def _first_state(place: int, waits: bool) -> str:
    return "waiting" if waits and place > 1 else "open"


def _seat(view: CaseContext, row: Mapping[str, Any], who: Candidates, acted: Mapping[str, Any]) -> dict[str, Any]:
    given = {"post": who.post, "unit_id": who.unit_id, "acting_for": who.acting_for, "acting_reason": who.reason}
    let_in(view, row["element"], who)
    assignee = who.account_id or acted.get("assignee", 0)
    if assignee and not view.admits(assignee):
        assignee = 0
    task_id = view.work.add(view.case.id, _OPEN_TASK, {**row, **given, "assignee_id": assignee})
    named = {"element": row["element"], "post": who.post, "unit": who.unit_id}
    said = {"task": task_id, **named, "acting_for": who.acting_for, "reason": who.reason}
    told = {"assignee": assignee, "state": row.get("state", "open"), "seat": row.get("seat", "")}
    barred = {"barred": [dict(each) for each in who.barred]} if who.barred else {}
    return {**said, **{k: v for k, v in told.items() if v not in (0, "", "open")}, **barred}


def _end(view: CaseContext, token: Token, outcome: str, progress: Progress) -> None:
    """A process is over: another one takes over, others go on beside it, or the case is closed with it."""
    following = view.process.sequels.get(outcome)
    if following is not None:
        taken = go_on(view, following, after=outcome)
        progress.taken_over = [*taken.opened, *taken.taken_over]
        return
    told = {"outcome": outcome, "instance": token.instance_id}
    if view.connection.execute(_RUNNING, {"b_case": view.case.id}).first() is not None:
        view.work.record(Event(Kind.PROCESS_ENDED, view.case.id, element=outcome, content=told))
        return
    view.work.change(view.case.id, _END_CASE, {"b_id": view.case.id, "b_outcome": outcome, "b_now": view.now})
    view.work.record(Event(Kind.CASE_ENDED, view.case.id, element=outcome, content=told))
