"""Tokens for programs that read on a person's behalf: narrow, hashed, expiring, shown once, ended at any time.

A token may less than its owner: only what its scopes name, nothing of a C3 or C4 case, and nothing at all when its owner has no
post today or only a start password. It never signs and never changes anything.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.access import SYSTEM, Actor
from engine.clock import civil_date
from engine.errors import EngineError, InvalidAnswers, NotFound
from engine.messages import N_, Message
from engine.runtime import Runtime
from engine.unit_of_work import unit_of_work
from workflows import model, sessions, throttle
from workflows.model_sign_in import api_token, request_count
from workflows.organisation import actor_of

#: what a token can be given; closed otherwise
SCOPES: Final[Mapping[str, str]] = {
    "inbox.read": N_("读取本人的收件箱列表"),
    "case.read": N_("读取本人可查看的案件概况（不含 C3、C4）"),
}
PREFIX: Final = "hsk_"
LONGEST: Final = timedelta(days=365)
MOST_TOKENS: Final = 10
PER_MINUTE: Final = 120
#: when it was used last is written at most so often
_TOUCH_EVERY: Final = timedelta(minutes=10)

_token = api_token.c
_ADD = insert(api_token)
_LISTED = select(api_token).where(_token.account_id == bindparam("b_account")).order_by(_token.id.desc()).limit(30)
_COUNT = select(func.count()).where(
    _token.account_id == bindparam("b_account"), _token.ended_at.is_(None), _token.expires_at > bindparam("b_now")
)
_FIND = (
    select(_token.id, _token.account_id, _token.scopes, _token.used_at)
    .join(model.account, model.account.c.id == _token.account_id)
    .where(
        _token.token_hash == bindparam("b_hash"),
        _token.ended_at.is_(None),
        _token.expires_at > bindparam("b_now"),
        model.account.c.active,
        model.account.c.start_password.is_(False),
    )
)
_USED = update(api_token).where(_token.id == bindparam("b_id")).values(used_at=bindparam("b_now"))
_END_ALL = (
    update(api_token)
    .where(_token.account_id == bindparam("b_account"), _token.ended_at.is_(None))
    .values(ended_at=bindparam("b_now"))
)
_END = _END_ALL.where(_token.id == bindparam("b_id"))
_counted = request_count.c
_FORGET_COUNTS = delete(request_count).where(_counted.minute < bindparam("b_minute"))


class NoToken(EngineError):
    """No valid token came with the request."""

    text = N_("令牌无效、已过期或已作废。请在“我的账号”中重新生成。")


class NotInScope(EngineError):
    """The token is valid and was not given this."""

    text = N_("令牌没有“{scope}”范围。")


class TooManyRequests(EngineError):
    """More requests within a minute than a token may make, or too many wrong tokens from one address."""

    text = N_("请求过于频繁，请在 {seconds} 秒后再试。")


@dataclass(frozen=True)
class Bearer:
    """Whoever a token stands for, with her posts of today, and what it may."""

    actor: Actor
    scopes: frozenset[str]

    def need(self, scope: str) -> None:
        """NotInScope unless the token was given this."""
        if scope not in self.scopes:
            raise NotInScope(scope=scope)


def make(
    connection: Connection, account_id: int, now: datetime, *, name: str, scopes: Collection[str], lasts: timedelta
) -> str:
    """A new token of an account. InvalidAnswers by field."""
    problems = {}
    if not 1 <= len(name.strip()) <= 60:
        problems["name"] = [Message(N_("请写明令牌的用途，60 字以内"))]
    if not scopes or not set(scopes) <= set(SCOPES):
        problems["scopes"] = [Message(N_("请至少选择一项范围"))]
    if not timedelta(days=1) <= lasts <= LONGEST:
        problems["days"] = [Message(N_("有效期为 1 至 {most} 天"), {"most": LONGEST.days})]
    if connection.execute(_COUNT, {"b_account": account_id, "b_now": now}).scalar_one() >= MOST_TOKENS:
        problems["name"] = [Message(N_("最多同时持有 {most} 个令牌，请先作废不用的"), {"most": MOST_TOKENS})]
    if problems:
        raise InvalidAnswers(problems)
    token = PREFIX + secrets.token_urlsafe(32)
    row = {
        "account_id": account_id,
        "name": name.strip(),
        "token_hash": sessions.token_hash(token),
        "start": token[:10],
        "scopes": " ".join(sorted(set(scopes))),
        "made_at": now,
        "expires_at": now + lasts,
    }
    connection.execute(_ADD, row)
    return token


def listed(connection: Connection, account_id: int) -> list[Row[Any]]:
    """The account's tokens, ended ones too, the newest first."""
    return list(connection.execute(_LISTED, {"b_account": account_id}).all())


def end(connection: Connection, account_id: int, token_id: int, now: datetime) -> None:
    """End a token of the account; NotFound when it has no such token, or it has ended."""
    if connection.execute(_END, {"b_account": account_id, "b_id": token_id, "b_now": now}).rowcount != 1:
        raise NotFound(what=Message(N_("令牌 {id}"), {"id": token_id}))


def end_all(connection: Connection, account_id: int, now: datetime) -> None:
    """End every token of the account."""
    connection.execute(_END_ALL, {"b_account": account_id, "b_now": now})


def bearer(runtime: Runtime, token: str, address: str) -> Bearer:
    """Whoever this token stands for. NoToken, TooManyRequests (each token, and wrong tokens of each address, in a minute)."""
    now, hashed = runtime.clock.now(), sessions.token_hash(token)
    with runtime.reading() as connection:
        row = connection.execute(_FIND, {"b_hash": hashed, "b_now": now}).one_or_none()
    budget, most = f"token {hashed}", PER_MINUTE
    if row is None:
        budget, most = f"no token {address}", throttle.FAILURES_PER_ADDRESS
    with unit_of_work(runtime, SYSTEM) as work:
        count = _counts(work.connection, runtime.vault.lookup("requests", budget), now)
        if row is not None and count <= most and (row.used_at is None or now - row.used_at >= _TOUCH_EVERY):
            work.connection.execute(_USED, {"b_id": row.id, "b_now": now})
    if count > most:
        raise TooManyRequests(seconds=60 - int(now.timestamp()) % 60)
    if row is None:
        raise NoToken
    with runtime.reading() as connection:
        actor = actor_of(connection, row.account_id, civil_date(now))
    if not actor.posts:
        raise NoToken
    return Bearer(Actor(actor.id, actor.name, actor.posts, at=now), frozenset(row.scopes.split()))


def _counts(connection: Connection, key: str, now: datetime) -> int:
    """One more in this minute; how many there were with it."""
    minute = int(now.timestamp()) // 60
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    adding = dialect.insert(request_count).values(key_hash=key, minute=minute, count=1)
    counted = adding.on_conflict_do_update(
        index_elements=[_counted.key_hash, _counted.minute], set_={"count": _counted.count + 1}
    ).returning(_counted.count)
    count = int(connection.execute(counted).scalar_one())
    if count == 1:
        connection.execute(_FORGET_COUNTS, {"b_minute": minute - 1})
    return count
