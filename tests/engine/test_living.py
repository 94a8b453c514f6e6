"""Whether a pooled connection still lives is not asked each time, and yet known."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from sqlalchemy import text

from engine import living
from engine.database import Database

pytestmark = pytest.mark.postgresql

_ASKED = text("SELECT 1")
_OTHERS = text(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
)


@pytest.fixture
def database_url(postgresql_databases):
    """Of a server; SQLite has none."""
    url = postgresql_databases.create()
    yield url
    postgresql_databases.drop(url)


@pytest.fixture
def database(database_url):
    made = Database(database_url)
    yield made
    made.dispose()


@contextmanager
def pings(database, monkeypatch):
    counted = []
    ping = database.engine.dialect.do_ping
    monkeypatch.setattr(database.engine.dialect, "do_ping", lambda c: counted.append(c) or ping(c))
    yield counted


def read(database):
    for way in (database.reading, database.glancing, database.writing):
        with way() as connection:
            assert connection.execute(_ASKED).scalar() == 1


def test_a_connection_just_used_is_taken_without_a_question(database, monkeypatch):
    with pings(database, monkeypatch) as counted:
        read(database)
        read(database)
        assert counted == []
        monkeypatch.setattr(living, "_SILENCE", 0.0)
        read(database)
        assert len(counted) == 3


def test_connections_the_server_has_closed_are_made_anew_and_nobody_notices(database, database_url):
    read(database)
    with database.reading(), database.reading():
        pass  # two lie in the pool
    other = Database(database_url)
    with other.writing() as connection:
        connection.execute(_OTHERS)
    other.dispose()
    read(database)


def test_a_glance_begins_no_transaction_and_sees_what_was_committed_meanwhile(database):
    state = text("SELECT xact_start = query_start FROM pg_stat_activity WHERE pid = pg_backend_pid()")
    with database.glancing() as connection:
        connection.execute(_ASKED)
        assert connection.execute(state).scalar()
    with database.reading() as connection:
        connection.execute(_ASKED)
        assert not connection.execute(state).scalar()


_MINE = text("SELECT CAST(:b_number AS integer) AS one_of_mine")
_PLANNED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%one_of_mine%' AND name <> ''")


def planned(database):
    with database.glancing() as connection:
        return connection.execute(_PLANNED).scalar()


def test_what_was_planned_stays_planned_when_somebody_has_only_read(database):
    for way in (database.reading, database.glancing, database.reading):
        with way() as connection:
            assert connection.execute(_MINE, {"b_number": 7}).scalar() == 7
    assert planned(database) == 1
