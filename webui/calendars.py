"""The working calendar that due dates on pages are counted by."""

from __future__ import annotations

from sqlalchemy import Connection

from engine.clock import Calendar
from workflows.calendar_days import calendar_of


def calendar_now(connection: Connection) -> Calendar:
    """The calendar in force; cached by `workflows.calendar_days` until it changes."""
    return calendar_of(connection)
