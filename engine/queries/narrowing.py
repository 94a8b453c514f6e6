"""What narrows a list of tasks, as conditions that are asked of each row the list would show anyway.

None of them is a way into the table: a list goes along its own index range, and a condition only says which rows of it stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, and_, exists, select

from engine.clock import civil_date, end_of_day
from engine.model import case_file, task
from engine.model_lists import case_priority, follow_up

Band = Literal["overdue", "today", "week", "later"]
#: her own follow-up days: reached by today, or any
Follow = Literal["due", "any"]


@dataclass(frozen=True)
class Filters:
    """Kind and element by key, due band, case number (prefix), keyed hash of an ID number, part of the county, marks.

    `path` is that of a unit (".1.3."): its matters and those of the units below. `account_id` is the reader, for her own days.
    """

    kind: str | None = None
    element: str | None = None
    band: Band | None = None
    number: str | None = None
    subject_hash: str | None = None
    path: str | None = None
    urgent: bool = False
    follow: Follow | None = None
    suspended: bool = False
    account_id: int = 0

    def clauses(self, now: datetime) -> list[ColumnElement[bool]]:
        """As conditions over `task`."""
        found: list[ColumnElement[bool]] = []
        if self.kind:
            found.append(task.c.kind == self.kind)
        if self.element:
            found.append(task.c.element == self.element)
        if self.band:
            found.append(_band(self.band, now))
        if self.number or self.subject_hash:
            found.append(self._found())
        if self.path:
            below = case_file.c.path.startswith(self.path, autoescape=True)
            found.append(exists().where(case_file.c.id == task.c.case_id, below))
        if self.urgent:
            found.append(exists().where(case_priority.c.case_id == task.c.case_id, case_priority.c.level == "urgent"))
        if self.suspended:
            found.append(task.c.suspended_at.is_not(None))
        if self.follow:
            own = [follow_up.c.task_id == task.c.id, follow_up.c.account_id == self.account_id]
            if self.follow == "due":
                own.append(follow_up.c.on_day <= civil_date(now))
            found.append(exists().where(*own))
        return found

    def _found(self) -> ColumnElement[bool]:
        cases = select(case_file.c.id)
        if self.number:
            cases = cases.where(case_file.c.number.startswith(self.number, autoescape=True))
        if self.subject_hash:
            cases = cases.where(case_file.c.subject_hash == self.subject_hash)
        return task.c.case_id.in_(cases)


def _band(band: Band, now: datetime) -> ColumnElement[bool]:
    today_ends = end_of_day(civil_date(now))
    week_ends = today_ends + timedelta(days=7)
    return {
        "overdue": task.c.rank_at <= now,
        "today": and_(task.c.rank_at > now, task.c.rank_at <= today_ends),
        "week": and_(task.c.rank_at > today_ends, task.c.rank_at <= week_ends),
        "later": task.c.rank_at > week_ends,
    }[band]
