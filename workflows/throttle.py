"""Counting what was wrong: after so many failures against one budget, the next attempt is not looked at for a while.

A budget belongs to a login at the open door, to a device that is known, to an account that signs, to somebody who checks printed
papers (decision 32); each attempt also spends from the budget of the network address it comes from. A failure leaves a row, which
all web processes on all machines count. An attempt that is being verified counts as a failure until it has turned out right, so
that many made at once are all counted: SQLite has one web process, which counts those in its memory; on PostgreSQL each leaves
its row beforehand, under a lock for its budget, and takes it back when it was right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from threading import Lock
from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy import Connection, bindparam, delete, func, insert, select, text

from engine.access import SYSTEM
from engine.errors import EngineError
from engine.messages import N_
from engine.runtime import Runtime
from engine.unit_of_work import inserted_id, unit_of_work
from workflows import model

#: failures within WINDOW after which one must wait. An office shares one address, so an address is allowed more than a login
WINDOW: Final = timedelta(minutes=15)
FAILURES_PER_LOGIN: Final = 5
FAILURES_PER_ADDRESS: Final = 25
#: and within a day, whatever the pauses between (NIST SP 800-63B 5.2.2: no more than 100)
DAY: Final = timedelta(hours=24)
FAILURES_PER_DAY: Final = 100

_failure = model.sign_in_failure.c
_FAILED = (
    select(_failure.login_hash, _failure.address_hash, _failure.at)
    .where(
        ((_failure.login_hash == bindparam("b_key")) & (_failure.at > bindparam("b_day")))
        | ((_failure.address_hash == bindparam("b_address")) & (_failure.at > bindparam("b_window")))
    )
    .order_by(_failure.at)
)
_ADD = insert(model.sign_in_failure)
_TAKE_BACK = delete(model.sign_in_failure).where(_failure.id == bindparam("b_id"))
_STRIKE_OUT = delete(model.sign_in_failure).where(_failure.login_hash == bindparam("b_hash"))
_FORGET = delete(model.sign_in_failure).where(_failure.at <= bindparam("b_day"))
_LOCK = select(func.pg_advisory_xact_lock(bindparam("b_lock")))
#: nobody is harmed when such a row is lost in a power failure, and everybody waits for the disk
_HASTE = text("SET LOCAL synchronous_commit = off")

#: held while attempts are counted and while a failure moves from `_under_way` to its row, never while a password is verified
_counting = Lock()
_under_way: Counter[str] = Counter()


class TooManyWrongPrints(EngineError):
    """Too many numbers and codes that no print bears; somebody may be guessing."""

    text = N_("连续输入了多个对不上的编号，请在 {minutes} 分钟后再核验；也可以上传文件核验。")


@dataclass(frozen=True)
class Budget:
    """Whose failures are counted: `kind` ("login", "device", "half", "signature", "printed") and whom it belongs to."""

    kind: str
    value: str


class Attempt:
    """One attempt to show something secret, used as ``with``. Set `right` when it was; anything else is a failure.

    `wait` is how many minutes to wait when there were too many failures (the attempt must not be made then, and does not
    count), else None; `address_spent` whether it was the address that had too many. `failed_before` tells whether rows of
    this budget stand to be struck out. `also` is called, when it failed, in the transaction that writes the failure.
    """

    def __init__(self, runtime: Runtime, budget: Budget, address: str | None) -> None:
        """`address` None: the attempt spends from no address (a device that is known)."""
        self._runtime = runtime
        self._key = runtime.vault.lookup(budget.kind, budget.value)
        self._address = "" if address is None else runtime.vault.lookup("address", address)
        self._row: int | None = None
        self.right = False
        self.wait: int | None = None
        self.address_spent = False
        self.failed_before = False
        self.also: Callable[[Connection], None] | None = None

    def __enter__(self) -> Self:
        now = self._runtime.clock.now()
        if self._runtime.database.is_sqlite:
            with _counting, self._runtime.reading() as connection:
                self._count(connection, now)
                if self.wait is None:
                    _under_way.update(self._keys)
            return self
        with self._runtime.reading() as connection:
            self._count(connection, now)  # who must wait writes nothing
        if self.wait is None:
            with self._locked() as connection:
                self._count(connection, now)
                if self.wait is None:
                    self._row = inserted_id(connection.execute(_ADD, self._failure(now)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.wait is not None:
            return
        if self._row is not None:
            self._settle(self._row)
            return
        with _counting:
            try:
                if not self.right:
                    with unit_of_work(self._runtime, SYSTEM) as work:
                        work.connection.execute(_ADD, self._failure(work.now))
                        self._tell(work.connection, work.now)
            finally:
                self._over()

    @property
    def _keys(self) -> tuple[str, ...]:
        return (self._key, self._address) if self._address else (self._key,)

    def _failure(self, now: datetime) -> dict[str, Any]:
        return {"login_hash": self._key, "address_hash": self._address, "at": now}

    def _count(self, connection: Connection, now: datetime) -> None:
        asked = {"b_key": self._key, "b_address": self._address or "-", "b_day": now - DAY, "b_window": now - WINDOW}
        failed = connection.execute(_FAILED, asked).all()
        spent = [row.at for row in failed if row.login_hash == self._key]
        here = [row.at for row in failed if row.address_hash == self._address and row.at > now - WINDOW]
        self.failed_before = bool(spent)
        recent = [at for at in spent if at > now - WINDOW]
        for key, times, most, window in (
            (self._key, recent, FAILURES_PER_LOGIN, WINDOW),
            (self._key, spent, FAILURES_PER_DAY, DAY),
            (self._address, here, FAILURES_PER_ADDRESS, WINDOW),
        ):
            counted = times + [now] * _under_way[key]
            if key and len(counted) >= most:
                wait = max(1, ceil((counted[-most] + window - now) / timedelta(minutes=1)))
                self.wait = max(wait, self.wait or 0)
                self.address_spent = self.address_spent or key == self._address

    @contextmanager
    def _locked(self) -> Iterator[Connection]:
        with unit_of_work(self._runtime, SYSTEM) as work:
            work.connection.execute(_HASTE)
            for lock in sorted(
                int(key[:15], 16) for key in self._keys
            ):  # in one order, so that no two wait for each other
                work.connection.execute(_LOCK, {"b_lock": lock})
            yield work.connection

    def _settle(self, row: int) -> None:
        """Take the row back that was written beforehand; or leave it, and write what else there is to write."""
        with unit_of_work(self._runtime, SYSTEM) as work:
            if self.right:
                work.connection.execute(_HASTE)
                work.connection.execute(_TAKE_BACK, {"b_id": row})
            else:
                self._tell(work.connection, work.now)

    def _tell(self, connection: Connection, now: datetime) -> None:
        connection.execute(_FORGET, {"b_day": now - DAY})
        if self.also is not None:
            self.also(connection)

    def _over(self) -> None:
        for key in self._keys:
            _under_way[key] -= 1
            if not _under_way[key]:
                del _under_way[key]


def add_failure(runtime: Runtime, connection: Connection, budget: Budget, at: datetime) -> None:
    """Spend from a budget without an attempt of its own."""
    row = {"login_hash": runtime.vault.lookup(budget.kind, budget.value), "address_hash": "", "at": at}
    connection.execute(_ADD, row)


def strike_out(runtime: Runtime, connection: Connection, budget: Budget) -> None:
    """Forget the failures of a budget whose owner has shown what is right."""
    connection.execute(_STRIKE_OUT, {"b_hash": runtime.vault.lookup(budget.kind, budget.value)})
