"""Put somebody in charge of a confidential case that has lost its people: asked by one person, confirmed by another (D2, D6).

Neither learns what case it is. Who is named hears of it at once, finds its steps marked as urgent, and reports how she found the
case; the log auditor takes note. Decision 48.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Row, bindparam, insert, select, update

from engine.access import Permission
from engine.commands.loading import subject_of
from engine.commands.priorities import URGENT, mark_as
from engine.commands.signing import Reauthentication, confirmed
from engine.commands.teams import put_in_charge
from engine.errors import EngineError, Forbidden, InvalidAnswers, NotFound
from engine.events import Event, Kind
from engine.messages import N_, Message
from engine.unit_of_work import inserted_id
from workflows import grant_log, organisation, unled
from workflows.engagements import Place, same_person
from workflows.model_succession import succession

if TYPE_CHECKING:
    from engine.access import Actor
    from engine.unit_of_work import UnitOfWork

#: how long a request can be confirmed
ASKED_FOR: Final = timedelta(hours=24)
_SHORTEST: Final = 10
_LONGEST: Final = 300

_LOAD = select(succession).where(succession.c.id == bindparam("b_id"))
_WAITING = select(succession.c.id).where(
    succession.c.handle == bindparam("b_handle"),
    succession.c.state == "asked",
    succession.c.asked_at > bindparam("b_since"),
)
_DECIDE = update(succession).where(succession.c.id == bindparam("b_id"), succession.c.state == "asked")
_REPORT = update(succession).where(
    succession.c.id == bindparam("b_id"), succession.c.state == "named", succession.c.reported_at.is_(None)
)
_NOTE = (
    update(succession)
    .where(succession.c.id == bindparam("b_id"), succession.c.state == "named", succession.c.noted_at.is_(None))
    .values(noted_at=bindparam("b_at"), noted_by=bindparam("b_by"))
)
_NOT_DONE = N_("没有在等候这一步")


class SuccessionClosed(EngineError):
    """The request is not in a state for that."""

    text = N_("指定承办人的申请 {id}：{why}")


def ask_succession(
    uow: UnitOfWork, *, handle: str, account_id: int, reason: str, proof: Reauthentication | None
) -> dict[str, Any]:
    """Ask that somebody be put in charge of a case nobody can reach; returns ``{"request_id"}``.

    Forbidden without a post that answers for such cases; SignatureRequired without a fresh proof of who she is; InvalidAnswers
    ("handle", "account", "reason").
    """
    uow.require(Permission.SEE_UNLED, None)
    found = unled.unled(uow.connection, uow.runtime.rules, uow.actor, uow.today, uow.now)
    case = unled.by_handle(uow.runtime.vault, found, handle)
    problems: dict[str, list[Message]] = {}
    why = _words(reason, problems, "reason")
    if case is None:
        problems["handle"] = [Message(N_("请从列表中选择；不在列表中的，可能已有承办人"))]
    if same_person(uow, uow.actor.id, account_id):
        problems["account"] = [Message(N_("不能指定您本人：请选择其他人员"))]
    elif case is not None and account_id not in {
        s.id for s in _could(uow, unled.home_path(uow.connection, case.unit_id))
    }:
        problems["account"] = [Message(N_("请从名单中选择一位在任人员"))]
    since = {"b_handle": handle.strip().upper(), "b_since": uow.now - ASKED_FOR}
    if case is not None and uow.connection.execute(_WAITING, since).first() is not None:
        problems["handle"] = [Message(N_("这一件已有一份申请在等候第二人确认"))]
    if problems or case is None:
        raise InvalidAnswers(problems)
    confirmed(proof, uow.actor, uow.now)
    row = {
        "handle": unled.handle_of(uow.runtime.vault, case.id),
        "path": unled.home_path(uow.connection, case.unit_id),
        "account_id": account_id,
        "asked_by": uow.actor.id,
        "asked_at": uow.now,
        "reason_sealed": uow.runtime.vault.seal(why.encode()),
        "state": "asked",
    }
    return {"request_id": inserted_id(grant_log.change(uow, "succession.asked", insert(succession), row))}


def confirm_succession(uow: UnitOfWork, *, request_id: int, proof: Reauthentication | None) -> dict[str, Any]:
    """Be the second person; returns ``{"named"}``, False when she cannot be put in charge, or somebody is by now.

    NotFound for whoever may not decide; Forbidden for the one who asked and the one who is named; SignatureRequired;
    SuccessionClosed.
    """
    row = _to_decide(uow, request_id)
    confirmed(proof, uow.actor, uow.now)
    case = _case(uow, row)
    if case is None:
        _decide(uow, row, state="void")
        return {"named": False}
    uow.about = case.id
    reason = uow.runtime.vault.open(row.reason_sealed).decode()
    member = put_in_charge(uow, subject_of(uow.connection, case), row.account_id, reason, succession=row.id)
    mark_as(uow, case.id, URGENT, reason)
    _decide(uow, row, state="named", case_id=case.id, member_id=member)
    return {"named": True}


def refuse_succession(uow: UnitOfWork, *, request_id: int) -> dict[str, Any]:
    """Refuse it; returns ``{"request_id"}``. NotFound, Forbidden, SuccessionClosed."""
    row = _to_decide(uow, request_id)
    _decide(uow, row, state="refused")
    return {"request_id": row.id}


def report_succession(uow: UnitOfWork, *, request_id: int, text: str) -> dict[str, Any]:
    """Say how she found the case: whoever was put in charge of it, while she is. Returns ``{"request_id"}``.

    NotFound, InvalidAnswers without words, SuccessionClosed when she has reported.
    """
    row = _load(uow, request_id)
    if row.case_id is None or row.account_id != uow.actor.id or not leads(uow, row):
        raise _unknown(request_id)
    uow.about = row.case_id
    problems: dict[str, list[Message]] = {}
    said = _words(text, problems, "text")
    if problems:
        raise InvalidAnswers(problems)
    kept = {"reported_at": uow.now, "report_sealed": uow.runtime.vault.seal(said.encode())}
    if grant_log.change(uow, "succession.reported", _REPORT.values(**kept), {"b_id": row.id}).rowcount != 1:
        raise SuccessionClosed(id=request_id, why=Message(_NOT_DONE))
    content = {"request": row.id, "asked_by": row.asked_by, "decided_by": row.decided_by, "reason": said}
    uow.record(Event(Kind.SUCCESSION_REPORTED, row.case_id, content=content))
    return {"request_id": row.id}


def note_succession(uow: UnitOfWork, *, request_id: int) -> dict[str, Any]:
    """The log auditor takes note that somebody was named; returns ``{"request_id"}``. Forbidden, NotFound."""
    uow.require(Permission.NOTE_GLASS, None)
    at = {"b_id": request_id, "b_at": uow.now, "b_by": uow.actor.id}
    if grant_log.change(uow, "succession.noted", _NOTE, at).rowcount != 1:
        raise _unknown(request_id)
    return {"request_id": request_id}


def leads(uow: UnitOfWork, row: Row[Any]) -> bool:
    """Whether the actor leads the case of a request."""
    subject = subject_of(uow.connection, uow.case(row.case_id))
    return uow.runtime.rules.permits(uow.actor, Permission.REVIEW_GLASS, subject)


def _case(uow: UnitOfWork, row: Row[Any]) -> Row[Any] | None:
    """The case, when all three may have to do with it still, and nobody leads it: as it would be for whoever asked."""
    asker = _person(uow, row.asked_by)
    if asker is None:
        return None
    rules = uow.runtime.rules
    case = unled.by_handle(uow.runtime.vault, unled.unled(uow.connection, rules, asker, uow.today, uow.now), row.handle)
    if case is None:
        return None
    subject = subject_of(uow.connection, case)
    possible = rules.permits(uow.actor, Permission.CONFIRM_SUCCESSION, subject)
    return case if possible and unled.suits(uow.connection, rules, subject, row.account_id, uow.today) else None


def _to_decide(uow: UnitOfWork, request_id: int) -> Row[Any]:
    row = _load(uow, request_id)
    if not uow.runtime.rules.permits(uow.actor, Permission.CONFIRM_SUCCESSION, Place(0, row.path)):
        raise _unknown(request_id)
    if any(same_person(uow, uow.actor.id, each) for each in (row.asked_by, row.account_id)):
        raise Forbidden(why=Message(N_("指定承办人须由申请人和被指定人以外的第二人确认")))
    if row.state != "asked":
        raise SuccessionClosed(id=request_id, why=Message(N_("已经有了决定")))
    if row.asked_at + ASKED_FOR <= uow.now:
        raise SuccessionClosed(id=request_id, why=Message(N_("申请已超过 24 小时，请重新申请")))
    return row


def _decide(uow: UnitOfWork, row: Row[Any], **values: Any) -> None:
    told = {**values, "decided_by": uow.actor.id, "decided_at": uow.now}
    act = f"succession.{values['state']}"
    if grant_log.change(uow, act, _DECIDE.values(**told), {"b_id": row.id}).rowcount != 1:
        raise SuccessionClosed(id=row.id, why=Message(N_("已经有了决定")))


def _load(uow: UnitOfWork, request_id: int) -> Row[Any]:
    row: Row[Any] | None = uow.connection.execute(_LOAD, {"b_id": request_id}).one_or_none()
    if row is None:
        raise _unknown(request_id)
    return row


def _person(uow: UnitOfWork, account_id: int) -> Actor | None:
    try:
        found = organisation.actor_of(uow.connection, account_id, uow.today, uow.now)
    except NotFound:
        return None
    return found if found.posts else None


def _could(uow: UnitOfWork, path: str) -> list[Any]:
    return list(unled.successors(uow.connection, path, uow.today))


def _words(text: str, problems: dict[str, list[Message]], field: str) -> str:
    said = " ".join(text.split())
    if not _SHORTEST <= len(said) <= _LONGEST:
        bounds = {"least": _SHORTEST, "most": _LONGEST, "seen": len(said)}
        problems[field] = [Message(N_("请写明 {least} 至 {most} 个字，现为 {seen} 个字"), bounds)]
    return said


def _unknown(request_id: int) -> NotFound:
    return NotFound(what=Message(N_("指定承办人的申请 {id}"), {"id": request_id}))
