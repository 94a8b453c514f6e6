"""Open a case, let it go on with a further process, and end it at the applicant's wish."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, select, update

from engine.access import SYSTEM, Permission
from engine.audit import ALL_CASES
from engine.commands.context import CaseContext
from engine.commands.entering import began, enter, next_number
from engine.commands.loading import may_read, subject_of
from engine.commands.membership import join
from engine.commands.progress import Token, apply_step, begin, go_on
from engine.errors import Busy, Forbidden, InvalidAnswers, NotFound, NotNow
from engine.events import Event, Kind
from engine.flow import stepping
from engine.guard import Role
from engine.messages import N_, Message
from engine.model import definition, instance, task
from engine.unit_of_work import UnitOfWork

_ASSIGN = update(task).where(task.c.id == bindparam("b_id")).values(assignee_id=bindparam("b_assignee"))
_RUNNING = (
    select(instance)
    .where(instance.c.case_id == bindparam("b_case"), instance.c.status == "running")
    .order_by(instance.c.id)
)
_LAST_INSTANCE = (
    select(instance.c.status, instance.c.outcome, definition.c.key)
    .join(definition, definition.c.id == instance.c.definition_id)
    .where(instance.c.case_id == bindparam("b_case"))
    .order_by(instance.c.id.desc())
    .limit(1)
)
_OPEN = select(task.c.element).where(task.c.instance_id == bindparam("b_instance"), task.c.state == "open")


def start_case(uow: UnitOfWork, *, kind: str) -> dict[str, Any]:
    """Open a case of a kind (a key of the catalogue) and hand its first task to the person who opens it.

    Returns ``{"case_id", "task_id", "number"}``. The version of the drawing in force is pinned; the case stays on it.
    """
    process = uow.runtime.catalogue.get(kind)
    if process is None:
        raise NotFound(what=Message(N_("事项类型 {kind}"), {"kind": kind}))
    if not process.series:
        raise Forbidden(why=Message(N_("这类事项由前一流程转入，不能单独新建")))
    uow.require(Permission.START_CASE, process)
    where = process.start(uow.connection, uow.actor)
    case, number = enter(uow, process, where)
    case_id = int(case.id)
    view = CaseContext(uow, case, process)
    if view.case.guarded:
        join(uow, case_id, uow.actor.id, Role.INTAKE)
    progress, parsed = begin(view)
    task_id = progress.opened[0]["task"]
    uow.change(case_id, _ASSIGN, {"b_id": task_id, "b_assignee": uow.actor.id})
    next_number(uow, ALL_CASES)
    if process.start(uow.connection, uow.actor) != where:  # the unit was moved meanwhile (`workflows.units`)
        raise Busy(by="organisation")
    content = {**began(case, parsed.digest), **progress.as_json()}
    uow.record(Event(Kind.CASE_STARTED, case_id, task_id, content=content))
    return {"case_id": case_id, "task_id": task_id, "number": number}


def withdraw_case(uow: UnitOfWork, *, case_id: int, reason: str) -> dict[str, Any]:
    """End a case because the applicant no longer wants it (撤回申请); returns ``{"case_id", "ended"}``.

    The process type says at which steps that is still possible and which end event it leads to.
    """
    case = uow.case(case_id)
    uow.about = case_id
    if not may_read(uow, case):
        raise NotFound(what=Message(N_("案件 {id}"), {"id": case_id}))
    uow.require(Permission.WITHDRAW_CASE, subject_of(uow.connection, case))
    running = uow.connection.execute(_RUNNING, {"b_case": case_id}).all()
    if not running:
        raise Forbidden(why=Message(N_("此件已办结，不能再撤回")))
    if not reason.strip():
        raise InvalidAnswers({"reason": [Message(N_("请写明申请人撤回的原因"))]})
    chosen = next(filter(None, (_withdrawable(uow, case, row) for row in running)), None)
    if chosen is None:
        raise Forbidden(why=Message(N_("此步骤已不能撤回")))
    view, row, target = chosen
    view.process.withdrawn(view)
    return _ended(view, row, target, Kind.CASE_WITHDRAWN, reason)


def terminate_case(uow: UnitOfWork, *, case_id: int, reason: str) -> dict[str, Any]:
    """End a case by decision of the house (终止), whatever is open; returns ``{"case_id", "ended"}``.

    The process type says at which steps that is possible and which end event it leads to. Every task, seat and clock of the
    process closes; drafts stay with who typed them.
    """
    case = uow.case(case_id)
    uow.about = case_id
    if not may_read(uow, case):
        raise NotFound(what=Message(N_("案件 {id}"), {"id": case_id}))
    uow.require(Permission.TERMINATE_CASE, subject_of(uow.connection, case))
    running = uow.connection.execute(_RUNNING, {"b_case": case_id}).all()
    if not running:
        raise NotNow(why=Message(N_("此件已办结，不能再终止")))
    if not reason.strip():
        raise InvalidAnswers({"reason": [Message(N_("请写明终止的理由，将记入案卷"))]})
    chosen = next(filter(None, (_terminable(uow, case, row) for row in running)), None)
    if chosen is None:
        raise NotNow(why=Message(N_("此类事项在现在的步骤不能终止")))
    view, row, target = chosen
    view.process.terminated(view)
    return _ended(view, row, target, Kind.CASE_TERMINATED, reason)


def _ended(view: CaseContext, running: Row[Any], target: str, kind: Kind, reason: str) -> dict[str, Any]:
    token = Token(running.id, running.version, view.work.runtime.definitions.get(running.definition_id))
    step = stepping.goto(token.definition, running.state, target, {}, view)
    progress = apply_step(view, token, step)
    view.work.record(Event(kind, view.case.id, content={"reason": reason.strip(), **progress.as_json()}))
    return {"case_id": view.case.id, "ended": progress.ended}


#: a running process of a case, as its type sees it, and the end event it can be brought to
_Endable = tuple[CaseContext, Row[Any], str]


def _withdrawable(uow: UnitOfWork, case: Row[Any], running: Row[Any]) -> _Endable | None:
    """A running process that can be withdrawn where it stands; None when it is too late."""
    view, steps = _stands(uow, case, running)
    target = next(filter(None, map(view.process.withdrawal, steps)), None)
    return None if target is None else (view, running, target)


def _terminable(uow: UnitOfWork, case: Row[Any], running: Row[Any]) -> _Endable | None:
    """A running process that the house may end where it stands."""
    view, steps = _stands(uow, case, running)
    target = view.process.termination(steps)
    return None if target is None else (view, running, target)


def _stands(uow: UnitOfWork, case: Row[Any], running: Row[Any]) -> tuple[CaseContext, list[str]]:
    kind = uow.runtime.definitions.get(running.definition_id).key
    steps = uow.connection.execute(_OPEN, {"b_instance": running.id}).scalars()
    return CaseContext(uow, case, uow.runtime.catalogue[kind]), list(steps)


def continue_case(uow: UnitOfWork, *, case_id: int) -> dict[str, Any]:
    """Let a case that was closed before its process type had a sequel go on with it; ``{"case_id", "opened": [task ids]}``.

    ``opened`` is empty, and nothing changes, for a case that has one or whose end leads to none. Forbidden for persons: which
    cases are meant is no choice, it is done when the software is upgraded.
    """
    if uow.actor != SYSTEM:
        raise Forbidden(why=Message(N_("后续流程由系统自动开启")))
    case = uow.case(case_id)
    last = uow.connection.execute(_LAST_INSTANCE, {"b_case": case_id}).one()
    view = CaseContext(uow, case, uow.runtime.catalogue[last.key])
    following = view.process.sequels.get(last.outcome or "")
    if following is None or last.status == "running":
        return {"case_id": case_id, "opened": []}
    return {"case_id": case_id, "opened": go_on(view, following, after=last.outcome).waiting}
