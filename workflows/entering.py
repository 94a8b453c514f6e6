"""From the right password to a session: the code, the first authenticator, or straight in (decision 32)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from engine.access import SYSTEM
from engine.clock import civil_date
from engine.errors import EngineError
from engine.messages import N_, Message
from engine.runtime import Runtime
from engine.unit_of_work import UnitOfWork, unit_of_work
from workflows import devices, model, second_factor, sessions, sign_in_history
from workflows.organisation import posts_on
from workflows.second_factor import CodeUsed, Match
from workflows.sessions import SignedIn, Stage
from workflows.sign_in_policy import is_strict, limits
from workflows.throttle import Attempt, Budget, strike_out
from workflows.whereabouts import Origin

_BY_ID = select(model.account).where(model.account.c.id == bindparam("b_id"))


class SignInRefused(EngineError):
    """Nobody was signed in; `why` never tells whether the account exists."""

    text = N_("登录未成功：{why}")


class TooManyAttempts(SignInRefused):
    """Too many failures in a short time; `minutes` until the next attempt is looked at."""

    text = N_(
        "连续输错次数过多，请在 {minutes} 分钟后再试；已绑定动态码的账号，可同时填写密码和动态码登录。"
        "忘记密码请联系县妇联系统管理员。"
    )


class Stale(SignInRefused):
    """The page on which the code was typed has waited too long."""

    text = N_("等待时间过长，请重新登录。")


@dataclass(frozen=True)
class Caller:
    """Whence somebody comes: her network address, the token of her browser ("" when it has none), and what is shown of both.

    `asks` is False only in a house of invented people, whose accounts nobody has an authenticator for.
    """

    address: str
    origin: Origin
    device: str = ""
    asks: bool = True


def refusal(connection: Connection, account: Row[Any], today: Any) -> Message | None:
    """Why an account whose password is right is not let in; None when it is."""
    if not account.active:
        return Message(N_("此账号已停用，请联系县妇联系统管理员"))
    if not posts_on(connection, account.id, today):
        return Message(N_("您今天没有有效的岗位（任期已届满或尚未开始），请联系县妇联系统管理员"))
    return None


def stage_of(*, shown: bool, enrolled: bool, required: bool, start_password: bool) -> Stage:
    """What comes after the right password, or a provider's word: the whole rule.

    `shown`: a second factor was shown; `enrolled`: she has one here; `required`: she must have one; `start_password`: the
    password is one that somebody else has set, and so she chooses her own before anything opens, however she came in.
    """
    if not shown and enrolled:
        return "code"
    if not shown and required:
        return "enrol"
    return "change" if start_password else "full"


def enter(
    work: UnitOfWork, account: Row[Any], caller: Caller, *, how: str, found: Match | None, proven: bool
) -> SignedIn:
    """Open the session that follows: full, or one that waits. `proven`: a second factor was shown elsewhere (by a provider)."""
    connection, now = work.connection, work.now
    strict = is_strict(connection, account.id, posts_on(connection, account.id, work.today), now)
    stage = stage_of(
        shown=proven or found is not None,
        enrolled=second_factor.is_enrolled(connection, account.id),
        required=strict and caller.asks,
        start_password=account.start_password,
    )
    if stage in ("full", "change"):
        return admit(connection, account, caller, now, how=how, found=found, strict=strict)
    sign_in_history.record(connection, account.id, now, result="waiting", how=how, origin=caller.origin)
    lasts = limits(strict=strict)
    return sessions.open_session(connection, account, now, limits=lasts, stage=stage, how=how, origin=caller.origin)


def admit(
    connection: Connection,
    account: Any,
    caller: Caller,
    now: datetime,
    *,
    how: str,
    found: Match | None,
    strict: bool,
    since: datetime | None = None,
) -> SignedIn:
    """The session of an account row (id, name, start_password) that has shown everything; `since`: it has waited from then.

    A full one; or the one in which she chooses her own password.
    """
    if found is not None:
        second_factor.use(connection, account.id, found, now)
        how = found.how
    failed = sign_in_history.refused_since(connection, account.id)
    if since is not None:
        failed -= sign_in_history.waited(connection, account.id, since, now, how)
    else:
        sign_in_history.record(connection, account.id, now, result="entered", how=how, origin=caller.origin)
    opened = sessions.open_session(
        connection,
        account,
        now,
        limits=limits(strict=strict),
        stage="change" if account.start_password else "full",
        how=how,
        origin=caller.origin,
        failed_before=max(failed, 0),
    )
    return opened if opened.stage == "change" else at_home(connection, opened, caller, now)


def at_home(connection: Connection, opened: SignedIn, caller: Caller, now: datetime) -> SignedIn:
    """The same full session, its browser known from now on."""
    fresh = devices.remember(connection, caller.device, opened.account_id, now)
    return replace(opened, device=fresh)


def enter_code(runtime: Runtime, token: str, code: str, caller: Caller) -> SignedIn:
    """The second page: the code of the authenticator, or a recovery code. SignInRefused, TooManyAttempts, Stale."""
    row = waiting(runtime, token, "code")
    with _half(runtime, row, caller) as attempt:
        if attempt.wait is not None:
            raise TooManyAttempts(minutes=attempt.wait)
        with runtime.reading() as connection:
            found = second_factor.match(connection, runtime.vault, row.account_id, code, runtime.clock.now())
        attempt.right = found is not None
    if found is None:
        raise SignInRefused(why=Message(N_("动态码或恢复码不正确，或已经用过")))
    try:
        return _finish(runtime, row, caller, found)
    except CodeUsed as used:
        raise SignInRefused(why=Message(N_("动态码或恢复码不正确，或已经用过"))) from used


def begin_enrolment(runtime: Runtime, token: str) -> second_factor.Enrolment:
    """The secret for whoever must enrol before anything else; the same one while it waits for its first code."""
    row = waiting(runtime, token, "enrol")
    with unit_of_work(runtime, SYSTEM) as work:
        asked = work.connection, runtime.vault, row.account_id, row.login, work.now
        return second_factor.pending(*asked) or second_factor.begin(*asked)


def finish_enrolment(runtime: Runtime, token: str, code: str, caller: Caller) -> tuple[SignedIn, list[str]]:
    """The first code: the authenticator counts, and she is in. Returns her recovery codes, to be shown this once."""
    row = waiting(runtime, token, "enrol")
    with _half(runtime, row, caller) as attempt:
        if attempt.wait is not None:
            raise TooManyAttempts(minutes=attempt.wait)
        with unit_of_work(runtime, SYSTEM) as work:
            asked = work.connection, runtime.vault, row.account_id
            codes = second_factor.confirm(*asked, code, work.now)
        attempt.right = True
    return _finish(runtime, row, caller, None), codes


def waiting(runtime: Runtime, token: str, stage: Stage) -> Row[Any]:
    """The session that waits in a stage, with `login` and `name`; Stale when it does not."""
    with runtime.reading() as connection:
        row = sessions.waiting(connection, token, runtime.clock.now())
    if row is None or row.stage != stage:
        raise Stale
    return row


def _half(runtime: Runtime, row: Row[Any], caller: Caller) -> Attempt:
    """An attempt at the code by somebody whose password was right."""
    attempt = Attempt(runtime, Budget("half", row.login), caller.address)
    attempt.also = lambda connection: sign_in_history.record(
        connection, row.account_id, runtime.clock.now(), result="half", how="totp", origin=caller.origin
    )
    return attempt


def _finish(runtime: Runtime, row: Row[Any], caller: Caller, found: Match | None) -> SignedIn:
    """Let in whoever waited; the session that waited ends."""
    with unit_of_work(runtime, SYSTEM) as work:
        connection, now = work.connection, work.now
        account = connection.execute(_BY_ID.with_for_update(), {"b_id": row.account_id}).one()
        sessions.end(connection, row.token_hash)
        if why := refusal(connection, account, civil_date(now)):
            refused = why
        else:
            for kind in ("login", "half"):
                strike_out(runtime, connection, Budget(kind, account.login))
            strict = is_strict(connection, account.id, posts_on(connection, account.id, work.today), now)
            how = "totp" if found is None else found.how
            return admit(connection, account, caller, now, how=how, found=found, strict=strict, since=row.created_at)
    raise SignInRefused(why=refused)
