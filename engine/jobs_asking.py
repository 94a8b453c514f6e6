"""What jobs there are, and asking for one: a row written in the transaction of the change that wants it.

The row is the job: what becomes of it is told in it, and pages and commands read nothing else. That a worker gets it is the
business of `engine.jobs_dbos`; whoever only asks needs no job engine in the process.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol

from sqlalchemy import bindparam, insert, select

from engine.messages import N_
from engine.model_jobs import job
from engine.unit_of_work import UnitOfWork, inserted_id

if TYPE_CHECKING:
    from engine.runtime import Runtime


class State(StrEnum):
    """How far a job is."""

    WAITING = "waiting"  #: for its time, or for a worker that takes it
    QUEUED = "queued"  #: given to the job engine
    RUNNING = "running"
    STOPPING = "stopping"  #: a person has stopped it while it ran; it ends where it next asks
    DONE = "done"
    FAILED = "failed"  #: tried as often as it may be; a person has to look
    CANCELLED = "cancelled"


STATE_NAMES: Final[Mapping[State, str]] = {
    State.WAITING: N_("等待"),
    State.QUEUED: N_("排队"),
    State.RUNNING: N_("执行中"),
    State.STOPPING: N_("正在停止"),
    State.DONE: N_("已完成"),
    State.FAILED: N_("失败"),
    State.CANCELLED: N_("已取消"),
}

#: how long to wait before the second, third … attempt; the last one for all that follow
BACK_OFF: Final = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))


class Stopped(Exception):
    """A person has stopped the job; its work so far stands."""


class Running(Protocol):
    """What a job sees of itself while it runs."""

    @property
    def id(self) -> int:
        """The job's number; with it a job can mark what it has done already."""

    @property
    def ids(self) -> Mapping[str, Any]:
        """What it was asked to do."""

    def progress(self, done: int, total: int | None = None) -> None:
        """Tell how far it is, between two pieces of work; Stopped when a person has stopped it."""


@dataclass(frozen=True)
class JobKind:
    """One kind of job. It may be begun again from the start after a fault or a lost machine, so it must bear being run twice."""

    name: str
    title: str
    act: Callable[[Runtime, Running], None]
    attempts: int = 5
    cancellable: bool = True
    back_off: tuple[timedelta, ...] = BACK_OFF

    def pause(self, attempt: int) -> timedelta:
        """How long to wait after attempt number `attempt` has failed."""
        return self.back_off[min(attempt, len(self.back_off)) - 1]


KINDS: Final[dict[str, JobKind]] = {}

_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_SAME = select(job.c.id).where(job.c.once == bindparam("b_once"))
_ADD = insert(job)


def register(kind: JobKind) -> JobKind:
    """Make a kind of job known; done once, by the module that has the work. ValueError for a name already taken."""
    if KINDS.setdefault(kind.name, kind) is not kind:
        raise ValueError(kind.name)
    return kind


def enqueue(
    work: UnitOfWork, name: str, *, once: str | None = None, not_before: datetime | None = None, **ids: int | str
) -> int:
    """Ask for a job, in the transaction of `work`: it is there when that commits, and never was when it does not.

    `ids` say what the job is about: whole numbers, or names of letters, digits and ``_.:-``; never what a person typed.
    With `once`, a job of that name that is not done with stands for this one too. Returns the job's id. ValueError for
    a kind nobody has registered and for ids that could tell about a person.
    """
    if name not in KINDS or not all(_is_id(value) for value in (*ids.values(), once or "-")):
        raise ValueError(name)
    if once is not None:
        same = work.connection.execute(_SAME, {"b_once": once}).scalar()
        if same is not None:
            return int(same)
    row = {
        "kind": name,
        "ids": ids,
        "once": once,
        "state": State.WAITING,
        "next_at": not_before or work.now,
        "asked_by": work.actor.id,
        "asked_at": work.now,
    }
    return inserted_id(work.connection.execute(_ADD, row))


def _is_id(value: object) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, str) and _NAME.fullmatch(value) is not None
    )
