"""The inbox reads short index ranges: no statement of it walks a table, however many tasks there are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from engine.access import Actor, Post
from engine.columns import metadata
from engine.database import Database
from engine.queries import inbox

CHAIR = Actor(7, "江晚晴", (Post("TOWN_CHAIR", 3, ".1.3."), Post("LOAN_WORKER", 1, ".1.")))
NOW = datetime(2026, 6, 15, 1, tzinfo=UTC)
LATER = inbox.Cursor(NOW, 400)


def plan_of(database, ask):
    """Every line of SQLite's plan for the statements that `ask` sends."""
    lines = []

    def explain(_connection, cursor, statement, parameters, *_):
        if statement.startswith("SELECT"):
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            lines.extend(row[-1] for row in cursor.fetchall())

    event.listen(database.engine, "before_cursor_execute", explain)
    with database.reading() as connection:
        ask(connection)
    return lines


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda c: inbox.counts(c, CHAIR), id="counts"),
        pytest.param(lambda c: inbox.tasks(c, CHAIR, "todo", now=NOW), id="todo"),
        pytest.param(lambda c: inbox.tasks(c, CHAIR, "todo", now=NOW, after=LATER), id="next page"),
        pytest.param(lambda c: inbox.tasks(c, CHAIR, "claimable", now=NOW), id="claimable"),
        pytest.param(lambda c: inbox.tasks(c, CHAIR, "done", now=NOW, after=LATER), id="done"),
        pytest.param(lambda c: inbox.started(c, CHAIR), id="started"),
    ],
)
def test_no_list_walks_a_table(tmp_path, ask):
    database = Database(f"sqlite:///{tmp_path / 'h.db'}")
    metadata.create_all(database.engine)
    lines = plan_of(database, ask)
    database.dispose()
    assert any(line.startswith("SEARCH") for line in lines)
    assert [line for line in lines if line.startswith(("SCAN task", "SCAN case_file"))] == []
