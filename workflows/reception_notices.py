"""Telling those on a roster that they are: the receiver, a substitute, whoever is released, everybody when a day is called off.

A notice stands in the house and is read after signing in, by volunteers as by staff: it names a day, and nobody who may come.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from engine.errors import NotFound
from engine.messages import N_, Message
from workflows.model_reception import reception_day, reception_notice

if TYPE_CHECKING:
    from engine.access import Actor
    from engine.unit_of_work import UnitOfWork

#: what somebody was told last about a day
TOLD: Final[Mapping[str, str]] = {
    "receives": N_("您在这一天接待"),
    "substitutes": N_("您在这一天替补接待"),
    "released": N_("您不再替补这一天"),
    "cancelled": N_("这一天取消了"),
}
_n = reception_notice.c
_HERS = (_n.day_id == bindparam("b_day"), _n.account_id == bindparam("b_who"))
_FORGET = delete(reception_notice).where(*_HERS)
_SEEN = update(reception_notice).where(*_HERS, _n.seen_at.is_(None)).values(seen_at=bindparam("b_at"))
_WAITING = (
    select(reception_day, _n.kind.label("told"))
    .join(reception_notice, _n.day_id == reception_day.c.id)
    .where(_n.account_id == bindparam("b_who"), _n.seen_at.is_(None))
    .order_by(reception_day.c.starts_at, reception_day.c.id)
)


def tell(uow: UnitOfWork, day_id: int, account_id: int | None, kind: str) -> None:
    """Tell somebody what she is on a day, in place of what she was told before; who does it herself knows."""
    if account_id is None or account_id == uow.actor.id:
        return
    uow.connection.execute(_FORGET, {"b_day": day_id, "b_who": account_id})
    new = {"day_id": day_id, "account_id": account_id, "kind": kind, "told_at": uow.now}
    uow.connection.execute(insert(reception_notice), new)


def waiting(connection: Connection, actor: Actor) -> list[Row[Any]]:
    """The days of which she was told something and has not noted it: `reception_day` rows with `told`, the next first."""
    return list(connection.execute(_WAITING, {"b_who": actor.id}).all())


def note_roster(uow: UnitOfWork, *, day_id: int) -> dict[str, Any]:
    """Note what one was told of a day; ``{"day_id"}``. NotFound for who was told nothing, or has noted it."""
    if not uow.connection.execute(_SEEN, {"b_day": day_id, "b_who": uow.actor.id, "b_at": uow.now}).rowcount:
        raise NotFound(what=Message(N_("接待日 {id}"), {"id": day_id}))
    return {"day_id": day_id}
