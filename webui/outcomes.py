"""What the end of a case is called."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from webui import drawings
from webui.language import gettext
from webui.navigation import sketches


def outcome_name(connection: Connection) -> Any:
    """A function (kind, end event id) → what that end is called."""
    current = drawings.newest(connection)

    def name(kind: str, outcome: str | None) -> str:
        version = current.get(kind)
        return gettext(sketches().of(version.id).name(outcome)) if version and outcome else ""

    return name
