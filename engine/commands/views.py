"""常用视图: a named set of filters that one person keeps for herself. No part of any case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from engine.errors import InvalidAnswers, NotFound
from engine.messages import N_, Message
from engine.model_lists import saved_view

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

MOST = 12
LONGEST = 20
#: what a view may keep; never what was searched for, which names people
KEPT = ("tab", "kind", "element", "band", "unit", "urgent", "follow", "suspended")

_OWN = saved_view.c.account_id == bindparam("b_me")
_COUNT = select(func.count()).where(_OWN)
_SAME = select(saved_view.c.id).where(_OWN, saved_view.c.name == bindparam("b_name"))
_DROP = delete(saved_view).where(_OWN, saved_view.c.id == bindparam("b_id"))


def save_view(uow: UnitOfWork, *, name: str, filters: Mapping[str, str]) -> dict[str, Any]:
    """Keep filters under a name, in place of those that had it; returns ``{"view_id"}``.

    InvalidAnswers for a name of 0 or more than LONGEST characters, for nothing to keep, and for one view too many.
    """
    label = " ".join(name.split())
    kept = {key: str(filters[key])[:64] for key in KEPT if filters.get(key)}
    if not 1 <= len(label) <= LONGEST:
        bounds = {"limit": LONGEST, "seen": len(label)}
        raise InvalidAnswers({"name": [Message(N_("视图名称须有 1 至 {limit} 字（现为 {seen} 字）"), bounds)]})
    if not kept.keys() - {"tab"}:
        raise InvalidAnswers({"name": [Message(N_("请先选择筛选条件，再保存为视图；查找的内容不会保存"))]})
    same = uow.connection.execute(_SAME, {"b_me": uow.actor.id, "b_name": label}).scalar()
    if same is not None:
        changed = update(saved_view).where(saved_view.c.id == same).values(filters=kept, at=uow.now)
        uow.connection.execute(changed)
        return {"view_id": same}
    if uow.connection.execute(_COUNT, {"b_me": uow.actor.id}).scalar_one() >= MOST:
        raise InvalidAnswers({"name": [Message(N_("最多保存 {limit} 个视图，请先删除不用的"), {"limit": MOST})]})
    row = {"account_id": uow.actor.id, "name": label, "filters": kept, "at": uow.now}
    saved = uow.connection.execute(insert(saved_view).values(row).returning(saved_view.c.id))
    return {"view_id": saved.scalar_one()}


def drop_view(uow: UnitOfWork, *, view_id: int) -> dict[str, Any]:
    """Forget one of her own views; NotFound."""
    if uow.connection.execute(_DROP, {"b_me": uow.actor.id, "b_id": view_id}).rowcount != 1:
        raise NotFound(what=Message(N_("视图 {id}"), {"id": view_id}))
    return {"view_id": view_id}
