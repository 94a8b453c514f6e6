"""换届: what a term leaves behind when it ends, who takes it over, who supervises, and until when (D6, O01, O02).

The organic law of villagers' committees (art. 11, 20) gives ten days, supervised by the township. What is confidential (C3, C4)
is neither listed nor counted here: it moves by the decision of whoever has the case in charge, and by nothing else.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, bindparam, func, insert, or_, select, update

from engine.access import SYSTEM, Actor, Permission
from engine.errors import Forbidden, InvalidAnswers, NotFound, NotNow
from engine.messages import N_, Message
from engine.unit_of_work import inserted_id, unit_of_work
from workflows import model, organisation, organisation_log
from workflows.chart import chart
from workflows.model_organisation import handover, handover_signature
from workflows.newcomers import keep_out_still, screen_newcomer
from workflows.posts import HANDED_OVER_POSTS, POST_KINDS, UnitKind

if TYPE_CHECKING:
    from engine.runtime import Runtime
    from engine.unit_of_work import UnitOfWork

#: the law's ten days, from the day after the last one served
WITHIN: Final = timedelta(days=10)
#: a handover is opened so long before a term that is known to end
AHEAD: Final = timedelta(days=30)
#: a term that ended longer ago than this without a handover was over before this was kept
BEHIND: Final = timedelta(days=90)
THINGS: Final = ("registers", "seals", "papers")
MOST_LINES, LONGEST_LINE, LONGEST_NOTE = 60, 120, 600
STATES: Final = {"open": N_("准备中"), "listed": N_("待签字"), "done": N_("已移交")}
ROLES: Final = {"LEAVER": N_("移交人"), "SUCCESSOR": N_("接收人"), "SUPERVISOR": N_("监交人")}

_h, _held = handover.c, model.post_holding.c
_ENDING = (
    select(model.post_holding)
    .outerjoin(handover, _h.holding_id == _held.id)
    .where(
        _h.id.is_(None),
        _held.post.in_(HANDED_OVER_POSTS),
        _held.until.between(bindparam("b_from"), bindparam("b_to")),
        _held.until >= _held.since,
    )
    .order_by(_held.id)
)
#: the same person goes on in the same post: nothing is handed over
_GOES_ON = select(_held.id).where(
    _held.account_id == bindparam("b_account"),
    _held.post == bindparam("b_post"),
    _held.unit_id == bindparam("b_unit"),
    _held.since <= bindparam("b_next"),
    or_(_held.until.is_(None), _held.until >= bindparam("b_next")),
)
_NUMBERED = select(func.count()).where(_h.number.like(bindparam("b_like")))
_ROW = select(handover).where(_h.id == bindparam("b_id"))
_LISTED = select(handover).order_by(_h.due_on.desc(), _h.id.desc())
_LATE = select(handover).where(_h.state != "done", _h.due_on < bindparam("b_today"), _h.escalated_at.is_(None))
_MARK_LATE = update(handover).where(_h.id == bindparam("b_id")).values(escalated_at=bindparam("b_now"))
_MOVED_END = (
    update(handover)
    .where(_h.holding_id == bindparam("b_holding"), _h.state == "open")
    .values(ended_on=bindparam("b_end"), due_on=bindparam("b_due"))
)
_NEXT = (
    select(_held.account_id)
    .where(
        _held.post == bindparam("b_post"),
        _held.unit_id == bindparam("b_unit"),
        _held.since > bindparam("b_end"),
        _held.account_id != bindparam("b_leaver"),
    )
    .order_by(_held.since, _held.id)
    .limit(1)
)
_SIGNED = select(handover_signature).where(handover_signature.c.handover_id == bindparam("b_id"))


def due_on(last_day: date) -> date:
    """The last day for handing over: ten days after the last one served (O01: 30 June → 10 July)."""
    return last_day + WITHIN


def open_handovers(uow: UnitOfWork, holding_id: int | None = None) -> list[int]:
    """Open a handover for every term that ends within AHEAD or has ended, and has none; returns their ids."""
    window = {"b_from": uow.today - BEHIND, "b_to": uow.today + AHEAD}
    ending = uow.connection.execute(_ENDING, window).all()
    return [_open(uow, r) for r in ending if holding_id in (None, r.id) and not _goes_on(uow.connection, r)]


def term_moved(uow: UnitOfWork, holding_id: int, last_day: date) -> None:
    """A term got another last day: its handover, when there is one, is due accordingly; when there is none, it is opened."""
    moved = {"b_holding": holding_id, "b_end": last_day, "b_due": due_on(last_day)}
    if uow.connection.execute(_MOVED_END, moved).rowcount == 0:
        open_handovers(uow, holding_id)


def keep(runtime: Runtime) -> None:
    """The daily look: open what is due, hold newcomers against their cases, and tell who stands above of what is late."""
    with unit_of_work(runtime, SYSTEM) as work:
        open_handovers(work)
        for row in work.connection.execute(_LATE, {"b_today": work.today}).all():
            work.connection.execute(_MARK_LATE, {"b_id": row.id, "b_now": work.now})
            organisation_log.write(work, "handover.late", handover=row.id, due=row.due_on.isoformat())
        begun = select(model.post_holding).where(_held.since.between(work.today - timedelta(days=2), work.today))
        for row in work.connection.execute(begun).all():
            keep_out_still(work, row.account_id)
            screen_newcomer(work, row.account_id, row.post, row.unit_id)


def note_things(
    uow: UnitOfWork, *, handover_id: int, seen_version: int, note: str = "", **lines: str
) -> dict[str, Any]:
    """Write down what is handed over besides open matters: registers, seals, papers, one a line; ``{"handover_id"}``.

    For whoever supervises it. InvalidAnswers by field; NotNow once the list is fixed or when somebody was faster.
    """
    row = supervised(uow, handover_id)
    if row.state != "open" or row.version != seen_version:
        raise NotNow(why=Message(N_("移交清单已确定或已被他人更新，请刷新后再改")))
    problems: dict[str, list[Message]] = {}
    things: dict[str, Any] = {name: _lines(lines.get(name, ""), name, problems) for name in THINGS}
    things["note"] = note.strip()
    if len(things["note"]) > LONGEST_NOTE:
        seen = {"limit": LONGEST_NOTE, "seen": len(things["note"])}
        problems["note"] = [Message(N_("最多 {limit} 字，现为 {seen} 字"), seen)]
    if problems:
        raise InvalidAnswers(problems)
    new = {"things_sealed": uow.runtime.vault.seal_json(things), "version": row.version + 1}
    uow.connection.execute(update(handover).where(_h.id == handover_id).values(new))
    organisation_log.write(uow, "handover.noted", handover=handover_id, counts=[len(things[name]) for name in THINGS])
    return {"handover_id": handover_id}


def supervised(uow: UnitOfWork, handover_id: int) -> Row[Any]:
    """A handover for whoever supervises it. NotFound; Forbidden for anybody else, the leaver and the successor above all."""
    row = found(uow.connection, handover_id)
    place = organisation.unit(uow.connection, row.unit_id)
    uow.require(Permission.SUPERVISE_HANDOVER, place)
    if not may_supervise(uow.connection, uow.actor, row):
        raise Forbidden(why=Message(N_("监交人须来自上一级，且不是移交人或接收人")))
    return row


def may_supervise(connection: Connection, actor: Actor, row: Row[Any]) -> bool:
    """Whether somebody stands above a post that is handed over: in a unit above it, or as the county's chair in its own."""
    if actor.id in (row.leaver_id, successor(connection, row)):
        return False
    place = organisation.unit(connection, row.unit_id)
    for post in actor.posts:
        above = place.path.startswith(post.path) and post.unit_id != place.id
        own = post.unit_id == place.id and post.code == "COUNTY_CHAIR" and row.post != "COUNTY_CHAIR"
        if (above and post.code in ("TOWN_CHAIR", "COUNTY_CHAIR", "UPPER_CHAIR")) or own:
            return True
    return False


def found(connection: Connection, handover_id: int) -> Row[Any]:
    """The row of a handover; NotFound."""
    row = connection.execute(_ROW, {"b_id": handover_id}).one_or_none()
    if row is None:
        raise NotFound(what=Message(N_("移交 {id}"), {"id": handover_id}))
    return row


def successor(connection: Connection, row: Row[Any]) -> int | None:
    """Who was appointed to the post in the unit for the time after the leaver; None while nobody is."""
    if row.successor_id is not None:
        return int(row.successor_id)
    place = {"b_post": row.post, "b_unit": row.unit_id, "b_end": row.ended_on, "b_leaver": row.leaver_id}
    account_id: int | None = connection.execute(_NEXT, place).scalar()
    return account_id


def signed(connection: Connection, handover_id: int) -> dict[str, Row[Any]]:
    """Role → signature on the fixed list."""
    return {row.role: row for row in connection.execute(_SIGNED, {"b_id": handover_id})}


def concerning(connection: Connection, actor: Actor) -> list[Row[Any]]:
    """The handovers she has part in: as leaver, successor or supervisor; the latest first."""
    rows = connection.execute(_LISTED).all()
    return [
        row
        for row in rows
        if actor.id in (row.leaver_id, successor(connection, row)) or may_supervise(connection, actor, row)
    ]


def _goes_on(connection: Connection, row: Row[Any]) -> bool:
    days = {"b_account": row.account_id, "b_post": row.post, "b_unit": row.unit_id}
    return connection.execute(_GOES_ON, {**days, "b_next": row.until + timedelta(days=1)}).first() is not None


def _open(uow: UnitOfWork, row: Row[Any]) -> int:
    series = f"{chart(uow.connection).units[row.unit_id].code}-{row.until.year}-YJ-"
    last = uow.connection.execute(_NUMBERED, {"b_like": f"{series}%"}).scalar_one()
    new = {
        "number": f"{series}{last + 1:04d}",
        "holding_id": row.id,
        "leaver_id": row.account_id,
        "post": row.post,
        "unit_id": row.unit_id,
        "ended_on": row.until,
        "due_on": due_on(row.until),
        "state": "open",
        "version": 1,
        "opened_at": uow.now,
    }
    made = inserted_id(uow.connection.execute(insert(handover), new))
    organisation_log.write(uow, "handover.opened", handover=made, holding=row.id, due=new["due_on"].isoformat())
    return made


def _lines(text: str, field: str, problems: dict[str, list[Message]]) -> list[str]:
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_LINES or any(len(line) > LONGEST_LINE for line in lines):
        params = {"lines": MOST_LINES, "letters": LONGEST_LINE}
        problems[field] = [Message(N_("最多 {lines} 行，每行最多 {letters} 字"), params)]
    return lines


def is_of_chairs(post: str) -> bool:
    """Whether a post answers for everything of its unit, not for single tasks."""
    return POST_KINDS[post][0] in (UnitKind.VILLAGE, UnitKind.TOWN) or post == "COUNTY_CHAIR"
