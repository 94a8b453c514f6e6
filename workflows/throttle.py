"""Counting wrong passwords: after so many of one login or from one address, the next is not looked at for a while.

A right password writes nothing; a wrong one leaves a row. Attempts that are being verified at this moment count as wrong until
they have turned out right, so that many made at once are all counted. Each web process counts its own such attempts; rows are
shared by all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from math import ceil
from threading import Lock
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Row, bindparam, delete, insert, select

from engine.access import SYSTEM
from engine.runtime import Runtime
from engine.unit_of_work import unit_of_work
from workflows import model

#: failures within WINDOW after which one must wait. An office shares one address, so an address is allowed more than a login
WINDOW = timedelta(minutes=15)
FAILURES_PER_LOGIN = 5
FAILURES_PER_ADDRESS = 25

_failure = model.sign_in_failure.c
_FAILED = (
    select(_failure.login_hash, _failure.address_hash, _failure.at)
    .where(
        (_failure.login_hash == bindparam("b_login")) | (_failure.address_hash == bindparam("b_address")),
        _failure.at > bindparam("b_since"),
    )
    .order_by(_failure.at)
)
_ADD = insert(model.sign_in_failure)
_STRIKE_OUT = delete(model.sign_in_failure).where(_failure.login_hash == bindparam("b_hash"))
_FORGET = delete(model.sign_in_failure).where(_failure.at <= bindparam("b_since"))

#: held while attempts are counted and while a failure moves from `_under_way` to its row, never while a password is verified
_counting = Lock()
_under_way: Counter[str] = Counter()


class Attempt:
    """One attempt to show a password, used as ``with``. Set `right` when it was; anything else is a failure.

    `wait` is how many minutes to wait when there were too many failures (the attempt must not be made then, and does not
    count), else None. `failed_before` tells whether rows of this login stand to be struck out. `account` is what `find` found,
    and `login` its own unless another was typed.
    """

    def __init__(
        self, runtime: Runtime, address: str, find: Callable[[Connection], Row[Any] | None], login: str | None = None
    ) -> None:
        self._runtime = runtime
        self._find = find
        self.account: Row[Any] | None = None
        self.login = login or ""
        self._login = ""
        self._address = runtime.vault.lookup("address", address)
        self.right = False
        self.wait: int | None = None
        self.failed_before = False

    def __enter__(self) -> Self:
        now = self._runtime.clock.now()
        with _counting, self._runtime.reading() as connection:
            self.account = self._find(connection)
            if self.account is not None:
                self.login = self.login or self.account.login
            self._login = self._runtime.vault.lookup("login", self.login)
            asked = {"b_login": self._login, "b_address": self._address, "b_since": now - WINDOW}
            failed = connection.execute(_FAILED, asked).all()
            logins = [row.at for row in failed if row.login_hash == self._login]
            addresses = [row.at for row in failed if row.address_hash == self._address]
            self.failed_before = bool(logins)
            for key, times, limit in (
                (self._login, logins, FAILURES_PER_LOGIN),
                (self._address, addresses, FAILURES_PER_ADDRESS),
            ):
                counted = times + [now] * _under_way[key]
                if len(counted) >= limit:
                    self.wait = max(1, ceil((counted[-limit] + WINDOW - now) / timedelta(minutes=1)))
                    return self
            _under_way.update((self._login, self._address))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.wait is not None:
            return
        if self.right:
            with _counting:
                self._over()
            return
        with _counting:
            try:
                self._write()
            finally:
                self._over()

    def _write(self) -> None:
        with unit_of_work(self._runtime, SYSTEM) as work:
            work.connection.execute(_FORGET, {"b_since": work.now - WINDOW})
            row = {"login_hash": self._login, "address_hash": self._address, "at": work.now}
            work.connection.execute(_ADD, row)

    def _over(self) -> None:
        for key in (self._login, self._address):
            _under_way[key] -= 1
            if not _under_way[key]:
                del _under_way[key]


def strike_out(runtime: Runtime, connection: Connection, login: str) -> None:
    """Forget the failures of a login that has shown the right password."""
    connection.execute(_STRIKE_OUT, {"b_hash": runtime.vault.lookup("login", login)})
