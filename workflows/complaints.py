"""A complaint about a member of staff (D3.4, 信访工作条例 30): to the next higher federation, as C3, never to her unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select, update

from engine.access import CLASSES, SYSTEM, Permission
from engine.commands.classes import pass_on_class
from engine.commands.context import CaseContext
from engine.commands.guarded_work import settle
from engine.commands.handing_over import move
from engine.commands.leading import tell_appointing
from engine.commands.loading import load_task, subject_of, view_of
from engine.commands.membership import is_member, join
from engine.commands.teams import checked_reason, opened, write_exclusion
from engine.errors import Forbidden, InvalidAnswers
from engine.events import Event, Kind
from engine.guard import Role
from engine.messages import N_, Message
from engine.model import case_file, task
from workflows.chart import chart
from workflows.colleagues import Colleague
from workflows.organisation import ancestors, posts_on
from workflows.posts import UnitKind

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

    from engine.unit_of_work import UnitOfWork
    from workflows.chart import Unit

#: the levels of the federation itself
FEDERATION: Final = (UnitKind.VILLAGE, UnitKind.TOWN, UnitKind.COUNTY, UnitKind.CITY, UnitKind.PROVINCE)
_LIFT = (
    update(case_file)
    .where(case_file.c.id == bindparam("b_case"))
    .values(unit_id=bindparam("b_unit"), path=bindparam("b_path"), confidentiality=bindparam("b_class"))
)
_OPEN = select(task.c.id).where(task.c.case_id == bindparam("b_case"), task.c.state == "open").order_by(task.c.id)


class NothingHigher(Forbidden):
    """The federation that would have to deal with a complaint is not in this installation."""

    text = N_(
        "对这一级工作人员的投诉须由上一级妇联办理，而上一级不在本系统内：请书面转送，不要由本单位办理；"
        "她现在有危险的，先不填被反映的工作人员，提交后立即启动保护，再书面转送投诉"
    )


def next_higher(uow: UnitOfWork, account_id: int) -> tuple[tuple[int, ...], Unit | None]:
    """The units in which somebody serves today, and the federation above the highest of them; None when there is none here."""
    units = chart(uow.connection).units
    own = tuple(dict.fromkeys(post.unit_id for post in posts_on(uow.connection, account_id, uow.today)))
    above: list[Unit] = []
    for unit_id in own:
        found = [unit for unit in ancestors(uow.connection, unit_id) if unit.kind in FEDERATION]
        higher = [unit for unit in found if not any(_within(unit, units[each]) for each in own)]
        if not higher:
            return own, None
        above.append(higher[0])
    return own, min(above, key=lambda unit: len(unit.path), default=None)


def staff_to_name(connection: Connection, on: date, *, but: int) -> list[Colleague]:
    """Everybody who serves on a day, by name and each once with the first post she holds, but one (who writes it down)."""
    known = chart(connection)
    found: dict[int, Colleague] = {}
    for (code, unit_id), terms in known.terms.items():
        for term in terms:
            who = known.people[term.account_id]
            if who.active and term.covers(on) and term.account_id != but:
                found.setdefault(term.account_id, Colleague(term.account_id, who.name, code, unit_id))
    return sorted(found.values(), key=lambda each: (each.name, each.id))


def complain_about(uow: UnitOfWork, *, case_id: int, account_id: int, reason: str) -> dict[str, Any]:
    """Treat a case as a complaint about a member of staff: what `lift_above` does and answers, for somebody with the right.

    NotFound; Forbidden without the right in the case; InvalidAnswers also for a complaint about herself.
    """
    opened(uow, case_id, Permission.COMPLAIN)
    if account_id == uow.actor.id:
        raise InvalidAnswers({"account": [Message(N_("对您本人的投诉须由他人登记"))]})
    return lift_above(uow, case_id, account_id=account_id, reason=reason)


def lift_above(uow: UnitOfWork, case_id: int, *, account_id: int, reason: str) -> dict[str, Any]:
    """Give a case about a member of staff to the next higher federation; ``{"case_id", "unit", "class"}``. Asks no permission.

    She, her units and those below them are kept from it; the class is C3 at least; open steps go to the higher unit. The one
    way in which a complaint about staff begins, whatever kind of case it comes in by. InvalidAnswers ("reason", "account");
    NothingHigher when the next higher unit is not in this installation.
    """
    problems: dict[str, list[Message]] = {}
    why = checked_reason(reason, problems)
    own, higher = next_higher(uow, account_id)
    if not own:
        problems["account"] = [Message(N_("请选择一位在任工作人员；账号 {id} 没有在任的岗位"), {"id": account_id})]
    if problems:
        raise InvalidAnswers(problems)
    if higher is None:
        raise NothingHigher
    before = uow.case(case_id)
    if higher.path.startswith(before.path):  # it is as high or higher already, perhaps by an earlier complaint
        higher = chart(uow.connection).units[before.unit_id]
    level = max(before.confidentiality, "C3", key=CLASSES.index)
    lifted = {"b_case": case_id, "b_unit": higher.id, "b_path": higher.path, "b_class": level}
    uow.change(case_id, _LIFT, lifted)
    content = {"old": before.unit_id, "new": higher.id, "class": level, "reason": why}
    uow.record(Event(Kind.CASE_LIFTED, case_id, content=content))
    write_exclusion(uow, case_id, account_id=account_id, reason=why)
    for unit_id in own:
        write_exclusion(uow, case_id, unit_id=unit_id, reason=why)
    _keep_intake(uow, case_id, own, why)
    settle(uow, case_id)
    pass_on_class(uow, case_id, why)
    _move(uow, case_id)
    now = subject_of(uow.connection, uow.fresh(case_id))
    tell_appointing(uow, now, "class.raised")
    return {"case_id": case_id, "unit": higher.id, "class": level}


def _keep_intake(uow: UnitOfWork, case_id: int, own: tuple[int, ...], why: str) -> None:
    """Who wrote it down stays until a manager is appointed, as in every confidential case; but nobody of the accused's units."""
    guard = subject_of(uow.connection, uow.fresh(case_id)).guard
    kept_out = any(uow.runtime.rules.kept_from(uow.actor, None, unit_id) for unit_id in own)
    if uow.actor != SYSTEM and not kept_out and not is_member(uow, guard):
        join(uow, case_id, uow.actor.id, Role.INTAKE, why)


def _move(uow: UnitOfWork, case_id: int) -> None:
    """Give every open step to whom it belongs by the case's new unit."""
    for task_id in uow.connection.execute(_OPEN, {"b_case": case_id}).scalars().all():
        job = load_task(uow, task_id)
        view = CaseContext(uow, uow.fresh(case_id), view_of(uow, job).process, job)
        move(view, job, view.process.candidates(view, job.element, job.acting_for or job.post, {}))


def _within(unit: Unit, other: Unit) -> bool:
    """Whether a unit is another one, or lies below it."""
    return unit.path.startswith(other.path)
