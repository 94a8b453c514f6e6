"""Sessions on the server: opened, kept alive, renewed, listed and ended. The browser has a random token, the house its hash.

Four stages: "code" (the password was right, the code is awaited), "enrol" (an authenticator must be enrolled before anything
else), "change" (everything was shown, and the password is still the one somebody else has set), "full". Only a full session
makes an actor.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, bindparam, delete, exists, insert, select, update

from engine.access import SYSTEM, Actor, Post
from engine.clock import civil_date
from engine.model_absence import absence
from engine.runtime import Runtime
from engine.unit_of_work import unit_of_work
from workflows import model
from workflows.engaged import audits
from workflows.organisation import stand_ins
from workflows.sign_in_policy import Limits
from workflows.whereabouts import Origin

Stage = Literal["full", "code", "enrol", "change"]
#: how long the code, the first code of a new authenticator, or her own password is waited for
WAITS: Final = {"code": timedelta(minutes=5), "enrol": timedelta(minutes=20), "change": timedelta(minutes=20)}
#: a request moves the idle clock at most this often, so that reading pages hardly ever writes
TOUCH_EVERY: Final = timedelta(minutes=1)
#: a token older than this is renewed when she shows again who she is; the old one goes on for what is already under way
RENEW_AFTER: Final = timedelta(minutes=10)
GRACE: Final = timedelta(seconds=30)

_session = model.login_session.c
_EXPIRED = delete(model.login_session).where(_session.expires_at <= bindparam("b_now"))
_TOUCH = (
    update(model.login_session)
    .where(_session.token_hash == bindparam("b_token"), _session.seen_at < bindparam("b_now"))
    .values(seen_at=bindparam("b_now"), idle_until=bindparam("b_idle"))
)
_ADD = insert(model.login_session)
_END = delete(model.login_session).where(_session.token_hash == bindparam("b_token"))
_END_ALL = delete(model.login_session).where(_session.account_id == bindparam("b_account"))
_END_OTHERS = _END_ALL.where(_session.token_hash != bindparam("b_token"))
_END_ONE = _END_ALL.where(_session.token_hash.startswith(bindparam("b_start"), autoescape=False))
_SHORTEN = (
    update(model.login_session)
    .where(_session.token_hash == bindparam("b_token"), _session.expires_at > bindparam("b_until"))
    .values(expires_at=bindparam("b_until"))
)
_SEEN = (
    update(model.login_session)
    .where(_session.account_id == bindparam("b_account"), _session.failed_before > 0)
    .values(failed_before=0)
)
_OPEN = (
    select(model.login_session)
    .where(
        _session.account_id == bindparam("b_account"),
        _session.stage == "full",
        _session.expires_at > bindparam("b_later"),
        _session.idle_until > bindparam("b_now"),
    )
    .order_by(_session.seen_at.desc())
)
_WAITING = select(model.login_session, model.account.c.login, model.account.c.name).join(
    model.account, model.account.c.id == _session.account_id
).where(
    _session.token_hash == bindparam("b_token"),
    _session.stage != "full",
    _session.expires_at > bindparam("b_now"),
    model.account.c.active,
)  # fmt: skip
_holding = model.post_holding.c
#: runs on every request: the session, its account, and the posts held today, in one statement
_WHO = (
    select(
        _session.token_hash,
        _session.renewed_at,
        _session.seen_at,
        _session.expires_at,
        _session.idle_minutes,
        _session.failed_before,
        model.account.c.id,
        model.account.c.login,
        model.account.c.name,
        _holding.post,
        _holding.unit_id,
        model.unit.c.path,
        #: hardly anybody acts for a colleague; for whom is asked of those alone
        exists().where(absence.c.deputy_id == model.account.c.id, absence.c.ended_at.is_(None)).label("is_deputy"),
    )
    .join(model.account, model.account.c.id == _session.account_id)
    .join(model.post_holding, _holding.account_id == model.account.c.id)
    .join(model.unit, model.unit.c.id == _holding.unit_id)
    .where(
        _session.token_hash == bindparam("b_token"),
        _session.stage == "full",
        _session.expires_at > bindparam("b_now"),
        _session.idle_until > bindparam("b_now"),
        model.account.c.active,
        _holding.since <= bindparam("b_today"),
        _holding.until.is_(None) | (_holding.until >= bindparam("b_today")),
    )
    .order_by(_holding.id)
)


@dataclass(frozen=True)
class SignedIn:
    """A new session. `token` is told once, to the browser; only its hash is stored. `device` is set when it is a new one."""

    token: str
    account_id: int
    name: str
    expires_at: datetime
    stage: Stage = "full"
    device: str | None = None


@dataclass(frozen=True)
class Session:
    """Who is at the keyboard. `seen_at` is when a request last moved the idle clock."""

    actor: Actor
    login: str
    token_hash: str
    #: when its token was made
    renewed_at: datetime
    seen_at: datetime
    expires_at: datetime
    idle: timedelta
    #: attempts refused between the last sign-in and this one, until she has looked at them
    failed_before: int


def open_session(
    connection: Connection,
    account: Any,
    now: datetime,
    *,
    limits: Limits,
    stage: Stage,
    how: str,
    origin: Origin,
    failed_before: int = 0,
) -> SignedIn:
    """A session for an account row (id, name)."""
    connection.execute(_EXPIRED, {"b_now": now})
    token = secrets.token_urlsafe(32)
    lasts = WAITS.get(stage, limits.absolute)
    row = {
        "token_hash": token_hash(token),
        "account_id": account.id,
        "created_at": now,
        "renewed_at": now,
        "seen_at": now,
        "expires_at": now + lasts,
        "idle_until": now + limits.idle,
        "idle_minutes": limits.idle // timedelta(minutes=1),
        "stage": stage,
        "how": how,
        "place": origin.place,
        "device": origin.device,
        "failed_before": failed_before,
    }
    connection.execute(_ADD, row)
    return SignedIn(token, account.id, account.name, now + lasts, stage)


def session_of(connection: Connection, token: str, now: datetime) -> Session | None:
    """The session behind a token with the posts held today; None when it is over, or no post is left (O01)."""
    today = civil_date(now)
    rows = connection.execute(_WHO, {"b_token": token_hash(token), "b_now": now, "b_today": today}).all()
    if not rows:
        return None
    first = rows[0]
    posts = tuple(Post(row.post, row.unit_id, row.path) for row in rows)
    places = stand_ins(connection, first.id, today) if first.is_deputy else ()
    actor = Actor(first.id, first.name, posts, places, now, audits(connection, first.id, posts, today))
    idle = timedelta(minutes=first.idle_minutes)
    times = first.renewed_at, first.seen_at, first.expires_at
    return Session(actor, first.login, first.token_hash, *times, idle, first.failed_before)


def waiting(connection: Connection, token: str, now: datetime) -> Row[Any] | None:
    """The session that waits for a code or an authenticator, with `login` and `name`; None when there is none."""
    return connection.execute(_WAITING, {"b_token": token_hash(token), "b_now": now}).one_or_none()


def touch(runtime: Runtime, session: Session) -> None:
    """Move the idle clock of a session that was just used; writes at most once a minute."""
    now = runtime.clock.now()
    if now - session.seen_at >= TOUCH_EVERY:
        with unit_of_work(runtime, SYSTEM) as work:
            moved = {"b_token": session.token_hash, "b_now": now, "b_idle": now + session.idle}
            work.connection.execute(_TOUCH, moved)


def renew(runtime: Runtime, session: Session) -> SignedIn | None:
    """Another token for the same session; None while the present one is young. The old one ends in half a minute."""
    now = runtime.clock.now()
    if now - session.renewed_at < RENEW_AFTER:
        return None
    with unit_of_work(runtime, SYSTEM) as work:
        asked = select(model.login_session).where(_session.token_hash == session.token_hash).with_for_update()
        old = work.connection.execute(asked).one_or_none()
        if old is None or old.expires_at <= now + GRACE:
            return None
        token = secrets.token_urlsafe(32)
        row = {**old._mapping, "token_hash": token_hash(token), "renewed_at": now, "seen_at": now}  # noqa: SLF001
        work.connection.execute(_ADD, {**row, "idle_until": now + session.idle})
        work.connection.execute(_SHORTEN, {"b_token": session.token_hash, "b_until": now + GRACE})
    return SignedIn(token, session.actor.id, session.actor.name, old.expires_at)


def sign_out(runtime: Runtime, token: str) -> None:
    """End a session; nothing happens when there is none."""
    with unit_of_work(runtime, SYSTEM) as work:
        end(work.connection, token_hash(token))


def end(connection: Connection, hashed: str) -> bool:
    """End the session with this token hash; whether there was one."""
    return connection.execute(_END, {"b_token": hashed}).rowcount == 1


def end_sessions(connection: Connection, account_id: int) -> None:
    """Sign an account out everywhere."""
    connection.execute(_END_ALL, {"b_account": account_id})


def end_others(connection: Connection, account_id: int, but: str) -> None:
    """Sign an account out everywhere but here (`but`: the token hash that stays)."""
    connection.execute(_END_OTHERS, {"b_account": account_id, "b_token": but})


def end_one(connection: Connection, account_id: int, start: str) -> int:
    """End the account's session whose token hash starts so (16 hex digits); how many were ended."""
    done = connection.execute(_END_ONE, {"b_account": account_id, "b_start": start})
    return int(done.rowcount)


def open_sessions(connection: Connection, account_id: int, now: datetime) -> list[Row[Any]]:
    """The account's full sessions that go on, the one used last first."""
    asked = {"b_account": account_id, "b_now": now, "b_later": now + GRACE}
    return list(connection.execute(_OPEN, asked).all())


def looked_at(connection: Connection, account_id: int) -> None:
    """She has seen how many attempts were refused."""
    connection.execute(_SEEN, {"b_account": account_id})


def token_hash(token: str) -> str:
    """How a token is stored: SHA-256, hexadecimal. The token has 256 random bits, so it needs no key or salt."""
    return hashlib.sha256(token.encode()).hexdigest()
