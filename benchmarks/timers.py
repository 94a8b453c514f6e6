"""The look for due timers among a million armed ones: how long it takes, and which rows it touches.

Run: `python -m benchmarks.timers [--timers 1000000] [--due 200] [--looks 200] [--databases sqlite postgresql]`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet
from sqlalchemy import insert, text

from engine.clock import SHANGHAI, FixedClock
from engine.database import Database
from engine.fields import Vault
from engine.jobs import DUE, due_batches
from engine.model import case_file, definition, instance, timer
from engine.runtime import Runtime
from tests.postgres import Server, new_run
from workflows import schema
from workflows.federation_rules import FederationRules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

NOW = datetime(2026, 11, 2, 9, tzinfo=SHANGHAI)
_CHUNK = 20_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each database; the last line is JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--timers", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=200)
    parser.add_argument("--looks", type=int, default=200)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    chosen = parser.parse_args(arguments)
    figures = {}
    with tempfile.TemporaryDirectory(prefix="halfsky-timers-") as folder:
        for name in chosen.databases:
            figures[name] = measure(name, Path(folder), chosen)
            print(name, figures[name])
    print(json.dumps(figures))
    return 0


def measure(name: str, folder: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """Fill a database, look often, tell how long each look took and what the plan says."""
    server = Server(new_run())
    url = server.ensure_started() if name == "postgresql" else f"sqlite:///{folder / 'timers.db'}"
    database = Database(url)
    try:
        runtime = Runtime(database, Vault([Fernet.generate_key()]), FederationRules(), {}, FixedClock(NOW))
        schema.upgrade(url)
        fill(database, chosen.timers, chosen.due)
        return {**looks(runtime, chosen), "plan": plan(database)}
    finally:
        database.dispose()
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)


def fill(database: Database, count: int, due: int) -> None:
    """So many armed timers over the coming two years, `due` of them due now; what the cases hold does not matter here."""
    with database.engine.begin() as connection:
        connection.execute(
            insert(definition), {"key": "x", "version": 1, "digest": "x", "bpmn": b"", "created_at": NOW}
        )
        one = {"number": "X-1", "kind": "x", "confidentiality": "C2", "unit_id": 1, "path": ".1."}
        connection.execute(insert(case_file), {**one, "created_at": NOW, "created_by": 1})
        connection.execute(insert(instance), {"case_id": 1, "definition_id": 1, "state": b"", "started_at": NOW})
        for start in range(0, count, _CHUNK):
            connection.execute(insert(timer), list(_rows(start, min(start + _CHUNK, count), due)))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _rows(start: int, end: int, due: int) -> Iterator[dict[str, Any]]:
    for number in range(start, end):
        late = timedelta(minutes=number + 1)
        ahead = timedelta(minutes=number % 1_000_000 + 1)
        yield {
            "case_id": 1,
            "instance_id": 1,
            "token": number,
            "element": "BT",
            "due_at": NOW - late if number < due else NOW + ahead,
        }


def looks(runtime: Runtime, chosen: argparse.Namespace) -> dict[str, Any]:
    """How long one look takes, in milliseconds, and how many it finds."""
    found = sum(len(batch) for batch in due_batches(runtime))
    assert found == chosen.due, found
    times = []
    for _ in range(chosen.looks):
        begun = time.perf_counter()
        list(due_batches(runtime))
        times.append((time.perf_counter() - begun) * 1000)
    times.sort()
    return {
        "armed": chosen.timers,
        "found": found,
        "p50_ms": round(statistics.median(times), 2),
        "p95_ms": round(times[int(len(times) * 0.95)], 2),
    }


def plan(database: Database) -> list[str]:
    """How the database reads; on PostgreSQL with the rows it really touched."""
    with database.reading() as connection:
        statement = str(DUE.params(b_now=NOW).compile(connection, compile_kwargs={"literal_binds": True}))
        return explain(connection, statement, sqlite=database.is_sqlite)


def explain(connection: Connection, statement: str, *, sqlite: bool) -> list[str]:
    """The plan as lines."""
    ask = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, BUFFERS) "
    return [str(row[-1]).strip() for row in connection.execute(text(ask + statement))]


if __name__ == "__main__":
    raise SystemExit(main())
