"""Counting what was wrong: after so many failures against one budget, the next attempt is not looked at for a while.

A budget belongs to a login at the open door, to a device that is known, to an account that signs, to somebody who checks printed
papers (decision 32); each attempt also spends from the budget of the network address it comes from. A failure leaves a row, which
all web processes on all machines count. Attempts at one budget are made one after the other, so that many made at once are all
counted: each holds the budget's lock until it has turned out right, which writes nothing, or its failure is stored (decision 37).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from threading import Lock
from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy import Connection, bindparam, delete, insert, select

from engine import turns
from engine.access import SYSTEM
from engine.errors import EngineError
from engine.key_uses import follow
from engine.messages import N_
from engine.runtime import Runtime
from engine.unit_of_work import unit_of_work
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
_STRIKE_OUT = delete(model.sign_in_failure).where(_failure.login_hash == bindparam("b_hash"))
_FORGET = delete(model.sign_in_failure).where(_failure.at <= bindparam("b_day"))


@dataclass(frozen=True)
class Budget:
    """Whose failures are counted: `kind` ("login", "device", "half", "signature", "printed", "progress") and its owner."""

    kind: str
    value: str


class Turns:
    """A lock for each budget, in the memory of this process, gone when nobody wants it any more."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._known: dict[Budget, tuple[Lock, int]] = {}

    @contextmanager
    def of(self, *budgets: Budget) -> Iterator[None]:
        """Hold the locks of these budgets; always taken in one order, so that no two wait for each other."""
        with ExitStack() as held:
            for budget in sorted(budgets, key=lambda b: (b.kind, b.value)):
                lock = self._join(budget)
                held.callback(self._leave, budget)
                held.enter_context(lock)
            yield

    def _join(self, budget: Budget) -> Lock:
        with self._guard:
            lock, wanted = self._known.get(budget, (Lock(), 0))
            self._known[budget] = lock, wanted + 1
        return lock

    def _leave(self, budget: Budget) -> None:
        with self._guard:
            lock, wanted = self._known.pop(budget)
            if wanted > 1:
                self._known[budget] = lock, wanted - 1


#: SQLite has one web process: locks in its memory do there what advisory locks do on PostgreSQL
_turns = Turns()


class TooManyWrongPrints(EngineError):
    """Too many numbers and codes that no print bears; somebody may be guessing."""

    text = N_("连续输入了多个对不上的编号，请在 {minutes} 分钟后再核验；也可以上传文件核验。")


class Attempt:
    """One attempt to show something secret, used as ``with``. Set `right` when it was; anything else is a failure.

    `wait` is how many minutes to wait when there were too many failures (the attempt must not be made then, and does not
    count), else None; `address_spent` whether it was the address that had too many. `failed_before` tells whether rows of
    this budget stand to be struck out. `first` is called with a connection before anything is counted, may refuse, and what it
    returns is `seen`; `also` is called when it failed, in the transaction that writes the failure.
    """

    def __init__(self, runtime: Runtime, budget: Budget, address: str | None) -> None:
        """`address` None: the attempt spends from no address (a device that is known)."""
        self._runtime = runtime
        self._budget = budget
        self._from = address
        self._key = self._address = ""
        self._held = ExitStack()
        self.right = False
        self.wait: int | None = None
        self.address_spent = False
        self.failed_before = False
        self.first: Callable[[Connection], Any] | None = None
        self.seen: Any = None
        self.also: Callable[[Connection], None] | None = None

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            if self._runtime.database.is_sqlite:
                self._wait_in_memory(opened)
            else:
                self._wait_in_database(opened)
            if self.wait is None:
                self._held = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._held:
            if self.right or self.wait is not None:
                return
            with unit_of_work(self._runtime, SYSTEM) as work:
                work.connection.execute(_FORGET, {"b_day": work.now - DAY})
                row = {"login_hash": self._key, "address_hash": self._address, "at": work.now}
                work.connection.execute(_ADD, row)
                if self.also is not None:
                    self.also(work.connection)

    def _wait_in_memory(self, held: ExitStack) -> None:
        names = (self._budget,) if self._from is None else (self._budget, Budget("address", self._from))
        held.enter_context(_turns.of(*names))
        with self._runtime.reading() as connection:
            self._name()
            self._count(connection)

    def _wait_in_database(self, held: ExitStack) -> None:
        connection = held.enter_context(self._runtime.database.in_turn())
        follow(self._runtime.vault, connection, writing=False)
        self._name()
        turns.take(connection, [key for key in (self._key, self._address) if key])
        self._count(connection)

    def _name(self) -> None:
        vault = self._runtime.vault  # which follows the database by now
        self._key = vault.lookup(self._budget.kind, self._budget.value)
        self._address = "" if self._from is None else vault.lookup("address", self._from)

    def _count(self, connection: Connection) -> None:
        self.seen = None if self.first is None else self.first(connection)
        now = self._runtime.clock.now()
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
            if key and len(times) >= most:
                wait = max(1, ceil((times[-most] + window - now) / timedelta(minutes=1)))
                self.wait = max(wait, self.wait or 0)
                self.address_spent = self.address_spent or key == self._address


def add_failure(runtime: Runtime, connection: Connection, budget: Budget, at: datetime) -> None:
    """Spend from a budget without an attempt of its own."""
    row = {"login_hash": runtime.vault.lookup(budget.kind, budget.value), "address_hash": "", "at": at}
    connection.execute(_ADD, row)


def strike_out(runtime: Runtime, connection: Connection, budget: Budget) -> None:
    """Forget the failures of a budget whose owner has shown what is right."""
    connection.execute(_STRIKE_OUT, {"b_hash": runtime.vault.lookup(budget.kind, budget.value)})
