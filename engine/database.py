"""One engine for either database. SQLite: WAL, foreign keys, BEGIN IMMEDIATE, one fair writer. PostgreSQL: by URL."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, DBAPIError, OperationalError

from engine.errors import DatabaseAway, NotFound, StorageFull, Unavailable
from engine.living import ask_in_doubt
from engine.prepared import Statements
from engine.remembering import RememberingConnection

#: how long a writer of one process waits for the writer of another on one SQLite file
_BUSY_MS = 10_000
#: statements a connection keeps ready, on SQLite parsed, on PostgreSQL planned: more than the house has
_STATEMENTS_KEPT = 512
#: SQLITE_BUSY and SQLITE_LOCKED
_SQLITE_TURNS = (5, 6)
_UNIQUE = "23505"
_OUT_OF_RANGE = "22003"
#: what PostgreSQL says when the other transaction was let go first, and is still under way
_GIVEN_WAY = {"40001": "serialization", "40P01": "deadlock"}
#: who waited for a lock as long as she wanted to
_IMPATIENT = {"55P03": "lock"}
#: SQLITE_FULL; SQLITE_IOERR and SQLITE_CANTOPEN; what PostgreSQL says of a full disk, and when it comes or goes
_SQLITE_FULL = 13
_SQLITE_AWAY = (10, 14)
_FULL = ("53100",)
_AWAY = ("08", "57P", "53300")
YIELDED = frozenset(_GIVEN_WAY.values())


class FairLock:
    """A lock that is granted in the order of asking.

    SQLite's own busy wait is not fair: with several writers one of them can starve for seconds. Writers of one process queue
    here instead, and reach the database one at a time.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self) -> None:
        """Wait for the turn."""
        with self._guard:
            if not self._held and not self._waiting:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()

    def release(self) -> None:
        """Hand the lock to whoever has waited longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


class Database:
    """Connections for reading and for writing; the commit itself is the unit of work's."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        """`url` is an SQLAlchemy URL; "postgresql://" is read as psycopg 3."""
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._writer = FairLock()
        if self.is_sqlite:
            self.engine: Engine = create_engine(
                parsed,
                connect_args={
                    "timeout": _BUSY_MS / 1000,
                    "check_same_thread": False,
                    "cached_statements": _STATEMENTS_KEPT,
                },
                pool_size=pool_size,
                pool_use_lifo=True,  # the pages in memory of the connection used last are the freshest
                hide_parameters=True,
            )
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
            self._readers = self._waiters = self._glances = self.engine
        else:
            self.engine = create_engine(
                parsed,
                pool_size=pool_size,
                max_overflow=pool_size,
                pool_use_lifo=True,
                hide_parameters=True,
            )
            event.listen(self.engine, "connect", _prepare_postgresql)
            ask_in_doubt(self.engine)
            only_read = self.engine.execution_options(postgresql_readonly=True)
            self._readers = only_read.execution_options(isolation_level="REPEATABLE READ")
            self._waiters = only_read.execution_options(isolation_level="READ COMMITTED")
            self._glances = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._statements = Statements(self.engine.dialect)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for queries: one snapshot, never written to."""
        with self._only_read(self._readers) as connection:
            yield connection

    @contextmanager
    def in_turn(self) -> Iterator[Connection]:
        """A connection for waiting for others and seeing what they have committed by then; never written to."""
        with self._only_read(self._waiters) as connection:
            yield connection

    @contextmanager
    def _only_read(self, engine: Engine) -> Iterator[Connection]:
        """A transaction in which the database lets nobody write, and which is ended, not taken back (`_prepare_postgresql`)."""
        with _known_values(), RememberingConnection(engine, self._statements) as connection, connection.begin():
            yield connection

    @contextmanager
    def glancing(self) -> Iterator[Connection]:
        """A connection for a question or two that need no common snapshot: on PostgreSQL no transaction begins or ends."""
        with _known_values(), RememberingConnection(self._glances, self._statements) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection inside a write transaction; rolled back unless the unit of work commits it."""
        if not self.is_sqlite:
            with _known_values(), RememberingConnection(self.engine, self._statements) as connection:
                yield connection
            return
        with (
            _known_values(),
            self._writer,
            RememberingConnection(self.engine, self._statements).execution_options(halfsky_writes=True) as connection,
        ):
            yield connection

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


@contextmanager
def _known_values() -> Iterator[None]:
    """What goes wrong below us in words of ours: Unavailable for a database that is away or full.

    NotFound for a value that no column can hold, so that nothing has it: an id of twenty digits, or a NUL on PostgreSQL.
    """
    try:
        yield
    except OverflowError as error:
        raise NotFound(what="—") from error
    except DataError as error:
        if getattr(error.orig, "sqlstate", None) not in (None, _OUT_OF_RANGE):
            raise
        raise NotFound(what="—") from error
    except OperationalError as error:
        outage = outage_of(error)
        if outage is None:
            raise
        raise outage from error


def outage_of(error: OperationalError) -> type[Unavailable] | None:
    """What has befallen the database, when that is what an error says; None when it is something else.

    PostgreSQL that cannot be reached has no code to say so.
    """
    original: Any = error.orig
    if hasattr(original, "sqlite_errorcode"):
        code = original.sqlite_errorcode & 0xFF
        return StorageFull if code == _SQLITE_FULL else DatabaseAway if code in _SQLITE_AWAY else None
    state = getattr(original, "sqlstate", None)
    if error.connection_invalidated or state is None or state.startswith(_AWAY):
        return DatabaseAway
    return StorageFull if state in _FULL else None


def overtaken_by(error: DBAPIError) -> str | None:
    """What another transaction was faster at, when that is what a database error says; None when the error is a defect.

    On PostgreSQL two transactions may insert the same key, deadlock, or wait for each other; the later one is told so. A
    unique key taken twice by a defect of ours looks the same, so whoever gives up on it must log it. SQLite has one writer,
    who sees everything: there only the wait for another process can be lost, and a key taken twice is always a defect.
    """
    original: Any = error.orig
    if isinstance(error, OperationalError) and getattr(original, "sqlite_errorcode", 0) & 0xFF in _SQLITE_TURNS:
        return "lock"
    state = getattr(original, "sqlstate", None)
    if state == _UNIQUE:
        return str(original.diag.constraint_name)
    return {**_GIVEN_WAY, **_IMPATIENT}.get(state) if state else None


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_postgresql(connection: Any, _record: object) -> None:
    """Have a statement planned when it comes a second time, and the plan kept.

    At every rollback the driver lets go of all plans of the connection, and has the server do so: a transaction that was only
    read in is therefore ended like one that is committed (decision 47).
    """
    connection.prepared_max = _STATEMENTS_KEPT
    connection.prepare_threshold = 1


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("halfsky_writes")
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED"
    base = connection.dialect.loaded_dbapi.Error
    try:
        connection.connection.cursor().execute(begin)
    except base as error:
        raise DBAPIError.instance(begin, None, error, base, dialect=connection.dialect) from error
