"""Works through batches of cases to be moved or put back: each case in a unit of work of its own, so a crash loses nothing.

What is settled is settled in the transaction that moved the case; after a crash the next round goes on with the rest. A case
somebody works on at this moment is tried again in the next rounds, and reported when it stays busy.
"""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from engine.access import SYSTEM
from engine.commands import migration
from engine.commands.migration import migrate_case, undo_case
from engine.errors import Busy, NotFound
from engine.jobs_asking import JobKind, Running, register
from engine.messages import N_
from engine.model_migration import migration_batch, migration_item
from engine.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from engine.runtime import Command, Runtime

log = logging.getLogger("halfsky.jobs")

_AT_ONCE = 200
#: how often a case that somebody works on is tried again
TRIES = 5
_OPEN = select(migration_batch.c.id, migration_batch.c.state).where(migration_batch.c.state.in_(("running", "undoing")))
_WAITING = (
    select(migration_item.c.id, migration_item.c.tries)
    .where(
        migration_item.c.batch_id == bindparam("b_batch"),
        migration_item.c.state == bindparam("b_state"),
        migration_item.c.id > bindparam("b_after"),
    )
    .order_by(migration_item.c.id)
    .limit(_AT_ONCE)
)
_NOTE = (
    update(migration_item)
    .where(migration_item.c.id == bindparam("b_id"))
    .values(tries=migration_item.c.tries + 1, state=bindparam("b_state"), why=bindparam("b_why"), at=bindparam("b_at"))
)
_FINISH = (
    update(migration_batch)
    .where(migration_batch.c.id == bindparam("b_id"), migration_batch.c.state == bindparam("b_was"))
    .values(state=bindparam("b_state"), finished_at=bindparam("b_at"))
)


def work_batches(runtime: Runtime) -> int:
    """Go on with every open batch; returns how many cases were settled."""
    with runtime.reading() as connection:
        waiting = connection.execute(_OPEN).all()
    return sum(work_batch(runtime, row.id, row.state) for row in waiting)


def _asked(runtime: Runtime, _running: Running) -> None:
    work_batches(runtime)


#: what the beginning of a batch asks for; the schedule goes on with batches whose job was lost
WORK_BATCHES = register(JobKind(migration.JOB, N_("成批迁移在办案件"), _asked))


def work_batch(runtime: Runtime, batch_id: int, state: str) -> int:
    """Work through one batch that is “running” or “undoing”; it is finished when nothing is left to do."""
    command, todo, end = (migrate_case, "waiting", "done") if state == "running" else (undo_case, "moved", "undone")
    settled, left = 0, True
    for _ in range(TRIES):
        done, left = _round(runtime, batch_id, command, todo)
        settled += done
        if not left:
            break
    if not left:
        with unit_of_work(runtime, SYSTEM) as work:
            work.connection.execute(_FINISH, {"b_id": batch_id, "b_was": state, "b_state": end, "b_at": work.now})
    return settled


def _round(runtime: Runtime, batch_id: int, command: Command, todo: str) -> tuple[int, bool]:
    """Try everything that is still to do once; (how many were settled, whether any is left)."""
    settled = after = 0
    left = False
    while True:
        with runtime.reading() as connection:
            rows = connection.execute(_WAITING, {"b_batch": batch_id, "b_state": todo, "b_after": after}).all()
        if not rows:
            return settled, left
        for row in rows:
            done = _one(runtime, command, row.id, row.tries, todo)
            settled += done
            left = left or not done
        after = rows[-1].id


def _one(runtime: Runtime, command: Command, item_id: int, tries: int, todo: str) -> bool:
    try:
        runtime.execute(command, actor=SYSTEM, key=secrets.token_hex(16), item_id=item_id)
    except Busy:
        given_up = tries + 1 >= TRIES
        _note(runtime, item_id, "failed" if given_up else todo, "busy")
        return given_up
    except NotFound:
        return True
    except Exception:
        log.exception("case not moved: item=%s", item_id)
        _note(runtime, item_id, "failed", "fault")
    return True


def _note(runtime: Runtime, item_id: int, state: str, code: str) -> None:
    with unit_of_work(runtime, SYSTEM) as work:
        why = [{"code": code, "element": ""}]
        work.connection.execute(_NOTE, {"b_id": item_id, "b_state": state, "b_why": why, "b_at": work.now})
