"""Break-glass (紧急查阅, domain D2): a C3 case is opened for a day to somebody outside its team, by two persons, and reviewed.

Who asks is never told whether there is such a case: the request is taken in the same way for every number, and a confirmation
that finds none looks to her like a refusal. What opens is reading alone. It closes by itself; the case's manager reviews it and
the log auditor is told. Decision 28.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Row, bindparam, func, insert, select, update

from engine.access import SYSTEM, Actor, Permission
from engine.commands.leading import tell_leaders
from engine.commands.loading import subject_of
from engine.commands.membership import join
from engine.commands.signing import Reauthentication, confirmed
from engine.commands.supervised import require_system
from engine.errors import EngineError, Forbidden, InvalidAnswers, NotFound
from engine.events import Event, Kind
from engine.guard import Role
from engine.jobs_asking import JobKind, Running, enqueue, register
from engine.messages import N_, Message
from engine.model import case_file
from engine.model_teams import case_member
from engine.unit_of_work import inserted_id
from workflows import grant_log, organisation
from workflows.engagements import Place, same_person
from workflows.model_glass import glass

if TYPE_CHECKING:
    from engine.runtime import Runtime
    from engine.unit_of_work import UnitOfWork

#: how long a case stays open, and how long a request can be confirmed
OPEN_FOR: Final = timedelta(hours=24)
ASKED_FOR: Final = timedelta(hours=24)
#: requests of one person that may wait at a time
MOST_OPEN: Final = 5
END_JOB: Final = "glass_end"
_SHORTEST: Final = 10

_LOAD = select(glass).where(glass.c.id == bindparam("b_id"))
_CASE = select(case_file).where(case_file.c.number == bindparam("b_number"))
_WAITING = select(func.count()).where(
    glass.c.asked_by == bindparam("b_by"), glass.c.state == "asked", glass.c.asked_at > bindparam("b_since")
)
_DECIDE = update(glass).where(glass.c.id == bindparam("b_id"), glass.c.state == "asked")
_CLOSE = (
    update(glass)
    .where(glass.c.id == bindparam("b_id"), glass.c.state == "opened", glass.c.ended_at.is_(None))
    .values(ended_at=bindparam("b_at"), ended_by=bindparam("b_by"))
)
_LEAVE = (
    update(case_member)
    .where(case_member.c.id == bindparam("b_id"), case_member.c.ended_at.is_(None))
    .values(ended_at=bindparam("b_at"), ended_by=bindparam("b_by"))
)
_NOTE = (
    update(glass)
    .where(glass.c.id == bindparam("b_id"), glass.c.state == "opened", glass.c.noted_at.is_(None))
    .values(noted_at=bindparam("b_at"), noted_by=bindparam("b_by"))
)
_REVIEW = update(glass).where(glass.c.id == bindparam("b_id"), glass.c.reviewed_at.is_(None))


class GlassClosed(EngineError):
    """The request is not in a state for that."""

    text = N_("紧急查阅申请 {id}：{why}")


def ask_glass(uow: UnitOfWork, *, number: str, reason: str, proof: Reauthentication | None) -> dict[str, Any]:
    """Ask to read a C3 case she does not belong to; returns ``{"request_id"}``, whether or not there is such a case.

    Forbidden without a post that could ever read one; SignatureRequired without a fresh proof of who she is; InvalidAnswers.
    """
    uow.require(Permission.ASK_GLASS, None)
    asking = _asking_post(uow)
    confirmed(proof, uow.actor, uow.now)
    problems: dict[str, list[Message]] = {}
    wanted = "".join(number.split()).upper()
    if not 1 <= len(wanted) <= 40:
        problems["number"] = [Message(N_("请填写案卷号"))]
    why = _reason(reason, problems)
    since = {"b_by": uow.actor.id, "b_since": uow.now - ASKED_FOR}
    if int(uow.connection.execute(_WAITING, since).scalar() or 0) >= MOST_OPEN:
        problems["number"] = [Message(N_("您已有 {most} 件申请在等候决定，请等有了决定再申请"), {"most": MOST_OPEN})]
    if problems:
        raise InvalidAnswers(problems)
    row = {
        "number": wanted,
        "asked_by": uow.actor.id,
        "asked_at": uow.now,
        "post": asking.code,
        "path": asking.path,
        "reason_sealed": uow.runtime.vault.seal(why.encode()),
        "state": "asked",
    }
    return {"request_id": inserted_id(grant_log.change(uow, "glass.asked", insert(glass), row))}


def confirm_glass(uow: UnitOfWork, *, request_id: int, proof: Reauthentication | None) -> dict[str, Any]:
    """Be the second person: open the case for a day; returns ``{"opened"}``, False when there is no such case for her.

    NotFound for whoever may not decide, Forbidden for the one who asked (under any account), SignatureRequired, GlassClosed.
    """
    row = _to_decide(uow, request_id)
    confirmed(proof, uow.actor, uow.now)
    asker = _asker(uow, row)
    case = uow.connection.execute(_CASE, {"b_number": row.number}).one_or_none()
    if case is None or asker is None or not _openable(uow, case, asker):
        _decide(uow, row, state="void")
        return {"opened": False}
    until = uow.now + OPEN_FOR
    reason = uow.runtime.vault.open(row.reason_sealed).decode()
    member = join(uow, case.id, asker.id, Role.GLASS, reason, until=until)
    _decide(uow, row, state="opened", case_id=case.id, member_id=member, until=until)
    said = {"request": row.id, "account": asker.id, "member": member, "until": until.isoformat(), "reason": reason}
    uow.record(Event(Kind.GLASS_OPENED, case.id, content=said))
    tell_leaders(uow, subject_of(uow.connection, case), "glass.opened", request=row.id)
    enqueue(uow, END_JOB, once=f"{END_JOB}-{row.id}", not_before=until, request=row.id)
    return {"opened": True}


def refuse_glass(uow: UnitOfWork, *, request_id: int) -> dict[str, Any]:
    """Refuse it; returns ``{"request_id"}``. NotFound, Forbidden, GlassClosed."""
    row = _to_decide(uow, request_id)
    _decide(uow, row, state="refused")
    return {"request_id": row.id}


def end_glass(uow: UnitOfWork, *, request_id: int) -> dict[str, Any]:
    """Close the case to her before its time: by herself, by who confirmed, or by who leads the case. NotFound, GlassClosed."""
    row = load(uow, request_id)
    if uow.actor.id not in (row.asked_by, row.decided_by) and not leads(uow, row):
        raise NotFound(what=Message(N_("紧急查阅申请 {id}"), {"id": request_id}))
    if not _end(uow, row):
        raise GlassClosed(id=request_id, why=Message(N_("它没有在进行")))
    return {"request_id": row.id}


def review_glass(uow: UnitOfWork, *, request_id: int, justified: bool, text: str) -> dict[str, Any]:
    """Say afterwards whether it was justified: who leads the case, neither of the two persons. Returns ``{"request_id"}``.

    NotFound, Forbidden, InvalidAnswers without words, GlassClosed when it has been reviewed.
    """
    row = load(uow, request_id)
    if row.state != "opened" or not leads(uow, row):
        raise NotFound(what=Message(N_("紧急查阅申请 {id}"), {"id": request_id}))
    uow.about = row.case_id
    if any(same_person(uow, uow.actor.id, each) for each in (row.asked_by, row.decided_by)):
        raise Forbidden(why=Message(N_("紧急查阅须由申请人和确认人以外的人复核")))
    problems: dict[str, list[Message]] = {}
    said = _reason(text, problems, "text")
    if problems:
        raise InvalidAnswers(problems)
    found = {"reviewed_at": uow.now, "reviewed_by": uow.actor.id, "justified": justified}
    sealed = uow.runtime.vault.seal(said.encode())
    changed = grant_log.change(uow, "glass.reviewed", _REVIEW.values(**found, review_sealed=sealed), {"b_id": row.id})
    if changed.rowcount != 1:
        raise GlassClosed(id=request_id, why=Message(N_("已经复核过")))
    content = {"request": row.id, "justified": justified, "reason": said}
    uow.record(Event(Kind.GLASS_REVIEWED, row.case_id, content=content))
    return {"request_id": row.id}


def note_glass(uow: UnitOfWork, *, request_id: int) -> dict[str, Any]:
    """The log auditor takes note of an opening; returns ``{"request_id"}``. Forbidden, NotFound."""
    uow.require(Permission.NOTE_GLASS, None)
    noted = grant_log.change(uow, "glass.noted", _NOTE, {"b_id": request_id, "b_at": uow.now, "b_by": uow.actor.id})
    if noted.rowcount != 1:
        raise NotFound(what=Message(N_("紧急查阅申请 {id}"), {"id": request_id}))
    return {"request_id": request_id}


def end_due(uow: UnitOfWork, *, request_id: int) -> dict[str, Any]:
    """Write down that its day is over; it was closed by then. Returns ``{"ended"}``. Forbidden for persons."""
    require_system(uow)
    row = load(uow, request_id)
    return {"ended": row.until is not None and row.until <= uow.now and _end(uow, row)}


def load(uow: UnitOfWork, request_id: int) -> Row[Any]:
    """The row of a request; NotFound."""
    row: Row[Any] | None = uow.connection.execute(_LOAD, {"b_id": request_id}).one_or_none()
    if row is None:
        raise NotFound(what=Message(N_("紧急查阅申请 {id}"), {"id": request_id}))
    return row


def leads(uow: UnitOfWork, row: Row[Any]) -> bool:
    """Whether the actor leads the case a request has opened."""
    if row.case_id is None:
        return False
    subject = subject_of(uow.connection, uow.case(row.case_id))
    return uow.runtime.rules.permits(uow.actor, Permission.REVIEW_GLASS, subject)


def _to_decide(uow: UnitOfWork, request_id: int) -> Row[Any]:
    row = load(uow, request_id)
    if not uow.runtime.rules.permits(uow.actor, Permission.CONFIRM_GLASS, Place(0, row.path)):
        raise NotFound(what=Message(N_("紧急查阅申请 {id}"), {"id": request_id}))
    if same_person(uow, uow.actor.id, row.asked_by):
        raise Forbidden(why=Message(N_("紧急查阅须由申请人以外的第二人确认")))
    if row.state != "asked":
        raise GlassClosed(id=request_id, why=Message(N_("已经有了决定")))
    if row.asked_at + ASKED_FOR <= uow.now:
        raise GlassClosed(id=request_id, why=Message(N_("申请已超过 24 小时，请重新申请")))
    return row


def _decide(uow: UnitOfWork, row: Row[Any], **values: Any) -> None:
    told = {**values, "decided_by": uow.actor.id, "decided_at": uow.now}
    act = f"glass.{values['state']}"
    if grant_log.change(uow, act, _DECIDE.values(**told), {"b_id": row.id}).rowcount != 1:
        raise GlassClosed(id=row.id, why=Message(N_("已经有了决定")))


def _openable(uow: UnitOfWork, case: Row[Any], asker: Actor) -> bool:
    """Whether the case is one her post could read, not kept from either of the two, and not open to her already."""
    rules, subject = uow.runtime.rules, subject_of(uow.connection, case)
    return (
        rules.permits(asker, Permission.BREAK_GLASS, subject)
        and not rules.permits(asker, Permission.READ_CASE, subject)
        and rules.permits(uow.actor, Permission.CONFIRM_GLASS, subject)
    )


def _asker(uow: UnitOfWork, row: Row[Any]) -> Actor | None:
    """Who asked, with what she may now; None without an account or a post."""
    try:
        found = organisation.actor_of(uow.connection, row.asked_by, uow.today, uow.now)
    except NotFound:
        return None
    return found if found.posts else None


def _asking_post(uow: UnitOfWork) -> Any:
    """The highest post by which she may ask."""
    rules = uow.runtime.rules
    held = [post for post in uow.actor.posts if rules.permits(_only(uow.actor, post), Permission.ASK_GLASS, None)]
    return min(held, key=lambda post: post.path.count("."))


def _only(actor: Actor, post: Any) -> Actor:
    return Actor(actor.id, actor.name, (post,))


def _end(uow: UnitOfWork, row: Row[Any]) -> bool:
    told = {"b_id": row.id, "b_at": uow.now, "b_by": uow.actor.id}
    if row.case_id is None or grant_log.change(uow, "glass.ended", _CLOSE, told).rowcount != 1:
        return False
    uow.change(row.case_id, _LEAVE, {**told, "b_id": row.member_id})
    content = {"request": row.id, "account": row.asked_by, "member": row.member_id}
    uow.record(Event(Kind.GLASS_ENDED, row.case_id, content=content))
    return True


def _reason(text: str, problems: dict[str, list[Message]], field: str = "reason") -> str:
    if len("".join(text.split())) < _SHORTEST:
        problems[field] = [Message(N_("请写明理由，至少 {least} 个字"), {"least": _SHORTEST})]
    return text.strip()


def _ended(runtime: Runtime, running: Running) -> None:
    runtime.execute(end_due, actor=SYSTEM, key=secrets.token_hex(16), request_id=running.ids["request"])


register(JobKind(END_JOB, N_("紧急查阅到期关闭"), _ended, cancellable=False))
