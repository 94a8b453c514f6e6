"""The views a person keeps for herself."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from engine.access import Actor
from engine.model_lists import saved_view


def views(connection: Connection, actor: Actor) -> tuple[Row[Any], ...]:
    """Her saved views by name: rows of `model_lists.saved_view`."""
    wanted = select(saved_view).where(saved_view.c.account_id == actor.id).order_by(saved_view.c.name, saved_view.c.id)
    return tuple(connection.execute(wanted))
