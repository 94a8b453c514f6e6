"""Signing in and staying signed in: throttling, server-side sessions, and the proof before a signature.

A password is verified outside any transaction: argon2 takes tens of milliseconds on purpose, and nobody else's work may wait
for it. Wrong ones are counted in `throttle.py`.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update

from engine.access import SYSTEM, Actor, Post
from engine.clock import civil_date
from engine.commands.signing import Reauthentication
from engine.errors import EngineError, NotFound, SignatureRequired
from engine.messages import N_, Message
from engine.model_absence import absence
from engine.runtime import Runtime
from engine.unit_of_work import unit_of_work
from workflows import model, throttle
from workflows.organisation import posts_on, stand_ins
from workflows.passwords import hash_password, is_outdated, password_problem, verify
from workflows.throttle import Attempt, strike_out

#: wrong passwords of one login after which it must wait
FAILURES_PER_LOGIN = throttle.FAILURES_PER_LOGIN

#: a session ends after IDLE without a request, and after ABSOLUTE in any case
IDLE = timedelta(minutes=60)
ABSOLUTE = timedelta(hours=12)
#: a request moves the idle clock at most this often, so that reading pages hardly ever writes
TOUCH_EVERY = timedelta(minutes=1)

_BY_LOGIN = select(model.account).where(model.account.c.login == bindparam("b_login"))
_BY_ID = select(model.account).where(model.account.c.id == bindparam("b_id"))
_session = model.login_session.c
_EXPIRED = delete(model.login_session).where(_session.expires_at <= bindparam("b_now"))
_TOUCH = (
    update(model.login_session)
    .where(_session.token_hash == bindparam("b_token"), _session.seen_at < bindparam("b_now"))
    .values(seen_at=bindparam("b_now"))
)
_holding = model.post_holding.c
#: runs on every request: the session, its account, and the posts held today, in one statement
_WHO = (
    select(
        _session.token_hash,
        _session.seen_at,
        _session.expires_at,
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
        _session.expires_at > bindparam("b_now"),
        _session.seen_at > bindparam("b_idle"),
        model.account.c.active,
        _holding.since <= bindparam("b_today"),
        _holding.until.is_(None) | (_holding.until >= bindparam("b_today")),
    )
    .order_by(_holding.id)
)


class SignInRefused(EngineError):
    """Nobody was signed in; `why` never tells whether the account exists."""

    text = N_("登录未成功：{why}")


class TooManyAttempts(SignInRefused):
    """Too many failures in a short time; `minutes` until the next attempt is looked at."""

    text = N_("连续输错次数过多，请在 {minutes} 分钟后再试。忘记密码请联系县妇联系统管理员。")


class WrongPassword(SignatureRequired):
    """The signature was not given: the password typed for it is wrong."""

    text = N_("密码不正确，未签字；您填写的内容已保留，请重新输入您的登录密码。")


@dataclass(frozen=True)
class SignedIn:
    """A new session. `token` is told once, to the browser; only its hash is stored."""

    token: str
    account_id: int
    name: str
    expires_at: datetime


@dataclass(frozen=True)
class Session:
    """Who is at the keyboard. `seen_at` is when a request last moved the idle clock."""

    actor: Actor
    login: str
    token_hash: str
    seen_at: datetime
    expires_at: datetime


def add_account(
    connection: Connection, *, login: str, name: str, password_hash: str, id_hash: str | None = None
) -> int:
    """Add an account without posts and return its id. Logins are kept in lower case."""
    row = {
        "login": clean_login(login),
        "name": name,
        "password_hash": password_hash,
        "id_hash": id_hash,
        "active": True,
    }
    return int(connection.execute(insert(model.account).values(row).returning(model.account.c.id)).scalar_one())


def account_id(connection: Connection, login: str) -> int:
    """The id of the account with this login; NotFound."""
    row = connection.execute(_BY_LOGIN, {"b_login": clean_login(login)}).one_or_none()
    if row is None:
        raise NotFound(what=Message(N_("账号 {id}"), {"id": clean_login(login)}))
    return int(row.id)


def set_password(connection: Connection, account_id: int, password: str) -> None:
    """Change a password and end every session of the account; NotFound, SignInRefused when it is too weak."""
    account = connection.execute(_BY_ID, {"b_id": account_id}).one_or_none()
    if account is None:
        raise NotFound(what=Message(N_("账号 {id}"), {"id": account_id}))
    if problem := password_problem(password, account.login):
        raise SignInRefused(why=problem)
    _store_password(connection, account_id, hash_password(password))
    end_sessions(connection, account_id)


def set_active(connection: Connection, account_id: int, *, active: bool) -> None:
    """Open or close an account; closing it ends its sessions."""
    connection.execute(update(model.account).where(model.account.c.id == account_id).values(active=active))
    if not active:
        end_sessions(connection, account_id)


def end_sessions(connection: Connection, account_id: int) -> None:
    """Sign an account out everywhere."""
    connection.execute(delete(model.login_session).where(_session.account_id == account_id))


def sign_in(runtime: Runtime, login: str, password: str, *, address: str = "") -> SignedIn:
    """Check the password and open a session. SignInRefused (wrong, closed, no post today) or TooManyAttempts.

    `address` is the network address the attempt comes from. An unknown login takes as long as a known one.
    """
    login = clean_login(login)
    attempt = Attempt(runtime, address, lambda c: c.execute(_BY_LOGIN, {"b_login": login}).one_or_none(), login)
    wrong = Message(N_("登录名或密码不正确"))
    if not _shown(attempt, password) or attempt.account is None:
        raise SignInRefused(why=wrong)
    account = attempt.account
    now, verified = runtime.clock.now(), account.password_hash
    with unit_of_work(runtime, SYSTEM) as work:
        # as it is now, and until the commit: verifying took a while, and a changed password ends what the old one opened
        account = work.connection.execute(_BY_LOGIN.with_for_update(), {"b_login": login}).one()
        strike_out(runtime, work.connection, login)
        if account.password_hash != verified:
            refusal = wrong
        elif not account.active:
            refusal = Message(N_("此账号已停用，请联系县妇联系统管理员"))
        elif not posts_on(work.connection, account.id, work.today):
            refusal = Message(N_("您今天没有有效的岗位（任期已届满或尚未开始），请联系县妇联系统管理员"))
        else:
            return _open_session(work.connection, account, password, now)
    raise SignInRefused(why=refusal)


def sign_out(runtime: Runtime, token: str) -> None:
    """End a session; nothing happens when there is none."""
    with unit_of_work(runtime, SYSTEM) as work:
        work.connection.execute(delete(model.login_session).where(_session.token_hash == token_hash(token)))


def session_of(connection: Connection, token: str, now: datetime) -> Session | None:
    """The session behind a token with the posts held today; None when it is over, or no post is left (O01)."""
    parameters = {"b_token": token_hash(token), "b_now": now, "b_idle": now - IDLE, "b_today": civil_date(now)}
    rows = connection.execute(_WHO, parameters).all()
    if not rows:
        return None
    first = rows[0]
    posts = tuple(Post(row.post, row.unit_id, row.path) for row in rows)
    places = stand_ins(connection, first.id, civil_date(now)) if first.is_deputy else ()
    actor = Actor(first.id, first.name, posts, places, now)
    return Session(actor, first.login, first.token_hash, first.seen_at, first.expires_at)


def touch(runtime: Runtime, session: Session) -> None:
    """Move the idle clock of a session that was just used; writes at most once a minute."""
    now = runtime.clock.now()
    if now - session.seen_at >= TOUCH_EVERY:
        with unit_of_work(runtime, SYSTEM) as work:
            work.connection.execute(_TOUCH, {"b_token": session.token_hash, "b_now": now})


def reauthenticate(runtime: Runtime, actor: Actor, password: str, *, address: str = "") -> Reauthentication:
    """The proof a signature needs (S001-48): her own password, again. WrongPassword or TooManyAttempts."""
    attempt = Attempt(runtime, address, lambda c: c.execute(_BY_ID, {"b_id": actor.id}).one_or_none())
    if not _shown(attempt, password):
        raise WrongPassword
    if attempt.failed_before:
        with unit_of_work(runtime, SYSTEM) as work:
            strike_out(runtime, work.connection, attempt.login)
    return Reauthentication(actor.id, runtime.clock.now(), "password")


def clean_login(login: str) -> str:
    """A login as it is stored and compared: without case, without what is not seen (PostgreSQL keeps no NUL)."""
    return "".join(c for c in login if c.isprintable()).strip().lower()


def token_hash(token: str) -> str:
    """How a token is stored: SHA-256, hexadecimal. The token has 256 random bits, so it needs no key or salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def _shown(attempt: Attempt, password: str) -> bool:
    """Whether the password is the account's; TooManyAttempts, without looking at it, when there were too many wrong ones."""
    with attempt:
        if attempt.wait is not None:
            raise TooManyAttempts(minutes=attempt.wait)
        account = attempt.account
        attempt.right = verify(account.password_hash if account is not None else None, password)
    return attempt.right


def _open_session(connection: Connection, account: Any, password: str, now: datetime) -> SignedIn:
    if is_outdated(account.password_hash):
        _store_password(connection, account.id, hash_password(password))
    connection.execute(_EXPIRED, {"b_now": now})
    token = secrets.token_urlsafe(32)
    times = {"created_at": now, "seen_at": now, "expires_at": now + ABSOLUTE}
    row = {"token_hash": token_hash(token), "account_id": account.id, **times}
    connection.execute(insert(model.login_session), row)
    return SignedIn(token, account.id, account.name, now + ABSOLUTE)


def _store_password(connection: Connection, account_id: int, password_hash: str) -> None:
    changed = update(model.account).where(model.account.c.id == account_id).values(password_hash=password_hash)
    connection.execute(changed)
