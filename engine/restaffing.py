"""The job that follows changes of staff: open tasks that nobody can work on any more are given to those who can.

It runs beside the timers (`engine.jobs`). What may be out of place is asked of the process types in one statement each; only
what really moves becomes a command.
"""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select

from engine.access import SYSTEM
from engine.clock import civil_date
from engine.commands.handing_over import destination, hand_over, left
from engine.commands.loading import load_task, view_of
from engine.commands.seats import ASKED
from engine.errors import EngineError
from engine.model import task
from engine.model_links import REPEAT, case_link
from engine.model_teams import case_exclusion
from engine.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from engine.runtime import Runtime

log = logging.getLogger("halfsky.jobs")

#: open steps of cases that somebody is kept from: whoever they wait for may be the one
_KEPT_FROM = (
    select(task.c.id)
    .where(
        task.c.state == "open",
        task.c.case_id.in_(select(case_exclusion.c.case_id).where(case_exclusion.c.ended_at.is_(None))),
    )
    .order_by(task.c.id)
)
#: open steps of a case and of those opened from it, whose parties are its own as well
_OPEN = (
    select(task.c.id)
    .where(
        or_(
            task.c.case_id == bindparam("b_case"),
            task.c.case_id.in_(
                select(case_link.c.case_id).where(
                    case_link.c.other_id == bindparam("b_case"), case_link.c.relation != REPEAT
                )
            ),
        ),
        task.c.state == "open",
    )
    .order_by(task.c.id)
)


def restaff(runtime: Runtime) -> int:
    """Hand over every open task that is out of place; returns how many moved. One that fails does not hold up the rest."""
    moved = 0
    today = civil_date(runtime.clock.now())
    with runtime.reading() as connection:
        kept_from = connection.execute(_KEPT_FROM).scalars().all()
    moved += sum(_restore(runtime, task_id) for task_id in kept_from)
    for process in runtime.catalogue.values():
        with runtime.reading() as connection:
            suspects = process.misplaced(connection, today)
        moved += sum(_restore(runtime, task_id) for task_id in suspects)
    return moved


def rescreen(runtime: Runtime, cases: Collection[int | None]) -> None:
    """Look at the open tasks of cases (None: of every case) at once, because their parties or somebody's declaration changed.

    What fails here is found again by the next turn of `restaff`: the command that led to it has been stored already.
    """
    if None in cases:
        restaff(runtime)
        return
    for case_id in sorted(each for each in cases if each is not None):
        with runtime.reading() as connection:
            found = connection.execute(_OPEN, {"b_case": case_id}).scalars().all()
            wrong = [task_id for task_id in found if _is_misplaced(runtime, connection, task_id)]
        for task_id in wrong:
            _hand_over(runtime, task_id)


def _restore(runtime: Runtime, task_id: int) -> bool:
    with runtime.reading() as connection:
        wrong = _is_misplaced(runtime, connection, task_id)
    return wrong and _hand_over(runtime, task_id)


def _is_misplaced(runtime: Runtime, connection: Connection, task_id: int) -> bool:
    try:
        work = UnitOfWork(runtime, connection, SYSTEM)
        job = load_task(work, task_id)
        view = view_of(work, job)
        return (job.seat in ASKED and left(view, job)) or destination(view, job) is not None
    except EngineError:
        log.exception("task not looked at: task=%s", task_id)
        return False


def _hand_over(runtime: Runtime, task_id: int) -> bool:
    try:
        key = secrets.token_hex(16)
        return bool(runtime.execute(hand_over, actor=SYSTEM, key=key, task_id=task_id).content["moved"])
    except EngineError:
        log.exception("task not handed over: task=%s", task_id)
        return False
