"""The cases that belong to a case, on its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.queries.links import linked_cases
from webui.runtime import house, me

if TYPE_CHECKING:
    from sqlalchemy import Connection


def part(connection: Connection, case_id: int) -> list[tuple[Any, str]]:
    """(case, title of its kind) of those the reader may see."""
    found = linked_cases(connection, house().rules, me(), case_id)
    return [(each, house().catalogue[each.kind].title) for each in found]
