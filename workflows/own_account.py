"""What a person changes about her own signing in: password, authenticator, recovery codes, sessions, tokens.

Each of them but ending something takes a fresh proof of who she is. These are no commands with an idempotency key: what is typed
here must not leave even a digest behind, and doing it twice harms nobody. Each leaves a line in her sign-in history.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from engine.access import SYSTEM, Actor
from engine.commands.signing import Reauthentication, confirmed
from engine.errors import InvalidAnswers, NotNow
from engine.messages import N_, Message
from engine.runtime import Runtime
from engine.unit_of_work import UnitOfWork, unit_of_work
from workflows import accounts, api_tokens, devices, model, second_factor, sessions, sign_in_history
from workflows.entering import TooManyAttempts
from workflows.passwords import password_problem
from workflows.second_factor import Enrolment
from workflows.sign_in_policy import is_strict
from workflows.throttle import Attempt, Budget
from workflows.whereabouts import Origin

_UNITS = select(model.unit.c.name).where(model.unit.c.id.in_(bindparam("b_ids", expanding=True)))


@dataclass(frozen=True)
class OwnAccount:
    """The page 我的账号. Rows are those of `login_session`, `sign_in_record` and `api_token`."""

    login: str
    enrolled: bool
    #: whether she may not do without an authenticator
    required: bool
    recovery_left: int
    pending: Enrolment | None
    sessions: list[Row[Any]]
    history: list[Row[Any]]
    tokens: list[Row[Any]]


def of(runtime: Runtime, connection: Connection, actor: Actor) -> OwnAccount:
    """Everything the page shows."""
    account, now = accounts.account_row(connection, actor.id), runtime.clock.now()
    return OwnAccount(
        account.login,
        second_factor.is_enrolled(connection, actor.id),
        is_strict(connection, actor.id, actor.posts, now),
        second_factor.recovery_left(connection, actor.id),
        second_factor.pending(connection, runtime.vault, actor.id, account.login, now),
        sessions.open_sessions(connection, actor.id, now),
        sign_in_history.newest(connection, actor.id),
        api_tokens.listed(connection, actor.id),
    )


def change_password(
    runtime: Runtime, actor: Actor, proof: Reauthentication | None, new: str, *, here: str, origin: Origin
) -> None:
    """A new password; she is signed out everywhere but `here` (a token hash). InvalidAnswers when it is too weak."""
    with _changing(runtime, actor, proof, origin) as work:
        connection = work.connection
        account = accounts.account_row(connection, actor.id)
        units = [post.unit_id for post in actor.posts]
        if (problem := own_password_problem(connection, account, new, units)) is not None:
            raise InvalidAnswers({"new": [problem]})
        accounts.store_password(connection, actor.id, new, start=False)
        sessions.end_others(connection, actor.id, here)
        devices.forget(connection, actor.id)


def own_password_problem(
    connection: Connection, account: Row[Any], password: str, units: Iterable[int]
) -> Message | None:
    """Why somebody may not choose this password, or None. `units`: those she works in, whose names count against it."""
    names = connection.execute(_UNITS, {"b_ids": list(units)}).scalars().all()
    alone = not second_factor.is_enrolled(connection, account.id)
    return password_problem(password, account.login, account.name, *names, alone=alone)


def begin_authenticator(runtime: Runtime, actor: Actor, proof: Reauthentication | None) -> None:
    """Show the secret of a new authenticator; the old one counts until the first code of the new one was typed."""
    confirmed(proof, actor, runtime.clock.now())
    with unit_of_work(runtime, SYSTEM) as work:
        login = accounts.account_row(work.connection, actor.id).login
        second_factor.begin(work.connection, runtime.vault, actor.id, login, work.now)


def confirm_authenticator(runtime: Runtime, actor: Actor, code: str, *, here: str, origin: Origin) -> list[str]:
    """The first code: the new authenticator counts. Returns fresh recovery codes; every other session ends."""
    budget = Budget("signature", str(actor.id))
    with Attempt(runtime, budget, None) as attempt:
        if attempt.wait is not None:
            raise TooManyAttempts(minutes=attempt.wait)
        with _noted(runtime, actor, origin) as work:
            codes = second_factor.confirm(work.connection, runtime.vault, actor.id, code, work.now)
            sessions.end_others(work.connection, actor.id, here)
        attempt.right = True
    return codes


def drop_authenticator(runtime: Runtime, actor: Actor, proof: Reauthentication | None, *, origin: Origin) -> None:
    """Do without an authenticator. NotNow for whoever must have one."""
    with _changing(runtime, actor, proof, origin) as work:
        if is_strict(work.connection, actor.id, actor.posts, work.now):
            raise NotNow(why=Message(N_("您的岗位须使用动态码，不能解除绑定；换手机请直接绑定新的验证器")))
        second_factor.take_off(work.connection, actor.id)


def renew_recovery(runtime: Runtime, actor: Actor, proof: Reauthentication | None, *, origin: Origin) -> list[str]:
    """Ten new recovery codes; the old ones count no more. NotNow without an authenticator."""
    with _changing(runtime, actor, proof, origin) as work:
        if not second_factor.is_enrolled(work.connection, actor.id):
            raise NotNow(why=Message(N_("请先绑定动态码")))
        return second_factor.renew_recovery(work.connection, runtime.vault, actor.id, work.now)


def end_session(runtime: Runtime, actor: Actor, start: str) -> None:
    """End one of her own sessions, told by the first 16 digits of its token hash; nothing happens when it is over."""
    if len(start) == 16 and start.isalnum():
        with unit_of_work(runtime, SYSTEM) as work:
            sessions.end_one(work.connection, actor.id, start)


def sign_out_everywhere(runtime: Runtime, actor: Actor, *, origin: Origin) -> None:
    """End every session, here too; no browser is known any more, and every token ends."""
    with _noted(runtime, actor, origin) as work:
        accounts.shut_out(work.connection, actor.id)
        api_tokens.end_all(work.connection, actor.id, work.now)


def make_token(
    runtime: Runtime,
    actor: Actor,
    proof: Reauthentication | None,
    *,
    name: str,
    scopes: Collection[str],
    days: int,
    origin: Origin,
) -> str:
    """A new token, told this once. InvalidAnswers by field."""
    with _changing(runtime, actor, proof, origin) as work:
        return api_tokens.make(
            work.connection, actor.id, work.now, name=name, scopes=scopes, lasts=timedelta(days=days)
        )


def end_token(runtime: Runtime, actor: Actor, token_id: int, *, origin: Origin) -> None:
    """End one of her tokens; NotFound."""
    with _noted(runtime, actor, origin) as work:
        api_tokens.end(work.connection, actor.id, token_id, work.now)


def history_seen(runtime: Runtime, actor: Actor) -> None:
    """She has looked at what was refused."""
    with unit_of_work(runtime, SYSTEM) as work:
        sessions.looked_at(work.connection, actor.id)


@contextmanager
def _changing(runtime: Runtime, actor: Actor, proof: Reauthentication | None, origin: Origin) -> Iterator[UnitOfWork]:
    confirmed(proof, actor, runtime.clock.now())
    with _noted(runtime, actor, origin) as work:
        yield work


@contextmanager
def _noted(runtime: Runtime, actor: Actor, origin: Origin) -> Iterator[UnitOfWork]:
    with unit_of_work(runtime, SYSTEM) as work:
        yield work
        sign_in_history.record(work.connection, actor.id, work.now, result="changed", how="password", origin=origin)
