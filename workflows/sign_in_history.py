"""What was tried at an account's door, for the person herself: when, from where, with what, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, exists, func, insert, select

from engine.messages import N_
from workflows.model_sign_in import sign_in_record
from workflows.whereabouts import Origin

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
_FORGET_NOBODYS = delete(sign_in_record).where(_record.account_id.is_(None), _record.at <= bindparam("b_day"))
_LAST = select(func.max(_record.id)).where(
    _record.account_id == bindparam("b_account"), _record.result == "entered"
)  # fmt: skip
_SINCE = select(func.count()).where(
    _record.account_id == bindparam("b_account"),
    _record.id > func.coalesce(_LAST.scalar_subquery(), 0),
    _record.result.in_(_REFUSED),
)
_WAITED = select(_record.id, _record.place, _record.device).where(
    _record.account_id == bindparam("b_account"), _record.result == "waiting", _record.at == bindparam("b_since")
)
_later = sign_in_record.alias("later")
_NEWEST = (
    select(sign_in_record)
    .where(
        _record.account_id == bindparam("b_account"),
        ~exists().where(_later.c.account_id == _record.account_id, _later.c.waited_id == _record.id),
    )
    .order_by(_record.id.desc())
)


def record(
    connection: Connection, account_id: int | None, at: datetime, *, result: str, how: str, origin: Origin
) -> None:
    """Remember an attempt; those at doors of nobody are forgotten on the way, the others by the anchors, in their time."""
    connection.execute(_FORGET_NOBODYS, {"b_day": at - timedelta(days=1)})
    row = {"account_id": account_id, "at": at, "result": result, "how": how}
    connection.execute(_ADD, {**row, "place": origin.place, "device": origin.device})


def waited(connection: Connection, account_id: int, since: datetime, at: datetime, how: str) -> int:
    """The attempt of `since` that waited for its code has become a sign-in; how many such there were."""
    found = connection.execute(_WAITED, {"b_account": account_id, "b_since": since}).all()
    for row in found:
        entered = {"account_id": account_id, "at": at, "result": "entered", "how": how, "waited_id": row.id}
        connection.execute(_ADD, {**entered, "place": row.place, "device": row.device})
    return len(found)


def refused_since(connection: Connection, account_id: int) -> int:
    """How many attempts were refused since the account was last signed in."""
    return int(connection.execute(_SINCE, {"b_account": account_id}).scalar_one())


def newest(connection: Connection, account_id: int) -> list[Row[Any]]:
    """The newest attempts, the last first."""
    return list(connection.execute(_NEWEST.limit(SHOWN), {"b_account": account_id}).all())
