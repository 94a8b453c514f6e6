"""What the supervisors' queue costs: a hundred thousand open tasks, ten thousand of them lifted to superiors.

    python -m benchmarks.supervision [--tasks 100000] [--escalations 10000] [--requests 30] [--database sqlite]

Each page is asked of the application itself, without a network; wall time and the processor time of the page are told. The
pages: the queue of the county's chair (everything, with its heat map), its second page, one township and one level, the
queue of a township's chair, and her inbox, whose navigation counts what nobody has looked at. Then how long one round of the
job takes that lifts what nobody acknowledged, when nothing is due and when a batch is. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import tempfile
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from benchmarks import house, population
from benchmarks.house import House
from benchmarks.timing import middle, ms, percentile
from engine.access import SYSTEM
from engine.climbing import climb_due
from engine.model import task
from engine.model_escalation import escalation
from engine.unit_of_work import unit_of_work
from tests.webui.visitors import Visitor
from webui.app import create_app
from workflows import accounts, demo, organisation
from workflows.passwords import hash_password

if TYPE_CHECKING:
    from benchmarks.population import Land
    from engine.runtime import Runtime

_LEVELS = ("broken", "broken", "red", "warn")
_PERIODS = {
    "T_VillageReview": "loan.village.review",
    "T_TownReview": "loan.township.review",
    "T_Credit": "loan.credit.decision",
    "T_FinalCheck": "loan.final",
    "T_Stamp": "loan.stamp",
}
_NEXT = re.compile(rb'rel="next" href="([^"]*)"')
_WARM = 3
_AT_ONCE = 2000


def lift(runtime: Runtime, land: Land, count: int) -> None:
    """Escalations for every tenth task or so, most of them acknowledged by nobody, none due to climb."""
    chain = [[["TOWN_CHAIR", land.towns[0].id]], [["COUNTY_CHAIR", land.county.id]]]
    with unit_of_work(runtime, SYSTEM) as work:
        link, now = work.connection, work.now
        link.execute(update(task).values(overdue_since=None))
        tasks = link.execute(select(task.c.id, task.c.case_id, task.c.element, task.c.post, task.c.unit_id)).all()
        chosen = tasks[:: max(1, len(tasks) // count)][:count]
        for begin in range(0, len(chosen), _AT_ONCE):
            part = chosen[begin : begin + _AT_ONCE]
            link.execute(insert(escalation), [_row(row, n, chain, now) for n, row in enumerate(part, begin)])
            link.execute(
                update(task)
                .where(task.c.id.in_([row.id for row in part]))
                .values(escalated="broken", overdue_since=now)
            )
    with runtime.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as link:
        link.exec_driver_sql("ANALYZE")


def _row(row: Any, number: int, chain: list[Any], now: Any) -> dict[str, Any]:
    level = _LEVELS[number % len(_LEVELS)]
    seen = number % 5 == 0
    return {
        "case_id": row.case_id,
        "task_id": row.id,
        "kind": "loan",
        "element": row.element,
        "period": _PERIODS[row.element],
        "clause": "小额贷款办理时限表（默认值，县级可调）",
        "level": level,
        "risk": 132 if number % 7 else 32,
        "since": now - timedelta(hours=number % 1500),
        "raised_at": now - timedelta(hours=number % 1500),
        "post": row.post,
        "unit_id": row.unit_id,
        "assignee_id": 0,
        "chain": chain,
        "rung": 0,
        "climb_at": None if seen else now + timedelta(days=2),
        "acknowledged_by": 1 if seen else None,
        "acknowledged_at": now if seen else None,
        "ever_overdue": level == "broken",
    }


def _chair(runtime: Runtime, land: Land, password_hash: str) -> None:
    """The county's chair of the benchmark: bchair."""
    with unit_of_work(runtime, SYSTEM) as work:
        chair = accounts.add_account(work.connection, login="bchair", name="江晚晴", password_hash=password_hash)
        place = organisation.unit_by_code(work.connection, demo.COUNTY_CODE)
        if place is None or place.id != land.county.id:
            raise SystemExit("the demo county is missing")
        since = work.today - timedelta(days=400)
        organisation.appoint(work.connection, account_id=chair, post="COUNTY_CHAIR", unit_id=place.id, since=since)


def rounds(runtime: Runtime) -> dict[str, float]:
    """Seconds of one round of the climbing job: nothing due, then two hundred due."""
    began = time.perf_counter()
    if climb_due(runtime):
        raise SystemExit("nothing should be due")
    idle = time.perf_counter() - began
    with unit_of_work(runtime, SYSTEM) as work:
        waiting = select(escalation.c.id).where(escalation.c.climb_at.is_not(None)).order_by(escalation.c.id).limit(200)
        ids = list(work.connection.execute(waiting).scalars())
        work.connection.execute(update(escalation).where(escalation.c.id.in_(ids)).values(climb_at=work.now))
    began = time.perf_counter()
    climbed = climb_due(runtime)
    return {"climb_idle_ms": ms(idle), "climbed": climbed, "climb_200_ms": ms(time.perf_counter() - began)}


def timed(visitor: Visitor, path: str, count: int) -> dict[str, float]:
    """Milliseconds of `count` requests, after a few that are not counted."""
    wall, processor = [], []
    for number in range(count + _WARM):
        began, used = time.perf_counter(), time.process_time()
        if visitor.client.get(path).status_code != 200:
            raise SystemExit(path)
        if number >= _WARM:
            wall.append(time.perf_counter() - began)
            processor.append(time.process_time() - used)
    return {"p50_ms": ms(middle(wall)), "p95_ms": ms(percentile(wall, 0.95)), "processor_ms": ms(middle(processor))}


def measure(place: House, chosen: argparse.Namespace) -> dict[str, Any]:
    """Fill, ask, tell."""
    runtime = place.create()
    password = hash_password(house.PASSWORD)
    land = population.build(runtime, password)
    _chair(runtime, land, password)
    population.fill(runtime, land, chosen.tasks)
    lift(runtime, land, chosen.escalations)
    figures: dict[str, Any] = {}
    site = create_app(runtime)
    chair, town = (Visitor(site).sign_in(login, house.PASSWORD) for login in ("bchair", "bt0"))
    found = _NEXT.search(chair.get("/escalations").body)
    if found is None:
        raise SystemExit("the queue has no second page")
    asked = {
        "county chair, queue": (chair, "/escalations"),
        "county chair, second page": (chair, found[1].decode().replace("&amp;", "&")),
        "county chair, one township": (chair, f"/escalations?unit={land.towns[3].id}&level=broken"),
        "county chair, heat map": (chair, "/escalations?state=map"),
        "township chair, queue": (town, "/escalations"),
        "township chair, heat map": (town, "/escalations?state=map"),
        "township chair, inbox": (town, "/"),
    }
    for name, (visitor, path) in asked.items():
        figures[name] = timed(visitor, path, chosen.requests)
        told = "   ".join(f"{key} {value:7.2f}" for key, value in figures[name].items())
        print(f"  {name:<28}{told}", flush=True)
    try:
        figures |= rounds(runtime)
    finally:
        runtime.database.dispose()
    return figures


def main() -> None:
    """Measure and tell."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--tasks", type=int, default=100_000)
    asked.add_argument("--escalations", type=int, default=10_000)
    asked.add_argument("--requests", type=int, default=30, help="for each page")
    asked.add_argument("--database", default="sqlite", choices=("sqlite", "postgresql"))
    chosen = asked.parse_args()
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="halfsky-benchmark-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        on_server = chosen.database == "postgresql"
        url = stack.enter_context(house.postgres_server()) if on_server else f"sqlite:///{folder}/h.db"
        figures = measure(House(folder, url), chosen)
    print(json.dumps(figures, ensure_ascii=False))


if __name__ == "__main__":
    main()
