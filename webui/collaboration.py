"""The tab on which people work together on a case: what is urgent and why, who was urged, copies, comments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request
from sqlalchemy import Connection, Row

from engine.access import Permission
from engine.clock import civil_date
from engine.commands.collaborating import MOST_TEXT
from engine.commands.loading import subject_of
from engine.commands.priorities import LEVELS, MOST_REASON, URGENT
from engine.messages import N_, Message
from engine.queries import collaboration as queries
from engine.queries import marks
from engine.queries.case_page import CasePage
from webui import directory
from webui.runtime import house, me, now, permitted
from workflows import colleagues

DONE = {
    "urged": N_("已催办，办理人会看到通知。"),
    "followed": N_("跟进日期已更新，只有您自己看得到。"),
    "copied": N_("已抄送，对方会看到通知；打开后这里有回执。"),
    "commented": N_("留言已保存，不能再修改。"),
    "priority": N_("缓急已更新，各列表中都会显示。"),
}


@dataclass(frozen=True)
class Typed:
    """What was typed into a form of the tab and what is wrong with it, by the name of its box."""

    text: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, Message] = field(default_factory=dict)
    #: what was ticked: receivers of a copy, or account ids of those mentioned
    chosen: tuple[str, ...] = ()


def part(connection: Connection, page: CasePage, typed: Typed | None = None) -> dict[str, Any]:
    """What the tab shows."""
    subject = subject_of(connection, page.case)
    known = marks.priority(connection, house().vault, page.case.id)
    urged = {row.id: marks.urges(connection, row.id) for row in page.open_tasks}
    ids = {u.by_id for found in urged.values() for u in found} | ({known.by_id} if known else set())
    said = queries.comments(connection, house().vault, page.case.id)
    copied = queries.copies_of(connection, page.case.id)
    ids |= {c.by_id for c in said} | {number for c in said for number in c.mentions}
    ids |= {i for c in copied for i in (c.by_id, c.account_id, c.read_by) if i}
    on, rules = civil_date(now()), house().rules
    posts = [p for p in colleagues.posts_reading(connection, rules, subject) if p not in me().posts]
    people = colleagues.readers(connection, rules, subject, on)
    talkers = colleagues.readers(connection, rules, subject, on, permission=Permission.COMMENT_CASE)
    named = directory.people(connection, ids)
    return {
        "named_of": lambda numbers: "、".join(named[number] for number in numbers),
        "comments": said,
        "copies": copied,
        "may_copy": permitted(Permission.COPY_CASE, subject),
        "post_receivers": posts[: colleagues.MOST],
        "person_receivers": [c for c in people if c.id != me().id],
        "readers": [c for c in talkers if c.id != me().id],
        "most_text": MOST_TEXT,
        "places": directory.unit_names(connection, {p.unit_id for p in posts} | {c.unit_id for c in copied}),
        "typed": typed or Typed(),
        "done": DONE.get(request.args.get("done", "")),
        "priority": known,
        "is_urgent": known is not None and known.level == URGENT,
        "levels": LEVELS,
        "most_reason": MOST_REASON,
        "may_prioritise": page.case.state == "open" and permitted(Permission.PRIORITISE_CASE, subject),
        "urged": urged,
        "may_urge": permitted(Permission.URGE_TASK, subject),
        "named": named,
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
