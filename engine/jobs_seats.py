"""A seat is the identity under which a process runs jobs: host name and number, the same after a restart, never shared by two.

A seat is held by a lock that dies with the process: on PostgreSQL an advisory lock of a connection kept for it alone, on SQLite
a lock on a file beside the database, of which there is one, because one process runs the jobs of a SQLite database. Its row
carries a count that grows every few seconds; others who see it stand still take over what the holder had begun.
"""

from __future__ import annotations

import fcntl
import hashlib
import secrets
import socket
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.exc import DBAPIError, OperationalError

from engine.access import SYSTEM
from engine.database import outage_of
from engine.errors import DatabaseAway, EngineError
from engine.messages import N_
from engine.model_jobs import executor
from engine.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from engine.runtime import Runtime

#: processes of one host
SEATS: Final = 64
#: the first half of our advisory locks: seats, and the one that watches over silent ones
_SEAT: Final = 0x48414C46
_WATCH: Final = 0x48414C47
_SIGNED: Final = 0x7FFFFFFF

_TAKE = (
    update(executor)
    .where(executor.c.id == bindparam("b_id"))
    .values(token=bindparam("b_token"), beats=executor.c.beats + 1, since=bindparam("b_at"), beat_at=bindparam("b_at"))
)
_FIRST = insert(executor)
_BEAT = (
    update(executor)
    .where(executor.c.id == bindparam("b_id"), executor.c.token == bindparam("b_token"))
    .values(beats=executor.c.beats + 1, beat_at=bindparam("b_at"))
)


class SeatTaken(EngineError):
    """Another process runs the jobs of this SQLite database."""

    text = N_(
        "已有一个进程在执行此数据库的后台作业（文件 {file} 已锁定）。SQLite 只允许一个：请先停止另一个进程，或改用 PostgreSQL。"
    )


class NoSeat(EngineError):
    """Every number of this host is taken."""

    text = N_("本机（{host}）执行后台作业的进程已达 {count} 个上限。")


class SeatLost(EngineError):
    """This process was silent for so long that another one has its identity now; it must stop."""

    text = N_("本进程（{seat}）曾长时间无响应，其身份已被另一进程接替。本进程停止执行后台作业，请重新启动。")


class Seat(ABC):
    """An identity that is held."""

    def __init__(self, runtime: Runtime, host: str) -> None:
        self.runtime = runtime
        self.host = host
        self.token = secrets.token_hex(16)
        self.id = self._take_any()
        self._write_row()

    @abstractmethod
    def _take_any(self) -> str:
        """Lock the first free seat of the host and name it."""

    @abstractmethod
    def _still_locked(self) -> bool:
        """Whether the lock is still ours; taken anew when it was lost and nobody else has it."""

    @abstractmethod
    def release(self) -> None:
        """Give it up."""

    @abstractmethod
    def alone_watching(self) -> bool:
        """Whether this process may take over from silent ones now; `stop_watching` afterwards."""

    @abstractmethod
    def stop_watching(self) -> None:
        """Let others watch."""

    def beat(self) -> None:
        """Tell that this process lives; SeatLost."""
        if not self._still_locked():
            raise SeatLost(seat=self.id)
        with unit_of_work(self.runtime, SYSTEM) as work:
            told = {"b_id": self.id, "b_token": self.token, "b_at": work.now}
            if work.connection.execute(_BEAT, told).rowcount != 1:
                raise SeatLost(seat=self.id)

    def _write_row(self) -> None:
        with unit_of_work(self.runtime, SYSTEM) as work:
            told = {"b_id": self.id, "b_token": self.token, "b_at": work.now}
            if work.connection.execute(_TAKE, told).rowcount == 0:
                row = {"id": self.id, "token": self.token, "since": work.now, "beat_at": work.now}
                work.connection.execute(_FIRST, row)


class FileSeat(Seat):
    """The one seat of a SQLite database."""

    def _take_any(self) -> str:
        path = Path(f"{self.runtime.database.engine.url.database}.worker")
        self._file: IO[str] = path.open("a")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise SeatTaken(file=path.name) from error
        return f"{self.host}-1"

    def _still_locked(self) -> bool:
        return True

    def release(self) -> None:
        """Unlock the file; it stays, so that no two processes ever lock different ones."""
        self._file.close()

    def alone_watching(self) -> bool:
        """There is no other process."""
        return True

    def stop_watching(self) -> None:
        """Nobody waits for it."""


class ConnectionSeat(Seat):
    """A seat in a PostgreSQL cluster: a connection of its own holds the lock."""

    def _take_any(self) -> str:
        self._connection: Connection = self._connect()
        for number in range(1, SEATS + 1):
            seat = f"{self.host}-{number}"
            if self._lock(_SEAT, _number(seat)):
                return seat
        self._connection.close()
        raise NoSeat(host=self.host, count=SEATS)

    def _connect(self) -> Connection:
        connection = self.runtime.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()  # given back to the pool it would keep its locks
        return connection

    def _lock(self, first: int, second: int) -> bool:
        return bool(self._connection.execute(select(func.pg_try_advisory_lock(first, second))).scalar())

    def _still_locked(self) -> bool:
        try:
            self._connection.execute(select(1))
        except DBAPIError:
            self._connection.close()
            self._connection = self._connect()
            return self._lock(_SEAT, _number(self.id))
        return True

    def release(self) -> None:
        """Unlock at once, and close the connection."""
        if self._connection.closed:
            return
        with suppress(DBAPIError):
            self._connection.execute(select(func.pg_advisory_unlock_all()))
        self._connection.close()

    def alone_watching(self) -> bool:
        """One watcher at a time, or two would hand the same work to two others."""
        return self._lock(_WATCH, 0)

    def stop_watching(self) -> None:
        """Unlock."""
        self._connection.execute(select(func.pg_advisory_unlock(_WATCH, 0)))


def take_seat(runtime: Runtime, name: str | None = None) -> Seat:
    """A seat for this process on this host; SeatTaken, NoSeat, DatabaseAway."""
    host = (name or socket.gethostname() or "host")[:64]
    if runtime.database.is_sqlite:
        return FileSeat(runtime, host)
    try:
        return ConnectionSeat(runtime, host)
    except OperationalError as error:
        raise (outage_of(error) or DatabaseAway) from error


def _number(seat: str) -> int:
    return int.from_bytes(hashlib.sha256(seat.encode()).digest()[:4], "big") & _SIGNED
