"""A connection asks the database the same thing once, and never answers with what has changed since."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, delete, event, func, insert, select, text, update

from engine.columns import metadata
from engine.database import Database
from engine.model import calendar_day, number_series
from engine.remembering import remembered

_ONE = select(number_series.c.last).where(number_series.c.series == bindparam("b_series"))
_MANY = select(number_series).where(number_series.c.series.in_(bindparam("b_series", expanding=True)))
_INSIDE = select(calendar_day.c.day).where(
    calendar_day.c.note.in_(select(number_series.c.series).where(number_series.c.last == bindparam("b_last")))
)
_L = {"b_series": "L"}


@pytest.fixture
def asked(databases):
    """A database with one row, and the list of statements that reached it."""
    url = databases.create()
    database = Database(url)
    metadata.create_all(database.engine)
    with database.writing() as connection:
        connection.execute(insert(number_series), {"series": "L", "last": 1})
        connection.commit()
    reached = []
    event.listen(database.engine, "before_cursor_execute", lambda *a: reached.append(a[2]))
    yield database, reached
    database.dispose()
    databases.drop(url)


def selects(reached):
    return [statement for statement in reached if statement.startswith("SELECT")]


def test_the_same_question_reaches_the_database_once(asked):
    database, reached = asked
    with database.reading() as connection:
        assert [connection.execute(_ONE, _L).scalar() for _ in range(3)] == [1, 1, 1]
        assert [row.last for row in connection.execute(_MANY, {"b_series": ["L", "M"]})] == [1]
        assert connection.execute(_MANY, {"b_series": ["L", "M"]}).mappings().one()["last"] == 1
    assert len(selects(reached)) == 2


def test_other_parameters_are_another_question(asked):
    database, _ = asked
    with database.reading() as connection:
        assert connection.execute(_ONE, _L).scalar() == 1
        assert connection.execute(_ONE, {"b_series": "M"}).scalar() is None


@pytest.mark.parametrize(
    ("write", "answer"),
    [
        (update(number_series).values(last=2), 2),
        (delete(number_series), None),
        (text("UPDATE number_series SET last = 3"), 3),
    ],
)
def test_a_write_to_a_table_forgets_what_was_read_from_it(asked, write, answer):
    database, _ = asked
    with database.writing() as connection:
        assert connection.execute(_ONE, _L).scalar() == 1
        connection.execute(write)
        assert connection.execute(_ONE, _L).scalar() == answer


@pytest.mark.parametrize("verb", ["scalar", "scalars"])
def test_a_write_that_returns_something_is_a_write(asked, verb):
    database, _ = asked
    with database.writing() as connection:
        assert connection.execute(_ONE, _L).scalar() == 1
        getattr(connection, verb)(update(number_series).values(last=5).returning(number_series.c.last))
        assert connection.scalar(_ONE, _L) == 5
        connection.exec_driver_sql("UPDATE number_series SET last = 6")
        assert list(connection.scalars(_ONE, _L)) == [6]


def test_a_table_read_inside_a_question_counts_as_read(asked):
    database, reached = asked
    with database.writing() as connection:
        connection.execute(_INSIDE, {"b_last": 1})
        connection.execute(update(number_series).values(last=2))
        connection.execute(_INSIDE, {"b_last": 1})
    assert len(selects(reached)) == 2


def test_a_write_to_another_table_leaves_the_answer(asked):
    database, reached = asked
    with database.writing() as connection:
        connection.execute(_ONE, _L)
        connection.execute(delete(calendar_day))
        connection.execute(_ONE, _L)
    assert len(selects(reached)) == 1


@pytest.mark.parametrize(
    "lock",
    [
        pytest.param(select(number_series.c.last).where(number_series.c.series == "M").with_for_update(), id="row"),
        pytest.param(_ONE.with_for_update(), id="the same row"),
        pytest.param(select(func.length("effect")), id="function"),
    ],
)
def test_whoever_has_waited_for_a_lock_reads_again(asked, lock):
    """Another transaction may have committed meanwhile, and the lock was taken in order to see that."""
    database, reached = asked
    with database.writing() as connection:
        connection.execute(_ONE, _L)
        connection.execute(lock, _L if lock.compile().params.keys() & _L.keys() else None)
        before = len(selects(reached))
        connection.execute(_ONE, _L)
    assert len(selects(reached)) == before + 1


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_nothing_is_known_after_the_end_of_a_transaction(asked, end):
    database, reached = asked
    with database.writing() as connection:
        connection.execute(_ONE, _L)
        getattr(connection, end)()
        connection.execute(_ONE, _L)
    assert len(selects(reached)) == 2


def test_each_connection_asks_for_itself(asked):
    database, _ = asked
    with database.reading() as connection:
        assert connection.execute(_ONE, _L).scalar() == 1
    with database.writing() as connection:
        connection.execute(update(number_series).values(last=9))
        connection.commit()
    with database.reading() as connection:
        assert connection.execute(_ONE, _L).scalar() == 9


def test_a_question_built_on_the_spot_is_asked_each_time(asked):
    database, reached = asked
    with database.reading() as connection:
        for _ in range(2):
            connection.execute(select(number_series.c.last))
    assert len(selects(reached)) == 2


def deriving(inside=lambda _: None):
    """A remembered function, one that asks it, and the list of the series they were worked out for."""
    worked = []

    @remembered
    def double(connection, series):
        worked.append(series)
        inside(connection)
        return 2 * (connection.execute(_ONE, {"b_series": series}).scalar() or 0)

    @remembered
    def total(connection, *series):
        worked.append("total")
        return sum(double(connection, each) for each in series)

    return double, total, worked


def test_what_is_derived_is_worked_out_once_in_a_transaction_for_each_argument(asked):
    database, _ = asked
    double, total, worked = deriving()
    for _ in range(2):
        with database.reading() as connection:
            assert [double(connection, "L"), double(connection, "L"), double(connection, "M")] == [2, 2, 0]
            assert [total(connection, "L", "M") for _ in range(2)] == [2, 2]
    assert worked == ["L", "M", "total"] * 2


@pytest.mark.parametrize("seen", [True, False])
def test_it_is_worked_out_again_once_a_table_behind_it_was_written_however_deep(asked, seen):
    database, _ = asked
    double, total, worked = deriving()
    with database.writing() as connection:
        if seen:
            assert double(connection, "L") == 2
        assert total(connection, "L") == 2
        connection.execute(update(calendar_day).values(note=""))
        assert total(connection, "L") == 2
        assert worked.count("total") == 1
        connection.execute(update(number_series).values(last=5))
        assert (total(connection, "L"), double(connection, "L")) == (10, 10)
        connection.execute(text("UPDATE number_series SET last = 6"))
        assert total(connection, "L") == 12
        connection.rollback()
        assert total(connection, "L") == 2


@pytest.mark.parametrize(
    "inside",
    [
        lambda connection: connection.execute(update(number_series).values(last=number_series.c.last + 1)),
        lambda connection: connection.exec_driver_sql("UPDATE number_series SET last = last + 1"),
        lambda connection: connection.execute(_ONE.with_for_update(), _L),
        lambda connection: connection.execute(select(func.max(number_series.c.last))),
    ],
)
def test_what_was_derived_while_something_was_written_or_waited_for_is_not_kept(asked, inside):
    database, _ = asked
    double, total, worked = deriving(inside)
    with database.writing() as connection:
        first, second = total(connection, "L"), total(connection, "L")
        assert second == double(connection, "L") or second > first
    assert worked.count("L") >= 2
    assert worked.count("total") == 2


def test_a_derivation_that_fails_is_tried_again_and_leaves_nothing_behind(asked):
    database, _ = asked
    failing = [True]

    def once(_):
        if failing.pop():
            raise LookupError

    _, total, _ = deriving(once)
    with database.reading() as connection:
        with pytest.raises(LookupError):
            total(connection, "L")
        failing.append(False)
        assert total(connection, "L") == 2
