"""A county full of open tasks, written in bulk: what a list is read from, not what a case is made of.

Ten villages to a township; most tasks wait at village chairs, some at township chairs, many in three pools of the county.
One township chair has forty tasks, as the people do who use this every day; the county's desk has the largest pool.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, insert, select

from engine.access import SYSTEM
from engine.model import case_file, definition, instance, task
from engine.runtime import Runtime
from engine.unit_of_work import unit_of_work
from workflows import accounts, demo, organisation
from workflows.posts import UnitKind

TOWNS, VILLAGES = 20, 10
_BEGAN = date(2021, 1, 1)
_AT_ONCE = 2000
#: share of all tasks, element, name, form; the county's pools take two thirds of a large population
_COUNTY = (
    (40, "T_FinalCheck", "县妇联终审", "final_check", "LOAN_WORKER"),
    (15, "T_Stamp", "盖章登记", "stamp", "SEAL_KEEPER"),
    (12, "T_Credit", "信用社审批", "credit", "CREDIT_OFFICER"),
)
_TOWN_SHARE = 8
#: what the township chair of the first township has, whatever the population
TOWN_TASKS = 40


@dataclass(frozen=True)
class Place:
    """A unit as the population needs it."""

    id: int
    path: str


@dataclass(frozen=True)
class Land:
    """The units tasks are spread over; `union` is the credit union."""

    county: Place
    union: Place
    towns: tuple[Place, ...]
    villages: tuple[Place, ...]


def build(runtime: Runtime, password_hash: str) -> Land:
    """Twenty townships and two hundred villages below the demo county, and two people: bt0 and bdesk."""
    with unit_of_work(runtime, SYSTEM) as work:
        link = work.connection
        county, union = organisation.unit_by_code(link, demo.COUNTY_CODE), organisation.unit_by_code(link, "X1")
        if county is None or union is None:
            raise SystemExit("the demo county is missing")
        towns, villages = [], []
        for number in range(TOWNS):
            town = organisation.add_unit(
                link, parent_id=county.id, kind=UnitKind.TOWN, name=f"第{number + 1}测试镇妇联", code=f"BT{number}"
            )
            towns.append(Place(town.id, town.path))
            for village in range(VILLAGES):
                code = f"BV{number}-{village}"
                name = f"第{number + 1}测试镇第{village + 1}村妇联"
                made = organisation.add_unit(link, parent_id=town.id, kind=UnitKind.VILLAGE, name=name, code=code)
                villages.append(Place(made.id, made.path))
        for login, post, place in (("bt0", "TOWN_CHAIR", towns[0].id), ("bdesk", "LOAN_WORKER", county.id)):
            account = accounts.add_account(link, login=login, name="江晚晴", password_hash=password_hash)
            organisation.appoint(link, account_id=account, post=post, unit_id=place, since=_BEGAN)
    return Land(Place(county.id, county.path), Place(union.id, union.path), tuple(towns), tuple(villages))


def _waits(number: int, land: Land) -> tuple[Place, str, str, str, str]:
    """Where the task `number` waits: place, post, element, name, form."""
    if number < TOWN_TASKS:
        return land.towns[0], "TOWN_CHAIR", "T_TownReview", "乡镇审核", "town_review"
    share = number * 37 % 100
    for part, element, name, form, post in _COUNTY:
        if share < part:
            return (land.union if post == "CREDIT_OFFICER" else land.county), post, element, name, form
        share -= part
    if share < _TOWN_SHARE:
        return land.towns[1 + number % (TOWNS - 1)], "TOWN_CHAIR", "T_TownReview", "乡镇审核", "town_review"
    return land.villages[number % len(land.villages)], "VILLAGE_CHAIR", "T_VillageReview", "村级把关", "village_review"


def fill(runtime: Runtime, land: Land, upto: int) -> None:
    """Add open tasks, each with its case and instance, until there are `upto`."""
    with unit_of_work(runtime, SYSTEM) as work:
        link = work.connection
        last = [int(link.execute(select(func.coalesce(func.max(t.c.id), 0))).scalar_one()) for t in _TABLES]
        known = int(link.execute(select(func.count()).select_from(task)).scalar_one())
        drawing = int(link.execute(select(func.max(definition.c.id)).where(definition.c.key == "loan")).scalar_one())
        rows = _rows(land, range(known, upto), last, drawing, work.now)
        while part := list(islice(rows, _AT_ONCE)):
            for place, table in enumerate(_TABLES):
                link.execute(insert(table), [row[place] for row in part])
        if not runtime.database.is_sqlite:
            _catch_up(link)
    with runtime.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as link:
        link.exec_driver_sql("ANALYZE")


_TABLES = (case_file, instance, task)


def _rows(land: Land, numbers: range, last: list[int], drawing: int, now: Any) -> Iterator[tuple[Any, Any, Any]]:
    for step, number in enumerate(numbers, 1):
        case_id, instance_id, task_id = (ident + step for ident in last)
        place, post, element, name, form = _waits(number, land)
        village = land.villages[number % len(land.villages)]
        began = now - timedelta(minutes=number % 40_000)
        due = began + timedelta(days=1 + number % 37)
        case = {
            "id": case_id, "number": f"B-{now.year}-L-{number:06d}", "kind": "loan", "confidentiality": "C2",
            "unit_id": village.id, "path": village.path, "created_at": began, "created_by": 0, "subject": "苏*",
            "subject_hash": f"{number:064x}", "state": "open",
        }  # fmt: skip
        running = {
            "id": instance_id, "case_id": case_id, "definition_id": drawing, "state": b"", "started_at": began,
        }  # fmt: skip
        waiting = {
            "id": task_id, "case_id": case_id, "instance_id": instance_id, "token": 1, "element": element,
            "name": name, "kind": "loan", "form": form, "post": post, "unit_id": place.id, "created_at": began,
            "due_at": due, "rank_at": due, "overdue_since": due if due < now else None,
        }  # fmt: skip
        yield case, running, waiting


def _catch_up(link: Connection) -> None:
    """Ids were given by hand; PostgreSQL's own counters go on after them."""
    for table in _TABLES:
        link.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}")
