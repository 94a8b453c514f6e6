"""Units, posts with terms, and relatives: who sits where on a given day, and who is too close to a case.

Domain D1 (units and roles), D3 (conflict of interest), D6 (terms of office). Days are Asia/Shanghai civil dates; the last day
of a term is still served (O01).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from engine.access import Actor, Post, StandIn
from engine.clock import end_of_day
from engine.errors import EngineError, NotFound
from engine.fields import Vault
from engine.messages import N_, Message
from engine.model_absence import absence
from engine.reference import Kept
from workflows import model
from workflows.chart import Unit, chart
from workflows.engaged import audits
from workflows.people import normalise_idcard
from workflows.posts import EXTERNAL, PARENT_KINDS, POST_KINDS, UNIT_KIND_NAMES, UnitKind

#: what a declared relative is to the member of staff (D3.2: spouse, three generations, in-laws)
RELATION_NAMES: Final[Mapping[str, str]] = {
    "SELF": N_("本人"),
    "SPOUSE": N_("配偶"),
    "PARENT": N_("父母"),
    "CHILD": N_("子女"),
    "SIBLING": N_("兄弟姐妹"),
    "GRANDPARENT": N_("祖父母或外祖父母"),
    "GRANDCHILD": N_("孙子女或外孙子女"),
    "COLLATERAL": N_("三代以内旁系血亲"),
    "IN_LAW": N_("姻亲"),
    "OTHER": N_("其他利害关系"),
}

_ON = (model.post_holding.c.since <= bindparam("b_on")) & (
    model.post_holding.c.until.is_(None) | (model.post_holding.c.until >= bindparam("b_on"))
)
_POSTS_ON = (
    select(model.post_holding.c.post, model.post_holding.c.unit_id, model.unit.c.path)
    .join(model.unit, model.unit.c.id == model.post_holding.c.unit_id)
    .where(model.post_holding.c.account_id == bindparam("b_account"), _ON)
    .order_by(model.post_holding.c.id)
)
_ACCOUNT = select(model.account).where(model.account.c.id == bindparam("b_id"))


class NotPossible(EngineError):
    """The organisation cannot be changed this way; `why` says what is true."""

    text = N_("机构或岗位未能保存：{why}")


@dataclass(frozen=True)
class Holder:
    """A person who holds a post in a unit on the day asked for."""

    account_id: int
    name: str
    post: str
    unit_id: int
    id_hash: str | None


def add_unit(connection: Connection, *, parent_id: int | None, kind: UnitKind, name: str, code: str) -> Unit:
    """Add a unit under its parent (None for a county). NotPossible when the kinds do not fit or the code is taken."""
    above = unit(connection, parent_id) if parent_id is not None else None
    if (above.kind if above else None) not in PARENT_KINDS[kind]:
        raise NotPossible(why=Message(N_("{kind}不能设在这一级之下"), {"kind": Message(UNIT_KIND_NAMES[kind])}))
    if connection.execute(select(model.unit.c.id).where(model.unit.c.code == code)).first():
        raise NotPossible(why=Message(N_("机构代码 {code} 已被使用"), {"code": code}))
    row = {"parent_id": parent_id, "kind": str(kind), "name": name, "code": code, "path": f"?{code}"}
    new_id = int(connection.execute(insert(model.unit).values(row).returning(model.unit.c.id)).scalar_one())
    path = f"{above.path if above else '.'}{new_id}."
    connection.execute(update(model.unit).where(model.unit.c.id == new_id).values(path=path))
    return Unit(new_id, parent_id, kind, name, code, path)


def unit(connection: Connection, unit_id: int) -> Unit:
    """One unit; NotFound."""
    found = chart(connection).units.get(unit_id)
    if found is None:
        raise NotFound(what=Message(N_("机构 {id}"), {"id": unit_id}))
    return found


def unit_by_code(connection: Connection, code: str) -> Unit | None:
    """The unit with this 机构代码."""
    return next((unit for unit in chart(connection).units.values() if unit.code == code), None)


def ancestors(connection: Connection, unit_id: int) -> tuple[Unit, ...]:
    """The units above, the nearest first; NotFound."""
    return _above(connection, unit(connection, unit_id))


def county_of(connection: Connection, unit_id: int) -> Unit:
    """The county a unit belongs to (itself, when it is one); NotFound, also for what stands above the counties."""
    start = unit(connection, unit_id)
    found = next((u for u in (start, *_above(connection, start)) if u.kind is UnitKind.COUNTY), None)
    if found is None:
        raise NotFound(what=Message(N_("机构 {id} 所属的县"), {"id": unit_id}))
    return found


def home_of(connection: Connection, unit_id: int) -> int:
    """The unit whose rules count in a unit: its county, or the unit itself where it stands above the counties."""
    try:
        return county_of(connection, unit_id).id
    except NotFound:
        return unit_id


def below(
    connection: Connection, unit_id: int, kind: UnitKind | None = None, *, closed: bool = False
) -> tuple[Unit, ...]:
    """The units below, without the unit itself, by code; with `closed`, also those that were closed."""
    top, known = unit(connection, unit_id), chart(connection)
    among = known.units.values() if kind is None else known.of_kind[kind]
    return tuple(
        unit
        for unit in among
        if unit.path.startswith(top.path) and unit.id != top.id and (closed or unit.closed_on is None)
    )


def unit_for_post(connection: Connection, post: str, unit_id: int) -> Unit | None:
    """Where a post that is responsible for `unit_id` is held: the unit itself or the nearest one above of a kind of the post's.

    An external body stands beside the line: it is the first of its kind in the county, by code. None when there is no such unit.
    """
    kinds = POST_KINDS.get(post, ())
    start = unit(connection, unit_id)
    found = next((u for u in (start, *_above(connection, start)) if u.kind in kinds), None)
    if found is not None:
        return found
    county = next((u for u in (start, *_above(connection, start)) if u.kind is UnitKind.COUNTY), None)
    if county is None:
        return None
    beside = (kind for kind in kinds if kind in EXTERNAL)
    return next((u for kind in beside for u in below(connection, county.id, kind)), None)


def appoint(
    connection: Connection,
    *,
    account_id: int,
    post: str,
    unit_id: int,
    since: date,
    until: date | None = None,
    desk_id: int | None = None,
) -> int:
    """Give a post in a unit from `since` to `until`, both days included. NotPossible when the post is not held in such a unit."""
    place = unit(connection, unit_id)
    if place.kind not in POST_KINDS.get(post, ()):
        raise NotPossible(why=Message(N_("岗位 {post} 不设在该类机构"), {"post": post}))
    if place.closed_on is not None:
        raise NotPossible(why=Message(N_("{name}已于 {day} 撤并"), {"name": place.name, "day": place.closed_on}))
    if until is not None and until < since:
        raise NotPossible(why=Message(N_("任期截止日 {until} 早于起始日 {since}"), {"until": until, "since": since}))
    row = {"account_id": account_id, "post": post, "unit_id": unit_id, "since": since, "until": until}
    row["desk_id"] = desk_id
    return int(
        connection.execute(insert(model.post_holding).values(row).returning(model.post_holding.c.id)).scalar_one()
    )


def end_post(connection: Connection, holding_id: int, until: date) -> None:
    """Set the last day of a term; that day is still served. NotFound."""
    ended = update(model.post_holding).where(model.post_holding.c.id == holding_id).values(until=until)
    if connection.execute(ended).rowcount != 1:
        raise NotFound(what=Message(N_("任职记录 {id}"), {"id": holding_id}))


def posts_on(connection: Connection, account_id: int, on: date) -> tuple[Post, ...]:
    """The posts held on a day."""
    rows = connection.execute(_POSTS_ON, {"b_account": account_id, "b_on": on})
    return tuple(Post(row.post, row.unit_id, row.path) for row in rows)


def actor_of(connection: Connection, account_id: int, on: date, at: datetime | None = None) -> Actor:
    """The person with the posts she holds on a day, asked about at a moment of it.

    Without one, at its last: what ends in the course of the day does not count then.

    NotFound when there is no such active account.
    """
    row = connection.execute(_ACCOUNT, {"b_id": account_id}).one_or_none()
    if row is None or not row.active:
        raise NotFound(what=Message(N_("账号 {id}"), {"id": account_id}))
    moment, posts = at or end_of_day(on) - timedelta(microseconds=1), posts_on(connection, account_id, on)
    mine = audits(connection, row.id, posts, on)
    return Actor(row.id, row.name, posts, stand_ins(connection, account_id, on), moment, mine)


def stand_ins(connection: Connection, account_id: int, on: date) -> tuple[StandIn, ...]:
    """In whose place a person may act on a day: those who are away, still hold a post, and have not ended it."""
    found = []
    for row in _absences.of(connection).get(account_id, ()):
        person = chart(connection).people.get(row.absent_id)
        if row.since <= on <= row.until and person is not None and person.active:
            absent = Actor(row.absent_id, person.name, posts_on(connection, row.absent_id, on))
            since = None if row.with_held else row.begins_at
            found.append(StandIn(row.id, absent, row.kind, since, row.until))
    return tuple(found)


def _by_deputy(connection: Connection) -> Mapping[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(select(absence).where(absence.c.ended_at.is_(None)).order_by(absence.c.id)):
        found.setdefault(row.deputy_id, []).append(row)
    return found


_absences = Kept(_by_deputy)


def holders(connection: Connection, post: str, unit_id: int, on: date) -> tuple[Holder, ...]:
    """Who holds a post in a unit on a day, active accounts only, each once, in the order of their ids."""
    known = chart(connection)
    held = dict.fromkeys(term.account_id for term in known.terms.get((post, unit_id), ()) if term.covers(on))
    people = ((account_id, known.people[account_id]) for account_id in held)
    return tuple(Holder(i, person.name, post, unit_id, person.id_hash) for i, person in people if person.active)


def person_hash(vault: Vault, idcard: str) -> str:
    """The keyed hash under which a person is found: 15- and 18-digit forms of one number meet (§0.2)."""
    return vault.lookup("idcard", normalise_idcard(idcard))


def declare_relative(connection: Connection, *, account_id: int, id_hash: str, relation: str, at: datetime) -> None:
    """Store what a member of staff declares about a relative, once for each person (D3.2)."""
    if relation not in RELATION_NAMES or relation == "SELF":
        raise NotPossible(why=Message(N_("没有这种亲属关系：{relation}"), {"relation": relation}))
    known = (model.relative.c.account_id == account_id) & (model.relative.c.id_hash == id_hash)
    changed = update(model.relative).where(known).values(relation=relation, declared_at=at, ended_at=None)
    if connection.execute(changed).rowcount == 0:
        row = {"account_id": account_id, "id_hash": id_hash, "relation": relation, "declared_at": at}
        connection.execute(insert(model.relative), row)


def account_id_hash(connection: Connection, account_id: int) -> str | None:
    """The keyed hash of a member of staff's own ID number, when it is known."""
    person = chart(connection).people.get(account_id)
    return person.id_hash if person else None


def _above(connection: Connection, start: Unit) -> tuple[Unit, ...]:
    units = chart(connection).units
    return tuple(units[i] for i in start.ancestor_ids)
