"""The lawful extension of a period: asked for by who works on the step, decided by another person in the post the rule names.

The policy says of each period whether it may be extended, by whom, by how much at most, how often, and how well reasoned. What
was overdue before stays counted as overdue. Commands, for buttons elsewhere: ``request_extension``, ``approve_extension``,
``refuse_extension``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update

from engine.access import Permission
from engine.clock import Extension, Period, Unit
from engine.commands import clock_rows, consenting, periods
from engine.commands.escalations import settle_escalation
from engine.commands.loading import load_task, may_read, require_open, require_work, view_of
from engine.errors import EngineError, Forbidden, InvalidAnswers, NotFound
from engine.events import Event, Kind
from engine.guard import Guard
from engine.messages import N_, Message
from engine.model_clocks import clock_extension

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Row

    from engine.commands.context import CaseContext
    from engine.unit_of_work import UnitOfWork

_LOAD = select(clock_extension).where(clock_extension.c.id == bindparam("b_id"))
_MADE = select(clock_extension.c.state, func.count(), func.coalesce(func.sum(clock_extension.c.units), 0)).where(
    clock_extension.c.case_id == bindparam("b_case"),
    clock_extension.c.period == bindparam("b_period"),
    clock_extension.c.element == bindparam("b_element"),
)
_MADE = _MADE.group_by(clock_extension.c.state)
#: of a period that hangs on a date of the case, whichever step carried its clock
_MADE_IN_CASE = (
    select(clock_extension.c.state, func.count())
    .where(clock_extension.c.case_id == bindparam("b_case"), clock_extension.c.period == bindparam("b_period"))
    .group_by(clock_extension.c.state)
)
_ADD = insert(clock_extension)
_DECIDE = (
    update(clock_extension)
    .where(clock_extension.c.id == bindparam("b_id"), clock_extension.c.state == "asked")
    .values(
        state=bindparam("b_state"),
        decided_by=bindparam("b_by"),
        decided_post=bindparam("b_post"),
        decided_at=bindparam("b_at"),
        answer_sealed=bindparam("b_answer"),
        old_due_at=bindparam("b_old"),
        new_due_at=bindparam("b_new"),
    )
)


class AlreadyDecided(EngineError):
    """Somebody has decided about this extension before."""

    text = N_("此延期申请已有决定（{state}），未作任何更改。")


@dataclass(frozen=True)
class ExtensionSubject:
    """An extension as the rules ask about it: the posts (with their units) that may decide, and the class of the case."""

    approvers: tuple[tuple[str, int], ...]
    confidentiality: str
    path: str
    guard: Guard


def request_extension(
    uow: UnitOfWork,
    *,
    task_id: int,
    units: int,
    reason: str,
    period: str | None = None,
    seen_version: int | None = None,
    consents: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Ask for `units` more (in the period's own unit) for an open task; `period` may be left out when it has but one.

    Whoever works on the task may ask. `consents`: code → ISO day on which each consented whom the process type names, and "alone"
    (True: she was asked alone). Returns ``{"extension_id", "case_id", "task_id"}``. Forbidden when the rule allows no extension;
    InvalidAnswers by field ("units", "reason", a code, "alone"): too many, too often, one undecided, reason too short, paused,
    somebody has not consented.
    """
    job = load_task(uow, task_id)
    view = view_of(uow, job)
    require_work(view, seen_version)
    row = _running(view, period)
    rule = view.process.period(view, row.period)
    agreed, missing = consenting.examine(view, rule.key, consents or {}, periods.explain(view, row).day_zero)
    if problems := {**_problems(view, rule, row, units, reason), **missing}:
        raise InvalidAnswers(problems)
    number = uow.add(job.case_id, _ADD, _asked(view, row, rule, units, reason.strip(), agreed))
    for post, unit_id in approvers(view, rule):
        view.notify(post, unit_id, "extension.asked", period=row.period, task=job.id, extension=number)
    content = {
        "extension": number,
        "period": row.period,
        "units": units,
        "unit": rule.unit.value,
        "reason": reason.strip(),
        **({"consents": agreed} if agreed else {}),
    }
    uow.record(Event(Kind.EXTENSION_ASKED, job.case_id, job.id, job.element, content))
    return {"extension_id": number, "case_id": job.case_id, "task_id": job.id}


def approve_extension(uow: UnitOfWork, *, extension_id: int, note: str = "") -> dict[str, Any]:
    """Grant what was asked for: the clocks of the period move, and the letter can be printed.

    Returns ``{"extension_id", "case_id", "old_due_at", "new_due_at"}`` (ISO 8601). Forbidden for who does not hold an
    approving post, has asked herself, or may not act in this case; AlreadyDecided; TaskNotReady when the step is over.
    """
    asked, view = _undecided(uow, extension_id)
    rule = view.process.period(view, asked.period)
    row = periods.load(view, asked.use_id)
    allowed = _allowed(rule)
    if row.extended + asked.units > allowed.most:
        raise InvalidAnswers({"units": [_too_many(allowed, rule, row.extended, asked.units)]})
    old = periods.explain(view, row).due_at
    found = periods.extend(view, row, asked.units)
    clock_rows.bring_in_line(view, row.id, found)
    _decide(view, asked, "granted", note, old, found.due_at)
    if found.due_at is not None and found.due_at > uow.now:
        settle_escalation(view, task_id=asked.task_id, reason="moved", period_key=asked.period)
    dates = {"old_due_at": old.isoformat() if old else None, "new_due_at": found.due_at and found.due_at.isoformat()}
    content = {"extension": asked.id, "period": asked.period, "units": asked.units, "clause": asked.clause, **dates}
    uow.record(
        Event(Kind.EXTENSION_GRANTED, asked.case_id, asked.task_id, asked.element, {**content, "note": note.strip()})
    )
    return {"extension_id": asked.id, "case_id": asked.case_id, **dates}


def refuse_extension(uow: UnitOfWork, *, extension_id: int, reason: str) -> dict[str, Any]:
    """Refuse what was asked for, with a reason; no clock moves. Returns ``{"extension_id", "case_id"}``.

    Raises as `approve_extension`, and InvalidAnswers ("reason") without a reason.
    """
    asked, view = _undecided(uow, extension_id)
    if not reason.strip():
        raise InvalidAnswers({"reason": [Message(N_("请写明不予延期的理由"))]})
    _decide(view, asked, "refused", reason, asked.old_due_at, None)
    content = {"extension": asked.id, "period": asked.period, "reason": reason.strip()}
    uow.record(Event(Kind.EXTENSION_REFUSED, asked.case_id, asked.task_id, asked.element, content))
    return {"extension_id": asked.id, "case_id": asked.case_id}


def _asked(
    view: CaseContext, row: Row[Any], rule: Period, units: int, reason: str, agreed: Mapping[str, Any]
) -> dict[str, Any]:
    """The row of a new request."""
    job, allowed = view.job, _allowed(rule)
    return {
        "case_id": job.case_id,
        "task_id": job.id,
        "element": job.element,
        "period": rule.key,
        "use_id": row.id,
        "units": units,
        "unit": rule.unit.value,
        "clause": allowed.clause or rule.clause,
        "form": allowed.form,
        "reason_sealed": view.vault.seal(reason.encode()),
        "consents_sealed": view.vault.seal_json(agreed) if agreed else None,
        "asked_by": view.actor.id,
        "asked_post": job.post,
        "asked_at": view.now,
        "old_due_at": periods.explain(view, row).due_at,
    }


def approvers(view: CaseContext, rule: Period) -> tuple[tuple[str, int], ...]:
    """(post, unit id) of those who may decide about an extension of a period in this case; none when it may not be extended."""
    return tuple(view.process.superiors(view, rule.extension.approvers)) if rule.extension else ()


def left(view: CaseContext, rule: Period, element: str, extended: int) -> int:
    """How many units may still be asked for, 0 when it was extended often enough or one extension is undecided."""
    made = _made(view, rule.key, element)
    if rule.extension is None or "asked" in made or made.get("granted", 0) >= rule.extension.times:
        return 0
    return max(0, rule.extension.most - extended)


def _running(view: CaseContext, period: str | None) -> Row[Any]:
    """The `period_use` row of the task's clock; NotFound when it has none of that name, or several and none was named."""
    job = view.job
    rows = [periods.load(view, use_id) for use_id in clock_rows.uses_of(view.connection, job.instance_id, job.element)]
    named = [row for row in rows if period in (None, row.period)]
    if len(named) != 1:
        raise NotFound(what=Message(N_("任务 {id} 的时限 {key}"), {"id": job.id, "key": period or "—"}))
    return named[0]


def _allowed(rule: Period) -> Extension:
    if rule.extension is None:
        raise Forbidden(why=Message(N_("时限 {key} 不得延期"), {"key": rule.key}))
    return rule.extension


def _made(view: CaseContext, period: str, element: str) -> dict[str, int]:
    where = {"b_case": view.case.id, "b_period": period}
    if view.process.anchor(view, period) is not None:
        return {row[0]: row[1] for row in view.connection.execute(_MADE_IN_CASE, where)}
    return {row[0]: row[1] for row in view.connection.execute(_MADE, {**where, "b_element": element})}


def _problems(view: CaseContext, rule: Period, row: Row[Any], units: int, reason: str) -> dict[str, list[Message]]:
    problems: dict[str, list[Message]] = {}
    allowed, extended = _allowed(rule), row.extended
    made = _made(view, rule.key, view.job.element)
    if row.paused_at is not None:
        problems["units"] = [Message(periods.STANDS_STILL)]
    elif "asked" in made:
        problems["units"] = [Message(N_("已有一份延期申请等待批准"))]
    elif made.get("granted", 0) >= allowed.times:
        problems["units"] = [Message(N_("本时限最多延期 {times} 次，已经用完"), {"times": allowed.times})]
    elif isinstance(units, bool) or not isinstance(units, int) or not 1 <= units <= allowed.most - extended:
        problems["units"] = [_too_many(allowed, rule, extended, units)]
    if len(reason.strip()) < allowed.reason_length:
        seen = {"least": allowed.reason_length, "seen": len(reason.strip())}
        problems["reason"] = [Message(N_("延期理由至少 {least} 个字（现为 {seen} 个字）"), seen)]
    return problems


def _too_many(allowed: Extension, rule: Period, extended: int, seen: int) -> Message:
    unit = UNIT_NAMES[rule.unit]
    content = {"seen": str(seen), "most": allowed.most - extended, "unit": Message(unit)}
    return Message(N_("延期期限：现为“{seen}”，应为 1 至 {most} {unit}"), content)


UNIT_NAMES = {
    Unit.CAL: N_("日"),
    Unit.WORK: N_("个工作日"),
    Unit.HOUR: N_("小时"),
    Unit.MONTH: N_("个月"),
    Unit.DATE: N_("日"),
}


def _undecided(uow: UnitOfWork, extension_id: int) -> tuple[Row[Any], CaseContext]:
    """The extension and its case, for somebody who may decide about it now."""
    asked = uow.connection.execute(_LOAD, {"b_id": extension_id}).one_or_none()
    if asked is None:
        raise NotFound(what=Message(N_("延期申请 {id}"), {"id": extension_id}))
    job = load_task(uow, asked.task_id)
    view = view_of(uow, job)
    rule = view.process.period(view, asked.period)
    places = approvers(view, rule)
    if not may_read(uow, uow.case(job.case_id)):
        raise NotFound(what=Message(N_("延期申请 {id}"), {"id": extension_id}))
    uow.require(Permission.DECIDE_EXTENSION, ExtensionSubject(places, job.confidentiality, job.path, job.guard))
    held = [post for post, unit_id in places if uow.actor.holds(post, unit_id)]
    if not held:
        raise Forbidden(why=Message(N_("延期须由时限表规定的岗位批准")))
    uow.acting_post = held[0]
    if asked.asked_by == uow.actor.id:
        raise Forbidden(why=Message(N_("本人申请的延期须由他人批准")))
    if asked.state != "asked":
        raise AlreadyDecided(state=Message(DECISION_NAMES[asked.state]))
    require_open(uow, job)
    obstacle = view.process.may_work(view, job.element, job.form)
    if obstacle is not None:
        raise Forbidden(why=obstacle)
    return asked, view


DECISION_NAMES = {"asked": N_("待批准"), "granted": N_("同意延期"), "refused": N_("不予延期")}


def _decide(view: CaseContext, asked: Row[Any], state: str, note: str, old: Any, new: Any) -> None:
    """Write the decision and tell the post that asked."""
    decided = {
        "b_id": asked.id,
        "b_state": state,
        "b_by": view.actor.id,
        "b_post": view.work.acting_post,
        "b_at": view.now,
        "b_answer": view.vault.seal(note.strip().encode()),
        "b_old": old,
        "b_new": new,
    }
    view.work.change(asked.case_id, _DECIDE, decided)
    view.notify(view.job.post, view.job.unit_id, f"extension.{state}", period=asked.period, task=asked.task_id)
