"""After a holiday notice was imported: the open clocks of every open case are reckoned anew, in batches, one command a case.

Only cases in which something moves are touched. How far it has come is kept, so that it goes on after a stop, and doing a case
again changes nothing.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, bindparam, select, update

from engine.access import SYSTEM
from engine.commands.calendars import recount_case
from engine.errors import Busy
from engine.holidays import Day, differing, replace_days
from engine.model import case_file
from engine.model_clocks import calendar_import
from engine.recount_plan import Move, moves_on
from engine.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy import Connection

    from engine.runtime import Runtime

log = logging.getLogger("halfsky.jobs")

BATCH = 500

_OPEN = (
    select(case_file.c.id)
    .where(case_file.c.state == "open", case_file.c.id > bindparam("b_after"))
    .order_by(case_file.c.id)
    .limit(BATCH)
)
_IMPORT = select(calendar_import.c.case_id_done).where(
    calendar_import.c.id == bindparam("b_id"), calendar_import.c.state == "running"
)
_RUNNING = select(calendar_import.c.id).where(calendar_import.c.state == "running").order_by(calendar_import.c.id)
_STEP = (
    update(calendar_import)
    .where(calendar_import.c.id == bindparam("b_id"), calendar_import.c.state == "running")
    .values(case_id_done=bindparam("b_done"))
)
_FINISH = (
    update(calendar_import)
    .where(calendar_import.c.id == bindparam("b_id"))
    .values(state="done", finished_at=bindparam("b_at"))
)


@dataclass(frozen=True)
class Preview:
    """What an import would do: the days that differ from what is known, and the clocks that would move."""

    changed: tuple[Day, ...]
    moves: tuple[Move, ...]


def finish_recounts(runtime: Runtime) -> int:
    """Go on with every import that is not finished; returns how many cases moved. For the jobs."""
    with runtime.reading() as connection:
        waiting = [row.id for row in connection.execute(_RUNNING)]
    return sum(recount(runtime, import_id) for import_id in waiting)


def recount(runtime: Runtime, import_id: int) -> int:
    """Reckon anew after an import, from where it was left; returns how many cases moved.

    A case others keep busy is tried again by the next call, and so are those after it; one that fails is logged by id.
    """
    moved = 0
    while True:
        with runtime.reading() as connection:
            done = connection.execute(_IMPORT, {"b_id": import_id}).scalar()
            if done is None:
                return moved
            cases = list(connection.execute(_OPEN, {"b_after": done}).scalars())
            touched = dict.fromkeys(move.case_id for move in _found(runtime, connection, cases))
        try:
            moved += sum(_recount_case(runtime, case_id, import_id) for case_id in touched)
        except Busy:
            return moved
        with unit_of_work(runtime, SYSTEM) as work:
            if len(cases) < BATCH:
                work.connection.execute(_FINISH, {"b_id": import_id, "b_at": work.now})
                return moved
            work.connection.execute(_STEP, {"b_id": import_id, "b_done": cases[-1]})


def preview(runtime: Runtime, days: Collection[Day], cases: ColumnElement[bool] | None = None) -> Preview:
    """What importing these days would do to calendar and clocks, of `cases` alone when they are given; nothing is kept."""
    with runtime.database.writing() as connection:
        changed = tuple(differing(connection, days))
        replace_days(connection, days)
        moves = tuple(_found(runtime, connection, list(_every(connection, cases))))
        connection.rollback()
    return Preview(changed, moves)


def _every(connection: Connection, wanted: ColumnElement[bool] | None) -> Iterator[int]:
    after, asked = 0, _OPEN if wanted is None else _OPEN.where(wanted)
    while cases := list(connection.execute(asked, {"b_after": after}).scalars()):
        yield from cases
        after = cases[-1]


def _found(runtime: Runtime, connection: Connection, cases: list[int]) -> Iterator[Move]:
    """The moves of several cases; a case that cannot be read is logged by id and holds up no other."""
    for case_id in cases:
        try:
            yield from moves_on(runtime, connection, case_id)
        except Exception:
            log.exception("clocks not reckoned: case=%s", case_id)


def _recount_case(runtime: Runtime, case_id: int, import_id: int) -> bool:
    try:
        key = secrets.token_hex(16)
        told = runtime.execute(recount_case, actor=SYSTEM, key=key, case_id=case_id, import_id=import_id)
        return bool(told.content["moved"])
    except Busy:
        raise
    except Exception:
        log.exception("clocks not moved: case=%s", case_id)
        return False
