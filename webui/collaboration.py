"""The tab on which people work together on a case: what is urgent and why, who was urged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request
from sqlalchemy import Connection, Row

from engine.access import Permission
from engine.commands.loading import subject_of
from engine.commands.priorities import LEVELS, MOST_REASON, URGENT
from engine.messages import N_, Message
from engine.queries import marks
from engine.queries.case_page import CasePage
from webui import directory
from webui.runtime import house, me, permitted

DONE = {
    "urged": N_("已催办，办理人会看到通知。"),
    "followed": N_("跟进日期已更新，只有您自己看得到。"),
    "priority": N_("缓急已更新，各列表中都会显示。"),
}


@dataclass(frozen=True)
class Typed:
    """What was typed into a form of the tab and what is wrong with it, by the name of its box."""

    text: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, Message] = field(default_factory=dict)


def part(connection: Connection, page: CasePage, typed: Typed | None = None) -> dict[str, Any]:
    """What the tab shows."""
    subject = subject_of(connection, page.case)
    known = marks.priority(connection, house().vault, page.case.id)
    urged = {row.id: marks.urges(connection, row.id) for row in page.open_tasks}
    ids = {u.by_id for found in urged.values() for u in found} | ({known.by_id} if known else set())
    return {
        "typed": typed or Typed(),
        "done": DONE.get(request.args.get("done", "")),
        "priority": known,
        "is_urgent": known is not None and known.level == URGENT,
        "levels": LEVELS,
        "most_reason": MOST_REASON,
        "may_prioritise": page.case.state == "open" and permitted(Permission.PRIORITISE_CASE, subject),
        "urged": urged,
        "may_urge": permitted(Permission.URGE_TASK, subject),
        "named": directory.people(connection, ids),
    }


def beside_task(connection: Connection, task: Row[Any], case: Row[Any]) -> dict[str, Any]:
    """What the panel beside the form of a task shows."""
    found = marks.marks(connection, me(), [(task.id, case.id)])
    subject = subject_of(connection, case)
    return {
        "urged": found.urged.get(task.id, 0),
        "follow_up": found.follow_up.get(task.id),
        "urgent": marks.priority(connection, house().vault, case.id) if case.id in found.urgent else None,
        "may_urge": task.state == "open" and permitted(Permission.URGE_TASK, subject),
        "may_meet": permitted(Permission.COMMENT_CASE, subject),
    }
