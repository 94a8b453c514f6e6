"""Leave to print one C3 dossier unredacted, once: asked by the auditor with a reason, given by somebody else (domain D1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from engine.access import Permission
from engine.commands.loading import subject_of
from engine.errors import Forbidden, InvalidAnswers, NotFound
from engine.messages import N_, Message
from engine.model import case_file
from engine.unit_of_work import inserted_id
from workflows import grant_log
from workflows.audit_dossiers import audited_case
from workflows.engaged import OPEN_CLASSES
from workflows.engagements import EngagementClosed, Place, same_person
from workflows.model_engagement import bare_print, engagement

if TYPE_CHECKING:
    from engine.access import AccessRules, Actor
    from engine.unit_of_work import UnitOfWork

_LOAD = (
    select(bare_print, engagement.c.unit_id, engagement.c.path, engagement.c.auditor_id, engagement.c.number)
    .join(engagement, engagement.c.id == bare_print.c.engagement_id)
    .where(bare_print.c.id == bindparam("b_id"))
)
_OPEN = select(bare_print.c.id).where(
    bare_print.c.engagement_id == bindparam("b_engagement"),
    bare_print.c.case_id == bindparam("b_case"),
    bare_print.c.state.in_(("asked", "approved")),
)
_WAITING = (
    select(bare_print, engagement.c.path, engagement.c.number.label("engagement"), case_file.c.number)
    .join(engagement, engagement.c.id == bare_print.c.engagement_id)
    .join(case_file, case_file.c.id == bare_print.c.case_id)
    .where(bare_print.c.state == "asked")
    .order_by(bare_print.c.id)
)
_DECIDE = (
    update(bare_print)
    .where(bare_print.c.id == bindparam("b_id"), bare_print.c.state == "asked")
    .values(state=bindparam("b_state"), decided_by=bindparam("b_by"), decided_at=bindparam("b_at"))
)
_SHORTEST = 10


def ask_bare_print(uow: UnitOfWork, *, engagement_id: int, case_id: int, reason: str) -> dict[str, Any]:
    """Ask for an unredacted print of a C3 dossier of a running engagement; returns ``{"bare_id"}``.

    NotFound for a case that is not in it, InvalidAnswers without a reason or when it is asked for already.
    """
    case = audited_case(uow.runtime, uow.connection, uow.actor, engagement_id, case_id)
    if len("".join(reason.split())) < _SHORTEST:
        told = {"least": _SHORTEST}
        raise InvalidAnswers({"reason": [Message(N_("请写明为什么必须看到未遮盖的内容，至少 {least} 个字"), told)]})
    key = {"b_engagement": engagement_id, "b_case": case_id}
    if case.confidentiality in OPEN_CLASSES or uow.connection.execute(_OPEN, key).first():
        raise InvalidAnswers({"reason": [Message(N_("此卷无须申请，或已经申请"))]})
    row = {"engagement_id": engagement_id, "case_id": case_id, "asked_by": uow.actor.id, "asked_at": uow.now}
    sealed = uow.runtime.vault.seal(reason.strip().encode())
    asked = {**row, "reason_sealed": sealed, "state": "asked"}
    return {"bare_id": inserted_id(grant_log.change(uow, "bare.asked", insert(bare_print), asked))}


def decide_bare_print(uow: UnitOfWork, *, bare_id: int, approve: bool) -> dict[str, Any]:
    """Give or refuse it; returns ``{"bare_id", "state"}``. NotFound; Forbidden for the auditor herself; EngagementClosed."""
    row = uow.connection.execute(_LOAD, {"b_id": bare_id}).one_or_none()
    place = None if row is None else Place(row.unit_id, row.path)
    if row is None or not uow.runtime.rules.permits(uow.actor, Permission.APPROVE_BARE_PRINT, place):
        raise NotFound(what=Message(N_("申请 {id}"), {"id": bare_id}))
    if any(same_person(uow, uow.actor.id, each) for each in (row.asked_by, row.auditor_id)):
        raise Forbidden(why=Message(N_("须由申请人以外的人批准")))
    if _kept_from(uow.runtime.rules, uow.connection, uow.actor, row.case_id):
        raise NotFound(what=Message(N_("申请 {id}"), {"id": bare_id}))
    state = "approved" if approve else "refused"
    told = {"b_id": bare_id, "b_state": state, "b_by": uow.actor.id, "b_at": uow.now}
    if grant_log.change(uow, f"bare.{state}", _DECIDE, told).rowcount != 1:
        raise EngagementClosed(number=row.number, act=Message(N_("决定")), why=Message(N_("已经有了决定")))
    return {"bare_id": bare_id, "state": state}


def waiting_for(rules: AccessRules, connection: Connection, actor: Actor) -> list[Row[Any]]:
    """The requests somebody may decide about, the oldest first: of her own units, not her own, of no case kept from her."""
    return [
        row
        for row in connection.execute(_WAITING)
        if row.asked_by != actor.id
        and rules.permits(actor, Permission.APPROVE_BARE_PRINT, Place(0, row.path))
        and not _kept_from(rules, connection, actor, row.case_id)
    ]


def _kept_from(rules: AccessRules, connection: Connection, actor: Actor, case_id: int) -> bool:
    """Whether somebody is excluded from a case (D3.1): then the request does not exist for her either."""
    case = connection.execute(select(case_file).where(case_file.c.id == case_id)).one()
    return not rules.permits(actor, Permission.APPROVE_BARE_PRINT, subject_of(connection, case))
