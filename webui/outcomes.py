"""What the end of a case is called."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from engine.process_type import kinds_after
from webui import drawings
from webui.language import gettext
from webui.navigation import sketches
from webui.runtime import house


def outcome_name(connection: Connection) -> Any:
    """A function (kind, end event id) → what that end is called."""
    current = drawings.newest(connection)

    def name(kind: str, outcome: str | None) -> str:
        known = [current[key].id for key in (kind, *kinds_after(house().catalogue, kind)) if key in current]
        return gettext(sketches().together(known).name(outcome)) if known and outcome else ""

    return name
