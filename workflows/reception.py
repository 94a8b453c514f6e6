"""接待日: the rosters of chairs, cadres and volunteer lawyers (S002-9, S002-11), as they are planned and changed.

Whoever is not there names a substitute before the day starts; a day that starts with neither is missed for ever and reported
(`workflows.reception_rounds`, P22).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from engine.access import Permission
from engine.clock import SHANGHAI
from engine.errors import InvalidAnswers, NotFound, NotNow
from engine.messages import N_, Message
from engine.model_absence import absence
from engine.unit_of_work import inserted_id
from workflows import organisation_log
from workflows.chart import chart
from workflows.colleagues import Colleague
from workflows.engagements import Place
from workflows.model_reception import reception_day
from workflows.posts import RECEIVING_POSTS
from workflows.reception_notices import tell
from workflows.terms import Problems, read_day

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

#: code → roster
KINDS: Final[Mapping[str, str]] = {
    "CHAIR": N_("主席（领导）接待日"),
    "CADRE": N_("机关干部接待日"),
    "LAWYER": N_("志愿律师接待日"),
}
STATES: Final[Mapping[str, str]] = {
    "planned": N_("已安排"),
    "held": N_("已接待"),
    "missed": N_("未接待"),
    "cancelled": N_("已取消"),
}
_CHAIRS: Final = ("VILLAGE_CHAIR", "TOWN_CHAIR", "COUNTY_CHAIR", "UPPER_CHAIR")
_CADRES: Final = (*_CHAIRS, *RECEIVING_POSTS)
#: roster → the posts that receive, and those that may take their place
_RECEIVE: Final = {"CHAIR": _CHAIRS, "CADRE": _CADRES, "LAWYER": ("LAWYER_VOL",)}
_REPLACE: Final = {"CHAIR": _CADRES, "CADRE": _CADRES, "LAWYER": ("LAWYER_VOL",)}
LONGEST_PLACE: Final = 80
MOST_PEOPLE: Final = 200
FARTHEST: Final = timedelta(days=366)

_day = reception_day.c
_ROW = select(reception_day).where(_day.id == bindparam("b_id"))
_CHANGE = update(reception_day).where(_day.id == bindparam("b_id"), _day.state == "planned")
_SAME = select(_day.id).where(
    _day.state == "planned",
    _day.held_on == bindparam("b_on"),
    _day.starts < bindparam("b_ends"),
    _day.ends > bindparam("b_starts"),
    or_(_day.receiver_id == bindparam("b_who"), _day.substitute_id == bindparam("b_who")),
)
_AWAY = select(absence.c.id).where(
    absence.c.absent_id == bindparam("b_who"),
    absence.c.since <= bindparam("b_on"),
    absence.c.until >= bindparam("b_on"),
    absence.c.created_at <= bindparam("b_at"),
    or_(absence.c.ended_at.is_(None), absence.c.ended_at > bindparam("b_at")),
)


def choices(connection: Connection, unit_id: int, kind: str, on: date, *, substitute: bool = False) -> list[Colleague]:
    """Who may receive on a roster of a unit on a day (or take somebody's place), each once, by name."""
    known = chart(connection)
    here = known.units[unit_id]
    posts = (_REPLACE if substitute else _RECEIVE)[kind]
    found: dict[int, Colleague] = {}
    for code in posts:
        for (held, place), terms in known.terms.items():
            near = place == unit_id or (kind == "LAWYER" and known.units[place].path.startswith(here.path))
            for term in terms if held == code and near else ():
                who = known.people[term.account_id]
                if who.active and term.covers(on):
                    found.setdefault(term.account_id, Colleague(term.account_id, who.name, code, place))
    return sorted(found.values(), key=lambda each: (each.name, each.id))


def plan_day(
    uow: UnitOfWork,
    *,
    unit_id: int,
    kind: str,
    held_on: str,
    starts: str,
    ends: str,
    place: str,
    capacity: str,
    receiver_id: int,
) -> dict[str, Any]:
    """Put a day on a roster; ``{"day_id"}``. Forbidden outside her charge; InvalidAnswers by field."""
    unit = chart(uow.connection).units.get(unit_id)
    uow.require(Permission.PLAN_RECEPTION, Place(unit_id, unit.path if unit is not None else ""))
    problems: Problems = {}
    on = read_day(held_on, "held_on", problems)
    begin, end = _time(starts, "starts", problems), _time(ends, "ends", problems)
    _check(kind, place, capacity, problems)
    if problems:
        raise InvalidAnswers(problems)
    starts_at = datetime.combine(on, begin, SHANGHAI)
    _check_time(uow, starts_at, end, problems)
    who = next((each for each in choices(uow.connection, unit_id, kind, on) if each.id == receiver_id), None)
    if who is None:
        problems["receiver_id"] = [Message(N_("请从所列人员中选择接待人：该日在本单位任相应岗位的人"))]
    elif _taken(uow.connection, who.id, on, starts, ends):
        problems["receiver_id"] = [Message(N_("{name}这段时间已安排在另一个接待日"), {"name": who.name})]
    if problems or who is None:
        raise InvalidAnswers(problems)
    row = {
        "unit_id": unit_id, "kind": kind, "held_on": on, "starts": starts, "ends": ends, "starts_at": starts_at,
        "place": " ".join(place.split()), "capacity": int(capacity), "receiver_id": who.id, "receiver_post": who.post,
        "receiver_unit_id": who.unit_id, "state": "planned", "planned_by": uow.actor.id, "planned_at": uow.now,
    }  # fmt: skip
    made = inserted_id(uow.connection.execute(insert(reception_day), row))
    told = {"kind": kind, "on": on.isoformat(), "receiver": who.id, "unit": unit_id}
    organisation_log.write(uow, "reception.planned", day=made, by=uow.actor.id, **told)
    tell(uow, made, who.id, "receives")
    return {"day_id": made}


def name_substitute(uow: UnitOfWork, *, day_id: int, account_id: int) -> dict[str, Any]:
    """Who receives when the receiver is not there; ``{"day_id"}``. NotFound, NotNow once it has started; InvalidAnswers."""
    row = _open(uow, day_id)
    able = choices(uow.connection, row.unit_id, row.kind, row.held_on, substitute=True)
    who = next((each for each in able if each.id == account_id and each.id != row.receiver_id), None)
    if who is None:
        raise InvalidAnswers({"account_id": [Message(N_("请从所列人员中选择替补：接待人以外、该日在任的人"))]})
    if is_away(uow.connection, who.id, row):
        raise InvalidAnswers({"account_id": [Message(N_("{name}当天也外出，不能替补"), {"name": who.name})]})
    if who.id != row.substitute_id and _taken(uow.connection, who.id, row.held_on, row.starts, row.ends):
        raise InvalidAnswers({"account_id": [Message(N_("{name}这段时间已安排在另一个接待日"), {"name": who.name})]})
    named = {"substitute_id": who.id, "substitute_post": who.post, "substitute_unit_id": who.unit_id}
    uow.connection.execute(_CHANGE.values(**named), {"b_id": day_id})
    organisation_log.write(uow, "reception.substituted", day=day_id, substitute=who.id, by=uow.actor.id)
    if row.substitute_id != who.id:
        tell(uow, day_id, row.substitute_id, "released")
    tell(uow, day_id, who.id, "substitutes")
    return {"day_id": day_id}


def note_absent(uow: UnitOfWork, *, day_id: int) -> dict[str, Any]:
    """Note that the receiver will not be there; ``{"day_id"}``. Errors as for `name_substitute`."""
    row = _open(uow, day_id)
    if row.absent_at is None:
        uow.connection.execute(_CHANGE.values(absent_at=uow.now), {"b_id": day_id})
        organisation_log.write(uow, "reception.absent", day=day_id, by=uow.actor.id)
    return {"day_id": day_id}


def call_off(uow: UnitOfWork, *, day_id: int) -> dict[str, Any]:
    """Take a day off the roster before it starts; ``{"day_id"}``. Errors as for `name_substitute`."""
    row = _open(uow, day_id)
    uow.connection.execute(_CHANGE.values(state="cancelled", settled_at=uow.now), {"b_id": day_id})
    organisation_log.write(uow, "reception.cancelled", day=day_id, by=uow.actor.id)
    for account_id in (row.receiver_id, row.substitute_id):
        tell(uow, day_id, account_id, "cancelled")
    return {"day_id": day_id}


def load_day(connection: Connection, day_id: int) -> Row[Any]:
    """The row of a day; NotFound."""
    row = connection.execute(_ROW, {"b_id": day_id}).one_or_none()
    if row is None:
        raise NotFound(what=Message(N_("接待日 {id}"), {"id": day_id}))
    return row


def present(connection: Connection, row: Row[Any]) -> Colleague | None:
    """Who receives on a day as things stood when it started: the receiver, else the substitute; None: nobody."""
    side = row.received_by if row.state != "planned" else who_is_there(connection, row)
    if side is None:
        return None
    account_id, post, unit_id = (getattr(row, f"{side}_{name}") for name in ("id", "post", "unit_id"))
    return Colleague(account_id, chart(connection).people[account_id].name, post, unit_id)


def who_is_there(connection: Connection, row: Row[Any]) -> str | None:
    """The first of "receiver" and "substitute" who is in office, not noted as absent and not away; None: neither."""
    known = chart(connection)
    for side in ("receiver", "substitute"):
        account_id = getattr(row, f"{side}_id")
        post, unit_id = getattr(row, f"{side}_post"), getattr(row, f"{side}_unit_id")
        if account_id is None or (side == "receiver" and row.absent_at is not None):
            continue
        who = known.people[account_id]
        serves = any(t.account_id == account_id and t.covers(row.held_on) for t in known.terms.get((post, unit_id), ()))
        if who.active and serves and not is_away(connection, account_id, row):
            return side
    return None


def is_away(connection: Connection, account_id: int, row: Row[Any]) -> bool:
    """Whether somebody has registered an absence (委托代理) that stands when the day starts."""
    asked = {"b_who": account_id, "b_on": row.held_on, "b_at": row.starts_at}
    return connection.execute(_AWAY, asked).first() is not None


def _open(uow: UnitOfWork, day_id: int) -> Row[Any]:
    """A day somebody may change, before it starts."""
    row = load_day(uow.connection, day_id)
    place = Place(row.unit_id, chart(uow.connection).units[row.unit_id].path)
    if row.receiver_id != uow.actor.id or not uow.actor.posts:
        uow.require(Permission.PLAN_RECEPTION, place)
    if row.state != "planned" or row.starts_at <= uow.now:
        raise NotNow(why=Message(N_("接待日已经开始、取消或结束，不能再改；替补须在开始之前指定")))
    return row


def _taken(connection: Connection, account_id: int, on: date, starts: str, ends: str) -> bool:
    asked = {"b_who": account_id, "b_on": on, "b_starts": starts, "b_ends": ends}
    return connection.execute(_SAME, asked).first() is not None


def _check_time(uow: UnitOfWork, starts_at: datetime, end: time, problems: Problems) -> None:
    on, begin = starts_at.date(), starts_at.time()
    if end <= begin:
        told = {"seen": f"{end:%H:%M}", "limit": f"{begin:%H:%M}"}
        problems["ends"] = [Message(N_("结束时间 {seen} 须晚于开始时间 {limit}"), told)]
    if starts_at <= uow.now or on > uow.today + FARTHEST:
        last = (uow.today + FARTHEST).isoformat()
        text = N_("接待日须在现在之后、{last} 之前，填写的是 {seen}（今天 {first}）")
        told = {"seen": on.isoformat(), "first": uow.today.isoformat(), "last": last}
        problems["held_on"] = [Message(text, told)]


def _time(typed: str, field: str, problems: Problems) -> time:
    try:
        if len(typed) == 5:
            return time.fromisoformat(typed)
    except ValueError:
        pass
    problems[field] = [Message(N_("时间写作 09:30，填写的是“{seen}”"), {"seen": typed[:20]})]
    return time.min


def _check(kind: str, place: str, capacity: str, problems: Problems) -> None:
    if kind not in KINDS:
        problems["kind"] = [Message(N_("请选择哪一种接待日"))]
    if not 1 <= len(" ".join(place.split())) <= LONGEST_PLACE:
        problems["place"] = [Message(N_("请填写接待地点，最多 {limit} 字"), {"limit": LONGEST_PLACE})]
    if not (capacity.isascii() and capacity.isdigit() and 1 <= int(capacity[:6]) <= MOST_PEOPLE):
        told = {"limit": MOST_PEOPLE, "seen": capacity[:20]}
        problems["capacity"] = [Message(N_("接待人数为 1 至 {limit}，填写的是“{seen}”"), told)]
