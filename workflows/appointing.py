"""Giving posts and ending terms: by the security administrator, and for posts that reach far, only with a second person.

The three keepers (三员) are three persons who hold nothing else. What changes here changes open tasks at once: they belong to
post and unit, and those that nobody can work on any more are looked at before the answer is given (`engine.restaffing`).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, insert, select, update

from engine.access import Permission
from engine.errors import Forbidden, InvalidAnswers, NotFound, ProposalClosed
from engine.messages import N_, Message
from engine.unit_of_work import inserted_id
from workflows import model, organisation, organisation_log
from workflows.handover import term_moved
from workflows.model_organisation import appointment
from workflows.newcomers import keep_out_still, leave_teams, screen_newcomer
from workflows.posts import FOUR_EYES_POSTS
from workflows.terms import Problems, check, check_desk, read_day, read_days, require_keepers_left

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

STATES = {
    "proposed": N_("待批准"),
    "approved": N_("已批准"),
    "refused": N_("未批准"),
    "withdrawn": N_("已撤回"),
}

_held = model.post_holding.c
_TERM = select(model.post_holding).where(_held.id == bindparam("b_id"))
_END = update(model.post_holding).where(_held.id == bindparam("b_id")).values(until=bindparam("b_day"))
_PROPOSAL = select(appointment).where(appointment.c.id == bindparam("b_id"))
_DECIDE = (
    update(appointment)
    .where(appointment.c.id == bindparam("b_id"), appointment.c.state == "proposed")
    .values(
        state=bindparam("b_state"),
        decided_by=bindparam("b_by"),
        decided_at=bindparam("b_now"),
        reason=bindparam("b_reason"),
        holding_id=bindparam("b_holding"),
    )
)


def appoint_post(
    uow: UnitOfWork,
    *,
    account_id: int,
    post: str,
    unit_id: int,
    since: str,
    until: str = "",
    desk_id: int | None = None,
) -> dict[str, Any]:
    """Give a post in a unit from one day to another, both served; ``{"holding_id", "appointment_id"}``, one of them None.

    A post of FOUR_EYES_POSTS is only proposed: another person approves it. Forbidden outside her part of the tree and for
    herself; InvalidAnswers by field.
    """
    place = organisation.unit(uow.connection, unit_id)
    uow.require(Permission.APPOINT, place)
    if account_id == uow.actor.id:
        raise Forbidden(why=Message(N_("不能任命自己")))
    problems: Problems = {}
    first, last = read_days(uow.today, since, until, problems)
    check(uow, account_id, post, place, first, last, problems)
    check_desk(uow, place, desk_id, problems)
    if problems:
        raise InvalidAnswers(problems)
    row = {"account_id": account_id, "post": post, "unit_id": unit_id, "since": first, "until": last}
    if post not in FOUR_EYES_POSTS:
        return {"holding_id": give(uow, {**row, "desk_id": desk_id}), "appointment_id": None}
    proposed = {**row, "desk_id": desk_id, "proposed_by": uow.actor.id, "proposed_at": uow.now, "state": "proposed"}
    number = inserted_id(uow.connection.execute(insert(appointment), {**proposed, "reason": ""}))
    organisation_log.write(uow, "post.proposed", appointment=number, **_told(row))
    return {"holding_id": None, "appointment_id": number}


def decide_appointment(uow: UnitOfWork, *, appointment_id: int, approve: bool, reason: str = "") -> dict[str, Any]:
    """Approve or refuse what another proposed; ``{"appointment_id", "holding_id"}``. A refusal says why.

    Forbidden for who proposed it and for who would be appointed; ProposalClosed when it was decided; InvalidAnswers when it
    cannot be done any more. A term that should have begun begins on the day of the approval.
    """
    row = _proposal(uow, appointment_id)
    place = organisation.unit(uow.connection, row.unit_id)
    hers = row.post not in FOUR_EYES_POSTS and uow.runtime.rules.permits(uow.actor, Permission.APPOINT, place)
    if not hers:
        uow.require(Permission.APPROVE_APPOINTMENT, place)
    if uow.actor.id in (row.proposed_by, row.account_id):
        raise Forbidden(why=Message(N_("提出人和被任命人不能批准，须由另一人批准")))
    if row.state != "proposed":
        raise ProposalClosed(state=Message(STATES[row.state]))
    if not approve:
        if not reason.strip():
            raise InvalidAnswers({"reason": [Message(N_("请写明不批准的理由"))]})
        _close(uow, row, "refused", reason.strip()[:200], None)
        return {"appointment_id": appointment_id, "holding_id": None}
    problems: Problems = {}
    since = max(row.since, uow.today)
    if row.until is not None and row.until < since:
        problems["until"] = [Message(N_("任期在批准之前已经届满，请重新提出"))]
    check(uow, row.account_id, row.post, place, since, row.until, problems)
    if problems:
        raise InvalidAnswers(problems)
    given = {name: getattr(row, name) for name in ("account_id", "post", "unit_id", "until", "desk_id")}
    holding = give(uow, {**given, "since": since})
    _close(uow, row, "approved", "", holding)
    return {"appointment_id": appointment_id, "holding_id": holding}


def withdraw_appointment(uow: UnitOfWork, *, appointment_id: int) -> dict[str, Any]:
    """Take back one's own proposal before it is decided; ``{"appointment_id"}``."""
    row = _proposal(uow, appointment_id)
    uow.require(Permission.APPOINT, organisation.unit(uow.connection, row.unit_id))
    if row.proposed_by != uow.actor.id:
        raise Forbidden(why=Message(N_("只有提出人可以撤回")))
    _close(uow, row, "withdrawn", "", None)
    return {"appointment_id": appointment_id}


def end_term(uow: UnitOfWork, *, holding_id: int, last_day: str) -> dict[str, Any]:
    """Set the last day of a term, which is still served (O01); ``{"holding_id", "last_day"}``. Yesterday: she is out at once.

    Forbidden for her own term, and when nobody would keep the machine, its rights or its log the day after.
    """
    row = uow.connection.execute(_TERM, {"b_id": holding_id}).one_or_none()
    if row is None:
        raise NotFound(what=Message(N_("任职记录 {id}"), {"id": holding_id}))
    uow.require(Permission.APPOINT, organisation.unit(uow.connection, row.unit_id))
    if row.account_id == uow.actor.id:
        raise Forbidden(why=Message(N_("不能结束自己的任期")))
    problems: Problems = {}
    day = read_day(last_day, "last_day", problems)
    if not problems:
        _check_end(uow, row, day, problems)
    if problems:
        raise InvalidAnswers(problems)
    day = max(day, row.since - timedelta(days=1))  # a term that has not begun ends the day before it would have
    require_keepers_left(uow, without_term=holding_id, on=max(day + timedelta(days=1), uow.today))
    uow.connection.execute(_END, {"b_id": holding_id, "b_day": day})
    organisation_log.write(uow, "post.ended", holding=holding_id, day=day.isoformat(), **_told_row(row))
    term_moved(uow, holding_id, day)
    uow.rescreen.add(None)
    return {"holding_id": holding_id, "last_day": day.isoformat()}


def _check_end(uow: UnitOfWork, row: Row[Any], day: date, problems: Problems) -> None:
    yesterday = uow.today - timedelta(days=1)
    if row.until is not None and row.until < uow.today:
        params = {"day": row.until.isoformat()}
        problems["last_day"] = [Message(N_("此任期已于 {day} 届满"), params)]
    elif day < yesterday:
        params = {"seen": day.isoformat(), "first": yesterday.isoformat()}
        problems["last_day"] = [Message(N_("最后一日最早是 {first}（立即离任），填写的是 {seen}"), params)]
    elif row.until is not None and day > row.until:
        params = {"seen": day.isoformat(), "last": row.until.isoformat()}
        problems["last_day"] = [Message(N_("任期到 {last} 届满，不能延到 {seen}；延长请另行任命"), params)]


def give(uow: UnitOfWork, row: dict[str, Any]) -> int:
    """Write a term that was checked; returns its id. Open tasks follow."""
    leave_teams(uow, row["account_id"], row["since"])
    holding = organisation.appoint(uow.connection, **row)
    told = {name: row[name] for name in ("account_id", "post", "unit_id", "since", "until")}
    organisation_log.write(uow, "post.given", holding=holding, **_told(told))
    keep_out_still(uow, row["account_id"])
    if row["since"] <= uow.today:
        screen_newcomer(uow, row["account_id"], row["post"], row["unit_id"])
    uow.rescreen.add(None)
    return holding


def _proposal(uow: UnitOfWork, appointment_id: int) -> Row[Any]:
    row = uow.connection.execute(_PROPOSAL, {"b_id": appointment_id}).one_or_none()
    if row is None:
        raise NotFound(what=Message(N_("任命 {id}"), {"id": appointment_id}))
    return row


def _close(uow: UnitOfWork, row: Row[Any], state: str, reason: str, holding: int | None) -> None:
    decided = {"b_id": row.id, "b_state": state, "b_by": uow.actor.id, "b_now": uow.now}
    if uow.connection.execute(_DECIDE, {**decided, "b_reason": reason, "b_holding": holding}).rowcount != 1:
        raise ProposalClosed(state=Message(STATES[row.state]))
    organisation_log.write(uow, f"post.{state}", appointment=row.id, holding=holding)


def _told(row: dict[str, Any]) -> dict[str, Any]:
    until = row["until"]
    return {
        "account": row["account_id"],
        "post": row["post"],
        "unit": row["unit_id"],
        "since": row["since"].isoformat(),
        "until": until.isoformat() if until is not None else None,
    }


def _told_row(row: Row[Any]) -> dict[str, Any]:
    return {"account": row.account_id, "post": row.post, "unit": row.unit_id, "since": row.since.isoformat()}
