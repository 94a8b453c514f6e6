"""Statements that are kept for a person are shared with those who hold the like posts, and everybody gets her own answer."""

from __future__ import annotations

from collections import OrderedDict

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, bindparam, func, insert, select, union_all

from engine.columns import Id
from engine.database import Database
from engine.prepared import LONGEST
from engine.queries import lasting

_metadata = MetaData()
_thing = Table(
    "thing",
    _metadata,
    Column("id", Id, primary_key=True),
    Column("unit", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
)
_UNITS, _KINDS = 20, ("a", "b", "c")


@pytest.fixture
def database(database_url):
    made = Database(database_url)
    _metadata.create_all(made.engine)
    rows = [{"unit": unit, "kind": kind} for unit in range(_UNITS) for kind in _KINDS]
    with made.writing() as connection:
        connection.execute(insert(_thing), rows)
        connection.commit()
    yield made
    made.dispose()


def hers(unit, kinds, others):
    """A statement as a person's list is: a range of her own, and one of a list of units, with a limit and a parameter."""
    own = (
        select(_thing.c.id, _thing.c.unit)
        .where(_thing.c.unit == unit, _thing.c.kind.in_(kinds))
        .order_by(_thing.c.id)
        .limit(5)
    )
    lent = (
        select(_thing.c.id, _thing.c.unit)
        .where(_thing.c.unit.in_(others), _thing.c.kind == bindparam("b_kind"))
        .order_by(_thing.c.id)
        .limit(4)
    )
    both = union_all(own.subquery().select(), lent.subquery().select()).subquery()
    return select(both.c.unit, func.count().label("n")).group_by(both.c.unit).order_by(both.c.unit)


MANY = list(range(LONGEST + 3))
PEOPLE = [
    (1, ["a", "b"], [2]),
    (3, ["c", "a"], [4]),
    (3, ["b"], [5, 6, 7]),
    (1, ["a", "b"], [2]),
    (9, ["a"], []),
    (8, ["a"], []),
    (8, [], [2]),  # another list is the empty one
    (7, ["a"], []),
]


def test_everybody_gets_the_answer_of_her_own_statement(database):
    for _ in range(3):  # by the library, then made ready, then ready
        for told in [*PEOPLE, (0, ["a"], MANY), (2, ["a"], MANY[1:]), (4, ["a"], MANY)]:
            with database.reading() as connection:
                plain = [tuple(row) for row in connection.execute(hers(*told), {"b_kind": "b"}).all()]
                kept = lasting.built(hers(*told)).asked(connection, {"b_kind": "b"})
                assert [tuple(row) for row in kept.all()] == plain, told
                assert plain or not told[1]


def test_those_with_the_like_posts_share_one_and_keep_values_alone():
    shared = {id(lasting.built(hers(*told)).statement) for told in PEOPLE[:4]}
    assert len(shared) == 1
    assert id(lasting.built(hers(*PEOPLE[4])).statement) not in shared  # an empty list is part of the text
    long, longer = (lasting.built(hers(0, ["a"], units)) for units in (MANY, MANY[1:]))
    assert long.statement is not longer.statement
    one = lasting.built(hers(3, ["c", "a"], [4]))
    assert {3, 4, 5, ("c", "a"), (4,)} == set(one.values.values())


def test_no_more_are_kept_than_was_said(monkeypatch):
    monkeypatch.setattr(lasting, "_SHARED", 3)
    monkeypatch.setattr(lasting, "_known", OrderedDict())
    for length in range(1, 7):
        lasting.built(select(*[(_thing.c.id + n).label(f"x{n}") for n in range(length)]))
    assert len(lasting._known) == 3
