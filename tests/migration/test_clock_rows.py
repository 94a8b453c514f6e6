"""What stood before there were warnings keeps its clock, its step and what it had used, up and down again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, select, text

from engine.columns import Instant
from engine.commands.periods import use_of
from engine.database import Database
from engine.model import period_use, timer
from workflows import schema

BEFORE = "20261121_0035"
AT = datetime(2026, 6, 15, 1, tzinfo=UTC)
ROWS = (
    "INSERT INTO definition (id, key, version, digest, bpmn, created_at) VALUES (1, 'toy', 1, 'd', '', :at)",
    (
        "INSERT INTO case_file (id, number, kind, confidentiality, unit_id, path, created_at, created_by, subject, state, version, "
        "last_seq, last_hash, last_mac) VALUES (1, 'n', 'toy', 'C2', 1, '.1.', :at, 1, '', 'open', 1, 0, '', '')"
    ),
    (
        "INSERT INTO instance (id, case_id, definition_id, state, status, version, started_at) "
        "VALUES (1, 1, 1, '', 'running', 1, :at)"
    ),
    (
        "INSERT INTO timer (id, case_id, instance_id, token, element, attached_to, period, due_at, state) "
        "VALUES (1, 1, 1, 5, 'BT', 'T_Read', 'toy.read', :at, 'armed')"
    ),
    "INSERT INTO period_use (id, case_id, period, started_at, spent) VALUES (1, 1, 'toy.read', :at, 2)",
    (
        "INSERT INTO period_use (id, case_id, period, started_at, spent, paused_at) "
        "VALUES (2, 1, 'toy.old', :at, 3, :at)"
    ),
)


@pytest.fixture
def opened(database_url):
    schema.upgrade(database_url, BEFORE)
    database = Database(database_url)
    yield database
    database.dispose()


def test_a_running_and_a_paused_period_are_carried_over(opened, database_url):
    with opened.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row).bindparams(bindparam("at", AT, type_=Instant)))
    schema.upgrade(database_url)
    with opened.reading() as connection:
        clock = connection.execute(select(timer)).one()
        running, paused = connection.execute(select(period_use).order_by(period_use.c.id)).all()
    assert (clock.level, clock.point, clock.use_id) == ("broken", "", 1)
    assert (running.element, running.runs, running.extended) == ("T_Read", [], 0)
    assert (use_of(running).carried, use_of(running).going) == (2, AT)
    assert (paused.element, use_of(paused).going, use_of(paused).carried) == ("", None, 3)
    later = use_of(paused).resumed(datetime(2026, 6, 20, tzinfo=UTC))
    assert later.going == datetime(2026, 6, 20, tzinfo=UTC)
    schema.downgrade(database_url, BEFORE)
    with opened.reading() as connection:
        kept = connection.execute(text("SELECT period, spent FROM period_use ORDER BY id")).all()
    assert [tuple(row) for row in kept] == [("toy.read", 2), ("toy.old", 3)]
