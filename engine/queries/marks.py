"""What stands beside the tasks of one page: urgent, how often urged, when to look again. One statement each, by id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, bindparam, func, select

from engine.access import Actor
from engine.fields import Vault
from engine.model_lists import case_priority, follow_up, urge

_IDS: BindParameter[Any] = bindparam("b_ids", expanding=True)
_URGED = (
    select(urge.c.task_id, func.count().label("times"), func.max(urge.c.id).label("last"))
    .where(urge.c.task_id.in_(_IDS))
    .group_by(urge.c.task_id)
)
_URGES = (
    select(urge.c.by_id, urge.c.at).where(urge.c.task_id == bindparam("b_task")).order_by(urge.c.id.desc()).limit(20)
)
_FOLLOWED = select(follow_up.c.task_id, follow_up.c.on_day).where(
    follow_up.c.account_id == bindparam("b_account"), follow_up.c.task_id.in_(_IDS)
)
_LEVELS = select(case_priority).where(case_priority.c.case_id.in_(_IDS))


@dataclass(frozen=True)
class Marks:
    """Beside the tasks of a page, by task or case id. `follow_up` holds the reader's own days and nobody else's."""

    urged: Mapping[int, int]
    follow_up: Mapping[int, date]
    #: ids of urgent cases
    urgent: frozenset[int]


@dataclass(frozen=True)
class Priority:
    """The priority of a case with its reason, as everybody who may read the case sees it."""

    level: str
    reason: str
    by_id: int
    at: datetime


def marks(connection: Connection, actor: Actor, tasks: Iterable[tuple[int, int]]) -> Marks:
    """For (task id, case id) pairs."""
    pairs = list(tasks)
    if not pairs:
        return Marks({}, {}, frozenset())
    own = {"b_ids": sorted({task_id for task_id, _ in pairs})}
    urged = {row.task_id: row.times for row in connection.execute(_URGED, own)}
    followed = connection.execute(_FOLLOWED, {**own, "b_account": actor.id})
    levels = connection.execute(_LEVELS, {"b_ids": sorted({case_id for _, case_id in pairs})})
    urgent = frozenset(row.case_id for row in levels if row.level == "urgent")
    return Marks(urged, {row.task_id: row.on_day for row in followed}, urgent)


def priority(connection: Connection, vault: Vault, case_id: int) -> Priority | None:
    """What was last said about a case; None when nothing was."""
    row = connection.execute(_LEVELS, {"b_ids": [case_id]}).one_or_none()
    return Priority(row.level, vault.open(row.reason_sealed).decode(), row.by_id, row.at) if row else None


def urges(connection: Connection, task_id: int) -> tuple[Row[Any], ...]:
    """Who urged a task and when, the latest first, twenty at most: rows of (by_id, at)."""
    return tuple(connection.execute(_URGES, {"b_task": task_id}))
