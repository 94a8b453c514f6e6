"""One line of a list of tasks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class InboxRow:
    """One line of a list of tasks. `subject` is masked; `case_unit_id` is the village (or unit) the matter belongs to."""

    id: int
    case_id: int
    kind: str
    element: str
    name: str
    post: str
    unit_id: int
    acting_for: str | None
    acting_reason: str | None
    assignee_id: int
    version: int
    state: str
    created_at: datetime
    due_at: datetime | None
    rank_at: datetime
    overdue_since: datetime | None
    closed_at: datetime | None
    close_reason: str | None
    #: the day on which what it waits for is expected; None unless it is suspended
    suspended_until: date | None
    number: str
    subject: str
    case_unit_id: int
    case_state: str
    outcome: str | None
