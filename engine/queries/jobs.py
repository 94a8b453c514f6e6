"""What the keeper of the machine sees of the jobs: numbers, names of program parts, states. Nothing of any case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, select

from engine.access import AccessRules, Actor, Permission
from engine.errors import Forbidden
from engine.jobs_asking import State
from engine.messages import N_, Message
from engine.model_jobs import executor, job, schedule

PAGE: Final = 50
#: what the page's tabs show; the first is what a person has to look at
GROUPS: Final[Mapping[str, tuple[State, ...]]] = {
    "failed": (State.FAILED,),
    "open": (State.WAITING, State.QUEUED, State.RUNNING, State.STOPPING),
    "ended": (State.DONE, State.CANCELLED),
}

_LISTED = (
    select(job)
    .where(job.c.state.in_(bindparam("b_states", expanding=True)), job.c.id < bindparam("b_before"))
    .order_by(job.c.id.desc())
    .limit(PAGE + 1)
)
_COUNTS = select(job.c.state, func.count()).group_by(job.c.state)
_SCHEDULES = select(schedule).order_by(schedule.c.name)
_EXECUTORS = select(executor).order_by(executor.c.id)
_END: Final = 2**62


@dataclass(frozen=True)
class JobsPage:
    """One tab: its jobs, newest first; `next` continues after the last one, None at the end."""

    rows: Sequence[Row[Any]]
    next: int | None
    counts: Mapping[str, int]
    schedules: Sequence[Row[Any]]
    executors: Sequence[Row[Any]]


def jobs_page(
    connection: Connection, rules: AccessRules, actor: Actor, *, group: str, before: int | None = None
) -> JobsPage:
    """The jobs of one of GROUPS, the counts of all, what comes round, and who works. Forbidden."""
    if not rules.permits(actor, Permission.MANAGE_JOBS, None):
        raise Forbidden(why=Message(N_("只有系统管理员可以查看和处理后台作业")))
    asked = {"b_states": [str(state) for state in GROUPS[group]], "b_before": before or _END}
    rows = connection.execute(_LISTED, asked).all()
    found = {row.state: int(row[1]) for row in connection.execute(_COUNTS)}
    counts = {key: sum(found.get(state, 0) for state in states) for key, states in GROUPS.items()}
    return JobsPage(
        rows=rows[:PAGE],
        next=rows[PAGE - 1].id if len(rows) > PAGE else None,
        counts=counts,
        schedules=connection.execute(_SCHEDULES).all(),
        executors=connection.execute(_EXECUTORS).all(),
    )
