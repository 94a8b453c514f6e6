"""委托代理: a person who will be away names somebody who acts in her place for a time; either of the two ends it at once.

What a deputy may do is asked anew at every act: with her own name and with the absent person's (four eyes, conflict of
interest). She cannot pass it on, because what she may do in another's place is nobody's to deputise for.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, func, insert, or_, select, update

from engine.access import Actor, Permission
from engine.clock import SHANGHAI
from engine.errors import InvalidAnswers, NotFound
from engine.messages import N_, Message
from engine.model_absence import absence
from engine.unit_of_work import inserted_id

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

#: longer than this is no absence but a vacancy
LONGEST = timedelta(days=183)
#: and it is registered so long ahead at most
FARTHEST = timedelta(days=366)

_NUMBER = select(func.coalesce(func.max(absence.c.number), 0)).where(absence.c.absent_id == bindparam("b_absent"))
_AWAY = (
    select(absence.c.kind, absence.c.since, absence.c.until)
    .where(
        absence.c.absent_id == bindparam("b_absent"),
        absence.c.ended_at.is_(None),
        absence.c.since <= bindparam("b_until"),
        absence.c.until >= bindparam("b_since"),
    )
    .order_by(absence.c.since, absence.c.id)
)
_MINE = select(absence).where(
    absence.c.id == bindparam("b_id"),
    or_(absence.c.absent_id == bindparam("b_me"), absence.c.deputy_id == bindparam("b_me")),
)
_END = (
    update(absence)
    .where(absence.c.id == bindparam("b_id"), absence.c.ended_at.is_(None))
    .values(ended_at=bindparam("b_now"), ended_by=bindparam("b_by"))
)


def register_absence(
    uow: UnitOfWork, *, deputy_id: int, since: str, until: str, kind: str = "", with_held: bool = False
) -> dict[str, Any]:
    """Name a deputy from one civil day ("2026-06-20") to another, both included; returns ``{"absence_id"}``.

    `kind` limits it to one process type. Forbidden without a post that can be deputised for; InvalidAnswers with every
    field that is wrong: days, oneself, somebody the rules do not permit, one who is away herself, an overlap.
    """
    uow.require(Permission.DEPUTISE, uow.actor)
    # before the overlaps are looked for: another one stored after this has the same number, and this one gives way to it
    number = int(uow.connection.execute(_NUMBER, {"b_absent": uow.actor.id}).scalar() or 0) + 1
    problems: dict[str, list[Message]] = {}
    first, last = _days(since, until, uow.today, problems)
    if kind and kind not in uow.runtime.catalogue:
        problems["kind"] = [Message(N_("没有这种事项：{seen}"), {"seen": kind[:32]})]
    deputy = _deputy(uow, deputy_id, problems)
    if not problems and deputy is not None:
        _overlaps(uow, deputy, first, last, kind, problems)
    if problems:
        raise InvalidAnswers(problems)
    row = {
        "absent_id": uow.actor.id,
        "number": number,
        "deputy_id": deputy_id,
        "kind": kind,
        "since": first,
        "until": last,
        "with_held": with_held,
        "begins_at": max(uow.now, datetime.combine(first, time(0), SHANGHAI)),
        "created_at": uow.now,
    }
    return {"absence_id": inserted_id(uow.connection.execute(insert(absence), row))}


def end_absence(uow: UnitOfWork, *, absence_id: int) -> dict[str, Any]:
    """End it now, by either of the two; returns ``{"absence_id", "ended"}`` (False when it had been ended). NotFound."""
    row = uow.connection.execute(_MINE, {"b_id": absence_id, "b_me": uow.actor.id}).one_or_none()
    if row is None:
        raise NotFound(what=Message(N_("委托 {id}"), {"id": absence_id}))
    ended = uow.connection.execute(_END, {"b_id": absence_id, "b_now": uow.now, "b_by": uow.actor.id})
    return {"absence_id": absence_id, "ended": ended.rowcount == 1}


def _days(since: str, until: str, today: date, problems: dict[str, list[Message]]) -> tuple[date, date]:
    first = _day(since, "since", problems)
    last = _day(until, "until", problems)
    if problems:
        return today, today
    if not today <= first <= today + FARTHEST:
        bounds = {"seen": since, "first": today.isoformat(), "last": (today + FARTHEST).isoformat()}
        problems["since"] = [Message(N_("开始日期须在 {first} 至 {last} 之间，填写的是“{seen}”"), bounds)]
    if not first <= last <= first + LONGEST:
        bounds = {"seen": until, "first": first.isoformat(), "last": (first + LONGEST).isoformat()}
        problems["until"] = [Message(N_("结束日期须在 {first} 至 {last} 之间，填写的是“{seen}”"), bounds)]
    return first, last


def _day(text: str, field: str, problems: dict[str, list[Message]]) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        problems[field] = [Message(N_("请选择日期，格式如 2026-06-20；填写的是“{seen}”"), {"seen": text.strip()[:20]})]
        return date.min


def _deputy(uow: UnitOfWork, deputy_id: int, problems: dict[str, list[Message]]) -> Actor | None:
    if deputy_id == uow.actor.id:
        problems["deputy"] = [Message(N_("不能委托自己"))]
        return None
    deputy = uow.runtime.rules.person(uow.connection, deputy_id, uow.today)
    if deputy is None:
        problems["deputy"] = [Message(N_("请选择代理人"))]
        return None
    refusal = uow.runtime.rules.deputy_refused(uow.actor, deputy)
    if refusal is not None:
        problems["deputy"] = [refusal]
    return deputy


def _overlaps(
    uow: UnitOfWork, deputy: Actor, first: date, last: date, kind: str, problems: dict[str, list[Message]]
) -> None:
    """One deputy for one kind on one day; and nobody who is away herself."""
    within = {"b_since": first, "b_until": last}
    for row in _away(uow, uow.actor.id, within):
        if not kind or not row.kind or row.kind == kind:
            days = {"since": row.since.isoformat(), "until": row.until.isoformat()}
            problems["since"] = [Message(N_("与您 {since} 至 {until} 的委托重叠，请先结束那一个，或改日期"), days)]
    for row in _away(uow, deputy.id, within):
        days = {"since": row.since.isoformat(), "until": row.until.isoformat()}
        problems["deputy"] = [Message(N_("代理人本人在 {since} 至 {until} 已委托他人，不能再代理；请另选"), days)]


def _away(uow: UnitOfWork, account_id: int, within: dict[str, date]) -> Iterable[Row[Any]]:
    rows: Iterable[Row[Any]] = uow.connection.execute(_AWAY, {"b_absent": account_id, **within})
    return rows
