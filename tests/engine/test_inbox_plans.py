"""The inbox reads short index ranges: no statement of it walks a table, however many tasks there are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event

from engine.access import Actor, Post, StandIn
from engine.columns import metadata
from engine.database import Database
from engine.queries import inbox
from engine.queries.inbox import Cursor
from engine.queries.narrowing import Filters
from workflows.federation_rules import FederationRules

CHAIR = Actor(7, "江晚晴", (Post("TOWN_CHAIR", 3, ".1.3."), Post("LOAN_WORKER", 1, ".1.")))
AWAY = Actor(8, "方晓岚", (Post("VILLAGE_CHAIR", 5, ".1.3.5."), Post("VILLAGE_CHAIR", 6, ".1.3.6.")))
DEPUTY = replace(CHAIR, stand_ins=(StandIn(1, AWAY, "loan", datetime(2026, 6, 14, tzinfo=UTC), date(2026, 6, 30)),))
RULES = FederationRules()
NOW = datetime(2026, 6, 15, 1, tzinfo=UTC)
NARROWED = Filters(path=".1.3.", urgent=True, follow="due", account_id=7)
LATER = Cursor(NOW, 400)


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
        pytest.param(lambda c: inbox.tasks(c, DEPUTY, "todo", now=NOW, rules=RULES), id="todo of a deputy"),
        pytest.param(lambda c: inbox.tasks(c, DEPUTY, "deputy", now=NOW, rules=RULES), id="deputy"),
        pytest.param(lambda c: inbox.counts(c, DEPUTY, RULES), id="counts of a deputy"),
        pytest.param(lambda c: inbox.tasks(c, CHAIR, "todo", now=NOW, filters=NARROWED), id="narrowed"),
    ],
)
def test_no_list_walks_a_table(tmp_path, ask):
    database = Database(f"sqlite:///{tmp_path / 'h.db'}")
    metadata.create_all(database.engine)
    lines = plan_of(database, ask)
    database.dispose()
    assert any(line.startswith("SEARCH") for line in lines)
    assert [line for line in lines if line.startswith(("SCAN task", "SCAN case_file"))] == []
