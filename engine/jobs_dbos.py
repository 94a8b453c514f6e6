"""Jobs on DBOS: the only module that knows it. It runs queues over processes and takes up again what a dead one had begun.

What DBOS keeps is how far a piece of work is, in tables of its own in our database (SQLite: the same file; PostgreSQL: schema
`dbos`). What there is to do stands in our tables, and is handed to DBOS in one transaction with the mark that it was: never
twice, never lost. What comes round is counted in our table `schedule`, because DBOS numbers its turns by the wall clock and
would stand still for an hour when that is set back by one (decision 16).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions
from sqlalchemy import bindparam, select, update

from engine import jobs_turns
from engine.access import SYSTEM
from engine.errors import Busy
from engine.jobs import SCHEDULES, Schedule
from engine.jobs_asking import State
from engine.jobs_running import perform
from engine.jobs_seats import Seat, SeatLost, take_seat
from engine.jobs_watch import Watch
from engine.model_jobs import job
from engine.unit_of_work import UnitOfWork, unit_of_work

if TYPE_CHECKING:
    from engine.runtime import Runtime

log = logging.getLogger("halfsky.jobs")

#: which work may be taken up by which process: raised when a workflow below changes its shape, not with every release
PROTOCOL: Final = "halfsky-jobs-1"
APPLICATION: Final = "halfsky"
LOOK_SECONDS: Final = 1.0
BEAT_SECONDS: Final = 10.0
WATCH_SECONDS: Final = 5.0
#: jobs handed over at a time
HAND_OVER: Final = 100
#: how long DBOS keeps what it has finished
FINISHED_KEPT: Final = timedelta(days=1)
_TIDY_SECONDS: Final = 600.0
_TIDY_AT_MOST: Final = 5_000
_ENDED: Final = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
_JOBS, _PARTS, _TURNS = "jobs", "parts", "turns"
#: a job given to the engine that long ago is asked after
_ASK_AFTER: Final = timedelta(minutes=2)

_WAITING = (
    select(job.c.id, job.c.run)
    .where(job.c.state == State.WAITING, job.c.next_at <= bindparam("b_now"))
    .order_by(job.c.next_at, job.c.id)
    .limit(HAND_OVER)
)
_CLAIM = _WAITING.with_for_update(skip_locked=True)
_HANDED = (
    update(job)
    .where(job.c.id == bindparam("b_id"), job.c.state == State.WAITING)
    .values(state=State.QUEUED, run=bindparam("b_run"), begun_at=bindparam("b_at"))
)
_OPEN = select(job.c.id, job.c.run).where(
    job.c.state.in_((State.QUEUED, State.RUNNING, State.STOPPING)), job.c.begun_at < bindparam("b_before")
)
_AGAIN = (
    update(job)
    .where(
        job.c.id == bindparam("b_id"),
        job.c.run == bindparam("b_run"),
        job.c.state.in_((State.QUEUED, State.RUNNING, State.STOPPING)),
    )
    .values(state=State.WAITING)
)


class Place:
    """What the workflows below work with; DBOS calls them with nothing but their arguments. One worker to a process."""

    worker: DbosWorker | None = None

    @classmethod
    def now(cls) -> DbosWorker:
        """The worker of this process; RuntimeError when it has ended, and DBOS will call again elsewhere."""
        if cls.worker is None:
            raise RuntimeError("no worker")
        return cls.worker


@DBOS.workflow(name="halfsky.job")
def run_job(job_id: int, run: int) -> None:
    """One attempt at a job."""
    _attempt(job_id, run)


@DBOS.step(name="halfsky.attempt")
def _attempt(job_id: int, run: int) -> None:
    here = Place.now()
    perform(here.runtime, job_id, run, here.seat.id)


@DBOS.workflow(name="halfsky.turn")
def take_turn(name: str, turn: int) -> None:
    """One turn of what comes round, or its sharing out."""
    _turn(name, turn)


@DBOS.step(name="halfsky.turn_taken")
def _turn(name: str, turn: int) -> None:
    here = Place.now()
    each = _named(name)
    fault: Exception | None = None
    try:
        if each.parts is None:
            each.act(here.runtime)
        else:
            here.share_out(each.name, each.parts(here.runtime), turn)
    except Exception as raised:  # noqa: BLE001 - the row of the schedule tells of it
        fault = raised
    jobs_turns.end(here.runtime, name, turn, fault)


@DBOS.workflow(name="halfsky.part")
def do_part(name: str, ids: list[int]) -> None:
    """A share of one turn's work."""
    _part(name, ids)


@DBOS.step(name="halfsky.part_done")
def _part(name: str, ids: list[int]) -> None:
    act_on = _named(name).act_on
    if act_on is not None:
        act_on(Place.now().runtime, ids)


def _named(name: str) -> Schedule:
    return next(each for each in SCHEDULES if each.name == name)


class DbosWorker:
    """The worker of this process (`jobs.Worker`)."""

    def __init__(self, runtime: Runtime, name: str | None = None) -> None:
        self.runtime = runtime
        self.name = name
        self.url = runtime.database.engine.url.render_as_string(hide_password=False)
        self.client = DBOSClient(system_database_url=self.url, lazy=True, application_name=APPLICATION)
        self.seat: Seat

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; SeatTaken, NoSeat, SeatLost."""
        self.seat = take_seat(self.runtime, self.name)
        Place.worker = self
        try:
            self._launch()
            self._look_until(stop)
        finally:
            DBOS.destroy(workflow_completion_timeout_sec=10 if stop.is_set() else 0)
            Place.worker = None
            self.client.destroy()
            self.seat.release()

    def _launch(self) -> None:
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": self.url,
            "executor_id": self.seat.id,
            "application_version": PROTOCOL,
            "sys_db_pool_size": 8,
            "use_listen_notify": False,
            "notification_listener_polling_interval_sec": 2.0,
            "log_level": "WARNING",
        }
        DBOS(config=config)
        DBOS.launch()
        at_once = 1 if self.runtime.database.is_sqlite else 2
        for queue, concurrency in ((_JOBS, 2), (_PARTS, at_once), (_TURNS, 4)):
            DBOS.register_queue(queue, worker_concurrency=concurrency, polling_interval_sec=1.0)

    def _look_until(self, stop: threading.Event) -> None:
        """Hand over what waits, every second; beat and watch every ten. What fails is logged and tried again."""
        watch = Watch(self.seat, self.client)
        beaten = watched = tidied = float("-inf")
        while not stop.is_set():
            now = time.monotonic()
            try:
                if now - beaten >= BEAT_SECONDS:
                    beaten = now
                    self.seat.beat()
                if now - watched >= WATCH_SECONDS:
                    watched = now
                    watch.look(now)
                    self._ask_after()
                if now - tidied >= _TIDY_SECONDS:
                    tidied = now
                    self._tidy()
                self._take_turns()
                self._hand_over()
            except SeatLost:
                raise
            except Exception:
                log.exception("worker's look failed: executor=%s", self.seat.id)
            stop.wait(LOOK_SECONDS)

    def _hand_over(self) -> None:
        """Give waiting jobs to DBOS; row and workflow in one transaction."""
        with self.runtime.reading() as connection:
            if connection.execute(_WAITING, {"b_now": self.runtime.clock.now()}).first() is None:
                return
        with unit_of_work(self.runtime, SYSTEM) as work:
            rows = work.connection.execute(_CLAIM, {"b_now": work.now}).all()
            for row in rows:
                run = row.run + 1
                told = {"b_id": row.id, "b_run": run, "b_at": work.now}
                if work.connection.execute(_HANDED, told).rowcount == 1:
                    self._give(work, run_job_options(row.id, run), row.id, run)

    def _take_turns(self) -> None:
        """Begin what comes round now and nobody else has begun."""
        for each in SCHEDULES:
            row = jobs_turns.last(self.runtime, each.name)
            if not jobs_turns.comes_round(self.runtime, each, row):
                continue
            try:
                with unit_of_work(self.runtime, SYSTEM) as work:
                    turn = jobs_turns.take(work, each, row, self.seat.id)
                    if turn is not None:
                        self._give(work, _options(_TURNS, "halfsky.turn", f"turn-{each.name}-{turn}"), each.name, turn)
            except Busy:
                continue  # another process took it

    def share_out(self, name: str, parts: Iterable[list[int]], turn: int) -> None:
        """Give the parts of one turn to every process; the number of a part is its name, so giving twice is giving once."""
        for number, ids in enumerate(parts):
            options = _options(_PARTS, "halfsky.part", f"part-{name}-{turn}-{number}")
            self.client.enqueue(options, name, ids)

    def _give(self, work: UnitOfWork, options: EnqueueOptions, *arguments: object) -> None:
        self.client.enqueue_in_transaction(work.connection, options, *arguments)

    def _ask_after(self) -> None:
        """A job whose workflow has ended without telling (the database went away at that moment) waits again for a worker."""
        with self.runtime.reading() as connection:
            rows = connection.execute(_OPEN, {"b_before": self.runtime.clock.now() - _ASK_AFTER}).all()
        for start in range(0, len(rows), HAND_OVER):
            self._ask(rows[start : start + HAND_OVER])

    def _ask(self, rows: Sequence[Any]) -> None:
        names = {_job_name(row.id, row.run): row for row in rows}
        known = self.client.list_workflows(workflow_ids=list(names), load_input=False, load_output=False)
        under_way = {each.workflow_id for each in known if each.status not in _ENDED}
        with unit_of_work(self.runtime, SYSTEM) as work:
            for name, row in names.items():
                if name not in under_way:
                    log.warning("job taken up again: job=%s run=%s", row.id, row.run)
                    work.connection.execute(_AGAIN, {"b_id": row.id, "b_run": row.run})

    def _tidy(self) -> None:
        """Let DBOS forget what it finished a day ago."""
        before = (self.runtime.clock.now() - FINISHED_KEPT).isoformat()
        old = self.client.list_workflows(
            status=_ENDED, completed_before=before, limit=_TIDY_AT_MOST, load_input=False, load_output=False
        )
        if old:
            self.client.delete_workflows([each.workflow_id for each in old])


def _options(queue: str, workflow: str, name: str) -> EnqueueOptions:
    return {"queue_name": queue, "workflow_name": workflow, "workflow_id": name, "app_version": PROTOCOL}


def _job_name(job_id: object, run: object) -> str:
    return f"job-{job_id}-{run}"


def run_job_options(job_id: int, run: int) -> EnqueueOptions:
    """How DBOS is told of one run of a job."""
    return _options(_JOBS, "halfsky.job", _job_name(job_id, run))
