"""Accounts, signing in with a password, and the proof before a signature.

A password is verified outside any transaction: argon2 takes tens of milliseconds on purpose, and nobody else's work may wait
for it. Wrong ones are counted in `throttle.py`; what follows a right one is in `entering.py`; decision 32 has the whole policy.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from engine.access import SYSTEM, Actor
from engine.commands.signing import Reauthentication
from engine.errors import NotFound, SignatureRequired
from engine.messages import N_, Message
from engine.runtime import Runtime
from engine.unit_of_work import unit_of_work
from workflows import devices, model, second_factor, sign_in_history, throttle
from workflows.entering import Caller, SignInRefused, TooManyAttempts, enter, refusal
from workflows.passwords import hash_password, is_outdated, password_problem, verify
from workflows.second_factor import CodeUsed, Match
from workflows.sessions import SignedIn, end_sessions
from workflows.throttle import Attempt, Budget, strike_out
from workflows.whereabouts import origin

#: wrong passwords of one login after which it must wait
FAILURES_PER_LOGIN = throttle.FAILURES_PER_LOGIN

_BY_LOGIN = select(model.account).where(model.account.c.login == bindparam("b_login"))
_BY_ID = select(model.account).where(model.account.c.id == bindparam("b_id"))
_SIGNER = _BY_ID.add_columns(second_factor.counts_for(model.account.c.id).label("enrolled"))


class WrongPassword(SignatureRequired):
    """The signature was not given: the password typed for it is wrong."""

    text = N_("密码不正确，未签字；您填写的内容已保留，请重新输入您的登录密码。")


class WrongPasswordOrCode(WrongPassword):
    """The same where a code is asked for as well; which of them was wrong is not told."""

    text = N_("密码或动态码不正确（动态码只能用一次），未签字；您填写的内容已保留，请重新输入。")


class CodeNeeded(WrongPassword):
    """The account has an authenticator, and its code was not typed."""

    text = N_("此账号已绑定动态码：请同时填写登录密码和动态码，未签字；您填写的内容已保留。")


@dataclass(frozen=True)
class _Knock:
    """Who is said to stand at the door, and whose budget the attempt spends: that of the login, or of a browser at home here."""

    login: str
    account: Row[Any] | None
    door: Budget
    at_home: bool


def add_account(
    connection: Connection,
    *,
    login: str,
    name: str,
    password_hash: str,
    id_hash: str | None = None,
    start: bool = False,
) -> int:
    """Add an account without posts and return its id. Logins are kept in lower case; `start`: it has a start password."""
    told = {"name": name, "password_hash": password_hash, "id_hash": id_hash, "start_password": start}
    row = {"login": clean_login(login), "active": True, **told}
    return int(connection.execute(insert(model.account).values(row).returning(model.account.c.id)).scalar_one())


def account_id(connection: Connection, login: str) -> int:
    """The id of the account with this login; NotFound."""
    row = connection.execute(_BY_LOGIN, {"b_login": clean_login(login)}).one_or_none()
    if row is None:
        raise NotFound(what=Message(N_("账号 {id}"), {"id": clean_login(login)}))
    return int(row.id)


def account_row(connection: Connection, account_id: int) -> Row[Any]:
    """An account's row; NotFound."""
    row = connection.execute(_BY_ID, {"b_id": account_id}).one_or_none()
    if row is None:
        raise NotFound(what=Message(N_("账号 {id}"), {"id": account_id}))
    return row


def give_password(connection: Connection, account_id: int, password: str) -> None:
    """Give somebody a password to start with; every session of the account ends and no device of it is known any more.

    NotFound, SignInRefused when it is too weak.
    """
    account = account_row(connection, account_id)
    alone = not second_factor.is_enrolled(connection, account_id)
    if problem := password_problem(password, account.login, account.name, alone=alone):
        raise SignInRefused(why=problem)
    store_password(connection, account_id, password, start=True)
    shut_out(connection, account_id)


def store_password(connection: Connection, account_id: int, password: str, *, start: bool) -> None:
    """Write a password that was found good, as its hash; `start`: somebody else has set it."""
    changed = update(model.account).where(model.account.c.id == account_id)
    connection.execute(changed.values(password_hash=hash_password(password), start_password=start))


def set_active(connection: Connection, account_id: int, *, active: bool) -> None:
    """Open or close an account; closing it ends its sessions."""
    connection.execute(update(model.account).where(model.account.c.id == account_id).values(active=active))
    if not active:
        shut_out(connection, account_id)


def shut_out(connection: Connection, account_id: int) -> None:
    """Sign an account out everywhere, and know none of its devices any more."""
    end_sessions(connection, account_id)
    devices.forget(connection, account_id)


def sign_in(
    runtime: Runtime,
    login: str,
    password: str,
    *,
    code: str = "",
    address: str = "",
    agent: str = "",
    device: str = "",
    asks: bool = True,
) -> SignedIn:
    """Check the password and open a session. SignInRefused (wrong, closed, no post today) or TooManyAttempts.

    `code` is that of an authenticator, or a recovery code, when it was typed on the same page; without it the session may come
    back in another stage than "full". `address` is the network address, `agent` what the browser calls itself, `device` the
    token by which it may be known. An unknown login takes as long as a known one.
    """
    caller = Caller(address, origin(address, agent), device, asks)
    knock = _knock(runtime, clean_login(login), caller)
    attempt, account = Attempt(runtime, knock.door, None if knock.at_home else address), knock.account
    attempt.also = _recorder(runtime, account, caller, "refused")
    found = None
    with attempt:
        if attempt.wait is None:
            right = verify(account.password_hash if account is not None else None, password)
            found = _match(runtime, account, code) if code else None
            attempt.right = right and (found is not None or not code or not _enrolled(runtime, account))
    if attempt.wait is not None:
        if attempt.address_spent or not code:
            raise TooManyAttempts(minutes=attempt.wait)
        found = _with_both(runtime, knock, password, code, caller, attempt.wait)
        return _enter(runtime, knock, password, caller, door=Budget("half", knock.login), found=found)
    if not attempt.right:
        raise SignInRefused(why=Message(N_("登录名或密码不正确")))
    return _enter(runtime, knock, password, caller, door=knock.door, found=found)


def reauthenticate(
    runtime: Runtime, actor: Actor, password: str, *, code: str = "", address: str = "", agent: str = ""
) -> Reauthentication:
    """The proof that a signature, a seal, breaking the glass, or lowering a class needs (S001-48): her own password, again.

    And a code that was not used before, where she has an authenticator. WrongPassword, CodeNeeded or TooManyAttempts. Its
    budget is that of the person who is signed in: whoever tries passwords at the door cannot keep her from signing.
    """
    found, budget = None, Budget("signature", str(actor.id))
    attempt = Attempt(runtime, budget, None)

    def look(connection: Connection) -> Row[Any] | None:
        account = connection.execute(_SIGNER, {"b_id": actor.id}).one_or_none()
        if account is not None and account.enrolled and not code:
            raise CodeNeeded
        attempt.also = _recorder(runtime, account, Caller(address, origin(address, agent)), "unsigned")
        return account

    attempt.first = look
    with attempt:
        if attempt.wait is not None:
            raise TooManyAttempts(minutes=attempt.wait)
        account = attempt.seen
        enrolled = account is not None and account.enrolled
        right = verify(account.password_hash if account is not None else None, password)
        found = _match(runtime, account, code) if enrolled else None
        attempt.right = right and (found is not None or not enrolled)
    if not attempt.right:
        raise WrongPasswordOrCode if enrolled else WrongPassword
    if attempt.failed_before or found is not None:
        try:
            with unit_of_work(runtime, SYSTEM) as work:
                strike_out(runtime, work.connection, budget)
                if found is not None:
                    second_factor.use(work.connection, actor.id, found, work.now)
        except CodeUsed as used:
            raise WrongPasswordOrCode from used
    method = "password" if found is None else "password+totp" if found.step is not None else "password+backup"
    return Reauthentication(actor.id, runtime.clock.now(), method)


def clean_login(login: str) -> str:
    """A login as it is stored and compared: without case, without what is not seen (PostgreSQL keeps no NUL)."""
    return "".join(c for c in login if c.isprintable()).strip().lower()


def _knock(runtime: Runtime, login: str, caller: Caller) -> _Knock:
    with runtime.reading() as connection:
        account = connection.execute(_BY_LOGIN, {"b_login": login}).one_or_none()
        known = devices.accounts_of(connection, caller.device, runtime.clock.now())
    if account is not None and account.id in known:
        hers = Budget("device", f"{devices.device_hash(caller.device)}:{account.id}")
        return _Knock(login, account, hers, at_home=True)
    return _Knock(login, account, Budget("login", login), at_home=False)


def _with_both(runtime: Runtime, knock: _Knock, password: str, code: str, caller: Caller, wait: int) -> Match:
    """The way in while the login must wait: password and code, both right, in one attempt.

    Whatever goes wrong here is answered like waiting itself. An attempt in which both were wrong spends from the address
    alone; one in which one of them was right from a budget of its own, so that nobody who has neither shuts this way too.
    """
    account = knock.account
    found, half = _match(runtime, account, code), Budget("half", knock.login)
    spent = half if found is not None else Budget("void", secrets.token_hex(16))
    right = False
    attempt = Attempt(runtime, spent, caller.address)

    def tell(connection: Connection) -> None:
        only_one = right or found is not None
        if right and found is None:
            throttle.add_failure(runtime, connection, half, runtime.clock.now())
        _recorder(runtime, account, caller, "half" if only_one else "refused")(connection)

    attempt.also = tell
    with attempt:
        right = verify(account.password_hash if account is not None else None, password)
        attempt.right = right and found is not None
    if found is None or not right or attempt.wait is not None:
        raise TooManyAttempts(minutes=wait)
    return found


def _enter(
    runtime: Runtime, knock: _Knock, password: str, caller: Caller, *, door: Budget, found: Match | None
) -> SignedIn:
    verified = knock.account.password_hash if knock.account is not None else None
    with _code_unused(), unit_of_work(runtime, SYSTEM) as work:
        # as it is now, and until the commit: verifying took a while, and a changed password ends what the old one opened
        account = work.connection.execute(_BY_LOGIN.with_for_update(), {"b_login": knock.login}).one()
        refused = refusal(work.connection, account, work.today)
        if account.password_hash != verified:
            refused = Message(N_("登录名或密码不正确"))
        if refused is None:
            if is_outdated(account.password_hash):
                store_password(work.connection, account.id, password, start=account.start_password)
            entered = enter(work, account, caller, how="password", found=found, proven=False)
            if entered.stage in ("full", "change"):
                strike_out(runtime, work.connection, door)
            return entered
    raise SignInRefused(why=refused)


@contextmanager
def _code_unused() -> Iterator[None]:
    """A code that somebody else was faster with, on whichever machine, is a wrong one."""
    try:
        yield
    except CodeUsed as used:
        raise SignInRefused(why=Message(N_("登录名或密码不正确"))) from used


def _match(runtime: Runtime, account: Row[Any] | None, code: str) -> Match | None:
    with runtime.reading() as connection:
        known = None if account is None else int(account.id)
        return second_factor.match(connection, runtime.vault, known, code, runtime.clock.now())


def _enrolled(runtime: Runtime, account: Row[Any] | None) -> bool:
    with runtime.reading() as connection:
        return second_factor.is_enrolled(connection, -1 if account is None else account.id)


def _recorder(runtime: Runtime, account: Row[Any] | None, caller: Caller, result: str) -> Any:
    """What writes a refused attempt into the history of the account, or of nobody: both take as long."""
    known = None if account is None else int(account.id)

    def write(connection: Connection) -> None:
        at = runtime.clock.now()
        sign_in_history.record(connection, known, at, result=result, how="password", origin=caller.origin)

    return write
