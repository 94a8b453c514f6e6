"""What hardly ever changes is read once; every change of it, and nothing else, makes it be read again."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import bindparam, delete, event, insert, select, update

from engine.columns import metadata
from engine.database import Database
from engine.model import calendar_day, number_series
from engine.reference import Kept

_DAY = {"day": date(2026, 10, 1), "working": False, "note": "国庆节"}
_NOTES = select(calendar_day.c.note)


@pytest.fixture
def database(databases):
    url = databases.create()
    database = Database(url)
    metadata.create_all(database.engine)
    with database.writing() as connection:
        connection.execute(insert(calendar_day), _DAY)
        connection.commit()
    yield database
    database.dispose()
    databases.drop(url)


@pytest.fixture
def notes():
    """The notes of the calendar, kept."""
    return Kept(lambda connection: list(connection.execute(_NOTES).scalars()))


def seen(database, notes):
    with database.reading() as connection:
        return notes.of(connection)


@pytest.mark.parametrize(
    ("write", "now"),
    [
        (update(calendar_day).values(note="改"), ["改"]),
        (delete(calendar_day), []),
        (insert(calendar_day).values({**_DAY, "day": date(2026, 10, 2), "note": "又"}), ["国庆节", "又"]),
    ],
)
def test_every_kind_of_write_is_seen_by_the_transaction_itself_and_by_the_next(database, notes, write, now):
    assert seen(database, notes) == ["国庆节"]
    with database.writing() as connection:
        assert notes.of(connection) == ["国庆节"]
        connection.execute(write)
        assert sorted(notes.of(connection)) == sorted(now)
        connection.commit()
    assert sorted(seen(database, notes)) == sorted(now)


def test_a_change_that_was_rolled_back_is_never_met_again(database, notes):
    for typed in ("一", "二"):
        with database.writing() as connection:
            connection.execute(update(calendar_day).values(note=typed))
            assert notes.of(connection) == [typed]
        assert seen(database, notes) == ["国庆节"]


def test_a_change_in_another_process_is_seen(database, notes):
    assert seen(database, notes) == ["国庆节"]
    elsewhere = Database(database.engine.url.render_as_string(hide_password=False))
    with elsewhere.writing() as connection:
        connection.execute(update(calendar_day).values(note="别处"))
        connection.commit()
    elsewhere.dispose()
    assert seen(database, notes) == ["别处"]


def test_nothing_is_read_again_while_only_other_tables_change(database, notes):
    first = seen(database, notes)
    reached = []
    with database.writing() as connection:
        connection.execute(insert(number_series), {"series": "L", "last": 1})
        connection.commit()
    event.listen(database.engine, "before_cursor_execute", lambda *a: reached.append(a[2]))
    assert seen(database, notes) is first
    assert not [statement for statement in reached if "calendar_day" in statement]


def test_what_was_written_past_the_house_is_read_each_time_until_there_is_a_mark(databases, notes):
    url = databases.create()
    database = Database(url)
    metadata.create_all(database.engine)
    for note in ("一", "二"):
        with database.engine.begin() as connection:
            connection.execute(
                delete(calendar_day).where(calendar_day.c.day == bindparam("b_day")), {"b_day": _DAY["day"]}
            )
            connection.execute(insert(calendar_day), {**_DAY, "note": note})
        assert seen(database, notes) == [note]
    database.dispose()
    databases.drop(url)
