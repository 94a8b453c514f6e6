"""One attempt at one job: begun, done or put off, and told in the job's row. What goes wrong is told by class and log number."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Row, bindparam, select, update

from engine.access import SYSTEM
from engine.jobs_asking import KINDS, JobKind, State, Stopped
from engine.model_jobs import job
from engine.unit_of_work import UnitOfWork, unit_of_work

if TYPE_CHECKING:
    from engine.runtime import Runtime

log = logging.getLogger("halfsky.jobs")

#: told instead of a class: the worker died in the last attempt, or no part of this software knows such a job
DIED: Final = "WorkerDied"
UNKNOWN: Final = "UnknownJob"
_UNDER_WAY = (State.QUEUED, State.RUNNING, State.STOPPING)

_LOAD = select(job).where(job.c.id == bindparam("b_id"), job.c.run == bindparam("b_run"), job.c.state.in_(_UNDER_WAY))
_OF_RUN = update(job).where(job.c.id == bindparam("b_id"), job.c.run == bindparam("b_run"), job.c.state.in_(_UNDER_WAY))
_BEGIN = _OF_RUN.values(
    state=State.RUNNING,
    attempt=bindparam("b_attempt"),
    begun_at=bindparam("b_at"),
    ended_at=None,
    executor=bindparam("b_executor"),
)
_END = _OF_RUN.values(
    state=bindparam("b_state"), once=bindparam("b_once"), ended_at=bindparam("b_at"), error=None, reference=None
)
_FAULT = _OF_RUN.values(
    state=bindparam("b_state"),
    next_at=bindparam("b_next"),
    ended_at=bindparam("b_at"),
    error=bindparam("b_error"),
    reference=bindparam("b_reference"),
)
_PROGRESS = _OF_RUN.values(done=bindparam("b_done"), total=bindparam("b_total"))


@dataclass
class Attempt:
    """The job as its work sees it (`jobs_asking.Running`)."""

    runtime: Runtime
    id: int
    ids: Mapping[str, Any]
    run: int
    number: int
    total: int | None = None

    def progress(self, done: int, total: int | None = None) -> None:
        """Tell how far it is; Stopped when a person has stopped it, or when it was given to another worker meanwhile."""
        self.total = total if total is not None else self.total
        at = {"b_id": self.id, "b_run": self.run}
        with unit_of_work(self.runtime, SYSTEM) as work:
            row = work.connection.execute(_LOAD, at).one_or_none()
            work.connection.execute(_PROGRESS, {**at, "b_done": done, "b_total": self.total})
        if row is None or row.state == State.STOPPING:
            raise Stopped


def perform(runtime: Runtime, job_id: int, run: int, executor: str) -> None:
    """Make one attempt. Nothing is raised for what the work does wrong; what the database refuses is raised to the engine."""
    with unit_of_work(runtime, SYSTEM) as work:
        row = work.connection.execute(_LOAD, {"b_id": job_id, "b_run": run}).one_or_none()
        kind = None if row is None else KINDS.get(row.kind)
        may = row is not None and _begin(work, row, kind, executor)
    if row is None or kind is None or not may:
        return
    attempt = Attempt(runtime, job_id, dict(row.ids), run, row.attempt + 1)
    try:
        kind.act(runtime, attempt)
    except Stopped:
        _end(runtime, attempt, State.CANCELLED)
    except Exception as fault:  # noqa: BLE001 - whatever it is, the row tells of it
        _put_off(runtime, attempt, kind, fault)
    else:
        _end(runtime, attempt, State.DONE)


def _begin(work: UnitOfWork, row: Row[Any], kind: JobKind | None, executor: str) -> bool:
    """Mark the job begun, or ended where it must not be begun; whether to go on."""
    at = {"b_id": row.id, "b_run": row.run, "b_at": work.now}
    if row.state == State.STOPPING:
        work.connection.execute(_END, {**at, "b_state": State.CANCELLED, "b_once": None})
        return False
    if kind is None or row.attempt >= kind.attempts:
        error = UNKNOWN if kind is None else DIED
        log.error("job failed: job=%s kind=%s error=%s", row.id, row.kind, error)
        ended = {"b_state": State.FAILED, "b_next": row.next_at, "b_error": error, "b_reference": None}
        work.connection.execute(_FAULT, {**at, **ended})
        return False
    work.connection.execute(_BEGIN, {**at, "b_attempt": row.attempt + 1, "b_executor": executor})
    return True


def _end(runtime: Runtime, attempt: Attempt, state: State) -> None:
    with unit_of_work(runtime, SYSTEM) as work:
        at = {"b_id": attempt.id, "b_run": attempt.run, "b_at": work.now}
        work.connection.execute(_END, {**at, "b_state": state, "b_once": None})


def _put_off(runtime: Runtime, attempt: Attempt, kind: JobKind, fault: Exception) -> None:
    """Try again later, or give up; a job that a person has stopped is not tried again."""
    reference = log_fault(fault, "job attempt failed: job=%s kind=%s attempt=%s", attempt.id, kind.name, attempt.number)
    last = attempt.number >= kind.attempts
    with unit_of_work(runtime, SYSTEM) as work:
        at = {"b_id": attempt.id, "b_run": attempt.run}
        row = work.connection.execute(_LOAD, at).one_or_none()
        if row is None:
            return
        if row.state == State.STOPPING:
            work.connection.execute(_END, {**at, "b_at": work.now, "b_state": State.CANCELLED, "b_once": None})
            return
        state = State.FAILED if last else State.WAITING
        told = {"b_error": type(fault).__name__, "b_reference": reference, "b_at": work.now}
        wait = {"b_state": state, "b_next": work.now + kind.pause(attempt.number)}
        work.connection.execute(_FAULT, {**at, **wait, **told})


def log_fault(fault: Exception, text: str, *ids: object) -> str:
    """Log an exception under a fresh number, which is returned: eight characters to read out."""
    reference = secrets.token_hex(4).upper()
    log.error("%s reference=%s", text % ids, reference, exc_info=fault)
    return reference
