"""The dry run of moving running cases to another version: time and memory for many cases of the loan.

    python -m benchmarks.migration 10000

Cases are spread over six wait states of the loan; the new version has a step between the village and the township. States and
task rows are written straight into a SQLite file, as commands would leave them; then the plan is made as the page makes it.
"""

from __future__ import annotations

import sys
import tempfile
import tracemalloc
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import insert, true

from engine.columns import END_OF_TIME, metadata
from engine.database import Database
from engine.flow import stepping
from engine.flow.definition import parse
from engine.flow.migrating import Route
from engine.model import case_file, definition, instance, task
from engine.queries.migration import lines, plan
from tests.engine.flow.world import NOON, World
from workflows import schema

LOAN = (Path(__file__).parent.parent / "bpmn" / "loan.bpmn").read_bytes()
STEP = (
    '<bpmn:userTask id="T_New" name="核实" halfsky:form="village_review"/>'
    '<bpmn:sequenceFlow id="F_T_New" sourceRef="T_New" targetRef="T_TownReview"/>'
).encode()
ANSWERS = {
    "loan_eligibility": lambda _: {"eligible": True},
    "loan.forms_complete": lambda _: {"forms_complete": True},
    "loan_final": lambda _: {"still_eligible": True},
}
WAY = (
    ("T_Apply", {}),
    ("T_VillageReview", {"village_opinion": "RECOMMEND"}),
    ("T_TownReview", {"town_opinion": "RECOMMEND"}),
    ("T_Credit", {"credit_decision": "AGREE"}),
    ("T_FinalCheck", {"final_decision": "APPROVE"}),
)


def longer() -> bytes:
    """The loan with one more step after the village."""
    way = b'sourceRef="GW_Village" targetRef="T_TownReview"'
    changed = LOAN.replace(way, way.replace(b"T_TownReview", b"T_New"))
    changed = changed.replace(b"<bpmn:startEvent", STEP + b"<bpmn:startEvent", 1)
    member = b"<bpmn:flowNodeRef>T_VillageReview</bpmn:flowNodeRef>"
    return changed.replace(member, member + b"<bpmn:flowNodeRef>T_New</bpmn:flowNodeRef>", 1)


def waits() -> list[tuple[bytes, list[str], list[str]]]:
    """(state, steps done, steps open) at each wait state on the way."""
    d, world = parse("loan", LOAN), World(ANSWERS)
    step = stepping.start(d, {}, world)
    found = [(step.state, [], [t.element for t in step.tasks])]
    done: list[str] = []
    for element, facts in WAY:
        token = next(t for t in step.tasks if t.element == element)
        step = stepping.complete(d, step.state, token.id, facts, world)
        done = [*done, element]
        found.append((step.state, done, [t.element for t in step.tasks]))
    return found


def fill(database: Database, count: int) -> None:
    """So many running cases."""
    states = waits()
    cases: list[dict[str, Any]] = []
    instances: list[dict[str, Any]] = []
    tasks: list[dict[str, Any]] = []
    for number in range(1, count + 1):
        state, done, now_open = states[number % len(states)]
        at = NOON + timedelta(seconds=number)
        cases.append({"id": number, "number": f"V1-2026-L-{number:05d}", "kind": "loan", "confidentiality": "C2",
                      "unit_id": 1, "path": ".1.", "created_at": at, "created_by": 1})  # fmt: skip
        instances.append({"id": number, "case_id": number, "definition_id": 1, "state": state, "started_at": at})
        for place, element in enumerate([*done, *now_open]):
            tasks.append({"case_id": number, "instance_id": number, "token": place, "element": element, "name": element,
                          "kind": "loan", "form": "x", "post": "X", "unit_id": 1, "created_at": at, "rank_at": END_OF_TIME,
                          "state": "closed" if element in done else "open"})  # fmt: skip
    with database.engine.begin() as connection:
        for number, bpmn in enumerate((LOAN, longer()), 1):
            row = {
                "id": number,
                "key": "loan",
                "version": number,
                "digest": str(number),
                "bpmn": bpmn,
                "created_at": NOON,
            }
            connection.execute(insert(definition), row)
        for table, rows in ((case_file, cases), (instance, instances), (task, tasks)):
            connection.execute(insert(table), rows)


def main(count: int) -> None:
    """Fill, plan twice, move the states in memory once, and say what it took."""
    schema.metadata()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/migration.db")
        metadata.create_all(database.engine)
        fill(database, count)
        files = LOAN, longer()
        route = Route(parse("loan", files[0]), parse("loan", files[1]), *files)
        for name in ("first", "again"):
            began = perf_counter()
            with database.reading() as connection:
                made = plan(connection, route, 1, {}, cases=true())
            print(
                f"{name}: {made.total} cases, {made.movable} can move, {perf_counter() - began:.2f} s",
                dict(made.reasons),
            )
        tracemalloc.start()
        with database.reading() as connection:
            plan(connection, route, 1, {}, cases=true())
        print(f"memory of a plan at its peak: {tracemalloc.get_traced_memory()[1] / 2**20:.1f} MiB")
        tracemalloc.stop()
        began = perf_counter()
        with database.reading() as connection:
            movable = {line.instance_id for line in lines(connection, route, 1, {}) if line.moves}
        states = [state for state, _, _ in waits()]
        for number in movable:
            route.move(states[number % len(states)], lambda _key, _duration, _step: NOON)
        print(f"states of {len(movable)} cases rebuilt in {perf_counter() - began:.2f} s (plan included)")
        database.dispose()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
