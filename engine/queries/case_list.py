"""Lines of a list of cases, with the steps they are at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from engine.model import task


@dataclass(frozen=True)
class CaseRow:
    """One line of the list of cases somebody started."""

    id: int
    number: str
    kind: str
    subject: str
    unit_id: int
    state: str
    outcome: str | None
    created_at: datetime
    ended_at: datetime | None
    steps: tuple[str, ...]
    #: step → the day until which it is suspended
    waits: Mapping[str, date] = field(default_factory=dict)


def case_rows(connection: Connection, found: Sequence[Row[Any]]) -> tuple[CaseRow, ...]:
    """Rows of `case_file` as lines of a list, with the steps they are at."""
    steps: dict[int, list[str]] = {}
    waits: dict[int, dict[str, date]] = {}
    open_tasks = select(task.c.case_id, task.c.name, task.c.suspended_until).where(
        task.c.case_id.in_([row.id for row in found]), task.c.state == "open"
    )
    for row in connection.execute(open_tasks.order_by(task.c.id)):
        steps.setdefault(row.case_id, []).append(row.name)
        if row.suspended_until is not None:
            waits.setdefault(row.case_id, {})[row.name] = row.suspended_until
    names = ("id", "number", "kind", "subject", "unit_id", "state", "outcome", "created_at", "ended_at")
    return tuple(
        CaseRow(**{n: getattr(row, n) for n in names}, steps=tuple(steps.get(row.id, ())), waits=waits.get(row.id, {}))
        for row in found
    )
