"""The seam to work that no person waits for: what is asked for (`enqueue`), and what comes round every minute.

Timers live in our own table, so firing is only ever “look for what is due and run the command for it”. The command marks the
timer in the transaction in which the case moves, so that a worker that is killed half-way, or two that meet, fire no timer
twice and lose none. `engine.jobs_dbos` alone knows the engine that spreads all this over processes; it is loaded by whoever
calls `worker`, because it takes half a second that no other command should pay.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from sqlalchemy import String, bindparam, delete, exists, literal, select
from sqlalchemy import cast as sql_cast

from engine.access import SYSTEM
from engine.anchoring import anchor_daily
from engine.batches import work_batches
from engine.climbing import climb_due
from engine.commands.timers import fire_timer
from engine.errors import Busy, EngineError, Unavailable
from engine.jobs_asking import KINDS, STATE_NAMES, JobKind, Running, State, Stopped, enqueue, register
from engine.jobs_running import log_fault
from engine.messages import N_
from engine.model import idempotency, timer
from engine.model_jobs import executor, job
from engine.process_traits import Recurring
from engine.recounting import finish_recounts
from engine.restaffing import restaff
from engine.unit_of_work import unit_of_work
from engine.verify_job import VERIFY

if TYPE_CHECKING:
    from engine.runtime import Runtime

__all__ = [
    "KINDS",
    "SCHEDULES",
    "STATE_NAMES",
    "JobKind",
    "Running",
    "Schedule",
    "State",
    "Stopped",
    "enqueue",
    "register",
    "run_forever",
    "start_thread",
    "sweep",
    "worker",
]

log = logging.getLogger("halfsky.jobs")

#: timers of one piece of work: small enough that several workers share a morning's load, and that a lost one costs little
BATCH: Final = 50
#: how long the answer to a request stays known, so that the same request never acts twice
REMEMBERED: Final = timedelta(days=30)
#: seconds before a worker that ended is started again
START_AGAIN: Final = 5.0
#: how long jobs that ended well, and executors that fell silent, stay on the page
KEPT: Final = timedelta(days=30)

#: what is due now; `benchmarks.timers` looks at how it is read
DUE: Final = (
    select(timer.c.id)
    .where(
        timer.c.state == "armed",
        timer.c.due_at <= bindparam("b_now"),
        ~exists().where(job.c.once == literal("timer-") + sql_cast(timer.c.id, String)),
    )
    .order_by(timer.c.due_at)
)
_STILL = select(timer.c.id).where(timer.c.id.in_(bindparam("b_ids", expanding=True)), timer.c.state == "armed")
_FORGET = delete(idempotency).where(idempotency.c.at < bindparam("b_before"))
_FORGET_JOBS = delete(job).where(
    job.c.state.in_((State.DONE, State.CANCELLED)), job.c.next_at < bindparam("b_before"), job.c.ended_at.is_not(None)
)
_FORGET_EXECUTORS = delete(executor).where(executor.c.beat_at < bindparam("b_before"))


def due_batches(runtime: Runtime) -> Iterator[list[int]]:
    """The ids of timers that are due, the longest due first, in batches. One that has a job of its own is left to that job."""
    with runtime.reading() as connection:
        due = [row.id for row in connection.execute(DUE, {"b_now": runtime.clock.now()})]
    for start in range(0, len(due), BATCH):
        yield due[start : start + BATCH]


def fire_batch(runtime: Runtime, timer_ids: Sequence[int]) -> int:
    """Fire those of the timers that are still armed; returns how many fired. One that fails does not hold up the rest.

    One whose case others are working on at this moment is left for the next round; one that fails gets a job of its own,
    which tries again, tells a person when that is of no use, and keeps it out of the rounds until then.
    """
    with runtime.reading() as connection:
        armed = connection.execute(_STILL, {"b_ids": list(timer_ids)}).scalars().all()
    return sum(_fire(runtime, timer_id) for timer_id in armed)


def fire_due(runtime: Runtime) -> int:
    """Fire every timer that is due, here and now; returns how many fired."""
    return sum(fire_batch(runtime, batch) for batch in due_batches(runtime))


def _fire(runtime: Runtime, timer_id: int) -> bool:
    try:
        return _run_timer(runtime, timer_id)
    except Busy:
        return False
    except Unavailable:
        raise
    except Exception:
        log.exception("timer failed: timer=%s", timer_id)
        with unit_of_work(runtime, SYSTEM) as work:
            enqueue(work, FIRE_TIMER.name, once=f"timer-{timer_id}", timer=timer_id)
        return False


def _run_timer(runtime: Runtime, timer_id: int) -> bool:
    # A key of its own each time: “not due yet”, should the machine's clock have been set back, must not be remembered.
    key = secrets.token_hex(16)
    return bool(runtime.execute(fire_timer, actor=SYSTEM, key=key, timer_id=timer_id).content["fired"])


def _fire_alone(runtime: Runtime, running: Running) -> None:
    _run_timer(runtime, running.ids["timer"])


#: a timer that failed once; it may not be cancelled, because a statutory clock does not stop for us
FIRE_TIMER: Final = register(JobKind("fire_timer", N_("期限到期处理"), _fire_alone, cancellable=False))


def forget(runtime: Runtime) -> None:
    """Let go of answers to requests nobody sends again, of jobs long done, and of executors long gone."""
    with unit_of_work(runtime, SYSTEM) as work:
        work.connection.execute(_FORGET, {"b_before": work.now - REMEMBERED})
        work.connection.execute(_FORGET_JOBS, {"b_before": work.now - KEPT})
        work.connection.execute(_FORGET_EXECUTORS, {"b_before": work.now - KEPT})


def process_rounds(runtime: Runtime) -> int:
    """What the process types do by themselves from time to time; one that fails does not hold up the others."""
    done = 0
    for process in runtime.catalogue.values():
        if isinstance(process, Recurring):
            try:
                done += process.come_round(runtime)
            except Unavailable:
                raise
            except Exception as fault:  # noqa: BLE001 - logged, and the others go on
                log_fault(fault, "round failed: process=%s", process.key)
    return done


def anchor_and_verify(runtime: Runtime) -> None:
    """The day's anchor, and a job that verifies everything after it; does nothing once there is one for today."""
    if anchor_daily(runtime):
        with unit_of_work(runtime, SYSTEM) as work:
            enqueue(work, VERIFY.name, once=VERIFY.name)


def do_chores(runtime: Runtime) -> None:
    """What the organisation looks after by itself; one that fails does not hold up the others."""
    for chore in runtime.chores:
        try:
            chore(runtime)
        except Unavailable:
            raise
        except Exception as fault:  # noqa: BLE001 - logged, and the others go on
            log_fault(fault, "chore failed: chore=%s", getattr(chore, "__name__", ""))


@dataclass(frozen=True)
class Schedule:
    """What comes round: every `every` seconds one process of the cluster runs `act`, or shares out `parts` by `act_on`."""

    name: str
    title: str
    act: Callable[[Runtime], object]
    every: int = 60
    parts: Callable[[Runtime], Iterator[list[int]]] | None = None
    act_on: Callable[[Runtime, Sequence[int]], object] | None = None


SCHEDULES: Final = (
    Schedule("fire_due", N_("到期时限"), fire_due, parts=due_batches, act_on=fire_batch),
    Schedule("climb_due", N_("无人确认的督办逐级上报"), climb_due),
    Schedule("restaff", N_("人员变动后的任务移交"), restaff),
    Schedule("recount", N_("导入节假日后重新计算时限"), finish_recounts),
    Schedule("work_batches", N_("成批迁移在办案件"), work_batches),
    Schedule("anchor_daily", N_("每日审计锚，之后核对全部历史记录"), anchor_and_verify, every=600),
    Schedule("process_rounds", N_("各类事项的定期工作（如固定上月统计）"), process_rounds, every=3600),
    Schedule("chores", N_("机构事务的定期核对（如换届移交）"), do_chores, every=600),
    Schedule("forget", N_("清理过期记录"), forget, every=3600),
)


def sweep(runtime: Runtime) -> int:
    """Everything that comes round, once, here and now; returns how many timers fired. What fails does not hold up the rest."""
    fired = 0
    for each in SCHEDULES:
        try:
            result = each.act(runtime)
        except Exception as fault:  # noqa: BLE001 - logged, and the others go on
            log_fault(fault, "schedule failed: schedule=%s", each.name)
            continue
        fired += int(cast("Any", result)) if each.act is fire_due else 0
    return fired


class Worker(Protocol):
    """A process, or a thread of one, that runs jobs."""

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set. SeatTaken when another process must not be joined; SeatLost when this one fell silent."""


def run_forever(runtime: Runtime, stop: threading.Event, name: str | None = None) -> None:
    """Be a worker until `stop` is set, whatever happens: a database that is away comes back, a seat that is taken gets free."""
    told = ""
    while not stop.is_set():
        try:
            worker(runtime, name).run(stop)
        except EngineError as refused:
            if told != (told := refused.render()):
                log.warning("%s", told)
        except Exception:
            log.exception("worker ended; it starts again")
        stop.wait(START_AGAIN)


def start_thread(runtime: Runtime, name: str | None = None) -> tuple[threading.Thread, threading.Event]:
    """Run jobs beside the web server in one process; set the event to stop."""
    stop = threading.Event()
    thread = threading.Thread(target=run_forever, args=(runtime, stop, name), name="halfsky-jobs", daemon=True)
    thread.start()
    return thread, stop


def worker(runtime: Runtime, name: str | None = None) -> Worker:
    """A worker on the job engine; `name` is this machine's in the cluster (default: its host name)."""
    return cast("Worker", import_module("engine.jobs_dbos").DbosWorker(runtime, name))
