"""The end of a start password: whoever signs in with one chooses her own before anything else opens (decision 32).

Whoever handed it out knows it. Until it is changed, the session waits in the stage "change", which makes no actor: only this and
signing out answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from engine.access import SYSTEM
from engine.clock import civil_date
from engine.errors import InvalidAnswers
from engine.messages import N_, Message
from engine.unit_of_work import unit_of_work
from workflows import model, second_factor, sessions, sign_in_history
from workflows.accounts import store_password
from workflows.entering import SignInRefused, Stale, at_home, refusal, waiting
from workflows.organisation import posts_on
from workflows.own_account import own_password_problem
from workflows.passwords import MIN_LENGTH, MIN_LENGTH_ALONE, verify
from workflows.sign_in_policy import is_strict, limits

if TYPE_CHECKING:
    from engine.runtime import Runtime
    from engine.unit_of_work import UnitOfWork
    from workflows.entering import Caller
    from workflows.sessions import SignedIn

_LOCKED = select(model.account).where(model.account.c.id == bindparam("b_id")).with_for_update()
_HERS = select(model.account).where(model.account.c.id == bindparam("b_id"))


def least(runtime: Runtime, token: str) -> int:
    """How many characters her own password must have at least. Stale when nobody waits under this token."""
    row = waiting(runtime, token, "change")
    with runtime.reading() as connection:
        return MIN_LENGTH if second_factor.is_enrolled(connection, row.account_id) else MIN_LENGTH_ALONE


def choose_password(runtime: Runtime, token: str, new: str, again: str, caller: Caller) -> SignedIn:
    """Her own password: she is in. InvalidAnswers ("new", "again"), SignInRefused, Stale when nobody waits under this token."""
    row = waiting(runtime, token, "change")
    _check(runtime, row, new, again)
    with unit_of_work(runtime, SYSTEM) as work:
        account = work.connection.execute(_LOCKED, {"b_id": row.account_id}).one()
        if not sessions.end(work.connection, row.token_hash):
            raise Stale  # the same page was sent twice, or another password was given to her meanwhile
        if (refused := refusal(work.connection, account, work.today)) is None:
            return _let_in(work, account, row, new, caller)
    raise SignInRefused(why=refused)


def _check(runtime: Runtime, row: Any, new: str, again: str) -> None:
    """InvalidAnswers; outside any transaction that writes, because verifying takes its time."""
    if new != again:
        raise InvalidAnswers({"again": [Message(N_("两次输入的新密码不一致"))]})
    with runtime.reading() as connection:
        account = connection.execute(_HERS, {"b_id": row.account_id}).one()
        units = [post.unit_id for post in posts_on(connection, account.id, civil_date(runtime.clock.now()))]
        problem = own_password_problem(connection, account, new, units)
    if problem is None and verify(account.password_hash, new):
        problem = Message(N_("这正是别人设置的起始密码，请换一个只有您自己知道的"))
    if problem is not None:
        raise InvalidAnswers({"new": [problem]})


def _let_in(work: UnitOfWork, account: Any, row: Any, new: str, caller: Caller) -> SignedIn:
    connection, now = work.connection, work.now
    store_password(connection, account.id, new, start=False)
    sessions.end_sessions(connection, account.id)
    sign_in_history.record(connection, account.id, now, result="changed", how=row.how, origin=caller.origin)
    opened = sessions.open_session(
        connection,
        account,
        now,
        limits=limits(strict=is_strict(connection, account.id, posts_on(connection, account.id, work.today), now)),
        stage="full",
        how=row.how,
        origin=caller.origin,
        failed_before=row.failed_before,
    )
    return at_home(connection, opened, caller, now)
