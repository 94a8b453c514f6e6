"""Taking a lost authenticator off an account: one person asks, another grants, neither for herself (decision 32).

The security administrator asks, because she hears of the loss; the chair in charge grants, because she knows the person. What was
asked for is over after a day. Granted, the account has no authenticator, recovery code, session, known device or token any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from engine.access import Permission
from engine.errors import Forbidden, InvalidAnswers, NotFound, NotNow
from engine.messages import N_, Message
from engine.unit_of_work import UnitOfWork, inserted_id
from workflows import accounts, api_tokens, model, organisation_log, second_factor, sign_in_history
from workflows.model_sign_in import factor_reset
from workflows.whereabouts import origin

LASTS: Final = timedelta(hours=24)
MOST: Final = 200

_reset = factor_reset.c
_ADD = insert(factor_reset)
_BY_LOGIN = select(model.account).where(model.account.c.login == bindparam("b_login"))
_ONE = select(factor_reset).where(_reset.id == bindparam("b_id")).with_for_update()
_OPEN = (
    select(factor_reset)
    .where(_reset.decided_at.is_(None), _reset.asked_at > bindparam("b_since"))
    .order_by(_reset.id.desc())
)
_DECIDE = (
    update(factor_reset)
    .where(_reset.id == bindparam("b_id"), _reset.decided_at.is_(None))
    .values(decided_by=bindparam("b_by"), decided_at=bindparam("b_now"), granted=bindparam("b_granted"))
)
_PLACES = (
    select(model.unit.c.path)
    .join(model.post_holding, model.post_holding.c.unit_id == model.unit.c.id)
    .where(model.post_holding.c.account_id == bindparam("b_account"))
)


@dataclass(frozen=True)
class _Place:
    path: str


def ask_reset(uow: UnitOfWork, *, login: str, reason: str) -> dict[str, Any]:
    """Ask that an authenticator be taken off; ``{"reset_id"}``. InvalidAnswers by field, Forbidden."""
    if not any(uow.runtime.rules.permits(uow.actor, Permission.ASK_FACTOR_RESET, each) for each in uow.actor.posts):
        uow.require(Permission.ASK_FACTOR_RESET, _Place(""))
    account = uow.connection.execute(_BY_LOGIN, {"b_login": accounts.clean_login(login)}).one_or_none()
    if account is None or not second_factor.is_enrolled(uow.connection, account.id):
        raise InvalidAnswers({"login": [Message(N_("没有这个账号，或它没有绑定动态码"))]})
    _require(uow, Permission.ASK_FACTOR_RESET, account.id)
    if not 1 <= len(reason.strip()) <= MOST:
        raise InvalidAnswers({"reason": [Message(N_("请写明原因和核实身份的方式，{most} 字以内"), {"most": MOST})]})
    row = {"account_id": account.id, "reason": reason.strip(), "asked_by": uow.actor.id, "asked_at": uow.now}
    reset_id = inserted_id(uow.connection.execute(_ADD, row))
    organisation_log.write(uow, "factor.asked", account=account.id, reset=reset_id)
    return {"reset_id": reset_id}


def decide_reset(uow: UnitOfWork, *, reset_id: int, grant: bool) -> dict[str, Any]:
    """Grant or refuse; ``{"granted"}``. Forbidden for who asked and for whose it is; NotNow once decided or over; NotFound."""
    row = uow.connection.execute(_ONE, {"b_id": reset_id}).one_or_none()
    if row is None:
        raise NotFound(what=Message(N_("解除申请 {id}"), {"id": reset_id}))
    _require(uow, Permission.GRANT_FACTOR_RESET, row.account_id)
    if row.asked_by == uow.actor.id:
        raise Forbidden(why=Message(N_("申请人不能批准自己的申请，须由另一人决定")))
    if row.decided_at is not None or uow.now - row.asked_at > LASTS:
        raise NotNow(why=Message(N_("申请已有决定，或已超过 24 小时，请重新提出")))
    asked = {"b_id": reset_id, "b_by": uow.actor.id, "b_now": uow.now, "b_granted": grant}
    uow.connection.execute(_DECIDE, asked)
    if grant:
        second_factor.take_off(uow.connection, row.account_id)
        accounts.shut_out(uow.connection, row.account_id)
        api_tokens.end_all(uow.connection, row.account_id, uow.now)
        came = origin("")
        sign_in_history.record(uow.connection, row.account_id, uow.now, result="changed", how="password", origin=came)
    organisation_log.write(uow, "factor.granted" if grant else "factor.refused", account=row.account_id, reset=reset_id)
    return {"granted": grant}


def waiting(connection: Connection, now: Any) -> list[Row[Any]]:
    """What waits for a decision, the newest first."""
    return list(connection.execute(_OPEN, {"b_since": now - LASTS}).all())


def _require(uow: UnitOfWork, permission: Permission, account_id: int) -> None:
    """The right over every unit in which the person has ever held a post, and not over oneself."""
    if account_id == uow.actor.id:
        raise Forbidden(why=Message(N_("自己的动态码须由他人解除")))
    paths = uow.connection.execute(_PLACES, {"b_account": account_id}).scalars().all()
    for path in paths or [""]:
        uow.require(permission, _Place(path))
