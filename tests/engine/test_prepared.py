"""A statement that comes again goes to the driver directly, and nobody can tell the difference."""

from __future__ import annotations

import gc
from datetime import UTC, date, datetime, timedelta, timezone
from sqlite3 import OperationalError

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    event,
    func,
    insert,
    select,
    union_all,
    update,
)
from sqlalchemy.exc import DataError, IntegrityError, StatementError

from engine.columns import Id, Instant
from engine.database import Database

_metadata = MetaData()
_thing = Table(
    "thing",
    _metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(20), nullable=False, unique=True),
    Column("state", String(20), nullable=False, default="new"),
    Column("at", Instant),
    Column("on", Date),
    Column("open", Boolean),
    Column("content", JSON),
    Column("sealed", LargeBinary),
    Column("count", Integer, nullable=False, default=0),
)
_pair = Table("pair", _metadata, Column("left", Id, primary_key=True), Column("right", Id, primary_key=True))
_ADD, _ADD_PAIR = insert(_thing), insert(_pair)
_ONE = select(_thing).where(_thing.c.name == bindparam("b_name"))
_TWICE = select(_thing.c.id, _thing.c.id.label("again"), func.max(_thing.c.count)).where(
    _thing.c.name == bindparam("b_name"), _thing.c.state.in_(("new", "old"))
).group_by(_thing.c.id)  # fmt: skip
_EITHER = union_all(
    select(_thing.c.name.label("it")).where(_thing.c.count == bindparam("b_count")),
    select(_thing.c.state.label("it")).where(_thing.c.count == bindparam("b_count")),
)
_AMONG = select(_thing.c.id).where(
    _thing.c.name.in_(bindparam("b_names", expanding=True)),
    _thing.c.at.in_(bindparam("b_days", expanding=True)),
    _thing.c.count == bindparam("b_count"),
)
_CLOSE = update(_thing).where(_thing.c.name.in_(bindparam("b_names", expanding=True))).values(open=False)
_COUNT = update(_thing).where(_thing.c.name == bindparam("b_name")).values(count=_thing.c.count + 1)
_SET = update(_thing).where(_thing.c.name == bindparam("b_name"))
_DROP = delete(_thing).where(_thing.c.name == bindparam("b_name"))
_AT = datetime(2026, 11, 21, 8, 30, 0, 5, tzinfo=timezone(timedelta(hours=8)))
_FULL = {
    "at": _AT, "on": date(2026, 11, 21), "open": True, "content": {"报": ["a", None]}, "sealed": b"\x00\xff",
}  # fmt: skip


@pytest.fixture
def database(databases):
    """A database with the two tables."""
    url = databases.create()
    made = Database(url)
    _metadata.create_all(made.engine)
    yield made
    made.dispose()
    databases.drop(url)


def again(database, statement, parameters, times=3):
    """The answers of one statement asked in so many transactions; the first goes by the library, the others do not."""
    answers = []
    for _ in range(times):
        with database.reading() as connection:
            answers.append(connection.execute(statement, parameters).all())
    return answers


def add(database, *rows):
    """Add rows, each by an INSERT of its own; returns their keys."""
    with database.writing() as connection:
        keys = [connection.execute(_ADD, row).inserted_primary_key for row in rows]
        connection.commit()
    return keys


def test_rows_are_the_same_the_first_time_and_later_whatever_their_columns_hold(database):
    add(database, {"name": "empty"}, {"name": "full", **_FULL})
    for name in ("full", "empty", "none"):
        first, *later = again(database, _ONE, {"b_name": name})
        assert later == [first, first]
        assert [row._mapping for row in later[0]] == [row._mapping for row in first]
    (row,) = again(database, _ONE, {"b_name": "full"})[-1]
    assert {name: getattr(row, name) for name in _FULL} == {**_FULL, "at": _AT.astimezone(UTC)}
    assert (row.at.tzinfo, type(row.open), type(row.sealed), row.state) == (UTC, bool, bytes, "new")


@pytest.mark.parametrize(
    ("statement", "parameters", "answer"),
    [(_TWICE, {"b_name": "a"}, [(1, 1, 0)]), (_EITHER, {"b_count": 0}, [("a",), ("new",)])],
)
def test_labels_functions_constant_lists_and_unions_answer_the_same(database, statement, parameters, answer):
    add(database, {"name": "a"})
    assert again(database, statement, parameters) == [answer] * 3


def test_lists_of_any_length_find_what_is_in_them(database):
    add(database, *({"name": str(n), "at": _AT + timedelta(days=n)} for n in range(12)))
    for _ in range(3):
        for length in (0, 1, 2, 8, 9, 12):
            names, days = [str(n) for n in range(length)], [_AT + timedelta(days=n) for n in range(length)]
            with database.writing() as connection:
                found = connection.execute(_AMONG, {"b_names": names, "b_days": days, "b_count": 0})
                assert sorted(row.id for row in found) == list(range(1, length + 1))
                assert connection.execute(_CLOSE, {"b_names": set(names)}).rowcount == length


def test_every_insert_tells_the_key_of_its_row_and_fills_in_what_was_not_given(database):
    assert add(database, *({"name": name} for name in "abc")) == [(1,), (2,), (3,)]
    with database.writing() as connection:
        pairs = [connection.execute(_ADD_PAIR, {"left": 1, "right": n}).inserted_primary_key for n in range(3)]
        connection.commit()
    assert pairs == [(1, 0), (1, 1), (1, 2)]
    assert {(row.state, row.count) for name in "abc" for row in again(database, _ONE, {"b_name": name}, 1)[0]} == {
        ("new", 0)
    }


def test_many_rows_at_once_and_one_in_a_list_are_all_written(database):
    with database.writing() as connection:
        for start in (0, 3, 6):
            connection.execute(_ADD, [{"name": str(n), **_FULL} for n in range(start, start + 3)])
        for n in (9, 10):
            connection.execute(_ADD, [{"name": str(n), **_FULL}])
        with pytest.raises((IntegrityError, StatementError)):
            connection.execute(_ADD, [{"name": "x", "count": 1}, {"name": "y"}])
        connection.rollback()
        connection.execute(_ADD, [{"name": str(n)} for n in range(3)])
        connection.commit()
    assert len(again(database, _EITHER, {"b_count": 0})[-1]) == 6


def test_changes_tell_how_many_rows_they_met_and_follow_their_parameters(database):
    add(database, {"name": "a"}, {"name": "b"})
    with database.writing() as connection:
        assert [connection.execute(_COUNT, {"b_name": name}).rowcount for name in "aaax"] == [1, 1, 1, 0]
        for values in (
            {"state": "old"},
            {"open": False},
            {"state": "older"},
            {"open": True},
            {"at": _AT},
            {"at": None},
        ):
            connection.execute(_SET, {"b_name": "a", **values})
        assert [connection.execute(_DROP, {"b_name": name}).rowcount for name in "bbb"] == [1, 0, 0]
        connection.commit()
    (row,) = again(database, _ONE, {"b_name": "a"})[-1]
    assert (row.count, row.state, row.open, row.at) == (3, "older", True, None)


def test_errors_are_those_of_the_library_without_what_was_written(database):
    add(database, {"name": "a"}, {"name": "b"}, {"name": "c"})
    with database.writing() as connection, pytest.raises(IntegrityError) as refused:
        connection.execute(_ADD, {"name": "a"})
    assert "hide_parameters" in str(refused.value)
    assert refused.value.orig is not None
    add(database, {"name": "d"})


def test_a_value_of_the_wrong_kind_never_reaches_the_database(database):
    add(database, {"name": "a", "at": _AT}, {"name": "b", "at": _AT})
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - that is the point
    with database.writing() as connection, pytest.raises((ValueError, StatementError, DataError)):
        connection.execute(_ADD, {"name": "c", "at": naive})
    assert again(database, _ONE, {"b_name": "c"}) == [[], [], []]


def test_the_first_statement_of_a_transaction_begins_it_and_nothing_stays_without_a_commit(database):
    add(database, {"name": "a"}, {"name": "b"})
    for _ in range(2):
        with database.writing() as connection:
            connection.execute(_ADD, {"name": "c"})
            assert connection.in_transaction()
    assert again(database, _ONE, {"b_name": "c"}) == [[], [], []]
    if database.is_sqlite:
        with database.writing() as connection:
            connection.execute(_ONE, {"b_name": "a"})
            other = database.engine.raw_connection().cursor()
            other.execute("PRAGMA busy_timeout=1").close()
            with pytest.raises(OperationalError, match="locked"):  # BEGIN IMMEDIATE: nobody else may write now
                other.connection.execute("BEGIN IMMEDIATE")


def test_whoever_listens_at_the_cursor_hears_every_statement(database):
    add(database, {"name": "a"})
    heard = []
    event.listen(database.engine, "before_cursor_execute", lambda *a: heard.append(a[2]))
    again(database, _ONE, {"b_name": "a"})
    found = [text for text in heard if text.startswith("SELECT")]
    assert len(found) == 3
    assert len(set(found)) == 1


def test_a_statement_built_for_one_question_is_not_kept(database):
    add(database, {"name": "a"})
    known = database._statements._known
    kept = len(known)
    for n in range(20):
        asked = select(_thing.c.id).where(_thing.c.count == n, _thing.c.name == bindparam("b_name"))
        with database.reading() as connection:
            assert [connection.execute(asked, {"b_name": "a"}).scalar() for _ in range(2)] == [
                1 if n == 0 else None
            ] * 2
    del asked
    gc.collect()
    assert len(known) <= kept + 2  # the library's own cache holds the first of a kind
