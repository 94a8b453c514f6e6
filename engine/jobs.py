"""The seam to work that no person waits for: timers whose time has come, tasks whose people have gone.

Timers live in our own table, so a job is only ever “look for what is due and run the command for it”. The command marks the
timer in the transaction in which the case moves, so that a job that is killed half-way, or runs on two machines, fires no timer
twice and loses none.
"""

from __future__ import annotations

import logging
import secrets
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select

from engine.access import SYSTEM
from engine.climbing import climb_due
from engine.commands.timers import fire_timer
from engine.errors import Busy
from engine.model import idempotency, timer
from engine.restaffing import restaff
from engine.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from engine.runtime import Runtime

log = logging.getLogger("halfsky.jobs")

BATCH = 200
#: how long the answer to a request stays known, so that the same request never acts twice
REMEMBERED = timedelta(days=30)
EVERY_SECONDS = 15.0

_DUE = (
    select(timer.c.id)
    .where(timer.c.state == "armed", timer.c.due_at <= bindparam("b_now"), timer.c.id > bindparam("b_after"))
    .order_by(timer.c.id)
    .limit(BATCH)
)


_FORGET = delete(idempotency).where(idempotency.c.at < bindparam("b_before"))


def sweep(runtime: Runtime) -> int:
    """Fire every timer that is due, lift what nobody read in time, hand over what nobody can work on any more.

    Returns how many timers fired.
    """
    fired = fire_due(runtime)
    climb_due(runtime)
    restaff(runtime)
    forget_answers(runtime)
    return fired


def forget_answers(runtime: Runtime) -> None:
    """Let go of answers kept for requests so old that nobody sends them again."""
    with unit_of_work(runtime, SYSTEM) as work:
        work.connection.execute(_FORGET, {"b_before": work.now - REMEMBERED})


def fire_due(runtime: Runtime) -> int:
    """Fire every timer that is due; returns how many fired. One that fails is logged by id and does not hold up the rest.

    One whose case others are working on at this moment is left for the next round.
    """
    fired = after = 0
    while True:
        with runtime.reading() as connection:
            due = connection.execute(_DUE, {"b_now": runtime.clock.now(), "b_after": after}).all()
        for row in due:
            fired += _fire(runtime, row.id)
        if len(due) < BATCH:
            return fired
        after = due[-1].id


def _fire(runtime: Runtime, timer_id: int) -> bool:
    # A key of its own each time: “not due yet”, should the machine's clock have been set back, must not be remembered.
    key = secrets.token_hex(16)
    try:
        return bool(runtime.execute(fire_timer, actor=SYSTEM, key=key, timer_id=timer_id).content["fired"])
    except Busy:
        return False
    except Exception:
        log.exception("timer failed: timer=%s", timer_id)
        return False


def run_forever(runtime: Runtime, stop: threading.Event, every: float = EVERY_SECONDS) -> None:
    """Sweep until `stop` is set; what goes wrong in one round is logged and tried again in the next."""
    while not stop.is_set():
        try:
            sweep(runtime)
        except Exception:
            log.exception("sweep failed")
        stop.wait(every)


def start_thread(runtime: Runtime) -> tuple[threading.Thread, threading.Event]:
    """Run the jobs beside the web server in one process; set the event to stop."""
    stop = threading.Event()
    thread = threading.Thread(target=run_forever, args=(runtime, stop), name="halfsky-jobs", daemon=True)
    thread.start()
    return thread, stop
