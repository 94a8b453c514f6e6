"""Jobs for tests, asked for and looked at."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.access import SYSTEM
from engine.jobs import KINDS, JobKind, enqueue
from engine.model_jobs import job
from engine.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.jobs import Running
    from engine.runtime import Runtime

SHORT = (timedelta(seconds=10), timedelta(minutes=1))


class Broken(Exception):
    """What a job of a test fails with."""


@contextmanager
def kind(name: str, act: Callable[[Runtime, Running], None], **more: Any) -> Iterator[JobKind]:
    """A kind of job that is known while the test lasts."""
    made = JobKind(name, "试验", act, **{"attempts": 3, "back_off": SHORT, **more})
    KINDS[name] = made
    yield made
    del KINDS[name]


def ask(runtime: Runtime, name: str, once: str | None = None, **ids: Any) -> int:
    """Ask for a job and commit."""
    with unit_of_work(runtime, SYSTEM) as work:
        return enqueue(work, name, once=once, **ids)


def row_of(runtime: Runtime, job_id: int) -> Any:
    with runtime.reading() as connection:
        return connection.execute(select(job).where(job.c.id == job_id)).one()


def wait_until(true: Callable[[], bool], seconds: float) -> None:
    """Look every tenth of a second; AssertionError when it never comes true."""
    waited = threading.Event()
    for _ in range(int(seconds * 10)):
        if true():
            return
        waited.wait(0.1)
    raise AssertionError(f"it did not happen within {seconds} s")
