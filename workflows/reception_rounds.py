"""What becomes of a reception day when it starts (P22): somebody is there, or it is missed for ever and reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, and_, bindparam, false, insert, or_, select, update

from engine.access import SYSTEM, Permission
from engine.errors import Forbidden, NotFound, NotNow
from engine.messages import N_, Message
from engine.unit_of_work import unit_of_work
from workflows import organisation, organisation_log
from workflows.chart import chart
from workflows.engagements import Place
from workflows.model_reception import reception_day, reception_report
from workflows.processes.petition.register import petition_register
from workflows.reception import load_day, present, who_is_there
from workflows.reception_list import LATER

if TYPE_CHECKING:
    from engine.access import Actor
    from engine.runtime import Runtime
    from engine.unit_of_work import UnitOfWork

#: who is told of a day that was missed
TOLD: Final = ("COUNTY_CHAIR", "RIGHTS_HEAD")

_day, _report = reception_day.c, reception_report.c
_STARTED = select(reception_day).where(_day.state == "planned", _day.starts_at <= bindparam("b_now")).order_by(_day.id)
_SETTLE = (
    update(reception_day)
    .where(_day.id == bindparam("b_id"), _day.state == "planned")
    .values(state=bindparam("b_state"), received_by=bindparam("b_side"), settled_at=bindparam("b_at"))
)
_RECEIVED = select(petition_register.c.case_id).where(
    petition_register.c.reception_day_id == bindparam("b_day"), petition_register.c.first_asked == bindparam("b_who")
)
_NO_SHOW = (
    update(reception_day)
    .where(_day.id == bindparam("b_id"), _day.state == "held")
    .values(state="missed", received_by=None)
)
_SEEN = update(reception_report).where(_report.day_id == bindparam("b_day"), _report.seen_at.is_(None))


def settle_days(runtime: Runtime) -> int:
    """Hold every day that has started against who is there; how many were missed. It may be called as often as one likes."""
    missed = 0
    with unit_of_work(runtime, SYSTEM) as work:
        for row in work.connection.execute(_STARTED, {"b_now": work.now}).all():
            missed += _settled(work, row) == "missed"
    return missed


def _settled(work: UnitOfWork, row: Row[Any]) -> str:
    side = who_is_there(work.connection, row)
    state = "missed" if side is None else "held"
    work.connection.execute(_SETTLE, {"b_id": row.id, "b_state": state, "b_side": side, "b_at": work.now})
    told = {} if side is None else {"received_by": getattr(row, f"{side}_id")}
    organisation_log.write(work, f"reception.{state}", day=row.id, **told)
    if side is None:
        _report_to_superiors(work, row)
    return state


def _report_to_superiors(work: UnitOfWork, row: Row[Any]) -> None:
    for post in TOLD:
        place = organisation.unit_for_post(work.connection, post, row.unit_id)
        if place is not None:
            new = {"day_id": row.id, "post": post, "unit_id": place.id, "told_at": work.now}
            work.connection.execute(insert(reception_report), new)


def reports(connection: Connection, actor: Actor) -> list[Row[Any]]:
    """Missed days somebody was told of and has not noted yet, the latest first."""
    chosen = select(reception_day).where(
        _day.id.in_(select(_report.day_id).where(_hers(actor), _report.seen_at.is_(None)))
    )
    return list(connection.execute(chosen.order_by(_day.held_on.desc(), _day.id.desc())).all())


def note_missed(uow: UnitOfWork, *, day_id: int) -> dict[str, Any]:
    """Note a missed day one was told of; ``{"day_id"}``. NotFound for who was not told, or has noted it."""
    noted = _SEEN.where(_hers(uow.actor)).values(seen_at=uow.now, seen_by=uow.actor.id)
    if not uow.connection.execute(noted, {"b_day": day_id}).rowcount:
        raise NotFound(what=Message(N_("接待日 {id}"), {"id": day_id}))
    organisation_log.write(uow, "reception.noted", day=day_id, by=uow.actor.id)
    return {"day_id": day_id}


def note_no_show(uow: UnitOfWork, *, day_id: int) -> dict[str, Any]:
    """Note that who was to receive did not come and sent no word: the day is missed, and reported; ``{"day_id"}``.

    By who plans there, not by herself, within a week. NotFound; Forbidden; NotNow when it was not held, or somebody was received.
    """
    row = load_day(uow.connection, day_id)
    uow.require(Permission.PLAN_RECEPTION, Place(row.unit_id, chart(uow.connection).units[row.unit_id].path))
    who = present(uow.connection, row)
    if row.state != "held" or who is None or uow.today > row.held_on + LATER:
        raise NotNow(why=Message(N_("只有已经开始、记为已接待的接待日，七日之内可以登记没有到场")))
    if who.id == uow.actor.id:
        raise Forbidden(why=Message(N_("本人是否到场，由别人登记")))
    if uow.connection.execute(_RECEIVED, {"b_day": day_id, "b_who": who.id}).first() is not None:
        raise NotNow(why=Message(N_("当天已登记由其接待的事项，不能记为没有到场")))
    uow.connection.execute(_NO_SHOW, {"b_id": day_id})
    organisation_log.write(uow, "reception.no_show", day=day_id, account=who.id, by=uow.actor.id)
    _report_to_superiors(uow, row)
    return {"day_id": day_id}


def _hers(actor: Actor) -> Any:
    held = [and_(_report.post == post.code, _report.unit_id == post.unit_id) for post in actor.posts]
    return or_(false(), *held)
