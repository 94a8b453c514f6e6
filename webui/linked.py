"""The cases that belong to a case, on its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from engine.commands.loading import subject_of
from engine.model import case_file, task
from engine.queries.links import linked_cases
from webui.runtime import house, may_work, me

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

_CASE = select(case_file).where(case_file.c.id == bindparam("b_case"))
_OPEN = select(task).where(task.c.case_id == bindparam("b_case"), task.c.state == "open").order_by(task.c.id)


def part(connection: Connection, case_id: int) -> list[tuple[Any, str]]:
    """(case, title of its kind) of those the reader may see."""
    found = linked_cases(connection, house().rules, me(), case_id)
    return [(each, house().catalogue[each.kind].title) for each in found]


def steps_begun(connection: Connection, case_id: int) -> list[Row[Any]]:
    """The open steps of cases that were opened from a case, as far as the person signed in may work on them."""
    found: list[Row[Any]] = []
    for each in linked_cases(connection, house().rules, me(), case_id):
        if each.later and each.state == "open":
            case = connection.execute(_CASE, {"b_case": each.id}).one()
            about = subject_of(connection, case)
            rows = connection.execute(_OPEN, {"b_case": each.id})
            found += [row for row in rows if may_work(row, case, about.guard, about.shared_with)]
    return found
