"""What was tried at an account's door, for the person herself: when, from where, with what, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from engine.messages import N_
from workflows.model_sign_in import sign_in_record
from workflows.whereabouts import Origin

#: 网络安全法 21: logs are kept for at least six months
KEPT: Final = timedelta(days=185)
SHOWN: Final = 30

RESULT_NAMES: Final[Mapping[str, str]] = {
    "entered": N_("已登录"),
    "waiting": N_("密码正确，没有输入动态码"),
    "half": N_("密码或动态码只对了一项"),
    "refused": N_("未登录：密码不正确"),
    "unsigned": N_("签字未成功：密码或动态码不正确"),
    "changed": N_("登录方式有变更"),
}
HOW_NAMES: Final[Mapping[str, str]] = {
    "password": N_("密码"),
    "totp": N_("密码和动态码"),
    "recovery": N_("密码和恢复码"),
    "sso": N_("单点登录"),
}
#: what the person should hear of at her next sign-in
_REFUSED: Final = ("refused", "half", "waiting", "unsigned")

_record = sign_in_record.c
_ADD = insert(sign_in_record)
_FORGET = delete(sign_in_record).where(_record.at <= bindparam("b_old"))
_FORGET_NOBODYS = delete(sign_in_record).where(_record.account_id.is_(None), _record.at <= bindparam("b_day"))
_LAST = select(func.max(_record.id)).where(
    _record.account_id == bindparam("b_account"), _record.result == "entered"
)  # fmt: skip
_SINCE = select(func.count()).where(
    _record.account_id == bindparam("b_account"),
    _record.id > func.coalesce(_LAST.scalar_subquery(), 0),
    _record.result.in_(_REFUSED),
)
_WAITED = (
    update(sign_in_record)
    .where(
        _record.account_id == bindparam("b_account"), _record.result == "waiting", _record.at == bindparam("b_since")
    )
    .values(result="entered", how=bindparam("b_how"), at=bindparam("b_now"))
)
_NEWEST = select(sign_in_record).where(_record.account_id == bindparam("b_account")).order_by(_record.id.desc())


def record(
    connection: Connection, account_id: int | None, at: datetime, *, result: str, how: str, origin: Origin
) -> None:
    """Remember an attempt; what nobody has to be told of any more is forgotten on the way."""
    connection.execute(_FORGET, {"b_old": at - KEPT})
    connection.execute(_FORGET_NOBODYS, {"b_day": at - timedelta(days=1)})
    row = {"account_id": account_id, "at": at, "result": result, "how": how}
    connection.execute(_ADD, {**row, "place": origin.place, "device": origin.device})


def waited(connection: Connection, account_id: int, since: datetime, at: datetime, how: str) -> int:
    """The attempt of `since` that waited for its code has become a sign-in; how many such there were."""
    key = {"b_account": account_id, "b_since": since, "b_now": at, "b_how": how}
    return int(connection.execute(_WAITED, key).rowcount)


def refused_since(connection: Connection, account_id: int) -> int:
    """How many attempts were refused since the account was last signed in."""
    return int(connection.execute(_SINCE, {"b_account": account_id}).scalar_one())


def newest(connection: Connection, account_id: int) -> list[Row[Any]]:
    """The newest attempts, the last first."""
    return list(connection.execute(_NEWEST.limit(SHOWN), {"b_account": account_id}).all())
