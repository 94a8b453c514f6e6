"""The two windows of a citizen: until when she may ask, reckoned from the day the letter reached her."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from engine.clock import due_day, start_of_day
from engine.errors import NotFound
from engine.reckoning import due_after
from workflows import calendar_days
from workflows.processes.petition.policy import policy_of
from workflows.sla_table import SLA_PERIODS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.clock import Period
    from engine.process_type import CaseView

#: clock → (form, its day) that is day 0
ANCHORS: Final[Mapping[str, tuple[str, str]]] = {
    "pet.review.ask": ("deliver", "deliveredOn"),
    "pet.review.answer": ("review_window", "askedOn"),
    "pet.recheck.ask": ("review_delivered", "deliveredOn"),
    "pet.recheck.answer": ("recheck_window", "askedOn"),
}
#: the way of delivery of a letter that was kept back for her safety (D4)
NOT_SENT: Final = "NOT_SENT"
#: window form → its clock
WINDOWS: Final[Mapping[str, str]] = {"review_window": "pet.review.ask", "recheck_window": "pet.recheck.ask"}


def period(view: CaseView, key: str) -> Period:
    """By the policy version of the petition; what it says nothing of, by the table of all limits."""
    try:
        return policy_of(view).period(key)
    except NotFound:
        return SLA_PERIODS[key]


def anchor(view: CaseView, key: str) -> date | None:
    """Day 0 of a clock; None when it counts from its step, since the letter has not reached her yet or she has not asked."""
    form, name = ANCHORS.get(key, ("", ""))
    typed = (view.form(form) or {}) if form else {}
    if typed.get("way") == NOT_SENT:
        return None
    return date.fromisoformat(typed[name]) if typed.get(name) else None


def last_day(view: CaseView, window: str, handed: date | None = None) -> tuple[date, date] | None:
    """The day a letter reached her, and the last one on which she may ask: a day off moves it to the next working day.

    None while it was kept back for her safety and she has not been `handed` it since: her days have not begun.
    """
    key = WINDOWS[window]
    begun = anchor(view, key) or handed
    if begun is None:
        return None
    due = due_after(period(view, key), calendar_days.calendar_of(view.connection), start_of_day(begun))
    return begun, due_day(due)
