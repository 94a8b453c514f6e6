"""What the end of a case is called."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from engine.commands.discarding import DISCARDED
from engine.messages import N_
from engine.process_type import kinds_after
from webui import drawings
from webui.language import gettext
from webui.navigation import sketches
from webui.runtime import house

#: an end that is in no drawing
DISCARDED_NAME = N_("已删除草稿，业务号不再使用")


def end_name(sketch: Any, outcome: str | None) -> str:
    """What an end is called by a drawing; "" without one."""
    if outcome == DISCARDED:
        return gettext(DISCARDED_NAME)
    return gettext(sketch.name(outcome)) if outcome else ""


def outcome_name(connection: Connection) -> Any:
    """A function (kind, end event id) → what that end is called."""
    current = drawings.newest(connection)

    def name(kind: str, outcome: str | None) -> str:
        known = [current[key].id for key in (kind, *kinds_after(house().catalogue, kind)) if key in current]
        return end_name(sketches().together(known), outcome) if known else ""

    return name
