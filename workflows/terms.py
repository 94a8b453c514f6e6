"""For which reasons a person may not hold a post in a unit: kinds, terms, the three keepers, stamp and approval (D1, D3.3)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, or_, select

from engine.errors import Forbidden
from engine.messages import N_, Message
from workflows import model
from workflows.chart import Unit, chart
from workflows.posts import INCOMPATIBLE, KEEPERS, POST_KINDS, POST_NAMES, SINGLE_POSTS, UNIT_KIND_NAMES, UnitKind

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

#: an appointment is made so long ahead at most
FARTHEST = timedelta(days=366)

_held = model.post_holding.c
_overlaps = and_(
    or_(bindparam("b_until", type_=_held.until.type).is_(None), _held.since <= bindparam("b_until")),
    or_(_held.until.is_(None), _held.until >= bindparam("b_since")),
)
_own = select(model.account.c.id_hash).where(model.account.c.id == bindparam("b_account")).scalar_subquery()
#: every term of hers in those days, also under another account of the same person
_HERS = (
    select(_held.post, _held.unit_id, _held.account_id)
    .join(model.account, model.account.c.id == _held.account_id)
    .where(or_(_held.account_id == bindparam("b_account"), model.account.c.id_hash == _own), _overlaps)
    .order_by(_held.id)
)
_IN_PLACE = select(_held.account_id).where(
    _held.post == bindparam("b_post"), _held.unit_id == bindparam("b_unit"), _overlaps
)
#: who keeps the machine, its rights and its log on a day, in a unit
_KEEPING = (
    select(_held.id, _held.post, _held.unit_id, _held.account_id)
    .join(model.account, model.account.c.id == _held.account_id)
    .where(
        _held.post.in_(KEEPERS),
        model.account.c.active,
        _held.since <= bindparam("b_day"),
        or_(_held.until.is_(None), _held.until >= bindparam("b_day")),
    )
)

Problems = dict[str, list[Message]]


def check(
    uow: UnitOfWork,
    account_id: int,
    post: str,
    place: Unit,
    since: date,
    until: date | None,
    problems: Problems,
) -> None:
    """Note everything for which a person may not hold a post in a unit in those days."""
    person = chart(uow.connection).people.get(account_id)
    if person is None or not person.active:
        problems["account_id"] = [Message(N_("请选择一个在用的账号"))]
    if place.kind not in POST_KINDS.get(post, ()):
        params = {"kind": Message(UNIT_KIND_NAMES[place.kind]), "seen": post[:24]}
        problems["post"] = [Message(N_("{kind}不设这个岗位（{seen}）"), params)]
    if place.closed_on is not None:
        params = {"name": place.name, "day": place.closed_on.isoformat()}
        problems["unit_id"] = [Message(N_("{name}已于 {day} 撤并"), params)]
    if problems:
        return
    days = {"b_account": account_id, "b_since": since, "b_until": until}
    held = uow.connection.execute(_HERS, days).all()
    if any((row.post, row.unit_id) == (post, place.id) for row in held):
        problems["since"] = [Message(N_("此人在这段时间已任此岗位"))]
    if wrong := _against(post, {row.post for row in held}):
        problems["post"] = [wrong]
    if post in SINGLE_POSTS and not problems:
        here = {"b_post": post, "b_unit": place.id, "b_since": since, "b_until": until}
        if uow.connection.execute(_IN_PLACE, here).first():
            text = N_("{post}每个单位只设一人，请先结束前任的任期，再从次日起任命")
            problems["since"] = [Message(text, {"post": Message(POST_NAMES[post])})]


def _against(post: str, others: set[str]) -> Message | None:
    """The post held already with which this one cannot go together."""
    rest = sorted(others - {post})
    if rest and (post in KEEPERS or set(rest) & set(KEEPERS)):
        text = N_("系统管理员、安全管理员、日志审计员须是三个不同的人，且不兼其他岗位；此人同期任{other}")
        other = next((each for each in rest if each in KEEPERS), rest[0])
        return Message(text, {"other": Message(POST_NAMES[other])})
    for one, many in INCOMPATIBLE:
        found = [each for each in rest if (post == one and each in many) or (post in many and each == one)]
        if found:
            names = {"post": Message(POST_NAMES[post]), "other": Message(POST_NAMES[found[0]])}
            return Message(N_("{post}不能与{other}由一人兼任（用印与批准分离）"), names)
    return None


def require_keepers_left(
    uow: UnitOfWork, *, without_account: int | None = None, without_term: int | None = None, on: date | None = None
) -> None:
    """Forbidden when a unit that has a system or security administrator or a log auditor would have none any more."""
    day = on or uow.today
    held = uow.connection.execute(_KEEPING, {"b_day": day}).all()
    lost = {(r.post, r.unit_id) for r in held if without_account == r.account_id or without_term == r.id}
    kept = {(r.post, r.unit_id) for r in held if without_account != r.account_id and without_term != r.id}
    for post, _ in sorted(lost - kept):
        text = N_("离任后将没有{post}，请先任命继任者")
        raise Forbidden(why=Message(text, {"post": Message(POST_NAMES[post])}))


def read_days(today: date, since: str, until: str, problems: Problems) -> tuple[date, date | None]:
    """First and last day of a term as typed; an empty last day sets no end."""
    first = read_day(since, "since", problems)
    last = read_day(until, "until", problems) if until.strip() else None
    if "since" not in problems and first > today + FARTHEST:
        params = {"last": (today + FARTHEST).isoformat(), "seen": since[:20]}
        problems["since"] = [Message(N_("任期最迟从 {last} 开始，填写的是 {seen}"), params)]
    if not problems and last is not None and last < first:
        days = {"until": last.isoformat(), "since": first.isoformat()}
        problems["until"] = [Message(N_("任期截止日 {until} 早于起始日 {since}"), days)]
    return first, last


def read_day(text: str, field: str, problems: Problems) -> date:
    """A day as typed; the first day there is when it is none, and a note why."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        problems[field] = [Message(N_("请选择日期，格式如 2026-06-20；填写的是“{seen}”"), {"seen": text.strip()[:20]})]
        return date.min


def check_desk(uow: UnitOfWork, place: Unit, desk_id: int | None, problems: Problems) -> None:
    """Note when a department is none of this unit's."""
    desk = None if desk_id is None else chart(uow.connection).units.get(desk_id)
    fits = desk is not None and desk.kind is UnitKind.DEPARTMENT and desk.parent_id == place.id
    if desk_id is not None and (not fits or (desk is not None and desk.closed_on is not None)):
        problems["desk_id"] = [Message(N_("部门须是该机构下的内设部门"))]
